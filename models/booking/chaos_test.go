package booking_test

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// Applicants, staff, the clock and the periodic job all at once: no place is sold twice, nobody is left in
// the lurch, and what is refused is refused with a reason.
func TestEverybodyAtOnce(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	mustExec(t, w, "UPDATE provider SET hold_share_percent = 100, hold_minutes = 5")
	c := w.MustCreateCourse(t, modeltest.Places(5))
	var bookings []*booking.Booking
	for range 24 {
		bookings = append(bookings, w.MustRequest(t, c, modeltest.Wait))
	}
	zone, _ := time.LoadLocation("Europe/Berlin")
	most := watch(t, w, c)
	inParallel(96, func(i int) {
		b := bookings[rand.IntN(len(bookings))]
		var err error
		switch i % 8 {
		case 0, 1, 2:
			_, err = booking.Confirm(t.Context(), w.Store, w.VerifyToken(b))
		case 3:
			_, err = booking.Cancel(t.Context(), w.Store, w.ManageToken(b))
		case 4:
			_, err = booking.CancelByStaff(t.Context(), w.Store, b.ID, 0)
		case 5:
			_, err = booking.ConfirmFromWaitlist(t.Context(), w.Store, b.ID, 0)
		case 6:
			w.Clock.Advance(time.Minute)
			_, err = booking.ExpireHolds(t.Context(), w.Store, 5)
		case 7:
			stored, loadErr := catalog.LoadCourse(t.Context(), w.Store, c.ID)
			if loadErr != nil {
				t.Error(loadErr)
				return
			}
			in := catalog.CourseInputOf(stored, nil, zone)
			in.MaxPlaces = strconv.Itoa(3 + rand.IntN(3))
			err = catalog.UpdateCourse(t.Context(), w.Store, c.ID, in)
		}
		var rule *store.RuleError
		var invalid *store.ValidationError
		if err != nil && !errors.As(err, &rule) && !errors.As(err, &invalid) && !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrGone) {
			t.Errorf("%d: %v", i%8, err)
		}
	})
	if n := most(); n > 5 {
		t.Errorf("%d of 5 places were taken", n)
	}
	if p := placesOf(t, w, c); p.Taken > *p.Max {
		t.Errorf("%d of %d places are taken", p.Taken, *p.Max)
	}
	equal(t, "confirmed without a letter", count(t, w, `SELECT count(*) FROM bookings b WHERE confirmed_at IS NOT NULL
		AND NOT EXISTS (SELECT FROM mails WHERE booking_id = b.id AND letter = 'booking_confirmed')`), 0)
	equal(t, "verified without a person", count(t, w, `SELECT count(*) FROM bookings WHERE (confirmed_at IS NOT NULL OR waitlisted_at IS NOT NULL) AND person_id IS NULL`), 0)
	equal(t, "mails without a job", count(t, w, `SELECT count(*) FROM mails m WHERE NOT EXISTS (SELECT FROM river_job WHERE kind = 'send_mail' AND (args->>'mail_id')::bigint = m.id)`), 0)
}
