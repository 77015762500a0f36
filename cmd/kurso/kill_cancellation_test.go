package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kurso/models/booking"
)

// Of a worker that is killed in the middle of a bulk cancellation another one does the rest, without help and within a
// minute; each booking is cancelled once.
func TestKilledBulkCancellationGoesOn(t *testing.T) {
	t.Parallel()
	const bookings = 300
	x := newExporting(t, bookings)
	x.AsOwner(t, "UPDATE bookings SET state = 'CONFIRMED', confirmed_at = now()",
		"CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END'",
		"CREATE TRIGGER slowly BEFORE UPDATE ON bulk_cancellation_bookings FOR EACH ROW EXECUTE FUNCTION slowly()")
	var ids []string
	if err := x.NewRaw("SELECT id FROM bookings").Scan(t.Context(), &ids); err != nil {
		t.Fatal(err)
	}
	status, path, body := x.ask(t, "/admin/booking-cancellations", url.Values{"bookings": {strings.Join(ids, ",")}})
	if status != http.StatusSeeOther || !strings.HasPrefix(path, "/admin/booking-cancellations/") {
		t.Fatalf("starting: %d %s %s", status, path, body)
	}
	done := func() (n int) {
		t.Helper()
		if err := x.NewRaw("SELECT count(outcome) FROM bulk_cancellation_bookings").Scan(t.Context(), &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	until := func(what string, patience time.Duration, met func() bool) {
		t.Helper()
		for end := time.Now().Add(patience); !met(); time.Sleep(10 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: not within %s, after %d bookings", what, patience, done())
			}
		}
	}
	p := x.launch(t, "worker")
	until("the first bookings", time.Minute, func() bool { return done() > 20 })
	p.kill()
	if n := done(); n >= bookings {
		t.Fatalf("killed too late, after %d", n)
	}
	x.launch(t, "worker")
	until("its end", time.Minute, func() bool {
		var state string
		if err := x.NewRaw("SELECT state FROM bulk_cancellations").Scan(t.Context(), &state); err != nil {
			t.Fatal(err)
		}
		return state == booking.BulkFinished
	})
	var cancelled, entries, mails int
	err := x.NewRaw(`SELECT (SELECT count(*) FROM bookings WHERE state = 'CANCELLED'), (SELECT count(*) FROM audit_entries WHERE action = 'booking.cancelled'),
		(SELECT count(*) FROM mails WHERE letter = 'booking_cancelled')`).Scan(t.Context(), &cancelled, &entries, &mails)
	if err != nil || cancelled != bookings || entries != bookings || mails != bookings {
		t.Errorf("%d cancelled, %d entries, %d mails, %v", cancelled, entries, mails, err)
	}
	if _, _, body := x.ask(t, path, nil); !strings.Contains(body, "300 Buchungen sind storniert.") {
		t.Errorf("its page does not say so")
	}
}
