package audit

import (
	"context"

	"kurso/models/listing"
	"kurso/models/store"
)

// Record is what an entry is about.
type Record struct {
	Type string
	ID   int64
}

// Record is what the entry is about.
func (e *Entry) Record() Record { return Record{e.SubjectType, e.SubjectID} }

// Entries lists all entries, newest first.
var Entries = &listing.List{
	Name: "audit", Path: "/admin/audit", From: "audit_entries AS ae", ID: "ae.id", Sort: "-at", Permission: "audit.read",
	Joins: []listing.Join{
		{Alias: "actor", SQL: "LEFT JOIN users actor ON actor.id = ae.actor_id"},
		// each change is its field and, where they are there and are no long text, the old and the new value
		{Alias: "changed", SQL: `LEFT JOIN LATERAL (SELECT string_agg(ae.subject_type || '.' || field || CASE
				WHEN before = '' AND after = '' OR field = 'description' THEN ''
				WHEN before = '' THEN chr(30) || after
				ELSE chr(30) || before || ' → ' || coalesce(nullif(after, ''), '–') END, chr(31) ORDER BY n) AS fields
			FROM (SELECT change->>'field' AS field, n, coalesce(av.old, change->>'old', '') AS before, coalesce(av.new, change->>'new', '') AS after
				FROM jsonb_array_elements(ae.changes) WITH ORDINALITY AS list (change, n)
				LEFT JOIN audit_values av ON av.entry_id = ae.id AND av.position = n - 1) AS c) changed ON true`},
	},
	Columns: []listing.Column{
		{Key: "at", Kind: listing.Moment, SQL: "ae.at", Shown: true, Sort: []string{"ae.at"}, Index: true},
		{Key: "who", Kind: listing.Choices, Needs: "actor", Codes: []string{"applicant", "system", "support"}, Words: "audit.actor.", Shown: true,
			SQL: "CASE WHEN ae.actor_kind <> 'user' THEN ae.actor_kind WHEN actor.kind = 'support' THEN 'support' || chr(30) || actor.name ELSE actor.name END"},
		{Key: "action", Kind: listing.Choice, SQL: "ae.action", Codes: Actions, Words: "audit.", Shown: true},
		{Key: "subject", Kind: listing.Choice, SQL: "ae.subject_type", Codes: Subjects, Words: "audit.subject.", Shown: true},
		{Key: "record", Kind: listing.Number, SQL: "ae.subject_id", Plain: true, Shown: true},
		{Key: "changes", Kind: listing.Choices, SQL: "changed.fields", Needs: "changed", Codes: fields, Words: "field.", Shown: true},
		{Key: "number", Kind: listing.Number, SQL: "ae.id", Plain: true},
		{Key: "request", Kind: listing.Text, SQL: "ae.request_id"},
	},
	Filters: []listing.Filter{
		{Key: "at", Kind: listing.Moment, SQL: "ae.at", Bar: true},
		{Key: "who", Kind: listing.Record, Records: "users", SQL: "ae.actor_id", Bar: true},
		{Key: "subject", Kind: listing.Choice, SQL: "ae.subject_type", Values: Subjects, Words: "audit.subject.", Bar: true},
		{Key: "action", Kind: listing.Choice, SQL: "ae.action", Values: Actions, Words: "audit.", Bar: true},
		{Key: "by", Kind: listing.Choice, SQL: "ae.actor_kind", Values: []string{"user", "applicant", "system"}, Words: "audit.actor."},
		{Key: "record", Kind: listing.Number, SQL: "ae.subject_id"},
		{Key: "course", Kind: listing.Text, SQL: "c.search", Folded: true, Around: "ae.subject_type = 'course' AND ae.subject_id IN (SELECT c.id FROM courses c WHERE {})"},
		{Key: "request", Kind: listing.Text, SQL: "ae.request_id", Exact: true, Around: "ae.request_id <> '' AND {}"},
	},
}

// Load reads one entry as History does, or store.ErrNotFound.
func Load(ctx context.Context, r store.Reader, id int64) (*Entry, error) {
	var entries []*Entry
	if err := read(r, &entries).Where("ae.id = ?", id).Scan(ctx); err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, store.ErrNotFound
	}
	return entries[0], reveal(ctx, r, entries)
}
