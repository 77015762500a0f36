-- Who has an account: how many may, how the first one comes about, and who helps for a time. And the
-- installation itself, which the operator can suspend.

-- How many persons the licence covers; 0: no limit. The operator sets it on the command line.
ALTER TABLE provider ADD COLUMN licensed_persons integer NOT NULL DEFAULT 0 CHECK (licensed_persons >= 0);

--bun:split

-- What only the operator changes: exactly one row.
CREATE TABLE installation (
    id                boolean PRIMARY KEY DEFAULT true CHECK (id),
    -- while it is set, pages say so and no job is worked
    suspended_at      timestamptz,
    suspension_notice text NOT NULL DEFAULT '',
    -- the one-time code that makes the first administrator: derived from the nonce, found by the hash
    setup_nonce       text NOT NULL DEFAULT '',
    setup_hash        bytea,
    setup_expires_at  timestamptz,
    CHECK ((setup_nonce = '') = (setup_hash IS NULL)),
    CHECK ((setup_hash IS NULL) = (setup_expires_at IS NULL))
);

--bun:split

INSERT INTO installation DEFAULT VALUES;

--bun:split

-- The list of accounts, by name.
CREATE INDEX users_name ON users (fold(name), id);

--bun:split

CREATE INDEX users_support ON users (access_ends_at) WHERE kind = 'support' AND active;

--bun:split

-- Access that the provider gave to somebody who helps: why, by whom and until when. users.access_ends_at is
-- that of the newest.
CREATE TABLE support_accesses (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    bigint NOT NULL REFERENCES users,
    reason     text NOT NULL CHECK (reason <> ''),
    granted_by bigint REFERENCES users,
    granted_at timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL CHECK (ends_at > granted_at),
    -- when it ended: by itself, or before its time
    ended_at   timestamptz
);

--bun:split

CREATE INDEX support_accesses_granted ON support_accesses (granted_at DESC, id DESC);

--bun:split

CREATE UNIQUE INDEX support_accesses_open ON support_accesses (user_id) WHERE ended_at IS NULL;
