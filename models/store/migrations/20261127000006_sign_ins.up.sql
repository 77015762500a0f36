-- How staff sign in and keep their accounts.

-- handle is what a passkey knows its user by.
ALTER TABLE users
    ADD COLUMN password_changed_at timestamptz,
    ADD COLUMN handle uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE;

--bun:split

-- Browsers in which a user has signed in before: a cookie's token, of which the hash is kept.
CREATE TABLE known_devices (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id      bigint NOT NULL REFERENCES users,
    hash         bytea NOT NULL,
    created_at   timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    UNIQUE (user_id, hash)
);

--bun:split

CREATE INDEX known_devices_hash ON known_devices (hash);

--bun:split

-- One row a sign-in; the cookie's session holds its id. A network is an address shortened to what counts as
-- one sender, never a place.
CREATE TABLE sign_ins (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id         bigint NOT NULL REFERENCES users,
    device          text NOT NULL CHECK (device IN ('computer', 'phone')),
    -- in words, empty where the browser does not tell
    browser         text NOT NULL,
    system          text NOT NULL,
    network         text NOT NULL,
    known_device_id bigint REFERENCES known_devices ON DELETE SET NULL,
    -- the network before this one, and when it was last seen there
    earlier_network text NOT NULL DEFAULT '',
    earlier_at      timestamptz,
    started_at      timestamptz NOT NULL,
    -- written at most once a minute
    last_seen_at    timestamptz NOT NULL,
    -- when password or second factor were last asked
    confirmed_at    timestamptz NOT NULL,
    ended_at        timestamptz,
    end_reason      text CHECK (end_reason IN ('signed_out', 'replaced', 'ended', 'idle', 'expired', 'password', 'deactivated', 'access_over')),
    replaced_by     bigint REFERENCES sign_ins DEFERRABLE INITIALLY DEFERRED,
    CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
    CHECK ((end_reason = 'replaced') = (replaced_by IS NOT NULL))
);

--bun:split

-- An account is one person: signed in on one computer and one phone at most.
CREATE UNIQUE INDEX sign_ins_active ON sign_ins (user_id, device) WHERE ended_at IS NULL;

--bun:split

CREATE INDEX sign_ins_user ON sign_ins (user_id, id);

--bun:split

CREATE INDEX sign_ins_known_device ON sign_ins (known_device_id) WHERE known_device_id IS NOT NULL;

--bun:split

CREATE INDEX sign_ins_replaced_by ON sign_ins (replaced_by) WHERE replaced_by IS NOT NULL;

--bun:split

-- Signs that several people use one account, a row a day and kind.
CREATE TABLE sharing_signs (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id  bigint NOT NULL REFERENCES users,
    kind     text NOT NULL CHECK (kind IN ('networks', 'alternation')),
    day      date NOT NULL,
    times    integer NOT NULL DEFAULT 1,
    first_at timestamptz NOT NULL,
    last_at  timestamptz NOT NULL,
    networks text[] NOT NULL DEFAULT '{}',
    UNIQUE (user_id, kind, day)
);

--bun:split

CREATE INDEX sharing_signs_last ON sharing_signs (last_at DESC, id DESC);

--bun:split

-- The secret of an authenticator app, sealed. last_step is that of the newest code that was shown: neither it
-- nor an earlier one counts again.
CREATE TABLE authenticators (
    user_id    bigint PRIMARY KEY REFERENCES users,
    secret     bytea NOT NULL,
    last_step  bigint NOT NULL,
    created_at timestamptz NOT NULL
);

--bun:split

CREATE TABLE passkeys (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id       bigint NOT NULL REFERENCES users,
    name          text NOT NULL CHECK (name <> ''),
    credential_id bytea NOT NULL UNIQUE,
    -- public key, counter and flags
    credential    jsonb NOT NULL,
    created_at    timestamptz NOT NULL,
    last_used_at  timestamptz
);

--bun:split

CREATE INDEX passkeys_user ON passkeys (user_id);

--bun:split

CREATE TABLE recovery_codes (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users,
    hash    text NOT NULL,
    used_at timestamptz,
    UNIQUE (user_id, hash)
);

--bun:split

-- A change of e-mail counts once it was confirmed at both addresses.
CREATE TABLE email_changes (
    user_id          bigint PRIMARY KEY REFERENCES users,
    email            text NOT NULL CHECK (email LIKE '%_@_%'),
    created_at       timestamptz NOT NULL,
    expires_at       timestamptz NOT NULL,
    old_confirmed_at timestamptz,
    new_confirmed_at timestamptz
);

--bun:split

-- Who asked for a new password. A job answers and deletes the row, so that the page takes as long for an
-- address with an account as for one without.
CREATE TABLE reset_requests (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email      text NOT NULL,
    created_at timestamptz NOT NULL
);
