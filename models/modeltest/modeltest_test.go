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
