package main

import (
	"testing"

	"kurso/models/booking"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// The yardstick must write what the product writes: the same rows, in the same tables.
func TestTheScriptWritesWhatABookingWrites(t *testing.T) {
	t.Parallel()
	pgbench, err := findPgbench()
	if err != nil {
		t.Skip("pgbench is not installed: ", err)
	}
	w := modeltest.New(t)
	b := &bench{st: w.Store, url: w.URL, pgbench: pgbench}
	if b.script, err = writeScript(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	rows := func() map[string]int {
		out := map[string]int{}
		for _, table := range []string{"throttles", "bookings", "participants", "mails", "audit_entries", "river_job", "persons"} {
			var n int
			if err := w.NewRaw("SELECT count(*) FROM "+table).Scan(t.Context(), &n); err != nil {
				t.Fatal(err)
			}
			out[table] = n
		}
		return out
	}
	first, _, err := b.makeCourses(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.pgbenchOnce(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	yardstick := rows()
	w.Clock.Set(store.SystemClock{}.Now())
	if err := booking.Throttle(t.Context(), w.Store, "192.0.2.1", "e@example.org"); err != nil {
		t.Fatal(err)
	}
	in := booking.Input{CourseID: first, FirstName: "Erika", LastName: "Muster", Email: "e@example.org", Network: "192.0.2.1",
		Street: "Lahnstraße 7", Zip: "36037", Town: "Fulda", Participants: []booking.ParticipantInput{{FirstName: "Erika", LastName: "Muster"}}}
	if _, err := booking.Request(t.Context(), w.Store, in); err != nil {
		t.Fatal(err)
	}
	for table, n := range rows() {
		if n != 2*yardstick[table] {
			t.Errorf("%s: the script wrote %d rows, a booking %d", table, yardstick[table], n-yardstick[table])
		}
	}
}
