package booking_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"kurso/models/accounts"
	"kurso/models/booking"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// bulk is somebody who cancels the bookings of a course together.
type bulk struct {
	*modeltest.World
	user *accounts.User
	ctx  context.Context
	ids  []int64
}

func newBulk(t *testing.T, bookings int, roles ...string) *bulk {
	t.Helper()
	w := modeltest.New(t)
	b := &bulk{World: w, user: w.MustCreateUser(t, "Erika", roles...)}
	c := w.MustCreateCourse(t, modeltest.Places(bookings+1))
	for range bookings {
		b.ids = append(b.ids, w.MustConfirm(t, w.MustRequest(t, c)).ID)
	}
	var err error
	if b.ctx, err = accounts.Act(t.Context(), w, b.user.ID); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bulk) start(t *testing.T) int64 {
	t.Helper()
	id, err := booking.StartBulkCancellation(b.ctx, b.Store, b.ids)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (b *bulk) work(t *testing.T, id int64) {
	t.Helper()
	if err := booking.WorkBulkCancellation(t.Context(), b.Store, id); err != nil {
		t.Fatal(err)
	}
}

// came is what came of one: "finished 2 of 3 1 closed", and of those out of sight "finished 2 of 3 (1) beyond".
func (b *bulk) came(t *testing.T, id int64) string {
	t.Helper()
	got, err := booking.LoadBulkCancellation(b.ctx, b.Store, id)
	if err != nil {
		t.Fatal(err)
	}
	out := fmt.Sprintf("%s %d of %d", got.State, got.Cancelled, got.Total)
	refused, err := got.Refused(b.ctx, b.Store, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range refused {
		which := "%d"
		if !r.Visible {
			which = "(%d)"
		}
		if r.Visible == (r.Booker == "") {
			t.Errorf("%+v", r)
		}
		out += fmt.Sprintf(" "+which+" %s", slices.Index(b.ids, r.BookingID), r.Outcome)
	}
	return out
}

// effects are how many bookings are cancelled, with how many entries of their own by the user and how many letters.
func (b *bulk) effects(t *testing.T) string {
	t.Helper()
	var cancelled, entries, mails int
	err := b.NewRaw(`SELECT (SELECT count(*) FROM bookings WHERE state = 'CANCELLED'),
		(SELECT count(*) FROM audit_entries WHERE action = 'booking.cancelled' AND actor_id = ?),
		(SELECT count(*) FROM mails WHERE letter = 'booking_cancelled')`, b.user.ID).Scan(t.Context(), &cancelled, &entries, &mails)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d cancelled, %d entries, %d mails", cancelled, entries, mails)
}

func (b *bulk) jobs(t *testing.T) (n int) {
	t.Helper()
	if err := b.NewRaw("SELECT count(*) FROM river_job WHERE kind = 'run_bulk_cancellation' AND state = 'available'").Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func want(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// Sent twice it is one, worked twice it cancels once; a booking that ended meanwhile is named.
func TestBulkCancellationIsDoneOnce(t *testing.T) {
	t.Parallel()
	b := newBulk(t, 4, accounts.Administration)
	id := b.start(t)
	if again := b.start(t); again != id || b.jobs(t) != 1 {
		t.Errorf("sent again it is %d, not %d, with %d jobs", again, id, b.jobs(t))
	}
	if _, err := booking.CancelByStaff(t.Context(), b.Store, b.ids[2], 0); err != nil {
		t.Fatal(err)
	}
	running, err := booking.RunningBulkCancellation(b.ctx, b.Store)
	if err != nil || running == nil || running.ID != id || running.Done != 0 || running.Total != 4 {
		t.Errorf("running is %+v, %v", running, err)
	}
	var both errgroup.Group
	for range 2 {
		both.Go(func() error { return booking.WorkBulkCancellation(t.Context(), b.Store, id) })
	}
	if err := both.Wait(); err != nil {
		t.Fatal(err)
	}
	b.work(t, id)
	want(t, "came", b.came(t, id), "finished 3 of 4 2 closed")
	want(t, "effects", b.effects(t), "4 cancelled, 3 entries, 4 mails")
	if running, err := booking.RunningBulkCancellation(b.ctx, b.Store); err != nil || running != nil {
		t.Errorf("running is %+v, %v", running, err)
	}
	var entries []string
	if err := b.NewRaw("SELECT action || ' ' || (changes->0->>'new') || ' ' || actor_kind FROM audit_entries WHERE subject_type = 'bulk_cancellation' ORDER BY id").Scan(t.Context(), &entries); err != nil {
		t.Fatal(err)
	}
	want(t, "entries", strings.Join(entries, ", "), "bulk_cancellation.started 4 user, bulk_cancellation.finished 3 user")
	var invalid *store.ValidationError
	for what, ids := range map[string][]int64{"unknown": {999999}, "none": nil, "too many": make([]int64, booking.MostAtOnce+1)} {
		if _, err := booking.StartBulkCancellation(b.ctx, b.Store, ids); !errors.As(err, &invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := booking.LoadBulkCancellation(accounts.WithGrants(store.WithActor(t.Context(), store.Actor{Kind: "user", UserID: b.user.ID + 1}), accounts.Grants{}), b.Store, id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("somebody else's: %v", err)
	}
}

// After a worker died, a new job goes on with what is left; while one works there is none.
func TestBulkCancellationGoesOnAfterADeath(t *testing.T) {
	t.Parallel()
	b := newBulk(t, 3, accounts.Administration)
	id := b.start(t)
	b.AsOwner(t, `CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.letter = ''booking_cancelled'' AND (SELECT count(*) FROM mails WHERE letter = ''booking_cancelled'') = 2 THEN PERFORM pg_sleep(60); END IF; RETURN NEW; END'`,
		"CREATE TRIGGER die BEFORE INSERT ON mails FOR EACH ROW EXECUTE FUNCTION die()")
	ctx, kill := context.WithCancel(t.Context())
	died := make(chan error)
	go func() { died <- booking.WorkBulkCancellation(ctx, b.Store, id) }()
	for end := time.Now().Add(20 * time.Second); b.came(t, id) != "running 2 of 3"; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(b.came(t, id))
		}
	}
	kill()
	if err := <-died; err == nil {
		t.Fatal("the worker did not die")
	}
	want(t, "effects", b.effects(t), "2 cancelled, 2 entries, 2 mails")
	b.AsOwner(t, "DROP TRIGGER die ON mails",
		"UPDATE river_job SET state = 'running', attempted_at = now() - interval '1 year' WHERE kind = 'run_bulk_cancellation'")
	watch := func() int {
		t.Helper()
		if err := booking.WatchBulkCancellations(t.Context(), b.Store); err != nil {
			t.Fatal(err)
		}
		return b.jobs(t)
	}
	if n := watch(); n != 0 {
		t.Errorf("%d jobs just after something was done", n)
	}
	b.Clock.Advance(time.Minute)
	if n := watch(); n != 1 {
		t.Errorf("%d jobs after the silence", n)
	}
	if n := watch(); n != 1 {
		t.Errorf("looking twice made %d jobs", n)
	}
	b.work(t, id)
	want(t, "came", b.came(t, id), "finished 3 of 3")
	want(t, "effects in the end", b.effects(t), "3 cancelled, 3 entries, 3 mails")
	b.AsOwner(t, "DELETE FROM river_job")
	b.Clock.Advance(time.Minute)
	if n := watch(); n != 0 {
		t.Errorf("%d jobs for one that has ended", n)
	}
}

// Whoever started it must be allowed to cancel each booking when its turn comes.
func TestBulkCancellationAsksForThePermissionAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		between string
		want    string
	}{
		"nothing changed":    {"SELECT ?", "finished 2 of 2"},
		"role withdrawn":     {"DELETE FROM user_roles WHERE user_id = ?", "finished 0 of 2 0 forbidden 1 forbidden"},
		"account closed":     {"UPDATE users SET active = false, deactivated_at = now() WHERE id = ?", "finished 0 of 2 0 forbidden 1 forbidden"},
		"no longer in reach": {"DELETE FROM course_staff WHERE user_id = ?", "finished 0 of 2 (0) beyond (1) beyond"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBulk(t, 2)
			course, err := booking.Load(t.Context(), b.Store, b.ids[0])
			if err != nil {
				t.Fatal(err)
			}
			b.Must(t, func(ctx context.Context, tx *store.Tx) error {
				for _, sql := range []string{
					"INSERT INTO roles (name, reach, created_at, updated_at) VALUES ('Eigene', 'own', now(), now())",
					"INSERT INTO role_permissions SELECT id, unnest(ARRAY['bookings.read', 'bookings.write']) FROM roles WHERE name = 'Eigene'",
					"INSERT INTO user_roles (user_id, role_id) SELECT ?0, id FROM roles WHERE name = 'Eigene'",
					"INSERT INTO course_staff (course_id, user_id) VALUES (?1, ?0)",
				} {
					if _, err := tx.NewRaw(sql, b.user.ID, course.CourseID).Exec(ctx); err != nil {
						return err
					}
				}
				return nil
			})
			if b.ctx, err = accounts.Act(t.Context(), b.Store, b.user.ID); err != nil {
				t.Fatal(err)
			}
			foreign := b.MustConfirm(t, b.MustRequest(t, b.MustCreateCourse(t)))
			id, err := booking.StartBulkCancellation(b.ctx, b.Store, append([]int64{foreign.ID}, b.ids...))
			if err != nil {
				t.Fatal(err)
			}
			b.Must(t, func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.NewRaw(c.between, b.user.ID).Exec(ctx)
				return err
			})
			b.work(t, id)
			want(t, "came", b.came(t, id), c.want)
			if found, err := booking.Load(t.Context(), b.Store, foreign.ID); err != nil || found.State != booking.Confirmed {
				t.Errorf("beyond the reach: %+v, %v", found, err)
			}
		})
	}
}

// What passes by itself costs no booking its turn.
func TestBulkCancellationTriesAgain(t *testing.T) {
	t.Parallel()
	b := newBulk(t, 3, accounts.Administration)
	id := b.start(t)
	b.AsOwner(t, "CREATE SEQUENCE tries",
		`CREATE FUNCTION twice() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.letter = ''booking_cancelled'' AND nextval(''tries'') = 2 THEN RAISE EXCEPTION ''a deadlock'' USING ERRCODE = ''40P01''; END IF; RETURN NEW; END'`,
		"ALTER FUNCTION twice() SECURITY DEFINER", "CREATE TRIGGER twice BEFORE INSERT ON mails FOR EACH ROW EXECUTE FUNCTION twice()")
	if err := booking.WorkBulkCancellation(t.Context(), b.Store, id); !store.Transient(err) {
		t.Fatalf("the deadlock was not told: %v", err)
	}
	want(t, "after the deadlock", b.came(t, id), "running 1 of 3")
	b.work(t, id)
	want(t, "in the end", b.came(t, id), "finished 3 of 3")
	want(t, "effects", b.effects(t), "3 cancelled, 3 entries, 3 mails")
}

// Stopped, it leaves the others as they are, and they can be cancelled anew. What fails is named and does not keep the
// others from their turns.
func TestBulkCancellationIsStoppedAndFailsInPart(t *testing.T) {
	t.Parallel()
	b := newBulk(t, 3, accounts.Administration)
	id := b.start(t)
	other := store.WithActor(t.Context(), store.Actor{Kind: "user", UserID: b.user.ID + 1})
	if err := booking.StopBulkCancellation(other, b.Store, id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("somebody else stops it: %v", err)
	}
	for range 2 {
		if err := booking.StopBulkCancellation(b.ctx, b.Store, id); err != nil {
			t.Fatal(err)
		}
	}
	b.work(t, id)
	want(t, "stopped", b.came(t, id), "stopped 0 of 3 0 stopped 1 stopped 2 stopped")
	b.AsOwner(t, fmt.Sprintf("CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF NEW.booking_id = %d AND NEW.letter = ''booking_cancelled'' THEN RAISE EXCEPTION ''no''; END IF; RETURN NEW; END'", b.ids[1]),
		"CREATE TRIGGER fail BEFORE INSERT ON mails FOR EACH ROW EXECUTE FUNCTION fail()")
	again := b.start(t)
	b.work(t, again)
	want(t, "again", b.came(t, again), "finished 2 of 3 1 failed")
	want(t, "effects", b.effects(t), "2 cancelled, 2 entries, 2 mails")
}
