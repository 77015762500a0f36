package booking

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/accounts"
	"kurso/models/store"
)

// Filter narrows the office's list. Zero values do not.
type Filter struct {
	State    string
	CourseID int64
	PersonID int64
	// Query is words that booker or e-mail contain, or a booking's number.
	Query string
	// After continues the list behind a row.
	After *Cursor
	// Limit is 50 unless given.
	Limit int
}

// Cursor is a place in the list, newest first.
type Cursor struct {
	RequestedAt time.Time
	ID          int64
}

// String is the cursor for URLs; ParseCursor reads it.
func (c *Cursor) String() string { return fmt.Sprintf("%d-%d", c.RequestedAt.UnixMicro(), c.ID) }

// ParseCursor returns nil for anything that is no cursor: the list begins at its top then.
func ParseCursor(s string) *Cursor {
	at, id, _ := strings.Cut(s, "-")
	micros, err1 := strconv.ParseInt(at, 10, 64)
	n, err2 := strconv.ParseInt(id, 10, 64)
	if err1 != nil || err2 != nil || micros < 0 || micros > 1<<53 {
		return nil
	}
	return &Cursor{RequestedAt: time.UnixMicro(micros).UTC(), ID: n}
}

// MaxCount is where Count stops counting.
const MaxCount = 10_000

// List reads the bookings within the actor's reach, newest first, with number and name of their course. next continues behind the
// last one; nil: there are no more.
func List(ctx context.Context, r store.Reader, f Filter) (bookings []*Booking, next *Cursor, err error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	q := r.NewSelect().Model(&bookings).
		Relation("Course", func(q *bun.SelectQuery) *bun.SelectQuery { return q.Column("id", "number", "name", "state") }).
		OrderExpr("b.requested_at DESC, b.id DESC").Limit(int64(f.Limit) + 1)
	if f.After != nil {
		q = q.Where("(b.requested_at, b.id) < (?, ?)", f.After.RequestedAt, f.After.ID)
	}
	if err := f.narrow(ctx, r, q).Scan(ctx); err != nil {
		return nil, nil, err
	}
	if len(bookings) > f.Limit {
		bookings = bookings[:f.Limit]
		last := bookings[f.Limit-1]
		next = &Cursor{RequestedAt: last.RequestedAt, ID: last.ID}
	}
	return bookings, next, nil
}

// Count is how many bookings List would read in all; MaxCount+1 means more than MaxCount.
func Count(ctx context.Context, r store.Reader, f Filter) (int, error) {
	var n int
	rows := f.narrow(ctx, r, r.NewSelect().Model((*Booking)(nil)).ColumnExpr("1")).Limit(MaxCount + 1)
	return n, r.NewSelect().ColumnExpr("count(*)").TableExpr("(?) AS capped", rows).Scan(ctx, &n)
}

func (f Filter) narrow(ctx context.Context, r store.Reader, q *bun.SelectQuery) *bun.SelectQuery {
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
	query := cleanLine(f.Query)
	if id, err := strconv.ParseInt(strings.TrimPrefix(query, "#"), 10, 64); err == nil {
		return q.Where("b.id = ?", id)
	}
	words := strings.Fields(query)
	if len(words) == 0 {
		return q
	}
	// A rare word is found by the trigram index first and ordered then; a short one, which has no
	// trigrams and is everywhere, by walking the list.
	found, long := r.NewSelect().TableExpr("bookings AS s").Column("s.id"), false
	for _, w := range words {
		pattern := "%" + likeEscaper.Replace(w) + "%"
		if len([]rune(w)) >= 3 {
			found, long = found.Where("s.search LIKE fold(?)", pattern), true
		} else {
			q = q.Where("b.search LIKE fold(?)", pattern)
		}
	}
	if !long {
		return q
	}
	return q.WithQuery(bun.NewWithQuery("found", found).Materialized()).Where("b.id IN (SELECT id FROM found)")
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
