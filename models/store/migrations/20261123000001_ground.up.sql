-- Ground: what every room of the office stands on.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

--bun:split

-- fold makes text comparable for search: lower case, umlauts spelt out, accents dropped.
CREATE FUNCTION fold(text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN translate(
    replace(replace(replace(replace(lower($1), 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ß', 'ss'),
    'áàâãåçéèêëíìîïñóòôõøúùûýÿšžčćłńśźżąęőű',
    'aaaaaceeeeiiiinooooouuuyyszcclnszzaeou');

--bun:split

-- The provider: exactly one row.
CREATE TABLE provider (
    id                  boolean PRIMARY KEY DEFAULT true CHECK (id),
    name                text NOT NULL CHECK (name <> ''),
    email               text NOT NULL CHECK (email LIKE '%_@_%'),
    phone               text NOT NULL DEFAULT '',
    street              text NOT NULL DEFAULT '',
    zip                 text NOT NULL DEFAULT '',
    town                text NOT NULL DEFAULT '',
    imprint_url         text NOT NULL DEFAULT '',
    privacy_url         text NOT NULL DEFAULT '',
    terms_url           text NOT NULL DEFAULT '',
    withdrawal_url      text NOT NULL DEFAULT '',
    time_zone           text NOT NULL DEFAULT 'Europe/Berlin',
    vat_note            text NOT NULL DEFAULT '',
    hold_minutes        integer NOT NULL DEFAULT 60 CHECK (hold_minutes BETWEEN 5 AND 2880),
    hold_share_percent  integer NOT NULL DEFAULT 50 CHECK (hold_share_percent BETWEEN 1 AND 100),
    cancellation_days   integer NOT NULL DEFAULT 7 CHECK (cancellation_days BETWEEN 0 AND 365),
    version             integer NOT NULL DEFAULT 1,
    updated_at          timestamptz NOT NULL DEFAULT now()
);

--bun:split

INSERT INTO provider (name, email) VALUES ('Kurso', 'office@localhost.example');

--bun:split

CREATE TABLE users (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email           text NOT NULL CHECK (email LIKE '%_@_%'),
    name            text NOT NULL CHECK (name <> ''),
    password_hash   text NOT NULL,
    locale          text NOT NULL DEFAULT 'de' CHECK (locale IN ('de', 'en')),
    active          boolean NOT NULL DEFAULT true,
    last_sign_in_at timestamptz,
    created_at      timestamptz NOT NULL
);

--bun:split

CREATE UNIQUE INDEX users_email ON users (lower(email));

--bun:split

-- Sign-ins of staff, in the shape that scs's Postgres store expects. Course dates are course_sessions.
CREATE TABLE sessions (
    token   text PRIMARY KEY,
    data    bytea NOT NULL,
    expiry  timestamptz NOT NULL
);

--bun:split

CREATE INDEX sessions_expiry ON sessions (expiry);

--bun:split

-- One row a throttle bucket (GCRA): tat is the theoretical arrival time of the next request.
-- Keys are keyed hashes, never addresses. Losing them in a crash only forgets a few minutes of throttling.
CREATE UNLOGGED TABLE throttles (
    key text PRIMARY KEY,
    tat timestamptz NOT NULL
) WITH (fillfactor = 70);

--bun:split

CREATE INDEX throttles_tat ON throttles (tat);

--bun:split

-- Who did what. The application appends and never changes.
CREATE TABLE audit_entries (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at           timestamptz NOT NULL,
    actor_kind   text NOT NULL CHECK (actor_kind IN ('user', 'applicant', 'system')),
    actor_id     bigint REFERENCES users,
    subject_type text NOT NULL,
    subject_id   bigint NOT NULL,
    action       text NOT NULL,
    changes      jsonb NOT NULL DEFAULT '[]',
    request_id   text NOT NULL DEFAULT '',
    CHECK ((actor_kind = 'user') = (actor_id IS NOT NULL))
);

--bun:split

CREATE INDEX audit_entries_subject ON audit_entries (subject_type, subject_id, id);

--bun:split

CREATE INDEX audit_entries_actor ON audit_entries (actor_id, id) WHERE actor_id IS NOT NULL;
