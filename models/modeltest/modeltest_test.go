package modeltest_test

import (
	"context"
	"testing"

	"kurso/models/modeltest"
	"kurso/models/store"
)

func TestWorldsAreApart(t *testing.T) {
	t.Parallel()
	a, b := modeltest.New(t), modeltest.New(t)
	a.MustCreateCourse(t)
	var n int
	if err := b.NewRaw("SELECT count(*) FROM courses").Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	if n != 0 {
		t.Fatalf("a course of one world is seen in another: %d", n)
	}
	err := a.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.NewRaw("SELECT count(*) FROM courses").Scan(ctx, &n)
	})
	if err != nil || n != 1 {
		t.Fatalf("courses: %d, %v", n, err)
	}
}

// What a test does to a world, the application may do: it works as a role that owns nothing.
func TestWorldsAreTheApplications(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	if w.URL == w.OwnerURL {
		t.Skip("this server gives one role only")
	}
	var mighty bool
	err := w.NewRaw(`SELECT rolsuper OR rolcreatedb OR rolcreaterole OR EXISTS (SELECT FROM pg_class c
		WHERE relnamespace = 'public'::regnamespace AND pg_has_role(relowner, 'USAGE')) FROM pg_roles WHERE rolname = current_user`).Scan(t.Context(), &mighty)
	if err != nil || mighty {
		t.Errorf("the world's role is mighty: %t, %v", mighty, err)
	}
}
