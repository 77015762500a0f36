package mail

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	ical "github.com/arran4/golang-ical"

	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/outbox"
	"kurso/models/store"
)

func parse(t *testing.T, ics []byte) *ical.Calendar {
	t.Helper()
	if bytes.Count(ics, []byte("\n")) != bytes.Count(ics, []byte("\r\n")) {
		t.Error("a line does not end in CRLF")
	}
	for l := range bytes.Lines(ics) {
		if len(l) > 77 {
			t.Errorf("a line of %d bytes", len(l))
		}
	}
	cal, err := ical.ParseCalendar(bytes.NewReader(ics))
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

func value(c *ical.VEvent, p ical.ComponentProperty) string {
	if v := c.GetProperty(p); v != nil {
		return v.Value
	}
	return ""
}

func TestCalendarOfABooking(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.MustConfirm(t, w.MustRequest(t, w.course))
	file := w.letter(t, b, outbox.BookingConfirmed, "de").Attachments[0]
	if file.Name != "termine.ics" || file.ContentType != "text/calendar; charset=utf-8; method=PUBLISH" {
		t.Errorf("%+v", file)
	}
	cal := parse(t, file.Data)
	events := cal.Events()
	if len(events) != 2 || len(cal.Timezones()) != 1 || cal.Timezones()[0].GetProperty(ical.ComponentPropertyTzid).Value != "Europe/Berlin" {
		t.Fatalf("%s", file.Data)
	}
	for i, e := range events {
		start, err := e.GetStartAt()
		if err != nil || !start.Equal(w.course.Sessions[i].StartsAt) {
			t.Errorf("begins %s, %v, want %s", start, err, w.course.Sessions[i].StartsAt)
		}
		end, err := e.GetEndAt()
		if err != nil || !end.Equal(w.course.Sessions[i].EndsAt) {
			t.Errorf("ends %s, %v", end, err)
		}
		if p := e.GetProperty(ical.ComponentPropertyDtStart); p.ICalParameters["TZID"][0] != "Europe/Berlin" || !strings.HasSuffix(p.Value, "T183000") {
			t.Errorf("%+v", p)
		}
		if value(e, ical.ComponentPropertySummary) != "Spanisch A1" || value(e, ical.ComponentPropertyLocation) != "2.14, Haus der Bildung, Ring 1, 10115 Berlin" ||
			value(e, ical.ComponentPropertyOrganizer) != "mailto:vhs@example.org" || value(e, ical.ComponentPropertyStatus) != "CONFIRMED" {
			t.Errorf("%s", file.Data)
		}
	}
	text := string(file.Data)
	for _, want := range []string{"METHOD:PUBLISH\r\n", "BEGIN:DAYLIGHT\r\n", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	if strings.Contains(text, w.ManageToken(b)) {
		t.Error("whoever is shown the calendar could cancel")
	}

	// the same events, taken back
	if _, err := booking.Cancel(t.Context(), w.Store, w.ManageToken(b)); err != nil {
		t.Fatal(err)
	}
	file = w.letter(t, b, outbox.BookingCancelled, "de").Attachments[0]
	if !strings.Contains(string(file.Data), "METHOD:CANCEL\r\n") {
		t.Errorf("%s", file.Data)
	}
	for i, e := range parse(t, file.Data).Events() {
		if e.Id() != events[i].Id() || value(e, ical.ComponentPropertyStatus) != "CANCELLED" {
			t.Errorf("%s became %s", events[i].Id(), e.Id())
		}
		if before, after := value(events[i], ical.ComponentPropertySequence), value(e, ical.ComponentPropertySequence); len(after) < len(before) || after <= before {
			t.Errorf("SEQUENCE %s after %s", after, before)
		}
	}
}

func TestCalendarRisesWithTheCourse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.MustConfirm(t, w.MustRequest(t, w.course))
	first := parse(t, w.letter(t, b, outbox.BookingConfirmed, "de").Attachments[0].Data).Events()[0]
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE courses SET version = version + 1").Exec(ctx)
		return err
	})
	again := parse(t, w.letter(t, b, outbox.BookingConfirmed, "de").Attachments[0].Data).Events()[0]
	if first.Id() != again.Id() || value(first, ical.ComponentPropertySequence) >= value(again, ical.ComponentPropertySequence) {
		t.Errorf("%s, then %s", value(first, ical.ComponentPropertySequence), value(again, ical.ComponentPropertySequence))
	}
}

func TestCalendarWithoutTimesElsewhereAndHostile(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2027, 3, 28, 0, 0, 0, 0, zone) // the day summer time begins
	b := &booking.Booking{ID: 7, State: booking.Confirmed, Course: &catalog.Course{
		Name: "Yoga\r\nATTACH:http://spam.example; mit \"Kissen\", " + strings.Repeat("Ö", 200),
		Sessions: []*catalog.Session{
			{ID: 1, StartsAt: day, EndsAt: day.AddDate(0, 0, 1), AllDay: true},
			{ID: 2, StartsAt: day.Add(17 * time.Hour), EndsAt: day.Add(19 * time.Hour)},
		},
	}}
	p := &catalog.Provider{Name: "VHS \"Süd\"\r\nX-EVIL:1", Email: "vhs@example.org", TimeZone: "Europe/Berlin"}
	ics := Calendar(b, p, publicURL, day)
	if hasLine(ics, "ATTACH") || hasLine(ics, "X-EVIL") {
		t.Errorf("%s", ics)
	}
	events := parse(t, ics).Events()
	if v := events[0].GetProperty(ical.ComponentPropertyDtStart); v.Value != "20270328" || v.ICalParameters["VALUE"][0] != "DATE" {
		t.Errorf("%+v", v)
	}
	if v := value(events[0], ical.ComponentPropertyDtEnd); v != "20270329" {
		t.Errorf("ends %s", v)
	}
	if v := value(events[1], ical.ComponentPropertyDtStart); v != "20270328T180000" {
		t.Errorf("begins %s", v)
	}

	p.TimeZone = "America/New_York"
	text := string(Calendar(b, p, publicURL, day))
	if !strings.Contains(text, "DTSTART:20270328T160000Z\r\n") || strings.Contains(text, "VTIMEZONE") {
		t.Errorf("%s", text)
	}
	b.Course.Sessions = nil
	if Calendar(b, p, publicURL, day) != nil {
		t.Error("a calendar without sessions")
	}
}

// hasLine reports whether a line of the file begins with a name.
func hasLine(ics []byte, name string) bool {
	for l := range bytes.Lines(ics) {
		if bytes.HasPrefix(l, []byte(name)) {
			return true
		}
	}
	return false
}
