package accounts_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/modeltest"
	"kurso/models/store"
)

const password = "correct horse battery"

// roleID finds a ready role by its key.
func roleID(t *testing.T, w *modeltest.World, key string) string {
	t.Helper()
	var id int64
	if err := w.NewRaw("SELECT id FROM roles WHERE key = ?", key).Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	return strconv.FormatInt(id, 10)
}

// as acts as a user with what they may do.
func as(t *testing.T, w *modeltest.World, u *accounts.User) context.Context {
	t.Helper()
	g, err := accounts.LoadGrants(t.Context(), w.Store, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	return accounts.WithGrants(store.WithActor(t.Context(), store.Actor{Kind: "user", UserID: u.ID}), g)
}

func create(t *testing.T, w *modeltest.World, name string, roles ...string) *accounts.User {
	t.Helper()
	u, err := accounts.Create(t.Context(), w.Store, strings.ToLower(name)+"@example.org", name, password, roles...)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// secret is what the newest link for a user carries.
func secret(t *testing.T, w *modeltest.World, userID int64) string {
	t.Helper()
	var id int64
	if err := w.NewRaw("SELECT max(id) FROM account_tokens WHERE user_id = ?", userID).Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	token, err := accounts.LoadToken(t.Context(), w.Store, id)
	if err != nil {
		t.Fatal(err)
	}
	return token.Secret(w.Keys)
}

// refusal is the message key of the rule or of the first field that was refused.
func refusal(err error) string {
	var rule *store.RuleError
	var invalid *store.ValidationError
	switch {
	case errors.As(err, &rule):
		return rule.Key
	case errors.As(err, &invalid):
		return invalid.Fields[0].Field + " " + invalid.Fields[0].Key
	case err != nil:
		return err.Error()
	}
	return ""
}

func actions(t *testing.T, w *modeltest.World, subject string, id int64) []string {
	t.Helper()
	entries, err := audit.History(t.Context(), w.Store, subject, id, 50)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Action)
	}
	slices.Reverse(out)
	return out
}

func TestAnInvitationBecomesAnAccount(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	boss := create(t, w, "Boss", accounts.Administration)
	ctx := as(t, w, boss)
	in := accounts.InvitationInput{Name: " Mira  Weber ", Email: "mira@example.org", Locale: "de", Roles: []string{roleID(t, w, "planning"), roleID(t, w, "front_desk")}}
	id, err := accounts.Invite(ctx, w.Store, in)
	if err != nil {
		t.Fatal(err)
	}
	u, err := accounts.Find(ctx, w.Store, id)
	if err != nil || u.Name != "Mira Weber" || u.State() != accounts.StateInvited {
		t.Fatalf("%+v, %v", u, err)
	}
	if _, err := accounts.Invite(ctx, w.Store, accounts.InvitationInput{Name: "X", Email: "MIRA@example.org", Locale: "de", Roles: in.Roles}); refusal(err) != "email error.email_taken" {
		t.Errorf("twice: %v", err)
	}

	first := secret(t, w, id)
	if err := accounts.InviteAgain(ctx, w.Store, id); err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.Invited(ctx, w.Store, first); !errors.Is(err, store.ErrGone) {
		t.Errorf("the replaced link: %v", err)
	}
	var mails int
	if err := w.NewRaw("SELECT count(*) FROM mails WHERE letter = 'account_invitation' AND recipient = 'mira@example.org'").Scan(ctx, &mails); err != nil || mails != 2 {
		t.Errorf("%d mails, %v", mails, err)
	}

	link := secret(t, w, id)
	if _, err := accounts.AcceptInvitation(t.Context(), w.Store, link, "Mira Weber", "short"); refusal(err) != "password error.password_length" {
		t.Errorf("a short password: %v", err)
	}
	if u, err = accounts.AcceptInvitation(t.Context(), w.Store, link, "Mira Weber-Lang", password); err != nil || u.State() != accounts.StateActive {
		t.Fatalf("%+v, %v", u, err)
	}
	if _, err := accounts.AcceptInvitation(t.Context(), w.Store, link, "Mira", password); !errors.Is(err, store.ErrGone) {
		t.Errorf("the link again: %v", err)
	}
	if err := accounts.WithdrawInvitation(ctx, w.Store, id); refusal(err) != "error.not_invited" {
		t.Errorf("withdrawing what was used: %v", err)
	}
	if got := actions(t, w, "user", id); !slices.Equal(got, []string{"user.invited", "user.invited_again", "user.joined"}) {
		t.Errorf("%v", got)
	}
}

func TestInvitationsEnd(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	ctx := as(t, w, create(t, w, "Boss", accounts.Administration))
	id, err := accounts.Invite(ctx, w.Store, accounts.InvitationInput{Name: "Mira", Email: "mira@example.org", Locale: "de", Roles: []string{roleID(t, w, "planning")}})
	if err != nil {
		t.Fatal(err)
	}
	link := secret(t, w, id)
	w.Clock.Advance(accounts.InvitationLifetime)
	if _, err := accounts.AcceptInvitation(t.Context(), w.Store, link, "Mira", password); !errors.Is(err, store.ErrGone) {
		t.Errorf("after a week: %v", err)
	}
	if err := accounts.WithdrawInvitation(ctx, w.Store, id); err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.Find(ctx, w.Store, id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("withdrawn: %v", err)
	}
	var left int
	if err := w.NewRaw("SELECT count(*) FROM mails WHERE recipient = 'mira@example.org'").Scan(ctx, &left); err != nil || left != 0 {
		t.Errorf("%d mails are left, %v", left, err)
	}
	if _, err := accounts.Invited(ctx, w.Store, link); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the link: %v", err)
	}
}

// Whoever may give roles gives what they have, and takes from nobody who has more.
func TestNobodyGivesMoreThanTheyHave(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	boss := create(t, w, "Boss", accounts.Administration)
	all := as(t, w, boss)
	id, err := accounts.SaveRole(all, w.Store, 0, accounts.RoleInput{Name: "Personal", Reach: accounts.ReachAll, Permissions: []string{"accounts.write", "roles.write", "bookings.read"}})
	if err != nil {
		t.Fatal(err)
	}
	hr := create(t, w, "Hanna")
	staffRole := strconv.FormatInt(id, 10)
	in := accounts.UserInput{Version: "1", Name: "Hanna", Roles: []string{staffRole}}
	if err := accounts.SaveUser(all, w.Store, hr.ID, in); err != nil {
		t.Fatal(err)
	}
	ctx := as(t, w, hr)
	const more = "error.more_than_yours"
	invite := func(name, role string) error {
		_, err := accounts.Invite(ctx, w.Store, accounts.InvitationInput{Name: name, Email: name + "@example.org", Locale: "de", Roles: []string{role}})
		return err
	}
	if err := invite("planner", roleID(t, w, "planning")); refusal(err) != more {
		t.Errorf("inviting with more: %v", err)
	}
	if err := invite("colleague", staffRole); err != nil {
		t.Errorf("inviting with the same: %v", err)
	}
	if err := accounts.SaveUser(ctx, w.Store, hr.ID, accounts.UserInput{Version: "2", Name: "Hanna", Roles: []string{staffRole, roleID(t, w, accounts.Administration)}}); refusal(err) != more {
		t.Errorf("making oneself an administrator: %v", err)
	}
	if err := accounts.SaveUser(ctx, w.Store, boss.ID, accounts.UserInput{Version: "1", Name: "Boss", Roles: []string{staffRole}}); refusal(err) == "" {
		t.Error("an administrator was made less")
	}
	role := accounts.RoleInput{Name: "Mehr", Reach: accounts.ReachAll, Permissions: []string{"settings.write"}}
	if _, err := accounts.SaveRole(ctx, w.Store, 0, role); refusal(err) != more {
		t.Errorf("a role with more: %v", err)
	}
	role.Permissions = []string{"bookings.read"}
	mine, err := accounts.SaveRole(ctx, w.Store, 0, role)
	if err != nil {
		t.Fatal(err)
	}
	role.Version, role.Permissions = "1", []string{"bookings.read", "bookings.write"}
	if _, err := accounts.SaveRole(ctx, w.Store, mine, role); refusal(err) != more {
		t.Errorf("widening a role: %v", err)
	}
	planning, err := strconv.ParseInt(roleID(t, w, "planning"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.SaveRole(ctx, w.Store, planning, accounts.RoleInput{Version: "1", Reach: accounts.ReachAll, Permissions: []string{"bookings.read"}}); refusal(err) != more {
		t.Errorf("narrowing a role that allows more: %v", err)
	}
	if _, err := accounts.GrantSupport(ctx, w.Store, accounts.SupportInput{Name: "S", Email: "s@example.com", Locale: "de", Reason: "R",
		Until: w.Now().Add(24 * time.Hour).Format("2006-01-02T15:04"), Roles: []string{roleID(t, w, accounts.Administration)}}); refusal(err) != more {
		t.Errorf("support with more: %v", err)
	}
}

// What reaches some courses covers nothing that reaches others.
func TestReachLimitsWhatOneGives(t *testing.T) {
	t.Parallel()
	grants := func(reach string, categories []int64, permissions ...string) accounts.Grants {
		w := modeltest.New(t)
		in := accounts.RoleInput{Name: "R", Reach: reach, Permissions: permissions}
		for _, c := range categories {
			w.Must(t, func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.NewRaw("INSERT INTO categories (id, code, name) OVERRIDING SYSTEM VALUE VALUES (?, ?, ?)", c, c, c).Exec(ctx)
				return err
			})
			in.Categories = append(in.Categories, strconv.FormatInt(c, 10))
		}
		id, err := accounts.SaveRole(t.Context(), w.Store, 0, in)
		if err != nil {
			t.Fatal(err)
		}
		u := create(t, w, "Erika")
		if err := accounts.SaveUser(t.Context(), w.Store, u.ID, accounts.UserInput{Version: "1", Name: "Erika", Roles: []string{strconv.FormatInt(id, 10)}}); err != nil {
			t.Fatal(err)
		}
		g, err := accounts.LoadGrants(t.Context(), w.Store, u.ID)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	everything := grants(accounts.ReachAll, nil, "courses.read", "settings.read")
	own := grants(accounts.ReachOwn, nil, "courses.read", "settings.read")
	one := grants(accounts.ReachCategories, []int64{1}, "courses.read")
	two := grants(accounts.ReachCategories, []int64{1, 2}, "courses.read")
	for _, c := range []struct {
		name        string
		mine, their accounts.Grants
		want        bool
	}{
		{"all, own", everything, own, true}, {"own, all", own, everything, false}, {"two, one", two, one, true}, {"one, two", one, two, false},
		{"one, own", one, own, false}, {"own, one", own, one, false}, {"all, two", everything, two, true}, {"own, own", own, own, true},
	} {
		if got := c.mine.Cover(c.their); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

func TestRolesAreMadeChangedAndDeleted(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	boss := create(t, w, "Boss", accounts.Administration)
	ctx := as(t, w, boss)
	id, err := accounts.SaveRole(ctx, w.Store, 0, accounts.RoleInput{Name: "Programm Süd", Reach: accounts.ReachOwn, SecondFactor: true, Permissions: []string{"courses.write", "nonsense.write"}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := accounts.LoadRole(ctx, w.Store, id)
	if err != nil || !r.Has(accounts.CoursesWrite) || !r.Has(accounts.CoursesRead) || len(r.Permissions) != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	in := accounts.RoleInputOf(r)
	in.Permissions = []string{"bookings.read"}
	if _, err := accounts.SaveRole(ctx, w.Store, id, in); err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.SaveRole(ctx, w.Store, id, in); !errors.Is(err, store.ErrConflict) {
		t.Errorf("the old version: %v", err)
	}
	for _, c := range []struct {
		in   accounts.RoleInput
		want string
	}{
		{accounts.RoleInput{Reach: accounts.ReachAll}, "name invalid.required"},
		{accounts.RoleInput{Name: "programm süd", Reach: accounts.ReachAll}, "name invalid.taken"},
		{accounts.RoleInput{Name: "X", Reach: "everywhere"}, "reach invalid.choice"},
		{accounts.RoleInput{Name: "X", Reach: accounts.ReachCategories, Categories: []string{"99"}}, "categories error.role.no_category"},
	} {
		if _, err := accounts.SaveRole(ctx, w.Store, 0, c.in); refusal(err) != c.want {
			t.Errorf("%+v: %v", c.in, err)
		}
	}
	administration, err := strconv.ParseInt(roleID(t, w, accounts.Administration), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.SaveRole(ctx, w.Store, administration, accounts.RoleInput{Version: "1", Reach: accounts.ReachAll}); refusal(err) != "error.role.fixed" {
		t.Errorf("changing the administration: %v", err)
	}
	if err := accounts.DeleteRole(ctx, w.Store, administration, "1"); refusal(err) != "error.role.fixed" {
		t.Errorf("deleting the administration: %v", err)
	}
	if err := accounts.SaveUser(ctx, w.Store, boss.ID, accounts.UserInput{Version: "1", Name: "Boss", Roles: []string{roleID(t, w, accounts.Administration), strconv.FormatInt(id, 10)}}); err != nil {
		t.Fatal(err)
	}
	if err := accounts.DeleteRole(ctx, w.Store, id, "2"); refusal(err) != "error.role.used" {
		t.Errorf("deleting a role that somebody has: %v", err)
	}
	if err := accounts.SaveUser(ctx, w.Store, boss.ID, accounts.UserInput{Version: "2", Name: "Boss", Roles: []string{roleID(t, w, accounts.Administration)}}); err != nil {
		t.Fatal(err)
	}
	if err := accounts.DeleteRole(ctx, w.Store, id, "2"); err != nil {
		t.Errorf("deleting a role that nobody has: %v", err)
	}
	if got := actions(t, w, "role", id); !slices.Equal(got, []string{"role.created", "role.changed", "role.deleted"}) {
		t.Errorf("%v", got)
	}
}

func TestTheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	boss := create(t, w, "Boss", accounts.Administration)
	helper := create(t, w, "Helper", "planning")
	// nobody who was only invited counts
	if _, err := accounts.Invite(t.Context(), w.Store, accounts.InvitationInput{Name: "I", Email: "i@example.org", Locale: "de", Roles: []string{roleID(t, w, accounts.Administration)}}); err != nil {
		t.Fatal(err)
	}
	less := accounts.UserInput{Version: "1", Name: "Boss", Roles: []string{roleID(t, w, "planning")}}
	if err := accounts.SaveUser(t.Context(), w.Store, boss.ID, less); refusal(err) != "error.last_administrator" {
		t.Errorf("taking the role: %v", err)
	}
	if err := accounts.Deactivate(as(t, w, helper), w.Store, boss.ID); refusal(err) == "" {
		t.Error("the last administrator was deactivated")
	}
	create(t, w, "Second", accounts.Administration)
	if err := accounts.SaveUser(t.Context(), w.Store, boss.ID, less); err != nil {
		t.Errorf("with a second one: %v", err)
	}
}

// Two administrators who make each other less at the same moment do not both succeed.
func TestTwoAdministratorsAtOnce(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	planning := roleID(t, w, "planning")
	for round := range 10 {
		a, b := create(t, w, fmt.Sprintf("A%d", round), accounts.Administration), create(t, w, fmt.Sprintf("B%d", round), accounts.Administration)
		if round > 0 {
			w.Must(t, func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.NewRaw("DELETE FROM user_roles WHERE user_id NOT IN (?, ?)", a.ID, b.ID).Exec(ctx)
				return err
			})
		}
		var done atomic.Int64
		var wg sync.WaitGroup
		for _, change := range []func() error{
			func() error { return accounts.Deactivate(t.Context(), w.Store, a.ID) },
			func() error {
				return accounts.SaveUser(t.Context(), w.Store, b.ID, accounts.UserInput{Version: "1", Name: b.Name, Roles: []string{planning}})
			},
		} {
			wg.Go(func() {
				switch err := change(); refusal(err) {
				case "":
					done.Add(1)
				case "error.last_administrator":
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if done.Load() != 1 {
			t.Fatalf("%d of two succeeded", done.Load())
		}
	}
}

func TestTheLicenceCoversSoMany(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	boss := create(t, w, "Boss", accounts.Administration)
	gone := create(t, w, "Gone", "planning")
	ctx := as(t, w, boss)
	if err := accounts.Deactivate(ctx, w.Store, gone.ID); err != nil {
		t.Fatal(err)
	}
	if err := accounts.SetLicence(t.Context(), w.Store, 4); err != nil {
		t.Fatal(err)
	}
	// twelve people ask at once for the three places that are left
	var invited atomic.Int64
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			_, err := accounts.Invite(ctx, w.Store, accounts.InvitationInput{Name: "N", Email: fmt.Sprintf("n%d@example.org", i), Locale: "de", Roles: []string{roleID(t, w, "planning")}})
			switch refusal(err) {
			case "":
				invited.Add(1)
			case "error.licence_full":
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	l, err := accounts.LoadLicence(ctx, w.Store)
	if err != nil || invited.Load() != 3 || l != (accounts.Licence{Persons: 4, Limit: 4}) || !l.Full() {
		t.Errorf("%d invited, %+v, %v", invited.Load(), l, err)
	}
	if err := accounts.Reactivate(ctx, w.Store, gone.ID); refusal(err) != "error.licence_full" {
		t.Errorf("reactivating beyond it: %v", err)
	}
	if _, err := accounts.GrantSupport(ctx, w.Store, accounts.SupportInput{Name: "S", Email: "s@example.com", Locale: "de", Reason: "R",
		Until: w.Now().Add(24 * time.Hour).Format("2006-01-02T15:04"), Roles: []string{roleID(t, w, "planning")}}); err != nil {
		t.Errorf("support does not count: %v", err)
	}
	if err := accounts.SetLicence(t.Context(), w.Store, 0); err != nil {
		t.Fatal(err)
	}
	if err := accounts.Reactivate(ctx, w.Store, gone.ID); err != nil {
		t.Errorf("without a limit: %v", err)
	}
	if got := actions(t, w, "provider", 1); !slices.Equal(got, []string{"provider.licensed", "provider.licensed"}) {
		t.Errorf("%v", got)
	}
}

func TestTheFirstAdministrator(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	code, until, err := accounts.SetupCode(t.Context(), w.Store)
	if err != nil || !until.Equal(w.Now().Add(accounts.SetupLifetime)) {
		t.Fatalf("%q %s %v", code, until, err)
	}
	if again, _, err := accounts.SetupCode(t.Context(), w.Store); err != nil || again != code {
		t.Errorf("another process says %q, %v", again, err)
	}
	var kept string
	if err := w.NewRaw("SELECT installation::text FROM installation").Scan(t.Context(), &kept); err != nil || strings.Contains(kept, strings.ReplaceAll(code, "-", "")) || strings.Contains(kept, code) {
		t.Errorf("the database keeps the code: %s, %v", kept, err)
	}
	in := accounts.SetupInput{Code: "AAAAA-AAAAA-AAAAA-AAAAA", Name: "Erika", Email: "erika@example.org", Password: password, Locale: "en"}
	if _, err := accounts.SetUp(t.Context(), w.Store, in, "192.0.2.1"); refusal(err) != "code error.setup_code" {
		t.Errorf("a wrong code: %v", err)
	}
	in.Code = strings.ToLower(strings.ReplaceAll(code, "-", " "))
	w.Clock.Advance(accounts.SetupLifetime)
	if _, err := accounts.SetUp(t.Context(), w.Store, in, "192.0.2.1"); refusal(err) != "code error.setup_code" {
		t.Errorf("an old code: %v", err)
	}
	if in.Code, _, err = accounts.SetupCode(t.Context(), w.Store); err != nil || in.Code == code {
		t.Fatalf("%q, %v", in.Code, err)
	}
	// two who have the code at once make one account
	var made atomic.Int64
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			in := in
			in.Email = fmt.Sprintf("erika%d@example.org", i)
			if _, err := accounts.SetUp(t.Context(), w.Store, in, "192.0.2.1"); err == nil {
				made.Add(1)
			} else if refusal(err) != "error.set_up" {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	users, err := accounts.Active(t.Context(), w.Store)
	if err != nil || made.Load() != 1 || len(users) != 1 || users[0].Locale != "en" {
		t.Fatalf("%d, %v, %v", made.Load(), users, err)
	}
	if g, err := accounts.LoadGrants(t.Context(), w.Store, users[0].ID); err != nil || !g.May(accounts.RolesWrite) {
		t.Errorf("the first one is no administrator: %v", err)
	}
	if _, _, err := accounts.SetupCode(t.Context(), w.Store); refusal(err) != "error.set_up" {
		t.Errorf("another code: %v", err)
	}
}

func TestGuessingTheSetupCodeIsThrottled(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	var throttled *store.ThrottledError
	for range 20 {
		_, err := accounts.SetUp(t.Context(), w.Store, accounts.SetupInput{Code: "guess"}, "192.0.2.1")
		if errors.As(err, &throttled) {
			return
		}
	}
	t.Error("20 guesses were not throttled")
}

func TestSupportComesAndGoes(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	boss := create(t, w, "Boss", accounts.Administration)
	ctx := as(t, w, boss)
	// Berlin is an hour ahead of UTC
	until := func(d time.Duration) string { return w.Now().Add(d + time.Hour).Format("2006-01-02T15:04") }
	in := accounts.SupportInput{Name: "Sam Support", Email: "sam@kurso.example", Locale: "de", Reason: "Import prüfen", Roles: []string{roleID(t, w, "read_only")}}
	for until, want := range map[string]string{
		until(30 * time.Minute): "until error.support_until", until(15 * 24 * time.Hour): "until error.support_until", "": "until invalid.moment",
	} {
		in.Until = until
		if _, err := accounts.GrantSupport(ctx, w.Store, in); refusal(err) != want {
			t.Errorf("until %q: %v", until, err)
		}
	}
	in.Until = until(24 * time.Hour)
	id, err := accounts.GrantSupport(ctx, w.Store, in)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.GrantSupport(ctx, w.Store, in); refusal(err) != "email error.support_running" {
		t.Errorf("twice: %v", err)
	}
	a, err := accounts.LoadSupportAccess(ctx, w.Store, id)
	if err != nil || a.GrantedByName != "Boss" || !a.EndsAt.Equal(w.Now().Add(24*time.Hour)) {
		t.Fatalf("%+v, %v", a, err)
	}
	u, err := accounts.AcceptInvitation(t.Context(), w.Store, secret(t, w, a.UserID), "Sam", password)
	if err != nil || u.State() != accounts.StateSupport {
		t.Fatalf("%+v, %v", u, err)
	}
	if open, err := accounts.OpenSupport(ctx, w.Store); err != nil || len(open) != 1 {
		t.Errorf("%v, %v", open, err)
	}
	w.Clock.Advance(24 * time.Hour)
	if open, err := accounts.OpenSupport(ctx, w.Store); err != nil || len(open) != 0 {
		t.Errorf("after its end: %v, %v", open, err)
	}
	if err := accounts.EndOverdueSupport(t.Context(), w.Store); err != nil {
		t.Fatal(err)
	}
	if u, err = accounts.Find(ctx, w.Store, u.ID); err != nil || u.State() != accounts.StateDeactivated {
		t.Errorf("%+v, %v", u, err)
	}
	if err := accounts.Reactivate(ctx, w.Store, u.ID); refusal(err) != "error.support_needs_access" {
		t.Errorf("reactivating: %v", err)
	}
	// the same person comes back, and is sent home before the time is over
	in.Until = until(2 * time.Hour)
	again, err := accounts.GrantSupport(ctx, w.Store, in)
	if err != nil {
		t.Fatal(err)
	}
	if err := accounts.Deactivate(ctx, w.Store, u.ID); err != nil {
		t.Fatal(err)
	}
	if open, err := accounts.OpenSupport(ctx, w.Store); err != nil || len(open) != 0 {
		t.Errorf("ended: %v, %v", open, err)
	}
	if a, err = accounts.LoadSupportAccess(ctx, w.Store, again); err != nil || a.UserID != u.ID || a.EndedAt == nil {
		t.Errorf("%+v, %v", a, err)
	}
}
