package booking

import (
	"context"

	"github.com/uptrace/bun"

	"kurso/models/accounts"
	"kurso/models/store"
)

// Filter chooses bookings. Zero values do not narrow.
type Filter struct {
	State    string
	CourseID int64
	PersonID int64
}

// MaxCount is where Count stops counting.
const MaxCount = 10_000

// Recent reads the newest bookings within the actor's reach, at most limit, with number and name of their course.
// All of them are in the list Bookings.
func Recent(ctx context.Context, r store.Reader, f Filter, limit int64) (bookings []*Booking, err error) {
	q := r.NewSelect().Model(&bookings).
		Relation("Course", func(q *bun.SelectQuery) *bun.SelectQuery { return q.Column("id", "number", "name", "state") }).
		OrderExpr("b.requested_at DESC, b.id DESC").Limit(limit)
	return bookings, f.narrow(ctx, q).Scan(ctx)
}

// Count is how many bookings within the actor's reach there are; MaxCount+1 means more than MaxCount.
func Count(ctx context.Context, r store.Reader, f Filter) (int, error) {
	var n int
	rows := f.narrow(ctx, r.NewSelect().Model((*Booking)(nil)).ColumnExpr("1")).Limit(MaxCount + 1)
	return n, r.NewSelect().ColumnExpr("count(*)").TableExpr("(?) AS capped", rows).Scan(ctx, &n)
}

func (f Filter) narrow(ctx context.Context, q *bun.SelectQuery) *bun.SelectQuery {
	q = accounts.Within(ctx, q, accounts.BookingsRead, "b.course_id")
	if f.State != "" {
		q = q.Where("b.state = ?", f.State)
	}
	if f.CourseID != 0 {
		q = q.Where("b.course_id = ?", f.CourseID)
	}
	if f.PersonID != 0 {
		q = q.Where("b.person_id = ?", f.PersonID)
	}
	return q
}
