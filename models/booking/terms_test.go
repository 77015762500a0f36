package booking_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/store"
)

func agreement(t *testing.T, w *modeltest.World, id int64) *booking.Agreement {
	t.Helper()
	a, err := booking.LoadAgreement(t.Context(), w.Store, id, w.Now())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// What was agreed stays, whatever happens to course, place, price and provider afterwards.
func TestABookingKeepsWhatWasAgreed(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	location, err := catalog.SaveLocation(t.Context(), w.Store, 0, catalog.LocationInput{Name: "Haus am Markt", Street: "Marktplatz 1", Zip: "89073", Town: "Ulm",
		Rooms: []catalog.RoomInput{{Name: "Raum 101"}}})
	if err != nil {
		t.Fatal(err)
	}
	c := w.MustCreateCourse(t, func(c *catalog.Course) { c.Number, c.Name, c.LocationID = "E1", "Englisch A1", &location })
	b := w.MustRequest(t, c)
	if a := agreement(t, w, b.ID); a.Then != nil || a.Agreed().Name != "Englisch A1" {
		t.Errorf("nothing is agreed yet: %+v", a.Then)
	}
	w.Clock.Advance(time.Minute)
	w.MustConfirm(t, b)
	a := agreement(t, w, b.ID)
	if a.Then == nil || !a.Then.At.Equal(w.Now()) || len(a.Prices)+len(a.Gone())+len(a.New()) != 0 {
		t.Fatalf("agreed: %+v", a)
	}

	p, err := catalog.LoadProvider(t.Context(), w.Store)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := catalog.LoadCourse(t.Context(), w.Store, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	in := catalog.CourseInputOf(loaded, nil, p.Zone())
	in.Name, in.Number, in.Prices[0].Amount, in.Prices[1].Remove = "Englisch A2", "E2", "90", true
	in.Sessions[0].From, in.Sessions[0].Room = "18:00", "1"
	if err := catalog.UpdateCourse(t.Context(), w.Store, c.ID, in); err != nil {
		t.Fatal(err)
	}
	l, err := catalog.LoadLocation(t.Context(), w.Store, location)
	if err != nil {
		t.Fatal(err)
	}
	place := catalog.LocationInputOf(l)
	place.Street = "Neue Straße 2"
	if _, err := catalog.SaveLocation(t.Context(), w.Store, location, place); err != nil {
		t.Fatal(err)
	}
	provider := catalog.ProfileInputOf(p)
	provider.Street, provider.Town = "Umzug 3", "Neu-Ulm"
	if err := catalog.SaveSettings(t.Context(), w.Store, provider); err != nil {
		t.Fatal(err)
	}

	a = agreement(t, w, b.ID)
	then, now := a.Agreed(), a.Now
	if then.Name != "Englisch A1" || then.Number != "E1" || then.Location.Street != "Marktplatz 1" || then.Provider.Town == "Neu-Ulm" {
		t.Errorf("what was agreed changed: %+v", then)
	}
	if now.Name != "Englisch A2" || now.Number != "E2" || now.Location.Street != "Neue Straße 2" || now.Provider.Town != "Neu-Ulm" {
		t.Errorf("now: %+v", now)
	}
	if then.StartDate != c.StartDate.Format(time.DateOnly) || !then.Sessions[0].StartsAt.Equal(c.Sessions[0].StartsAt) {
		t.Errorf("days: %+v", then)
	}
	if gone, fresh := a.Gone(), a.New(); len(gone) != 1 || len(fresh) != 1 || gone[0].Room != "" || fresh[0].Room != "Raum 101" ||
		!fresh[0].StartsAt.Equal(gone[0].StartsAt.Add(-30*time.Minute)) {
		t.Errorf("sessions: gone %+v, new %+v", gone, fresh)
	}
	if len(a.Prices) != 1 || a.Prices[0].Name != "Normalpreis" || a.Prices[0].Then != 8280 || a.Prices[0].Now == nil || *a.Prices[0].Now != 9000 {
		t.Errorf("prices: %+v", a.Prices)
	}
	if again, err := booking.Load(t.Context(), w.Store, b.ID); err != nil || again.TotalCents != 8280 || again.Participants[0].AmountCents != 8280 {
		t.Errorf("the booking's price changed: %+v, %v", again, err)
	}

	loaded, err = catalog.LoadCourse(t.Context(), w.Store, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	in = catalog.CourseInputOf(loaded, nil, p.Zone())
	in.Prices = append(in.Prices, catalog.PriceInput{Name: "Neu", Amount: "95"})
	in.Prices[0].Remove = true
	if err := catalog.UpdateCourse(t.Context(), w.Store, c.ID, in); err != nil {
		t.Fatal(err)
	}
	if a := agreement(t, w, b.ID); len(a.Prices) != 1 || a.Prices[0].Now != nil {
		t.Errorf("a price no longer offered: %+v", a.Prices)
	}
}

// A place from the waiting list is agreed as the course is then.
func TestAPlaceFromTheWaitlistIsAgreedAnew(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t, modeltest.Places(1))
	first := w.MustConfirm(t, w.MustRequest(t, c))
	waits := w.MustConfirm(t, w.MustRequest(t, c, modeltest.Wait))
	if a := agreement(t, w, waits.ID); a.Then == nil || a.Then.Name != c.Name {
		t.Fatalf("waiting: %+v", a.Then)
	}
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE courses SET name = 'Umbenannt' WHERE id = ?", c.ID).Exec(ctx)
		return err
	})
	if _, err := booking.CancelByStaff(t.Context(), w.Store, first.ID, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := booking.ConfirmFromWaitlist(t.Context(), w.Store, waits.ID, 0); err != nil {
		t.Fatal(err)
	}
	if a := agreement(t, w, waits.ID); a.Then.Name != "Umbenannt" {
		t.Errorf("placed: %+v", a.Then)
	}
	if a := agreement(t, w, first.ID); a.Then.Name != c.Name || a.Now.Name != "Umbenannt" {
		t.Errorf("cancelled: %+v", a)
	}
	if _, err := booking.LoadAgreement(t.Context(), w.Store, 12345, w.Now()); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no booking: %v", err)
	}
}

// A person moves; the booking shows where they lived.
func TestABookingKeepsItsAddress(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	before := w.MustConfirm(t, w.MustRequest(t, c))
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE persons SET last_name = 'Anders', street = 'Neu 1', zip = '1', town = 'Neu', phone = '1', email = 'neu@example.org' WHERE id = ?",
			*before.PersonID).Exec(ctx)
		return err
	})
	after, err := booking.Load(t.Context(), w.Store, before.ID)
	if err != nil {
		t.Fatal(err)
	}
	if after.Street != "Lindenstraße 1" || after.Zip != "10969" || after.Town != "Berlin" || after.LastName != before.LastName || after.Email != before.Email {
		t.Errorf("the booking changed with the person: %+v", after)
	}
}
