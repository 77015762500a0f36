// Package exports is what people keep of lists: files, small ones at once and large ones by a job, schedules
// that repeat them, presets of fields, and saved views.
package exports

import (
	"context"
	"database/sql"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/catalog"
	"kurso/models/listing"
	"kurso/models/store"
)

// Subject of audit entries.
const Subject = "export"

// States of an export.
const (
	Queued    = "queued"
	Running   = "running"
	Finished  = "finished"
	Failed    = "failed"
	Cancelled = "cancelled"
)

// States lists them in their order.
var States = []string{Queued, Running, Finished, Failed, Cancelled}

const (
	// AtOnce is how many rows are written into the answer; more are written by a job.
	AtOnce = 5_000
	// Mass is how many rows of a list about persons leave only after the user showed again who they are. A job
	// writes such a file, however small it is, so that its page is there to be seen.
	Mass = 500
	// Lifetime is how long a file waits to be fetched.
	Lifetime = 24 * time.Hour
	// maxAttempts is how often a job begins an export whose worker died.
	maxAttempts = 3
)

// Export is one file made of a list, or about to be made.
type Export struct {
	bun.BaseModel `bun:"table:exports,alias:ex"`
	ID            int64 `bun:",pk,autoincrement"`
	UserID        int64
	List          string
	// Query is the list's address, columns included.
	Query      string
	Format     listing.Format
	Raw        bool
	Locale     string
	ScheduleID *int64
	State      string
	// RowsTotal is how many rows are expected, an estimate for many.
	RowsTotal   int64
	RowsDone    int64
	SizeBytes   int64
	FileKey     string
	ErrorKey    string
	Attempts    int
	CreatedAt   time.Time
	StartedAt   *time.Time
	HeartbeatAt *time.Time
	FinishedAt  *time.Time
	ExpiresAt   *time.Time
}

// Open reports whether the export is still to be made.
func (e *Export) Open() bool { return e.State == Queued || e.State == Running }

// Available reports whether the file can be fetched.
func (e *Export) Available(now time.Time) bool { return e.FileKey != "" && now.Before(*e.ExpiresAt) }

// FileName is how the file is called where it is saved: "bookings-2027-02-03.csv".
func (e *Export) FileName() string {
	return e.List + "-" + e.CreatedAt.Format(time.DateOnly) + "-" + strconv.FormatInt(e.ID, 10) + e.Format.Extension()
}

// RunExport is the job that writes a large export.
type RunExport struct {
	ExportID int64 `json:"export_id"`
}

// Kind names the job.
func (RunExport) Kind() string { return "run_export" }

// Input is what a person asks for.
type Input struct {
	List   string
	Query  url.Values
	Format listing.Format
	Raw    bool
	Locale string
	// Selected says that only the rows that Query selects are meant.
	Selected bool
}

// query reads the list's address as the person whose grants are in ctx: store.ErrForbidden if the list is not
// theirs to see, or raw values are not theirs to have.
func (e *Export) query(ctx context.Context) (q listing.Query, err error) {
	l := List(e.List)
	if l == nil {
		return q, store.ErrNotFound
	}
	if !May(ctx, l) || e.Raw && !accounts.GrantsOf(ctx).May(accounts.ExportsRaw) {
		return q, store.ErrForbidden
	}
	values, err := url.ParseQuery(e.Query)
	if err != nil {
		return q, store.ErrNotFound
	}
	return l.Parse(values, may(ctx))
}

// Start begins an export for ctx's user. A small one is to be written now, by Write; a large one is queued.
// Errors: store.ErrForbidden, store.ErrNotFound for an unknown list, *store.ValidationError for a wrong address
// or format, accounts.ErrUnconfirmed.
func Start(ctx context.Context, st *store.Store, in Input) (e *Export, atOnce bool, err error) {
	e = &Export{UserID: store.ActorOf(ctx).UserID, List: in.List, Query: in.Query.Encode(), Format: in.Format, Raw: in.Raw, Locale: in.Locale,
		State: Queued, CreatedAt: st.Now()}
	if !slices.Contains(listing.Formats, in.Format) {
		v := &store.ValidationError{}
		v.Add("format", "error.export.format")
		return nil, false, v
	}
	q, err := e.query(ctx)
	if err == nil && in.Selected {
		q, err = q.OfSelected()
	}
	if err != nil {
		return nil, false, err
	}
	e.Query = q.Address().Encode()
	if e.RowsTotal, err = q.Count(ctx, st, zone(ctx, st)); err != nil {
		return nil, false, err
	}
	if e.Format == listing.XLSX && e.RowsTotal > listing.MaxXLSX {
		return nil, false, listing.ErrTooManyRows
	}
	mass := List(e.List).Personal && e.RowsTotal > Mass
	if mass {
		if err := accounts.MustConfirm(ctx, st.Now()); err != nil {
			return nil, false, err
		}
	}
	atOnce = e.RowsTotal <= AtOnce && !mass
	return e, atOnce, st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return insert(ctx, tx, e, !atOnce) })
}

func insert(ctx context.Context, tx *store.Tx, e *Export, job bool) error {
	if _, err := tx.NewInsert().Model(e).Exec(ctx); err != nil {
		return err
	}
	// which list and filter; values of filters are the person's own words about others, so only names of them
	// stand in the log
	err := audit.Write(ctx, tx, Subject, e.ID, "export.started", audit.Change{Field: "list", New: e.List},
		audit.Change{Field: "filter", New: e.narrowing()}, audit.Change{Field: "rows", New: strconv.FormatInt(e.RowsTotal, 10)})
	if err != nil || !job {
		return err
	}
	return tx.Enqueue(ctx, RunExport{ExportID: e.ID}, nil)
}

// narrowing is the address without what was searched for.
func (e *Export) narrowing() string {
	values, err := url.ParseQuery(e.Query)
	if err != nil {
		return ""
	}
	values.Del("columns")
	if values.Get("q") != "" {
		values.Set("q", "…")
	}
	l := List(e.List)
	for i := range l.Filters {
		if f := &l.Filters[i]; f.Kind == listing.Text && values.Get(f.Key) != "" {
			values.Set(f.Key, "…")
		}
	}
	out, err := url.QueryUnescape(values.Encode())
	if err != nil {
		return ""
	}
	return out
}

// zone is the provider's.
func zone(ctx context.Context, r store.Reader) *time.Location {
	p, err := catalog.LoadProvider(ctx, r)
	if err != nil {
		return time.UTC
	}
	return p.Zone()
}

// Load reads an export of ctx's user; another's is store.ErrNotFound.
func Load(ctx context.Context, r store.Reader, id int64) (*Export, error) {
	e, err := load(ctx, r, id)
	if err == nil && e.UserID != store.ActorOf(ctx).UserID {
		return nil, store.ErrNotFound
	}
	return e, err
}

func load(ctx context.Context, r store.Reader, id int64) (*Export, error) {
	e := &Export{}
	err := r.NewSelect().Model(e).Where("ex.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	return e, err
}

// Cancel stops an export of ctx's user; one that has ended stays as it is. A worker notices within a second.
func Cancel(ctx context.Context, st *store.Store, id int64) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		e, err := lock(ctx, tx, id)
		if err != nil {
			return err
		}
		if e.UserID != store.ActorOf(ctx).UserID {
			return store.ErrNotFound
		}
		if !e.Open() {
			return nil
		}
		return e.end(ctx, tx, Cancelled)
	})
}

func lock(ctx context.Context, tx *store.Tx, id int64) (*Export, error) {
	e := &Export{}
	err := tx.NewSelect().Model(e).Where("ex.id = ?", id).For("UPDATE").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	return e, err
}

// end closes an export and notes what came of it.
func (e *Export) end(ctx context.Context, tx *store.Tx, state string) error {
	now := tx.Now()
	e.State, e.FinishedAt = state, &now
	if e.FileKey != "" {
		expires := now.Add(Lifetime)
		e.ExpiresAt = &expires
	}
	_, err := tx.NewUpdate().Model(e).Column("state", "finished_at", "expires_at", "rows_done", "size_bytes", "file_key", "error_key").WherePK().Exec(ctx)
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, Subject, e.ID, "export."+state, audit.Change{Field: "rows", New: strconv.FormatInt(e.RowsDone, 10)})
}

// Download checks that ctx's user may fetch the file now. Errors: store.ErrNotFound for another's,
// store.ErrForbidden when the list is no longer theirs to see, store.ErrGone when the file is not there any more.
func Download(ctx context.Context, st *store.Store, id int64) (*Export, error) {
	e, err := Load(ctx, st, id)
	if err != nil {
		return nil, err
	}
	if _, err := e.query(ctx); err != nil {
		var v *store.ValidationError
		if errors.As(err, &v) { // a column or filter was withdrawn
			return nil, store.ErrForbidden
		}
		return nil, err
	}
	if !e.Available(st.Now()) {
		return nil, store.ErrGone
	}
	return e, st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		return audit.Write(ctx, tx, Subject, e.ID, "export.downloaded")
	})
}
