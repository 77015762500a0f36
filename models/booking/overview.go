package booking

import (
	"context"
	"time"

	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/models/store"
)

// ComingCourse is a course that begins soon, with how full it is.
type ComingCourse struct {
	ID        int64
	Number    string
	Name      string
	State     string
	StartDate time.Time
	MinPlaces *int
	Places    Places `bun:"embed:"`
}

// ComingCourses lists the courses within the actor's reach on offer that begin today or later, the next ones first.
func ComingCourses(ctx context.Context, st *store.Store, limit int) ([]*ComingCourse, error) {
	return coming(ctx, st, `
		WITH c AS (SELECT * FROM courses WHERE state IN ('published', 'running') AND start_date >= ?1::date AND ?4 ORDER BY start_date, id LIMIT ?2)
		SELECT `+comingColumns+` ORDER BY c.start_date, c.id`, limit)
}

// minimumDays is how long before its start a course below its minimum deserves attention.
const minimumDays = 21

// BelowMinimum lists courses within the actor's reach that begin within three weeks and have too few bookings, the next ones first.
func BelowMinimum(ctx context.Context, st *store.Store, limit int) ([]*ComingCourse, error) {
	return coming(ctx, st, `
		WITH c AS (SELECT * FROM courses WHERE state IN ('published', 'running') AND min_places > 0
			AND start_date BETWEEN ?1::date AND ?1::date + ?3 AND ?4)
		SELECT `+comingColumns+`
		WHERE coalesce(p.taken - p.unverified, 0) + greatest(c.places_taken_elsewhere, 0) < c.min_places
		ORDER BY c.start_date, c.id LIMIT ?2`, limit)
}

// OFFSET 0 keeps the planner from counting the bookings of all courses first.
const comingColumns = `
	c.id, c.number, c.name, c.state, c.start_date, c.min_places, c.max_places AS max, c.places_taken_elsewhere AS elsewhere,
	coalesce(p.taken, 0) AS taken, coalesce(p.waiting, 0) AS waiting, coalesce(p.unverified, 0) AS unverified
	FROM c LEFT JOIN LATERAL (SELECT * FROM course_places(?0) WHERE course_id = c.id OFFSET 0) p ON true`

func coming(ctx context.Context, st *store.Store, query string, limit int) ([]*ComingCourse, error) {
	provider, err := catalog.LoadProvider(ctx, st)
	if err != nil {
		return nil, err
	}
	now := st.Now()
	today := now.In(provider.Zone()).Format(time.DateOnly)
	var out []*ComingCourse
	return out, st.NewRaw(query, now, today, limit, minimumDays, accounts.Condition(ctx, accounts.CoursesRead, "courses.id")).Scan(ctx, &out)
}
