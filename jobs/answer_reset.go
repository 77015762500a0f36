package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"kurso/models/accounts"
	"kurso/models/store"
)

// answerReset sends a link to a new password to whoever asked and has an account. Running twice is harmless:
// the first run deletes the request.
type answerReset struct {
	river.WorkerDefaults[accounts.AnswerResetJob]
	st *store.Store
}

func (w *answerReset) Work(ctx context.Context, job *river.Job[accounts.AnswerResetJob]) error {
	return accounts.AnswerReset(ctx, w.st, job.Args.RequestID)
}
