package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"kurso/models/desk"
	"kurso/models/store"
)

// SweepDesks is the periodic job that forgets who is gone and drafts that nobody came back to. Nobody
// enqueues it but the clock.
type SweepDesks struct{}

// Kind names the job.
func (SweepDesks) Kind() string { return "sweep_desks" }

// sweepDesks may run twice: what is gone stays gone.
type sweepDesks struct {
	river.WorkerDefaults[SweepDesks]
	st *store.Store
}

func (w *sweepDesks) Work(ctx context.Context, _ *river.Job[SweepDesks]) error {
	return desk.Sweep(ctx, w.st)
}
