package booking

import (
	"context"
	"database/sql"
	"errors"

	"kurso/models/audit"
	"kurso/models/outbox"
	"kurso/models/store"
)

// KeyNoPlaceForWaiting says that too few places are free for one who waits.
const KeyNoPlaceForWaiting = "error.booking.no_place_for_waiting"

// ConfirmFromWaitlist gives places to a booking that waits. Again, it changes nothing. version is that of the
// booking as the person saw it; 0 takes it as it is.
//
// Errors: *store.RuleError when too few places are free or the course takes no bookings; store.ErrConflict
// when the booking does not wait any more or was changed since; store.ErrNotFound.
func ConfirmFromWaitlist(ctx context.Context, st *store.Store, id int64, version int) (*Booking, error) {
	err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		var courseID int64
		err := tx.NewSelect().Model((*Booking)(nil)).Column("course_id").Where("id = ?", id).Scan(ctx, &courseID)
		if errors.Is(err, sql.ErrNoRows) {
			return store.ErrNotFound
		}
		if err != nil {
			return err
		}
		c, err := lockCourse(ctx, tx, courseID, lockClause, nil)
		if err != nil {
			return err
		}
		b, err := lockBooking(ctx, tx, "b.id = ?", id)
		if err != nil {
			return err
		}
		switch {
		case b.State == Confirmed:
			return nil
		case b.State != Waitlisted, !b.is(version):
			return store.ErrConflict
		case !takesBookings(c.State):
			return &store.RuleError{Key: KeyNotOffered}
		}
		if !c.Places.FitWaiting(b.Places) {
			return &store.RuleError{Key: KeyNoPlaceForWaiting, Args: []any{"Free", c.Places.Free(), "Places", b.Places}}
		}
		now := tx.Now()
		b.State, b.ConfirmedAt = Confirmed, &now
		if err := save(ctx, tx, b, "state", "confirmed_at"); err != nil {
			return err
		}
		if err := agree(ctx, tx, b); err != nil {
			return err
		}
		change := audit.Change{Field: "state", Old: Waitlisted, New: Confirmed}
		if err := audit.Write(ctx, tx, Subject, b.ID, "booking.confirmed", change); err != nil {
			return err
		}
		if err := outbox.Add(ctx, tx, b.mail(outbox.BookingConfirmed, 1)); err != nil || !c.Places.filledBy(b.Places) {
			return err
		}
		return tellStaff(ctx, tx, b, outbox.EventCourseFull)
	})
	if err != nil {
		return nil, err
	}
	return Load(ctx, st, id)
}
