package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"kurso/models/audit"
	"kurso/models/modeltest"
	"kurso/models/outbox"
	"kurso/models/store"
)

const lease = 90 * time.Second

// add writes a mail to the provider's address. Without a booking it is never a second one.
func add(t *testing.T, w *modeltest.World, letter string) *outbox.Mail {
	t.Helper()
	m := &outbox.Mail{Letter: letter, Recipient: "anna@example.org", Locale: "de"}
	w.Must(t, func(ctx context.Context, tx *store.Tx) error { return outbox.Add(ctx, tx, m) })
	return m
}

func load(t *testing.T, w *modeltest.World, id int64) *outbox.Mail {
	t.Helper()
	m, err := outbox.Load(t.Context(), w, id)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func jobs(t *testing.T, w *modeltest.World) (n int) {
	t.Helper()
	if err := w.NewRaw("SELECT count(*) FROM river_job WHERE kind = 'send_mail' AND queue = 'mails'").Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestClaimGivesAMailToOneWorkerAtATime(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	id := add(t, w, "a").ID

	var mu sync.Mutex
	var got []*outbox.Mail
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			m, err := outbox.Claim(context.WithoutCancel(t.Context()), w.Store, id, lease)
			var late *outbox.NotDueError
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				got = append(got, m)
			case !errors.As(err, &late) || !late.At.Equal(w.Now().Add(lease)):
				t.Errorf("want not due until the lease ends, got %v", err)
			}
		})
	}
	wg.Wait()
	if len(got) != 1 || got[0].State != outbox.Sending || got[0].Attempts != 1 {
		t.Fatalf("claimed %d times: %+v", len(got), got)
	}

	w.Clock.Advance(lease)
	m, err := outbox.Claim(t.Context(), w.Store, id, lease)
	if err != nil || m.Attempts != 2 {
		t.Fatalf("after the lease: %+v, %v", m, err)
	}
	// the first one comes back late with a refusal: it no longer has a say
	w.Must(t, func(ctx context.Context, tx *store.Tx) error { return outbox.MarkFailed(ctx, tx, got[0], "550") })
	if m := load(t, w, id); m.State != outbox.Sending {
		t.Fatalf("a lost claim wrote %s", m.State)
	}
	// but if the server took it, it was sent
	w.Must(t, func(ctx context.Context, tx *store.Tx) error { return outbox.MarkSent(ctx, tx, got[0], "250") })
	if m := load(t, w, id); m.State != outbox.Sent || m.SentAt == nil || m.NextTryAt != nil {
		t.Fatalf("sent: %+v", m)
	}
	if _, err := outbox.Claim(t.Context(), w.Store, id, lease); !errors.Is(err, outbox.ErrDone) {
		t.Fatalf("a sent mail was claimed: %v", err)
	}
	if _, err := outbox.Claim(t.Context(), w.Store, 1<<40, lease); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("unknown mail: %v", err)
	}
}

func TestRetryingWaitsForItsTime(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	id := add(t, w, "a").ID
	m, err := outbox.Claim(t.Context(), w.Store, id, lease)
	if err != nil {
		t.Fatal(err)
	}
	at := w.Now().Add(5 * time.Minute)
	w.Must(t, func(ctx context.Context, tx *store.Tx) error { return outbox.MarkRetrying(ctx, tx, m, at, "451 later") })

	var late *outbox.NotDueError
	if _, err := outbox.Claim(t.Context(), w.Store, id, lease); !errors.As(err, &late) || !late.At.Equal(at) {
		t.Fatalf("claimed too early: %v", err)
	}
	w.Clock.Advance(5 * time.Minute)
	if m, err = outbox.Claim(t.Context(), w.Store, id, lease); err != nil || m.Attempts != 2 || m.LastReply != "451 later" {
		t.Fatalf("%+v, %v", m, err)
	}
}

func TestGapsGrowOverDays(t *testing.T) {
	t.Parallel()
	var all, before time.Duration
	n := 1
	for ; ; n++ {
		gap, more := outbox.Gap(n)
		if !more {
			break
		}
		if gap < before {
			t.Errorf("gap %d shrinks: %s after %s", n, gap, before)
		}
		all, before = all+gap, gap
	}
	if all < 72*time.Hour || all > 120*time.Hour {
		t.Errorf("tries are spread over %s", all)
	}
	if _, more := outbox.Gap(0); more {
		t.Error("a gap before the first try")
	}
}

func TestRetryByStaff(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	ctx := store.WithActor(t.Context(), store.Actor{Kind: "user", UserID: w.MustCreateUser(t, "Eva").ID})
	id := add(t, w, "a").ID

	m, err := outbox.Claim(ctx, w.Store, id, lease)
	if err != nil {
		t.Fatal(err)
	}
	var rule *store.RuleError
	if err := outbox.Retry(ctx, w.Store, id); !errors.As(err, &rule) || m.CanRetry(w.Now()) {
		t.Fatalf("a mail under way was retried: %v", err)
	}
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		return outbox.MarkFailed(ctx, tx, m, "550 no such user")
	})
	if m = load(t, w, id); m.State != outbox.Failed || m.LastReply != "550 no such user" || !m.CanRetry(w.Now()) {
		t.Fatalf("failed: %+v", m)
	}
	if err := outbox.Retry(ctx, w.Store, id); err != nil {
		t.Fatal(err)
	}
	if m = load(t, w, id); m.State != outbox.Queued || m.Attempts != 0 {
		t.Fatalf("retried: %+v", m)
	}
	if n := jobs(t, w); n != 2 {
		t.Errorf("%d jobs, want the first and the second", n)
	}
	entries, err := audit.History(ctx, w, "mail", id, 10)
	if err != nil || len(entries) != 1 || entries[0].ActorName != "Eva" {
		t.Errorf("audit: %+v, %v", entries, err)
	}

	if m, err = outbox.Claim(ctx, w.Store, id, lease); err != nil {
		t.Fatal(err)
	}
	w.Must(t, func(ctx context.Context, tx *store.Tx) error { return outbox.MarkSent(ctx, tx, m, "") })
	if err := outbox.Retry(ctx, w.Store, id); !errors.As(err, &rule) {
		t.Errorf("a sent mail was retried: %v", err)
	}
	if err := outbox.Retry(ctx, w.Store, 1<<40); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("unknown mail: %v", err)
	}
}

func TestCounts(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	const n = 20
	for i := range n {
		m := add(t, w, fmt.Sprintf("letter_%d", i))
		if i%3 == 0 {
			w.Clock.Advance(time.Second) // so that some share a moment and some do not
		}
		if i < 4 {
			c, err := outbox.Claim(t.Context(), w.Store, m.ID, lease)
			if err != nil {
				t.Fatal(err)
			}
			w.Must(t, func(ctx context.Context, tx *store.Tx) error {
				if i == 3 {
					return outbox.MarkRetrying(ctx, tx, c, w.Now().Add(time.Hour), "")
				}
				return outbox.MarkFailed(ctx, tx, c, "")
			})
		}
	}
	c, err := outbox.Count(t.Context(), w, nil)
	if err != nil || c != (outbox.Counts{Queued: n - 4, Retrying: 1, Failed: 3}) || c.Attention() != 4 {
		t.Errorf("counts: %+v, %v", c, err)
	}
}

func TestALetterIsAddedOnceForABooking(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	var bookingID int64
	err := w.NewRaw(`INSERT INTO bookings (course_id, state, places, total_cents, first_name, last_name, email, form_nonce, verify_nonce,
			verify_hash, verify_expires_at, verify_sent_at, manage_nonce, manage_hash, requested_at, updated_at)
		VALUES (?, 'REQUESTED', 1, 0, 'A', 'B', 'a@example.org', 'n', 'n', 'v', now(), now(), 'n', 'm', now(), now()) RETURNING id`, c.ID).
		Scan(t.Context(), &bookingID)
	if err != nil {
		t.Fatal(err)
	}
	user := w.MustCreateUser(t, "Eva")
	for range 2 {
		for _, m := range []*outbox.Mail{
			{BookingID: &bookingID, Letter: "a", Recipient: "a@example.org", Locale: "de"},
			{BookingID: &bookingID, Letter: "a", Recipient: "a@example.org", Locale: "de", Version: 2},
			{BookingID: &bookingID, Letter: "b", Recipient: "a@example.org", Locale: "de"},
			{BookingID: &bookingID, Letter: "b", Recipient: user.Email, Locale: "de", UserID: &user.ID},
		} {
			w.Must(t, func(ctx context.Context, tx *store.Tx) error { return outbox.Add(ctx, tx, m) })
		}
	}
	mails, err := outbox.OfBooking(t.Context(), w, bookingID)
	if err != nil || len(mails) != 4 || jobs(t, w) != 4 {
		t.Errorf("%d mails, %d jobs, %v", len(mails), jobs(t, w), err)
	}
	rows, err := outbox.OfCourse(t.Context(), w, c.ID, 3)
	if err != nil || len(rows) != 3 || rows[0].ID != mails[3].ID {
		t.Errorf("rows: %+v, %v", rows, err)
	}
}

// The mails of a course that was booked long ago are found without reading all that came after them.
func TestMailsOfAnOldCourseAreFoundByIt(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	old, busy := w.MustCreateCourse(t), w.MustCreateCourse(t)
	first, last := w.MustRequest(t, old), w.MustRequest(t, busy)
	one, err := store.Open(t.Context(), store.Options{DatabaseURL: w.URL, SecretKey: modeltest.Secret, Clock: w.Clock, MaxConns: 1, Log: modeltest.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	for _, more := range []struct{ like, bookings, firstMail int }{{int(first.ID), 400, 0}, {int(last.ID), 20000, 1000}} {
		for _, sql := range []string{
			fmt.Sprintf(`INSERT INTO bookings (course_id, state, places, total_cents, first_name, last_name, email, form_nonce,
				    verify_nonce, verify_hash, verify_expires_at, verify_sent_at, manage_nonce, manage_hash, requested_at, updated_at)
				SELECT course_id, state, 1, 0, 'V', 'N', email, id || '.' || i, i, (id || '.' || i)::bytea, requested_at, requested_at,
				    i, (id || '.' || i)::bytea, requested_at, requested_at
				FROM bookings, generate_series(1, %d) i WHERE id = %d`, more.bookings, more.like),
			fmt.Sprintf(`INSERT INTO mails (booking_id, letter, version, recipient, message_id, created_at)
				SELECT b.id, 'x', i, 'a@b.c', b.id || '.' || i, b.requested_at + %d * interval '1 minute' + b.id * interval '1 second'
				FROM bookings b, generate_series(2, 4) i WHERE b.course_id = (SELECT course_id FROM bookings WHERE id = %d)`, more.firstMail, more.like),
		} {
			if _, err := one.Pool().Exec(t.Context(), sql); err != nil {
				t.Fatal(err)
			}
		}
	}
	// the plan that a large table gets
	w.AsOwner(t, "ANALYZE")
	if _, err := one.Pool().Exec(t.Context(), "SET random_page_cost = 1.1"); err != nil {
		t.Fatal(err)
	}
	read := func() (n int) {
		t.Helper()
		err := one.Pool().QueryRow(t.Context(), `SELECT pg_stat_force_next_flush(), idx_tup_fetch + seq_tup_read FROM pg_stat_user_tables WHERE relname = 'mails'`).Scan(nil, &n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	read()
	before := read()
	rows, err := outbox.OfCourse(t.Context(), one, old.ID, 50)
	if err != nil || len(rows) != 50 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	read()
	if n := read() - before; n < 1200 || n > 5000 {
		t.Errorf("%d of 61000 mails were read for the 1200 of the course", n)
	}
}
