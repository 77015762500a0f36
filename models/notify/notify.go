// Package notify is who of the staff hears of what, at once or in a daily digest: it turns events into mails
// to those who chose them and may see what they are about.
package notify

import (
	"slices"

	"kurso/models/accounts"
	"kurso/models/outbox"
)

// Scopes: which courses an event must be about.
const (
	// Mine are the courses that a user is responsible for or teaches.
	Mine = "mine"
	// InCategories are those of the categories that the user chose.
	InCategories = "categories"
	All          = "all"
)

// Cadences: when a user hears of an event.
const (
	Now   = "now"
	Daily = "daily"
	Off   = "off"
)

// Choice is what a user wants to hear of one event.
type Choice struct{ Scope, Cadence string }

// Kind is an event that can be chosen. A new one is a line in Kinds, its letter in package mail, and its
// sentences.
type Kind struct {
	Event outbox.Event
	// Group is the heading it stands below.
	Group string
	// Letter is sent at once.
	Letter string
	// Permission is what it takes to hear of it, as far as it reaches; empty for what everybody with a role may.
	Permission accounts.Permission
	// Default holds for those who have not chosen, or with Administrators for these only: others hear nothing.
	Default        Choice
	Administrators bool
	// ToProvider: when nobody wants to hear of what an applicant did, the provider's own address does.
	ToProvider bool
	// Personal: it concerns one user only, so that there are no courses to choose.
	Personal bool
}

// Kinds lists them in the order in which they are offered, those of a group one after the other.
var Kinds = []Kind{
	{Event: outbox.EventBooking, Group: "bookings", Letter: outbox.StaffBooking, Permission: accounts.BookingsRead, Default: Choice{Mine, Now}, ToProvider: true},
	{Event: outbox.EventCancellation, Group: "bookings", Letter: outbox.StaffCancellation, Permission: accounts.BookingsRead, Default: Choice{Mine, Now}, ToProvider: true},
	{Event: outbox.EventWaitlist, Group: "waitlist", Letter: outbox.StaffBooking, Permission: accounts.BookingsRead, Default: Choice{Mine, Now}, ToProvider: true},
	{Event: outbox.EventPlaceFree, Group: "waitlist", Letter: outbox.StaffPlaceFree, Permission: accounts.BookingsRead, Default: Choice{Mine, Now}},
	{Event: outbox.EventCourseFull, Group: "courses", Letter: outbox.StaffCourseFull, Permission: accounts.CoursesRead, Default: Choice{Mine, Off}},
	{Event: outbox.EventBelowMinimum, Group: "courses", Letter: outbox.StaffBelowMinimum, Permission: accounts.CoursesRead, Default: Choice{Mine, Off}},
	{Event: outbox.EventMailFailed, Group: "system", Letter: outbox.StaffMailFailed, Permission: accounts.OutboxRead, Default: Choice{All, Daily}, Administrators: true},
	{Event: outbox.EventImport, Group: "system", Letter: outbox.StaffImport, Permission: accounts.ImportsRead, Default: Choice{All, Off}, Personal: true},
	{Event: outbox.EventExport, Group: "system", Letter: outbox.StaffExport, Default: Choice{All, Off}, Personal: true},
}

// kindOf finds the kind of an event; false for one that there is no longer.
func kindOf(e outbox.Event) (Kind, bool) {
	i := slices.IndexFunc(Kinds, func(k Kind) bool { return k.Event == e })
	if i < 0 {
		return Kind{}, false
	}
	return Kinds[i], true
}

// EventOf is what a letter to staff tells of; of those that share a letter the first, and empty for every other
// letter.
func EventOf(letter string) outbox.Event {
	if letter == outbox.StaffDigest {
		return DigestEvent
	}
	for _, k := range Kinds {
		if k.Letter == letter {
			return k.Event
		}
	}
	return ""
}

// open reports whether somebody with these grants may hear of it at all.
func (k Kind) open(g accounts.Grants) bool {
	return k.Permission == "" && g.Any() || g.May(k.Permission)
}

// defaultFor is what holds for a user who has not chosen.
func (k Kind) defaultFor(administrator bool) Choice {
	if k.Administrators && !administrator {
		return Choice{Mine, Off}
	}
	return k.Default
}
