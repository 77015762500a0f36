package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
	"gocloud.dev/blob"

	"kurso/locales"
	"kurso/models/exports"
	"kurso/models/store"
)

// runExport writes a large export. Running twice is harmless: the second run finds it taken. It may take longer
// than other jobs, so its heartbeat is watched; what the queue rescues after that time finds nothing to do.
type runExport struct {
	river.WorkerDefaults[exports.RunExport]
	st     *store.Store
	bucket *blob.Bucket
}

func (w *runExport) Timeout(*river.Job[exports.RunExport]) time.Duration { return exports.Longest }

func (w *runExport) Work(ctx context.Context, job *river.Job[exports.RunExport]) error {
	return exports.Run(ctx, w.st, w.bucket, job.Args.ExportID, locales.Translator)
}

// TendExports takes over exports whose worker died, starts those that are due, and deletes old files.
type TendExports struct{}

// Kind names the job.
func (TendExports) Kind() string { return "tend_exports" }

// tendExports may run twice: each step looks at what there is to do under a lock.
type tendExports struct {
	river.WorkerDefaults[TendExports]
	st     *store.Store
	bucket *blob.Bucket
}

func (w *tendExports) Work(ctx context.Context, _ *river.Job[TendExports]) error {
	if err := exports.Watch(ctx, w.st); err != nil {
		return err
	}
	if err := exports.RunSchedules(ctx, w.st); err != nil {
		return err
	}
	return exports.Sweep(ctx, w.st, w.bucket)
}

// SweepExports deletes files that killed workers left behind. Nobody enqueues it but the clock.
type SweepExports struct{}

// Kind names the job.
func (SweepExports) Kind() string { return "sweep_exports" }

// sweepExports may run twice: what is gone is gone.
type sweepExports struct {
	river.WorkerDefaults[SweepExports]
	st     *store.Store
	bucket *blob.Bucket
}

func (w *sweepExports) Work(ctx context.Context, _ *river.Job[SweepExports]) error {
	return exports.SweepStrays(ctx, w.st, w.bucket)
}
