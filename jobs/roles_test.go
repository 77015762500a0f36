package jobs

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"golang.org/x/sync/errgroup"

	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/outbox"
	"kurso/models/store"
	"kurso/models/throttle"
)

// The application works with a role that owns nothing, and that can append to the audit entries, but not
// change them.
func TestTheApplicationNeedsNoOwnersRights(t *testing.T) {
	t.Parallel()
	w, owner := twoRoles(t)
	start(t, w, "")
	c := w.MustCreateCourse(t)
	b := w.MustRequest(t, c)
	b, err := booking.Confirm(t.Context(), w.Store, w.Token(booking.VerifyPurpose, b.ID, b.VerifyNonce))
	if err != nil || b.State != booking.Confirmed {
		t.Fatalf("%+v, %v", b, err)
	}
	if _, err := booking.CancelByStaff(t.Context(), w.Store, b.ID, 0); err != nil {
		t.Error(err)
	}
	if err := throttle.Take(t.Context(), w.Store, throttle.Limit{Key: "x", Every: 1, Burst: 1}); err != nil {
		t.Error(err)
	}
	if _, err := throttle.Sweep(t.Context(), w.Store); err != nil {
		t.Error(err)
	}
	if _, err := catalog.CreateCourse(t.Context(), w.Store, catalog.CourseInput{Name: "Yoga"}); err != nil {
		t.Error(err)
	}
	settle(t, w, outbox.Kept)

	if indexes, err := maintained(t.Context(), w.Pool()); err != nil || len(indexes) != 0 {
		t.Errorf("the application would try to renew %v, %v", indexes, err)
	}
	for _, sql := range []string{
		"UPDATE audit_entries SET action = ''", "DELETE FROM audit_entries", "TRUNCATE audit_entries", "DROP TABLE audit_entries",
		"ALTER TABLE audit_entries ADD COLUMN x int", "CREATE TABLE x ()", "TRUNCATE bookings CASCADE",
	} {
		var refused *pgconn.PgError
		if _, err := w.Pool().Exec(t.Context(), sql); !errors.As(err, &refused) || refused.Code != "42501" {
			t.Errorf("%s: %v", sql, err)
		}
	}

	// a later release brings tables, and does not open the audit entries while it grants
	execAs(t, owner, "CREATE TABLE later (id bigint GENERATED ALWAYS AS IDENTITY)")
	var starts errgroup.Group
	for range 8 {
		starts.Go(func() error { return store.GrantTo(t.Context(), owner, w.URL) })
	}
	if err := starts.Wait(); err != nil {
		t.Errorf("parallel starts: %v", err)
	}
	if _, err := w.Pool().Exec(t.Context(), "INSERT INTO later DEFAULT VALUES"); err != nil {
		t.Error(err)
	}
	if _, err := w.Pool().Exec(t.Context(), "DELETE FROM audit_entries"); err == nil {
		t.Error("after a second start the audit entries can be deleted")
	}
}

// twoRoles is a world whose database an owner has migrated, and that its Store uses as a lesser role.
func twoRoles(t *testing.T) (w *modeltest.World, owner string) {
	t.Helper()
	super := modeltest.NewEmptyDatabase(t)
	u, err := url.Parse(super)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	as := func(role string) string {
		u := *u
		q := u.Query()
		q.Set("user", name+role)
		q.Set("password", "secret")
		u.User, u.RawQuery = nil, q.Encode()
		return u.String()
	}
	for _, sql := range []string{
		"CREATE ROLE " + name + "_owner LOGIN PASSWORD 'secret'", "CREATE ROLE " + name + "_app LOGIN PASSWORD 'secret'",
		"ALTER DATABASE " + name + " OWNER TO " + name + "_owner",
	} {
		execAs(t, super, sql)
	}
	owner, app := as("_owner"), as("_app")
	if err := store.Migrate(t.Context(), owner, modeltest.Quiet()); err != nil {
		t.Fatal(err)
	}
	if err := store.GrantTo(t.Context(), owner, app); err != nil {
		t.Fatal(err)
	}
	clock := store.NewTestClock(modeltest.Start)
	st, err := store.Open(t.Context(), store.Options{DatabaseURL: app, SecretKey: modeltest.Secret, Clock: clock, Log: modeltest.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		st.Close()
		execAs(t, super, "REASSIGN OWNED BY "+name+"_owner TO CURRENT_USER")
		execAs(t, super, "DROP OWNED BY "+name+"_owner, "+name+"_app")
		execAs(t, super, "DROP ROLE "+name+"_owner, "+name+"_app")
	})
	return &modeltest.World{Store: st, Clock: clock, URL: app, OwnerURL: owner}, owner
}

func execAs(t *testing.T, address, sql string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}
