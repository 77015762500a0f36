package booking

import (
	"context"

	"kurso/models/outbox"
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
// confirmed as long as its link works. Staff is told of places that people wait for.
func ExpireHolds(ctx context.Context, st *store.Store, limit int) (int, error) {
	var expired []struct {
		ID       int64
		CourseID int64
		Version  int
		// Awaited: it held places of a course that people wait for.
		Awaited bool
	}
	err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		now := tx.Now()
		err := tx.NewRaw(`
			WITH due AS (
			    SELECT id FROM bookings
			    WHERE state = 'REQUESTED' AND (hold_expires_at <= ? OR hold_expires_at IS NULL AND verify_expires_at <= ?)
			    LIMIT ? FOR UPDATE SKIP LOCKED
			), expired AS (
			    UPDATE bookings b SET state = 'EXPIRED', network_hash = '', version = version + 1, updated_at = ?
			    FROM due WHERE b.id = due.id RETURNING b.id, b.course_id, b.version, b.hold_expires_at
			), noted AS (
			    INSERT INTO audit_entries (at, actor_kind, subject_type, subject_id, action, changes)
			    SELECT ?, 'system', ?, id, 'booking.expired', '[{"field": "state", "old": "REQUESTED", "new": "EXPIRED"}]' FROM expired
			)
			SELECT id, course_id, version, hold_expires_at IS NOT NULL AND EXISTS (
			    SELECT FROM bookings w WHERE w.course_id = expired.course_id AND w.state = 'WAITLISTED') AS awaited
			FROM expired ORDER BY id`, now, now, limit, now, now, Subject).Scan(ctx, &expired)
		told := map[int64]bool{}
		for _, b := range expired {
			if err == nil && b.Awaited && !told[b.CourseID] {
				told[b.CourseID] = true
				err = outbox.TellStaff(ctx, tx, outbox.NotifyStaff{Events: []outbox.Event{outbox.EventPlaceFree}, BookingID: b.ID, Version: b.Version})
			}
		}
		return err
	})
	return len(expired), err
}
