package booking

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"kurso/models/catalog"
	"kurso/models/store"
)

// lockClause puts all who take places of a course into one queue.
const lockClause = "FOR NO KEY UPDATE OF c"

// lockedCourse is a course whose row this transaction holds, with the provider's rules.
type lockedCourse struct {
	ID               int64
	State            string
	BookingOpensAt   *time.Time
	BookingClosesAt  *time.Time
	StartDate        *time.Time
	FirstSession     *time.Time
	TimeZone         string
	HoldMinutes      int
	HoldSharePercent int
	MaxPlaces        *int
	TakenElsewhere   int

	// Places are counted after the wait for the row, but at CountedAt, when the transaction began: a hold
	// that ended meanwhile still counts.
	Places    Places    `db:"-"`
	CountedAt time.Time `db:"-"`
}

// lockCourse waits for the course's row and moves the transaction's clock to the present. What also adds
// is read in the same round trip, after the wait. Who locks a booking too does so afterwards.
func lockCourse(ctx context.Context, tx *store.Tx, id int64, lock string, also func(*store.Batch)) (*lockedCourse, error) {
	b, c := &store.Batch{}, &lockedCourse{}
	var counts struct{ Taken, Waiting, Unverified int }
	store.ReadOne(b, c, `
		SELECT c.id, c.state, c.booking_opens_at, c.booking_closes_at, c.start_date, c.max_places,
		       c.places_taken_elsewhere AS taken_elsewhere,
		       (SELECT min(starts_at) FROM course_sessions WHERE course_id = c.id) AS first_session,
		       p.time_zone, p.hold_minutes, p.hold_share_percent
		FROM courses c CROSS JOIN provider p WHERE c.id = $1 `+lock, id)
	store.ReadOne(b, &counts, `
		SELECT coalesce(p.taken, 0) AS taken, coalesce(p.waiting, 0) AS waiting, coalesce(p.unverified, 0) AS unverified
		FROM (SELECT 1) one LEFT JOIN course_places($1) p ON p.course_id = $2`, tx.Now(), id)
	if also != nil {
		also(b)
	}
	err := tx.Send(ctx, b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	c.CountedAt = tx.Now()
	c.Places = Places{Max: c.MaxPlaces, Elsewhere: c.TakenElsewhere, Taken: counts.Taken, Waiting: counts.Waiting, Unverified: counts.Unverified}
	tx.Refresh()
	return c, nil
}

func (c *lockedCourse) zone() *time.Location { return (&catalog.Provider{TimeZone: c.TimeZone}).Zone() }

// course is what the pure rules need.
func (c *lockedCourse) course() *catalog.Course {
	out := &catalog.Course{State: c.State, BookingOpensAt: c.BookingOpensAt, BookingClosesAt: c.BookingClosesAt, StartDate: c.StartDate}
	if c.FirstSession != nil {
		out.Sessions = []*catalog.Session{{StartsAt: *c.FirstSession}}
	}
	return out
}
