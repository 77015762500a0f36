package booking

import (
	"context"
	"strconv"

	"kurso/models/store"
)

// Names reads by whom bookings were made, by id; those that are gone are left out.
func Names(ctx context.Context, r store.Reader, ids []int64) (map[int64]string, error) {
	return store.Names(ctx, r, "SELECT id, concat_ws(' ', nullif(first_name, ''), last_name) AS name FROM bookings WHERE id IN (?)", ids)
}

// BulkNames are the numbers of those bulk cancellations that ctx's user started: nobody else can open them.
func BulkNames(ctx context.Context, r store.Reader, ids []int64) (map[int64]string, error) {
	return store.Names(ctx, r, "SELECT id, '#' || id AS name FROM bulk_cancellations WHERE id IN (?) AND user_id = "+strconv.FormatInt(store.ActorOf(ctx).UserID, 10), ids)
}
