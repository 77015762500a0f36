package audit

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/store"
)

// Record is what an entry is about.
type Record struct {
	Type string
	ID   int64
}

// Record is what the entry is about.
func (e *Entry) Record() Record { return Record{e.SubjectType, e.SubjectID} }

// Filter narrows the search. Zero values do not.
type Filter struct {
	// ActorKind is "user", "applicant" or "system"; ActorID a user.
	ActorKind string
	ActorID   int64
	// SubjectType is a kind of record; Record one of them.
	SubjectType string
	Record      Record
	// Action is one of Actions.
	Action string
	// From is the first moment, Until the first one beyond.
	From, Until time.Time
	// Any of these suffices: one of the records, or the request.
	Records   []Record
	RequestID string
	// After continues the list behind a row.
	After *Cursor
	// Limit is 50 unless given.
	Limit int
}

// Cursor is a place in the list, newest first.
type Cursor struct {
	At time.Time
	ID int64
}

// String is the cursor for URLs; ParseCursor reads it.
func (c *Cursor) String() string { return fmt.Sprintf("%d-%d", c.At.UnixMicro(), c.ID) }

// ParseCursor returns nil for anything that is no cursor: the list begins at its top then.
func ParseCursor(s string) *Cursor {
	at, id, _ := strings.Cut(s, "-")
	micros, err1 := strconv.ParseInt(at, 10, 64)
	n, err2 := strconv.ParseInt(id, 10, 64)
	if err1 != nil || err2 != nil || micros < 0 || micros > 1<<53 {
		return nil
	}
	return &Cursor{At: time.UnixMicro(micros).UTC(), ID: n}
}

// MaxCount is where Count stops counting.
const MaxCount = 10_000

// Search reads entries, newest first, as History does. next continues behind the last one; nil: there are no more.
func Search(ctx context.Context, r store.Reader, f Filter) (entries []*Entry, next *Cursor, err error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	q := read(r, &entries).OrderExpr("ae.at DESC, ae.id DESC").Limit(int64(f.Limit) + 1)
	if f.After != nil {
		q = q.Where("(ae.at, ae.id) < (?, ?)", f.After.At, f.After.ID)
	}
	if err := f.narrow(r, q).Scan(ctx); err != nil {
		return nil, nil, err
	}
	if len(entries) > f.Limit {
		entries = entries[:f.Limit]
		last := entries[f.Limit-1]
		next = &Cursor{At: last.At, ID: last.ID}
	}
	return entries, next, reveal(ctx, r, entries)
}

// Count is how many entries Search would read in all; MaxCount+1 means more than MaxCount.
func Count(ctx context.Context, r store.Reader, f Filter) (int, error) {
	var n int
	rows := f.narrow(r, r.NewSelect().Model((*Entry)(nil)).ColumnExpr("1")).Limit(MaxCount + 1)
	return n, r.NewSelect().ColumnExpr("count(*)").TableExpr("(?) AS capped", rows).Scan(ctx, &n)
}

func (f Filter) narrow(r store.Reader, q *bun.SelectQuery) *bun.SelectQuery {
	where := func(condition string, args ...any) { q = q.Where(condition, args...) }
	if f.ActorKind != "" {
		where("ae.actor_kind = ?", f.ActorKind)
	}
	if f.ActorID != 0 {
		where("ae.actor_id = ?", f.ActorID)
	}
	if f.SubjectType != "" {
		where("ae.subject_type = ?", f.SubjectType)
	}
	if f.Action != "" {
		where("ae.action = ?", f.Action)
	}
	if !f.From.IsZero() {
		where("ae.at >= ?", f.From)
	}
	if !f.Until.IsZero() {
		where("ae.at < ?", f.Until)
	}
	if f.Record != (Record{}) {
		where("ae.subject_type = ? AND ae.subject_id = ?", f.Record.Type, f.Record.ID)
	}
	if len(f.Records) == 0 && f.RequestID == "" {
		return q
	}
	// few are found by their indexes first and ordered then, wherever in the log they are
	found := r.NewSelect().TableExpr("audit_entries AS f").Column("f.id").Where("f.request_id = ? AND f.request_id <> ''", f.RequestID)
	for _, rec := range f.Records {
		found = found.WhereOr("f.subject_type = ? AND f.subject_id = ?", rec.Type, rec.ID)
	}
	return q.WithQuery(bun.NewWithQuery("found", found).Materialized()).Where("ae.id IN (SELECT id FROM found)")
}

// Actions lists the actions that there are entries of, by jumping from one to the next in their index.
func Actions(ctx context.Context, r store.Reader) ([]string, error) {
	var actions []string
	return actions, r.NewRaw(`
		WITH RECURSIVE next (action) AS (
		    SELECT min(action) FROM audit_entries
		    UNION ALL
		    SELECT (SELECT min(action) FROM audit_entries WHERE action > next.action) FROM next WHERE next.action IS NOT NULL
		)
		SELECT action FROM next WHERE action IS NOT NULL`).Scan(ctx, &actions)
}

// Actor is a user who can have done something.
type Actor struct {
	ID   int64
	Name string
}

// Actors lists all users by name, also those who are no longer active.
func Actors(ctx context.Context, r store.Reader) ([]Actor, error) {
	var actors []Actor
	return actors, r.NewRaw("SELECT id, name FROM users ORDER BY name, id").Scan(ctx, &actors)
}
