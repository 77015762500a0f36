package booking

import (
	"context"
	"time"

	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/models/store"
)

// Day is one day in the provider's time zone, at midnight UTC, and what was booked on it: bookings whose
// e-mail was verified, and their places.
type Day struct {
	Date     time.Time
	Bookings int
	Places   int
}

// CountsPerDay counts, within the actor's reach, the last days, today included, oldest first, also those on which nothing happened.
func CountsPerDay(ctx context.Context, st *store.Store, days int) ([]Day, error) {
	provider, err := catalog.LoadProvider(ctx, st)
	if err != nil {
		return nil, err
	}
	zone := provider.Zone()
	today := st.Now().In(zone)
	first := time.Date(today.Year(), today.Month(), today.Day()-days+1, 0, 0, 0, 0, zone)
	var rows []Day
	err = st.NewRaw(`
		SELECT (requested_at AT TIME ZONE ?)::date AS date, count(*) AS bookings, sum(places) AS places
		FROM bookings WHERE requested_at >= ? AND state NOT IN ('REQUESTED', 'EXPIRED') AND ?
		GROUP BY 1`, zone.String(), first, accounts.Condition(ctx, accounts.BookingsRead, "course_id")).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	counted := make(map[string]Day, len(rows))
	for _, r := range rows {
		counted[r.Date.Format(time.DateOnly)] = r
	}
	out := make([]Day, days)
	for i := range out {
		date := time.Date(first.Year(), first.Month(), first.Day()+i, 0, 0, 0, 0, time.UTC)
		out[i] = counted[date.Format(time.DateOnly)]
		out[i].Date = date
	}
	return out, nil
}

// soon is how long before its end a hold deserves attention.
const soon = 15 * time.Minute

// maxFree is how many courses with a free place are named.
const maxFree = 20

// Attention is what somebody in the office should look at.
type Attention struct {
	// ExpiringHolds are unverified bookings that lose their place within a quarter of an hour.
	ExpiringHolds int
	// Waiting are the bookings on waiting lists of courses that still take bookings.
	Waiting int
	// Free are courses with free places and people who wait, the next ones to start first, at most 20.
	Free []WaitingCourse
}

// WaitingCourse is a course somebody waits for.
type WaitingCourse struct {
	ID        int64
	Number    string
	Name      string
	StartDate *time.Time
	Places    Places `bun:"-"`
}

// LoadAttention looks now, within the actor's reach.
func LoadAttention(ctx context.Context, st *store.Store) (*Attention, error) {
	a, now := &Attention{}, st.Now()
	within := accounts.Condition(ctx, accounts.BookingsRead, "b.course_id")
	err := st.NewRaw(`SELECT count(*) FROM bookings b WHERE state = 'REQUESTED' AND hold_expires_at > ? AND hold_expires_at <= ? AND ?`,
		now, now.Add(soon), within).Scan(ctx, &a.ExpiringHolds)
	if err != nil {
		return nil, err
	}
	var courses []struct {
		WaitingCourse `bun:",extend"`
		Bookings      int
	}
	err = st.NewRaw(`
		SELECT c.id, c.number, c.name, c.start_date, count(*) AS bookings
		FROM bookings b JOIN courses c ON c.id = b.course_id
		WHERE b.state = 'WAITLISTED' AND c.state IN ('published', 'running') AND ?
		GROUP BY c.id ORDER BY c.start_date, c.id`, within).Scan(ctx, &courses)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(courses))
	for i, c := range courses {
		a.Waiting += c.Bookings
		ids[i] = c.ID
	}
	places, err := PlacesOf(ctx, st, ids...)
	if err != nil {
		return nil, err
	}
	for _, c := range courses {
		c.Places = places[c.ID]
		if c.Places.FitWaiting(1) && len(a.Free) < maxFree {
			a.Free = append(a.Free, c.WaitingCourse)
		}
	}
	return a, nil
}
