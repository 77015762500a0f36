-- Work in the office beside each other: who has a record open, drafts of forms, and what was agreed.

-- Who has a record open now. Losing them in a crash forgets one minute.
CREATE UNLOGGED TABLE presences (
    user_id    bigint NOT NULL REFERENCES users,
    subject    text NOT NULL CHECK (subject <> ''),
    subject_id bigint NOT NULL,
    seen_at    timestamptz NOT NULL,
    -- when one of the user's windows last had unsaved changes or the record's form open
    editing_at timestamptz,
    PRIMARY KEY (user_id, subject, subject_id)
) WITH (fillfactor = 70);

--bun:split

CREATE INDEX presences_subject ON presences (subject, subject_id);

--bun:split

-- What somebody typed into a form and has not saved, one draft a form and user; subject_id 0 is a new record.
CREATE TABLE drafts (
    user_id      bigint NOT NULL REFERENCES users,
    subject      text NOT NULL CHECK (subject <> ''),
    subject_id   bigint NOT NULL,
    -- the form's fields by name
    values       jsonb NOT NULL,
    -- the version of the record that the form was filled from; empty for a new one
    base_version text NOT NULL DEFAULT '',
    updated_at   timestamptz NOT NULL,
    PRIMARY KEY (user_id, subject, subject_id)
);

--bun:split

CREATE INDEX drafts_updated ON drafts (updated_at);

--bun:split

-- Course and provider as they were when the booking was agreed: booking_terms of that moment. Null before
-- that, and for bookings older than this column.
ALTER TABLE bookings ADD COLUMN terms jsonb;

--bun:split

CREATE FUNCTION booking_terms(course bigint, at timestamptz) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'at', at, 'number', c.number, 'name', c.name, 'delivery', c.delivery,
        'start_date', coalesce(c.start_date::text, ''), 'end_date', coalesce(c.end_date::text, ''),
        'location', jsonb_build_object('name', coalesce(l.name, ''), 'street', coalesce(l.street, ''), 'zip', coalesce(l.zip, ''),
            'town', coalesce(l.town, ''), 'country', coalesce(l.country, '')),
        'sessions', coalesce((
            SELECT jsonb_agg(jsonb_build_object('starts_at', s.starts_at, 'ends_at', s.ends_at, 'all_day', s.all_day,
                'room', coalesce(r.name, '')) ORDER BY s.starts_at, s.id)
            FROM course_sessions s LEFT JOIN rooms r ON r.id = s.room_id WHERE s.course_id = c.id), '[]'),
        'provider', jsonb_build_object('name', p.name, 'street', p.street, 'zip', p.zip, 'town', p.town))
    FROM courses c CROSS JOIN provider p LEFT JOIN locations l ON l.id = c.location_id
    WHERE c.id = course
$$;
