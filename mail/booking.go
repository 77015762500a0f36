package mail

import (
	"context"
	"time"

	"kurso/locales"
	"kurso/models/booking"
	templates "kurso/templates/mail"
)

// bookingVerify asks the applicant to confirm. It goes to an address that nobody has shown to be theirs:
// so nothing that the form's sender typed stands in it, and no advertising.
func bookingVerify(ctx context.Context, s *subject) *templates.Content {
	b := s.booking
	priced := "free"
	if b.TotalCents > 0 {
		priced = "priced"
	}
	c := &templates.Content{
		Subject:  locales.T(ctx, "letter.booking_verify.subject", "Course", line(s.course.Name)),
		Heading:  locales.T(ctx, "letter.booking_verify.heading."+priced),
		Greeting: locales.T(ctx, "letter.greeting"),
		Link: templates.Link{
			Label: locales.T(ctx, "letter.booking_verify.button."+priced),
			URL:   s.link(ctx, "/bookings/"+s.Token(booking.VerifyPurpose, b.ID, b.VerifyNonce)+"/confirmation"),
		},
	}
	c.Say(locales.T(ctx, "letter.booking_verify.intro."+priced))
	if held := b.HoldExpiresAt; held != nil && held.After(s.Now()) {
		c.Say(locales.N(ctx, "letter.booking_verify.held", b.Places, "Until", locales.DateTime(ctx, held.In(s.provider.Zone()))))
	} else {
		c.Say(locales.N(ctx, "letter.booking_verify.not_held", b.Places))
	}
	s.tellCourse(ctx, c)
	s.tellPrice(ctx, c)
	c.Note(locales.T(ctx, "letter.booking_verify.until", "Until", locales.DateTime(ctx, b.VerifyExpiresAt.In(s.provider.Zone()))))
	c.Note(locales.T(ctx, "letter.booking_verify.not_you"))
	return c
}

// bookingConfirmed says that the places are theirs, with all they need to come.
func bookingConfirmed(ctx context.Context, s *subject) *templates.Content {
	c := s.toBooker(ctx, "letter.booking_confirmed.")
	c.Say(locales.N(ctx, "letter.booking_confirmed.intro", s.booking.Places))
	s.tellCourse(ctx, c)
	s.tellParticipants(ctx, c)
	s.tellPrice(ctx, c)
	s.tellPayer(ctx, c)
	if len(s.course.Sessions) > 0 {
		c.Note(locales.T(ctx, "letter.booking_confirmed.calendar"))
	}
	if until := booking.CancellableUntil(s.course, s.provider); until == nil {
		c.Note(locales.T(ctx, "letter.booking_confirmed.cancel"))
	} else if until.After(s.Now()) {
		c.Note(locales.T(ctx, "letter.booking_confirmed.cancel_until", "Until", deadline(ctx, until.In(s.provider.Zone()))))
	}
	return c
}

// deadline is a day when it ends with that day, else a moment.
func deadline(ctx context.Context, t time.Time) string {
	if last := t.Add(-time.Second); last.Day() != t.Day() {
		return locales.Date(ctx, last)
	}
	return locales.DateTime(ctx, t)
}

// bookingWaitlisted says that they wait, and that this costs nothing.
func bookingWaitlisted(ctx context.Context, s *subject) *templates.Content {
	c := s.toBooker(ctx, "letter.booking_waitlisted.")
	c.Say(locales.T(ctx, "letter.booking_waitlisted.intro"))
	s.tellCourse(ctx, c)
	s.tellParticipants(ctx, c)
	s.tellPrice(ctx, c)
	if s.booking.TotalCents > 0 {
		c.Note(locales.T(ctx, "letter.booking_waitlisted.no_cost"))
	}
	c.Note(locales.T(ctx, "letter.booking_waitlisted.leave"))
	return c
}

// bookingCancelled says that the places were given back.
func bookingCancelled(ctx context.Context, s *subject) *templates.Content {
	c := s.toBooker(ctx, "letter.booking_cancelled.")
	c.Say(locales.T(ctx, "letter.booking_cancelled.intro"))
	s.tellCourse(ctx, c)
	s.tellParticipants(ctx, c)
	if len(s.attachments()) > 0 {
		c.Note(locales.T(ctx, "letter.booking_cancelled.calendar"))
	}
	c.Note(locales.T(ctx, "letter.booking_cancelled.not_you"))
	return c
}

// toBooker begins a letter to somebody who has confirmed their address.
func (s *subject) toBooker(ctx context.Context, keys string) *templates.Content {
	b := s.booking
	return &templates.Content{
		Subject:  locales.T(ctx, keys+"subject", "Course", line(s.course.Name)),
		Heading:  locales.T(ctx, keys+"heading"),
		Greeting: locales.T(ctx, "letter.greeting_name", "Name", line(b.FirstName+" "+b.LastName)),
		Link: templates.Link{
			Label: locales.T(ctx, "letter.view_booking"),
			URL:   s.link(ctx, "/bookings/"+s.Token(booking.ManagePurpose, b.ID, b.ManageNonce)),
		},
	}
}
