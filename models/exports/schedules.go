package exports

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/uptrace/bun"
	"gocloud.dev/gcerrors"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/listing"
	"kurso/models/outbox"
	"kurso/models/store"
)

var errNoRows = sql.ErrNoRows

func missing(err error) bool { return gcerrors.Code(err) == gcerrors.NotFound }

// SubjectSchedule is that of audit entries about schedules, and of the mails they cause about their exports.
const SubjectSchedule = "export_schedule"

// Cadences of a schedule.
const (
	Daily   = "daily"
	Weekly  = "weekly"
	Monthly = "monthly"
)

// Cadences lists them in the order in which they are offered.
var Cadences = []string{Daily, Weekly, Monthly}

// maxFailures in a row stop a schedule.
const maxFailures = 5

// runHour is when schedules run, in the provider's zone.
const runHour = 5

// Schedule repeats an export.
type Schedule struct {
	bun.BaseModel `bun:"table:export_schedules,alias:es"`
	ID            int64 `bun:",pk,autoincrement"`
	UserID        int64
	Name          string
	List          string
	Query         string
	Format        listing.Format
	Raw           bool
	Cadence       string
	NextRunAt     time.Time
	Failures      int
	Active        bool
	CreatedAt     time.Time
}

// ScheduleInput is the form of a schedule.
type ScheduleInput struct {
	Input
	Name    string
	Cadence string
}

// Next is when a schedule runs after a moment: at five in the morning of the next day, Monday or first of the
// month.
func (s *Schedule) Next(after time.Time, zone *time.Location) time.Time {
	t := after.In(zone)
	at := func(days int) time.Time { return time.Date(t.Year(), t.Month(), t.Day()+days, runHour, 0, 0, 0, zone) }
	switch s.Cadence {
	case Weekly:
		days := (8 - int(t.Weekday())) % 7
		if next := at(days); next.After(after) {
			return next
		}
		return at(days + 7)
	case Monthly:
		next := time.Date(t.Year(), t.Month(), 1, runHour, 0, 0, 0, zone)
		if !next.After(after) {
			next = time.Date(t.Year(), t.Month()+1, 1, runHour, 0, 0, 0, zone)
		}
		return next
	}
	if next := at(0); next.After(after) {
		return next
	}
	return at(1)
}

// AddSchedule keeps a schedule for ctx's user. Errors as for Start; of a list about persons it is always one that
// must be confirmed, since nobody knows how many there will be.
func AddSchedule(ctx context.Context, st *store.Store, in ScheduleInput) (*Schedule, error) {
	name, err := named(in.Name)
	v := &store.ValidationError{}
	if err != nil && !errors.As(err, &v) {
		return nil, err
	}
	if !slices.Contains(Cadences, in.Cadence) {
		v.Add("cadence", "error.export.cadence")
	}
	if !slices.Contains(listing.Formats, in.Format) {
		v.Add("format", "error.export.format")
	}
	if err := v.OrNil(); err != nil {
		return nil, err
	}
	e := &Export{List: in.List, Query: in.Query.Encode(), Raw: in.Raw}
	q, err := e.query(ctx)
	if err != nil {
		return nil, err
	}
	if List(in.List).Personal {
		if err := accounts.MustConfirm(ctx, st.Now()); err != nil {
			return nil, err
		}
	}
	s := &Schedule{UserID: store.ActorOf(ctx).UserID, Name: name, List: in.List, Query: q.Address().Encode(), Format: in.Format, Raw: in.Raw,
		Cadence: in.Cadence, Active: true}
	return s, st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		s.CreatedAt, s.NextRunAt = tx.Now(), s.Next(tx.Now(), zone(ctx, tx))
		if _, err := tx.NewInsert().Model(s).Exec(ctx); err != nil {
			return err
		}
		return audit.Write(ctx, tx, SubjectSchedule, s.ID, "export_schedule.created", audit.Change{Field: "list", New: s.List}, audit.Change{Field: "cadence", New: s.Cadence})
	})
}

// Schedules lists those of ctx's user.
func Schedules(ctx context.Context, r store.Reader) ([]*Schedule, error) {
	var out []*Schedule
	return out, r.NewSelect().Model(&out).Where("es.user_id = ?", store.ActorOf(ctx).UserID).OrderExpr("es.id").Limit(200).Scan(ctx)
}

// ResumeSchedule starts a schedule of ctx's user again that has stopped; its failures are counted anew.
func ResumeSchedule(ctx context.Context, st *store.Store, id int64) error {
	return ownSchedule(ctx, st, id, "export_schedule.resumed", func(ctx context.Context, tx *store.Tx, s *Schedule) error {
		s.Active, s.Failures, s.NextRunAt = true, 0, s.Next(tx.Now(), zone(ctx, tx))
		_, err := tx.NewUpdate().Model(s).Column("active", "failures", "next_run_at").WherePK().Exec(ctx)
		return err
	})
}

// DeleteSchedule deletes a schedule of ctx's user; files that it made stay their time.
func DeleteSchedule(ctx context.Context, st *store.Store, id int64) error {
	return ownSchedule(ctx, st, id, "export_schedule.deleted", func(ctx context.Context, tx *store.Tx, s *Schedule) error {
		_, err := tx.NewDelete().Model(s).WherePK().Exec(ctx)
		return err
	})
}

func ownSchedule(ctx context.Context, st *store.Store, id int64, action string, do func(context.Context, *store.Tx, *Schedule) error) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		s := &Schedule{}
		err := tx.NewSelect().Model(s).Where("es.id = ? AND es.user_id = ?", id, store.ActorOf(ctx).UserID).For("UPDATE").Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return store.ErrNotFound
		}
		if err != nil {
			return err
		}
		if err := do(ctx, tx, s); err != nil {
			return err
		}
		return audit.Write(ctx, tx, SubjectSchedule, id, action)
	})
}

// RunSchedules starts the exports that are due, each once: what was missed while no worker ran is run once
// and not made up for.
func RunSchedules(ctx context.Context, st *store.Store) error {
	var due []int64
	if err := st.NewRaw("SELECT id FROM export_schedules WHERE active AND next_run_at <= ? ORDER BY next_run_at LIMIT 500", st.Now()).Scan(ctx, &due); err != nil {
		return err
	}
	for _, id := range due {
		err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			s := &Schedule{}
			err := tx.NewSelect().Model(s).Where("es.id = ? AND es.active AND es.next_run_at <= ?", id, tx.Now()).For("UPDATE").Scan(ctx)
			if errors.Is(err, sql.ErrNoRows) {
				return nil
			}
			if err != nil {
				return err
			}
			s.NextRunAt = s.Next(tx.Now(), zone(ctx, tx))
			if _, err := tx.NewUpdate().Model(s).Column("next_run_at").WherePK().Exec(ctx); err != nil {
				return err
			}
			var locale string
			if err := tx.NewRaw("SELECT locale FROM users WHERE id = ?", s.UserID).Scan(ctx, &locale); err != nil {
				return err
			}
			e := &Export{UserID: s.UserID, List: s.List, Query: s.Query, Format: s.Format, Raw: s.Raw, Locale: locale, ScheduleID: &s.ID,
				State: Queued, CreatedAt: tx.Now()}
			return insert(ctx, tx, e, true)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// scheduled notes with the export's schedule, unless it was deleted, how it ended, and writes to its owner: that the
// file is there, or that the schedule has stopped.
func (e *Export) scheduled(ctx context.Context, tx *store.Tx, ok bool) error {
	s := &Schedule{}
	err := tx.NewSelect().Model(s).Where("es.id = ?", *e.ScheduleID).For("UPDATE").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	s.Failures++
	if ok {
		s.Failures = 0
	}
	stopped := s.Failures >= maxFailures
	s.Active = s.Active && !stopped
	if _, err := tx.NewUpdate().Model(s).Column("failures", "active").WherePK().Exec(ctx); err != nil {
		return err
	}
	if !ok && !stopped {
		return nil
	}
	u, err := accounts.Load(ctx, tx, s.UserID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	letter := outbox.ExportReady
	if stopped {
		letter = outbox.ExportsStopped
		if err := audit.Write(ctx, tx, SubjectSchedule, s.ID, "export_schedule.stopped"); err != nil {
			return err
		}
	}
	return outbox.Add(ctx, tx, &outbox.Mail{Letter: letter, UserID: &u.ID, Recipient: u.Email, Locale: u.Locale, Subject: Subject, SubjectID: e.ID})
}

// ScheduleOf is what made an export, or store.ErrNotFound when it was deleted.
func ScheduleOf(ctx context.Context, r store.Reader, exportID int64) (*Schedule, error) {
	var found []*Schedule
	err := r.NewSelect().Model(&found).Where("es.id = (SELECT schedule_id FROM exports WHERE id = ?)", exportID).Scan(ctx)
	if err == nil && len(found) == 0 {
		return nil, store.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// Values are a saved address as parameters.
func Values(query string) url.Values {
	v, _ := url.ParseQuery(query)
	return v
}
