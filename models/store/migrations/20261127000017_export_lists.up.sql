-- What one's own exports are sorted by.

CREATE INDEX exports_of_user ON exports (user_id, created_at, id);

--bun:split

DROP INDEX exports_user;
