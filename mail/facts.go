package mail

import (
	"context"
	"regexp"
	"strconv"

	"kurso/locales"
	"kurso/models/catalog"
	templates "kurso/templates/mail"
)

// tellCourse adds what, when and where.
func (s *subject) tellCourse(ctx context.Context, c *templates.Content) {
	c.Tell(locales.T(ctx, "letter.fact.course"), numbered(s.course.Name, s.course.Number), line(s.course.Subtitle))
	c.Tell(locales.T(ctx, "letter.fact.sessions"), s.sessions(ctx)...)
	c.Tell(locales.T(ctx, "letter.fact.place"), s.places(ctx)...)
}

// tellPrice adds how many places and what they cost together, with what the price contains.
func (s *subject) tellPrice(ctx context.Context, c *templates.Content) {
	b := s.booking
	c.Tell(locales.T(ctx, "letter.fact.places"), strconv.Itoa(b.Places))
	if b.TotalCents == 0 {
		c.Tell(locales.T(ctx, "letter.fact.total"), locales.T(ctx, "letter.free"))
		return
	}
	c.Tell(locales.T(ctx, "letter.fact.total"), locales.Amount(ctx, b.TotalCents, b.Currency), line(s.provider.VATNote))
}

// tellParticipants adds who takes part, at which price when prices differ.
func (s *subject) tellParticipants(ctx context.Context, c *templates.Content) {
	var who []string
	for _, p := range s.booking.Participants {
		name := line(p.FirstName + " " + p.LastName)
		if s.booking.TotalCents > 0 && len(s.booking.Participants) > 1 {
			name += ", " + line(p.PriceName) + ", " + locales.Amount(ctx, p.AmountCents, s.booking.Currency)
		}
		who = append(who, name)
	}
	c.Tell(locales.T(ctx, "letter.fact.participants"), who...)
}

// tellPayer adds who gets the bill, if that is somebody else.
func (s *subject) tellPayer(ctx context.Context, c *templates.Content) {
	if b := s.booking; b.PayerSeparate {
		c.Tell(locales.T(ctx, "letter.fact.payer"), line(b.PayerName), line(b.PayerStreet), line(b.PayerZip+" "+b.PayerTown), line(b.PayerCountry), line(b.PayerEmail))
	}
}

// sessions are the dates in the provider's time zone; without any, the course's days.
func (s *subject) sessions(ctx context.Context) []string {
	zone := s.provider.Zone()
	var out []string
	for _, ses := range s.course.Sessions {
		out = append(out, locales.Span(ctx, ses.StartsAt.In(zone), ses.EndsAt.In(zone), ses.AllDay))
	}
	if out == nil {
		return []string{locales.Period(ctx, s.course.StartDate, s.course.EndDate)}
	}
	return out
}

// places is the address, or how the course is delivered, and the rooms where sessions have some.
func (s *subject) places(ctx context.Context) []string {
	out := whereabouts(s.course.Location)
	if s.course.Delivery != catalog.OnSite {
		out = append(out, locales.T(ctx, "delivery."+s.course.Delivery))
	}
	seen := map[int64]bool{}
	for _, ses := range s.course.Sessions {
		if ses.Room != nil && !seen[ses.Room.ID] {
			seen[ses.Room.ID] = true
			out = append(out, roomName(ctx, line(ses.Room.Name)))
		}
	}
	return out
}

var word = regexp.MustCompile(`\p{L}{4}`)

// roomName says that it is a room, unless the name does: "Raum: 2.14", "Werkraum".
func roomName(ctx context.Context, name string) string {
	if word.MatchString(name) {
		return name
	}
	return locales.T(ctx, "letter.room", "Room", name)
}

// place is where a session is, for calendars.
func place(c *catalog.Course, ses *catalog.Session) []string {
	var out []string
	if ses.Room != nil {
		out = append(out, line(ses.Room.Name))
	}
	return append(out, whereabouts(c.Location)...)
}

func whereabouts(l *catalog.Location) []string {
	if l == nil {
		return nil
	}
	var out []string
	for _, part := range []string{l.Name, l.Street, l.Zip + " " + l.Town} {
		if part = line(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
