package mail

import (
	"context"
	"strconv"

	"kurso/locales"
	"kurso/models/booking"
	templates "kurso/templates/mail"
)

// staffBooking tells the responsible staff who has booked, or waits.
func staffBooking(ctx context.Context, s *subject) *templates.Content {
	keys := "letter.staff_booking."
	if s.booking.State == booking.Waitlisted {
		keys = "letter.staff_waitlisted."
	}
	return s.toStaff(ctx, keys)
}

// staffCancellation tells them who has given their places back.
func staffCancellation(ctx context.Context, s *subject) *templates.Content {
	return s.toStaff(ctx, "letter.staff_cancellation.")
}

func (s *subject) toStaff(ctx context.Context, keys string) *templates.Content {
	b := s.booking
	c := &templates.Content{
		Subject:  locales.T(ctx, keys+"subject", "Course", line(s.course.Name)),
		Heading:  locales.T(ctx, keys+"heading"),
		Greeting: locales.T(ctx, "letter.greeting"),
		Link:     templates.Link{Label: locales.T(ctx, "letter.open_booking"), URL: s.link(ctx, "/admin/bookings/"+strconv.FormatInt(b.ID, 10))},
	}
	c.Say(locales.N(ctx, keys+"intro", b.Places, "Name", line(b.FirstName+" "+b.LastName)))
	c.Tell(locales.T(ctx, "letter.fact.booker"), line(b.FirstName+" "+b.LastName), line(b.Email), line(b.Phone))
	s.tellParticipants(ctx, c)
	s.tellCourse(ctx, c)
	s.tellPrice(ctx, c)
	s.tellPayer(ctx, c)
	c.Tell(locales.T(ctx, "letter.fact.note"), lines(b.Note)...)
	return c
}
