package audit

import (
	"context"
	"maps"
	"slices"
	"strings"

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
		{Alias: "changed", SQL: `LEFT JOIN LATERAL (SELECT string_agg('field.' || name || chr(30) || name || CASE
				WHEN before = '' AND after = '' OR field = 'description' THEN ''
				WHEN before = '' THEN chr(31) || ': ' || chr(31) || ` + worded("after") + `
				ELSE chr(31) || ': ' || chr(31) || ` + worded("before") + ` || chr(31) || ' → ' || chr(31) || CASE WHEN after = '' THEN '–' ELSE ` + worded("after") + ` END
				END, chr(31) || '; ' || chr(31) ORDER BY n) AS fields
			FROM (SELECT change->>'field' AS field, ae.subject_type || '.' || (change->>'field') AS name, n,
					coalesce(av.old, change->>'old', '') AS before, coalesce(av.new, change->>'new', '') AS after
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
		{Key: "changes", Kind: listing.Phrase, SQL: "changed.fields", Needs: "changed", Codes: phrases(), Shown: true},
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

// phrases are the messages that word what changed.
func phrases() []string {
	var out []string
	for _, f := range fields {
		out = append(out, "field."+f)
	}
	for _, c := range codings {
		for _, code := range c.codes {
			out = append(out, c.words+code)
		}
	}
	return append(out, "notifications.scope.mine", "notifications.scope.categories", "notifications.scope.all", "notifications.scope.reach",
		"notifications.cadence.now", "notifications.cadence.daily", "notifications.cadence.off", "ui.decimal")
}

// named are the fields that hold other records by their ids, and what those are called.
var named = map[string]string{
	"course.instructors":       "SELECT concat_ws(' ', nullif(title, ''), nullif(first_name, ''), last_name) FROM instructors",
	"course.staff":             "SELECT name FROM users",
	"instructor.account":       "SELECT name FROM users",
	"notifications.categories": "SELECT name FROM categories",
}

// worded is an SQL expression for a value of a change, as parts of a Phrase: its codes with their messages, ids with
// the names of what they stand for, and what is neither as it is.
func worded(value string) string {
	var s strings.Builder
	s.WriteString("CASE")
	// a subquery takes longer than all the rest, and one alone is what most values are
	each := func(which string, shown func(code string) string) {
		s.WriteString(" WHEN " + which + " THEN CASE WHEN strpos(" + value + ", ', ') = 0 THEN " + shown(value) + " || chr(30) || " + value +
			" ELSE (SELECT string_agg(" + shown("code") + " || chr(30) || code, chr(31) || ', ' || chr(31) ORDER BY m) FROM unnest(string_to_array(" + value + ", ', ')) WITH ORDINALITY AS codes (code, m)) END")
	}
	for _, c := range codings {
		each("name IN ('"+strings.Join(c.fields, "', '")+"')", func(code string) string {
			return "CASE WHEN " + code + " IN ('" + strings.Join(c.codes, "', '") + "') THEN '" + c.words + "' || " + code + " ELSE " + code + " END"
		})
	}
	for _, field := range slices.Sorted(maps.Keys(named)) {
		each("name = '"+field+"'", func(code string) string {
			return "coalesce((" + named[field] + " WHERE id = CASE WHEN " + code + " ~ '^[0-9]{1,18}$' THEN (" + code + ")::bigint END), '#' || " + code + ")"
		})
	}
	// what somebody wants to hear of, and how soon: "mine now", or "off"
	s.WriteString(" WHEN ae.subject_type = 'notifications' THEN CASE WHEN strpos(" + value + ", ' ') > 0 THEN 'notifications.scope.' || split_part(" + value + ", ' ', 1) || chr(30) || split_part(" + value + ", ' ', 1)" +
		" || chr(31) || ', ' || chr(30) || ' ' || chr(31) ELSE '' END || 'notifications.cadence.' || split_part(" + value + ", ' ', -1) || chr(30) || split_part(" + value + ", ' ', -1)")
	// hundredths
	s.WriteString(" WHEN name = 'course.teaching_units' AND " + value + " ~ '^[0-9]{1,9}$' THEN replace(trim_scale(" + value + "::numeric / 100)::text, '.', chr(30) || chr(31) || 'ui.decimal' || chr(30) || chr(31)) || chr(30) || " + value)
	s.WriteString(" ELSE " + value + " END")
	return s.String()
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
