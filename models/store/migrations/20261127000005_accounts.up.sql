-- Personal accounts: who they are, what they may do, and the links that invite them.

-- An account without a password was invited and has not come yet. Support helps for a time, outside the
-- licence.
ALTER TABLE users
    ADD COLUMN kind text NOT NULL DEFAULT 'staff' CHECK (kind IN ('staff', 'support')),
    ADD COLUMN access_ends_at timestamptz,
    ADD COLUMN deactivated_at timestamptz,
    ADD COLUMN version integer NOT NULL DEFAULT 1,
    ADD CONSTRAINT users_support CHECK ((kind = 'support') = (access_ends_at IS NOT NULL));

--bun:split

-- A role is a set of permissions and how far they reach. Ready roles have a key; their name is empty until
-- the provider gives them one of its own. The role with the key 'administration' may do everything.
CREATE TABLE roles (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key           text UNIQUE,
    name          text NOT NULL DEFAULT '',
    description   text NOT NULL DEFAULT '',
    -- which courses, and what belongs to them, the permissions cover
    reach         text NOT NULL DEFAULT 'all' CHECK (reach IN ('all', 'own', 'categories')),
    second_factor boolean NOT NULL DEFAULT false,
    position      integer NOT NULL DEFAULT 0,
    version       integer NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    CHECK (key IS NOT NULL OR name <> ''),
    CHECK (key IS DISTINCT FROM 'administration' OR reach = 'all')
);

--bun:split

CREATE UNIQUE INDEX roles_name ON roles (lower(name)) WHERE name <> '';

--bun:split

CREATE TABLE role_permissions (
    role_id    bigint NOT NULL REFERENCES roles ON DELETE CASCADE,
    permission text NOT NULL CHECK (permission ~ '^[a-z_]+\.[a-z_]+$'),
    PRIMARY KEY (role_id, permission)
);

--bun:split

CREATE TABLE role_categories (
    role_id     bigint NOT NULL REFERENCES roles ON DELETE CASCADE,
    category_id bigint NOT NULL REFERENCES categories ON DELETE CASCADE,
    PRIMARY KEY (role_id, category_id)
);

--bun:split

CREATE INDEX role_categories_category ON role_categories (category_id);

--bun:split

CREATE TABLE user_roles (
    user_id bigint NOT NULL REFERENCES users,
    role_id bigint NOT NULL REFERENCES roles,
    PRIMARY KEY (user_id, role_id)
);

--bun:split

CREATE INDEX user_roles_role ON user_roles (role_id);

--bun:split

-- An instructor with an account sees the courses they teach.
ALTER TABLE instructors ADD COLUMN user_id bigint UNIQUE REFERENCES users;

--bun:split

INSERT INTO roles (key, reach, position, created_at, updated_at)
SELECT key, CASE key WHEN 'instructor' THEN 'own' ELSE 'all' END, position, now(), now()
FROM unnest(ARRAY['administration', 'bookkeeping', 'planning', 'front_desk', 'instructor', 'read_only']) WITH ORDINALITY AS ready (key, position);

--bun:split

INSERT INTO role_permissions (role_id, permission)
SELECT roles.id, ready.permission
FROM (VALUES
    ('bookkeeping', 'courses.read'), ('bookkeeping', 'bookings.read'), ('bookkeeping', 'outbox.read'), ('bookkeeping', 'audit.read'),
    ('planning', 'courses.read'), ('planning', 'courses.write'), ('planning', 'courses.publish'), ('planning', 'courses.delete'),
    ('planning', 'catalogue.read'), ('planning', 'catalogue.write'), ('planning', 'imports.read'), ('planning', 'imports.write'),
    ('planning', 'bookings.read'), ('planning', 'participants.read'),
    ('front_desk', 'courses.read'), ('front_desk', 'catalogue.read'), ('front_desk', 'bookings.read'), ('front_desk', 'bookings.write'),
    ('front_desk', 'participants.read'), ('front_desk', 'outbox.read'), ('front_desk', 'outbox.write'),
    ('instructor', 'courses.read'), ('instructor', 'participants.read'),
    ('read_only', 'courses.read'), ('read_only', 'catalogue.read'), ('read_only', 'bookings.read'), ('read_only', 'participants.read'),
    ('read_only', 'imports.read'), ('read_only', 'outbox.read'), ('read_only', 'settings.read')
) AS ready (key, permission) JOIN roles USING (key);

--bun:split

-- Who had an account before there were roles could do everything.
INSERT INTO user_roles (user_id, role_id) SELECT users.id, roles.id FROM users, roles WHERE roles.key = 'administration';

--bun:split

-- Links in mails to staff: derived tokens, of which only nonce and hash are kept. A link is used once.
CREATE TABLE account_tokens (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    bigint NOT NULL REFERENCES users,
    purpose    text NOT NULL CHECK (purpose IN ('invitation', 'password_reset', 'email_old', 'email_new')),
    -- the address that a change of e-mail leads to
    email      text NOT NULL DEFAULT '',
    nonce      text NOT NULL,
    hash       bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);

--bun:split

CREATE INDEX account_tokens_user ON account_tokens (user_id, purpose) WHERE used_at IS NULL;

--bun:split

-- What a letter is about when it is no booking: an account's link, a sign-in, a digest.
ALTER TABLE mails
    ADD COLUMN subject text NOT NULL DEFAULT '',
    ADD COLUMN subject_id bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT mails_subject CHECK ((subject = '') = (subject_id = 0)),
    ADD CONSTRAINT mails_one_subject CHECK (booking_id IS NULL OR subject = '');

--bun:split

CREATE UNIQUE INDEX mails_once_subject ON mails (subject, subject_id, letter, version, coalesce(user_id, 0)) WHERE subject <> '';
