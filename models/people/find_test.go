package people_test

import (
	"context"
	"testing"
	"time"

	"kurso/models/modeltest"
	"kurso/models/people"
	"kurso/models/store"
)

func TestFindOrCreate(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	find := func(first, last, email string) int64 {
		t.Helper()
		p := &people.Person{FirstName: first, LastName: last, Email: email, Town: "Berlin"}
		w.Must(t, func(ctx context.Context, tx *store.Tx) error { return people.FindOrCreate(ctx, tx, p) })
		return p.ID
	}
	anna := find("Anna", "Müller", "anna@example.org")
	for name, c := range map[string]struct {
		first, last, email string
		same               bool
	}{
		"the same":           {"Anna", "Müller", "anna@example.org", true},
		"letters":            {"ANNA", "mueller", "Anna@Example.ORG", true},
		"another first name": {"Berta", "Müller", "anna@example.org", false},
		"another last name":  {"Anna", "Meier", "anna@example.org", false},
		"another address":    {"Anna", "Müller", "a@example.org", false},
		"no wildcards":       {"%", "%", "anna@example.org", false},
	} {
		if got := find(c.first, c.last, c.email); (got == anna) != c.same {
			t.Errorf("%s: person %d, the first is %d", name, got, anna)
		}
	}
	if a, b := find("Otto", "Ohne", ""), find("Otto", "Ohne", ""); a == b {
		t.Error("two people without an address are one")
	}
}

// Two bookings of one new person, verified at once, are linked to one person.
func TestFindOrCreateWaitsForAnother(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	first := &people.Person{FirstName: "Eva", LastName: "Neu", Email: "neu@example.org"}
	second := &people.Person{FirstName: "Eva", LastName: "Neu", Email: "NEU@example.org"}
	done := make(chan error, 1)
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		if err := people.FindOrCreate(ctx, tx, first); err != nil {
			return err
		}
		go func() {
			done <- w.InTx(context.WithoutCancel(t.Context()), func(ctx context.Context, tx *store.Tx) error {
				return people.FindOrCreate(ctx, tx, second)
			})
		}()
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			var waiting int
			err := w.NewRaw("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'").Scan(ctx, &waiting)
			if err != nil || waiting == 1 {
				return err
			}
			if time.Now().After(deadline) {
				t.Error("the second did not wait")
				return nil
			}
		}
	})
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if first.ID != second.ID {
		t.Errorf("persons %d and %d, want one", first.ID, second.ID)
	}
}
