package audit_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"kurso/models/audit"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// Each filter, alone and with others, finds its entries by an index, the rare ones and those on the last page.
func TestSearchUsesIndexes(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	for i := range 20 {
		w.MustCreateUser(t, fmt.Sprint("User ", i))
	}
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw(`
			INSERT INTO audit_entries (at, actor_kind, actor_id, subject_type, subject_id, action, request_id)
			SELECT ?0::timestamptz - i * interval '1 minute', CASE WHEN i % 5 = 0 THEN 'user' WHEN i % 5 = 1 THEN 'system' ELSE 'applicant' END,
			       CASE WHEN i % 5 = 0 THEN 1 + i / 5 % 20 END, CASE WHEN i % 1000 = 7 THEN 'location' WHEN i % 10 < 8 THEN 'booking' ELSE 'course' END,
			       i / 3, CASE WHEN i % 1000 = 7 THEN 'location.changed' WHEN i % 2 = 0 THEN 'booking.requested' ELSE 'course.changed' END,
			       CASE WHEN i % 5 <> 1 THEN md5(i::text) ELSE '' END
			FROM generate_series(1, 60000) i`, w.Now()).Exec(ctx)
		return err
	})
	w.AsOwner(t, "ANALYZE")
	one, err := store.Open(t.Context(), store.Options{DatabaseURL: w.URL, SecretKey: modeltest.Secret, Clock: w.Clock, MaxConns: 1, Log: modeltest.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	// how often the table was read from one end to the other, and how many of its rows by an index
	read := func() (scans, rows int) {
		t.Helper()
		for range 2 { // the first makes the second see what was before it
			err := one.Pool().QueryRow(t.Context(), `SELECT pg_stat_force_next_flush(), seq_scan, idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'audit_entries'`).Scan(nil, &scans, &rows)
			if err != nil {
				t.Fatal(err)
			}
		}
		return scans, rows
	}
	old := w.Now().AddDate(0, 0, -35)
	for _, c := range []struct {
		name  string
		f     audit.Filter
		count int
		// rows are at most read for a page; 0: 400
		rows int
	}{
		{"all", audit.Filter{}, audit.MaxCount + 1, 0},
		{"a deep page", audit.Filter{After: &audit.Cursor{At: old, ID: 1}}, audit.MaxCount + 1, 0},
		{"a day", audit.Filter{From: old, Until: old.AddDate(0, 0, 1)}, 1440, 0},
		{"a user", audit.Filter{ActorID: 7}, 600, 0},
		{"a user's deep page", audit.Filter{ActorID: 7, After: &audit.Cursor{At: old, ID: 1}}, 600, 0},
		{"a kind of record", audit.Filter{SubjectType: "booking"}, audit.MaxCount + 1, 0},
		{"a rare kind of record", audit.Filter{SubjectType: "location"}, 60, 0},
		{"an action", audit.Filter{Action: "booking.requested"}, audit.MaxCount + 1, 0},
		{"a rare action", audit.Filter{Action: "location.changed"}, 60, 0},
		{"a record", audit.Filter{Record: audit.Record{Type: "course", ID: 6}}, 2, 0},
		{"a number", audit.Filter{Records: []audit.Record{{"course", 18000}, {"booking", 18000}, {"location", 18000}}, RequestID: "18000"}, 3, 0},
		{"a request", audit.Filter{RequestID: "c4ca4238a0b923820dcc509a6f75849b"}, 0, 0},
		{"a user's rare records", audit.Filter{ActorID: 7, SubjectType: "location"}, 0, 3100},
		{"an applicant's of a day", audit.Filter{ActorKind: "applicant", From: old, Until: old.AddDate(0, 0, 1)}, 864, 0},
	} {
		scans, rows := read()
		if _, _, err := audit.Search(t.Context(), one, c.f); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		scansAfter, rowsAfter := read()
		most := c.rows
		if most == 0 {
			most = 400
		}
		if scansAfter != scans || rowsAfter-rows > most {
			t.Errorf("%s: %d sequential scans, %d rows read", c.name, scansAfter-scans, rowsAfter-rows)
		}
		n, err := audit.Count(t.Context(), one, c.f)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		want(t, c.name, n, c.count)
	}
	scans, rows := read()
	actions, err := audit.Actions(t.Context(), one)
	if err != nil {
		t.Fatal(err)
	}
	want(t, "actions", fmt.Sprint(actions), "[booking.requested course.changed location.changed]")
	scansAfter, rowsAfter := read()
	if scansAfter != scans || rowsAfter-rows > 10 {
		t.Errorf("actions: %d sequential scans, %d rows read", scansAfter-scans, rowsAfter-rows)
	}
}

// Pages follow each other without a gap, also where entries are of one moment.
func TestSearchInPages(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	for i := range 9 {
		if i%4 == 0 {
			w.Clock.Advance(time.Second)
		}
		write(t, w, "course", int64(i), "course.changed", audit.Personal("email", "", fmt.Sprint(i, "@example.org")))
	}
	f := audit.Filter{Limit: 2}
	var seen string
	for {
		entries, next, err := audit.Search(t.Context(), w.Store, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			_, after, _ := e.Changes[0].Values()
			seen += after[:1]
		}
		if next == nil {
			break
		}
		f.After = audit.ParseCursor(next.String())
	}
	want(t, "seen", seen, "876543210")
	for _, s := range []string{"", "x", "1-", "-1-1", "99999999999999999999-1"} {
		if audit.ParseCursor(s) != nil {
			t.Errorf("%q is a cursor", s)
		}
	}
}
