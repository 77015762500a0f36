package audit_test

import (
	"context"
	"crypto/md5"
	"fmt"
	"net/url"
	"testing"
	"time"

	"kurso/models/audit"
	"kurso/models/listing"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// Each filter, alone and with others, finds its entries by an index, also the rare ones.
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
	old := w.Now().AddDate(0, 0, -35).Format(time.DateOnly)
	for _, c := range []struct {
		name, address string
		count         int64
	}{
		{"all", "", listing.MaxCount + 1},
		{"a day", "at=" + old, 1440},
		{"a user", "who=7", 600},
		{"a kind of record", "subject=booking", listing.MaxCount + 1},
		{"a rare kind of record", "subject=location", 60},
		{"an action", "action=booking.requested", listing.MaxCount + 1},
		{"a rare action", "action=location.changed", 60},
		{"a record", "subject=course&record=6", 2},
		{"a request", "request=" + fmt.Sprintf("%x", md5.Sum([]byte("10"))), 1},
		{"a user's rare records", "who=7&subject=location", 0},
		{"an applicant's of a day", "by=applicant&at=" + old, 864},
	} {
		values, err := url.ParseQuery(c.address)
		if err != nil {
			t.Fatal(err)
		}
		q, err := audit.Entries.Parse(values, func(string) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		scans, rows := read()
		p, err := q.Read(t.Context(), one, time.UTC)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		scansAfter, rowsAfter := read()
		// counted up to the limit, in any order when there are more, and found once more for the page
		if scansAfter != scans && !p.Estimated || int64(rowsAfter-rows) > listing.MaxCount+5_000 {
			t.Errorf("%s: %d sequential scans, %d rows read", c.name, scansAfter-scans, rowsAfter-rows)
		}
		if p.Estimated {
			p.Count = listing.MaxCount + 1
		}
		want(t, c.name, p.Count, c.count)
	}
}
