// Export measures the export of a million bookings with person and course, 15 columns, on the database of
// bench/million. Each figure is one JSON line:
//
//   - export_csv_seconds and export_csv_psql_seconds: wall time to a file, of Kurso and of psql's \copy of the same
//     rows and columns, the medians of three runs in turn after one of psql's that fills the caches.
//     export_csv_ratio is the median of what Kurso took by what psql took right after it, so that what else the
//     machine does falls on both.
//   - export_csv_memory_mb: how far a fresh process grows that does what a worker does, from its idle resident
//     memory, connected to the database, garbage returned, to its peak while it writes the same file into a bucket.
//     export_xlsx_memory_mb is the same for a sheet of 100,000 rows. Each is a process of its own, this program
//     started again, so that no earlier export has grown it. Linux only.
//   - export_cancel_seconds: from the cancellation of such an export to the end of its query in Postgres.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"gocloud.dev/blob/fileblob"

	"kurso/bench/million"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/booking"
	"kurso/models/exports"
	"kurso/models/listing"
	"kurso/models/store"
)

const rounds = 3

const columns = "number,course,course_number,first_name,last_name,email,phone,street,zip,town,places,total,requested_at,state,start_date"

// plain are the same rows, columns and order, as psql has them without being told how they should look.
const plain = `SELECT b.id, c.name, c.number, b.first_name, b.last_name, b.email, b.phone, b.street, b.zip, b.town, b.places, b.total_cents, b.requested_at, b.state, c.start_date
	FROM bookings b JOIN courses c ON c.id = b.course_id ORDER BY b.requested_at DESC, b.id DESC`

func main() {
	work := run
	if os.Getenv(childBucket) != "" {
		work = child
	}
	if err := work(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench/export:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	psql, err := exec.LookPath("psql")
	if err != nil {
		return fmt.Errorf("psql is not on the PATH: install Postgres' client, it is what the export is measured by: %w", err)
	}
	d, err := million.Open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	st, err := open(ctx, d.URL)
	if err != nil {
		return err
	}
	defer st.Close()
	dir, err := os.MkdirTemp("", "kurso-export-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()

	reference := func() error {
		copying := `\copy (` + strings.Join(strings.Fields(plain), " ") + `) TO '` + filepath.Join(dir, "psql.csv") + `' (FORMAT csv, HEADER)`
		out, err := exec.CommandContext(ctx, psql, "-X", "-d", d.URL, "-c", copying).CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}
	if err := reference(); err != nil {
		return err
	}
	var ours, theirs, ratios []float64
	for range rounds {
		our, err := timed(func() error { return write(ctx, st, filepath.Join(dir, "ours.csv")) })
		if err != nil {
			return err
		}
		their, err := timed(reference)
		if err != nil {
			return err
		}
		ours, theirs, ratios = append(ours, our), append(theirs, their), append(ratios, our/their)
	}
	info, err := os.Stat(filepath.Join(dir, "ours.csv"))
	if err != nil {
		return err
	}
	million.Report("export_csv_megabytes", float64(info.Size())/1e6, "MB")
	million.Report("export_csv_seconds", median(ours), "s")
	million.Report("export_csv_psql_seconds", median(theirs), "s")
	million.Report("export_csv_ratio", median(ratios), "ratio")

	as, err := user(ctx, st)
	if err != nil {
		return err
	}
	for _, m := range []struct {
		name, query string
		format      listing.Format
	}{
		{"export_csv_memory_mb", "", listing.CSV},
		{"export_xlsx_memory_mb", "&start=" + hundredThousand, listing.XLSX},
	} {
		e, err := start(as, st, columns+m.query, m.format)
		if err != nil {
			return err
		}
		used, err := inChild(ctx, d.URL, dir, e.ID)
		if err != nil {
			return err
		}
		if e, err = exports.Load(as, st, e.ID); err != nil {
			return err
		}
		if e.State != exports.Finished {
			return fmt.Errorf("the export is %s: %s", e.State, e.ErrorKey)
		}
		fmt.Fprintln(os.Stderr, m.format, e.RowsDone, "rows")
		million.Report(m.name, used, "MB")
	}
	return cancel(as, st, dir)
}

func open(ctx context.Context, url string) (*store.Store, error) {
	return store.Open(ctx, store.Options{DatabaseURL: url, SecretKey: []byte("the secret key of a benchmark, only"), Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
}

// hundredThousand chooses courses with about as many bookings.
const hundredThousand = "2024-01-01..2024-06-18"

// write makes the large file without anything around it, as psql does.
func write(ctx context.Context, st *store.Store, path string) error {
	q, err := booking.Bookings.Parse(url.Values{"columns": {columns}}, func(string) bool { return true })
	if err != nil {
		return err
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	rows, err := q.Export(ctx, st, listing.File{Format: listing.CSV, Zone: time.UTC, Word: locales.Translator("de")}, out)
	fmt.Fprintln(os.Stderr, listing.CSV, rows, "rows")
	return err
}

func timed(work func() error) (seconds float64, err error) {
	start := time.Now()
	err = work()
	return time.Since(start).Seconds(), err
}

func median(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}

// What a child is told by: the bucket's folder, the database and the export.
const (
	childBucket = "KURSO_BENCH_BUCKET"
	childURL    = "KURSO_BENCH_URL"
	childExport = "KURSO_BENCH_EXPORT"
)

// inChild runs a queued export in a fresh process and tells how many megabytes that grew.
func inChild(ctx context.Context, url, dir string, id int64) (float64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, self)
	cmd.Env = append(os.Environ(), childBucket+"="+dir, childURL+"="+url, childExport+"="+strconv.FormatInt(id, 10))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("in a process of its own: %w", err)
	}
	return strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
}

// child is that process.
func child(ctx context.Context) error {
	id, err := strconv.ParseInt(os.Getenv(childExport), 10, 64)
	if err != nil {
		return err
	}
	st, err := open(ctx, os.Getenv(childURL))
	if err != nil {
		return err
	}
	defer st.Close()
	bucket, err := fileblob.OpenBucket(os.Getenv(childBucket), nil)
	if err != nil {
		return err
	}
	defer func() { _ = bucket.Close() }()
	if err := st.NewRaw("SELECT 1").Scan(ctx, new(int)); err != nil {
		return err
	}
	debug.FreeOSMemory()
	// 5 resets the peak: proc(5)
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200); err != nil {
		return err
	}
	idle, err := status("VmRSS:")
	if err != nil {
		return err
	}
	if err := exports.Run(ctx, st, bucket, id, locales.Translator); err != nil {
		return err
	}
	peak, err := status("VmHWM:")
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "idle %.1f MB, at most %.1f MB\n", idle, peak)
	fmt.Println(peak - idle)
	return nil
}

func status(field string) (megabytes float64, err error) {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(b), field)
	kB, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
	return kB / 1024, err
}

// user is ctx for somebody who may export.
func user(ctx context.Context, st *store.Store) (context.Context, error) {
	var id int64
	if err := st.NewRaw("SELECT coalesce(min(id), 0) FROM users WHERE email = 'bench@example.org'").Scan(ctx, &id); err != nil {
		return nil, err
	}
	if id == 0 {
		u, err := accounts.Create(ctx, st, "bench@example.org", "Bench", store.Nonce(), accounts.Administration)
		if err != nil {
			return nil, err
		}
		id = u.ID
	}
	grants, err := accounts.LoadGrants(ctx, st, id)
	if err != nil {
		return nil, err
	}
	return accounts.WithGrants(store.WithActor(ctx, store.Actor{Kind: "user", UserID: id}), grants), nil
}

// start queues an export of bookings; query is the fields, and what chooses rows.
func start(as context.Context, st *store.Store, query string, f listing.Format) (*exports.Export, error) {
	values, err := url.ParseQuery("columns=" + query)
	if err != nil {
		return nil, err
	}
	e, _, err := exports.Start(as, st, exports.Input{List: "bookings", Query: values, Format: f, Locale: "de"})
	return e, err
}

// cancel starts the large export as a job does, cancels it, and waits for its query to end.
func cancel(as context.Context, st *store.Store, dir string) error {
	bucket, err := fileblob.OpenBucket(dir, nil)
	if err != nil {
		return err
	}
	defer func() { _ = bucket.Close() }()
	e, err := start(as, st, columns, listing.CSV)
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- exports.Run(as, st, bucket, e.ID, locales.Translator) }()
	for running := 0; running == 0; {
		if running, err = copies(as, st); err != nil {
			return err
		}
	}
	began := time.Now()
	if err := exports.Cancel(as, st, e.ID); err != nil {
		return err
	}
	for running := 1; running > 0; {
		if running, err = copies(as, st); err != nil {
			return err
		}
	}
	million.Report("export_cancel_seconds", time.Since(began).Seconds(), "s")
	return <-done
}

func copies(ctx context.Context, st *store.Store) (n int, err error) {
	return n, st.NewRaw("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY (%'").Scan(ctx, &n)
}
