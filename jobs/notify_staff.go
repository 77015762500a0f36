package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"kurso/models/notify"
	"kurso/models/outbox"
	"kurso/models/store"
)

// notifyStaff tells staff of an event. Running twice is harmless: each reader gets one letter, or one line of a
// digest, for each time that it happened.
type notifyStaff struct {
	river.WorkerDefaults[outbox.NotifyStaff]
	st *store.Store
}

func (w *notifyStaff) Work(ctx context.Context, job *river.Job[outbox.NotifyStaff]) error {
	return notify.Staff(ctx, w.st, job.Args)
}
