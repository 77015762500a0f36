-- What members of staff want to hear of, and what waits for their daily digest.

-- Without a row the event's default holds. Which courses: one's own, those of one's categories, or all; in
-- any case only as far as one's roles reach.
CREATE TABLE notification_choices (
    user_id bigint NOT NULL REFERENCES users,
    event   text NOT NULL CHECK (event ~ '^[a-z_]+$'),
    scope   text NOT NULL CHECK (scope IN ('mine', 'categories', 'all')),
    cadence text NOT NULL CHECK (cadence IN ('now', 'daily', 'off')),
    PRIMARY KEY (user_id, event)
);

--bun:split

CREATE TABLE notification_categories (
    user_id     bigint NOT NULL REFERENCES users,
    category_id bigint NOT NULL REFERENCES categories ON DELETE CASCADE,
    PRIMARY KEY (user_id, category_id)
);

--bun:split

CREATE INDEX notification_categories_category ON notification_categories (category_id);

--bun:split

-- A course that was found below its minimum: once for each of the days before its start on which that is said.
CREATE TABLE minimum_notices (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    course_id  bigint NOT NULL REFERENCES courses ON DELETE CASCADE,
    day        date NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (course_id, day)
);

--bun:split

CREATE TABLE notification_digests (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    bigint NOT NULL REFERENCES users,
    -- in the provider's time zone
    day        date NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (user_id, day)
);

--bun:split

-- One event for one reader of digests. Without a digest it waits for the next one.
CREATE TABLE notifications (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    bigint NOT NULL REFERENCES users,
    event      text NOT NULL CHECK (event ~ '^[a-z_]+$'),
    booking_id bigint REFERENCES bookings ON DELETE CASCADE,
    notice_id  bigint REFERENCES minimum_notices ON DELETE CASCADE,
    mail_id    bigint REFERENCES mails ON DELETE CASCADE,
    import_id  bigint REFERENCES imports ON DELETE CASCADE,
    -- tells apart the times that it happened to the record
    version    integer NOT NULL CHECK (version >= 1),
    created_at timestamptz NOT NULL,
    digest_id  bigint REFERENCES notification_digests ON DELETE CASCADE,
    CHECK (num_nonnulls(booking_id, notice_id, mail_id, import_id) = 1),
    CONSTRAINT notifications_once UNIQUE NULLS NOT DISTINCT (user_id, event, booking_id, notice_id, mail_id, import_id, version)
);

--bun:split

CREATE INDEX notifications_waiting ON notifications (user_id, created_at) WHERE digest_id IS NULL;

--bun:split

CREATE INDEX notifications_digest ON notifications (digest_id) WHERE digest_id IS NOT NULL;

--bun:split

CREATE INDEX notifications_booking ON notifications (booking_id) WHERE booking_id IS NOT NULL;

--bun:split

CREATE INDEX notifications_notice ON notifications (notice_id) WHERE notice_id IS NOT NULL;

--bun:split

CREATE INDEX notifications_mail ON notifications (mail_id) WHERE mail_id IS NOT NULL;

--bun:split

CREATE INDEX notifications_import ON notifications (import_id) WHERE import_id IS NOT NULL;

--bun:split

-- How often a mail was given up: staff may send it again, and it may fail again.
ALTER TABLE mails ADD COLUMN failures integer NOT NULL DEFAULT 0;
