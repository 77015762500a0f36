package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"kurso/models/notify"
	"kurso/models/store"
)

// checkMinimum looks for courses below their minimum. Running twice is harmless: each is noticed once for each
// of the days before its start.
type checkMinimum struct {
	river.WorkerDefaults[notify.CheckMinimumJob]
	st *store.Store
}

func (w *checkMinimum) Work(ctx context.Context, _ *river.Job[notify.CheckMinimumJob]) error {
	return notify.CheckMinimum(ctx, w.st)
}
