-- Many bookings that one person cancels together: a job goes through them, each in a transaction of its own.
CREATE TABLE bulk_cancellations (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id     bigint NOT NULL REFERENCES users,
    state       text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'finished', 'stopped')),
    created_at  timestamptz NOT NULL,
    finished_at timestamptz,
    CHECK ((state = 'running') = (finished_at IS NULL))
);

--bun:split

CREATE INDEX bulk_cancellations_user ON bulk_cancellations (user_id, id);

--bun:split

CREATE INDEX bulk_cancellations_running ON bulk_cancellations (user_id) WHERE state = 'running';

--bun:split

CREATE TABLE bulk_cancellation_bookings (
    bulk_cancellation_id bigint NOT NULL REFERENCES bulk_cancellations ON DELETE CASCADE,
    booking_id           bigint NOT NULL REFERENCES bookings ON DELETE CASCADE,
    -- what came of it; NULL while it waits
    outcome              text CHECK (outcome IN ('cancelled', 'closed', 'beyond', 'forbidden', 'failed', 'stopped')),
    done_at              timestamptz,
    PRIMARY KEY (bulk_cancellation_id, booking_id),
    CHECK ((outcome IS NULL) = (done_at IS NULL))
);

--bun:split

-- A booking waits to be cancelled once.
CREATE UNIQUE INDEX bulk_cancellation_bookings_waiting ON bulk_cancellation_bookings (booking_id) WHERE outcome IS NULL;

--bun:split

-- What waits in one, in its order.
CREATE INDEX bulk_cancellation_bookings_next ON bulk_cancellation_bookings (bulk_cancellation_id, booking_id) WHERE outcome IS NULL;

--bun:split

CREATE INDEX bulk_cancellation_bookings_booking ON bulk_cancellation_bookings (booking_id);
