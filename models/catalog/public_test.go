package catalog_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/store"
)

var berlin = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return zone
}()

func exec(t testing.TB, w *modeltest.World, sql string, args ...any) {
	t.Helper()
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw(sql, args...).Exec(ctx)
		return err
	})
}

func names(t testing.TB, w *modeltest.World, f catalog.PublicFilter) []string {
	t.Helper()
	list, err := catalog.ListPublic(t.Context(), w.Store, f, berlin)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, o := range list.Offers {
		out = append(out, o.Course.Name)
	}
	if list.Count != len(out) && len(out) < 25 && f.After == "" && f.Before == "" {
		t.Errorf("%+v: counts %d, lists %d", f, list.Count, len(out))
	}
	return out
}

func named(name string, more ...modeltest.CourseOption) []modeltest.CourseOption {
	return append([]modeltest.CourseOption{func(c *catalog.Course) { c.Name = name }}, more...)
}

func starting(days int) modeltest.CourseOption {
	return func(c *catalog.Course) {
		start := c.StartDate.AddDate(0, 0, days-30)
		end := start.AddDate(0, 0, 7)
		c.StartDate, c.EndDate = &start, &end
	}
}

func inState(s string) modeltest.CourseOption { return func(c *catalog.Course) { c.State = s } }

func TestPublicListHoldsWhatCanBeJoined(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	later := w.Now().AddDate(0, 0, 2)
	for _, state := range catalog.States {
		w.MustCreateCourse(t, named(state, inState(state))...)
	}
	w.MustCreateCourse(t, named("begun, open", starting(-3), func(c *catalog.Course) { c.BookingClosesAt = &later })...)
	w.MustCreateCourse(t, named("begun", starting(-3), inState(catalog.Running))...)
	w.MustCreateCourse(t, named("over", starting(-20), func(c *catalog.Course) { c.BookingClosesAt = &later })...)
	w.MustCreateCourse(t, named("undated", func(c *catalog.Course) { c.StartDate, c.EndDate = nil, nil })...)
	w.MustCreateCourse(t, named("today", starting(0))...)
	want := []string{"begun, open", "today", catalog.Published, catalog.Running, "undated"}
	if got := names(t, w, catalog.PublicFilter{}); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	w.Clock.Set(time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC)) // tomorrow in Berlin
	if got := names(t, w, catalog.PublicFilter{}); slices.Contains(got, "today") {
		t.Errorf("a day is not the provider's day: %q", got)
	}
}

func TestPublicFilters(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	yoga := w.MustCreateCourse(t, named("Yoga für Anfänger", modeltest.Places(2), func(c *catalog.Course) { c.Keywords = []string{"Entspannung", "100%_Ruhe"} })...)
	english := w.MustCreateCourse(t, named("Englisch A1", starting(31), func(c *catalog.Course) { c.Delivery = catalog.Online })...)
	w.MustCreateCourse(t, named("Töpfern", starting(32))...)
	now := w.Now()
	cat := &catalog.Category{Code: "4", Name: "Sprachen"}
	loc := &catalog.Location{Name: "Haus am Markt", Version: 1, CreatedAt: now, UpdatedAt: now}
	known := &catalog.Instructor{FirstName: "Jörg", LastName: "Straßmann", Published: true, CreatedAt: now, UpdatedAt: now}
	hidden := &catalog.Instructor{FirstName: "Petra", LastName: "Verborgen", CreatedAt: now, UpdatedAt: now}
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		for _, m := range []any{cat, loc, known, hidden} {
			if _, err := tx.NewInsert().Model(m).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	exec(t, w, "UPDATE course_types SET category_id = ? WHERE id = ?", cat.ID, english.CourseTypeID)
	exec(t, w, "UPDATE courses SET location_id = ? WHERE id = ?", loc.ID, yoga.ID)
	exec(t, w, "INSERT INTO course_instructors VALUES (?, ?), (?, ?)", yoga.ID, known.ID, yoga.ID, hidden.ID)

	weekday := func(c *catalog.Course) int { return (int(c.StartDate.Weekday())+6)%7 + 1 }
	for _, c := range []struct {
		filter catalog.PublicFilter
		want   string
	}{
		{catalog.PublicFilter{Query: "yoga"}, "Yoga für Anfänger"},
		{catalog.PublicFilter{Query: "ANFAENGER  yog"}, "Yoga für Anfänger"},
		{catalog.PublicFilter{Query: "yoga englisch"}, ""},
		{catalog.PublicFilter{Query: "entspann"}, "Yoga für Anfänger"},
		{catalog.PublicFilter{Query: "100%_ruhe"}, "Yoga für Anfänger"},
		{catalog.PublicFilter{Query: "1%e"}, ""},
		{catalog.PublicFilter{Query: `\`}, ""},
		{catalog.PublicFilter{Query: "sprach"}, "Englisch A1"},
		{catalog.PublicFilter{Query: "strassmann"}, "Yoga für Anfänger"},
		{catalog.PublicFilter{Query: "verborgen"}, ""},
		{catalog.PublicFilter{Query: english.Number}, "Englisch A1"},
		{catalog.PublicFilter{CategoryID: cat.ID}, "Englisch A1"},
		{catalog.PublicFilter{LocationID: loc.ID}, "Yoga für Anfänger"},
		{catalog.PublicFilter{LocationID: loc.ID, CategoryID: cat.ID}, ""},
		{catalog.PublicFilter{Online: true}, "Englisch A1"},
		{catalog.PublicFilter{Weekday: weekday(english)}, "Englisch A1"},
		{catalog.PublicFilter{After: "x", Before: "infinity.-1"}, "Yoga für Anfänger Englisch A1 Töpfern"},
	} {
		if got := strings.Join(names(t, w, c.filter), " "); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.filter, got, c.want)
		}
	}

	book := func(places int, state string) {
		exec(t, w, `INSERT INTO bookings (course_id, state, places, total_cents, first_name, last_name, email, form_nonce, verify_nonce, verify_hash,
			verify_expires_at, verify_sent_at, manage_nonce, manage_hash, requested_at, confirmed_at, waitlisted_at, updated_at)
			SELECT ?, ?, ?, 0, '', 'X', 'x@example.org', n, n, n::bytea, now, now, n, n::bytea, now, now, now, now
			FROM (SELECT ?::timestamptz AS now, gen_random_uuid()::text AS n) AS x`, yoga.ID, state, places, now)
	}
	free := func() bool { return slices.Contains(names(t, w, catalog.PublicFilter{Free: true}), yoga.Name) }
	if !free() {
		t.Error("a course with places is left out")
	}
	book(1, "CONFIRMED")
	book(1, "REQUESTED") // without a hold
	if !free() {
		t.Error("a course with one place left is left out")
	}
	book(1, "WAITLISTED")
	if free() {
		t.Error("the place that somebody waits for is offered")
	}
	exec(t, w, "UPDATE courses SET places_taken_elsewhere = -1, max_places = 3 WHERE id = ?", yoga.ID)
	if !free() {
		t.Error("unknown places elsewhere count as taken")
	}
	exec(t, w, "UPDATE courses SET booking_closes_at = ? WHERE id = ?", now, yoga.ID)
	if free() {
		t.Error("a course that closed is offered")
	}

	categories, locations, err := catalog.PublicChoices(t.Context(), w.Store, berlin)
	if err != nil || len(categories) != 1 || len(locations) != 1 || locations[0].Name != loc.Name {
		t.Errorf("choices: %v %v %v", categories, locations, err)
	}
}

func TestOfferSumsUp(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	offer := func() *catalog.Offer {
		list, err := catalog.ListPublic(t.Context(), w.Store, catalog.PublicFilter{}, berlin)
		if err != nil || len(list.Offers) != 1 {
			t.Fatalf("%v, %v", list, err)
		}
		return list.Offers[0]
	}
	o := offer()
	if p := o.Prices; p.Tiers != 2 || p.FromCents != 4700 || p.ToCents != 8280 || p.Currency != "EUR" {
		t.Errorf("prices: %+v", p)
	}
	if d := o.Dates; d.Count != 2 || len(d.Weekdays) != 1 || !d.Alike || !d.StartsAt.Equal(c.Sessions[0].StartsAt) {
		t.Errorf("dates: %+v", d)
	}
	exec(t, w, "UPDATE price_tiers SET archived = true WHERE amount_cents = 4700")
	exec(t, w, "UPDATE course_sessions SET starts_at = starts_at + '1 day', ends_at = ends_at + '25 hours' WHERE id = ?", c.Sessions[1].ID)
	o = offer()
	if o.Prices.Tiers != 1 || o.Prices.FromCents != 8280 {
		t.Errorf("an archived price is offered: %+v", o.Prices)
	}
	if len(o.Dates.Weekdays) != 2 || o.Dates.Alike {
		t.Errorf("dates: %+v", o.Dates)
	}
}

// The page of a course and the list sum it up alike.
func TestCourseSumsUpAsTheListDoes(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	for _, change := range []string{"note = ''", "starts_at = starts_at + interval '1 hour'", "starts_at = starts_at - interval '2 days'", "all_day = true"} {
		exec(t, w, "UPDATE course_sessions SET "+change+" WHERE id = ?", c.Sessions[1].ID)
		list, err := catalog.ListPublic(t.Context(), w.Store, catalog.PublicFilter{}, berlin)
		if err != nil {
			t.Fatal(err)
		}
		loaded, err := catalog.LoadPublic(t.Context(), w.Store, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		got, want := loaded.Offer(berlin), list.Offers[0]
		if fmt.Sprint(got.Prices, got.Dates) != fmt.Sprint(want.Prices, want.Dates) {
			t.Errorf("%s: page %+v %+v, list %+v %+v", change, got.Prices, got.Dates, want.Prices, want.Dates)
		}
	}
}

func TestLoadPublic(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	now := w.Now()
	for i, name := range []string{"Offen", "Verborgen"} {
		ins := &catalog.Instructor{LastName: name, Published: i == 0, CreatedAt: now, UpdatedAt: now}
		w.Must(t, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.NewInsert().Model(ins).Exec(ctx)
			return err
		})
		exec(t, w, "INSERT INTO course_instructors VALUES (?, ?)", c.ID, ins.ID)
	}
	exec(t, w, "UPDATE price_tiers SET archived = true WHERE amount_cents = 4700")
	got, err := catalog.LoadPublic(t.Context(), w.Store, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Sessions) != 2 || len(got.PriceTiers) != 1 || len(got.Instructors) != 1 || got.Instructors[0].Instructor.LastName != "Offen" {
		t.Errorf("loaded %d sessions, %d prices, %+v", len(got.Sessions), len(got.PriceTiers), got.Instructors)
	}
	for state, seen := range map[string]bool{catalog.Draft: false, catalog.Planned: false, catalog.Finished: true, catalog.CalledOff: true} {
		exec(t, w, "UPDATE courses SET state = ? WHERE id = ?", state, c.ID)
		if _, err := catalog.LoadPublic(t.Context(), w.Store, c.ID); (err == nil) != seen {
			t.Errorf("%s: %v", state, err)
		}
	}
	if _, err := catalog.LoadPublic(t.Context(), w.Store, c.ID+1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no course: %v", err)
	}
}

// manyCourses writes 10,000 courses over two years, a quarter of them on offer no longer, each with four
// sessions, two prices, an instructor, and on average two bookings.
func manyCourses(t *testing.T, w *modeltest.World) {
	t.Helper()
	for _, sql := range []string{
		`INSERT INTO categories (code, name) SELECT n, 'Fachbereich ' || n FROM generate_series(1, 8) n`,
		`INSERT INTO locations (name, created_at, updated_at) SELECT 'Haus ' || n, now(), now() FROM generate_series(1, 300) n`,
		`INSERT INTO instructors (first_name, last_name, published, created_at, updated_at)
			SELECT 'Kim', 'Lehrkraft' || n, n % 2 = 0, now(), now() FROM generate_series(1, 1000) n`,
		`INSERT INTO course_types (name, category_id, created_at, updated_at)
			SELECT 'Kursart ' || n, (SELECT min(id) FROM categories) + n % 8, now(), now() FROM generate_series(1, 2000) n`,
		`INSERT INTO courses (course_type_id, number, name, state, start_date, end_date, location_id, max_places, keywords, description, created_at, updated_at)
			SELECT (SELECT min(id) FROM course_types) + n % 2000, 'N' || n,
				(ARRAY['Englisch', 'Yoga', 'Töpfern', 'Excel', 'Kochen', 'Malerei'])[1 + n % 6] || ' ' || md5(n::text),
				'published', '2026-06-01'::date + n % 700, '2026-06-01'::date + n % 700 + 60,
				(SELECT min(id) FROM locations) + n % 300, 12, ARRAY['Stichwort', md5('k' || n)], repeat('Beschreibung ', 200), now(), now()
			FROM generate_series(1, 10000) n`,
		`INSERT INTO course_sessions (course_id, starts_at, ends_at)
			SELECT id, start_date + i * '7 days'::interval + '18 hours', start_date + i * '7 days'::interval + '20 hours' FROM courses, generate_series(0, 3) i`,
		`INSERT INTO price_tiers (course_id, name, amount_cents, position) SELECT id, 'Preis ' || i, 4000 * i, i FROM courses, generate_series(1, 2) i`,
		`INSERT INTO course_instructors SELECT id, (SELECT min(id) FROM instructors) + id % 1000 FROM courses`,
		`INSERT INTO bookings (course_id, state, places, total_cents, first_name, last_name, email, form_nonce, verify_nonce, verify_hash,
			verify_expires_at, verify_sent_at, manage_nonce, manage_hash, requested_at, confirmed_at, updated_at)
			SELECT (SELECT min(id) FROM courses) + n % 10000, 'CONFIRMED', 1 + n % 12, 0, '', 'X', 'x@example.org', n, n, n::text::bytea, now(), now(), n, n::text::bytea, now(), now(), now()
			FROM generate_series(1, 20000) n`,
	} {
		exec(t, w, sql)
	}
	w.AsOwner(t, "ANALYZE")
}

func TestPublicListAtTenThousandCourses(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	manyCourses(t, w)
	location, category := int64(7), int64(3)
	for name, f := range map[string]catalog.PublicFilter{
		"all": {}, "deep": {After: "2027-12-01.5000"}, "back": {Before: "2027-12-01.5000"},
		"query": {Query: "töpf"}, "two words": {Query: "yoga stichw"}, "two letters": {Query: "yo"}, "category word": {Query: "fachbereich 3"},
		"instructor": {Query: "lehrkraft42"}, "nothing": {Query: "quastenflosser"}, "category": {CategoryID: category},
		"location": {LocationID: location}, "weekday": {Weekday: 3}, "free": {Free: true},
		"all at once": {Query: "e", CategoryID: category, Weekday: 3, Free: true},
	} {
		var fastest time.Duration
		var list *catalog.PublicList
		for i := range 3 {
			began := time.Now()
			l, err := catalog.ListPublic(t.Context(), w.Store, f, berlin)
			if err != nil {
				t.Fatal(err)
			}
			list = l
			if took := time.Since(began); i == 0 || took < fastest {
				fastest = took
			}
		}
		t.Logf("%-14s %4d found, %v", name, list.Count, fastest.Round(100*time.Microsecond))
		// idle it is a tenth of that; a plan that compares everything with everything takes far longer
		if fastest > time.Second {
			t.Errorf("%s takes %v", name, fastest)
		}
	}

	seen, cursor := map[int64]bool{}, ""
	var back string
	for {
		list, err := catalog.ListPublic(t.Context(), w.Store, catalog.PublicFilter{CategoryID: category, After: cursor}, berlin)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range list.Offers {
			if seen[o.Course.ID] {
				t.Fatalf("course %d is on two pages", o.Course.ID)
			}
			seen[o.Course.ID] = true
		}
		if list.Next == "" {
			back = list.Previous
			break
		}
		cursor = list.Next
	}
	var want int
	if err := w.NewRaw(`SELECT count(*) FROM courses c JOIN course_types ct ON ct.id = c.course_type_id
		WHERE ct.category_id = ? AND c.start_date >= '2026-11-23'`, category).Scan(t.Context(), &want); err != nil || len(seen) != want {
		t.Fatalf("paging sees %d courses of %d: %v", len(seen), want, err)
	}
	pages := 1
	for back != "" {
		list, err := catalog.ListPublic(t.Context(), w.Store, catalog.PublicFilter{CategoryID: category, Before: back}, berlin)
		if err != nil || len(list.Offers) != 25 {
			t.Fatalf("a page back has %d courses: %v", len(list.Offers), err)
		}
		if list.Next == "" {
			t.Fatal("a page back has no next one")
		}
		back = list.Previous
		pages++
	}
	if want := (len(seen) + 24) / 25; pages != want {
		t.Errorf("%d pages back, %d forth", pages, want)
	}
}

func TestPublicListUsesItsIndexes(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	manyCourses(t, w)
	explain := func(sql string, args ...any) string {
		var lines []string
		if err := w.NewRaw("EXPLAIN "+sql, args...).Scan(t.Context(), &lines); err != nil {
			t.Fatal(err)
		}
		return strings.Join(lines, "\n")
	}
	for _, c := range []struct{ filter, order, want string }{
		{"true", "coalesce(c.start_date, 'infinity'), c.id", "courses_offered"},
		{"(coalesce(c.start_date, 'infinity'), c.id) > ('2027-12-01', 5000)", "coalesce(c.start_date, 'infinity'), c.id", "courses_offered"},
		{"(coalesce(c.start_date, 'infinity'), c.id) < ('2027-12-01', 5000)", "coalesce(c.start_date, 'infinity') DESC, c.id DESC", "courses_offered"},
		{"12 > (SELECT coalesce(sum(p.taken + p.waiting), 0) FROM course_places(now()) p WHERE p.course_id = c.id)", "c.id", "bookings_places"},
	} {
		plan := explain(fmt.Sprintf("SELECT c.id FROM courses c WHERE c.state IN ('published', 'running') AND %s ORDER BY %s LIMIT 26", c.filter, c.order))
		if !strings.Contains(plan, c.want) {
			t.Errorf("%s does not use %s:\n%s", c.filter, c.want, plan)
		}
	}
}
