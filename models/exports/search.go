package exports

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"kurso/models/listing"
	"kurso/models/store"
)

// Hits are the first rows of a list that a search over everything has found.
type Hits struct {
	// Query is the list's own search for the same.
	Query listing.Query
	Rows  []listing.Row
	// More says that the list has further ones.
	More bool
}

// searchedAtOnce is how many lists are searched at the same time: more would leave nothing to others.
const searchedAtOnce = 4

// Search looks for words in every list that can be searched, does not stand apart, and that ctx's user may see, for
// at most some rows of each.
func Search(ctx context.Context, st *store.Store, zone *time.Location, words string, rows int) ([]Hits, error) {
	if words == "" {
		return nil, nil
	}
	searched := slices.DeleteFunc(slices.Clone(Lists), func(l *listing.List) bool { return l.Search == "" || l.Apart || !May(ctx, l) })
	found := make([]Hits, len(searched))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(searchedAtOnce)
	for i, l := range searched {
		g.Go(func() (err error) {
			found[i], err = search(ctx, st, zone, l, words, rows)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(h Hits) bool { return len(h.Rows) == 0 }), nil
}

func search(ctx context.Context, st *store.Store, zone *time.Location, l *listing.List, words string, rows int) (h Hits, err error) {
	h.Query, err = Parse(ctx, l, url.Values{"q": {words}})
	var v *store.ValidationError
	if errors.As(err, &v) {
		return h, nil // too long for anything to be called so
	}
	if err != nil {
		return h, err
	}
	if h.Rows, err = h.Query.First(ctx, st, zone, rows+1); len(h.Rows) > rows {
		h.Rows, h.More = h.Rows[:rows], true
	}
	return h, err
}
