package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"kurso/models/notify"
	"kurso/models/store"
)

// sendDigests writes the digests that are due. Running twice is harmless: each user gets one a day.
type sendDigests struct {
	river.WorkerDefaults[notify.SendDigestsJob]
	st *store.Store
}

func (w *sendDigests) Work(ctx context.Context, _ *river.Job[notify.SendDigestsJob]) error {
	return notify.SendDigests(ctx, w.st)
}
