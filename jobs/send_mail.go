package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"kurso/config"
	"kurso/mail"
	"kurso/models/notify"
	"kurso/models/outbox"
	"kurso/models/store"
)

// sendMail sends one mail. Running twice is harmless: a run claims the mail first, and one that was sent
// cannot be claimed. Only if the process dies between the mail server's 250 and the commit is a mail sent
// again, with the same Message-ID, by which mailboxes know it.
type sendMail struct {
	river.WorkerDefaults[outbox.SendMail]
	st     *store.Store
	cfg    *config.Config
	log    *slog.Logger
	sender *mail.Sender // nil: mails are kept

	// lease covers a try, noting its outcome included, and ends before the job of a killed worker is
	// taken over.
	lease, noting time.Duration
}

func newSendMail(d Deps, sender *mail.Sender) *sendMail {
	rescue := d.Config.JobRescueAfter
	return &sendMail{st: d.Store, cfg: d.Config, log: d.Log, sender: sender, lease: rescue * 7 / 8, noting: max(rescue/8, 5*time.Second)}
}

func (w *sendMail) Work(ctx context.Context, job *river.Job[outbox.SendMail]) error {
	m, err := outbox.Claim(ctx, w.st, job.Args.MailID, w.lease)
	var early *outbox.NotDueError
	switch {
	case errors.Is(err, outbox.ErrDone), errors.Is(err, store.ErrNotFound):
		return nil
	case errors.As(err, &early):
		return river.JobSnooze(max(0, early.At.Sub(w.st.Now())))
	case err != nil:
		return err
	}
	may, err := notify.MayRead(ctx, w.st, m)
	switch {
	case err != nil:
		return err
	case !may:
		return w.note(ctx, job, func(ctx context.Context, tx *store.Tx) error { return outbox.MarkWithdrawn(ctx, tx, m) })
	case w.sender == nil:
		return w.note(ctx, job, func(ctx context.Context, tx *store.Tx) error { return outbox.MarkKept(ctx, tx, m) })
	}
	reply, err := w.try(ctx, m)
	if err == nil {
		return w.note(ctx, job, func(ctx context.Context, tx *store.Tx) error { return outbox.MarkSent(ctx, tx, m, reply) })
	}
	var refused *mail.SendError
	if !errors.As(err, &refused) {
		w.log.ErrorContext(ctx, "letter not written", "mail", m.ID, "letter", m.Letter, "error", err)
		refused = &mail.SendError{Reply: "the letter could not be written"}
	}
	gap, again := outbox.Gap(m.Attempts)
	if refused.Permanent || !again {
		w.log.ErrorContext(ctx, "mail failed", "mail", m.ID, "letter", m.Letter, "attempts", m.Attempts, "reply", refused.Reply)
		return w.note(ctx, job, func(ctx context.Context, tx *store.Tx) error { return outbox.MarkFailed(ctx, tx, m, refused.Reply) })
	}
	w.log.WarnContext(ctx, "mail will be retried", "mail", m.ID, "letter", m.Letter, "attempts", m.Attempts, "in", gap, "reply", refused.Reply)
	err = w.persist(ctx, func(ctx context.Context, tx *store.Tx) error {
		return outbox.MarkRetrying(ctx, tx, m, tx.Now().Add(gap), refused.Reply)
	})
	if err != nil {
		return err
	}
	return river.JobSnooze(gap)
}

func (w *sendMail) try(ctx context.Context, m *outbox.Mail) (reply string, err error) {
	letter, err := mail.Render(ctx, w.st, w.cfg, m)
	if err != nil {
		return "", err
	}
	return w.sender.Send(ctx, letter)
}

// note writes the outcome and completes the job in one transaction.
func (w *sendMail) note(ctx context.Context, job *river.Job[outbox.SendMail], mark func(context.Context, *store.Tx) error) error {
	return w.persist(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := mark(ctx, tx); err != nil {
			return err
		}
		return tx.WithPgx(func(tx pgx.Tx) error {
			_, err := river.JobCompleteTx[*riverpgxv5.Driver](ctx, tx, job)
			if errors.Is(err, rivertype.ErrNotFound) {
				return nil // somebody deleted the job
			}
			return err
		})
	})
}

// persist tries for a while to write what the mail server said, even when the job is being stopped or
// Postgres restarts: if it is forgotten, the mail is sent again.
func (w *sendMail) persist(ctx context.Context, fn func(context.Context, *store.Tx) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.noting)
	defer cancel()
	for {
		err := w.st.InTx(ctx, fn)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(w.noting / 50):
		}
	}
}
