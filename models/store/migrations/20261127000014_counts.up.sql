-- How many places of a course are surely taken (PENDING, CONFIRMED, OFFERED) and waited for, so that lists
-- can filter and sort courses by them. Held places end by themselves and are counted when asked
-- (course_places). Bookings change one course at a time, under its lock.
CREATE TABLE course_counts (
    course_id bigint PRIMARY KEY REFERENCES courses ON DELETE CASCADE,
    sure      integer NOT NULL DEFAULT 0 CHECK (sure >= 0),
    waiting   integer NOT NULL DEFAULT 0 CHECK (waiting >= 0)
) WITH (fillfactor = 50);

--bun:split

CREATE FUNCTION count_booking() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        UPDATE course_counts SET
            sure = sure - CASE WHEN OLD.state IN ('PENDING', 'CONFIRMED', 'OFFERED') THEN OLD.places ELSE 0 END,
            waiting = waiting - CASE WHEN OLD.state = 'WAITLISTED' THEN OLD.places ELSE 0 END
        WHERE course_id = OLD.course_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO course_counts AS c (course_id, sure, waiting)
        VALUES (NEW.course_id, CASE WHEN NEW.state IN ('PENDING', 'CONFIRMED', 'OFFERED') THEN NEW.places ELSE 0 END,
            CASE WHEN NEW.state = 'WAITLISTED' THEN NEW.places ELSE 0 END)
        ON CONFLICT (course_id) DO UPDATE SET sure = c.sure + excluded.sure, waiting = c.waiting + excluded.waiting;
    END IF;
    RETURN NULL;
END
$$;

--bun:split

CREATE TRIGGER bookings_counted AFTER INSERT ON bookings FOR EACH ROW
WHEN (NEW.state IN ('PENDING', 'CONFIRMED', 'OFFERED', 'WAITLISTED')) EXECUTE FUNCTION count_booking();

--bun:split

CREATE TRIGGER bookings_recounted AFTER UPDATE OF state, places, course_id ON bookings FOR EACH ROW
WHEN ((OLD.state, OLD.places, OLD.course_id) IS DISTINCT FROM (NEW.state, NEW.places, NEW.course_id)
    AND (OLD.state IN ('PENDING', 'CONFIRMED', 'OFFERED', 'WAITLISTED') OR NEW.state IN ('PENDING', 'CONFIRMED', 'OFFERED', 'WAITLISTED')))
EXECUTE FUNCTION count_booking();

--bun:split

CREATE TRIGGER bookings_uncounted AFTER DELETE ON bookings FOR EACH ROW
WHEN (OLD.state IN ('PENDING', 'CONFIRMED', 'OFFERED', 'WAITLISTED')) EXECUTE FUNCTION count_booking();

--bun:split

INSERT INTO course_counts (course_id, sure, waiting)
SELECT course_id, coalesce(sum(places) FILTER (WHERE state <> 'WAITLISTED'), 0), coalesce(sum(places) FILTER (WHERE state = 'WAITLISTED'), 0)
FROM bookings WHERE state IN ('PENDING', 'CONFIRMED', 'OFFERED', 'WAITLISTED') GROUP BY course_id;

--bun:split

-- What lists are sorted and searched by: names as people sort them, whatever the database's collation.

CREATE INDEX bookings_by_booker ON bookings (fold(last_name), fold(first_name), id);

--bun:split

DROP INDEX bookings_booker;

--bun:split

CREATE INDEX courses_by_start ON courses (coalesce(start_date, 'infinity'), id);

--bun:split

CREATE INDEX courses_by_name ON courses (fold(name), id);

--bun:split

DROP INDEX course_sessions_starts;

--bun:split

CREATE INDEX course_sessions_starts ON course_sessions (starts_at, id);

--bun:split

CREATE INDEX course_types_by_name ON course_types (fold(name), id);

--bun:split

CREATE INDEX instructors_by_name ON instructors (fold(last_name), fold(first_name), id);

--bun:split

CREATE INDEX locations_by_name ON locations (fold(name), id);

--bun:split

CREATE INDEX rooms_by_name ON rooms (fold(name), id);

--bun:split

CREATE INDEX course_types_search ON course_types USING gin (fold(name) gin_trgm_ops);
