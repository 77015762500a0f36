package booking

import (
	"time"

	"kurso/models/catalog"
	"kurso/models/store"
)

// Bookability is what an applicant can do about a course at a moment. Catalogue, course page, form and
// Request all ask it.
type Bookability struct {
	// Refused says why nobody can book now; nil when the course is open.
	Refused *store.RuleError
	// Waitlist: the course is open, but no place is free for a newcomer.
	Waitlist bool
	// OpensAt and ClosesAt are when booking begins and ends; nil: always, never.
	OpensAt  *time.Time
	ClosesAt *time.Time
}

// Open reports whether a booking is accepted, be it for the waiting list.
func (b Bookability) Open() bool { return b.Refused == nil }

// Reasons why a course is not open.
const (
	KeyNotOffered = "error.booking.not_offered"
	KeyNotOpenYet = "error.booking.not_open_yet"
	KeyClosed     = "error.booking.closed"
)

// JudgeBookability judges a course whose sessions are loaded. zone is the provider's.
func JudgeBookability(c *catalog.Course, p Places, now time.Time, zone *time.Location) Bookability {
	b := Bookability{OpensAt: c.BookingOpensAt, ClosesAt: closesAt(c, zone)}
	switch {
	case !takesBookings(c.State):
		b.Refused = &store.RuleError{Key: KeyNotOffered}
	case b.OpensAt != nil && now.Before(*b.OpensAt):
		b.Refused = &store.RuleError{Key: KeyNotOpenYet}
	case b.ClosesAt != nil && !now.Before(*b.ClosesAt):
		b.Refused = &store.RuleError{Key: KeyClosed}
	default:
		b.Waitlist = !p.Fit(1)
	}
	return b
}

func takesBookings(state string) bool {
	return state == catalog.Published || state == catalog.Running
}

// closesAt is the date set, else when the course begins.
func closesAt(c *catalog.Course, zone *time.Location) *time.Time {
	if c.BookingClosesAt != nil {
		return c.BookingClosesAt
	}
	return Start(c, zone)
}

// Start is when the course begins: with its first session, which must be loaded, else with the day it
// starts on; nil when neither is known.
func Start(c *catalog.Course, zone *time.Location) *time.Time {
	var first *time.Time
	for _, s := range c.Sessions {
		if first == nil || s.StartsAt.Before(*first) {
			first = &s.StartsAt
		}
	}
	if first == nil && c.StartDate != nil {
		day := time.Date(c.StartDate.Year(), c.StartDate.Month(), c.StartDate.Day(), 0, 0, 0, 0, zone)
		first = &day
	}
	return first
}

// CancellableUntil is the moment from which applicants can no longer cancel by themselves: the end of the
// day that lies the provider's number of days before the first, or the start itself. Nil: they always can.
func CancellableUntil(c *catalog.Course, p *catalog.Provider) *time.Time {
	zone := p.Zone()
	start := Start(c, zone)
	if start == nil {
		return nil
	}
	day := start.In(zone)
	until := time.Date(day.Year(), day.Month(), day.Day()-p.CancellationDays+1, 0, 0, 0, 0, zone)
	if until.After(*start) {
		until = *start
	}
	return &until
}

// Cancellable reports whether the applicant can still cancel b, whose course must be loaded with its
// sessions. Who only waits can always leave.
func Cancellable(b *Booking, p *catalog.Provider, now time.Time) bool {
	switch b.State {
	case Waitlisted, Requested:
		return true
	case Pending, Confirmed, Offered:
		until := CancellableUntil(b.Course, p)
		return until == nil || now.Before(*until)
	}
	return false
}
