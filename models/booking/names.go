package booking

import (
	"context"

	"kurso/models/store"
)

// Names reads by whom bookings were made, by id; those that are gone are left out.
func Names(ctx context.Context, r store.Reader, ids []int64) (map[int64]string, error) {
	return store.Names(ctx, r, "SELECT id, concat_ws(' ', nullif(first_name, ''), last_name) AS name FROM bookings WHERE id IN (?)", ids)
}
