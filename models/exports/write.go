package exports

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"gocloud.dev/blob"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/listing"
	"kurso/models/outbox"
	"kurso/models/store"
)

// Words translates message keys into a language.
type Words func(locale string) func(key string) string

// Write writes a small export to w, for the user who has just started it, and closes it.
func Write(ctx context.Context, st *store.Store, e *Export, words Words, w io.Writer) error {
	err := e.write(ctx, st, words, w, nil)
	after := context.WithoutCancel(ctx)
	return errors.Join(err, st.InTx(after, func(ctx context.Context, tx *store.Tx) error {
		now, lockErr := lock(ctx, tx, e.ID)
		if lockErr != nil || now.State != Queued { // it took so long that a job took it over
			return lockErr
		}
		if err != nil {
			return e.fail(ctx, tx, err)
		}
		return e.end(ctx, tx, Finished)
	}))
}

func (e *Export) write(ctx context.Context, st *store.Store, words Words, w io.Writer, progress func(rows int64)) error {
	q, err := e.query(ctx)
	if err != nil {
		return err
	}
	counted := &counter{w: w}
	e.RowsDone, err = q.Export(ctx, st, listing.File{Format: e.Format, Raw: e.Raw, Zone: zone(ctx, st), Word: words(e.Locale), Progress: progress}, counted)
	e.SizeBytes = counted.n
	return err
}

// counter counts bytes.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// beat is how often a running export says that it lives, and asks whether it was cancelled.
const beat = time.Second

// Longest is how long a job may write one file.
const Longest = 6 * time.Hour

// folder is where files lie in the bucket.
const folder = "exports/"

// errCancelled ends the query of an export that its owner cancelled, or that somebody else took over.
var errCancelled = errors.New("the export was cancelled")

// Run writes a queued export to the bucket, as its user may see the list now. Two runs at once: the second
// finds it running and does nothing. One that was silent so long that another took over drops its file. What
// fails for a reason of ours is returned and can be run again.
func Run(ctx context.Context, st *store.Store, bucket *blob.Bucket, id int64, words Words) error {
	e, err := claim(ctx, st, id)
	if err != nil || e == nil {
		return err
	}
	if ctx, err = accounts.Act(ctx, st, e.UserID); err != nil {
		return err
	}
	writing, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var rows atomic.Int64
	go e.keepAlive(writing, st, &rows, stop)

	key := folder + store.Nonce()
	err = e.toBucket(writing, st, bucket, key, words, rows.Store)
	after := context.WithoutCancel(ctx)
	switch {
	case errors.Is(context.Cause(writing), errCancelled):
		return drop(after, bucket, key)
	case ctx.Err() != nil:
		// the process stops: another run begins anew
		return errors.Join(ctx.Err(), drop(after, bucket, key), e.release(after, st))
	}
	return st.InTx(after, func(ctx context.Context, tx *store.Tx) error {
		now, lockErr := lock(ctx, tx, e.ID)
		if lockErr != nil || now.State != Running || now.Attempts != e.Attempts {
			return errors.Join(lockErr, drop(ctx, bucket, key))
		}
		if err != nil {
			return e.fail(ctx, tx, err)
		}
		e.FileKey = key
		if err := e.end(ctx, tx, Finished); err != nil {
			return err
		}
		return e.tell(ctx, tx, true)
	})
}

// drop deletes a file that nobody is to have; there may be none.
func drop(ctx context.Context, bucket *blob.Bucket, key string) error {
	if err := bucket.Delete(ctx, key); err != nil && !missing(err) {
		return err
	}
	return nil
}

// claim takes a queued export; nil if there is nothing to do.
func claim(ctx context.Context, st *store.Store, id int64) (e *Export, err error) {
	err = st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		found, err := lock(ctx, tx, id)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil || found.State != Queued {
			return err
		}
		now := tx.Now()
		found.State, found.StartedAt, found.HeartbeatAt, found.RowsDone = Running, &now, &now, 0
		found.Attempts++
		e = found
		_, err = tx.NewUpdate().Model(e).Column("state", "started_at", "heartbeat_at", "rows_done", "attempts").WherePK().Exec(ctx)
		return err
	})
	return e, err
}

// release gives a running export back to the queue, unless somebody else has taken it over.
func (e *Export) release(ctx context.Context, st *store.Store) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewUpdate().Model(e).Set("state = ?", Queued).Set("heartbeat_at = NULL").
			Where("id = ? AND state = ? AND attempts = ?", e.ID, Running, e.Attempts).Exec(ctx)
		return err
	})
}

// toBucket writes the file; on an error nothing stays there.
func (e *Export) toBucket(ctx context.Context, st *store.Store, bucket *blob.Bucket, key string, words Words, progress func(int64)) error {
	// a writer whose context has ended drops what it has written
	writing, drop := context.WithCancel(ctx)
	defer drop()
	w, err := bucket.NewWriter(writing, key, &blob.WriterOptions{ContentType: e.Format.ContentType()})
	if err != nil {
		return err
	}
	if err := e.write(ctx, st, words, w, progress); err != nil {
		drop()
		_ = w.Close()
		return err
	}
	return w.Close()
}

// keepAlive notes progress until ctx ends, and stops the export when its owner has cancelled it or somebody
// else has taken it over.
func (e *Export) keepAlive(ctx context.Context, st *store.Store, rows *atomic.Int64, stop context.CancelCauseFunc) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(beat):
		}
		var state string
		err := st.NewRaw("UPDATE exports SET heartbeat_at = ?, rows_done = ? WHERE id = ? AND state = ? AND attempts = ? RETURNING state",
			st.Now(), rows.Load(), e.ID, Running, e.Attempts).Scan(ctx, &state)
		if err == nil && state == "" || errors.Is(err, errNoRows) {
			stop(errCancelled)
			return
		}
	}
}

// fail closes an export with a sentence that says what to do.
func (e *Export) fail(ctx context.Context, tx *store.Tx, why error) error {
	e.ErrorKey = "export.failed.ours"
	var rule *store.RuleError
	var invalid *store.ValidationError
	switch {
	case errors.Is(why, store.ErrForbidden):
		e.ErrorKey = "export.failed.forbidden"
	case errors.As(why, &rule):
		e.ErrorKey = rule.Key
	case errors.As(why, &invalid), errors.Is(why, store.ErrNotFound):
		e.ErrorKey = "export.failed.list_changed"
	}
	e.FileKey = ""
	if err := e.end(ctx, tx, Failed); err != nil {
		return err
	}
	return e.tell(ctx, tx, false)
}

// tell lets the owner know how an export of a job ended: of one that a schedule made by its letters, of any
// other if they chose to hear of it.
func (e *Export) tell(ctx context.Context, tx *store.Tx, ok bool) error {
	switch {
	case e.ScheduleID != nil:
		return e.scheduled(ctx, tx, ok)
	case e.Attempts == 0: // written into an answer
		return nil
	}
	return outbox.TellStaff(ctx, tx, outbox.NotifyStaff{Events: []outbox.Event{outbox.EventExport}, ExportID: e.ID})
}

// silence is how long a running export may say nothing before somebody else takes it over.
const silence = 15 * time.Second

// Watch takes over exports whose worker died: they begin anew, or fail after some attempts. One that waits
// without a job, because whoever was to write it died before its first word, gets one.
func Watch(ctx context.Context, st *store.Store) error {
	ctx = store.WithActor(ctx, store.Actor{Kind: "system"})
	var dead, lost []int64
	err := st.NewRaw("SELECT id FROM exports WHERE state = ? AND heartbeat_at < ?", Running, st.Now().Add(-silence)).Scan(ctx, &dead)
	if err != nil {
		return err
	}
	for _, id := range dead {
		err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			e, err := lock(ctx, tx, id)
			if err != nil || e.State != Running || !e.HeartbeatAt.Before(tx.Now().Add(-silence)) {
				return err
			}
			if e.Attempts >= maxAttempts {
				return e.fail(ctx, tx, errors.New("the worker died "+strconv.Itoa(e.Attempts)+" times"))
			}
			if _, err := tx.NewUpdate().Model(e).Set("state = ?", Queued).Set("heartbeat_at = NULL").WherePK().Exec(ctx); err != nil {
				return err
			}
			return tx.Enqueue(ctx, RunExport{ExportID: e.ID}, nil)
		})
		if err != nil {
			return err
		}
	}
	// small ones are written into an answer, without a job: a minute is long for that
	err = st.NewRaw("SELECT id FROM exports ex WHERE state = ? AND created_at < ? AND ?", Queued, st.Now().Add(-time.Minute),
		store.Unattended(RunExport{}.Kind(), "export_id", "ex.id", st.Now().Add(-silence))).Scan(ctx, &lost)
	if err != nil {
		return err
	}
	for _, id := range lost {
		err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.Enqueue(ctx, RunExport{ExportID: id}, nil) })
		if err != nil {
			return err
		}
	}
	return nil
}

// Sweep deletes files whose time is over.
func Sweep(ctx context.Context, st *store.Store, bucket *blob.Bucket) error {
	var old []*Export
	if err := st.NewSelect().Model(&old).Where("ex.file_key <> '' AND ex.expires_at <= ?", st.Now()).Limit(1000).Scan(ctx); err != nil {
		return err
	}
	for _, e := range old {
		if err := drop(ctx, bucket, e.FileKey); err != nil {
			return err
		}
		err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
			if _, err := tx.NewUpdate().Model(e).Set("file_key = ''").WherePK().Exec(ctx); err != nil {
				return err
			}
			return audit.Write(ctx, tx, Subject, e.ID, "export.deleted")
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// SweepStrays deletes what killed workers left behind and no export names: half and whole files in the bucket,
// and on this machine the parts that a sheet is put together from. Nobody could fetch them, but they hold what
// the lists hold. What is younger than Longest may still be written.
func SweepStrays(ctx context.Context, st *store.Store, bucket *blob.Bucket) error {
	before := st.Now().Add(-Longest)
	if err := listing.SweepTemporary(before); err != nil {
		return err
	}
	var kept []string
	if err := st.NewRaw("SELECT file_key FROM exports WHERE file_key <> ''").Scan(ctx, &kept); err != nil {
		return err
	}
	files := bucket.List(&blob.ListOptions{Prefix: folder})
	for {
		f, err := files.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if f.ModTime.Before(before) && !slices.Contains(kept, f.Key) {
			if err := drop(ctx, bucket, f.Key); err != nil {
				return err
			}
		}
	}
}
