// Package audit records who did what: every use case writes its entries in its own transaction. Entries are
// appended and never changed; a job seals them into a hash chain, and Verify finds whoever changed them all the
// same.
package audit

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/store"
)

// Change is one field that changed, in a form that no language owns: ISO dates, codes, "82.80 EUR".
type Change struct {
	Field string `json:"field"`
	// Old and New tell nothing about a person: those values belong into a Secret.
	Old    string  `json:"old,omitempty"`
	New    string  `json:"new,omitempty"`
	Secret *Secret `json:"secret,omitempty"`
}

// Values are the old and the new value, wherever they stand; erased: they were personal and are gone.
func (c Change) Values() (before, after string, erased bool) {
	if c.Secret == nil {
		return c.Old, c.New, false
	}
	return c.Secret.before, c.Secret.after, c.Secret.erased
}

// Entry is one thing done to one record.
type Entry struct {
	bun.BaseModel `bun:"table:audit_entries,alias:ae"`
	ID            int64 `bun:",pk,autoincrement"`
	At            time.Time
	ActorKind     string
	ActorID       *int64
	SubjectType   string
	SubjectID     int64
	// Action is a message key below "audit.", such as "booking.confirmed".
	Action    string
	Changes   []Change `bun:"type:jsonb,nullzero:false"`
	RequestID string

	// ActorName is filled when entries are read.
	ActorName string `bun:",scanonly"`
	// ActorSupport: the user is support, who has access for a time.
	ActorSupport bool `bun:",scanonly"`
}

// New is an entry on behalf of ctx's actor, not yet written, for those who write all their rows at once. It takes
// no personal values: their rows need the entry's id.
func New(ctx context.Context, tx *store.Tx, subjectType string, subjectID int64, action string, changes ...Change) *Entry {
	if slices.ContainsFunc(changes, personal) {
		panic("audit: personal values are written by Write")
	}
	e := &Entry{SubjectType: subjectType, SubjectID: subjectID, Action: action, Changes: changes}
	e.by(ctx, tx)
	return e
}

func personal(c Change) bool { return c.Secret != nil }

// by says who acts, and when.
func (e *Entry) by(ctx context.Context, tx *store.Tx) {
	a := store.ActorOf(ctx)
	e.At, e.ActorKind, e.ActorID, e.RequestID = tx.Now(), a.Kind, nil, a.RequestID
	if a.Kind == "user" {
		e.ActorID = &a.UserID
	}
	if e.Changes == nil {
		e.Changes = []Change{}
	}
}

// Write appends an entry on behalf of ctx's actor.
func Write(ctx context.Context, tx *store.Tx, subjectType string, subjectID int64, action string, changes ...Change) error {
	e := &Entry{SubjectType: subjectType, SubjectID: subjectID, Action: action, Changes: changes}
	e.by(ctx, tx)
	if err := tx.Insert(ctx, e); err != nil {
		return err
	}
	var rows []any
	for _, v := range e.values() {
		rows = append(rows, v)
	}
	if len(rows) == 0 {
		return nil
	}
	return tx.Insert(ctx, rows...)
}

// WriteMany appends entries of several subjects with one statement each thousand, on behalf of ctx's actor.
// Of an entry, SubjectType, SubjectID, Action and Changes count.
func WriteMany(ctx context.Context, tx *store.Tx, entries []Entry) error {
	for i := range entries {
		entries[i].by(ctx, tx)
	}
	for part := range slices.Chunk(entries, 1000) {
		secret := slices.ContainsFunc(part, func(e Entry) bool { return slices.ContainsFunc(e.Changes, personal) })
		insert := tx.NewInsert().Model(&part)
		if !secret {
			insert.Returning("NULL")
		}
		if _, err := insert.Exec(ctx); err != nil {
			return err
		}
		if !secret {
			continue
		}
		var values []*value
		for i := range part {
			values = append(values, part[i].values()...)
		}
		if _, err := tx.NewInsert().Model(&values).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// History lists what was done to a record, newest first, with the names of users and the personal values that
// are there.
func History(ctx context.Context, r store.Reader, subjectType string, subjectID int64, limit int) ([]*Entry, error) {
	var entries []*Entry
	err := read(r, &entries).Where("ae.subject_type = ? AND ae.subject_id = ?", subjectType, subjectID).
		OrderExpr("ae.id DESC").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, err
	}
	return entries, reveal(ctx, r, entries)
}

// read selects entries with their users' names.
func read(r store.Reader, into any) *bun.SelectQuery {
	return r.NewSelect().Model(into).ColumnExpr("ae.*").ColumnExpr("coalesce(u.name, '') AS actor_name, coalesce(u.kind = 'support', false) AS actor_support").
		Join("LEFT JOIN users u ON u.id = ae.actor_id")
}
