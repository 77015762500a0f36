package accounts_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/modeltest"
	"kurso/models/store"
)

const (
	firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0"
	safari  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)

var (
	laptop    = accounts.Client{Network: "192.0.2.1", UserAgent: firefox}
	elsewhere = accounts.Client{Network: "198.51.100.7", UserAgent: firefox}
	phone     = accounts.Client{Network: "203.0.113.5", UserAgent: safari}
)

func begin(t *testing.T, w *modeltest.World, u *accounts.User, from accounts.Client) *accounts.Arrival {
	t.Helper()
	a, err := accounts.Begin(t.Context(), w.Store, u.ID, from)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// reason is why a sign-in is over, as its next request learns; "" if it is not.
func reason(t *testing.T, w *modeltest.World, a *accounts.Arrival) string {
	t.Helper()
	s, err := accounts.Resume(t.Context(), w.Store, a.ID, a.Network)
	if err != nil {
		t.Fatal(err)
	}
	if (s.EndedAt == nil) != (s.EndReason == "") {
		t.Errorf("%+v", s)
	}
	return s.EndReason
}

func TestOneComputerAndOnePhone(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := w.MustCreateUser(t, "Erika")
	first, mobile := begin(t, w, u, laptop), begin(t, w, u, phone)
	if first.Device != accounts.Computer || first.Browser != "Firefox 142" || first.System != "Windows" || mobile.Device != accounts.Phone || mobile.System != "iOS" {
		t.Errorf("%+v, %+v", first.SignIn, mobile.SignIn)
	}
	if reason(t, w, first) != "" || reason(t, w, mobile) != "" {
		t.Fatal("a computer and a phone do not go together")
	}
	second := begin(t, w, u, elsewhere)
	if second.Replaced == nil || second.Replaced.ID != first.ID {
		t.Errorf("%+v", second.Replaced)
	}
	if reason(t, w, first) != accounts.Replaced || reason(t, w, second) != "" || reason(t, w, mobile) != "" {
		t.Error("a further computer does not end the first, and only that")
	}
	// the same browser, signed in again, is nobody else
	known := laptop
	known.Device = first.DeviceToken
	begin(t, w, u, known)
	if again := begin(t, w, u, known); again.Replaced != nil || again.DeviceToken != first.DeviceToken {
		t.Errorf("%+v", again)
	}
}

func TestManyAtOnceLeaveOne(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := w.MustCreateUser(t, "Erika")
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if _, err := accounts.Begin(t.Context(), w.Store, u.ID, laptop); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var active, all int
	if err := w.NewRaw("SELECT count(*) FILTER (WHERE ended_at IS NULL), count(*) FROM sign_ins").Scan(t.Context(), &active, &all); err != nil || active != 1 || all != 10 {
		t.Errorf("%d of %d are active, %v", active, all, err)
	}
}

func TestSignInsEndByThemselves(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := w.MustCreateUser(t, "Erika")
	a := begin(t, w, u, laptop)
	for range 13 {
		w.Clock.Advance(54 * time.Minute)
		if r := reason(t, w, a); r != "" {
			t.Fatalf("ended after %s: %s", w.Now().Sub(a.StartedAt), r)
		}
	}
	w.Clock.Advance(18 * time.Minute)
	if r := reason(t, w, a); r != accounts.Expired {
		t.Errorf("after twelve hours: %q", r)
	}
	a = begin(t, w, u, laptop)
	w.Clock.Advance(time.Hour)
	if r := reason(t, w, a); r != accounts.Idle {
		t.Errorf("after an idle hour: %q", r)
	}
	// one that was over anyway is not replaced
	a = begin(t, w, u, laptop)
	w.Clock.Advance(2 * time.Hour)
	if next := begin(t, w, u, elsewhere); next.Replaced != nil || reason(t, w, a) != accounts.Idle {
		t.Errorf("%+v", next.Replaced)
	}
}

func TestSeenIsWrittenOnceAMinute(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	a := begin(t, w, w.MustCreateUser(t, "Erika"), laptop)
	seen := func() time.Time {
		s, err := accounts.LoadSignIn(t.Context(), w.Store, a.ID)
		if err != nil {
			t.Fatal(err)
		}
		return s.LastSeenAt
	}
	w.Clock.Advance(59 * time.Second)
	reason(t, w, a)
	if !seen().Equal(a.StartedAt) {
		t.Error("written within a minute")
	}
	w.Clock.Advance(time.Second)
	reason(t, w, a)
	if !seen().Equal(w.Now()) {
		t.Error("not written after a minute")
	}
}

func TestSupportEndsWithItsTime(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := w.MustCreateUser(t, "Hilfe")
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE users SET kind = 'support', access_ends_at = ? WHERE id = ?", w.Now().Add(30*time.Minute), u.ID).Exec(ctx)
		return err
	})
	a := begin(t, w, u, laptop)
	w.Clock.Advance(30 * time.Minute)
	if r := reason(t, w, a); r != accounts.AccessOver {
		t.Errorf("%q", r)
	}
	if _, err := accounts.Begin(t.Context(), w.Store, u.ID, laptop); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("signing in afterwards: %v", err)
	}
}

func TestDeactivationEndsAllAtOnce(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	admin, err := accounts.Create(t.Context(), w.Store, "admin@example.org", "Anna", "long enough", accounts.Administration)
	if err != nil {
		t.Fatal(err)
	}
	u := w.MustCreateUser(t, "Erika")
	computer, mobile := begin(t, w, u, laptop), begin(t, w, u, phone)
	ctx := store.WithActor(t.Context(), store.Actor{Kind: "user", UserID: admin.ID})
	for range 2 { // the second time changes nothing
		if err := accounts.Deactivate(ctx, w.Store, u.ID); err != nil {
			t.Fatal(err)
		}
	}
	if reason(t, w, computer) != accounts.Deactivated || reason(t, w, mobile) != accounts.Deactivated {
		t.Error("a sign-in goes on")
	}
	if _, err := accounts.Begin(t.Context(), w.Store, u.ID, laptop); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("signing in afterwards: %v", err)
	}
	entries, err := audit.History(t.Context(), w.Store, "user", u.ID, 10)
	if err != nil || entries[0].Action != "user.deactivated" || entries[0].ActorName != "Anna" || entries[1].Action == "user.deactivated" {
		t.Errorf("%+v, %v", entries, err)
	}
	if err := accounts.Deactivate(ctx, w.Store, admin.ID); !errors.Is(err, accounts.ErrOneself) {
		t.Errorf("oneself: %v", err)
	}
	if err := accounts.Deactivate(t.Context(), w.Store, admin.ID); !errors.Is(err, accounts.ErrLastAdministrator) {
		t.Errorf("the last administrator: %v", err)
	}
	if err := accounts.Deactivate(ctx, w.Store, 4711); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
}

// Two administrators who deactivate each other at the same moment leave one.
func TestOneAdministratorStays(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	var admins []*accounts.User
	for _, email := range []string{"a@example.org", "b@example.org"} {
		u, err := accounts.Create(t.Context(), w.Store, email, email, "long enough", accounts.Administration)
		if err != nil {
			t.Fatal(err)
		}
		admins = append(admins, u)
	}
	var wg sync.WaitGroup
	for i := range admins {
		wg.Go(func() {
			ctx := store.WithActor(t.Context(), store.Actor{Kind: "user", UserID: admins[1-i].ID})
			if err := accounts.Deactivate(ctx, w.Store, admins[i].ID); err != nil && !errors.Is(err, accounts.ErrLastAdministrator) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if left, err := accounts.Active(t.Context(), w.Store); err != nil || len(left) != 1 {
		t.Errorf("%d are left, %v", len(left), err)
	}
}

func signs(t *testing.T, w *modeltest.World) map[string]int {
	t.Helper()
	all, err := accounts.SharingSigns(t.Context(), w.Store, 10)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int{}
	for _, s := range all {
		if s.User.Name != "Erika" || len(s.Networks) != 2 {
			t.Errorf("%+v", s)
		}
		out[s.Kind] += s.Times
	}
	return out
}

func TestSignsOfSharing(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := w.MustCreateUser(t, "Erika")
	begin(t, w, u, laptop)
	begin(t, w, u, phone) // most people have both
	w.Clock.Advance(15 * time.Minute)
	begin(t, w, u, elsewhere) // somebody who went home
	if got := signs(t, w); len(got) != 0 {
		t.Errorf("ordinary work is a sign: %v", got)
	}
	w.Clock.Advance(2 * time.Minute)
	begin(t, w, u, laptop)
	if got := signs(t, w); got[accounts.SignNetworks] != 1 || got[accounts.SignAlternation] != 0 {
		t.Errorf("two networks within minutes: %v", got)
	}
	w.Clock.Advance(2 * time.Minute)
	begin(t, w, u, elsewhere)
	if got := signs(t, w); got[accounts.SignNetworks] != 2 || got[accounts.SignAlternation] != 1 {
		t.Errorf("the third replacement: %v", got)
	}
}

// One cookie used in two networks in turn is a sign; one that moves on is none.
func TestCopiedCookieIsASign(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	a := begin(t, w, w.MustCreateUser(t, "Erika"), laptop)
	from := func(network string) {
		w.Clock.Advance(time.Second)
		if s, err := accounts.Resume(t.Context(), w.Store, a.ID, network); err != nil || s.EndedAt != nil {
			t.Fatal(s, err)
		}
	}
	from("198.51.100.7")
	from("198.51.100.7")
	if got := signs(t, w); len(got) != 0 {
		t.Errorf("moving on is a sign: %v", got)
	}
	from("192.0.2.1")
	if got := signs(t, w); got[accounts.SignNetworks] != 1 {
		t.Errorf("%v", got)
	}
	b := begin(t, w, w.MustCreateUser(t, "Erika"), laptop)
	a = b
	from("2001:db8::/64") // the same device by its other address
	from("192.0.2.1")
	if got := signs(t, w); got[accounts.SignNetworks] != 1 {
		t.Errorf("an address of each family is a sign: %v", got)
	}
}

func TestBrowsersMayCallThemselvesAnything(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := w.MustCreateUser(t, "Erika")
	for _, ua := range []string{"", "\x00\xff\xfe", "(((((", "Mozilla/5.0 (" + string(make([]rune, 4000)) + ")", "Ünïcode/" + firefox} {
		begin(t, w, u, accounts.Client{Network: "192.0.2.1", UserAgent: ua, Device: "\x00\xff"})
	}
}
