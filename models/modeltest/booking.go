package modeltest

import (
	"fmt"
	"testing"

	"kurso/models/booking"
	"kurso/models/catalog"
)

// BookingOption changes a form before it is sent.
type BookingOption func(*booking.Input)

// For books so many people.
func For(people int) BookingOption {
	return func(in *booking.Input) {
		first := in.Participants[0]
		in.Participants = nil
		for i := range people {
			p := first
			p.FirstName = fmt.Sprintf("%s %d", first.FirstName, i+1)
			in.Participants = append(in.Participants, p)
		}
	}
}

// Wait accepts the waiting list.
func Wait(in *booking.Input) { in.Waitlist = true }

// BookingInput is a valid form for one person, whose name, address and network nobody else has.
func BookingInput(c *catalog.Course, opts ...BookingOption) booking.Input {
	n := serial.Add(1)
	in := booking.Input{
		CourseID: c.ID, Locale: "de", Network: fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255),
		FirstName: "Erika", LastName: fmt.Sprintf("Mustermann%d", n), Email: fmt.Sprintf("erika%d@example.org", n),
		Phone: "030 1234567", Street: "Lindenstraße 1", Zip: "10969", Town: "Berlin",
		Participants: []booking.ParticipantInput{{FirstName: "Erika", LastName: fmt.Sprintf("Mustermann%d", n)}},
	}
	for _, o := range opts {
		o(&in)
	}
	return in
}

// MustRequest books, and returns the REQUESTED booking.
func (w *World) MustRequest(t testing.TB, c *catalog.Course, opts ...BookingOption) *booking.Booking {
	t.Helper()
	in := BookingInput(c, opts...)
	if in.FormNonce == "" {
		in.FormNonce = fmt.Sprintf("form%d", serial.Add(1))
	}
	if _, err := booking.Request(t.Context(), w.Store, in); err != nil {
		t.Fatal(err)
	}
	var id int64
	if err := w.NewRaw("SELECT id FROM bookings WHERE form_nonce = ?", in.FormNonce).Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	b, err := booking.Load(t.Context(), w.Store, id)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// MustConfirm verifies a booking's e-mail, and returns it CONFIRMED or WAITLISTED.
func (w *World) MustConfirm(t testing.TB, b *booking.Booking) *booking.Booking {
	t.Helper()
	b, err := booking.Confirm(t.Context(), w.Store, w.VerifyToken(b))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// VerifyToken is the token in the mail that asks to verify.
func (w *World) VerifyToken(b *booking.Booking) string {
	return w.Token(booking.VerifyPurpose, b.ID, b.VerifyNonce)
}

// ManageToken is the token in later mails.
func (w *World) ManageToken(b *booking.Booking) string {
	return w.Token(booking.ManagePurpose, b.ID, b.ManageNonce)
}
