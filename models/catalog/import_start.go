package catalog

import (
	"context"
	"io"
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/riverqueue/river"
	"gocloud.dev/blob"

	"kurso/models/audit"
	"kurso/models/catalog/openvhs"
	"kurso/models/outbox"
	"kurso/models/store"
)

// importAttempts is how often an import is tried again after an error of ours: over somewhat more than an hour.
const importAttempts = 8

// StartImport keeps an upload in the bucket and enqueues the job that imports it. A file above
// openvhs.MaxBytes or an empty one is a *store.ValidationError of the field "file", and nothing is kept.
func StartImport(ctx context.Context, st *store.Store, bucket *blob.Bucket, fileName string, r io.Reader) (*Import, error) {
	im := &Import{FileName: cleanFileName(fileName), FileKey: "imports/" + store.Nonce(), State: ImportQueued, ErrorArgs: map[string]any{}}
	var err error
	if im.SizeBytes, err = keep(ctx, bucket, im.FileKey, r); err != nil {
		return nil, err
	}
	err = st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		im.CreatedAt = tx.Now()
		if a := store.ActorOf(ctx); a.Kind == "user" {
			im.UserID = &a.UserID
		}
		if _, err := tx.NewInsert().Model(im).Exec(ctx); err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, SubjectImport, im.ID, "import.started"); err != nil {
			return err
		}
		return tx.Enqueue(ctx, ImportCatalog{ImportID: im.ID}, &river.InsertOpts{MaxAttempts: importAttempts})
	})
	if err != nil {
		_ = bucket.Delete(context.WithoutCancel(ctx), im.FileKey)
		return nil, err
	}
	return im, nil
}

// keep streams r to the bucket and returns how much it was. On an error nothing stays there.
func keep(ctx context.Context, bucket *blob.Bucket, key string, r io.Reader) (int64, error) {
	// a writer whose context has ended drops what it has written
	writing, drop := context.WithCancel(ctx)
	defer drop()
	w, err := bucket.NewWriter(writing, key, &blob.WriterOptions{ContentType: "application/octet-stream"})
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(w, io.LimitReader(r, openvhs.MaxBytes+1))
	switch {
	case err != nil:
	case n > openvhs.MaxBytes:
		err = flawed(openvhs.TooLarge())
	case n == 0:
		err = flawed(&openvhs.FileError{Key: openvhs.FileEmpty})
	}
	if err != nil {
		drop()
		_ = w.Close()
		return 0, err
	}
	return n, w.Close()
}

// flawed makes of a file's flaw what is wrong with the form's field.
func flawed(e *openvhs.FileError) error {
	v := &store.ValidationError{}
	var args []any
	for name, value := range e.Args {
		args = append(args, name, value)
	}
	v.Add("file", e.Key, args...)
	return v
}

// cleanFileName is the last part of a path of any system, as text that can be shown.
func cleanFileName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, name)
	for utf8.RuneCountInString(name) > 150 {
		_, size := utf8.DecodeRuneInString(name)
		name = name[size:]
	}
	if name == "." || name == "/" || name == "" {
		return "upload"
	}
	return name
}

// CancelImport stops an import after the courses it is just working on; what it imported stays. An import
// that has ended stays as it is.
func CancelImport(ctx context.Context, st *store.Store, id int64) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		im, err := lockImport(ctx, tx, id)
		if err != nil || !im.Open() {
			return err
		}
		return end(ctx, tx, im, ImportCancelled)
	})
}

// GiveUpImport ends an import that failed again and again for a reason of ours.
func GiveUpImport(ctx context.Context, st *store.Store, id int64) error {
	return fail(ctx, st, id, ImportGivenUp, nil)
}

func fail(ctx context.Context, st *store.Store, id int64, key string, args map[string]any) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		im, err := lockImport(ctx, tx, id)
		if err != nil || !im.Open() {
			return err
		}
		im.ErrorKey, im.ErrorArgs = key, args
		if args == nil {
			im.ErrorArgs = map[string]any{}
		}
		return end(ctx, tx, im, ImportFailed)
	})
}

// end closes an import, notes what came of it, and tells who started it, unless somebody cancelled it.
func end(ctx context.Context, tx *store.Tx, im *Import, state string) error {
	now := tx.Now()
	im.State, im.FinishedAt = state, &now
	_, err := tx.NewUpdate().Model(im).Column("state", "finished_at", "error_key", "error_args").WherePK().Exec(ctx)
	if err != nil {
		return err
	}
	var counts []audit.Change
	for _, c := range []struct {
		name  string
		count int
	}{{"created", im.CreatedCount}, {"updated", im.UpdatedCount}, {"unchanged", im.UnchangedCount}, {"skipped", im.SkippedCount}} {
		counts = append(counts, audit.Change{Field: c.name, New: strconv.Itoa(c.count)})
	}
	if err := audit.Write(ctx, tx, SubjectImport, im.ID, "import."+state, counts...); err != nil || im.UserID == nil || state == ImportCancelled {
		return err
	}
	return outbox.TellStaff(ctx, tx, outbox.NotifyStaff{Events: []outbox.Event{outbox.EventImport}, ImportID: im.ID})
}

// lockImport reads an import so that nobody else changes it before the transaction ends.
func lockImport(ctx context.Context, tx *store.Tx, id int64) (*Import, error) {
	im := &Import{}
	err := tx.NewSelect().Model(im).Where("im.id = ?", id).For("NO KEY UPDATE").Scan(ctx)
	return im, found(err)
}
