package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"kurso/models/accounts"
	"kurso/models/store"
)

// endSupport may run twice: an account that is deactivated stays so.
type endSupport struct {
	river.WorkerDefaults[accounts.EndSupportJob]
	st *store.Store
}

func (w *endSupport) Work(ctx context.Context, _ *river.Job[accounts.EndSupportJob]) error {
	return accounts.EndOverdueSupport(ctx, w.st)
}
