package booking

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/store"
)

// Places is how full a course is at a moment.
type Places struct {
	// Max is nil when there is no limit.
	Max *int
	// Elsewhere is taken in the system of origin; -1: unknown, and counted as none.
	Elsewhere int
	// Taken here, by holds not yet expired too.
	Taken int
	// Unverified are the places of Taken that are only held.
	Unverified int
	// Waiting people come before newcomers.
	Waiting int
}

// Limited reports whether there is a maximum. Without one, Free and Open mean nothing.
func (p Places) Limited() bool { return p.Max != nil }

// Free is how many places nobody has.
func (p Places) Free() int { return max(0, p.free()) }

// Open is how many places a newcomer can have: those that are free and that nobody waits for.
func (p Places) Open() int { return max(0, p.free()-p.Waiting) }

// Fit reports whether a newcomer can have n places.
func (p Places) Fit(n int) bool { return !p.Limited() || p.free()-p.Waiting >= n }

// FitWaiting reports whether somebody who waits can have n places.
func (p Places) FitWaiting(n int) bool { return !p.Limited() || p.free() >= n }

func (p Places) free() int {
	if p.Max == nil {
		return 0
	}
	return *p.Max - max(0, p.Elsewhere) - p.Taken
}

// holdable is how many of its places a course lets unverified bookings hold together.
func (p Places) holdable(sharePercent int) int {
	return max(1, (*p.Max*sharePercent+99)/100)
}

// Sure is how many places are taken for certain: all but those only held.
func (p Places) Sure() int { return p.Taken - p.Unverified + max(0, p.Elsewhere) }

// filledBy reports whether n more sure places are those that make the course full.
func (p Places) filledBy(n int) bool {
	return p.Limited() && p.Sure() < *p.Max && p.Sure()+n >= *p.Max
}

// Reader reads at a moment: a store, or a transaction.
type Reader interface {
	store.Reader
	Now() time.Time
}

// PlacesOf tells how full courses are now, by their ids. Unknown ids are left out.
func PlacesOf(ctx context.Context, st Reader, courseIDs ...int64) (map[int64]Places, error) {
	out := make(map[int64]Places, len(courseIDs))
	if len(courseIDs) == 0 {
		return out, nil
	}
	var rows []struct {
		CourseID int64
		Places   `bun:",extend"`
	}
	err := st.NewRaw(`
		SELECT c.id AS course_id, c.max_places AS max, c.places_taken_elsewhere AS elsewhere,
		       coalesce(p.taken, 0) AS taken, coalesce(p.waiting, 0) AS waiting, coalesce(p.unverified, 0) AS unverified
		FROM courses c LEFT JOIN course_places(?) p ON p.course_id = c.id AND p.course_id IN (?)
		WHERE c.id IN (?)`, st.Now(), bun.List(courseIDs), bun.List(courseIDs)).Scan(ctx, &rows)
	for _, r := range rows {
		out[r.CourseID] = r.Places
	}
	return out, err
}
