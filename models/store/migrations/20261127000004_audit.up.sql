-- The audit log keeps itself: nobody changes it, and a hash chain over it shows whoever did. All of this may run
-- twice, should a lock not be had in time.

-- Entries that are committed and not sealed yet. Rows come from a trigger and go with the sealing, so that the
-- chain, which one process writes, costs the transactions of others nothing.
CREATE TABLE IF NOT EXISTS audit_unsealed (
    entry_id bigint PRIMARY KEY
);

--bun:split

-- The chain: hash = SHA-256(hash of the seal before ‖ the entry), models/audit/chain.go says which bytes.
CREATE TABLE IF NOT EXISTS audit_seals (
    seq      bigint PRIMARY KEY CHECK (seq > 0),
    entry_id bigint NOT NULL UNIQUE REFERENCES audit_entries,
    hash     bytea NOT NULL CHECK (length(hash) = 32)
);

--bun:split

-- Old and new values that tell about a person. Entries hold salted commitments to them, so that these rows can be
-- deleted and the chain still holds. position is that of the change in its entry, from 0.
CREATE TABLE IF NOT EXISTS audit_values (
    entry_id bigint NOT NULL REFERENCES audit_entries,
    position integer NOT NULL CHECK (position >= 0),
    old      text NOT NULL,
    old_salt bytea NOT NULL CHECK (length(old_salt) = 16),
    new      text NOT NULL,
    new_salt bytea NOT NULL CHECK (length(new_salt) = 16),
    PRIMARY KEY (entry_id, position)
);

--bun:split

-- As the owner: the application's role need not be able to write to the queue.
CREATE OR REPLACE FUNCTION audit_queue() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.audit_unsealed (entry_id) SELECT id FROM fresh;
    RETURN NULL;
END
$$;

--bun:split

CREATE OR REPLACE TRIGGER audit_entries_queue AFTER INSERT ON audit_entries
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION audit_queue();

--bun:split

-- Rights refuse the application's role; this also refuses the owner's, where there is only one.
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the audit log is appended and never changed', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END
$$;

--bun:split

CREATE OR REPLACE TRIGGER audit_entries_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

--bun:split

CREATE OR REPLACE TRIGGER audit_seals_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seals
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

--bun:split

CREATE OR REPLACE TRIGGER audit_values_refuse BEFORE UPDATE OR TRUNCATE ON audit_values
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

--bun:split

-- also for a session that calls itself a replica
ALTER TABLE audit_entries ENABLE ALWAYS TRIGGER audit_entries_refuse;

--bun:split

ALTER TABLE audit_seals ENABLE ALWAYS TRIGGER audit_seals_refuse;

--bun:split

ALTER TABLE audit_values ENABLE ALWAYS TRIGGER audit_values_refuse;

--bun:split

-- What was written before there was a trigger.
INSERT INTO audit_unsealed (entry_id)
SELECT e.id FROM audit_entries e WHERE NOT EXISTS (SELECT FROM audit_seals s WHERE s.entry_id = e.id)
ON CONFLICT DO NOTHING;

--bun:split

-- The search: newest first by person, kind of record, action, or all; by the request that an error page names.
-- An index whose making was cut off is not valid and must go first.
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_at;

--bun:split

CREATE INDEX CONCURRENTLY audit_entries_at ON audit_entries (at, id);

--bun:split

DROP INDEX CONCURRENTLY IF EXISTS audit_entries_subject_type_at;

--bun:split

CREATE INDEX CONCURRENTLY audit_entries_subject_type_at ON audit_entries (subject_type, at, id);

--bun:split

DROP INDEX CONCURRENTLY IF EXISTS audit_entries_action_at;

--bun:split

CREATE INDEX CONCURRENTLY audit_entries_action_at ON audit_entries (action, at, id);

--bun:split

DROP INDEX CONCURRENTLY IF EXISTS audit_entries_actor_at;

--bun:split

CREATE INDEX CONCURRENTLY audit_entries_actor_at ON audit_entries (actor_id, at, id) WHERE actor_id IS NOT NULL;

--bun:split

DROP INDEX CONCURRENTLY IF EXISTS audit_entries_request;

--bun:split

CREATE INDEX CONCURRENTLY audit_entries_request ON audit_entries (request_id) WHERE request_id <> '';

--bun:split

-- The one above serves its queries.
DROP INDEX CONCURRENTLY IF EXISTS audit_entries_actor;
