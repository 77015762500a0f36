package booking

import (
	"context"

	"kurso/models/store"
)

// ExpireHoldsJob is the periodic job that runs ExpireHolds until nothing is due. It may run twice and
// beside itself: rows that another one has are skipped.
type ExpireHoldsJob struct{}

// Kind names the job.
func (ExpireHoldsJob) Kind() string { return "expire_holds" }

// ExpireHolds lets at most limit unverified bookings expire: those whose hold is over, and those without
// one whose link is. It returns how many there were; fewer than limit means that nothing more is due.
// Places are free from the moment a hold ends, with or without this; and an expired booking can still be
// confirmed as long as its link works.
func ExpireHolds(ctx context.Context, st *store.Store, limit int) (int, error) {
	var n int
	err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		now := tx.Now()
		return tx.NewRaw(`
			WITH due AS (
			    SELECT id FROM bookings
			    WHERE state = 'REQUESTED' AND (hold_expires_at <= ? OR hold_expires_at IS NULL AND verify_expires_at <= ?)
			    LIMIT ? FOR UPDATE SKIP LOCKED
			), expired AS (
			    UPDATE bookings b SET state = 'EXPIRED', network_hash = '', version = version + 1, updated_at = ?
			    FROM due WHERE b.id = due.id RETURNING b.id
			), noted AS (
			    INSERT INTO audit_entries (at, actor_kind, subject_type, subject_id, action, changes)
			    SELECT ?, 'system', ?, id, 'booking.expired', '[{"field": "state", "old": "REQUESTED", "new": "EXPIRED"}]' FROM expired
			)
			SELECT count(*) FROM expired`, now, now, limit, now, now, Subject).Scan(ctx, &n)
	})
	return n, err
}
