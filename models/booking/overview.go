package booking

import (
	"context"
	"time"

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

// Sure is how many places are taken for certain: all but those only held.
func (c *ComingCourse) Sure() int {
	return c.Places.Taken - c.Places.Unverified + max(0, c.Places.Elsewhere)
}

// ComingCourses lists the courses on offer that begin today or later, the next ones first.
func ComingCourses(ctx context.Context, st *store.Store, limit int) ([]*ComingCourse, error) {
	return coming(ctx, st, "true", limit)
}

// minimumDays is how long before its start a course below its minimum deserves attention.
const minimumDays = 21

// BelowMinimum lists courses that begin within three weeks and have too few bookings, the next ones first.
func BelowMinimum(ctx context.Context, st *store.Store, limit int) ([]*ComingCourse, error) {
	return coming(ctx, st, `c.start_date <= ?1::date + ?3
		AND coalesce(p.taken - p.unverified, 0) + greatest(c.places_taken_elsewhere, 0) < c.min_places`, limit)
}

func coming(ctx context.Context, st *store.Store, condition string, limit int) ([]*ComingCourse, error) {
	provider, err := catalog.LoadProvider(ctx, st)
	if err != nil {
		return nil, err
	}
	now := st.Now()
	var out []*ComingCourse
	err = st.NewRaw(`
		SELECT c.id, c.number, c.name, c.state, c.start_date, c.min_places, c.max_places AS max, c.places_taken_elsewhere AS elsewhere,
		       coalesce(p.taken, 0) AS taken, coalesce(p.waiting, 0) AS waiting, coalesce(p.unverified, 0) AS unverified
		FROM courses c LEFT JOIN LATERAL (SELECT * FROM course_places(?0) WHERE course_id = c.id) p ON true
		WHERE c.state IN ('published', 'running') AND c.start_date >= ?1::date AND `+condition+`
		ORDER BY c.start_date, c.id LIMIT ?2`,
		now, now.In(provider.Zone()).Format(time.DateOnly), limit, minimumDays).Scan(ctx, &out)
	return out, err
}
