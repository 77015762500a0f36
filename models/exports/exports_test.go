package exports_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"
	"github.com/xuri/excelize/v2"
	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"

	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/exports"
	"kurso/models/listing"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// as is ctx for a new user with ready roles.
func as(t *testing.T, w *modeltest.World, roles ...string) context.Context {
	t.Helper()
	u, err := accounts.Create(t.Context(), w.Store, fmt.Sprintf("u%d@example.org", rand.Uint32()), "Erika", "correct horse battery", roles...)
	if err != nil {
		t.Fatal(err)
	}
	g, err := accounts.LoadGrants(t.Context(), w.Store, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	return accounts.WithGrants(store.WithActor(t.Context(), store.Actor{Kind: "user", UserID: u.ID}), g)
}

func input(query string, f listing.Format) exports.Input {
	return exports.Input{List: "bookings", Query: exports.Values(query), Format: f, Locale: "de"}
}

// write makes a small export and returns its file.
func write(t *testing.T, ctx context.Context, w *modeltest.World, in exports.Input) string { //nolint:revive // t comes first here as everywhere
	t.Helper()
	e, atOnce, err := exports.Start(ctx, w.Store, in)
	if err != nil || !atOnce {
		t.Fatalf("%v, at once: %t", err, atOnce)
	}
	var b bytes.Buffer
	if err := exports.Write(ctx, w.Store, e, locales.Translator, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// odd makes a booking whose booker is called like a formula.
func odd(t *testing.T, w *modeltest.World) {
	t.Helper()
	b := w.MustConfirm(t, w.MustRequest(t, w.MustCreateCourse(t)))
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw(`UPDATE bookings SET first_name = '', last_name = ' =1+1;"x"', phone = '+49 30 1234', note = E'eins\nzwei', town = 'Köln' WHERE id = ?`, b.ID).Exec(ctx)
		return err
	})
}

func TestGermanCSV(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	ctx := as(t, w, accounts.Administration)
	odd(t, w)
	got := write(t, ctx, w, input("columns=last_name,phone,note,town,total,requested_at,start_date,state,places", listing.GermanCSV))
	want := "\ufeffNachname;Telefon;Nachricht;Ort;Summe;Eingegangen;Kursbeginn;Status;Plätze\r\n" +
		"\"' =1+1;\"\"x\"\"\";'+49 30 1234;\"eins\nzwei\";Köln;82,80;23.11.2026 12:00;23.12.2026;Bestätigt;1\r\n"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	got = write(t, ctx, w, input("columns=town,total,requested_at,start_date", listing.CSV))
	if want := "Ort,Summe,Eingegangen,Kursbeginn\r\nKöln,82.80,2026-11-23T12:00:00,2026-12-23\r\n"; got != want {
		t.Errorf("got %q", got)
	}
}

func TestXLSXKeepsTextsAndTypes(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	ctx := as(t, w, accounts.Administration)
	odd(t, w)
	file := write(t, ctx, w, input("columns=last_name,phone,total,requested_at,start_date,places", listing.XLSX))
	book, err := excelize.OpenReader(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	for cell, want := range map[string]string{"A1": "Nachname", "A2": ` =1+1;"x"`, "B2": "+49 30 1234", "C2": "82.80", "D2": "23.11.2026 12:00", "E2": "23.12.2026", "F2": "1"} {
		if got, err := book.GetCellValue("Sheet1", cell); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", cell, got, err, want)
		}
		if formula, _ := book.GetCellFormula("Sheet1", cell); formula != "" {
			t.Errorf("%s runs %q", cell, formula)
		}
	}
}

// A raw file holds every text as it is: 10,000 random rows come back the same.
func TestRawExportLosesNothing(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	ctx := as(t, w, accounts.Administration)
	c := w.MustCreateCourse(t)
	const n = 10_000
	r := rand.New(rand.NewPCG(1, 2))
	alphabet := []string{"a", "ü", "\"", ";", ",", "\n", "\r", "\r\n", "\t", "=", "+", "-", "@", "'", " ", "\\", "\\N", "\\.", "🙂", "\u00a0", "0"}
	texts := make([]string, n)
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		for i := range texts {
			for range 1 + r.IntN(12) {
				texts[i] += alphabet[r.IntN(len(alphabet))]
			}
		}
		_, err := tx.NewRaw(`INSERT INTO bookings (course_id, state, places, total_cents, first_name, last_name, email, note, form_nonce, verify_nonce, verify_hash,
			verify_expires_at, verify_sent_at, manage_nonce, manage_hash, requested_at, updated_at)
			SELECT ?, 'EXPIRED', 1, 0, '', 'x', '', t.text, 'r' || t.n, '', decode(md5('v' || t.n), 'hex'), now(), now(), '', decode(md5('m' || t.n), 'hex'), now(), now()
			FROM unnest(ARRAY[?]::text[]) WITH ORDINALITY AS t (text, n)`, c.ID, bun.List(texts)).Exec(ctx)
		return err
	})
	in := input("state=EXPIRED&columns=number,note&sort=requested_at", listing.CSV)
	in.Raw = true
	e, atOnce, err := exports.Start(ctx, w.Store, in)
	if err != nil || atOnce {
		t.Fatalf("%v, at once: %t", err, atOnce)
	}
	bucket := memblob.OpenBucket(nil)
	defer func() { _ = bucket.Close() }()
	if err := exports.Run(t.Context(), w.Store, bucket, e.ID, locales.Translator); err != nil {
		t.Fatal(err)
	}
	file := fetch(t, ctx, w, bucket, e.ID)
	got := unquote(t, file)
	if len(got) != n+1 {
		t.Fatalf("%d rows", len(got)-1)
	}
	for i, text := range texts {
		if got[i+1][1] != text {
			t.Fatalf("row %d: %q became %q", i, text, got[i+1][1])
		}
	}
	if in.Format = listing.CSV; !errors.Is(start(as(t, w, "front_desk"), w, in), store.ErrForbidden) {
		t.Error("raw values without the permission")
	}
}

// unquote reads CSV after RFC 4180 with the line ends within quotes as they are, which Go's reader changes.
func unquote(t *testing.T, file string) (rows [][]string) {
	t.Helper()
	var row []string
	for rest := file; rest != ""; {
		var cell string
		if quoted, ok := strings.CutPrefix(rest, `"`); ok {
			end := 0
			for {
				n := strings.IndexByte(quoted[end:], '"')
				if n < 0 {
					t.Fatal("a quote is not closed")
				}
				if end += n + 1; !strings.HasPrefix(quoted[end:], `"`) {
					break
				}
				end++
			}
			cell, rest = strings.ReplaceAll(quoted[:end-1], `""`, `"`), quoted[end:]
		} else {
			end := strings.IndexAny(rest, ",\r")
			cell, rest = rest[:end], rest[end:]
		}
		row = append(row, cell)
		var more bool
		if rest, more = strings.CutPrefix(rest, ","); more {
			continue
		}
		after, ok := strings.CutPrefix(rest, "\r\n")
		if !ok {
			t.Fatalf("a line ends with %.10q", rest)
		}
		rest, rows, row = after, append(rows, row), nil
	}
	return rows
}

func start(ctx context.Context, w *modeltest.World, in exports.Input) error {
	_, _, err := exports.Start(ctx, w.Store, in)
	return err
}

func fetch(t *testing.T, ctx context.Context, w *modeltest.World, bucket *blob.Bucket, id int64) string { //nolint:revive // t comes first here as everywhere
	t.Helper()
	e, err := exports.Download(ctx, w.Store, id)
	if err != nil {
		t.Fatal(err)
	}
	b, err := bucket.ReadAll(ctx, e.FileKey)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// fill writes so many bookings that an export is a job.
func fill(t *testing.T, w *modeltest.World, n int) {
	t.Helper()
	c := w.MustCreateCourse(t)
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw(`INSERT INTO bookings (course_id, state, places, total_cents, first_name, last_name, email, form_nonce, verify_nonce, verify_hash,
			verify_expires_at, verify_sent_at, manage_nonce, manage_hash, requested_at, updated_at)
			SELECT ?, 'EXPIRED', 1, 100, 'A', 'B' || n, '', 'f' || n, '', decode(md5('v' || n), 'hex'), now(), now(), '', decode(md5('m' || n), 'hex'), now(), now()
			FROM generate_series(1, ?) n`, c.ID, n).Exec(ctx)
		return err
	})
}

func TestALargeExportIsAJobsWork(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	fill(t, w, exports.AtOnce+1)
	ctx, other := as(t, w, accounts.Administration), as(t, w, accounts.Administration)
	bucket := memblob.OpenBucket(nil)
	defer func() { _ = bucket.Close() }()
	e, atOnce, err := exports.Start(ctx, w.Store, input("", listing.CSV))
	if err != nil || atOnce || e.RowsTotal != exports.AtOnce+1 {
		t.Fatalf("%v, %t, %d", err, atOnce, e.RowsTotal)
	}
	if _, err := exports.Download(ctx, w.Store, e.ID); !errors.Is(err, store.ErrGone) {
		t.Errorf("before it is made: %v", err)
	}
	if err := exports.Run(t.Context(), w.Store, bucket, e.ID, locales.Translator); err != nil {
		t.Fatal(err)
	}
	if rows := strings.Count(fetch(t, ctx, w, bucket, e.ID), "\r\n"); rows != exports.AtOnce+2 {
		t.Errorf("%d lines", rows)
	}
	if _, err := exports.Download(other, w.Store, e.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another's link: %v", err)
	}
	if err := exports.Cancel(other, w.Store, e.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Errorf("cancelling another's: %v", err)
	}
	// the permission is asked for again when the file is fetched
	if _, err := exports.Download(accounts.WithGrants(ctx, accounts.Grants{}), w.Store, e.ID); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("after the permission was withdrawn: %v", err)
	}
	w.Clock.Advance(exports.Lifetime)
	if _, err := exports.Download(ctx, w.Store, e.ID); !errors.Is(err, store.ErrGone) {
		t.Errorf("a day later: %v", err)
	}
	if err := exports.Sweep(t.Context(), w.Store, bucket); err != nil {
		t.Fatal(err)
	}
	if objects := count(t, bucket); objects != 0 {
		t.Errorf("%d files are left", objects)
	}
}

func count(t *testing.T, bucket *blob.Bucket) (n int) {
	t.Helper()
	for object, err := range all(t.Context(), bucket) {
		if err != nil {
			t.Fatal(err)
		}
		if object != "" {
			n++
		}
	}
	return n
}

func all(ctx context.Context, bucket *blob.Bucket) func(func(string, error) bool) {
	return func(yield func(string, error) bool) {
		list := bucket.List(nil)
		for {
			o, err := list.Next(ctx)
			if err != nil {
				if err.Error() != "EOF" {
					yield("", err)
				}
				return
			}
			if !yield(o.Key, nil) {
				return
			}
		}
	}
}

func TestADeadWorkersExportBeginsAnewAndFailsInTheEnd(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	fill(t, w, exports.AtOnce+1)
	ctx := as(t, w, accounts.Administration)
	e, _, err := exports.Start(ctx, w.Store, input("", listing.CSV))
	if err != nil {
		t.Fatal(err)
	}
	for attempt := 1; attempt <= 3; attempt++ {
		// a worker takes it and dies
		w.Must(t, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.NewRaw("UPDATE exports SET state = 'running', attempts = ?, heartbeat_at = ? WHERE id = ?", attempt, w.Now(), e.ID).Exec(ctx)
			return err
		})
		if err := exports.Watch(t.Context(), w.Store); err != nil {
			t.Fatal(err)
		}
		if got := load(t, ctx, w, e.ID); got.State != exports.Running {
			t.Fatalf("while it beats it is %s", got.State)
		}
		w.Clock.Advance(time.Minute)
		if err := exports.Watch(t.Context(), w.Store); err != nil {
			t.Fatal(err)
		}
		want := exports.Queued
		if attempt == 3 {
			want = exports.Failed
		}
		if got := load(t, ctx, w, e.ID); got.State != want {
			t.Fatalf("after %d deaths it is %s", attempt, got.State)
		}
	}
}

func load(t *testing.T, ctx context.Context, w *modeltest.World, id int64) *exports.Export { //nolint:revive // t comes first here as everywhere
	t.Helper()
	e, err := exports.Load(ctx, w.Store, id)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestSchedules(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	w.MustRequest(t, w.MustCreateCourse(t))
	ctx := as(t, w, accounts.Administration)
	bucket := memblob.OpenBucket(nil)
	defer func() { _ = bucket.Close() }()
	s, err := exports.AddSchedule(ctx, w.Store, exports.ScheduleInput{Input: input("state=REQUESTED", listing.XLSX), Name: " Offene ", Cadence: exports.Daily})
	if err != nil {
		t.Fatal(err)
	}
	// Monday noon: the next run is Tuesday at five
	if want := time.Date(2026, 11, 24, 4, 0, 0, 0, time.UTC); !s.NextRunAt.Equal(want) || s.Name != "Offene" {
		t.Errorf("%s, %q", s.NextRunAt, s.Name)
	}
	run := func() *exports.Export {
		t.Helper()
		if err := exports.RunSchedules(t.Context(), w.Store); err != nil {
			t.Fatal(err)
		}
		var mine []*exports.Export
		if err := w.NewSelect().Model(&mine).OrderExpr("ex.id DESC").Scan(ctx); err != nil {
			t.Fatal(err)
		}
		if len(mine) == 0 || mine[0].State != exports.Queued {
			return nil
		}
		if err := exports.Run(t.Context(), w.Store, bucket, mine[0].ID, locales.Translator); err != nil {
			t.Fatal(err)
		}
		return load(t, ctx, w, mine[0].ID)
	}
	if e := run(); e != nil {
		t.Fatal("ran before its time")
	}
	w.Clock.Advance(24 * time.Hour)
	if e := run(); e == nil || e.State != exports.Finished || e.FileKey == "" {
		t.Fatalf("%+v", e)
	}
	if e := run(); e != nil {
		t.Fatal("ran twice")
	}
	letters := func() (out []string) {
		if err := w.NewRaw("SELECT letter FROM mails WHERE subject = 'export' ORDER BY id").Scan(t.Context(), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := letters(); len(got) != 1 || got[0] != "export_ready" {
		t.Errorf("letters: %v", got)
	}
	// its owner may no longer see the list
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("DELETE FROM user_roles WHERE user_id = ?", s.UserID).Exec(ctx)
		return err
	})
	for range 5 {
		w.Clock.Advance(24 * time.Hour)
		if e := run(); e == nil || e.State != exports.Failed || e.ErrorKey != "export.failed.forbidden" {
			t.Fatalf("%+v", e)
		}
	}
	w.Clock.Advance(24 * time.Hour)
	if e := run(); e != nil {
		t.Error("ran after five failures")
	}
	if got := letters(); len(got) != 2 || got[1] != "exports_stopped" {
		t.Errorf("letters: %v", got)
	}
	if err := exports.ResumeSchedule(ctx, w.Store, s.ID); err != nil {
		t.Fatal(err)
	}
	if again, err := exports.Schedules(ctx, w.Store); err != nil || !again[0].Active || again[0].Failures != 0 {
		t.Errorf("%+v, %v", again, err)
	}
	if err := exports.DeleteSchedule(as(t, w, accounts.Administration), w.Store, s.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another's schedule: %v", err)
	}
}

func TestNextRuns(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(s string) time.Time {
		t.Helper()
		when, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
		if err != nil {
			t.Fatal(err)
		}
		return when
	}
	for _, c := range []struct{ cadence, after, next string }{
		{exports.Daily, "2027-02-03 04:59", "2027-02-03 05:00"}, {exports.Daily, "2027-02-03 05:00", "2027-02-04 05:00"},
		{exports.Daily, "2027-03-27 12:00", "2027-03-28 05:00"}, // the clocks change that night
		{exports.Weekly, "2027-02-03 12:00", "2027-02-08 05:00"}, {exports.Weekly, "2027-02-08 05:00", "2027-02-15 05:00"}, {exports.Weekly, "2027-02-08 04:00", "2027-02-08 05:00"},
		{exports.Monthly, "2027-01-31 12:00", "2027-02-01 05:00"}, {exports.Monthly, "2027-12-01 05:00", "2028-01-01 05:00"},
	} {
		s := &exports.Schedule{Cadence: c.cadence}
		if got := s.Next(at(c.after), zone); !got.Equal(at(c.next)) {
			t.Errorf("%s after %s is %s, want %s", c.cadence, c.after, got.In(zone), c.next)
		}
	}
}

func TestViewsAndPresets(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	ctx, other := as(t, w, accounts.Administration), as(t, w, "front_desk")
	mine, err := exports.SaveView(ctx, w.Store, exports.ViewInput{List: "bookings", Query: url.Values{"state": {"CONFIRMED"}}, Name: "Meine", Default: true})
	if err != nil {
		t.Fatal(err)
	}
	shared, err := exports.SaveView(ctx, w.Store, exports.ViewInput{List: "bookings", Query: url.Values{"state": {"WAITLISTED"}}, Name: "Alle", Shared: true})
	if err != nil {
		t.Fatal(err)
	}
	if again, err := exports.SaveView(ctx, w.Store, exports.ViewInput{List: "bookings", Query: url.Values{"state": {"PENDING"}}, Name: "MEINE", Default: true}); err != nil || again.ID != mine.ID {
		t.Errorf("the same name is another view: %+v, %v", again, err)
	}
	if q, err := exports.DefaultView(ctx, w.Store, "bookings"); err != nil || q.Get("state") != "PENDING" {
		t.Errorf("%v, %v", q, err)
	}
	if views, err := exports.Views(other, w.Store, "bookings"); err != nil || len(views) != 1 || views[0].ID != shared.ID || views[0].Owner != "Erika" {
		t.Errorf("%v, %v", views, err)
	}
	if err := exports.DeleteView(other, w.Store, shared.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another's view: %v", err)
	}
	if _, err := exports.SaveView(as(t, w), w.Store, exports.ViewInput{List: "bookings", Name: "x"}); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("without the permission: %v", err)
	}
	p, err := exports.SavePreset(ctx, w.Store, exports.PresetInput{List: "bookings", Name: "Teilnehmende", Columns: []string{"participants", "course"}, Format: listing.XLSX, Shared: true})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := exports.LoadPreset(other, w.Store, p.ID); err != nil || strings.Join(got.Columns, " ") != "participants course" {
		t.Errorf("%+v, %v", got, err)
	}
	var v *store.ValidationError
	if _, err := exports.SavePreset(ctx, w.Store, exports.PresetInput{List: "bookings", Name: "x", Columns: []string{"password"}, Format: listing.XLSX}); !errors.As(err, &v) {
		t.Errorf("unknown field: %v", err)
	}
}
