// Package portal holds the public pages: catalogue, course, booking form, and what the links in mails
// lead to.
package portal

import (
	"context"
	"strconv"
	"strings"
	"time"

	"kurso/locales"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/templates/ui"
)

// Offer is a course with what an applicant can do about it now.
type Offer struct {
	*catalog.Offer
	Places booking.Places
	Can    booking.Bookability
	Zone   *time.Location
	Href   string
}

// fewPlaces is from where on a number of free places is a reason to hurry.
const fewPlaces = 3

// State says in an icon and a few words whether there are places.
func (o Offer) State(ctx context.Context) ui.State {
	switch open := o.Places.Open(); {
	case o.Course.State == catalog.CalledOff:
		return ui.State{Label: locales.T(ctx, "course.state.called_off"), Icon: "calendar-x", Tone: ui.Bad}
	case o.Can.Refused != nil && o.Can.Refused.Key == booking.KeyNotOpenYet:
		return ui.State{Label: locales.T(ctx, "portal.places.not_open_yet", "Day", locales.Date(ctx, o.Can.OpensAt.In(o.Zone))), Icon: "clock", Tone: ui.Info}
	case o.Can.Refused != nil:
		return ui.State{Label: locales.T(ctx, "portal.places.closed"), Icon: "ban"}
	case o.Can.Waitlist:
		return ui.State{Label: locales.T(ctx, "portal.places.waitlist"), Icon: "hourglass", Tone: ui.Warning}
	case !o.Places.Limited():
		return ui.State{Label: locales.T(ctx, "portal.places.unlimited"), Tone: ui.Success}
	case open <= fewPlaces:
		return ui.State{Label: locales.N(ctx, "portal.places.few", open), Icon: "ticket", Tone: ui.Warning}
	default:
		return ui.State{Label: locales.N(ctx, "portal.places.free", open), Tone: ui.Success}
	}
}

// Price is what a place costs: an amount, from one to another, or nothing.
func (o Offer) Price(ctx context.Context) string {
	p := o.Prices
	switch {
	case p.ToCents == 0:
		return locales.T(ctx, "portal.price.free")
	case p.FromCents == p.ToCents:
		return locales.Amount(ctx, p.ToCents, p.Currency)
	case p.FromCents == 0:
		return locales.T(ctx, "portal.price.up_to", "To", locales.Amount(ctx, p.ToCents, p.Currency))
	}
	return locales.T(ctx, "portal.price.range",
		"From", locales.Amount(ctx, p.FromCents, p.Currency), "To", locales.Amount(ctx, p.ToCents, p.Currency))
}

// Begin is the first day, or a word for courses without dates.
func (o Offer) Begin(ctx context.Context) string {
	switch {
	case o.Dates.Count > 0:
		return locales.Day(ctx, o.Dates.StartsAt.In(o.Zone))
	case o.Course.StartDate != nil:
		return locales.Day(ctx, *o.Course.StartDate)
	}
	return locales.T(ctx, "portal.undated")
}

// Rhythm sums up the sessions: "Mi., 18:30–21:00 Uhr, 10 Termine".
func (o Offer) Rhythm(ctx context.Context) string {
	d := o.Dates
	if d.Count == 0 {
		return ""
	}
	var parts []string
	// the weekday of a single session stands in Begin
	if d.Count > 1 && len(d.Weekdays) < 7 {
		for _, day := range d.Weekdays {
			parts = append(parts, locales.Weekday(ctx, time.Weekday(day%7)))
		}
	}
	if d.Alike && !d.AllDay {
		parts = append(parts, locales.Times(ctx, d.StartsAt.In(o.Zone), d.EndsAt.In(o.Zone)))
	}
	if d.Count > 1 {
		parts = append(parts, locales.N(ctx, "portal.sessions", d.Count))
	}
	return strings.Join(parts, ", ")
}

// Where is the house, and its town or district.
func (o Offer) Where(ctx context.Context) string {
	if o.Course.Location == nil {
		if o.Course.Delivery == catalog.OnSite {
			return ""
		}
		return locales.T(ctx, "delivery."+o.Course.Delivery)
	}
	parts := []string{o.Course.Location.Name}
	for _, s := range []string{o.Course.Location.District, o.Course.Location.Town} {
		if s != "" && s != o.Course.Location.Name {
			parts = append(parts, s)
			break
		}
	}
	if o.Course.Delivery == catalog.Blended {
		parts = append(parts, locales.T(ctx, "delivery.blended"))
	}
	return strings.Join(parts, ", ")
}

// Category is the subject area, or nothing.
func (o Offer) Category() string {
	if o.Course.CourseType == nil || o.Course.CourseType.Category == nil {
		return ""
	}
	return o.Course.CourseType.Category.Name
}

// Description is the course's own, else its type's, sanitised when it was written.
func (o Offer) Description() string {
	if o.Course.Description == "" && o.Course.CourseType != nil {
		return o.Course.CourseType.Description
	}
	return o.Course.Description
}

// Summary describes the course in one line, for search engines.
func (o Offer) Summary(ctx context.Context) string {
	var parts []string
	for _, s := range []string{o.Course.Subtitle, o.Begin(ctx), o.Where(ctx), o.Price(ctx)} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, " · ")
}

// Session writes one session: "Mi., 03.02.2027, 18:30–21:00 Uhr".
func session(ctx context.Context, s *catalog.Session, zone *time.Location) string {
	return locales.Span(ctx, s.StartsAt.In(zone), s.EndsAt.In(zone), s.AllDay)
}

// room is where a session takes place, with the house if it is not the course's.
func room(c *catalog.Course, s *catalog.Session) string {
	if s.Room == nil {
		return ""
	}
	if s.Room.Location != nil && (c.LocationID == nil || *c.LocationID != s.Room.LocationID) {
		return s.Room.Location.Name + ", " + s.Room.Name
	}
	return s.Room.Name
}

// address is a location in one line.
func address(l *catalog.Location) string {
	var parts []string
	for _, s := range []string{l.Street, strings.TrimSpace(l.Zip + " " + l.Town)} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

// units writes hundredths of a teaching unit: "13,33".
func units(ctx context.Context, hundredths int) string {
	whole := locales.Number(ctx, int64(hundredths/100))
	rest := strings.TrimRight(strconv.Itoa(hundredths%100 + 100)[1:], "0")
	switch {
	case rest == "":
		return whole
	case locales.Of(ctx) == locales.English:
		return whole + "." + rest
	}
	return whole + "," + rest
}

func instructors(c *catalog.Course) string {
	var names []string
	for _, ci := range c.Instructors {
		if ci.Instructor == nil {
			continue
		}
		names = append(names, strings.Join(strings.Fields(ci.Instructor.Title+" "+ci.Instructor.FirstName+" "+ci.Instructor.LastName), " "))
	}
	return strings.Join(names, ", ")
}
