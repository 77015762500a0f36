package notify_test

import (
	"context"
	"slices"
	"testing"

	"kurso/models/accounts"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/notify"
	"kurso/models/outbox"
	"kurso/models/store"
)

// office is a course, and the people who look at it.
type office struct {
	*modeltest.World
	course *catalog.Course
	// desk is responsible for the course; other is not, and may see all courses too; admin is an administrator.
	desk, other, admin *accounts.User
}

func newOffice(t *testing.T, opts ...modeltest.CourseOption) *office {
	t.Helper()
	o := &office{World: modeltest.New(t)}
	o.course = o.MustCreateCourse(t, opts...)
	o.desk, o.other = o.MustCreateUser(t, "Dora Desk", "front_desk"), o.MustCreateUser(t, "Otto Other", "front_desk")
	o.admin = o.MustCreateUser(t, "Ada Admin", accounts.Administration)
	o.MustBeResponsible(t, o.course, o.desk)
	return o
}

// as is the context of a user's request.
func (o *office) as(t *testing.T, u *accounts.User) context.Context {
	t.Helper()
	grants, err := accounts.LoadGrants(t.Context(), o.Store, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	return accounts.WithGrants(store.WithActor(t.Context(), store.Actor{Kind: "user", UserID: u.ID}), grants)
}

// choose lets a user choose as on the page.
func (o *office) choose(t *testing.T, u *accounts.User, e outbox.Event, scope, cadence string, categories ...string) {
	t.Helper()
	in := notify.Input{Events: []notify.EventInput{{Event: string(e), Scope: scope, Cadence: cadence}}, Categories: categories}
	if err := notify.Save(o.as(t, u), o.Store, u, in); err != nil {
		t.Fatal(err)
	}
}

// silence turns off what a user hears of by default.
func (o *office) silence(t *testing.T, users ...*accounts.User) {
	t.Helper()
	for _, u := range users {
		for _, k := range notify.Kinds {
			o.choose(t, u, k.Event, notify.Mine, notify.Off)
		}
	}
}

func (o *office) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	o.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw(sql, args...).Exec(ctx)
		return err
	})
}

// heard lists the letters to a user, and with nil those to the provider's own address, oldest first.
func (o *office) heard(t *testing.T, u *accounts.User) []string {
	t.Helper()
	o.MustNotify(t)
	recipient := "office@localhost.example"
	if u != nil {
		recipient = u.Email
	}
	var out []string
	if err := o.NewRaw("SELECT letter FROM mails WHERE recipient = ? ORDER BY id", recipient).Scan(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func (o *office) hears(t *testing.T, what string, u *accounts.User, want ...string) {
	t.Helper()
	if got := o.heard(t, u); !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// book is a confirmed booking, or one that waits.
func (o *office) book(t *testing.T, c *catalog.Course) *booking.Booking {
	t.Helper()
	return o.MustConfirm(t, o.MustRequest(t, c, modeltest.Wait))
}

func (o *office) cancel(t *testing.T, b *booking.Booking) {
	t.Helper()
	if _, err := booking.Cancel(t.Context(), o.Store, o.ManageToken(b)); err != nil {
		t.Fatal(err)
	}
}

func (o *office) count(t *testing.T, sql string, args ...any) (n int) {
	t.Helper()
	if err := o.NewRaw(sql, args...).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}
