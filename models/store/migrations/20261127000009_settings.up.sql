-- Settings: what kind of provider this is, the languages of its public pages, who its mails come from and
-- which prices new courses begin with; and how far the set-up assistant has come.

ALTER TABLE provider
    ADD COLUMN kind text NOT NULL DEFAULT ''
        CHECK (kind IN ('', 'adult_education', 'academy', 'club', 'company', 'church', 'music_school')),
    -- of the public pages
    ADD COLUMN languages text[] NOT NULL DEFAULT '{de,en}'
        CHECK (languages <@ '{de,en}' AND cardinality(languages) BETWEEN 1 AND 2),
    ADD COLUMN default_language text NOT NULL DEFAULT 'de',
    -- empty: name and e-mail
    ADD COLUMN sender_name text NOT NULL DEFAULT '',
    ADD COLUMN sender_email text NOT NULL DEFAULT '' CHECK (sender_email = '' OR sender_email LIKE '%_@_%'),
    -- who gets the answers of applicants
    ADD COLUMN reply_to text NOT NULL DEFAULT 'responsible' CHECK (reply_to IN ('responsible', 'provider')),
    ADD COLUMN signature_de text NOT NULL DEFAULT '',
    ADD COLUMN signature_en text NOT NULL DEFAULT '',
    ADD COLUMN dkim_selectors text[] NOT NULL DEFAULT '{}',
    -- [{name, amount_cents, note}]; amount_cents is null when it differs from course to course
    ADD COLUMN price_tiers jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(price_tiers) = 'array'),
    ADD CONSTRAINT provider_default_language CHECK (default_language = ANY (languages));

--bun:split

-- How far the set-up assistant has come: exactly one row.
CREATE TABLE setup_assistant (
    id                  boolean PRIMARY KEY DEFAULT true CHECK (id),
    -- the steps that were saved or skipped
    done                text[] NOT NULL DEFAULT '{}',
    example_course_id   bigint REFERENCES courses ON DELETE SET NULL,
    example_location_id bigint REFERENCES locations ON DELETE SET NULL
);

--bun:split

INSERT INTO setup_assistant DEFAULT VALUES;
