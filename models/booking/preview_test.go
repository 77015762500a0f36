package booking_test

import (
	"errors"
	"testing"

	"kurso/models/booking"
	"kurso/models/modeltest"
	"kurso/models/store"
)

func TestForeseeJudgesLikeRequestAndWritesNothing(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t, modeltest.Places(1))
	in := modeltest.BookingInput(c)
	in.FormNonce = "form"
	p, err := booking.Foresee(t.Context(), w.Store, in)
	if err != nil || p.Waits || p.Sent != nil || p.Booking.TotalCents != 8280 {
		t.Fatalf("%+v, %v", p, err)
	}
	var rows int
	if err := w.NewRaw("SELECT (SELECT count(*) FROM bookings) + (SELECT count(*) FROM mails) + (SELECT count(*) FROM audit_entries)").
		Scan(t.Context(), &rows); err != nil || rows != 0 {
		t.Fatalf("foreseeing writes %d rows: %v", rows, err)
	}

	receipt, err := booking.Request(t.Context(), w.Store, in)
	if err != nil {
		t.Fatal(err)
	}
	if p, err = booking.Foresee(t.Context(), w.Store, in); err != nil || p.Sent == nil || p.Sent.Token != receipt.Token {
		t.Errorf("a form sent before: %+v, %v", p, err)
	}

	late := modeltest.BookingInput(c)
	if _, err = booking.Foresee(t.Context(), w.Store, late); !booking.IsFull(err) {
		t.Errorf("a full course: %v", err)
	}
	late.Waitlist = true
	if p, err = booking.Foresee(t.Context(), w.Store, late); err != nil || !p.Waits || p.Booking.HoldExpiresAt != nil {
		t.Errorf("the waiting list: %+v, %v", p, err)
	}
	late.Email, late.Street = "", ""
	var invalid *store.ValidationError
	if _, err = booking.Foresee(t.Context(), w.Store, late); !errors.As(err, &invalid) || len(invalid.Fields) != 2 {
		t.Errorf("without any address: %v", err)
	}
}
