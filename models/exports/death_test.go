package exports_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"gocloud.dev/blob/fileblob"
	"gocloud.dev/blob/memblob"

	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/exports"
	"kurso/models/listing"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// queries counts what Postgres does for exports in this database.
func queries(t *testing.T, w *modeltest.World) (n int) {
	t.Helper()
	err := w.NewRaw("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active' AND query ~ 'FROM bookings.*ORDER BY'").Scan(t.Context(), &n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestCancellingEndsTheQuery(t *testing.T) {
	t.Parallel()
	for _, format := range []listing.Format{listing.CSV, listing.XLSX} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			w := modeltest.New(t)
			fill(t, w, exports.AtOnce+1)
			// a row takes so long that the whole would take a minute
			w.AsOwner(t, "CREATE FUNCTION slow(bigint) RETURNS bigint LANGUAGE plpgsql VOLATILE AS 'BEGIN PERFORM pg_sleep(0.01); RETURN $1; END'",
				"ALTER TABLE bookings RENAME TO all_bookings", "CREATE VIEW bookings AS SELECT * FROM all_bookings WHERE slow(id) > 0", "GRANT SELECT ON bookings TO PUBLIC")
			ctx := as(t, w, accounts.Administration)
			e := queued(t, w, ctx, format)
			bucket := memblob.OpenBucket(nil)
			defer func() { _ = bucket.Close() }()
			if n := queries(t, w); n != 0 {
				t.Fatalf("%d queries before", n)
			}
			ended := make(chan error, 1)
			go func() { ended <- exports.Run(t.Context(), w.Store, bucket, e.ID, locales.Translator) }()
			for end := time.Now().Add(20 * time.Second); queries(t, w) != 1; time.Sleep(5 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("it does not begin")
				}
			}
			began := time.Now()
			if err := exports.Cancel(ctx, w.Store, e.ID); err != nil {
				t.Fatal(err)
			}
			for queries(t, w) > 0 {
				if time.Since(began) > 2*time.Second {
					t.Fatal("two seconds after it was cancelled its query still runs")
				}
				time.Sleep(5 * time.Millisecond)
			}
			t.Logf("the query ended %s after the cancellation", time.Since(began).Round(time.Millisecond))
			if err := <-ended; err != nil {
				t.Error(err)
			}
			if got := load(t, ctx, w, e.ID); got.State != exports.Cancelled || got.FileKey != "" || count(t, bucket) != 0 {
				t.Errorf("%s, file %q, %d in the bucket", got.State, got.FileKey, count(t, bucket))
			}
		})
	}
}

// queued is an export as Start leaves it for a job.
func queued(t *testing.T, w *modeltest.World, ctx context.Context, format listing.Format) *exports.Export { //nolint:revive // t comes first here as everywhere
	t.Helper()
	e := &exports.Export{UserID: store.ActorOf(ctx).UserID, List: "bookings", Query: "columns=last_name", Format: format, Locale: "de", State: exports.Queued, CreatedAt: w.Now()}
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewInsert().Model(e).Exec(ctx)
		return err
	})
	return e
}

// A worker that was taken for dead and is not leaves the export to the one who took it over.
func TestAWorkerTakenForDeadDropsItsFile(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	w.MustRequest(t, w.MustCreateCourse(t))
	ctx := as(t, w, accounts.Administration)
	e := queued(t, w, ctx, listing.CSV)
	bucket := memblob.OpenBucket(nil)
	defer func() { _ = bucket.Close() }()
	takenOver := func(locale string) func(string) string {
		w.Must(t, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.NewRaw("UPDATE exports SET attempts = attempts + 1 WHERE id = ?", e.ID).Exec(ctx)
			return err
		})
		return locales.Translator(locale)
	}
	if err := exports.Run(t.Context(), w.Store, bucket, e.ID, takenOver); err != nil {
		t.Fatal(err)
	}
	if got := load(t, ctx, w, e.ID); got.State != exports.Running || got.FileKey != "" || count(t, bucket) != 0 {
		t.Errorf("%s, file %q, %d in the bucket", got.State, got.FileKey, count(t, bucket))
	}
}

// A worker that stops in the middle gives the export back, with nothing in the bucket.
func TestAStoppedWorkerGivesBack(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	w.MustRequest(t, w.MustCreateCourse(t))
	ctx := as(t, w, accounts.Administration)
	e := queued(t, w, ctx, listing.CSV)
	bucket := memblob.OpenBucket(nil)
	defer func() { _ = bucket.Close() }()
	running, stop := context.WithCancel(t.Context())
	stopping := func(locale string) func(string) string {
		stop()
		return locales.Translator(locale)
	}
	if err := exports.Run(running, w.Store, bucket, e.ID, stopping); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if got := load(t, ctx, w, e.ID); got.State != exports.Queued || got.FileKey != "" || count(t, bucket) != 0 {
		t.Errorf("%s, file %q, %d in the bucket", got.State, got.FileKey, count(t, bucket))
	}
}

// An export that waits while nobody is going to write it is given a job: its worker died before it began, or the
// process did that was to answer with it.
func TestAnExportThatNobodyWritesGetsAJob(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	w.MustRequest(t, w.MustCreateCourse(t))
	ctx := as(t, w, accounts.Administration)
	e, atOnce, err := exports.Start(ctx, w.Store, input("", listing.CSV))
	if err != nil || !atOnce {
		t.Fatal(err, atOnce)
	}
	waiting := func() (n int) {
		t.Helper()
		if err := exports.Watch(t.Context(), w.Store); err != nil {
			t.Fatal(err)
		}
		if err := w.NewRaw("SELECT count(*) FROM river_job WHERE kind = 'run_export' AND state = 'available'").Scan(t.Context(), &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := waiting(); n != 0 {
		t.Fatalf("%d jobs while it is about to be written", n)
	}
	w.Clock.Advance(2 * time.Minute)
	if n := waiting(); n != 1 {
		t.Fatalf("%d jobs", n)
	}
	if n := waiting(); n != 1 {
		t.Fatalf("looking twice made %d jobs", n)
	}
	// a worker fetches the job and dies at once
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE river_job SET state = 'running', attempted_at = ? WHERE kind = 'run_export'", w.Now()).Exec(ctx)
		return err
	})
	if n := waiting(); n != 0 {
		t.Fatalf("%d jobs beside one that has just begun", n)
	}
	w.Clock.Advance(time.Minute)
	if n := waiting(); n != 1 {
		t.Fatalf("%d jobs after the worker died", n)
	}
	bucket := memblob.OpenBucket(nil)
	defer func() { _ = bucket.Close() }()
	if err := exports.Run(t.Context(), w.Store, bucket, e.ID, locales.Translator); err != nil {
		t.Fatal(err)
	}
	// whoever was to answer is there after all: the file stays
	if err := exports.Write(ctx, w.Store, e, locales.Translator, io.Discard); err != nil {
		t.Fatal(err)
	}
	if got := load(t, ctx, w, e.ID); got.State != exports.Finished || got.FileKey == "" {
		t.Errorf("%+v", got)
	}
	fetch(t, ctx, w, bucket, e.ID)
}

func TestStraysAreSwept(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	w.Clock.Set(time.Now()) // files have the machine's time
	w.MustRequest(t, w.MustCreateCourse(t))
	ctx := as(t, w, accounts.Administration)
	bucket, err := fileblob.OpenBucket(t.TempDir(), &fileblob.Options{NoTempDir: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = bucket.Close() }()
	e := queued(t, w, ctx, listing.CSV)
	if err := exports.Run(t.Context(), w.Store, bucket, e.ID, locales.Translator); err != nil {
		t.Fatal(err)
	}
	kept := load(t, ctx, w, e.ID).FileKey
	for _, key := range []string{"exports/never-noted", "imports/catalogue"} {
		if err := bucket.WriteAll(ctx, key, []byte("x"), nil); err != nil {
			t.Fatal(err)
		}
	}
	// what a process leaves that is killed while it writes
	half, err := bucket.NewWriter(ctx, "exports/half", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = half.Close() }()
	if _, err := half.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	sweep := func() (left []string) {
		t.Helper()
		if err := exports.SweepStrays(t.Context(), w.Store, bucket); err != nil {
			t.Fatal(err)
		}
		for key, err := range all(t.Context(), bucket) {
			if err != nil {
				t.Fatal(err)
			}
			left = append(left, key)
		}
		return left
	}
	if left := sweep(); len(left) != 4 {
		t.Errorf("while they may still be written, there are %q", left)
	}
	w.Clock.Advance(exports.Longest + time.Minute)
	left, want := sweep(), []string{kept, "imports/catalogue"}
	if slices.Sort(left); !slices.Equal(left, want) {
		t.Errorf("left are %q, want %q", left, want)
	}
	if got, err := bucket.Exists(ctx, kept); err != nil || !got {
		t.Error("the file of an export was swept")
	}
}
