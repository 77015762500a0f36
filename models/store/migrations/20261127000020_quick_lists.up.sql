-- What lists of people search and order by is kept beside the names: to fold the names of every hit anew takes
-- longer than to find it. A name key sorts by last, then by first name, and byte by byte, so that one index
-- serves the order and the beginnings of names. With finer statistics of the words, the planner can tell a rare
-- word from one that is everywhere.
ALTER TABLE bookings
    ADD COLUMN name_key text COLLATE "C" NOT NULL GENERATED ALWAYS AS (fold(last_name || chr(1) || first_name)) STORED,
    ALTER COLUMN search SET STATISTICS 1000;

--bun:split

ALTER TABLE participants
    ADD COLUMN name_key text COLLATE "C" NOT NULL GENERATED ALWAYS AS (fold(last_name || chr(1) || first_name)) STORED,
    ADD COLUMN search text NOT NULL GENERATED ALWAYS AS (fold(first_name || ' ' || last_name || ' ' || email)) STORED,
    ALTER COLUMN search SET STATISTICS 1000;

--bun:split

ALTER TABLE persons
    ADD COLUMN name_key text COLLATE "C" NOT NULL GENERATED ALWAYS AS (fold(last_name || chr(1) || first_name)) STORED,
    ADD COLUMN search text NOT NULL GENERATED ALWAYS AS
        (fold(first_name || ' ' || last_name || ' ' || email || ' ' || zip || ' ' || town)) STORED,
    ALTER COLUMN search SET STATISTICS 1000;

--bun:split

DROP INDEX bookings_by_booker, bookings_prefix, participants_by_name, participants_prefix, participants_search,
    persons_by_name, persons_prefix, persons_search;

--bun:split

CREATE INDEX bookings_by_name ON bookings (name_key, id);

--bun:split

CREATE INDEX participants_by_name ON participants (name_key, id);

--bun:split

CREATE INDEX participants_search ON participants USING gin (search gin_trgm_ops);

--bun:split

CREATE INDEX persons_by_name ON persons (name_key, id);

--bun:split

CREATE INDEX persons_search ON persons USING gin (search gin_trgm_ops);

--bun:split

ALTER INDEX mails_search ALTER COLUMN 1 SET STATISTICS 1000;

--bun:split

-- One index for every state serves the outbox's filter, and those who look for what is to be sent or swept.
DROP INDEX mails_open, mails_kept;

--bun:split

CREATE INDEX mails_state ON mails (state, created_at DESC, id DESC);

--bun:split

CREATE INDEX audit_entries_actor_kind_at ON audit_entries (actor_kind, at, id);

--bun:split

CREATE INDEX courses_delivery ON courses (delivery, id);

--bun:split

CREATE INDEX courses_last_day ON courses ((coalesce(end_date, start_date, 'infinity'::date)), id);

--bun:split

CREATE INDEX import_problems_severity ON import_problems (severity, import_id, record_no, id);

--bun:split

CREATE INDEX import_problems_key ON import_problems (key, import_id, record_no, id);

--bun:split

CREATE INDEX import_problems_of_course ON import_problems USING gin (fold(course_number || ' ' || course_name) gin_trgm_ops);

--bun:split

-- Who belongs to a booking is read from the index alone.
ALTER TABLE participants
    DROP CONSTRAINT participants_booking_id_position_key,
    ADD CONSTRAINT participants_booking_id_position_key UNIQUE (booking_id, position) INCLUDE (id);

--bun:split

-- The queue of a course.
CREATE INDEX bookings_queue ON bookings (course_id, waitlisted_at, id) INCLUDE (places) WHERE state = 'WAITLISTED';

--bun:split

DROP INDEX bookings_waiting;

--bun:split

CREATE INDEX bookings_waiting ON bookings (waitlisted_at, id) INCLUDE (course_id, places) WHERE state = 'WAITLISTED';
