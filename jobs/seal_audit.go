package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"kurso/models/audit"
	"kurso/models/store"
)

// sealAudit appends the audit entries that wait to the chain, in batches, until none is left or its time slice
// is over. It may run twice and beside itself: one seals at a time, and each entry once.
type sealAudit struct {
	river.WorkerDefaults[audit.SealJob]
	st    *store.Store
	slice time.Duration
}

func (w *sealAudit) Work(ctx context.Context, _ *river.Job[audit.SealJob]) error {
	const batch = 5000
	for end := time.Now().Add(w.slice); ; {
		n, err := audit.Seal(ctx, w.st, batch)
		if err != nil || n < batch || time.Now().After(end) {
			return err
		}
	}
}
