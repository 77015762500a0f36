-- A user may want to hear, at once or in the digest, that a large export of theirs has ended.
ALTER TABLE notifications ADD COLUMN export_id bigint REFERENCES exports ON DELETE CASCADE;

--bun:split

ALTER TABLE notifications DROP CONSTRAINT notifications_check;

--bun:split

ALTER TABLE notifications ADD CONSTRAINT notifications_about_one CHECK (num_nonnulls(booking_id, notice_id, mail_id, import_id, export_id) = 1);

--bun:split

ALTER TABLE notifications DROP CONSTRAINT notifications_once;

--bun:split

ALTER TABLE notifications ADD CONSTRAINT notifications_once
    UNIQUE NULLS NOT DISTINCT (user_id, event, booking_id, notice_id, mail_id, import_id, export_id, version);

--bun:split

CREATE INDEX notifications_export ON notifications (export_id) WHERE export_id IS NOT NULL;
