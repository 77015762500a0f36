package accounts_test

import (
	"errors"
	"strings"
	"testing"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/modeltest"
	"kurso/models/store"
)

func TestCreateRefusesWhatCannotSignIn(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	if _, err := accounts.Create(t.Context(), w.Store, "erika@example.org", "Erika", "long enough"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ email, name, password, field string }{
		{"erika", "Erika", "long enough", "email"},
		{"@example.org", "Erika", "long enough", "email"},
		{"ERIKA@example.org", "Erika", "long enough", "email"},
		{"e2@example.org", " ", "long enough", "name"},
		{"e3@example.org", "Erika", "1234567", "password"},
		{"e4@example.org", "Erika", strings.Repeat("ü", 129), "password"},
	} {
		_, err := accounts.Create(t.Context(), w.Store, c.email, c.name, c.password)
		var v *store.ValidationError
		if !errors.As(err, &v) || v.Fields[0].Field != c.field {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// longest is a password of 128 characters.
var longest = strings.Repeat("grün", 32)

func TestSignInIsRecordedAndIgnoresCase(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	created, err := accounts.Create(t.Context(), w.Store, "Erika@example.org", "Erika", longest)
	if err != nil {
		t.Fatal(err)
	}
	u, err := accounts.Authenticate(t.Context(), w.Store, " erika@EXAMPLE.org ", longest, laptop)
	if err != nil || u.ID != created.ID {
		t.Fatalf("%+v, %v", u, err)
	}
	begin(t, w, u, laptop)
	if u, err = accounts.Load(t.Context(), w.Store, u.ID); err != nil || u.LastSignInAt == nil {
		t.Fatalf("%+v, %v", u, err)
	}
	entries, err := audit.History(t.Context(), w.Store, "user", u.ID, 10)
	if err != nil || len(entries) != 2 || entries[0].Action != "user.signed_in" || entries[0].ActorName != "Erika" {
		t.Fatalf("%+v, %v", entries, err)
	}
}

func TestDeactivatedUsersAreNobody(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u, err := accounts.Create(t.Context(), w.Store, "erika@example.org", "Erika", "long enough")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.NewRaw("UPDATE users SET active = false WHERE id = ? RETURNING id", u.ID).Scan(t.Context(), &u.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.Authenticate(t.Context(), w.Store, u.Email, "long enough", laptop); !errors.Is(err, accounts.ErrWrongCredentials) {
		t.Errorf("signing in: %v", err)
	}
	if _, err := accounts.Load(t.Context(), w.Store, u.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("loading: %v", err)
	}
}
