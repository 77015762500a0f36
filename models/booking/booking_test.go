package booking_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"kurso/models/audit"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/outbox"
	"kurso/models/store"
)

// letters lists the mails of a booking as "letter recipient", in the order in which they were written.
func letters(t *testing.T, w *modeltest.World, b *booking.Booking) []string {
	t.Helper()
	w.MustNotify(t)
	var out []string
	err := w.NewRaw("SELECT letter || ' ' || recipient FROM mails WHERE booking_id = ? ORDER BY id", b.ID).Scan(t.Context(), &out)
	if err != nil {
		t.Fatal(err)
	}
	var jobs int
	err = w.NewRaw(`SELECT count(DISTINCT m.id) FROM mails m JOIN river_job j ON j.kind = 'send_mail' AND (j.args ->> 'mail_id')::bigint = m.id
		WHERE m.booking_id = ?`, b.ID).Scan(t.Context(), &jobs)
	if err != nil {
		t.Fatal(err)
	}
	if jobs != len(out) {
		t.Errorf("%d mails have %d jobs", len(out), jobs)
	}
	return out
}

func history(t *testing.T, w *modeltest.World, b *booking.Booking) []string {
	t.Helper()
	entries, err := audit.History(t.Context(), w.Store, booking.Subject, b.ID, 100)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range slices.Backward(entries) {
		out = append(out, e.ActorKind+" "+e.Action)
	}
	return out
}

func placesOf(t *testing.T, w *modeltest.World, c *catalog.Course) booking.Places {
	t.Helper()
	places, err := booking.PlacesOf(t.Context(), w.Store, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	return places[c.ID]
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func equalList(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// refusedBy asserts a *store.RuleError with this key, and returns its arguments.
func refusedBy(t *testing.T, err error, key string) []any {
	t.Helper()
	var rule *store.RuleError
	if !errors.As(err, &rule) || rule.Key != key {
		t.Fatalf("error is %v, want the rule %s", err, key)
	}
	return rule.Args
}

func mustExec(t *testing.T, w *modeltest.World, sql string, args ...any) {
	t.Helper()
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw(sql, args...).Exec(ctx)
		return err
	})
}

func TestBookingIsRequestedConfirmedAndCancelled(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	anna := w.MustCreateUser(t, "Anna Amt", "front_desk")
	gone := w.MustCreateUser(t, "Gustav Gegangen", "front_desk")
	mustExec(t, w, "UPDATE users SET active = false WHERE id = ?", gone.ID)
	mustExec(t, w, "INSERT INTO course_staff VALUES (?, ?), (?, ?)", c.ID, anna.ID, c.ID, gone.ID)

	in := modeltest.BookingInput(c, modeltest.For(2))
	in.Participants[1].PriceTierID = c.PriceTiers[1].ID
	in.FormNonce = "n"
	seen := int64(8280 + 4700)
	in.SeenTotalCents = &seen
	receipt, err := booking.Request(t.Context(), w.Store, in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := booking.OpenReceipt(w.Store, receipt.Token)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "receipt's course", again.CourseID, c.ID)
	equal(t, "receipt's hold", again.HoldExpiresAt.Equal(modeltest.Start.Add(time.Hour)), true)

	list, err := booking.Recent(t.Context(), w.Store, booking.Filter{}, 50)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	b, err := booking.Load(t.Context(), w.Store, list[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "state", b.State, booking.Requested)
	equal(t, "places", b.Places, 2)
	equal(t, "total", b.TotalCents, 8280+4700)
	equal(t, "participants", len(b.Participants), 2)
	equal(t, "second price", b.Participants[1].PriceName, "ermäßigt")
	equal(t, "course", b.Course.Name, c.Name)
	equal(t, "sessions", len(b.Course.Sessions), 2)
	equal(t, "person", b.PersonID, nil)
	equal(t, "network kept", b.NetworkHash != "" && b.NetworkHash != in.Network, true)
	equal(t, "taken", placesOf(t, w, c).Taken, 2)
	equalList(t, "mails", letters(t, w, b), "booking_verify "+in.Email)

	// looking does not confirm
	for range 3 {
		if _, err := booking.LoadByVerifyToken(t.Context(), w.Store, w.VerifyToken(b)); err != nil {
			t.Fatal(err)
		}
	}
	confirmed := w.MustConfirm(t, b)
	equal(t, "state", confirmed.State, booking.Confirmed)
	equal(t, "network after verifying", confirmed.NetworkHash, "")
	equal(t, "linked", confirmed.PersonID != nil, true)
	equalList(t, "mails", letters(t, w, b), "booking_verify "+in.Email, "booking_confirmed "+in.Email, "staff_booking "+anna.Email)
	equal(t, "version when confirmed again", w.MustConfirm(t, b).Version, confirmed.Version)

	cancelled, err := booking.Cancel(t.Context(), w.Store, w.ManageToken(b))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "state", cancelled.State, booking.Cancelled)
	cancelled, err = booking.Cancel(t.Context(), w.Store, w.ManageToken(b))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "version when cancelled again", cancelled.Version, confirmed.Version+1)
	equal(t, "taken", placesOf(t, w, c).Taken, 0)
	equalList(t, "mails", letters(t, w, b), "booking_verify "+in.Email, "booking_confirmed "+in.Email, "staff_booking "+anna.Email,
		"booking_cancelled "+in.Email, "staff_cancellation "+anna.Email)
	equalList(t, "history", history(t, w, b), "applicant booking.requested", "applicant booking.confirmed", "applicant booking.cancelled")
	equal(t, "confirming a cancelled one", w.MustConfirm(t, b).State, booking.Cancelled)
}

func TestWithoutStaffTheProviderIsTold(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	b := w.MustConfirm(t, w.MustRequest(t, w.MustCreateCourse(t)))
	equal(t, "last mail", letters(t, w, b)[2], outbox.StaffBooking+" office@localhost.example")
}
