// Package audit records who did what: every use case writes its entries in its own transaction.
package audit

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/store"
)

// Change is one field that changed, as the person sees it. Entries carry no personal data: changes of
// names and addresses are noted without their values.
type Change struct {
	Field string `json:"field"`
	Old   string `json:"old,omitempty"`
	New   string `json:"new,omitempty"`
}

// Entry is one thing done to one record. It is appended and never changed.
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

	// ActorName is filled by History.
	ActorName string `bun:",scanonly"`
}

// New is an entry on behalf of ctx's actor, not yet written.
func New(ctx context.Context, tx *store.Tx, subjectType string, subjectID int64, action string, changes ...Change) *Entry {
	a := store.ActorOf(ctx)
	if changes == nil {
		changes = []Change{}
	}
	e := &Entry{At: tx.Now(), ActorKind: a.Kind, SubjectType: subjectType, SubjectID: subjectID,
		Action: action, Changes: changes, RequestID: a.RequestID}
	if a.Kind == "user" {
		e.ActorID = &a.UserID
	}
	return e
}

// Write appends an entry on behalf of ctx's actor.
func Write(ctx context.Context, tx *store.Tx, subjectType string, subjectID int64, action string, changes ...Change) error {
	return tx.Insert(ctx, New(ctx, tx, subjectType, subjectID, action, changes...))
}

// History lists what was done to a record, newest first, with the names of users.
func History(ctx context.Context, r store.Reader, subjectType string, subjectID int64, limit int) ([]*Entry, error) {
	var entries []*Entry
	err := r.NewSelect().Model(&entries).
		ColumnExpr("ae.*").ColumnExpr("coalesce(u.name, '') AS actor_name").
		Join("LEFT JOIN users u ON u.id = ae.actor_id").
		Where("ae.subject_type = ? AND ae.subject_id = ?", subjectType, subjectID).
		OrderExpr("ae.id DESC").Limit(int64(limit)).Scan(ctx)
	return entries, err
}

// WriteMany appends entries of several subjects with one statement each thousand, on behalf of ctx's actor.
// Of an entry, SubjectType, SubjectID, Action and Changes count.
func WriteMany(ctx context.Context, tx *store.Tx, entries []Entry) error {
	a := store.ActorOf(ctx)
	for i := range entries {
		e := &entries[i]
		e.At, e.ActorKind, e.RequestID = tx.Now(), a.Kind, a.RequestID
		if a.Kind == "user" {
			e.ActorID = &a.UserID
		}
		if e.Changes == nil {
			e.Changes = []Change{}
		}
	}
	for part := range slices.Chunk(entries, 1000) {
		if _, err := tx.NewInsert().Model(&part).Returning("NULL").Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
