package booking

import (
	"context"
	"database/sql"
	"errors"

	"kurso/models/audit"
	"kurso/models/outbox"
	"kurso/models/people"
	"kurso/models/store"
)

// Confirm verifies the applicant's e-mail by the token of the link. A place held is theirs; else they get
// one that is free and that nobody waits for, or wait: CONFIRMED or WAITLISTED, linked to a person, with a
// mail to them; and staff is told. Again, it changes nothing and returns the booking as it is.
//
// Errors: store.ErrNotFound for an unknown token or one that a newer link replaced; store.ErrGone when it
// has expired; *store.RuleError when the course takes no bookings any more.
func Confirm(ctx context.Context, st *store.Store, token string) (*Booking, error) {
	var id int64
	err := st.InTx(asApplicant(ctx), func(ctx context.Context, tx *store.Tx) error {
		var courseID int64
		hash := store.HashToken(token)
		err := tx.NewSelect().Model((*Booking)(nil)).Column("id", "course_id").Where("verify_hash = ?", hash).Scan(ctx, &id, &courseID)
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
		b, err := lockBooking(ctx, tx, "b.verify_hash = ?", hash)
		if err != nil {
			return err
		}
		if b.State != Requested && b.State != Expired {
			return nil
		}
		if !tx.Now().Before(b.VerifyExpiresAt) {
			return store.ErrGone
		}
		if !takesBookings(c.State) {
			return &store.RuleError{Key: KeyNotOffered}
		}
		return confirm(ctx, tx, c, b)
	})
	if err != nil {
		return nil, err
	}
	return Load(ctx, st, id)
}

func confirm(ctx context.Context, tx *store.Tx, c *lockedCourse, b *Booking) error {
	now, before := tx.Now(), b.State
	held, others := false, c.Places
	if b.State == Requested && b.HoldExpiresAt != nil {
		// A hold that ended during the wait for the course may have gone to somebody else meanwhile.
		held = b.HoldExpiresAt.After(now)
		if b.HoldExpiresAt.After(c.CountedAt) {
			others.Taken -= b.Places
		}
	}
	placed := held || others.Fit(b.Places)
	if placed {
		b.State, b.ConfirmedAt = Confirmed, &now
	} else {
		b.State, b.WaitlistedAt = Waitlisted, &now
	}
	person := &people.Person{
		FirstName: b.FirstName, LastName: b.LastName, Email: b.Email, Phone: b.Phone,
		Street: b.Street, Zip: b.Zip, Town: b.Town, Country: b.Country,
	}
	if err := people.FindOrCreate(ctx, tx, person); err != nil {
		return err
	}
	b.PersonID, b.NetworkHash = &person.ID, ""
	if err := save(ctx, tx, b, "state", "confirmed_at", "waitlisted_at", "person_id", "network_hash"); err != nil {
		return err
	}
	if err := agree(ctx, tx, b); err != nil {
		return err
	}
	action, letter, events := "booking.confirmed", outbox.BookingConfirmed, []outbox.Event{outbox.EventBooking}
	switch {
	case !placed:
		action, letter, events = "booking.waitlisted", outbox.BookingWaitlisted, []outbox.Event{outbox.EventWaitlist}
	case c.Places.filledBy(b.Places):
		events = append(events, outbox.EventCourseFull)
	}
	if err := audit.Write(ctx, tx, Subject, b.ID, action, audit.Change{Field: "state", Old: before, New: b.State}); err != nil {
		return err
	}
	if err := outbox.Add(ctx, tx, b.mail(letter, 1)); err != nil {
		return err
	}
	return tellStaff(ctx, tx, b, events...)
}
