package store_test

import (
	"testing"

	"kurso/models/modeltest"
	"kurso/models/store"
)

func TestHastyStoreDoesNotWaitForTheDisk(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	w.AsOwner(t, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = on', current_database()); END $$")
	careful, err := store.Open(t.Context(), store.Options{DatabaseURL: w.URL, SecretKey: modeltest.Secret, Clock: w.Clock, Log: modeltest.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer careful.Close()
	hasty, err := careful.Hasty(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer hasty.Close()
	for want, s := range map[string]*store.Store{"off": hasty, "on": careful} {
		var got string
		if err := s.NewRaw("SELECT current_setting('synchronous_commit')").Scan(t.Context(), &got); err != nil || got != want {
			t.Errorf("synchronous_commit is %s, want %s, %v", got, want, err)
		}
	}
	var id int64
	if err := hasty.NewRaw("SELECT id FROM courses").Scan(t.Context(), &id); err != nil || id != c.ID {
		t.Errorf("it reads course %d, %v", id, err)
	}
	if hasty.Now() != w.Now() || hasty.Blind("x", "y") != w.Blind("x", "y") {
		t.Error("it has another clock or other keys")
	}
}
