-- 10,000 courses, 500,000 persons, 1,000,000 bookings with participants and mails: a large provider after some years.
SET synchronous_commit = off;
SET maintenance_work_mem = '512MB';
SELECT setseed(0.42);

-- an index is built faster at once than row by row, and places are counted faster at once
DROP INDEX bookings_search, bookings_by_name, bookings_person, participants_search, participants_by_name, persons_search, persons_by_name,
    persons_place, persons_created, mails_search, mails_prefix, mails_letter, mails_state;
ALTER TABLE bookings DISABLE TRIGGER USER;

INSERT INTO categories (code, name, position) SELECT 'c' || n, 'Fachbereich ' || n, n FROM generate_series(1, 40) n;
INSERT INTO locations (name, street, zip, town, district, created_at, updated_at)
SELECT 'Haus ' || n, 'Lindenstraße ' || n, (10000 + n)::text, 'Berlin', 'Bezirk ' || n % 12, now(), now() FROM generate_series(1, 300) n;
INSERT INTO course_types (name, category_id, created_at, updated_at)
SELECT 'Kursart ' || n, 1 + n % 40, now(), now() FROM generate_series(1, 2000) n;
INSERT INTO courses (course_type_id, number, name, state, start_date, end_date, location_id, min_places, max_places, created_at, updated_at)
SELECT 1 + n % 2000, to_char(n, 'FM00000') || '-' || n % 7,
    (ARRAY['Englisch', 'Yoga', 'Aquarell', 'Tabellenkalkulation', 'Italienisch', 'Kochen', 'Gitarre', 'Rhetorik', 'Fotografie', 'Spanisch'])[1 + n % 10] || ' für ' ||
    (ARRAY['Anfängerinnen und Anfänger', 'Fortgeschrittene', 'den Beruf', 'Familien', 'Ältere'])[1 + n % 5] || ' ' || n,
    CASE WHEN n <= 8500 THEN 'finished' WHEN n <= 9000 THEN 'running' WHEN n <= 9700 THEN 'published' ELSE 'draft' END,
    current_date - 1500 + (n * 1700 / 10000), current_date - 1500 + (n * 1700 / 10000) + 70, 1 + n % 300, 5, 300, now(), now()
FROM generate_series(1, 10000) n;
INSERT INTO course_sessions (course_id, starts_at, ends_at)
SELECT c.id, c.start_date + interval '18 hours 30 minutes' + w * interval '7 days', c.start_date + interval '20 hours' + w * interval '7 days'
FROM courses c, generate_series(0, 9) w;
INSERT INTO price_tiers (course_id, name, amount_cents, position) SELECT id, 'Normalpreis', 4000 + (id * 37 % 200) * 100, 1 FROM courses;

CREATE TEMP TABLE surnames AS SELECT row_number() OVER () - 1 AS n, name FROM unnest(ARRAY[
    'Müller', 'Schmidt', 'Schneider', 'Fischer', 'Weber', 'Meyer', 'Wagner', 'Becker', 'Schulz', 'Hoffmann', 'Schäfer', 'Koch', 'Bauer', 'Richter',
    'Klein', 'Wolf', 'Schröder', 'Neumann', 'Schwarz', 'Zimmermann', 'Braun', 'Krüger', 'Hofmann', 'Hartmann', 'Lange', 'Schmitt', 'Werner', 'Krause',
    'Meier', 'Lehmann', 'Köhler', 'Maier', 'Herrmann', 'König', 'Walter', 'Mayer', 'Huber', 'Kaiser', 'Fuchs', 'Peters', 'Lang', 'Scholz', 'Möller',
    'Weiß', 'Jung', 'Hahn', 'Schubert', 'Vogel', 'Friedrich', 'Keller', 'Günther', 'Frank', 'Berger', 'Winkler', 'Roth', 'Beck', 'Lorenz', 'Baumann',
    'Franke', 'Albrecht', 'Yıldız', 'Nguyễn', 'Çelik', 'Kowalski', 'Nowak', 'García', 'Östberg', 'de la Cruz']) name;
CREATE TEMP TABLE forenames AS SELECT row_number() OVER () - 1 AS n, name FROM unnest(ARRAY[
    'Anna', 'Bernd', 'Claudia', 'Dieter', 'Elif', 'Frank', 'Gabriele', 'Hans', 'Ingrid', 'Jörg', 'Karin', 'Lukas', 'Maria', 'Niklas', 'Olga', 'Peter',
    'Quirin', 'Renate', 'Sabine', 'Thomas', 'Ursula', 'Volker', 'Wiebke', 'Xenia', 'Yusuf', 'Zoë', 'Änne', 'Sören', 'Jürgen', 'Hülya']) name;
-- most surnames carry a part that makes them rarer, as in life
INSERT INTO persons (first_name, last_name, email, phone, street, zip, town, created_at, updated_at)
SELECT f.name, s.name || CASE WHEN x.n % 3 = 0 THEN '-' || chr(65 + x.n % 26) || to_hex(x.n % 5000) ELSE '' END,
    'person' || x.n || '@' || (ARRAY['example.org', 'example.com', 'post.example', 'mail.example'])[1 + x.n % 4], '030 ' || (1000000 + x.n), 'Weg ' || x.n % 200, (10000 + x.n % 9000)::text, 'Berlin', now(), now()
FROM generate_series(1, 500000) x (n) JOIN surnames s ON s.n = (x.n * 7 + x.n / 68) % 68 JOIN forenames f ON f.n = (x.n * 11 + x.n / 31) % 30;

INSERT INTO bookings (course_id, state, places, total_cents, origin, first_name, last_name, email, phone, street, zip, town, person_id,
    form_nonce, verify_nonce, verify_hash, verify_expires_at, verify_sent_at, manage_nonce, manage_hash,
    requested_at, confirmed_at, waitlisted_at, closed_at, updated_at)
SELECT x.course, x.state, x.places, x.places * (4000 + (x.course * 37 % 200) * 100), CASE WHEN x.n % 6 = 0 THEN 'staff' ELSE 'portal' END,
    p.first_name, p.last_name, p.email, p.phone, p.street, p.zip, p.town, p.id,
    'n' || x.n, 'v' || x.n, decode(md5('v' || x.n), 'hex'), x.at, x.at, 'm' || x.n, decode(md5('m' || x.n), 'hex'),
    x.at, CASE WHEN x.state IN ('CONFIRMED', 'CANCELLED') THEN x.at + interval '5 minutes' END,
    CASE WHEN x.state = 'WAITLISTED' THEN x.at + interval '5 minutes' END, CASE WHEN x.state = 'CANCELLED' THEN x.at + interval '9 days' END, x.at
FROM (
    SELECT n, 1 + (n * 97 / 10000 + n % 89 * 11) % 10000 AS course, 1 + (n % 10 = 0)::int AS places, 1 + (n::bigint * 7919) % 500000 AS person,
        now() - interval '1' minute * (1000000 - n) * 1.9 AS at,
        CASE WHEN n % 100 < 86 THEN 'CONFIRMED' WHEN n % 100 < 94 THEN 'CANCELLED' WHEN n % 100 < 98 THEN 'EXPIRED' WHEN n % 1000 < 990 THEN 'WAITLISTED' ELSE 'CONFIRMED' END AS state
    FROM generate_series(1, 1000000) n) x
JOIN persons p ON p.id = x.person;

INSERT INTO participants (booking_id, position, first_name, last_name, price_tier_id, price_name, amount_cents)
SELECT b.id, i, b.first_name, b.last_name, b.course_id, 'Normalpreis', b.total_cents / b.places FROM bookings b, generate_series(1, b.places) i;

INSERT INTO mails (booking_id, letter, recipient, state, message_id, created_at, sent_at)
SELECT id, 'booking_verify', email, CASE WHEN id % 5000 = 0 THEN 'failed' ELSE 'sent' END, 'mail' || id || '@kurso.mail', requested_at, requested_at FROM bookings;

CREATE INDEX bookings_search ON bookings USING gin (search gin_trgm_ops);
CREATE INDEX bookings_by_name ON bookings (name_key, id);
CREATE INDEX participants_search ON participants USING gin (search gin_trgm_ops);
CREATE INDEX participants_by_name ON participants (name_key, id);
CREATE INDEX persons_search ON persons USING gin (search gin_trgm_ops);
CREATE INDEX persons_by_name ON persons (name_key, id);
CREATE INDEX persons_place ON persons USING gin (fold(town) gin_trgm_ops, fold(zip) gin_trgm_ops);
CREATE INDEX persons_created ON persons (created_at, id);
CREATE INDEX bookings_person ON bookings (person_id, requested_at DESC, id DESC) INCLUDE (course_id) WHERE person_id IS NOT NULL;
CREATE INDEX mails_search ON mails USING gin (fold(recipient) gin_trgm_ops);
ALTER INDEX mails_search ALTER COLUMN 1 SET STATISTICS 1000;
CREATE INDEX mails_prefix ON mails (fold(recipient) text_pattern_ops);
CREATE INDEX mails_letter ON mails (letter, created_at DESC, id DESC);
CREATE INDEX mails_state ON mails (state, created_at DESC, id DESC);

ALTER TABLE bookings ENABLE TRIGGER USER;
INSERT INTO course_counts (course_id, sure, waiting)
SELECT course_id, coalesce(sum(places) FILTER (WHERE state = 'CONFIRMED'), 0), coalesce(sum(places) FILTER (WHERE state = 'WAITLISTED'), 0)
FROM bookings WHERE state IN ('CONFIRMED', 'WAITLISTED') GROUP BY course_id;
