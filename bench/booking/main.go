// Booking measures bookings a second through HTTP, on one hot course and over 1,000 courses, beside
// pgbench sending the same statements to the same server in the same run. Each figure is one JSON line.
package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"gocloud.dev/blob/memblob"

	"kurso/config"
	"kurso/handlers"
	"kurso/models/booking"
	"kurso/models/store"
	"kurso/postgres"
)

const (
	clients = 8
	rounds  = 3
	seconds = 5
	courses = 1000
)

//go:embed booking.sql
var script []byte

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench/booking:", err)
		os.Exit(1)
	}
}

type bench struct {
	st      *store.Store
	url     string // the database's
	site    string
	pgbench string
	script  string
}

func run(ctx context.Context) error {
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	dir, err := os.MkdirTemp("", "kurso-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b := &bench{}
	if b.script, err = writeScript(dir); err != nil {
		return err
	}
	cluster, err := postgres.Start(ctx, postgres.Options{Dir: filepath.Join("var", "bench"), Log: quiet})
	if err != nil {
		return err
	}
	defer func() { _ = cluster.Stop() }()
	if b.pgbench, err = findPgbench(); err != nil {
		return err
	}
	name := "bench_" + strconv.FormatInt(time.Now().UnixNano(), 36)
	if err := cluster.CreateDatabase(ctx, name); err != nil {
		return err
	}
	b.url = cluster.URL(name)
	if err := store.Migrate(ctx, b.url, quiet); err != nil {
		return err
	}
	if b.st, err = store.Open(ctx, store.Options{DatabaseURL: b.url, SecretKey: []byte("the secret key of a benchmark, only"), MaxConns: clients, Log: quiet}); err != nil {
		return err
	}
	defer b.st.Close()

	// the load comes from many addresses, as it would through a proxy
	if err := os.Setenv("TRUSTED_PROXIES", "127.0.0.0/8,::1"); err != nil {
		return err
	}
	cfg, err := config.Load()
	if err != nil {
		return err
	}
	bucket := memblob.OpenBucket(nil)
	defer func() { _ = bucket.Close() }()
	srv := httptest.NewServer(handlers.New(handlers.Deps{Store: b.st, Config: cfg, Bucket: bucket, Log: quiet}))
	defer srv.Close()
	b.site = srv.URL

	for _, c := range []struct {
		name  string
		count int
	}{{"hot", 1}, {"spread", courses}} {
		if err := b.compare(ctx, c.name, c.count); err != nil {
			return err
		}
	}
	return nil
}

// compare alternates pgbench and HTTP, each on fresh courses, so that both count equally many bookings.
func (b *bench) compare(ctx context.Context, name string, count int) error {
	var sql, web float64
	for range rounds {
		first, last, err := b.makeCourses(ctx, count)
		if err != nil {
			return err
		}
		rate, err := b.runPgbench(ctx, first, last)
		if err != nil {
			return err
		}
		sql += rate / rounds
		if first, last, err = b.makeCourses(ctx, count); err != nil {
			return err
		}
		if rate, err = b.runHTTP(ctx, first, last); err != nil {
			return err
		}
		web += rate / rounds
	}
	report("booking_"+name+"_pgbench", sql, "bookings/s")
	report("booking_"+name+"_http", web, "bookings/s")
	report("booking_"+name+"_ratio", web/sql, "ratio")
	return nil
}

func report(name string, value float64, unit string) {
	line, _ := json.Marshal(map[string]any{"name": name, "value": float64(int(value*1000+.5)) / 1000, "unit": unit})
	fmt.Println(string(line))
}

// makeCourses writes published courses of a million places, with two sessions and two prices each.
func (b *bench) makeCourses(ctx context.Context, n int) (first, last int64, err error) {
	err = b.st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		err := tx.NewRaw(`
			WITH type AS (INSERT INTO course_types (name, created_at, updated_at) VALUES ('Bench', now(), now()) RETURNING id),
			made AS (INSERT INTO courses (course_type_id, number, name, state, start_date, max_places, created_at, updated_at)
				SELECT type.id, 'B' || i, 'Bench ' || i, 'published', current_date + 60, 1000000, now(), now()
				FROM type, generate_series(1, ?) i RETURNING id),
			dates AS (INSERT INTO course_sessions (course_id, starts_at, ends_at)
				SELECT id, current_date + 60 + w * 7 + time '18:30', current_date + 60 + w * 7 + time '21:00' FROM made, generate_series(0, 1) w),
			prices AS (INSERT INTO price_tiers (course_id, name, amount_cents, position)
				SELECT id, name, cents, position FROM made, (VALUES ('Normalpreis', 8280, 1), ('ermäßigt', 4700, 2)) p (name, cents, position))
			SELECT min(id), max(id) FROM made`, n).Scan(ctx, &first, &last)
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	_, err = b.st.Pool().Exec(ctx, "VACUUM ANALYZE courses, course_sessions, price_tiers, bookings")
	return first, last, err
}

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

func writeScript(dir string) (string, error) {
	path := filepath.Join(dir, "booking.sql")
	return path, os.WriteFile(path, script, 0o600)
}

func (b *bench) runPgbench(ctx context.Context, first, last int64) (float64, error) {
	return b.callPgbench(ctx, first, last, "-c", strconv.Itoa(clients), "-j", "2", "-T", strconv.Itoa(seconds))
}

// pgbenchOnce makes one booking.
func (b *bench) pgbenchOnce(ctx context.Context, course int64) error {
	_, err := b.callPgbench(ctx, course, course, "-c", "1", "-t", "1")
	return err
}

func (b *bench) callPgbench(ctx context.Context, first, last int64, args ...string) (float64, error) {
	args = append(args, "-n", "-M", "prepared", "-f", b.script, "-D", fmt.Sprint("first=", first), "-D", fmt.Sprint("last=", last),
		"-D", fmt.Sprint("round=", time.Now().UnixNano()), b.url)
	out, err := exec.CommandContext(ctx, b.pgbench, args...).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w\n%s", err, out)
	}
	m := tps.FindSubmatch(out)
	if m == nil || bytes.Contains(out, []byte("ERROR")) {
		return 0, fmt.Errorf("pgbench said:\n%s", out)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}

func (b *bench) runHTTP(ctx context.Context, first, last int64) (float64, error) {
	// the forms were opened ten seconds ago: nobody types faster than the spam protection allows
	earlier := *b.st
	earlier.Clock = store.NewTestClock(time.Now().Add(-10 * time.Second))
	client := &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: clients, MaxConnsPerHost: clients},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	defer client.CloseIdleConnections()
	var done atomic.Int64
	var failed atomic.Pointer[error]
	start := time.Now()
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for time.Since(start) < seconds*time.Second && failed.Load() == nil {
				if err := book(ctx, client, &earlier, b.site, first+rand.Int64N(last-first+1)); err != nil {
					failed.Store(&err)
					return
				}
				done.Add(1)
			}
		})
	}
	wg.Wait()
	took := time.Since(start).Seconds()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	var stored int64
	err := b.st.NewRaw("SELECT count(*) FROM bookings WHERE course_id BETWEEN ? AND ?", first, last).Scan(ctx, &stored)
	if err == nil && stored != done.Load() {
		err = fmt.Errorf("%d bookings were answered and %d are stored", done.Load(), stored)
	}
	return float64(done.Load()) / took, err
}

func book(ctx context.Context, client *http.Client, earlier *store.Store, site string, course int64) error {
	form := url.Values{
		"token": {booking.NewForm(earlier, course)}, "do": {"book"}, "first_name": {"Erika"}, "last_name": {"Muster"},
		"email": {fmt.Sprintf("b%d@example.org", rand.Uint64())}, "phone": {"0661 1234"},
		"street": {"Lahnstraße 7"}, "zip": {"36037"}, "town": {"Fulda"}, "self": {"on"},
		"participants.0.first_name": {"Erika"}, "participants.0.last_name": {"Muster"},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("%s/courses/%d/booking", site, course), strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a := rand.Uint32()
	req.Header.Set("X-Forwarded-For", netip.AddrFrom4([4]byte{20 + byte(a%100), byte(a >> 8), byte(a >> 16), byte(a >> 24)}).String())
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(res.Header.Get("Location"), "/booking-requests/") {
		return fmt.Errorf("a booking was answered %s:\n%s", res.Status, body)
	}
	return nil
}

func findPgbench() (string, error) {
	if path, err := exec.LookPath("pgbench"); err == nil {
		return path, nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if len(found) == 0 {
		return "", fmt.Errorf("pgbench is missing: install PostgreSQL's server package (Debian: apt-get install postgresql)")
	}
	return found[len(found)-1], nil
}
