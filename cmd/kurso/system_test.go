package main

import (
	"strings"
	"testing"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/modeltest"
	"kurso/models/system"
)

// The operator limits the accounts, closes and opens, and all of it is in the log.
func TestTheOperatorsCommands(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	for _, c := range []struct {
		args []string
		want string
		code int
	}{
		{[]string{"user", "setup-code"}, "/admin/setup", 0},
		{[]string{"system", "licence", "15"}, "0 of 15 persons", 0},
		{[]string{"system", "licence", "-1"}, "", 1},
		{[]string{"system", "suspend", "--notice", "Umzug bis Montag"}, "Suspended", 0},
		{[]string{"system", "suspend", "--notice", strings.Repeat("x", 501)}, "", 1},
		{[]string{"system", "licence", "0"}, "No limit", 0}, // commands work all the same
	} {
		if r := run(t, w.OwnerURL, c.args...); (r.code != 0) != (c.code != 0) || !strings.Contains(r.out, c.want) {
			t.Errorf("%v: %d %q %q", c.args, r.code, r.out, r.err)
		}
	}
	if s, err := system.Load(t.Context(), w.Store); err != nil || !s.Suspended() || s.SuspensionNotice != "Umzug bis Montag" {
		t.Errorf("%+v, %v", s, err)
	}
	if r := run(t, w.OwnerURL, "system", "resume"); r.code != 0 {
		t.Errorf("%q", r.err)
	}
	if s, err := system.Load(t.Context(), w.Store); err != nil || s.Suspended() {
		t.Errorf("%+v, %v", s, err)
	}
	for subject, want := range map[string]int{system.Subject: 2, "provider": 2} {
		if entries, err := audit.History(t.Context(), w.Store, subject, 1, 10); err != nil || len(entries) != want {
			t.Errorf("%s: %d entries, %v", subject, len(entries), err)
		}
	}
	if _, err := accounts.Create(t.Context(), w.Store, "erika@example.org", "Erika", "correct horse"); err != nil {
		t.Fatal(err)
	}
	if r := run(t, w.OwnerURL, "user", "setup-code"); r.code == 0 || !strings.Contains(r.err, "account already") {
		t.Errorf("a code although there is an account: %d %q", r.code, r.err)
	}
}

// An account that the command line makes counts like every other.
func TestTheCommandLineHeedsTheLicence(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	if err := accounts.SetLicence(t.Context(), w.Store, 1); err != nil {
		t.Fatal(err)
	}
	add := func(email string) ran {
		t.Helper()
		return typing(t, "correct horse\n", w.OwnerURL, "user", "add", email, "Erika Beispiel")
	}
	if r := add("erika@example.org"); r.code != 0 || !strings.Contains(r.out, "Erika Beispiel can sign in") {
		t.Errorf("the first: %d %q", r.code, r.err)
	}
	if r := add("max@example.org"); r.code == 0 || !strings.Contains(r.err, "Your licence covers 1 persons") {
		t.Errorf("one too many: %d %q", r.code, r.err)
	}
	if l, err := accounts.LoadLicence(t.Context(), w.Store); err != nil || l.Persons != 1 {
		t.Errorf("%+v, %v", l, err)
	}
}
