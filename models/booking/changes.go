package booking

import (
	"context"
	"database/sql"
	"errors"

	"kurso/models/accounts"
	"kurso/models/outbox"
	"kurso/models/store"
)

// Subject is how audit entries name a booking.
const Subject = "booking"

// asApplicant says that whoever uses a link or a form acts as the applicant, even when signed in.
func asApplicant(ctx context.Context) context.Context {
	return store.WithActor(ctx, store.Actor{Kind: "applicant", RequestID: store.ActorOf(ctx).RequestID})
}

// lockBooking waits for one booking's row. Who needs its course too locks that one first.
func lockBooking(ctx context.Context, tx *store.Tx, where string, args ...any) (*Booking, error) {
	b := &Booking{}
	err := tx.NewSelect().Model(b).Where(where, args...).For("UPDATE").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	tx.Refresh()
	return b, err
}

// save writes the columns named and a new version.
func save(ctx context.Context, tx *store.Tx, b *Booking, columns ...string) error {
	b.Version++
	b.UpdatedAt = tx.Now()
	_, err := tx.NewUpdate().Model(b).Column(append(columns, "version", "updated_at")...).WherePK().Exec(ctx)
	return err
}

// mail is a letter about b to the applicant.
func (b *Booking) mail(letter string, version int) *outbox.Mail {
	return &outbox.Mail{BookingID: &b.ID, Letter: letter, Version: version, Recipient: b.Email, Locale: b.Locale}
}

// tellStaff writes a letter to the course's responsible staff, or to the provider when there is nobody.
func tellStaff(ctx context.Context, tx *store.Tx, b *Booking, letter string) error {
	users, err := accounts.Responsible(ctx, tx, b.CourseID)
	if err != nil {
		return err
	}
	for _, u := range users {
		m := &outbox.Mail{BookingID: &b.ID, UserID: &u.ID, Letter: letter, Recipient: u.Email, Locale: u.Locale}
		if err := outbox.Add(ctx, tx, m); err != nil {
			return err
		}
	}
	if len(users) > 0 {
		return nil
	}
	var address string
	if err := tx.NewRaw("SELECT email FROM provider").Scan(ctx, &address); err != nil {
		return err
	}
	return outbox.Add(ctx, tx, &outbox.Mail{BookingID: &b.ID, Letter: letter, Recipient: address, Locale: "de"})
}
