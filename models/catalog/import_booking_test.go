package catalog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/catalog/openvhs"
	"kurso/models/catalog/openvhs/generate"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// People book while their courses are imported again with other prices: nobody waits
// for ever, nobody gets an error that is none of theirs, and no booking is changed.
func TestPeopleBookDuringAnImport(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first := generated(t, openvhs.XML, generate.Options{Courses: 40, Seed: 8, Start: modeltest.Start.AddDate(0, 1, 0)})
	files := [2][]byte{first, regexp.MustCompile(`betrag>(\d)`).ReplaceAll(first, []byte("betrag>2$1"))}
	if bytes.Equal(files[0], files[1]) {
		t.Fatal("the generator spells prices in another way")
	}
	o.run(t, files[0])
	o.exec(t, "UPDATE courses SET state = 'published', booking_closes_at = '2029-01-01'")
	var courses []*catalog.Course
	if err := o.NewSelect().Model(&courses).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	var done atomic.Bool
	var booked, refused atomic.Int64
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			for i := n; !done.Load(); i += 7 {
				_, err := booking.Request(t.Context(), o.Store, modeltest.BookingInput(courses[i%len(courses)], modeltest.For(1+i%3)))
				var rule *store.RuleError
				var invalid *store.ValidationError
				switch {
				case err == nil:
					booked.Add(1)
				case errors.As(err, &rule), errors.As(err, &invalid):
					refused.Add(1)
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range 16 {
		im := o.run(t, files[(i+1)%2])
		if im.State != catalog.ImportFinished || im.SkippedCount != 0 || im.UpdatedCount == 0 {
			t.Errorf("import %d: %s", i, counts(im))
		}
	}
	done.Store(true)
	wg.Wait()
	t.Logf("%d booked, %d refused", booked.Load(), refused.Load())
	if booked.Load() < 50 {
		t.Errorf("%d booked, %d refused", booked.Load(), refused.Load())
	}
	for what, query := range map[string]string{
		"bookings":                      fmt.Sprintf("SELECT count(*) - %d FROM bookings", booked.Load()),
		"participants without a price":  "SELECT count(*) FROM participants p LEFT JOIN price_tiers t ON t.id = p.price_tier_id WHERE t.id IS NULL AND p.amount_cents > 0",
		"participants at another price": "SELECT count(*) FROM participants p JOIN price_tiers t ON t.id = p.price_tier_id WHERE t.amount_cents <> p.amount_cents",
	} {
		if n := o.number(t, query); n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
}

// Somebody is just saving a course: the import waits, and sees what they wrote.
func TestImportWaitsForStaffWhoSave(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	file := sample(t, "openvhs-1.2-sample.xml")
	o.run(t, file)
	im := o.start(t, bytes.ReplaceAll(file, []byte("Internet - Basiswissen Teil 1]"), []byte("Internet - Basiswissen 1]")))
	finished := make(chan error)
	o.Must(t, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.NewRaw("UPDATE courses SET name = 'Windows für alle', version = version + 1 WHERE id = 1").Exec(ctx); err != nil {
			return err
		}
		go func() { finished <- catalog.RunImport(t.Context(), o.Store, o.bucket, im.ID, nil) }()
		for o.number(t, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 0 {
			time.Sleep(5 * time.Millisecond)
		}
		return nil
	})
	if err := <-finished; err != nil {
		t.Fatal(err)
	}
	if c := o.course(t, windows); c.Name != "Windows für alle" {
		t.Errorf("the import wrote %q over it", c.Name)
	}
	if notes := o.notes(t, im.ID); len(notes) != 1 {
		t.Errorf("notes: %q", notes)
	}
}
