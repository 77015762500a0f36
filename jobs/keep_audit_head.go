package jobs

import (
	"context"

	"github.com/riverqueue/river"
	"gocloud.dev/blob"

	"kurso/models/audit"
	"kurso/models/store"
)

// keepAuditHead writes the head of the audit log's chain to the backups. It may run as often as it likes: the
// first of a day is the one that is kept.
type keepAuditHead struct {
	river.WorkerDefaults[audit.KeepHeadJob]
	st      *store.Store
	backups *blob.Bucket
}

func (w *keepAuditHead) Work(ctx context.Context, _ *river.Job[audit.KeepHeadJob]) error {
	return audit.KeepHead(ctx, w.st, w.backups)
}
