-- Catalogue: what is offered, where, by whom, for how much; and the imports that fill it.

CREATE TABLE categories (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code     text NOT NULL UNIQUE,
    name     text NOT NULL CHECK (name <> ''),
    position integer NOT NULL DEFAULT 0,
    version  integer NOT NULL DEFAULT 1
);

--bun:split

CREATE TABLE locations (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL CHECK (name <> ''),
    street     text NOT NULL DEFAULT '',
    zip        text NOT NULL DEFAULT '',
    town       text NOT NULL DEFAULT '',
    district   text NOT NULL DEFAULT '',
    country    text NOT NULL DEFAULT '',
    accessible boolean,
    latitude   double precision CHECK (latitude BETWEEN -90 AND 90),
    longitude  double precision CHECK (longitude BETWEEN -180 AND 180),
    import_key text UNIQUE,
    version    integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

--bun:split

CREATE TABLE rooms (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    location_id bigint NOT NULL REFERENCES locations,
    name        text NOT NULL CHECK (name <> ''),
    capacity    integer CHECK (capacity > 0),
    UNIQUE (location_id, name)
);

--bun:split

CREATE TABLE instructors (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title      text NOT NULL DEFAULT '',
    first_name text NOT NULL DEFAULT '',
    last_name  text NOT NULL CHECK (last_name <> ''),
    email      text NOT NULL DEFAULT '',
    published  boolean NOT NULL DEFAULT false,
    import_key text UNIQUE,
    version    integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

--bun:split

CREATE TABLE course_types (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text NOT NULL CHECK (name <> ''),
    category_id bigint REFERENCES categories,
    description text NOT NULL DEFAULT '',
    import_key  text UNIQUE,
    version     integer NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL
);

--bun:split

CREATE INDEX course_types_category ON course_types (category_id);

--bun:split

CREATE INDEX course_types_name ON course_types (name, id);

--bun:split

-- array_to_string is only stable because of types whose text form depends on settings; text has one.
CREATE FUNCTION words(text[]) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN array_to_string($1, ' ');

--bun:split

CREATE TABLE courses (
    id                     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    course_type_id         bigint NOT NULL REFERENCES course_types,
    number                 text NOT NULL DEFAULT '',
    name                   text NOT NULL CHECK (name <> ''),
    subtitle               text NOT NULL DEFAULT '',
    -- sanitised HTML
    description            text NOT NULL DEFAULT '',
    level                  text NOT NULL DEFAULT '',
    target_groups          text[] NOT NULL DEFAULT '{}',
    keywords               text[] NOT NULL DEFAULT '{}',
    certificate            text NOT NULL DEFAULT '',
    state                  text NOT NULL DEFAULT 'draft'
        CHECK (state IN ('draft', 'planned', 'published', 'running', 'finished', 'called_off')),
    delivery               text NOT NULL DEFAULT 'on_site'
        CHECK (delivery IN ('on_site', 'online', 'blended', 'self_paced')),
    start_date             date,
    end_date               date,
    location_id            bigint REFERENCES locations,
    min_places             integer CHECK (min_places >= 0),
    -- null: no limit
    max_places             integer CHECK (max_places >= 0),
    -- taken in the system the course was imported from; -1: unknown
    places_taken_elsewhere integer NOT NULL DEFAULT 0 CHECK (places_taken_elsewhere >= -1),
    -- hundredths of a teaching unit of 45 minutes
    teaching_units         integer CHECK (teaching_units >= 0),
    booking_opens_at       timestamptz,
    booking_closes_at      timestamptz,
    website_url            text NOT NULL DEFAULT '',
    image_url              text NOT NULL DEFAULT '',
    version                integer NOT NULL DEFAULT 1,
    created_at             timestamptz NOT NULL,
    updated_at             timestamptz NOT NULL,
    search                 text GENERATED ALWAYS AS (fold(number || ' ' || name || ' ' || subtitle || ' ' || words(keywords))) STORED,
    CHECK (end_date >= start_date),
    CHECK (booking_closes_at > booking_opens_at),
    CHECK (min_places <= max_places)
);

--bun:split

CREATE INDEX courses_course_type ON courses (course_type_id);

--bun:split

CREATE INDEX courses_location ON courses (location_id);

--bun:split

CREATE INDEX courses_start ON courses (start_date, id);

--bun:split

CREATE INDEX courses_state_start ON courses (state, start_date, id);

--bun:split

-- The public catalogue: what is offered, by start, courses without dates last.
CREATE INDEX courses_offered ON courses (coalesce(start_date, 'infinity'), id) WHERE state IN ('published', 'running');

--bun:split

CREATE INDEX courses_number ON courses (number, id);

--bun:split

CREATE INDEX courses_name ON courses (name, id);

--bun:split

CREATE INDEX courses_search ON courses USING gin (search gin_trgm_ops);

--bun:split

-- Termine. Without times known, all_day spans the day from midnight to midnight of the provider's time zone.
CREATE TABLE course_sessions (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    course_id     bigint NOT NULL REFERENCES courses ON DELETE CASCADE,
    starts_at     timestamptz NOT NULL,
    ends_at       timestamptz NOT NULL,
    all_day       boolean NOT NULL DEFAULT false,
    room_id       bigint REFERENCES rooms,
    note          text NOT NULL DEFAULT '',
    CHECK (ends_at > starts_at)
);

--bun:split

CREATE INDEX course_sessions_course ON course_sessions (course_id, starts_at);

--bun:split

CREATE INDEX course_sessions_room ON course_sessions (room_id) WHERE room_id IS NOT NULL;

--bun:split

CREATE INDEX course_sessions_starts ON course_sessions (starts_at);

--bun:split

CREATE TABLE course_instructors (
    course_id     bigint NOT NULL REFERENCES courses ON DELETE CASCADE,
    instructor_id bigint NOT NULL REFERENCES instructors,
    PRIMARY KEY (course_id, instructor_id)
);

--bun:split

CREATE INDEX course_instructors_instructor ON course_instructors (instructor_id);

--bun:split

-- Responsible staff: they get the course's mails. Nobody named: the provider's address gets them.
CREATE TABLE course_staff (
    course_id bigint NOT NULL REFERENCES courses ON DELETE CASCADE,
    user_id   bigint NOT NULL REFERENCES users,
    PRIMARY KEY (course_id, user_id)
);

--bun:split

CREATE INDEX course_staff_user ON course_staff (user_id);

--bun:split

CREATE TABLE price_tiers (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    course_id    bigint NOT NULL REFERENCES courses ON DELETE CASCADE,
    name         text NOT NULL CHECK (name <> ''),
    amount_cents bigint NOT NULL CHECK (amount_cents >= 0),
    currency     text NOT NULL DEFAULT 'EUR' CHECK (currency ~ '^[A-Z]{3}$'),
    note         text NOT NULL DEFAULT '',
    position     integer NOT NULL DEFAULT 0,
    -- an archived tier is no longer offered, but bookings still point to it
    archived     boolean NOT NULL DEFAULT false
);

--bun:split

CREATE INDEX price_tiers_course ON price_tiers (course_id, position);

--bun:split

CREATE TABLE imports (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_name       text NOT NULL,
    file_key        text NOT NULL,
    size_bytes      bigint NOT NULL,
    format          text NOT NULL DEFAULT '',
    state           text NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'running', 'finished', 'failed', 'cancelled')),
    records_total   integer NOT NULL DEFAULT 0,
    records_done    integer NOT NULL DEFAULT 0,
    created_count   integer NOT NULL DEFAULT 0,
    updated_count   integer NOT NULL DEFAULT 0,
    unchanged_count integer NOT NULL DEFAULT 0,
    skipped_count   integer NOT NULL DEFAULT 0,
    error_key       text NOT NULL DEFAULT '',
    error_args      jsonb NOT NULL DEFAULT '{}',
    user_id         bigint REFERENCES users,
    created_at      timestamptz NOT NULL,
    started_at      timestamptz,
    finished_at     timestamptz
);

--bun:split

CREATE INDEX imports_created ON imports (created_at DESC, id DESC);

--bun:split

-- The report's lines. key is a message key, args its values.
CREATE TABLE import_problems (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    import_id     bigint NOT NULL REFERENCES imports ON DELETE CASCADE,
    record_no     integer NOT NULL,
    course_number text NOT NULL DEFAULT '',
    course_name   text NOT NULL DEFAULT '',
    course_id     bigint REFERENCES courses ON DELETE SET NULL,
    severity      text NOT NULL CHECK (severity IN ('note', 'warning', 'error')),
    key           text NOT NULL,
    args          jsonb NOT NULL DEFAULT '{}'
);

--bun:split

CREATE INDEX import_problems_import ON import_problems (import_id, record_no, id);

--bun:split

CREATE INDEX import_problems_course ON import_problems (course_id) WHERE course_id IS NOT NULL;

--bun:split

-- What the last import wrote into a course: a field that differs now was changed by staff and is left alone.
CREATE TABLE course_imports (
    course_id bigint PRIMARY KEY REFERENCES courses ON DELETE CASCADE,
    guid      text NOT NULL UNIQUE,
    import_id bigint REFERENCES imports ON DELETE SET NULL,
    imported  jsonb NOT NULL
);

--bun:split

CREATE INDEX course_imports_import ON course_imports (import_id);
