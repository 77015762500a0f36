package mail

import (
	"fmt"
	"strings"
	"time"

	ical "github.com/arran4/golang-ical"

	"kurso/models/booking"
	"kurso/models/catalog"
)

// Calendar is the sessions of a booking as iCalendar text, or nil when none are known. A cancelled booking
// takes its events back: METHOD:CANCEL with the same UIDs. SEQUENCE rises with every change of the booking
// or its course. b is loaded as booking.Load does; at is when the text is made.
func Calendar(b *booking.Booking, p *catalog.Provider, publicURL string, at time.Time) []byte {
	if len(b.Course.Sessions) == 0 {
		return nil
	}
	method, status := ical.MethodPublish, ical.ObjectStatusConfirmed
	if b.State == booking.Cancelled {
		method, status = ical.MethodCancel, ical.ObjectStatusCancelled
	}
	cal := ical.NewCalendarFor("Kurso")
	cal.SetMethod(method)
	cal.SetCalscale("GREGORIAN")
	clock := clockOf(p.Zone())
	if clock.zone == berlin {
		cal.AddVTimezone(berlinTime())
	}
	for _, s := range b.Course.Sessions {
		e := cal.AddEvent(fmt.Sprintf("session-%d.booking-%d@kurso", s.ID, b.ID))
		e.SetDtStampTime(at)
		e.SetSequence(b.Version + b.Course.Version)
		e.SetStatus(status)
		e.SetSummary(line(b.Course.Name))
		e.SetOrganizer("mailto:"+line(p.Email), ical.WithCN(line(p.Name)))
		e.SetURL(fmt.Sprintf("%s/courses/%d", publicURL, b.CourseID))
		if place := strings.Join(place(b.Course, s), ", "); place != "" {
			e.SetLocation(place)
		}
		if note := line(s.Note); note != "" {
			e.SetDescription(note)
		}
		clock.set(e, ical.ComponentPropertyDtStart, s.StartsAt, s.AllDay)
		clock.set(e, ical.ComponentPropertyDtEnd, s.EndsAt, s.AllDay)
	}
	return []byte(cal.Serialize(ical.WithNewLineWindows))
}

const berlin = "Europe/Berlin"

// clock writes times: as Berlin's, which mail programs find in the VTIMEZONE; for any other zone, in UTC.
type clock struct {
	zone     string
	location *time.Location
}

func clockOf(location *time.Location) clock {
	return clock{zone: location.String(), location: location}
}

func (c clock) set(e *ical.VEvent, property ical.ComponentProperty, t time.Time, allDay bool) {
	switch {
	case allDay:
		e.SetProperty(property, t.In(c.location).Format("20060102"), ical.WithValue(string(ical.ValueDataTypeDate)))
	case c.zone == berlin:
		e.SetProperty(property, t.In(c.location).Format("20060102T150405"), ical.WithTZID(berlin))
	default:
		e.SetProperty(property, t.UTC().Format("20060102T150405Z"))
	}
}

// berlinTime is the rule of the European Union since 1996.
func berlinTime() *ical.VTimezone {
	tz := ical.NewTimezone(berlin)
	summer, winter := &ical.Daylight{}, ical.NewStandard()
	for _, part := range []struct {
		of                    *ical.ComponentBase
		name, from, to, start string
		month                 int
	}{
		{&summer.ComponentBase, "CEST", "+0100", "+0200", "19960331T020000", 3},
		{&winter.ComponentBase, "CET", "+0200", "+0100", "19961027T030000", 10},
	} {
		part.of.AddProperty(ical.ComponentProperty(ical.PropertyTzname), part.name)
		part.of.AddProperty(ical.ComponentProperty(ical.PropertyTzoffsetfrom), part.from)
		part.of.AddProperty(ical.ComponentProperty(ical.PropertyTzoffsetto), part.to)
		part.of.AddProperty(ical.ComponentPropertyDtStart, part.start)
		part.of.AddProperty(ical.ComponentPropertyRrule, fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=-1SU", part.month))
	}
	tz.Components = append(tz.Components, summer, winter)
	return tz
}
