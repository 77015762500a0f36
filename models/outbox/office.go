package outbox

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/audit"
	"kurso/models/store"
)

// Load reads a mail, or store.ErrNotFound.
func Load(ctx context.Context, r store.Reader, id int64) (*Mail, error) {
	m := &Mail{}
	err := r.NewSelect().Model(m).Where("m.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	return m, err
}

// OfBooking lists the mails of a booking, oldest first.
func OfBooking(ctx context.Context, r store.Reader, bookingID int64) ([]*Mail, error) {
	var mails []*Mail
	err := r.NewSelect().Model(&mails).Where("m.booking_id = ?", bookingID).OrderExpr("m.id").Scan(ctx)
	return mails, err
}

// Within are some courses, as a condition on the column with a course's id; an empty one: all mails.
type Within interface {
	Courses(column string) (condition string, args []any)
}

// OfCourse lists the newest mails about a course's bookings, at most n.
func OfCourse(ctx context.Context, r store.Reader, courseID int64, n int) ([]*Mail, error) {
	// found by the course and ordered then: walking the mails by their time could read them all
	about := r.NewSelect().TableExpr("mails").ColumnExpr("*").Where("booking_id IN (SELECT id FROM bookings WHERE course_id = ?)", courseID)
	var mails []*Mail
	return mails, r.NewSelect().Model(&mails).WithQuery(bun.NewWithQuery("about", about).Materialized()).ModelTableExpr("about AS m").
		OrderExpr("m.created_at DESC, m.id DESC").Limit(int64(n)).Scan(ctx)
}

// Counts are the mails that are not done, by state.
type Counts struct{ Queued, Sending, Retrying, Failed, Bounced int }

// Attention is how many mails a person should look at.
func (c Counts) Attention() int { return c.Retrying + c.Failed + c.Bounced }

// Count reads how many mails are not done, within some courses; nil: of all mails.
func Count(ctx context.Context, r store.Reader, within Within) (Counts, error) {
	var c Counts
	about := bun.SafeQuery("true")
	if within != nil {
		if condition, args := within.Courses("course_id"); condition != "" {
			about = bun.SafeQuery("booking_id IN (SELECT id FROM bookings WHERE "+condition+")", args...)
		}
	}
	err := r.NewRaw(`SELECT count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE state = 'sending'),
			count(*) FILTER (WHERE state = 'retrying'), count(*) FILTER (WHERE state = 'failed'),
			count(*) FILTER (WHERE state = 'bounced')
		FROM mails WHERE state IN ('queued', 'sending', 'retrying', 'failed', 'bounced') AND ?`, about).
		Scan(ctx, &c.Queued, &c.Sending, &c.Retrying, &c.Failed, &c.Bounced)
	return c, err
}

// CanRetry reports whether Retry would accept the mail: it has not arrived and nobody is sending it.
func (m *Mail) CanRetry(now time.Time) bool {
	return m.State != Sent && (m.State != Sending || m.NextTryAt.Before(now))
}

// Retry sends a mail at once that failed, waits for its next try, was kept, or whose job was lost; its
// tries are counted anew. A mail that CanRetry refuses is a *store.RuleError.
func Retry(ctx context.Context, st *store.Store, id int64) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		m, err := Load(ctx, tx, id)
		if err != nil {
			return err
		}
		res, err := tx.NewUpdate().Model(m).
			Where("id = ? AND state <> ? AND (state <> ? OR next_try_at < ?)", id, Sent, Sending, tx.Now()).
			Set("state = ?", Queued).Set("attempts = 0").Set("next_try_at = NULL").Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return &store.RuleError{Key: "outbox.not_retryable"}
		}
		if err := audit.Write(ctx, tx, SubjectMail, id, "mail.retried", audit.Change{Field: "state", Old: m.State, New: Queued}); err != nil {
			return err
		}
		return tx.Enqueue(ctx, SendMail{MailID: id}, nil)
	})
}

// Letters reads which letters mails are, by id; those that are gone are left out.
func Letters(ctx context.Context, r store.Reader, ids []int64) (map[int64]string, error) {
	return store.Names(ctx, r, "SELECT id, letter AS name FROM mails WHERE id IN (?)", ids)
}
