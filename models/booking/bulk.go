package booking

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/store"
)

// SubjectBulk of audit entries.
const SubjectBulk = "bulk_cancellation"

// MostAtOnce is how many bookings are cancelled together.
const MostAtOnce = 10_000

// States of a bulk cancellation.
const (
	BulkRunning  = "running"
	BulkFinished = "finished"
	// BulkStopped: by whoever started it, before its end.
	BulkStopped = "stopped"
)

// What came of a booking of a bulk cancellation.
const (
	// BulkCancelled now; one that was cancelled already is BulkClosed.
	BulkCancelled = "cancelled"
	BulkClosed    = "closed"
	// BulkBeyond the reach of whoever started it, or gone.
	BulkBeyond = "beyond"
	// BulkForbidden: the permission was withdrawn.
	BulkForbidden = "forbidden"
	// BulkFailed for a reason of ours.
	BulkFailed = "failed"
	// BulkLeft as it was, because the cancellation was stopped.
	BulkLeft = "stopped"
)

// BulkOutcomes lists them.
var BulkOutcomes = []string{BulkCancelled, BulkClosed, BulkBeyond, BulkForbidden, BulkFailed, BulkLeft}

// closed are the states of bookings that have ended.
var closed = []string{Cancelled, Rejected, Expired}

// BulkCancellation is that one person cancels several bookings together.
type BulkCancellation struct {
	bun.BaseModel `bun:"table:bulk_cancellations,alias:bc"`
	ID            int64 `bun:",pk,autoincrement"`
	UserID        int64
	State         string
	CreatedAt     time.Time
	FinishedAt    *time.Time

	// Total is how many bookings it is about, Done how many of them it has been through, Cancelled how many of those
	// it has cancelled. They are filled by LoadBulkCancellation.
	Total     int `bun:",scanonly"`
	Done      int `bun:",scanonly"`
	Cancelled int `bun:",scanonly"`
}

// Open reports whether there is more to do.
func (b *BulkCancellation) Open() bool { return b.State == BulkRunning }

// BulkBooking is one of the bookings that were not cancelled, and why. Of one that ctx's user may see it is known who
// booked.
type BulkBooking struct {
	BookingID int64
	Outcome   string
	Visible   bool
	Booker    string
}

// RunBulkCancellation is the job that goes through the bookings of one.
type RunBulkCancellation struct {
	BulkCancellationID int64 `json:"bulk_cancellation_id"`
}

// Kind names the job.
func (RunBulkCancellation) Kind() string { return "run_bulk_cancellation" }

// BulkPreview is what a bulk cancellation of some bookings would do.
type BulkPreview struct {
	// IDs are what it would cancel, Mails is how many of them tell somebody.
	IDs   []int64
	Mails int
}

// PreviewBulkCancellation tells which of the bookings ctx's actor may cancel and have not ended.
func PreviewBulkCancellation(ctx context.Context, r store.Reader, ids []int64) (p BulkPreview, err error) {
	if len(ids) == 0 {
		return p, nil
	}
	var open []struct {
		ID    int64
		State string
	}
	err = r.NewRaw("SELECT id, state FROM bookings WHERE id IN (?) AND state NOT IN (?) AND ? ORDER BY id",
		bun.List(ids), bun.List(closed), accounts.Condition(ctx, accounts.BookingsWrite, "course_id")).Scan(ctx, &open)
	for _, b := range open {
		p.IDs = append(p.IDs, b.ID)
		if b.State != Requested { // nobody has shown that the address is theirs
			p.Mails++
		}
	}
	return p, err
}

var errNothingToCancel = errors.New("none of the bookings waits to be cancelled")

// StartBulkCancellation orders that bookings be cancelled by a job, and returns the order's id. Those beyond what ctx's
// actor may do are left out, as are those that wait for it already: sent twice, the second is the first.
//
// Errors: *store.ValidationError when nothing is left, or there are more than MostAtOnce.
func StartBulkCancellation(ctx context.Context, st *store.Store, ids []int64) (id int64, err error) {
	v := &store.ValidationError{}
	switch {
	case len(ids) == 0:
		v.Add("", "error.list.nothing_selected")
	case len(ids) > MostAtOnce:
		v.Add("", "bookings.cancel.too_many", "Max", MostAtOnce)
	}
	if err := v.OrNil(); err != nil {
		return 0, err
	}
	err = st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		b := &BulkCancellation{UserID: store.ActorOf(ctx).UserID, State: BulkRunning, CreatedAt: tx.Now()}
		if _, err := tx.NewInsert().Model(b).Exec(ctx); err != nil {
			return err
		}
		added, err := tx.NewRaw(`INSERT INTO bulk_cancellation_bookings (bulk_cancellation_id, booking_id)
			SELECT ?, id FROM bookings WHERE id IN (?) AND ? ORDER BY id ON CONFLICT (booking_id) WHERE outcome IS NULL DO NOTHING`,
			b.ID, bun.List(ids), accounts.Condition(ctx, accounts.BookingsWrite, "course_id")).Exec(ctx)
		if err != nil {
			return err
		}
		n, err := added.RowsAffected()
		if err != nil {
			return err
		}
		if n == 0 {
			return errNothingToCancel
		}
		id = b.ID
		if err := b.tell(ctx, tx, "started", n); err != nil {
			return err
		}
		return tx.Enqueue(ctx, RunBulkCancellation{BulkCancellationID: b.ID}, nil)
	})
	if !errors.Is(err, errNothingToCancel) {
		return id, err
	}
	err = st.NewRaw(`SELECT bc.id FROM bulk_cancellations bc JOIN bulk_cancellation_bookings i ON i.bulk_cancellation_id = bc.id
		WHERE bc.user_id = ? AND i.booking_id IN (?) AND i.outcome IS NULL LIMIT 1`, store.ActorOf(ctx).UserID, bun.List(ids)).Scan(ctx, &id)
	if errors.Is(err, sql.ErrNoRows) {
		v.Add("", "bookings.cancel.none")
		return 0, v
	}
	return id, err
}

// tell notes what happened, and to how many bookings.
func (b *BulkCancellation) tell(ctx context.Context, tx *store.Tx, verb string, bookings int64) error {
	return audit.Write(ctx, tx, SubjectBulk, b.ID, SubjectBulk+"."+verb, audit.Change{Field: "bookings", New: strconv.FormatInt(bookings, 10)})
}

// LoadBulkCancellation reads one of ctx's user; another's is store.ErrNotFound.
func LoadBulkCancellation(ctx context.Context, r store.Reader, id int64) (*BulkCancellation, error) {
	return loadBulk(ctx, r, "bc.id = ?", id)
}

// RunningBulkCancellation is the latest of ctx's user that has not ended, or nil.
func RunningBulkCancellation(ctx context.Context, r store.Reader) (*BulkCancellation, error) {
	b, err := loadBulk(ctx, r, "bc.state = ?", BulkRunning)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return b, err
}

func loadBulk(ctx context.Context, r store.Reader, where string, arg any) (*BulkCancellation, error) {
	b := &BulkCancellation{}
	err := r.NewSelect().Model(b).ColumnExpr("bc.*").ColumnExpr("count.*").
		Join("CROSS JOIN LATERAL (SELECT count(*) AS total, count(outcome) AS done, count(*) FILTER (WHERE outcome = ?) AS cancelled FROM bulk_cancellation_bookings WHERE bulk_cancellation_id = bc.id) AS count", BulkCancelled).
		Where("bc.user_id = ?", store.ActorOf(ctx).UserID).Where(where, arg).OrderExpr("bc.id DESC").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	return b, err
}

// Refused lists bookings that it has been through and did not cancel, by their numbers; after continues behind one.
func (b *BulkCancellation) Refused(ctx context.Context, r store.Reader, after int64, limit int) (refused []BulkBooking, err error) {
	return refused, r.NewRaw(`SELECT i.booking_id, i.outcome, b.id IS NOT NULL AS visible, concat_ws(' ', nullif(b.first_name, ''), b.last_name) AS booker
		FROM bulk_cancellation_bookings i LEFT JOIN bookings b ON b.id = i.booking_id AND ?
		WHERE i.bulk_cancellation_id = ? AND i.outcome <> ? AND i.booking_id > ? ORDER BY i.booking_id LIMIT ?`,
		accounts.Condition(ctx, accounts.BookingsRead, "b.course_id"), b.ID, BulkCancelled, after, limit).Scan(ctx, &refused)
}

// StopBulkCancellation ends one of ctx's user: what is cancelled stays so, the other bookings stay as they are. One that
// has ended is left as it is.
func StopBulkCancellation(ctx context.Context, st *store.Store, id int64) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		b, err := lockBulk(ctx, tx, id, "UPDATE")
		if err == nil && b.UserID != store.ActorOf(ctx).UserID {
			return store.ErrNotFound
		}
		if err != nil || !b.Open() {
			return err
		}
		if _, err := tx.NewRaw("UPDATE bulk_cancellation_bookings SET outcome = ?, done_at = ? WHERE bulk_cancellation_id = ? AND outcome IS NULL",
			BulkLeft, tx.Refresh(), id).Exec(ctx); err != nil {
			return err
		}
		return b.end(ctx, tx, BulkStopped)
	})
}

func lockBulk(ctx context.Context, tx *store.Tx, id int64, lock string) (*BulkCancellation, error) {
	b := &BulkCancellation{}
	err := tx.NewSelect().Model(b).Where("bc.id = ?", id).For(lock).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	return b, err
}

func (b *BulkCancellation) end(ctx context.Context, tx *store.Tx, state string) error {
	now := tx.Now()
	b.State, b.FinishedAt = state, &now
	if _, err := tx.NewUpdate().Model(b).Column("state", "finished_at").WherePK().Exec(ctx); err != nil {
		return err
	}
	var done int64
	err := tx.NewRaw("SELECT count(*) FROM bulk_cancellation_bookings WHERE bulk_cancellation_id = ? AND outcome = ?", b.ID, BulkCancelled).Scan(ctx, &done)
	if err != nil {
		return err
	}
	return b.tell(ctx, tx, state, done)
}

// WorkBulkCancellation cancels the bookings of one until it has ended or ctx is. Each booking and what came of it are one
// transaction, so that whoever goes on after a death does nothing twice; any number may work at the same one. Whoever
// started it must be allowed to cancel each booking at the moment of its turn.
//
// Errors: those after which another run goes on.
func WorkBulkCancellation(ctx context.Context, st *store.Store, id int64) error {
	for {
		more, err := nextOfBulk(ctx, st, id)
		if err != nil {
			return err
		}
		if !more {
			return finishBulk(ctx, st, id)
		}
	}
}

// nextOfBulk cancels one booking; more is whether there was one.
func nextOfBulk(ctx context.Context, st *store.Store, id int64) (more bool, err error) {
	var bookingID int64
	err = st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		b, err := lockBulk(ctx, tx, id, "SHARE")
		if errors.Is(err, store.ErrNotFound) || err == nil && !b.Open() {
			return nil
		}
		if err != nil {
			return err
		}
		err = tx.NewRaw("SELECT booking_id FROM bulk_cancellation_bookings WHERE bulk_cancellation_id = ? AND outcome IS NULL ORDER BY booking_id LIMIT 1 FOR UPDATE SKIP LOCKED", id).Scan(ctx, &bookingID)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		more = true
		outcome, err := b.cancel(ctx, tx, bookingID)
		if err != nil {
			return err
		}
		return noteOutcome(ctx, tx, id, bookingID, outcome)
	})
	if err == nil || bookingID == 0 || ctx.Err() != nil || store.Transient(err) {
		return more, err
	}
	slog.ErrorContext(ctx, "a booking of several could not be cancelled", "booking", bookingID, "err", err)
	return true, st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return noteOutcome(ctx, tx, id, bookingID, BulkFailed) })
}

// cancel cancels one booking on behalf of whoever started it, and says what came of that.
func (b *BulkCancellation) cancel(ctx context.Context, tx *store.Tx, bookingID int64) (outcome string, err error) {
	if ctx, err = accounts.Act(ctx, tx, b.UserID); err != nil {
		return "", err
	}
	err = accounts.MustReach(ctx, tx, accounts.BookingsWrite, accounts.RecordBooking, bookingID)
	if err == nil {
		var found *Booking
		if found, err = lockBooking(ctx, tx, "b.id = ?", bookingID); err == nil {
			if slices.Contains(closed, found.State) {
				return BulkClosed, nil
			}
			return BulkCancelled, cancel(ctx, tx, found)
		}
	}
	switch {
	case errors.Is(err, store.ErrForbidden):
		return BulkForbidden, nil
	case errors.Is(err, store.ErrNotFound):
		return BulkBeyond, nil
	}
	return "", err
}

func noteOutcome(ctx context.Context, tx *store.Tx, id, bookingID int64, outcome string) error {
	_, err := tx.NewRaw("UPDATE bulk_cancellation_bookings SET outcome = ?, done_at = ? WHERE bulk_cancellation_id = ? AND booking_id = ? AND outcome IS NULL",
		outcome, tx.Now(), id, bookingID).Exec(ctx)
	return err
}

// finishBulk ends one whose bookings are all done; while another worker has the last of them, it is the one to do so.
func finishBulk(ctx context.Context, st *store.Store, id int64) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		b, err := lockBulk(ctx, tx, id, "UPDATE")
		if errors.Is(err, store.ErrNotFound) || err == nil && !b.Open() {
			return nil
		}
		if err != nil {
			return err
		}
		var waiting bool
		err = tx.NewRaw("SELECT EXISTS (SELECT FROM bulk_cancellation_bookings WHERE bulk_cancellation_id = ? AND outcome IS NULL)", id).Scan(ctx, &waiting)
		if err != nil || waiting {
			return err
		}
		if ctx, err = accounts.Act(ctx, tx, b.UserID); err != nil {
			return err
		}
		tx.Refresh()
		return b.end(ctx, tx, BulkFinished)
	})
}

// bulkSilence is how long nothing may happen to a running one before it is given another job.
const bulkSilence = 15 * time.Second

// WatchBulkCancellations gives another job to those whose worker died.
func WatchBulkCancellations(ctx context.Context, st *store.Store) error {
	before := st.Now().Add(-bulkSilence)
	var silent []int64
	err := st.NewRaw(`SELECT id FROM bulk_cancellations bc WHERE state = ? AND created_at < ?
		AND NOT EXISTS (SELECT FROM bulk_cancellation_bookings WHERE bulk_cancellation_id = bc.id AND done_at >= ?) AND ?`,
		BulkRunning, before, before, store.Unattended(RunBulkCancellation{}.Kind(), "bulk_cancellation_id", "bc.id", before)).Scan(ctx, &silent)
	if err != nil {
		return err
	}
	for _, id := range silent {
		err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			return tx.Enqueue(ctx, RunBulkCancellation{BulkCancellationID: id}, nil)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
