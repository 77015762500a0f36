package booking_test

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/store"
)

func ids(bookings []*booking.Booking) []int64 {
	out := []int64{}
	for _, b := range bookings {
		out = append(out, b.ID)
	}
	return out
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

func TestList(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c, other := w.MustCreateCourse(t), w.MustCreateCourse(t)
	by := func(c *catalog.Course, first, last, email string) int64 {
		t.Helper()
		w.Clock.Advance(time.Minute)
		return w.MustRequest(t, c, func(in *booking.Input) { in.FirstName, in.LastName, in.Email = first, last, email }).ID
	}
	anna := by(c, "Anna", "Müller", "anna@example.org")
	ben := by(c, "Ben", "Groß", "ben_1@example.org")
	cem := by(other, "Cem", "Öz", "cem@example.com")
	dora := by(other, "Dora", "Annaberg", "dora1999@example.net")
	b, err := booking.Load(t.Context(), w.Store, ben)
	if err != nil {
		t.Fatal(err)
	}
	w.MustConfirm(t, b)

	for name, tc := range map[string]struct {
		address url.Values
		want    []int64
	}{
		"all":                   {nil, []int64{dora, cem, ben, anna}},
		"state":                 {url.Values{"state": {booking.Confirmed}}, []int64{ben}},
		"course":                {url.Values{"course": {itoa(other.ID)}}, []int64{dora, cem}},
		"state and course":      {url.Values{"course": {itoa(other.ID)}, "state": {booking.Confirmed}}, nil},
		"umlaut":                {url.Values{"q": {"MÜLLER"}}, []int64{anna}},
		"umlaut spelt out":      {url.Values{"q": {"mueller"}}, []int64{anna}},
		"sharp s":               {url.Values{"q": {"gross"}}, []int64{ben}},
		"part of a name":        {url.Values{"q": {"anna"}}, []int64{dora, anna}},
		"words in any order":    {url.Values{"q": {"müller  anna"}}, []int64{anna}},
		"a short word":          {url.Values{"q": {"öz"}}, []int64{cem}},
		"a short and a long":    {url.Values{"q": {"na example.org"}}, []int64{anna}},
		"e-mail":                {url.Values{"q": {"cem@example"}}, []int64{cem}},
		"another domain":        {url.Values{"q": {"cem@example.org"}}, nil},
		"a number within":       {url.Values{"q": {"dora1999@exa"}}, []int64{dora}},
		"a number elsewhere":    {url.Values{"q": {"cem1999"}}, nil},
		"_ is itself":           {url.Values{"q": {"n_1@"}}, []int64{ben}},
		"% is itself":           {url.Values{"q": {"%%%"}}, nil},
		"in a state":            {url.Values{"q": {"example"}, "state": {booking.Requested}}, []int64{dora, cem, anna}},
		"number":                {url.Values{"q": {"#" + itoa(cem)}}, []int64{cem}},
		"number beyond bigint":  {url.Values{"q": {"99999999999999999999"}}, nil},
		"number of no booking":  {url.Values{"q": {"987654"}}, nil},
		"only white space":      {url.Values{"q": {" \t "}}, []int64{dora, cem, ben, anna}},
		"nothing of this state": {url.Values{"state": {booking.Offered}}, nil},
	} {
		q, err := booking.Bookings.Parse(tc.address, func(string) bool { return true })
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		page, err := q.Read(t.Context(), w.Store, time.UTC)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []int64
		for _, row := range page.Rows {
			got = append(got, row.ID)
		}
		if !slices.Equal(got, tc.want) || page.Count != int64(len(tc.want)) {
			t.Errorf("%s: %v, counted %d, want %v", name, got, page.Count, tc.want)
		}
	}

	recent, err := booking.Recent(t.Context(), w.Store, booking.Filter{CourseID: other.ID}, 1)
	if err != nil || !slices.Equal(ids(recent), []int64{dora}) {
		t.Fatalf("the newest: %v, %v", ids(recent), err)
	}
	equal(t, "course of a row", recent[0].Course.Name, other.Name)
	n, err := booking.Count(t.Context(), w.Store, booking.Filter{CourseID: other.ID})
	if err != nil || n != 2 {
		t.Errorf("counted %d, %v", n, err)
	}
}

func TestDashboard(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	free := w.MustCreateCourse(t, modeltest.Places(1))
	full := w.MustCreateCourse(t, modeltest.Places(1))

	// 23:30 and 00:30 in Berlin are two days, though one in UTC
	w.Clock.Set(at(t, "2026-11-20 23:30"))
	had := w.MustConfirm(t, w.MustRequest(t, free))
	w.MustConfirm(t, w.MustRequest(t, full))
	w.Clock.Set(at(t, "2026-11-21 00:30"))
	w.MustConfirm(t, w.MustRequest(t, free, modeltest.Wait))
	w.MustConfirm(t, w.MustRequest(t, full, modeltest.Wait))
	w.Clock.Set(at(t, "2026-11-23 12:00"))
	w.MustRequest(t, w.MustCreateCourse(t), modeltest.For(2)) // not verified: not counted
	w.Clock.Advance(50 * time.Minute)
	w.MustConfirm(t, w.MustRequest(t, w.MustCreateCourse(t), modeltest.For(3)))

	days, err := booking.CountsPerDay(t.Context(), w.Store, 4)
	if err != nil {
		t.Fatal(err)
	}
	want := []booking.Day{
		{Date: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), Bookings: 2, Places: 2},
		{Date: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC), Bookings: 2, Places: 2},
		{Date: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)},
		{Date: time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), Bookings: 1, Places: 3},
	}
	if !slices.Equal(days, want) {
		t.Errorf("days: %v, want %v", days, want)
	}

	look := func() *booking.Attention {
		t.Helper()
		a, err := booking.LoadAttention(t.Context(), w.Store)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	a := look()
	equal(t, "holds about to end", a.ExpiringHolds, 1)
	equal(t, "waiting", a.Waiting, 2)
	equal(t, "free with people waiting", len(a.Free), 0)
	if _, err := booking.CancelByStaff(t.Context(), w.Store, had.ID, 0); err != nil {
		t.Fatal(err)
	}
	a = look()
	if len(a.Free) != 1 || a.Free[0].ID != free.ID || a.Free[0].Places.Free() != 1 || a.Free[0].Places.Waiting != 1 {
		t.Errorf("free with people waiting: %+v", a.Free)
	}
	w.Clock.Advance(10 * time.Minute)
	equal(t, "holds about to end, when they have", look().ExpiringHolds, 0)
}

// With fifty thousand bookings, no query reads them all.
func TestQueriesUseIndexes(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t, modeltest.Places(1000))
	mustExec(t, w, `INSERT INTO courses (course_type_id, name, state, max_places, created_at, updated_at)
		SELECT course_type_id, 'Kurs ' || i, 'published', 12, created_at, created_at FROM courses, generate_series(1, 500) i WHERE id = ?`, c.ID)
	mustExec(t, w, `INSERT INTO persons (first_name, last_name, email, created_at, updated_at)
		SELECT 'V' || i, 'N' || i, 'n' || i || '@example.org', ?0, ?0 FROM generate_series(1, 20000) i`, w.Now())
	mustExec(t, w, `
		INSERT INTO bookings (course_id, state, places, total_cents, first_name, last_name, email, form_nonce, network_hash,
		    verify_nonce, verify_hash, verify_expires_at, verify_sent_at, manage_nonce, manage_hash,
		    hold_expires_at, requested_at, confirmed_at, waitlisted_at, updated_at)
		SELECT ?1 + 1 + i % 500, s, 1, 0, 'V' || i, md5(i::text), 'n' || i || '@example.org', i, CASE s WHEN 'REQUESTED' THEN 'net' || i ELSE '' END,
		    i, i::text::bytea, ?0::timestamptz + interval '1 day', ?0, i, i::text::bytea,
		    ?0::timestamptz + i % 100 * interval '1 minute', ?0::timestamptz - i * interval '10 minutes', ?0, ?0, ?0
		FROM (SELECT i, CASE WHEN i % 100 = 0 THEN 'REQUESTED' WHEN i % 100 = 1 THEN 'WAITLISTED' ELSE 'CONFIRMED' END s FROM generate_series(1, 50000) i) g`,
		w.Now(), c.ID)
	mustExec(t, w, `INSERT INTO participants (booking_id, position, last_name, amount_cents) SELECT id, 1, last_name, 0 FROM bookings ORDER BY id LIMIT 5000`)
	mustAnalyze(t, w)

	one, err := store.Open(t.Context(), store.Options{DatabaseURL: w.URL, SecretKey: modeltest.Secret, Clock: w.Clock, MaxConns: 1, Log: modeltest.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer one.Close()
	scans := func() (n int) {
		t.Helper()
		if err := one.NewRaw("SELECT pg_stat_force_next_flush()").Scan(t.Context(), new(any)); err != nil {
			t.Fatal(err)
		}
		err := one.NewRaw("SELECT sum(seq_scan) FROM pg_stat_user_tables WHERE relname IN ('bookings', 'participants', 'persons', 'mails')").Scan(t.Context(), &n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	var b *booking.Booking
	recent := func(f booking.Filter) func(context.Context) error {
		return func(ctx context.Context) error { _, err := booking.Recent(ctx, one, f, 10); return err }
	}
	in := modeltest.BookingInput(c)
	in.FormNonce = "mine"
	for _, query := range []struct {
		name string
		run  func(ctx context.Context) error
	}{
		{"recent", recent(booking.Filter{})},
		{"recent of a state", recent(booking.Filter{State: booking.Waitlisted})},
		{"recent of a course", recent(booking.Filter{CourseID: c.ID + 7})},
		{"recent of a person", recent(booking.Filter{PersonID: 7})},
		{"count of a state", func(ctx context.Context) error {
			_, err := booking.Count(ctx, one, booking.Filter{State: booking.Waitlisted})
			return err
		}},
		{"places", func(ctx context.Context) error {
			_, err := booking.PlacesOf(ctx, one, c.ID+1, c.ID+2, c.ID+3)
			return err
		}},
		{"counts per day", func(ctx context.Context) error { _, err := booking.CountsPerDay(ctx, one, 28); return err }},
		{"attention", func(ctx context.Context) error { _, err := booking.LoadAttention(ctx, one); return err }},
		{"request", func(ctx context.Context) error { _, err := booking.Request(ctx, one, in); return err }},
		{"load by number", func(ctx context.Context) (err error) {
			var id int64
			if err = one.NewRaw("SELECT id FROM bookings WHERE form_nonce = 'mine'").Scan(ctx, &id); err == nil {
				b, err = booking.Load(ctx, one, id)
			}
			return err
		}},
		{"load by token", func(ctx context.Context) error {
			_, err := booking.LoadByVerifyToken(ctx, one, w.VerifyToken(b))
			return err
		}},
		{"confirm", func(ctx context.Context) error { _, err := booking.Confirm(ctx, one, w.VerifyToken(b)); return err }},
		{"cancel", func(ctx context.Context) error { _, err := booking.Cancel(ctx, one, w.ManageToken(b)); return err }},
		{"expire", func(ctx context.Context) error { _, err := booking.ExpireHolds(ctx, one, 100); return err }},
	} {
		before := scans()
		if err := query.run(t.Context()); err != nil {
			t.Errorf("%s: %v", query.name, err)
		}
		if n := scans() - before; n != 0 {
			t.Errorf("%s: %d sequential scans", query.name, n)
		}
	}
	before := scans()
	if err := one.NewRaw("SELECT count(*) FROM bookings WHERE note = 'x'").Scan(t.Context(), new(int)); err != nil {
		t.Fatal(err)
	}
	equal(t, "a scan that the counter must see", scans()-before, 1)
}
