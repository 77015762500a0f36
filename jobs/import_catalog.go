package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"gocloud.dev/blob"

	"kurso/models/catalog"
	"kurso/models/store"
)

// importCatalog works on one import, a slice of time after the other. Running twice is harmless: each run
// goes on at the import's checkpoint, and only one writes at a time.
type importCatalog struct {
	river.WorkerDefaults[catalog.ImportCatalog]
	st     *store.Store
	bucket *blob.Bucket
	log    *slog.Logger
	slice  time.Duration
}

// turnWait is how soon an import asks again whether the one before it is done.
const turnWait = 2 * time.Second

func (w *importCatalog) Work(ctx context.Context, job *river.Job[catalog.ImportCatalog]) error {
	slice, cancel := context.WithTimeout(ctx, w.slice)
	defer cancel()
	err := catalog.RunImport(slice, w.st, w.bucket, job.Args.ImportID, nil)
	after := context.WithoutCancel(ctx)
	switch {
	case err == nil, errors.Is(err, store.ErrNotFound):
		return nil
	case errors.Is(err, catalog.ErrImportBusy):
		return river.JobSnooze(turnWait)
	case errors.Is(context.Cause(ctx), rivertype.ErrJobCancelledRemotely):
		return errors.Join(err, catalog.CancelImport(after, w.st, job.Args.ImportID))
	case slice.Err() != nil:
		// the slice is over, or this process is: another run goes on
		return river.JobSnooze(0)
	case job.Attempt >= job.MaxAttempts:
		w.log.ErrorContext(ctx, "import given up", "import", job.Args.ImportID, "error", err)
		return errors.Join(err, catalog.GiveUpImport(after, w.st, job.Args.ImportID))
	}
	return err
}
