-- As before, and quicker: what begins with a letter or a digit of ASCII, as nearly every cell does, is told by
-- comparing bytes.
CREATE OR REPLACE FUNCTION csv_cell(text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN $1 COLLATE "C" >= 'A' AND $1 COLLATE "C" < E'\u0080' OR $1 COLLATE "C" >= '0' AND $1 COLLATE "C" < ':' THEN $1
    WHEN left(ltrim($1, E' \n\u00a0\u3000'), 1) IN ('=', '+', '-', '@', E'\t', E'\r') THEN '''' || $1
    ELSE $1 END;
