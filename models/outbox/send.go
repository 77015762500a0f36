package outbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"kurso/models/store"
)

// ErrDone says that a mail needs no sending: it was sent, given up, or kept.
var ErrDone = errors.New("the mail needs no sending")

// NotDueError says that a mail must not be tried before At: another worker may still be sending it, or
// the mail server asked for patience.
type NotDueError struct{ At time.Time }

func (e *NotDueError) Error() string {
	return fmt.Sprintf("the mail is not due before %s", e.At.Format(time.RFC3339))
}

// Claim takes a mail for one try and counts it. Nobody else gets it for the length of lease, which must be
// longer than a try can take: so two runs of its job, even at once, send it one after the other at most,
// and the second finds it sent. It returns ErrDone, *NotDueError or store.ErrNotFound when there is nothing
// to try.
func Claim(ctx context.Context, st *store.Store, id int64, lease time.Duration) (*Mail, error) {
	m := &Mail{}
	err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		now := tx.Now()
		err := tx.NewRaw(`UPDATE mails SET state = ?, attempts = attempts + 1, next_try_at = ?
			WHERE id = ? AND (state = ? OR state IN (?, ?) AND next_try_at <= ?) RETURNING *`,
			Sending, now.Add(lease), id, Queued, Sending, Retrying, now).Scan(ctx, m)
		if !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if m, err = Load(ctx, tx, id); err != nil {
			return err
		}
		if (m.State == Sending || m.State == Retrying) && m.NextTryAt != nil {
			return &NotDueError{At: *m.NextTryAt}
		}
		return ErrDone
	})
	return m, err
}

// MarkSent notes that the mail server took the mail, whoever else has claimed it since.
func MarkSent(ctx context.Context, tx *store.Tx, m *Mail, reply string) error {
	_, err := tx.NewUpdate().Model(m).Where("id = ?", m.ID).
		Set("state = ?", Sent).Set("sent_at = ?", tx.Now()).Set("next_try_at = NULL").Set("last_reply = ?", reply).Exec(ctx)
	return err
}

// MarkKept notes that no mail server is set. It changes nothing if the claim was lost.
func MarkKept(ctx context.Context, tx *store.Tx, m *Mail) error {
	_, err := tx.NewUpdate().Model(m).Where("id = ? AND state = ? AND attempts = ?", m.ID, Sending, m.Attempts).
		Set("state = ?", Kept).Set("attempts = 0").Set("next_try_at = NULL").Set("last_reply = ''").Exec(ctx)
	return err
}

// MarkFailed gives the mail up and tells staff. It changes nothing if the claim was lost. reply must hold no
// address.
func MarkFailed(ctx context.Context, tx *store.Tx, m *Mail, reply string) error {
	gaveUp, err := giveUp(ctx, tx, m, reply)
	// a letter about failed mails that fails itself would go round in circles
	if err != nil || !gaveUp || m.Letter == StaffMailFailed || m.Letter == StaffDigest {
		return err
	}
	return TellStaff(ctx, tx, NotifyStaff{Events: []Event{EventMailFailed}, MailID: m.ID, Version: m.Failures})
}

// Withdrawn is the last reply of a mail that MarkWithdrawn gave up.
const Withdrawn = "withdrawn"

// MarkWithdrawn gives up a mail whose reader may no longer see what is in it. It changes nothing if the claim
// was lost.
func MarkWithdrawn(ctx context.Context, tx *store.Tx, m *Mail) error {
	_, err := giveUp(ctx, tx, m, Withdrawn)
	return err
}

func giveUp(ctx context.Context, tx *store.Tx, m *Mail, reply string) (bool, error) {
	res, err := tx.NewUpdate().Model(m).Where("id = ? AND state = ? AND attempts = ?", m.ID, Sending, m.Attempts).
		Set("state = ?", Failed).Set("next_try_at = NULL").Set("last_reply = ?", reply).
		Set("failures = failures + 1").Returning("failures").Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// MarkRetrying puts the next try off until at. It changes nothing if the claim was lost. reply must hold no
// address.
func MarkRetrying(ctx context.Context, tx *store.Tx, m *Mail, at time.Time, reply string) error {
	_, err := tx.NewUpdate().Model(m).Where("id = ? AND state = ? AND attempts = ?", m.ID, Sending, m.Attempts).
		Set("state = ?", Retrying).Set("next_try_at = ?", at).Set("last_reply = ?", reply).Exec(ctx)
	return err
}

// gaps between tries grow to a day; together they are almost four days.
var gaps = []time.Duration{
	time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour,
	24 * time.Hour, 24 * time.Hour, 24 * time.Hour,
}

// Gap is how long to wait after the given number of tries; false: no more.
func Gap(attempts int) (time.Duration, bool) {
	if attempts < 1 || attempts > len(gaps) {
		return 0, false
	}
	return gaps[attempts-1], true
}
