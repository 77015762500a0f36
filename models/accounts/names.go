package accounts

import (
	"context"

	"kurso/models/store"
)

// Subject is how audit entries name a user.
const Subject = "user"

// Names reads what users are called, by id, also those who are no longer active.
func Names(ctx context.Context, r store.Reader, ids []int64) (map[int64]string, error) {
	return store.Names(ctx, r, "SELECT id, name FROM users WHERE id IN (?)", ids)
}
