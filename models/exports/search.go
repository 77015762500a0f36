package exports

import (
	"context"
	"errors"
	"net/url"
	"time"

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

// Search looks for words in every list that can be searched and that ctx's user may see, for at most some rows
// of each.
func Search(ctx context.Context, st *store.Store, zone *time.Location, words string, rows int) ([]Hits, error) {
	var found []Hits
	for _, l := range Lists {
		if words == "" || l.Search == "" || !May(ctx, l) {
			continue
		}
		q, err := Parse(ctx, l, url.Values{"q": {words}})
		var v *store.ValidationError
		if errors.As(err, &v) {
			continue // too long for anything to be called so
		}
		if err != nil {
			return nil, err
		}
		hits, err := q.First(ctx, st, zone, rows+1)
		if err != nil {
			return nil, err
		}
		if len(hits) > 0 {
			found = append(found, Hits{Query: q, Rows: hits[:min(len(hits), rows)], More: len(hits) > rows})
		}
	}
	return found, nil
}
