package listing_test

import (
	"context"
	"net/url"
	"testing"
	"time"

	"kurso/models/listing"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// A page does not wait for a count that takes long; who asks for it alone gets it.
func TestALateCount(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("INSERT INTO persons (last_name, created_at, updated_at) SELECT 'P' || n, now(), now() FROM generate_series(1, 20000) n").Exec(ctx)
		return err
	})
	w.AsOwner(t, "ANALYZE persons")
	w.AsOwner(t, `CREATE FUNCTION ponder() RETURNS boolean LANGUAGE plpgsql COST 10000 AS
		'DECLARE x integer; BEGIN FOR i IN 1..500 LOOP x := i; END LOOP; RETURN true; END'`)
	pondering := &listing.List{Name: "pondering", From: "persons AS p", ID: "p.id", Sort: "number",
		Columns: []listing.Column{
			{Key: "number", Kind: listing.Number, SQL: "p.id", Shown: true, Sort: []string{"p.id"}, Index: true},
			{Key: "name", Kind: listing.Text, SQL: "p.last_name", Sort: []string{"p.last_name"}},
		},
		Filters: []listing.Filter{{Key: "pondered", Kind: listing.Flag, SQL: "ponder()"}}}
	read := func(address string) *listing.Page {
		t.Helper()
		values, err := url.ParseQuery(address)
		if err != nil {
			t.Fatal(err)
		}
		q, err := pondering.Parse(values, everything)
		if err != nil {
			t.Fatal(err)
		}
		p, err := q.Read(t.Context(), w.Store, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := read("pondered=yes")
	if !p.Late || !p.Estimated || p.Count < 2_000 || len(p.Rows) != listing.PageSize || p.Next == "" {
		t.Errorf("late: %t, about %d, %d rows", p.Late, p.Count, len(p.Rows))
	}
	if !p.CanSort(pondering.Column("name")) {
		t.Error("a few thousand cannot be sorted")
	}
	if p := read("pondered=yes&count=exact"); p.Late || p.Estimated || p.Count != 20000 {
		t.Errorf("exactly: %d, estimated: %t", p.Count, p.Estimated)
	}
	if p := read(""); p.Late || !p.Estimated {
		t.Errorf("quickly: %d, late: %t", p.Count, p.Late)
	}
}
