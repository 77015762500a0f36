package booking_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/store"
)

func TestConfirmingFiftyTimesAtOnceConfirmsOnce(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	b := w.MustRequest(t, w.MustCreateCourse(t))
	inParallel(50, func(int) {
		if got, err := booking.Confirm(t.Context(), w.Store, w.VerifyToken(b)); err != nil || got.State != booking.Confirmed {
			t.Error(got, err)
		}
	})
	equalList(t, "mails", letters(t, w, b), "booking_verify "+b.Email, "booking_confirmed "+b.Email, "staff_booking office@localhost.example")
	equalList(t, "history", history(t, w, b), "applicant booking.requested", "applicant booking.confirmed")
	equal(t, "jobs", count(t, w, "SELECT count(*) FROM river_job"), 3)
	equal(t, "persons", count(t, w, "SELECT count(*) FROM persons"), 1)
}

func TestAnEndedHoldIsFreeAtOnceAndConfirmedIfAPlaceIsLeft(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t, modeltest.Places(1))
	first := w.MustRequest(t, c)
	w.Clock.Advance(59*time.Minute + 59*time.Second)
	_, err := booking.Request(t.Context(), w.Store, modeltest.BookingInput(c))
	refusedBy(t, err, booking.KeyFull)
	w.Clock.Advance(time.Second)
	equal(t, "taken, before any job ran", placesOf(t, w, c).Taken, 0)
	second := w.MustRequest(t, c)
	equal(t, "who was later but holds it", w.MustConfirm(t, second).State, booking.Confirmed)
	equal(t, "who comes too late", w.MustConfirm(t, first).State, booking.Waitlisted)
	equalList(t, "mails", letters(t, w, first), "booking_verify "+first.Email, "booking_waitlisted "+first.Email, "staff_booking office@localhost.example")
	equal(t, "waiting", placesOf(t, w, c).Waiting, 1)

	late := w.MustRequest(t, w.MustCreateCourse(t, modeltest.Places(1)))
	w.Clock.Advance(2 * time.Hour)
	equal(t, "late, but nobody took it", w.MustConfirm(t, late).State, booking.Confirmed)
}

// A hold that ends while its confirmation waits for the course counts as ended.
func TestAHoldThatEndsDuringTheWait(t *testing.T) {
	t.Parallel()
	for _, gone := range []bool{true, false} {
		w := modeltest.New(t)
		c := w.MustCreateCourse(t, modeltest.Places(1))
		b := w.MustRequest(t, c)
		other := w.MustRequest(t, c, modeltest.Wait)
		w.Clock.Advance(time.Hour - time.Millisecond)
		var confirmed errgroup.Group
		w.Must(t, func(ctx context.Context, tx *store.Tx) error {
			if _, err := tx.NewRaw("SELECT 1 FROM courses WHERE id = ? FOR NO KEY UPDATE", c.ID).Exec(ctx); err != nil {
				return err
			}
			confirmed.Go(func() error {
				_, err := booking.Confirm(t.Context(), w.Store, w.VerifyToken(b))
				return err
			})
			for count(t, w, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 0 {
				time.Sleep(time.Millisecond)
			}
			w.Clock.Advance(2 * time.Millisecond)
			if !gone {
				return nil
			}
			_, err := tx.NewRaw("UPDATE bookings SET state = 'CONFIRMED', confirmed_at = requested_at WHERE id = ?", other.ID).Exec(ctx)
			return err
		})
		if err := confirmed.Wait(); err != nil {
			t.Fatal(err)
		}
		want := booking.Confirmed
		if gone {
			want = booking.Waitlisted
		}
		equal(t, "state", w.MustConfirm(t, b).State, want)
		equal(t, "taken", placesOf(t, w, c).Taken, 1)
	}
}

func TestTheLinkEndsAfterTwoDays(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	late, done := w.MustRequest(t, c), w.MustRequest(t, c)
	w.MustConfirm(t, done)
	w.Clock.Advance(48*time.Hour - time.Second)
	if _, err := booking.LoadByVerifyToken(t.Context(), w.Store, w.VerifyToken(late)); err != nil {
		t.Error(err)
	}
	w.Clock.Advance(time.Second)
	_, err := booking.LoadByVerifyToken(t.Context(), w.Store, w.VerifyToken(late))
	equal(t, "looking", errors.Is(err, store.ErrGone), true)
	_, err = booking.Confirm(t.Context(), w.Store, w.VerifyToken(late))
	equal(t, "confirming", errors.Is(err, store.ErrGone), true)
	equal(t, "what was confirmed in time", w.MustConfirm(t, done).State, booking.Confirmed)
	_, err = booking.Confirm(t.Context(), w.Store, w.ManageToken(late))
	equal(t, "another token", errors.Is(err, store.ErrNotFound), true)
	_, err = booking.Confirm(t.Context(), w.Store, "no token \x00\xff")
	equal(t, "no token", errors.Is(err, store.ErrNotFound), true)
}

func TestNothingIsConfirmedInACourseCalledOff(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	b, done := w.MustRequest(t, c), w.MustRequest(t, c)
	w.MustConfirm(t, done)
	mustExec(t, w, "UPDATE courses SET state = 'called_off' WHERE id = ?", c.ID)
	_, err := booking.Confirm(t.Context(), w.Store, w.VerifyToken(b))
	refusedBy(t, err, booking.KeyNotOffered)
	equal(t, "again", w.MustConfirm(t, done).State, booking.Confirmed)
}

// The window may close while a mail is under way.
func TestWhoBookedInTimeMayConfirmAfterBookingClosed(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	closes := w.Now().Add(time.Minute)
	b := w.MustRequest(t, w.MustCreateCourse(t, func(c *catalog.Course) { c.BookingClosesAt = &closes }))
	w.Clock.Advance(2 * time.Minute)
	equal(t, "state", w.MustConfirm(t, b).State, booking.Confirmed)
}

func TestPeopleWhoWaitComeBeforeNewcomers(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t, modeltest.Places(2))
	confirmed := w.MustConfirm(t, w.MustRequest(t, c, modeltest.For(2)))
	waits := w.MustRequest(t, c, modeltest.Wait)
	equal(t, "hold of one who will wait", waits.HoldExpiresAt, nil)
	equal(t, "state", w.MustConfirm(t, waits).State, booking.Waitlisted)
	w.MustNotify(t)

	_, err := booking.ConfirmFromWaitlist(t.Context(), w.Store, waits.ID, 0)
	equal(t, "free", refusedBy(t, err, booking.KeyNoPlaceForWaiting)[1], any(0))

	if _, err := booking.Cancel(t.Context(), w.Store, w.ManageToken(confirmed)); err != nil {
		t.Fatal(err)
	}
	equal(t, "open to newcomers", placesOf(t, w, c).Open(), 1)
	_, err = booking.Request(t.Context(), w.Store, modeltest.BookingInput(c, modeltest.For(2)))
	refusedBy(t, err, booking.KeyNotEnough)

	anna := w.MustCreateUser(t, "Anna Amt")
	ctx := store.WithActor(t.Context(), store.Actor{Kind: "user", UserID: anna.ID})
	for range 2 {
		got, err := booking.ConfirmFromWaitlist(ctx, w.Store, waits.ID, 0)
		if err != nil || got.State != booking.Confirmed {
			t.Fatal(got, err)
		}
	}
	equalList(t, "mails", letters(t, w, waits), "booking_verify "+waits.Email, "booking_waitlisted "+waits.Email,
		"staff_booking office@localhost.example", "booking_confirmed "+waits.Email)
	equalList(t, "history", history(t, w, waits), "applicant booking.requested", "applicant booking.waitlisted", "user booking.confirmed")
	_, err = booking.ConfirmFromWaitlist(ctx, w.Store, confirmed.ID, 0)
	equal(t, "one cancelled", errors.Is(err, store.ErrConflict), true)
	_, err = booking.ConfirmFromWaitlist(ctx, w.Store, 12345, 0)
	equal(t, "none", errors.Is(err, store.ErrNotFound), true)
}

func TestABookingFindsItsPerson(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t, modeltest.Places(100))
	by := func(first, last, email string) int64 {
		t.Helper()
		return *w.MustConfirm(t, w.MustRequest(t, c, func(in *booking.Input) {
			in.FirstName, in.LastName, in.Email = first, last, email
		})).PersonID
	}
	jörg := by("Jörg", "Groß", "gross@example.org")
	equal(t, "spelt otherwise", by("JOERG", "Gross", "Gross@Example.org"), jörg)
	equal(t, "the family's address", by("Ute", "Groß", "gross@example.org") != jörg, true)
	equal(t, "another address", by("Jörg", "Groß", "jg@example.org") != jörg, true)
	equal(t, "name kept", count(t, w, "SELECT count(*) FROM persons WHERE id = ? AND first_name = 'Jörg'", jörg), 1)

	// twenty bookings of one new person, confirmed at once
	bookings := make([]*booking.Booking, 20)
	for i := range bookings {
		bookings[i] = w.MustRequest(t, w.MustCreateCourse(t), func(in *booking.Input) {
			in.FirstName, in.LastName, in.Email = "Eva", "Neu", "neu@example.org"
		})
	}
	inParallel(len(bookings), func(i int) {
		if _, err := booking.Confirm(t.Context(), w.Store, w.VerifyToken(bookings[i])); err != nil {
			t.Error(err)
		}
	})
	equal(t, "persons", count(t, w, "SELECT count(*) FROM persons WHERE email = 'neu@example.org'"), 1)
}

func TestResend(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	in := modeltest.BookingInput(w.MustCreateCourse(t))
	known, err := booking.Request(t.Context(), w.Store, in)
	if err != nil {
		t.Fatal(err)
	}
	list, err := booking.Recent(t.Context(), w.Store, booking.Filter{}, 50)
	if err != nil {
		t.Fatal(err)
	}
	b := list[0]
	// a receipt without a booking gets the same answers
	for name, token := range map[string]string{"real": known.Token, "decoy": booking.DecoyReceipt(w.Store, b.CourseID, 60).Token} {
		throttled := func(what string) {
			t.Helper()
			var wait *store.ThrottledError
			if err := booking.Resend(t.Context(), w.Store, token); !errors.As(err, &wait) || !wait.RetryAt.After(w.Now()) {
				t.Errorf("%s, %s: %v", name, what, err)
			}
		}
		w.Clock.Set(modeltest.Start)
		throttled("at once")
		for range 3 {
			w.Clock.Advance(time.Minute)
			equal(t, name, booking.Resend(t.Context(), w.Store, token), nil)
			throttled("at once again")
		}
		w.Clock.Advance(time.Minute)
		throttled("a fourth time")
	}
	equal(t, "no receipt", booking.Resend(t.Context(), w.Store, "x"), store.ErrNotFound)

	equal(t, "mails", count(t, w, "SELECT count(*) FROM mails WHERE booking_id = ? AND letter = 'booking_verify'", b.ID), 4)
	_, err = booking.Confirm(t.Context(), w.Store, w.VerifyToken(b))
	equal(t, "the first link", errors.Is(err, store.ErrNotFound), true)
	newest, err := booking.Load(t.Context(), w.Store, b.ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "version", newest.VerifyVersion, 4)
	equal(t, "the newest link", w.MustConfirm(t, newest).State, booking.Confirmed)
}

func TestNothingIsSentAgainOnceVerified(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	in := modeltest.BookingInput(w.MustCreateCourse(t))
	receipt, err := booking.Request(t.Context(), w.Store, in)
	if err != nil {
		t.Fatal(err)
	}
	list, err := booking.Recent(t.Context(), w.Store, booking.Filter{}, 50)
	if err != nil {
		t.Fatal(err)
	}
	w.MustConfirm(t, list[0])
	w.Clock.Advance(time.Minute)
	equal(t, "answer", booking.Resend(t.Context(), w.Store, receipt.Token), nil)
	equalList(t, "mails", letters(t, w, list[0]), "booking_verify "+in.Email, "booking_confirmed "+in.Email, "staff_booking office@localhost.example")
}

func TestCancelling(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t, modeltest.Places(1))
	b := w.MustConfirm(t, w.MustRequest(t, c))
	waits := w.MustConfirm(t, w.MustRequest(t, c, modeltest.Wait))
	_, err := booking.Cancel(t.Context(), w.Store, w.VerifyToken(b))
	equal(t, "with the wrong token", errors.Is(err, store.ErrNotFound), true)

	provider, err := catalog.LoadProvider(t.Context(), w.Store)
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.Set(*booking.CancellableUntil(b.Course, provider))
	_, err = booking.Cancel(t.Context(), w.Store, w.ManageToken(b))
	refusedBy(t, err, booking.KeyTooLateToCancel)
	got, err := booking.Cancel(t.Context(), w.Store, w.ManageToken(waits))
	if err != nil || got.State != booking.Cancelled {
		t.Error("who waits can always leave", got, err)
	}
	w.Clock.Advance(-time.Second)
	got, err = booking.Cancel(t.Context(), w.Store, w.ManageToken(b))
	if err != nil || got.State != booking.Cancelled || got.ClosedAt == nil {
		t.Error("in time", got, err)
	}
}

func TestStaffCancel(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	anna := w.MustCreateUser(t, "Anna Amt")
	ctx := store.WithActor(t.Context(), store.Actor{Kind: "user", UserID: anna.ID})
	c := w.MustCreateCourse(t)
	b, unverified := w.MustConfirm(t, w.MustRequest(t, c)), w.MustRequest(t, c)
	w.MustNotify(t)
	w.Clock.Set(c.Sessions[1].StartsAt)
	for range 2 {
		got, err := booking.CancelByStaff(ctx, w.Store, b.ID, 0)
		if err != nil || got.State != booking.Cancelled {
			t.Fatal(got, err)
		}
	}
	equalList(t, "mails", letters(t, w, b), "booking_verify "+b.Email, "booking_confirmed "+b.Email,
		"staff_booking office@localhost.example", "booking_cancelled "+b.Email)
	equalList(t, "history", history(t, w, b), "applicant booking.requested", "applicant booking.confirmed", "user booking.cancelled")
	if _, err := booking.CancelByStaff(ctx, w.Store, unverified.ID, 0); err != nil {
		t.Fatal(err)
	}
	equalList(t, "an address nobody has verified gets no more", letters(t, w, unverified), "booking_verify "+unverified.Email)
	_, err := booking.CancelByStaff(ctx, w.Store, 12345, 0)
	equal(t, "none", errors.Is(err, store.ErrNotFound), true)
}

func TestExpireHolds(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t, modeltest.Places(6)) // holds 3
	for range 5 {
		w.MustRequest(t, c)
	}
	confirmed := w.MustConfirm(t, w.MustRequest(t, c))
	expire := func(limit int) int {
		t.Helper()
		n, err := booking.ExpireHolds(t.Context(), w.Store, limit)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	equal(t, "nothing due", expire(10), 0)
	w.Clock.Advance(time.Hour)
	equal(t, "first two", expire(2), 2)
	equal(t, "third hold", expire(2), 1)
	equal(t, "those without a hold have their link yet", expire(2), 0)
	w.Clock.Advance(47 * time.Hour)
	equal(t, "without a hold", expire(10), 2)
	equal(t, "expired", countState(t, w, c, booking.Expired), 5)
	equal(t, "entries", count(t, w, "SELECT count(*) FROM audit_entries WHERE action = 'booking.expired' AND actor_kind = 'system'"), 5)
	equal(t, "networks kept", count(t, w, "SELECT count(*) FROM bookings WHERE network_hash <> ''"), 0)
	b, err := booking.Load(t.Context(), w.Store, confirmed.ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "confirmed", b.State, booking.Confirmed)
}

func TestExpiredIsConfirmedAsLongAsTheLinkWorks(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	b := w.MustRequest(t, w.MustCreateCourse(t))
	w.Clock.Advance(time.Hour)
	if _, err := booking.ExpireHolds(t.Context(), w.Store, 10); err != nil {
		t.Fatal(err)
	}
	equal(t, "state", w.MustConfirm(t, b).State, booking.Confirmed)
}

// Two workers at once share the work, and neither waits for a booking that somebody is confirming.
func TestExpireHoldsSkipsWhatIsLocked(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	locked := w.MustRequest(t, c)
	w.MustRequest(t, c)
	w.Clock.Advance(time.Hour)
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.NewRaw("SELECT 1 FROM bookings WHERE id = ? FOR UPDATE", locked.ID).Exec(ctx); err != nil {
			return err
		}
		n, err := booking.ExpireHolds(ctx, w.Store, 10)
		equal(t, "expired beside a lock", n, 1)
		return err
	})
}
