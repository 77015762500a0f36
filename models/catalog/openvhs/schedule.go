package openvhs

import (
	"maps"
	"slices"
	"strings"
	"time"
)

func (c *course) schedule() {
	c.SessionCount = c.count("anzahl_termine")
	if text := c.line("dauer", maxLine); text != "" {
		if units, ok := hundredthsFrom(text); ok {
			c.TeachingUnits = &units
		} else {
			c.problems.add(UnreadableNumber, "Field", "dauer", "Value", text)
		}
	}
	c.Begin = c.date(c.node, "beginn_datum")
	c.End = c.date(c.node, "ende_datum")
	if !c.Begin.IsZero() && !c.End.IsZero() && c.End.Before(c.Begin) {
		c.problems.add(EndBeforeBegin, "Begin", c.Begin.String(), "End", c.End.String())
		c.End = Date{}
	}
	dropped := c.sessions()
	if c.Begin.IsZero() {
		if len(c.Sessions) > 0 {
			c.Begin = c.Sessions[0].Date
			c.problems.add(BeginFromSession, "Date", c.Begin.String())
		} else {
			c.problems.add(MissingBegin)
		}
	}
	c.compareSessions(dropped)
	c.weekdays()
}

// date reads a day; the zero Date if there is none to read.
func (c *course) date(n *node, field string) Date {
	text := c.in(n, field, maxLine)
	if text == "" {
		return Date{}
	}
	date, german, ok := dateFrom(text)
	switch {
	case !ok:
		c.problems.add(UnreadableDate, "Field", field, "Value", text)
	case german:
		c.problems.add(GermanDate, "Field", field, "Value", text)
	}
	return date
}

// meeting is a session element with the address that belongs to it.
type meeting struct{ session, address *node }

// meetings pairs sessions and addresses. In Berlin's dialect the first address belongs to the first session and
// so on; a single one belongs to all.
func (c *course) meetings() (meetings []meeting, addresses []*node) {
	groups := append([]*node{c.node}, c.node.all("ortetermine")...)
	for _, group := range groups {
		sessions, places := group.all("termin"), group.all("adresse")
		if len(places) > 1 && len(places) != len(sessions) {
			c.problems.add(AddressCountDiffers, "Addresses", len(places), "Found", len(sessions))
		}
		for i, session := range sessions {
			m := meeting{session: session}
			switch {
			case i < len(places):
				m.address = places[i]
			case len(places) == 1:
				m.address = places[0]
			}
			meetings = append(meetings, m)
		}
		addresses = append(addresses, places...)
	}
	return meetings, addresses
}

// oddDays are the days of sessions with the same oddity.
type oddDays struct {
	noTime, noEnd, endFirst, otherZone []Date
	otherDay                           map[string][]Date // by the day of the week that the file claims
}

// sessions reads sessions and locations, and tells how many sessions it had to drop.
func (c *course) sessions() (dropped int) {
	meetings, addresses := c.meetings()
	c.Location = c.location(c.node.first("veranstaltungsort"))
	for i := 0; c.Location == nil && i < len(addresses); i++ {
		c.Location = c.location(addresses[i])
	}
	odd := oddDays{otherDay: map[string][]Date{}}
	for _, m := range meetings {
		session := Session{Date: c.date(m.session, "beginn_datum")}
		if session.Date.IsZero() {
			dropped++
			continue
		}
		c.times(&session, m.session, &odd)
		if name := c.in(m.session, "wochentag", maxWord); name != "" {
			if day, ok := c.weekday(name); ok && day != session.Date.Weekday() {
				odd.otherDay[name] = append(odd.otherDay[name], session.Date)
			}
		}
		if location := c.location(m.address); location != nil && !location.equal(c.Location) {
			session.Location = location
		}
		c.Sessions = append(c.Sessions, session)
	}
	slices.SortStableFunc(c.Sessions, func(a, b Session) int {
		return a.moment().Compare(b.moment())
	})
	if dropped > 0 {
		c.problems.add(SessionWithoutDate, "Count", dropped)
	}
	c.problems.addSessions(SessionWithoutTime, odd.noTime)
	c.problems.addSessions(SessionWithoutEnd, odd.noEnd)
	c.problems.addSessions(SessionEndBeforeStart, odd.endFirst)
	c.problems.addSessions(TimeZoneDiffers, odd.otherZone)
	for _, name := range slices.Sorted(maps.Keys(odd.otherDay)) {
		c.problems.addSessions(WeekdayDiffers, odd.otherDay[name], "Weekday", name)
	}
	return dropped
}

// moment orders sessions.
func (s Session) moment() time.Time {
	start := Clock(0)
	if s.Start != nil {
		start = *s.Start
	}
	return s.Date.At(start, time.UTC)
}

// times reads start and end of a session. Midnight to midnight is how some programs write "no time".
func (c *course) times(session *Session, n *node, odd *oddDays) {
	start, startZone := c.clock(n, "beginn_uhrzeit", session.Date)
	end, endZone := c.clock(n, "ende_uhrzeit", session.Date)
	if start != nil && end != nil && *start == 0 && *end == 0 {
		start = nil
	}
	if start == nil {
		odd.noTime = append(odd.noTime, session.Date)
		return
	}
	if startZone || endZone {
		odd.otherZone = append(odd.otherZone, session.Date)
	}
	switch {
	case end == nil:
		odd.noEnd = append(odd.noEnd, session.Date)
	case *end <= *start:
		odd.endFirst = append(odd.endFirst, session.Date)
		end = nil
	}
	session.Start, session.End = start, end
}

// clock reads a time, and tells whether it carries an offset that clocks in Germany do not have that day.
func (c *course) clock(n *node, field string, date Date) (clock *Clock, otherZone bool) {
	text := c.in(n, field, maxLine)
	if text == "" {
		return nil, false
	}
	value, offset, ok := clockFrom(text)
	if !ok {
		c.problems.add(UnreadableTime, "Field", field, "Value", text)
		return nil, false
	}
	if offset != nil {
		_, wall := date.At(value, germany).Zone()
		otherZone = wall != *offset
	}
	return &value, otherZone
}

// compareSessions holds the sessions against what the course says about itself.
func (c *course) compareSessions(dropped int) {
	found := len(c.Sessions) + dropped
	if found == 0 {
		if c.Delivery != SelfPaced {
			c.problems.add(NoSessions)
		}
		return
	}
	complete := dropped == 0
	if c.SessionCount != nil && *c.SessionCount != found {
		c.problems.add(SessionCountDiffers, "Declared", *c.SessionCount, "Found", found)
		complete = false
	}
	if len(c.Sessions) == 0 {
		return
	}
	var outside []Date
	for _, session := range c.Sessions {
		if session.Date.Before(c.Begin) || !c.End.IsZero() && c.End.Before(session.Date) {
			outside = append(outside, session.Date)
		}
	}
	c.problems.addSessions(SessionOutsideDates, outside, "Begin", c.Begin.String(), "End", c.End.String())
	first, last := c.Sessions[0].Date, c.Sessions[len(c.Sessions)-1].Date
	if complete && (c.Begin.Before(first) || last.Before(c.End)) {
		c.problems.add(SessionsCoverPart,
			"Begin", c.Begin.String(), "End", c.End.String(), "First", first.String(), "Last", last.String())
	}
}

// weekdays reads the course's days of the week and compares them with the calendar.
func (c *course) weekdays() {
	names := c.lines("wochentag")
	for _, name := range names {
		if day, ok := c.weekday(name); ok && !slices.Contains(c.Weekdays, day) {
			c.Weekdays = append(c.Weekdays, day)
		}
	}
	if len(c.Weekdays) == 0 {
		return
	}
	var dates, others []Date
	for _, session := range c.Sessions {
		dates = append(dates, session.Date)
	}
	if len(dates) == 0 && !c.Begin.IsZero() {
		dates = []Date{c.Begin}
	}
	for _, date := range dates {
		if !slices.Contains(c.Weekdays, date.Weekday()) {
			others = append(others, date)
		}
	}
	c.problems.addSessions(WeekdayDiffers, others, "Weekday", strings.Join(names, ", "))
}

func (c *course) weekday(name string) (time.Weekday, bool) {
	day, ok := weekdayFrom(name)
	if !ok {
		c.problems.add(UnreadableWeekday, "Field", "wochentag", "Value", name)
	}
	return day, ok
}
