package booking_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// rounds is how often each race is run: KURSO_RACE_ROUNDS.
func rounds(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(os.Getenv("KURSO_RACE_ROUNDS"))
	if err != nil {
		return 2
	}
	return n
}

// inParallel calls fn n times at once.
func inParallel(n int, fn func(i int)) {
	start, done := make(chan struct{}), sync.WaitGroup{}
	for i := range n {
		done.Go(func() {
			<-start
			fn(i)
		})
	}
	close(start)
	done.Wait()
}

// watch looks at the places taken until stop is called, which returns the most it ever saw.
func watch(t *testing.T, w *modeltest.World, c *catalog.Course) (stop func() int) {
	t.Helper()
	quit, most := make(chan struct{}), make(chan int)
	go func() {
		seen := 0
		for {
			before := w.Now()
			places, err := booking.PlacesOf(context.WithoutCancel(t.Context()), w.Store, c.ID)
			if err != nil {
				t.Error(err)
			}
			// a clock set forward while it was read ends holds whose places are already taken anew
			if w.Now().Equal(before) {
				seen = max(seen, places[c.ID].Taken)
			}
			select {
			case <-quit:
				most <- seen
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	return func() int { close(quit); return <-most }
}

type requester func(context.Context, *store.Store, booking.Input) (*booking.Receipt, error)

// rush lets a crowd book at once, and returns how many were accepted. All others must have been told that the
// course is full.
func rush(t *testing.T, w *modeltest.World, c *catalog.Course, crowd int, request requester, opts ...modeltest.BookingOption) int {
	t.Helper()
	errs := make([]error, crowd)
	inParallel(crowd, func(i int) {
		_, errs[i] = request(t.Context(), w.Store, modeltest.BookingInput(c, opts...))
	})
	accepted := 0
	for _, err := range errs {
		switch {
		case err == nil:
			accepted++
		case !booking.IsFull(err):
			t.Errorf("a refused applicant was told: %v", err)
		}
	}
	return accepted
}

// confirmAll confirms every booking of a course at once.
func confirmAll(t *testing.T, w *modeltest.World, c *catalog.Course) {
	t.Helper()
	var bookings []*booking.Booking
	if err := w.NewSelect().Model(&bookings).Where("course_id = ?", c.ID).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	inParallel(len(bookings), func(i int) {
		if _, err := booking.Confirm(t.Context(), w.Store, w.VerifyToken(bookings[i])); err != nil {
			t.Error(err)
		}
	})
}

func countState(t *testing.T, w *modeltest.World, c *catalog.Course, state string) int {
	t.Helper()
	n, err := booking.Count(t.Context(), w.Store, booking.Filter{CourseID: c.ID, State: state})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestLastPlaceIsHeldOnce(t *testing.T) {
	for _, places := range []int{1, 10} {
		t.Run(fmt.Sprint(places), func(t *testing.T) {
			t.Parallel()
			w := modeltest.New(t)
			mustExec(t, w, "UPDATE provider SET hold_share_percent = 100")
			for round := range rounds(t) {
				c := w.MustCreateCourse(t, modeltest.Places(places))
				most := watch(t, w, c)
				accepted := rush(t, w, c, 500, booking.Request)
				equal(t, fmt.Sprintf("round %d: accepted", round), accepted, places)
				equal(t, "held", placesOf(t, w, c).Unverified, places)
				confirmAll(t, w, c)
				equal(t, "confirmed", countState(t, w, c, booking.Confirmed), places)
				equal(t, "taken at most", most(), places)
			}
		})
	}
}

// When unverified bookings may hold only half of the places, or people accept to wait, everybody is taken
// in, and the first to verify their e-mail get the places.
func TestLastPlaceIsConfirmedOnce(t *testing.T) {
	const crowd = 100
	for _, places := range []int{1, 10} {
		t.Run(fmt.Sprint(places), func(t *testing.T) {
			t.Parallel()
			w := modeltest.New(t)
			for round := range rounds(t) {
				c := w.MustCreateCourse(t, modeltest.Places(places))
				most := watch(t, w, c)
				accepted := rush(t, w, c, crowd, booking.Request, modeltest.Wait)
				equal(t, fmt.Sprintf("round %d: accepted", round), accepted, crowd)
				equal(t, "held", placesOf(t, w, c).Unverified, (places+1)/2)
				confirmAll(t, w, c)
				equal(t, "confirmed", countState(t, w, c, booking.Confirmed), places)
				equal(t, "waiting", countState(t, w, c, booking.Waitlisted), crowd-places)
				equal(t, "taken at most", most(), places)
			}
		})
	}
}

// Without the lock the same rush sells more than there is: so the tests above would notice.
func TestLastPlaceIsOversoldWithoutTheLock(t *testing.T) {
	for _, places := range []int{1, 10} {
		t.Run(fmt.Sprint(places), func(t *testing.T) {
			t.Parallel()
			w := modeltest.New(t)
			mustExec(t, w, "UPDATE provider SET hold_share_percent = 100")
			// on a busy machine a crowd can happen to come one by one
			for range 10 {
				c := w.MustCreateCourse(t, modeltest.Places(places))
				rush(t, w, c, 500, booking.RequestWithoutLock)
				taken := placesOf(t, w, c).Taken
				t.Logf("%d places taken of %d", taken, places)
				if taken > places {
					return
				}
			}
			t.Error("the race does not happen, so it proves nothing")
		})
	}
}
