package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"kurso/models/booking"
	"kurso/models/store"
)

// cancelBookings goes through the bookings of a bulk cancellation, a slice of time after the other. Running twice, even
// at the same time, is harmless: a booking has one turn, and what came of it commits with it.
type cancelBookings struct {
	river.WorkerDefaults[booking.RunBulkCancellation]
	st    *store.Store
	slice time.Duration
}

func (w *cancelBookings) Work(ctx context.Context, job *river.Job[booking.RunBulkCancellation]) error {
	slice, cancel := context.WithTimeout(ctx, w.slice)
	defer cancel()
	err := booking.WorkBulkCancellation(slice, w.st, job.Args.BulkCancellationID)
	if err != nil && slice.Err() != nil {
		return river.JobSnooze(0) // the slice is over, or this process is: another run goes on
	}
	return err
}

// WatchCancellations looks for bulk cancellations whose worker died. Nobody enqueues it but the clock.
type WatchCancellations struct{}

// Kind names the job.
func (WatchCancellations) Kind() string { return "watch_cancellations" }

// watchCancellations may run twice: two jobs for the same one are harmless.
type watchCancellations struct {
	river.WorkerDefaults[WatchCancellations]
	st *store.Store
}

func (w *watchCancellations) Work(ctx context.Context, _ *river.Job[WatchCancellations]) error {
	return booking.WatchBulkCancellations(ctx, w.st)
}
