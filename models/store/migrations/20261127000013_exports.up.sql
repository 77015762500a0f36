-- What people keep of lists: views and field choices; and the files made of them.

CREATE TABLE saved_views (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    list       text NOT NULL CHECK (list <> ''),
    user_id    bigint NOT NULL REFERENCES users,
    name       text NOT NULL CHECK (name <> ''),
    -- the list's address: its parameters
    query      text NOT NULL,
    -- everybody who may see the list sees the view
    shared     boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL
);

--bun:split

CREATE UNIQUE INDEX saved_views_name ON saved_views (user_id, list, lower(name));

--bun:split

CREATE INDEX saved_views_shared ON saved_views (list) WHERE shared;

--bun:split

-- The view with which a list opens for a user.
CREATE TABLE default_views (
    user_id bigint NOT NULL REFERENCES users,
    list    text NOT NULL,
    view_id bigint NOT NULL REFERENCES saved_views ON DELETE CASCADE,
    PRIMARY KEY (user_id, list)
);

--bun:split

CREATE INDEX default_views_view ON default_views (view_id);

--bun:split

-- A choice of fields and a format, to be run again with one click.
CREATE TABLE export_presets (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    list       text NOT NULL CHECK (list <> ''),
    user_id    bigint NOT NULL REFERENCES users,
    name       text NOT NULL CHECK (name <> ''),
    columns    text[] NOT NULL CHECK (cardinality(columns) > 0),
    format     text NOT NULL CHECK (format IN ('csv_de', 'csv', 'xlsx')),
    raw        boolean NOT NULL DEFAULT false,
    shared     boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL
);

--bun:split

CREATE UNIQUE INDEX export_presets_name ON export_presets (user_id, list, lower(name));

--bun:split

CREATE INDEX export_presets_shared ON export_presets (list) WHERE shared;

--bun:split

-- Exports that repeat: the file comes to its owner's export page, a mail says so.
CREATE TABLE export_schedules (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id     bigint NOT NULL REFERENCES users,
    name        text NOT NULL CHECK (name <> ''),
    list        text NOT NULL CHECK (list <> ''),
    query       text NOT NULL,
    format      text NOT NULL CHECK (format IN ('csv_de', 'csv', 'xlsx')),
    raw         boolean NOT NULL DEFAULT false,
    cadence     text NOT NULL CHECK (cadence IN ('daily', 'weekly', 'monthly')),
    next_run_at timestamptz NOT NULL,
    -- failures in a row; at five the schedule stops
    failures    integer NOT NULL DEFAULT 0 CHECK (failures BETWEEN 0 AND 5),
    active      boolean NOT NULL DEFAULT true,
    created_at  timestamptz NOT NULL,
    CHECK (NOT active OR failures < 5)
);

--bun:split

CREATE INDEX export_schedules_due ON export_schedules (next_run_at) WHERE active;

--bun:split

CREATE INDEX export_schedules_user ON export_schedules (user_id, id);

--bun:split

CREATE TABLE exports (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id      bigint NOT NULL REFERENCES users,
    list         text NOT NULL CHECK (list <> ''),
    -- the list's address: what is chosen, in which order, with which columns
    query        text NOT NULL,
    format       text NOT NULL CHECK (format IN ('csv_de', 'csv', 'xlsx')),
    raw          boolean NOT NULL DEFAULT false,
    locale       text NOT NULL DEFAULT 'de' CHECK (locale IN ('de', 'en')),
    schedule_id  bigint REFERENCES export_schedules ON DELETE SET NULL,
    state        text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'finished', 'failed', 'cancelled')),
    rows_total   bigint NOT NULL DEFAULT 0,
    rows_done    bigint NOT NULL DEFAULT 0,
    size_bytes   bigint NOT NULL DEFAULT 0,
    -- in the bucket; empty while there is no file, or no longer
    file_key     text NOT NULL DEFAULT '',
    error_key    text NOT NULL DEFAULT '',
    attempts     integer NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL,
    started_at   timestamptz,
    heartbeat_at timestamptz,
    finished_at  timestamptz,
    expires_at   timestamptz,
    CHECK ((state IN ('finished', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
    CHECK (file_key = '' OR state = 'finished' AND expires_at IS NOT NULL)
);

--bun:split

CREATE INDEX exports_user ON exports (user_id, id DESC);

--bun:split

CREATE INDEX exports_open ON exports (heartbeat_at) WHERE state IN ('queued', 'running');

--bun:split

CREATE INDEX exports_files ON exports (expires_at) WHERE file_key <> '';

--bun:split

CREATE INDEX exports_schedule ON exports (schedule_id) WHERE schedule_id IS NOT NULL;
