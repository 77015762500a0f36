package booking

import (
	"context"
	"database/sql"
	"errors"

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

// is reports whether the booking is still of the version that somebody saw; 0 is any.
func (b *Booking) is(version int) bool { return version == 0 || version == b.Version }

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

// tellStaff enqueues what tells staff of events that b, as it was saved last, has caused.
func tellStaff(ctx context.Context, tx *store.Tx, b *Booking, events ...outbox.Event) error {
	return outbox.TellStaff(ctx, tx, outbox.NotifyStaff{Events: events, BookingID: b.ID, Version: b.Version})
}
