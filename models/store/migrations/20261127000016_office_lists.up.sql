-- What the lists of the office itself are sorted by.

CREATE INDEX users_by_name ON users (fold(name), id);
