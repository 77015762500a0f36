package catalog

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"

	"github.com/jackc/pgx/v5/pgconn"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"kurso/models/catalog/openvhs"
	"kurso/models/store"
)

// ErrImportBusy: an older import is not done yet, or another process works on this one. Try again later.
var ErrImportBusy = errors.New("another import is under way")

const (
	// importBatchSize is how many courses one transaction writes. Bookings of known ones wait that long.
	importBatchSize = 100
	// importLock is held by the one process that works on an import.
	importLock = 7_2026_1124
)

// errImportStopped: the import was cancelled while it ran.
var errImportStopped = errors.New("import stopped")

// RunImport works on an import until it has ended, and calls progress, unless it is nil, whenever more of
// it is done. First the whole file is checked, then its courses are written in batches, each with the
// checkpoint: when ctx ends or the process is killed, the next call goes on there, and what was done twice
// is the same as done once.
//
// A flaw of the file ends the import as failed and is no error; a course that the database refuses is
// reported and skipped. Imports are worked on one after the other: ErrImportBusy says that it is not this
// one's turn.
func RunImport(ctx context.Context, st *store.Store, bucket *blob.Bucket, importID int64, progress func(*Import)) error {
	r := &importRun{st: st, bucket: bucket, progress: progress}
	if progress == nil {
		r.progress = func(*Import) {}
	}
	err := r.run(ctx, importID)
	var file *openvhs.FileError
	switch {
	case errors.As(err, &file):
		err = fail(ctx, st, importID, file.Key, file.Args)
	case gcerrors.Code(err) == gcerrors.NotFound:
		err = fail(ctx, st, importID, ImportFileMissing, nil)
	case errors.Is(err, errImportStopped):
		err = nil
	}
	if err != nil {
		return err
	}
	im, err := LoadImport(ctx, st, importID)
	if err != nil {
		return err
	}
	r.progress(im)
	if err := bucket.Delete(ctx, im.FileKey); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return err
	}
	return nil
}

type importRun struct {
	st       *store.Store
	bucket   *blob.Bucket
	progress func(*Import)
	im       *Import
	provider *Provider
}

func (r *importRun) run(ctx context.Context, id int64) error {
	unlock, err := r.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if err := r.begin(ctx, id); err != nil || !r.im.Open() {
		return err
	}
	if r.im.RecordsTotal == 0 {
		if err := r.check(ctx); err != nil {
			return err
		}
	}
	if r.provider, err = LoadProvider(ctx, r.st); err != nil {
		return err
	}
	if err := r.read(ctx); err != nil {
		return err
	}
	return r.finish(ctx)
}

// lock keeps other processes from working on imports, on a connection of its own.
func (r *importRun) lock(ctx context.Context) (unlock func(), err error) {
	conn, err := r.st.Pool().Acquire(ctx)
	if err != nil {
		return nil, err
	}
	var got bool
	if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", int64(importLock)).Scan(&got); err != nil || !got {
		conn.Release()
		return nil, cmp.Or(err, ErrImportBusy)
	}
	return func() {
		if _, err := conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(importLock)); err != nil {
			_ = conn.Conn().Close(context.WithoutCancel(ctx)) // ends the lock too
		}
		conn.Release()
	}, nil
}

// begin takes the import's turn.
func (r *importRun) begin(ctx context.Context, id int64) error {
	return r.st.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if r.im, err = lockImport(ctx, tx, id); err != nil || !r.im.Open() {
			return err
		}
		var older bool
		err = tx.NewRaw("SELECT EXISTS (SELECT FROM imports WHERE id < ? AND state IN ('queued', 'running'))", id).Scan(ctx, &older)
		if err != nil {
			return err
		}
		if older {
			return ErrImportBusy
		}
		if r.im.State == ImportRunning {
			return nil
		}
		now := tx.Now()
		r.im.State, r.im.StartedAt = ImportRunning, &now
		_, err = tx.NewUpdate().Model(r.im).Column("state", "started_at").WherePK().Exec(ctx)
		return err
	})
}

// check reads the file to its end before anything of it is imported.
func (r *importRun) check(ctx context.Context) error {
	r.progress(r.im)
	file, err := r.bucket.NewReader(ctx, r.im.FileKey, nil)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	summary, err := openvhs.Check(file)
	if err != nil {
		return err
	}
	return r.step(ctx, func(ctx context.Context, tx *store.Tx) error {
		r.im.Format, r.im.RecordsTotal = string(summary.Format), summary.Records
		_, err := tx.NewUpdate().Model(r.im).Column("format", "records_total").WherePK().Exec(ctx)
		return err
	})
}

// read hands the courses behind the checkpoint to the database, batch by batch.
func (r *importRun) read(ctx context.Context) error {
	file, err := r.bucket.NewReader(ctx, r.im.FileKey, nil)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	var batch []*openvhs.Record
	_, err = openvhs.Read(abortable{ctx, file}, func(record openvhs.Record) error {
		if record.Index <= r.im.RecordsDone {
			return nil
		}
		batch = append(batch, &record)
		if len(batch) < importBatchSize {
			return nil
		}
		err := r.write(ctx, batch)
		batch = nil
		return err
	})
	if err != nil {
		return err
	}
	return r.write(ctx, batch)
}

// abortable stops reading when its context ends.
type abortable struct {
	ctx context.Context
	r   io.Reader
}

func (a abortable) Read(p []byte) (int, error) {
	if err := a.ctx.Err(); err != nil {
		return 0, err
	}
	return a.r.Read(p)
}

// write imports records. If the database refuses one of them, the others are imported all the same.
func (r *importRun) write(ctx context.Context, records []*openvhs.Record) error {
	if len(records) == 0 {
		return nil
	}
	before := *r.im
	err := r.step(ctx, func(ctx context.Context, tx *store.Tx) error {
		b := &importBatch{tx: tx, im: r.im, provider: r.provider}
		if err := b.run(ctx, records); err != nil {
			return err
		}
		return r.advance(ctx, b, len(records))
	})
	var pg *pgconn.PgError
	// classes 22 and 23: data that a column or a constraint does not take
	if err == nil || !errors.As(err, &pg) || (pg.Code[:2] != "22" && pg.Code[:2] != "23") {
		return err
	}
	*r.im = before
	if half := len(records) / 2; half > 0 {
		if err := r.write(ctx, records[:half]); err != nil {
			return err
		}
		return r.write(ctx, records[half:])
	}
	slog.WarnContext(ctx, "course not imported", "import", r.im.ID, "record", records[0].Index, "code", pg.Code, "constraint", pg.ConstraintName, "reason", pg.Message)
	record := *records[0]
	record.Problems = append(record.Problems, openvhs.Problem{Severity: openvhs.Error, Key: ImportNotStored})
	return r.write(ctx, []*openvhs.Record{&record})
}

// advance moves the checkpoint in the transaction of what was done.
func (r *importRun) advance(ctx context.Context, b *importBatch, records int) error {
	r.im.RecordsDone += records
	r.im.CreatedCount += len(b.fresh)
	r.im.UpdatedCount += len(b.known) - b.unchanged
	r.im.UnchangedCount += b.unchanged
	r.im.SkippedCount += b.skipped
	_, err := b.tx.NewUpdate().Model(r.im).
		Column("records_done", "created_count", "updated_count", "unchanged_count", "skipped_count").WherePK().Exec(ctx)
	return err
}

// step is one transaction of the import, if the import is still as this run left it.
func (r *importRun) step(ctx context.Context, fn func(ctx context.Context, tx *store.Tx) error) error {
	err := r.st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		stored, err := lockImport(ctx, tx, r.im.ID)
		switch {
		case err != nil:
			return err
		case !stored.Open():
			return errImportStopped
		case stored.RecordsDone != r.im.RecordsDone || stored.RecordsTotal != r.im.RecordsTotal:
			return ErrImportBusy // the lock was lost, and another process has gone on with it
		}
		tx.Refresh()
		return fn(ctx, tx)
	})
	if err == nil {
		r.progress(r.im)
	}
	return err
}

// finish ends the import, and tells if courses of earlier ones are missing in this file.
func (r *importRun) finish(ctx context.Context) error {
	return r.step(ctx, func(ctx context.Context, tx *store.Tx) error {
		var missing int
		err := tx.NewRaw(`SELECT count(*) FROM course_imports i JOIN courses c ON c.id = i.course_id
			WHERE i.import_id IS DISTINCT FROM ? AND c.state NOT IN ('finished', 'called_off')
			AND coalesce(c.end_date, c.start_date, 'infinity') >= ?`, r.im.ID, tx.Now().In(r.provider.Zone()).Format("2006-01-02")).Scan(ctx, &missing)
		if err != nil {
			return err
		}
		if missing > 0 {
			p := &ImportProblem{ImportID: r.im.ID, Severity: string(openvhs.Note), Key: ImportNotInFile, Args: map[string]any{"Count": missing}}
			if _, err := tx.NewInsert().Model(p).Exec(ctx); err != nil {
				return err
			}
		}
		return end(ctx, tx, r.im, ImportFinished)
	})
}
