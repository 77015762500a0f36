package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"

	"kurso/mail/smtptest"
	"kurso/models/accounts"
	"kurso/models/exports"
	"kurso/models/listing"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// exporting is a database whose workers are killed in the middle of an export, and the office of somebody who
// waits for it.
type exporting struct {
	*modeltest.World
	server  *smtptest.Server
	rows    int
	folder  string
	url     string
	browser *http.Client
}

// newExporting fills so many bookings, starts the pages alone, and signs in.
func newExporting(t *testing.T, rows int) *exporting {
	t.Helper()
	if testing.Short() {
		t.Skip("takes a quarter of a minute")
	}
	x := &exporting{World: modeltest.New(t), server: smtptest.Start(t, smtptest.Options{}), rows: rows, folder: filepath.Join(t.TempDir(), "files")}
	x.Clock.Set(time.Now())
	x.AsOwner(t, "DROP INDEX bookings_search", "ALTER TABLE bookings DISABLE TRIGGER USER",
		fmt.Sprintf(`INSERT INTO bookings (course_id, state, places, total_cents, first_name, last_name, email, form_nonce, verify_nonce, verify_hash,
			verify_expires_at, verify_sent_at, manage_nonce, manage_hash, requested_at, updated_at)
			SELECT %d, 'EXPIRED', 1, n, 'A', 'B' || n, 'n' || n || '@example.org', 'f' || n, '', decode(md5('v' || n), 'hex'), now(), now(), '', decode(md5('m' || n), 'hex'), now(), now()
			FROM generate_series(1, %d) n`, x.MustCreateCourse(t).ID, rows),
		"ALTER TABLE bookings ENABLE TRIGGER USER", "ANALYZE bookings")
	const email, password = "export@example.org", "correct horse battery"
	if _, err := accounts.Create(t.Context(), x.Store, email, "Erika", password, accounts.Administration); err != nil {
		t.Fatal(err)
	}
	x.url = "http://" + x.launch(t, "web").address(t)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	x.browser = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	if status, _, _ := x.ask(t, "/admin/session", url.Values{"email": {email}, "password": {password}}); status != http.StatusSeeOther {
		t.Fatalf("signing in: %d", status)
	}
	return x
}

func (x *exporting) launch(t *testing.T, command string) *process {
	t.Helper()
	return launch(t, x.World, x.server, command, "BUCKET_URL=file://"+filepath.ToSlash(x.folder)+"?create_dir=true&no_tmp_dir=true", "TMPDIR="+t.TempDir())
}

// ask opens a page, or posts a form unless it is nil.
func (x *exporting) ask(t *testing.T, path string, form url.Values) (status int, location, body string) {
	t.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(t.Context(), method, x.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	a, err := x.browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Body.Close() }()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, a.Header.Get("Location"), string(b)
}

// order starts an export and tells where its page is.
func (x *exporting) order(t *testing.T, query string, format listing.Format) (path string) {
	t.Helper()
	status, path, body := x.ask(t, "/admin/exports", url.Values{"list": {"bookings"}, "query": {query}, "format": {string(format)}})
	if status != http.StatusSeeOther || !strings.HasPrefix(path, "/admin/exports/") {
		t.Fatalf("starting: %d %s %s", status, path, body)
	}
	return path
}

func (x *exporting) export(t *testing.T, path string) *exports.Export {
	t.Helper()
	e := &exports.Export{}
	if err := x.NewSelect().Model(e).Where("ex.id = ?", path[strings.LastIndex(path, "/")+1:]).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	return e
}

// none checks that there is no file to be had, not even a part of one.
func (x *exporting) none(t *testing.T, path string) {
	t.Helper()
	if status, _, body := x.ask(t, path+"/file", nil); status != http.StatusGone || strings.Contains(body, "@example.org") {
		t.Errorf("before it is finished its file is answered with %d and %d bytes", status, len(body))
	}
	if e := x.export(t, path); e.FileKey != "" {
		t.Errorf("before it is finished, it has the file %s", e.FileKey)
	}
}

// killMidway starts a worker, kills it while it writes, and tells how far it was.
func (x *exporting) killMidway(t *testing.T, path string) (rows int64) {
	t.Helper()
	p := x.launch(t, "worker")
	attempts := x.export(t, path).Attempts
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		x.none(t, path)
		e := x.export(t, path)
		if e.Attempts == attempts+1 && e.RowsDone > 0 && e.State == exports.Running {
			break
		}
		if !e.Open() || time.Now().After(end) {
			t.Fatalf("it is %s after %d rows and was not seen on its way\n%s", e.State, e.RowsDone, p.log)
		}
	}
	p.kill()
	e := x.export(t, path)
	if e.State != exports.Running || e.RowsDone == 0 || e.RowsDone >= int64(x.rows) {
		t.Fatalf("killed too late: %s after %d rows", e.State, e.RowsDone)
	}
	x.none(t, path)
	for end := time.Now().Add(10 * time.Second); x.copies(t) > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the dead worker's query runs on")
		}
	}
	return e.RowsDone
}

func (x *exporting) copies(t *testing.T) (n int) {
	t.Helper()
	if err := x.NewRaw("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE 'COPY (%'").Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// takeOver does what a worker does when an export has been silent for long enough.
func (x *exporting) takeOver(t *testing.T) {
	t.Helper()
	x.Clock.Set(time.Now().Add(20 * time.Second))
	if err := exports.Watch(t.Context(), x.Store); err != nil {
		t.Fatal(err)
	}
	x.Clock.Set(time.Now())
}

// finishes waits for the file and checks that it is whole, that it was finished once, and that sweeping leaves
// nothing else in the bucket.
func (x *exporting) finishes(t *testing.T, path string, format listing.Format, patience time.Duration) {
	t.Helper()
	for end := time.Now().Add(patience); x.export(t, path).Open(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it is not finished after %s: %+v", patience, x.export(t, path))
		}
	}
	e := x.export(t, path)
	if e.State != exports.Finished || e.RowsDone != int64(x.rows) {
		t.Fatalf("%s with %d of %d rows", e.State, e.RowsDone, x.rows)
	}
	status, _, file := x.ask(t, path+"/file", nil)
	if status != http.StatusOK || int64(len(file)) != e.SizeBytes {
		t.Fatalf("%d, %d of %d bytes", status, len(file), e.SizeBytes)
	}
	if n := strings.Count(file, "\r\n"); format != listing.XLSX && n != x.rows+1 {
		t.Errorf("the file has %d lines for %d rows", n, x.rows)
	}
	var times int
	if err := x.NewRaw("SELECT count(*) FROM audit_entries WHERE action = 'export.finished' AND subject_type = 'export' AND subject_id = ?", e.ID).Scan(t.Context(), &times); err != nil || times != 1 {
		t.Errorf("it was finished %d times: %v", times, err)
	}
	if left := x.sweep(t); len(left) != 1 || left[0] != e.FileKey {
		t.Errorf("in the bucket are %q, its file is %s", left, e.FileKey)
	}
}

// sweep does what a worker does some hours later and tells what is left.
func (x *exporting) sweep(t *testing.T) (left []string) {
	t.Helper()
	bucket, err := fileblob.OpenBucket(x.folder, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = bucket.Close() }()
	if before := files(t, bucket); len(before) == 0 {
		t.Error("nothing lies in the bucket that could be swept")
	}
	x.Clock.Set(time.Now().Add(exports.Longest + time.Minute))
	if err := exports.SweepStrays(t.Context(), x.Store, bucket); err != nil {
		t.Fatal(err)
	}
	x.Clock.Set(time.Now())
	return files(t, bucket)
}

func files(t *testing.T, bucket *blob.Bucket) (keys []string) {
	t.Helper()
	list := bucket.List(nil)
	for {
		o, err := list.Next(t.Context())
		if errors.Is(err, io.EOF) {
			return keys
		}
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, o.Key)
	}
}

// slowly lets each text take a millisecond, so that a small export is caught on its way; quickly ends that. A volatile
// function is asked row by row after the sort.
func (x *exporting) slowly(t *testing.T) (quickly func()) {
	t.Helper()
	var was string
	if err := x.NewRaw("SELECT pg_get_functiondef('csv_cell(text)'::regprocedure)").Scan(t.Context(), &was); err != nil {
		t.Fatal(err)
	}
	x.AsOwner(t, "CREATE OR REPLACE FUNCTION csv_cell(text) RETURNS text LANGUAGE plpgsql VOLATILE AS 'BEGIN PERFORM pg_sleep(0.001); RETURN $1; END'")
	return func() { x.AsOwner(t, was) }
}

const fewFields = "columns=email,number,total,requested_at,state,places"

// A worker that is killed while it writes leaves nothing that could be fetched; the next one begins anew.
func TestKilledExportBeginsAnew(t *testing.T) {
	t.Parallel()
	x := newExporting(t, exports.AtOnce+1000)
	quickly := x.slowly(t)
	path := x.order(t, fewFields, listing.CSV)
	x.killMidway(t, path)
	x.takeOver(t)
	if e := x.export(t, path); e.State != exports.Queued {
		t.Fatalf("after the silence it is %s", e.State)
	}
	x.none(t, path)
	quickly()
	x.launch(t, "worker")
	x.finishes(t, path, listing.CSV, time.Minute)
}

// One whose workers die again and again fails, and its page offers the same once more.
func TestKilledExportFailsInTheEnd(t *testing.T) {
	t.Parallel()
	x := newExporting(t, exports.AtOnce+1000)
	quickly := x.slowly(t)
	path := x.order(t, fewFields, listing.GermanCSV)
	for range 3 {
		x.killMidway(t, path)
		x.takeOver(t)
	}
	if e := x.export(t, path); e.State != exports.Failed || e.Attempts != 3 {
		t.Fatalf("after three deaths it is %s, begun %d times", e.State, e.Attempts)
	}
	x.none(t, path)
	if left := x.sweep(t); len(left) != 0 {
		t.Errorf("half files are left: %q", left)
	}
	_, _, body := x.ask(t, path, nil)
	page, err := goquery.NewDocumentFromReader(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	again := url.Values{}
	page.Find("main form[action='/admin/exports'] input[name]").Each(func(_ int, f *goquery.Selection) { again.Add(f.AttrOr("name", ""), f.AttrOr("value", "")) })
	if again.Get("format") != string(listing.GermanCSV) {
		t.Fatalf("its page does not offer it again: %v %s", again, page.Find("main").Text())
	}
	quickly()
	status, path, _ := x.ask(t, "/admin/exports", again)
	if status != http.StatusSeeOther {
		t.Fatalf("again: %d", status)
	}
	x.launch(t, "worker")
	x.finishes(t, path, listing.GermanCSV, time.Minute)
}

// With nothing slowed down and nobody helping, the export of many rows is finished after a kill within a minute.
func TestKilledLargeExports(t *testing.T) {
	rows, err := strconv.Atoi(os.Getenv("KURSO_KILL_EXPORT_ROWS"))
	if err != nil {
		t.Skip("takes minutes: set KURSO_KILL_EXPORT_ROWS=200000")
	}
	x := newExporting(t, rows)
	var fields []string
	for _, c := range exports.List("bookings").Columns {
		fields = append(fields, c.Key)
	}
	for _, format := range listing.Formats {
		t.Run(string(format), func(t *testing.T) {
			path := x.order(t, "columns="+strings.Join(fields, ","), format)
			done := x.killMidway(t, path)
			began := time.Now()
			p := x.launch(t, "worker")
			x.finishes(t, path, format, time.Minute)
			t.Logf("killed after %d of %d rows, finished %s after the restart", done, rows, time.Since(began).Round(100*time.Millisecond))
			p.kill()
			x.Must(t, func(ctx context.Context, tx *store.Tx) error { // so that the next format finds an empty bucket
				_, err := tx.NewRaw("UPDATE exports SET file_key = ''").Exec(ctx)
				return err
			})
			if left := x.sweep(t); len(left) > 0 {
				t.Errorf("%q are left", left)
			}
		})
	}
}
