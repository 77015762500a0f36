package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"kurso/models/system"
)

// whileSuspended puts off what begins in a suspended installation. Its queues are paused; this is for those
// that were not there when it was suspended.
type whileSuspended struct {
	river.MiddlewareDefaults
	watch *system.Watch
}

const untilThen = time.Minute

// Work works the job, or tries it again later.
func (m *whileSuspended) Work(ctx context.Context, _ *rivertype.JobRow, work func(context.Context) error) error {
	state, err := m.watch.State(ctx)
	if err != nil {
		return err
	}
	if state.Suspended() {
		return river.JobSnooze(untilThen)
	}
	return work(ctx)
}
