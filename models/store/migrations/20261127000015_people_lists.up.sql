-- What the lists of people are sorted and searched by, at a million bookings and half a million persons.

CREATE INDEX participants_search ON participants USING gin (fold(first_name || ' ' || last_name || ' ' || email) gin_trgm_ops);

--bun:split

CREATE INDEX participants_prefix ON participants (fold(last_name) text_pattern_ops);

--bun:split

CREATE INDEX participants_by_name ON participants (fold(last_name), fold(first_name), id);

--bun:split

CREATE INDEX persons_search ON persons USING gin (fold(first_name || ' ' || last_name || ' ' || email || ' ' || zip || ' ' || town) gin_trgm_ops);

--bun:split

CREATE INDEX persons_prefix ON persons (fold(last_name) text_pattern_ops);

--bun:split

CREATE INDEX persons_by_name ON persons (fold(last_name), fold(first_name), id);

--bun:split

CREATE INDEX persons_place ON persons USING gin (fold(town) gin_trgm_ops, fold(zip) gin_trgm_ops);

--bun:split

CREATE INDEX persons_created ON persons (created_at, id);

--bun:split

DROP INDEX bookings_person;

--bun:split

-- what a person booked, when, and within whose reach it is, without reading the rows
CREATE INDEX bookings_person ON bookings (person_id, requested_at DESC, id DESC) INCLUDE (course_id) WHERE person_id IS NOT NULL;

--bun:split

CREATE INDEX bookings_waiting ON bookings (waitlisted_at, id) WHERE state = 'WAITLISTED';

--bun:split

CREATE INDEX mails_search ON mails USING gin (fold(recipient) gin_trgm_ops);

--bun:split

CREATE INDEX mails_prefix ON mails (fold(recipient) text_pattern_ops);

--bun:split

CREATE INDEX mails_kept ON mails (created_at, id) WHERE state = 'kept';

--bun:split

CREATE INDEX mails_letter ON mails (letter, created_at DESC, id DESC);
