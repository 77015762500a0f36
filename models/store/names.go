package store

import (
	"context"

	"github.com/uptrace/bun"
)

// Names reads what records are called, by their ids: query selects id and name of those whose id is in (?).
func Names(ctx context.Context, r Reader, query string, ids []int64) (map[int64]string, error) {
	names := make(map[int64]string, len(ids))
	if len(ids) == 0 {
		return names, nil
	}
	var rows []struct {
		ID   int64
		Name string
	}
	err := r.NewRaw(query, bun.List(ids)).Scan(ctx, &rows)
	for _, row := range rows {
		names[row.ID] = row.Name
	}
	return names, err
}
