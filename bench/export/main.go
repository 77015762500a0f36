// Export measures the export of a million bookings with person and course, 15 columns, on the database of
// bench/million: its wall time beside psql's \copy of the same rows and columns, the memory it needs above an
// idle process, an XLSX file of 100,000 rows, and how soon a cancelled export's query ends. Each figure is one
// JSON line.
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

const rounds = 5

const columns = "number,course,course_number,first_name,last_name,email,phone,street,zip,town,places,total,requested_at,state,start_date"

// plain are the same rows, columns and order, as psql has them without being told how they should look.
const plain = `SELECT b.id, c.name, c.number, b.first_name, b.last_name, b.email, b.phone, b.street, b.zip, b.town, b.places, b.total_cents, b.requested_at, b.state, c.start_date
	FROM bookings b JOIN courses c ON c.id = b.course_id ORDER BY b.requested_at DESC, b.id DESC`

func main() {
	if err := run(context.Background()); err != nil {
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
	st, err := store.Open(ctx, store.Options{DatabaseURL: d.URL, SecretKey: []byte("the secret key of a benchmark, only"), Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return err
	}
	defer st.Close()
	dir, err := os.MkdirTemp("", "kurso-export-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()

	var ours, theirs []float64
	for range rounds {
		took, err := timed(func() error { return write(ctx, st, columns, listing.CSV, filepath.Join(dir, "ours.csv")) })
		if err != nil {
			return err
		}
		ours = append(ours, took)
		took, err = timed(func() error {
			copying := `\copy (` + strings.Join(strings.Fields(plain), " ") + `) TO '` + filepath.Join(dir, "psql.csv") + `' (FORMAT csv, HEADER)`
			out, err := exec.CommandContext(ctx, psql, "-X", "-d", d.URL, "-c", copying).CombinedOutput()
			if err != nil {
				return fmt.Errorf("%w: %s", err, out)
			}
			return nil
		})
		if err != nil {
			return err
		}
		theirs = append(theirs, took)
	}
	info, err := os.Stat(filepath.Join(dir, "ours.csv"))
	if err != nil {
		return err
	}
	million.Report("export_csv_megabytes", float64(info.Size())/1e6, "MB")
	million.Report("export_csv_seconds", median(ours), "s")
	million.Report("export_csv_psql_seconds", median(theirs), "s")
	million.Report("export_csv_ratio", median(ours)/median(theirs), "ratio")

	for _, m := range []struct {
		name, query string
		format      listing.Format
	}{
		{"export_csv_memory_mb", columns, listing.CSV},
		{"export_xlsx_memory_mb", columns + "&start=" + hundredThousand, listing.XLSX},
	} {
		used, err := memory(func() error { return write(ctx, st, m.query, m.format, filepath.Join(dir, "memory")) })
		if err != nil {
			return err
		}
		million.Report(m.name, used, "MB")
	}
	return cancel(ctx, st, dir)
}

// hundredThousand chooses courses with about as many bookings.
const hundredThousand = "2024-01-01..2024-06-18"

func write(ctx context.Context, st *store.Store, query string, f listing.Format, path string) error {
	values, err := url.ParseQuery("columns=" + query)
	if err != nil {
		return err
	}
	q, err := booking.Bookings.Parse(values, func(string) bool { return true })
	if err != nil {
		return err
	}
	out, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	rows, err := q.Export(ctx, st, listing.File{Format: f, Zone: time.UTC, Word: locales.Translator("de")}, out)
	fmt.Fprintln(os.Stderr, f, rows, "rows")
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

// memory is how far the process grows, in megabytes of resident memory, while it works.
func memory(work func() error) (float64, error) {
	debug.FreeOSMemory()
	// 5 resets the peak: proc(5)
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0o200); err != nil {
		return 0, err
	}
	idle, err := status("VmRSS:")
	if err != nil {
		return 0, err
	}
	if err := work(); err != nil {
		return 0, err
	}
	peak, err := status("VmHWM:")
	return peak - idle, err
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

// cancel starts the large export as a job does, cancels it, and waits for its query to end.
func cancel(ctx context.Context, st *store.Store, dir string) error {
	bucket, err := fileblob.OpenBucket(dir, nil)
	if err != nil {
		return err
	}
	defer func() { _ = bucket.Close() }()
	var user int64
	if err := st.NewRaw("SELECT coalesce(min(id), 0) FROM users WHERE email = 'bench@example.org'").Scan(ctx, &user); err != nil {
		return err
	}
	if user == 0 {
		u, err := accounts.Create(ctx, st, "bench@example.org", "Bench", store.Nonce(), accounts.Administration)
		if err != nil {
			return err
		}
		user = u.ID
	}
	grants, err := accounts.LoadGrants(ctx, st, user)
	if err != nil {
		return err
	}
	as := accounts.WithGrants(store.WithActor(ctx, store.Actor{Kind: "user", UserID: user}), grants)
	e, _, err := exports.Start(as, st, exports.Input{List: "bookings", Query: url.Values{}, Format: listing.CSV, Locale: "de"})
	if err != nil {
		return err
	}
	done := make(chan error, 1)
	go func() { done <- exports.Run(ctx, st, bucket, e.ID, locales.Translator) }()
	for running := 0; running == 0; {
		if running, err = copies(ctx, st); err != nil {
			return err
		}
	}
	start := time.Now()
	if err := exports.Cancel(as, st, e.ID); err != nil {
		return err
	}
	for running := 1; running > 0; {
		if running, err = copies(ctx, st); err != nil {
			return err
		}
	}
	million.Report("export_cancel_seconds", time.Since(start).Seconds(), "s")
	return <-done
}

func copies(ctx context.Context, st *store.Store) (n int, err error) {
	return n, st.NewRaw("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY (%'").Scan(ctx, &n)
}
