package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"kurso/models/booking"
	"kurso/models/store"
)

// expireHolds lets unverified bookings expire, in batches. Running twice is harmless: a booking expires
// once, and rows that another run has are skipped.
type expireHolds struct {
	river.WorkerDefaults[booking.ExpireHoldsJob]
	st *store.Store
}

func (w *expireHolds) Work(ctx context.Context, _ *river.Job[booking.ExpireHoldsJob]) error {
	const batch = 500
	for {
		n, err := booking.ExpireHolds(ctx, w.st, batch)
		if err != nil || n < batch {
			return err
		}
	}
}
