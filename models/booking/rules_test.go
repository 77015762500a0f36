package booking_test

import (
	"testing"
	"time"

	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/modeltest"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	moment, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func TestBookability(t *testing.T) {
	t.Parallel()
	now := at(t, "2027-03-10 12:00")
	day := time.Date(2027, 3, 11, 0, 0, 0, 0, time.UTC)
	ptr := func(s string) *time.Time { m := at(t, s); return &m }
	session := func(s string) []*catalog.Session {
		return []*catalog.Session{{StartsAt: at(t, s).AddDate(0, 0, 7)}, {StartsAt: at(t, s)}}
	}
	limit := 10
	for name, c := range map[string]struct {
		course  catalog.Course
		now     time.Time
		refused string
	}{
		"published, no dates":               {catalog.Course{State: catalog.Published}, now, ""},
		"running, closes later":             {catalog.Course{State: catalog.Running, Sessions: session("2027-03-01 10:00"), BookingClosesAt: ptr("2027-03-11 00:00")}, now, ""},
		"running, begun":                    {catalog.Course{State: catalog.Running, Sessions: session("2027-03-10 12:00")}, now, booking.KeyClosed},
		"a minute before the first session": {catalog.Course{State: catalog.Published, Sessions: session("2027-03-10 12:01")}, now, ""},
		"sessions unknown, starts tomorrow": {catalog.Course{State: catalog.Published, StartDate: &day}, now, ""},
		"last minute before the start day":  {catalog.Course{State: catalog.Published, StartDate: &day}, at(t, "2027-03-10 23:59"), ""},
		"start day, in the provider's zone": {catalog.Course{State: catalog.Published, StartDate: &day}, at(t, "2027-03-11 00:00"), booking.KeyClosed},
		"sessions count, not the start day": {catalog.Course{State: catalog.Published, StartDate: &day, Sessions: session("2027-03-11 18:00")}, at(t, "2027-03-11 17:59"), ""},
		"not open yet":                      {catalog.Course{State: catalog.Published, BookingOpensAt: ptr("2027-03-10 12:01")}, now, booking.KeyNotOpenYet},
		"opens now":                         {catalog.Course{State: catalog.Published, BookingOpensAt: ptr("2027-03-10 12:00")}, now, ""},
		"closes now":                        {catalog.Course{State: catalog.Published, BookingClosesAt: ptr("2027-03-10 12:00")}, now, booking.KeyClosed},
		"draft":                             {catalog.Course{State: catalog.Draft}, now, booking.KeyNotOffered},
		"planned":                           {catalog.Course{State: catalog.Planned}, now, booking.KeyNotOffered},
		"finished":                          {catalog.Course{State: catalog.Finished}, now, booking.KeyNotOffered},
		"called off":                        {catalog.Course{State: catalog.CalledOff}, now, booking.KeyNotOffered},
	} {
		b := booking.JudgeBookability(&c.course, booking.Places{Max: &limit}, c.now, c.now.Location())
		got := ""
		if b.Refused != nil {
			got = b.Refused.Key
		}
		equal(t, name, got, c.refused)
		equal(t, name+": open", b.Open(), c.refused == "")
		equal(t, name+": waiting list", b.Waitlist, false)
	}
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	limit := func(n int) *int { return &n }
	for name, c := range map[string]struct {
		places           booking.Places
		free, open       int
		fits, fitWaiting bool
	}{
		"no limit":                       {booking.Places{Taken: 100}, 0, 0, true, true},
		"empty":                          {booking.Places{Max: limit(2)}, 2, 2, true, true},
		"full":                           {booking.Places{Max: limit(2), Taken: 2}, 0, 0, false, false},
		"full elsewhere":                 {booking.Places{Max: limit(2), Elsewhere: 1, Taken: 1}, 0, 0, false, false},
		"unknown elsewhere":              {booking.Places{Max: limit(2), Elsewhere: -1, Taken: 1}, 1, 1, true, true},
		"somebody waits for the last":    {booking.Places{Max: limit(2), Taken: 1, Waiting: 1}, 1, 0, false, true},
		"fewer wait than there is":       {booking.Places{Max: limit(9), Taken: 1, Waiting: 2}, 8, 6, true, true},
		"maximum lowered below bookings": {booking.Places{Max: limit(2), Taken: 5, Waiting: 1}, 0, 0, false, false},
		"no places at all":               {booking.Places{Max: limit(0)}, 0, 0, false, false},
	} {
		equal(t, name+": free", c.places.Free(), c.free)
		equal(t, name+": open", c.places.Open(), c.open)
		equal(t, name+": fits", c.places.Fit(1), c.fits)
		equal(t, name+": fits one who waits", c.places.FitWaiting(1), c.fitWaiting)
		b := booking.JudgeBookability(&catalog.Course{State: catalog.Published}, c.places, modeltest.Start, time.UTC)
		equal(t, name+": waiting list", b.Waitlist, !c.fits)
	}
}

func TestCancellableUntil(t *testing.T) {
	t.Parallel()
	berlin := &catalog.Provider{TimeZone: "Europe/Berlin"}
	session := &catalog.Course{Sessions: []*catalog.Session{{StartsAt: at(t, "2027-04-02 18:30")}}}
	day := time.Date(2027, 4, 2, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		course *catalog.Course
		days   int
		want   string
	}{
		{session, 7, "2027-03-27 00:00"}, // through the 26th; the clocks change in between
		{session, 1, "2027-04-02 00:00"},
		{session, 0, "2027-04-02 18:30"},
		{&catalog.Course{StartDate: &day}, 7, "2027-03-27 00:00"},
		{&catalog.Course{StartDate: &day}, 0, "2027-04-02 00:00"},
	} {
		berlin.CancellationDays = c.days
		until := booking.CancellableUntil(c.course, berlin)
		if until == nil || !until.Equal(at(t, c.want)) {
			t.Errorf("%d days: %v, want %s", c.days, until, c.want)
		}
	}
	equal(t, "without dates", booking.CancellableUntil(&catalog.Course{}, berlin), nil)
}
