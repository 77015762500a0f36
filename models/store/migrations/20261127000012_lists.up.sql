-- A text cell that a spreadsheet could take for a formula gets a leading apostrophe (OWASP, CSV injection):
-- one that begins with = + - @, a tab or a carriage return, also behind white space.
CREATE FUNCTION csv_cell(text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN left(ltrim($1, E' \n\u00a0\u3000'), 1) IN ('=', '+', '-', '@', E'\t', E'\r') THEN '''' || $1 ELSE $1 END;

--bun:split

-- What the lists of staff sort and search by, at a million bookings and half a million persons.

CREATE INDEX bookings_booker ON bookings (last_name, first_name, id);

--bun:split

CREATE INDEX bookings_total ON bookings (total_cents, id);

--bun:split

-- searches of one or two letters
CREATE INDEX bookings_prefix ON bookings (fold(last_name) text_pattern_ops);

--bun:split

CREATE INDEX bookings_several ON bookings (places) WHERE places > 1;

--bun:split

-- The order of the list, with what its filters ask: it can be walked without reading the rows.
CREATE INDEX bookings_walk ON bookings (requested_at DESC, id DESC) INCLUDE (course_id, state, places, total_cents, origin);

--bun:split

DROP INDEX bookings_requested;
