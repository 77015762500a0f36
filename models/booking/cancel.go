package booking

import (
	"context"

	"kurso/models/audit"
	"kurso/models/catalog"
	"kurso/models/outbox"
	"kurso/models/store"
)

// KeyTooLateToCancel says that the provider's period is over.
const KeyTooLateToCancel = "error.booking.too_late_to_cancel"

// Cancel gives the places back on behalf of the applicant, by the token of the link in their mails.
// Again, it changes nothing.
//
// Errors: store.ErrNotFound for an unknown token; *store.RuleError when the provider's period is over;
// store.ErrGone when there is nothing to cancel any more.
func Cancel(ctx context.Context, st *store.Store, token string) (*Booking, error) {
	return inChange(asApplicant(ctx), st, "b.manage_hash = ?", store.HashToken(token), func(ctx context.Context, tx *store.Tx, b *Booking) error {
		switch b.State {
		case Cancelled:
			return nil
		case Rejected, Expired:
			return store.ErrGone
		}
		provider, err := catalog.LoadProvider(ctx, tx)
		if err != nil {
			return err
		}
		b.Course = &catalog.Course{}
		err = tx.NewSelect().Model(b.Course).Column("id", "start_date").Relation("Sessions").Where("c.id = ?", b.CourseID).Scan(ctx)
		if err != nil {
			return err
		}
		if !Cancellable(b, provider, tx.Now()) {
			return &store.RuleError{Key: KeyTooLateToCancel, Args: []any{"Days", provider.CancellationDays}}
		}
		return cancel(ctx, tx, b)
	})
}

// CancelByStaff gives the places back at any time. Again, it changes nothing. version is that of the booking as
// the person saw it; 0 takes it as it is.
//
// Errors: store.ErrNotFound; store.ErrConflict when the booking was rejected, has expired or was changed since.
func CancelByStaff(ctx context.Context, st *store.Store, id int64, version int) (*Booking, error) {
	return inChange(ctx, st, "b.id = ?", id, func(ctx context.Context, tx *store.Tx, b *Booking) error {
		switch {
		case b.State == Cancelled:
			return nil
		case b.State == Rejected, b.State == Expired, !b.is(version):
			return store.ErrConflict
		}
		return cancel(ctx, tx, b)
	})
}

func cancel(ctx context.Context, tx *store.Tx, b *Booking) error {
	now, before := tx.Now(), b.State
	b.State, b.ClosedAt = Cancelled, &now
	if err := save(ctx, tx, b, "state", "closed_at"); err != nil {
		return err
	}
	if err := audit.Write(ctx, tx, Subject, b.ID, "booking.cancelled", audit.Change{Field: "state", Old: before, New: b.State}); err != nil {
		return err
	}
	if before == Requested {
		// nobody has shown that the address is theirs, and staff has not heard of the booking
		if b.HoldExpiresAt == nil {
			return nil
		}
		return tellStaff(ctx, tx, b, outbox.EventPlaceFree)
	}
	if err := outbox.Add(ctx, tx, b.mail(outbox.BookingCancelled, 1)); err != nil {
		return err
	}
	if before == Waitlisted {
		return tellStaff(ctx, tx, b, outbox.EventCancellation)
	}
	return tellStaff(ctx, tx, b, outbox.EventCancellation, outbox.EventPlaceFree)
}

// inChange locks one booking, runs fn, and returns the booking as it is afterwards.
func inChange(ctx context.Context, st *store.Store, where string, arg any, fn func(context.Context, *store.Tx, *Booking) error) (*Booking, error) {
	var id int64
	err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		b, err := lockBooking(ctx, tx, where, arg)
		if err != nil {
			return err
		}
		id = b.ID
		return fn(ctx, tx, b)
	})
	if err != nil {
		return nil, err
	}
	return Load(ctx, st, id)
}
