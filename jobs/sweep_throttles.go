package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"kurso/models/store"
	"kurso/models/throttle"
)

// SweepThrottles is the periodic job that forgets throttle buckets which are full again. Nobody enqueues it
// but the clock.
type SweepThrottles struct{}

// Kind names the job.
func (SweepThrottles) Kind() string { return "sweep_throttles" }

// sweepThrottles may run twice: a bucket that is gone is as good as a full one.
type sweepThrottles struct {
	river.WorkerDefaults[SweepThrottles]
	st *store.Store
}

func (w *sweepThrottles) Work(ctx context.Context, _ *river.Job[SweepThrottles]) error {
	_, err := throttle.Sweep(ctx, w.st)
	return err
}
