package admin_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"kurso/models/audit"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/store"
)

// The page of a booking shows what was agreed, who booked, and what is different now.
func TestABookingsPageShowsWhatWasAgreed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	location := o.location
	c := o.MustCreateCourse(t, func(c *catalog.Course) { c.Name, c.Number, c.LocationID = "Töpfern", "T7", &location })
	b := o.MustConfirm(t, o.MustRequest(t, c))
	page := "/admin/bookings/" + strconv.FormatInt(b.ID, 10)
	a := o.Get(t, page)
	facts := strings.Join(a.Texts(".k-facts > div"), "\n")
	for _, want := range []string{"KursTöpfern", "KursnummerT7", "OrtHaus am Markt, Marktplatz 1, 89073 Ulm", "Gebucht durchBuchende Person, online"} {
		if !strings.Contains(facts, want) {
			t.Errorf("%q is not among the facts:\n%s", want, facts)
		}
	}
	if a.Find("#changed").Length() != 0 {
		t.Errorf("nothing changed, but: %q", a.Texts("#changed"))
	}

	in := o.form(t, c.ID)
	in.Name, in.Prices[0].Amount, in.Sessions[1].Date, in.EndDate = "Töpfern für alle", "90", "2026-12-31", "2026-12-31"
	if err := catalog.UpdateCourse(t.Context(), o.Store, c.ID, in); err != nil {
		t.Fatal(err)
	}
	a = o.Get(t, page)
	want(t, "what changed", a.Texts("#changed li"), []string{
		"Titel: Töpfern → Töpfern für alle", "Ende: 30.12.2026 → 31.12.2026",
		"Termin entfällt: Mi., 30.12.2026, 18:30–21:00 Uhr", "Neuer Termin: Do., 31.12.2026, 18:30–21:00 Uhr",
		"Preis „Normalpreis“: 82,80 € → 90,00 €",
	})
	if facts := strings.Join(a.Texts(".k-facts > div"), "\n"); !strings.Contains(facts, "KursTöpfern\n") || strings.Contains(facts, "31.12.2026") {
		t.Errorf("the facts are not those agreed:\n%s", facts)
	}
	if !strings.Contains(a.Find("ol.k-lines").Text(), "82,80") {
		t.Error("the price is not the one agreed")
	}

	// a booking from before terms were kept says so
	old := o.Get(t, "/admin/bookings/"+strconv.FormatInt(o.waiting, 10))
	if !strings.Contains(old.Find("main").Text(), "noch nicht festgehalten") {
		t.Error("nothing says that these are today's facts")
	}
}

func TestWhoBooked(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var id int64
	o.Must(t, func(ctx context.Context, tx *store.Tx) error {
		staff := store.WithActor(ctx, store.Actor{Kind: "user", UserID: o.user})
		if err := tx.NewRaw(`INSERT INTO bookings (course_id, state, places, total_cents, origin, first_name, last_name, email, form_nonce, verify_nonce, verify_hash,
			verify_expires_at, verify_sent_at, manage_nonce, manage_hash, requested_at, confirmed_at, updated_at)
			SELECT course_id, 'CONFIRMED', places, total_cents, 'staff', first_name, last_name, email, 'x', 'x', 'x', verify_expires_at, verify_sent_at, 'x', 'x',
			requested_at, requested_at, updated_at FROM bookings WHERE id = ? RETURNING id`, o.waiting).Scan(ctx, &id); err != nil {
			return err
		}
		if err := audit.Write(staff, tx, booking.Subject, id, "booking.requested"); err != nil {
			return err
		}
		return audit.Write(store.WithActor(ctx, store.Actor{Kind: "system"}), tx, booking.Subject, id, "booking.expired")
	})
	a := o.Get(t, "/admin/bookings/"+strconv.FormatInt(id, 10))
	if facts := strings.Join(a.Texts(".k-facts > div"), "\n"); !strings.Contains(facts, "Gebucht durchErika Beispiel, im Büro") {
		t.Errorf("who booked:\n%s", facts)
	}
}
