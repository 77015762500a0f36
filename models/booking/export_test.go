package booking

import (
	"context"

	"kurso/models/store"
)

// RequestWithoutLock is Request that does not queue for the course, to show what the lock is for.
func RequestWithoutLock(ctx context.Context, st *store.Store, in Input) (*Receipt, error) {
	return request(ctx, st, in, "")
}
