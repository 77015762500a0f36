package catalog_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kurso/models/audit"
	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// form is the form of a course as it is stored.
func form(t *testing.T, w *modeltest.World, id int64) catalog.CourseInput {
	t.Helper()
	staff, err := catalog.CourseStaffIDs(t.Context(), w, id)
	if err != nil {
		t.Fatal(err)
	}
	return catalog.CourseInputOf(course(t, w, id), staff, berlin)
}

func course(t *testing.T, w *modeltest.World, id int64) *catalog.Course {
	t.Helper()
	c, err := catalog.LoadCourse(t.Context(), w, id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func history(t *testing.T, w *modeltest.World, subject string, id int64) []*audit.Entry {
	t.Helper()
	entries, err := audit.History(t.Context(), w, subject, id, 100)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// wrong is what a use case complained about: "field: key".
func wrong(t *testing.T, err error) []string {
	t.Helper()
	var v *store.ValidationError
	if !errors.As(err, &v) {
		t.Fatalf("want a validation error, got %v", err)
	}
	var out []string
	for _, f := range v.Fields {
		out = append(out, f.Field+": "+f.Key)
	}
	return out
}

func ruled(t *testing.T, err error) string {
	t.Helper()
	var r *store.RuleError
	if !errors.As(err, &r) {
		t.Fatalf("want a rule error, got %v", err)
	}
	return r.Key
}

func update(t *testing.T, w *modeltest.World, id int64, change func(*catalog.CourseInput)) error {
	t.Helper()
	in := form(t, w, id)
	change(&in)
	return catalog.UpdateCourse(t.Context(), w.Store, id, in)
}

func TestCourseFromNothing(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	user := w.MustCreateUser(t, "Ada")
	ctx := store.WithActor(t.Context(), store.Actor{Kind: "user", UserID: user.ID})
	in := catalog.CourseInput{
		Name: "  Englisch   A1 ", Number: "E-1", MaxPlaces: "12", MinPlaces: "5", TeachingUnits: "13,5",
		Description: "Für <b>alle</b>\n<script>alert(1)</script>", Keywords: "Sprache, Englisch\nSprache",
		BookingOpens: "2026-12-01T08:00", Staff: []string{strconv.FormatInt(user.ID, 10)},
		Series: catalog.SeriesInput{First: "2027-02-03", Count: "3", Every: "7", From: "18:30", To: "21:00"},
		Prices: []catalog.PriceInput{{Name: "Normalpreis", Amount: "1.082,80"}, {Name: "ermäßigt", Amount: "47"}, {}},
	}
	if err := in.AddSeries(); err != nil {
		t.Fatal(err)
	}
	id, err := catalog.CreateCourse(ctx, w.Store, in)
	if err != nil {
		t.Fatal(err)
	}
	c := course(t, w, id)
	if c.Name != "Englisch A1" || c.State != catalog.Draft || *c.MaxPlaces != 12 || *c.TeachingUnits != 1350 || c.CourseType.Name != "Englisch A1" {
		t.Errorf("course: %+v", c)
	}
	if strings.Contains(c.Description, "script") || !strings.Contains(c.Description, "<b>alle</b>") {
		t.Errorf("description: %s", c.Description)
	}
	if !slices.Equal(c.Keywords, []string{"Sprache", "Englisch"}) {
		t.Errorf("keywords: %q", c.Keywords)
	}
	if c.StartDate.Format(time.DateOnly) != "2027-02-03" || c.EndDate.Format(time.DateOnly) != "2027-02-17" {
		t.Errorf("days: %v to %v", c.StartDate, c.EndDate)
	}
	if len(c.Sessions) != 3 || !c.Sessions[2].StartsAt.Equal(time.Date(2027, 2, 17, 18, 30, 0, 0, berlin)) {
		t.Errorf("sessions: %v", c.Sessions)
	}
	if len(c.PriceTiers) != 2 || c.PriceTiers[0].AmountCents != 108280 || c.PriceTiers[1].AmountCents != 4700 {
		t.Errorf("prices: %v", c.PriceTiers)
	}
	if !c.BookingOpensAt.Equal(time.Date(2026, 12, 1, 8, 0, 0, 0, berlin)) {
		t.Errorf("booking opens: %v", c.BookingOpensAt)
	}
	if h := history(t, w, "course", id); len(h) != 1 || h[0].Action != "course.created" || h[0].ActorName != "Ada" {
		t.Errorf("history: %+v", h)
	}
	// what is stored, sent back unchanged, changes nothing
	if err := update(t, w, id, func(*catalog.CourseInput) {}); err != nil {
		t.Fatal(err)
	}
	if h := history(t, w, "course", id); len(h) != 1 || course(t, w, id).Version != 1 {
		t.Errorf("an unchanged form left an entry: %+v", h[0])
	}
}

func TestCourseChangesAreNoted(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	err := update(t, w, c.ID, func(in *catalog.CourseInput) {
		in.Name = "Anders"
		in.MaxPlaces = "8"
		in.Sessions[0].Remove = true
		in.Sessions[1].To = "21:30"
		in.Sessions = append(in.Sessions, catalog.SessionInput{Date: "2027-01-20"})
		in.Prices[0].Amount = "90"
	})
	if err != nil {
		t.Fatal(err)
	}
	h := history(t, w, "course", c.ID)
	if len(h) != 1 || h[0].Action != "course.changed" {
		t.Fatalf("history: %+v", h)
	}
	want := []audit.Change{
		{Field: "name", Old: c.Name, New: "Anders"},
		{Field: "session", Old: "2026-12-23 18:30–21:00"},
		{Field: "session", Old: "2026-12-30 18:30–21:00", New: "2026-12-30 18:30–21:30"},
		{Field: "session", New: "2027-01-20"},
		{Field: "start_date", Old: "2026-12-23", New: "2026-12-30"},
		{Field: "end_date", Old: "2026-12-30", New: "2027-01-20"},
		{Field: "max_places", Old: "10", New: "8"},
		{Field: "price", Old: "Normalpreis 82.80 EUR", New: "Normalpreis 90.00 EUR"},
	}
	if !slices.Equal(h[0].Changes, want) {
		t.Errorf("changes:\n%+v\nwant\n%+v", h[0].Changes, want)
	}
	now := course(t, w, c.ID)
	if now.Version != 2 || len(now.Sessions) != 2 || !now.Sessions[1].AllDay {
		t.Errorf("version %d, sessions %+v", now.Version, now.Sessions)
	}
	if got := form(t, w, c.ID).Sessions[1]; got.Date != "2027-01-20" || got.From != "" || got.Until != "" {
		t.Errorf("an all-day session in the form: %+v", got)
	}
}

func TestCourseConflicts(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c, other := w.MustCreateCourse(t), w.MustCreateCourse(t)
	stale := form(t, w, c.ID)
	if err := update(t, w, c.ID, func(in *catalog.CourseInput) { in.Subtitle = "zuerst" }); err != nil {
		t.Fatal(err)
	}
	stale.Subtitle = "danach"
	if err := catalog.UpdateCourse(t.Context(), w.Store, c.ID, stale); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a stale form: %v", err)
	}
	if err := catalog.UpdateCourse(t.Context(), w.Store, 999, stale); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no such course: %v", err)
	}
	// rows of another course cannot be reached
	err := update(t, w, c.ID, func(in *catalog.CourseInput) { in.Sessions[0].ID = strconv.FormatInt(other.Sessions[0].ID, 10) })
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("another course's session: %v", err)
	}
	err = update(t, w, c.ID, func(in *catalog.CourseInput) { in.Prices[0].ID = strconv.FormatInt(other.PriceTiers[0].ID, 10) })
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("another course's price: %v", err)
	}
}

func TestCourseFormComplains(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	for _, tc := range []struct {
		name   string
		change func(*catalog.CourseInput)
		want   []string
	}{
		{"no name", func(in *catalog.CourseInput) { in.Name = " \t" }, []string{"name: invalid.required"}},
		{"no type", func(in *catalog.CourseInput) { in.CourseType = "" }, []string{"course_type: invalid.required"}},
		{"unknown type", func(in *catalog.CourseInput) { in.CourseType = "Gibt es nicht" }, []string{"course_type: invalid.unknown"}},
		{"unknown type id", func(in *catalog.CourseInput) { in.CourseType = "X (#999)" }, []string{"course_type: invalid.unknown"}},
		{"long name", func(in *catalog.CourseInput) { in.Name = strings.Repeat("ä", 501) }, []string{"name: invalid.too_long"}},
		{"numbers", func(in *catalog.CourseInput) { in.MaxPlaces, in.MinPlaces, in.TeachingUnits = "zehn", "-1", "1e3" },
			[]string{"min_places: invalid.range", "max_places: invalid.number", "teaching_units: invalid.number"}},
		{"min above max", func(in *catalog.CourseInput) { in.MinPlaces = "11" }, []string{"min_places: invalid.min_above_max"}},
		{"delivery", func(in *catalog.CourseInput) { in.Delivery = "fax" }, []string{"delivery: invalid.choice"}},
		{"location", func(in *catalog.CourseInput) { in.Location = "77" }, []string{"location: invalid.choice"}},
		{"staff", func(in *catalog.CourseInput) { in.Staff = []string{"x"} }, []string{"staff: invalid.choice"}},
		{"instructor", func(in *catalog.CourseInput) { in.Instructors = []string{"", "Niemand"} }, []string{"instructors.1: invalid.unknown"}},
		{"window", func(in *catalog.CourseInput) {
			in.BookingOpens, in.BookingCloses = "2027-01-02T10:00", "01.01.2027 10:00"
		},
			[]string{"booking_closes_at: invalid.closes_before_opens"}},
		{"moment", func(in *catalog.CourseInput) { in.BookingOpens = "morgen" }, []string{"booking_opens_at: invalid.moment"}},
		{"address", func(in *catalog.CourseInput) { in.WebsiteURL = "javascript:alert(1)" }, []string{"website_url: invalid.url"}},
		{"session", func(in *catalog.CourseInput) { in.Sessions[0].To = "18:00" }, []string{"sessions.0.to: invalid.end_before_start"}},
		{"session clock", func(in *catalog.CourseInput) { in.Sessions[1].From = "" }, []string{"sessions.1.from: invalid.clock_missing"}},
		{"session day", func(in *catalog.CourseInput) { in.Sessions[0].Date = "2027-02-30" }, []string{"sessions.0.date: invalid.date"}},
		{"session room", func(in *catalog.CourseInput) { in.Sessions[0].Room = "5" }, []string{"sessions.0.room: invalid.choice"}},
		{"session until", func(in *catalog.CourseInput) { in.Sessions[0].Until = "2026-01-01" }, []string{"sessions.0.until: invalid.until"}},
		{"start", func(in *catalog.CourseInput) { in.StartDate = "2026-12-24" }, []string{"start_date: invalid.start_after_session"}},
		{"end", func(in *catalog.CourseInput) { in.EndDate = "2026-12-24" }, []string{"end_date: invalid.end_before_session"}},
		{"price", func(in *catalog.CourseInput) {
			in.Prices[0].Amount = "1.234"
			in.Prices[1].Name = ""
		}, []string{"prices.0.amount: invalid.amount", "prices.1.name: invalid.required"}},
		{"no price is left", func(in *catalog.CourseInput) { in.Prices[0].Remove, in.Prices[1].Remove = true, true },
			[]string{"prices: course.publish.no_price"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := wrong(t, update(t, w, c.ID, tc.change)); !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
	if h := history(t, w, "course", c.ID); len(h) != 0 || course(t, w, c.ID).Version != 1 {
		t.Errorf("a refused form changed something: %+v", h)
	}
}

// book takes places of a course without the rules of booking.
func book(t *testing.T, w *modeltest.World, c *catalog.Course, places int, state string) int64 {
	t.Helper()
	var id int64
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		nonce := store.Nonce()
		if err := tx.NewRaw(`INSERT INTO bookings (course_id, state, places, total_cents, first_name, last_name, email, form_nonce,
			verify_nonce, verify_hash, verify_expires_at, verify_sent_at, manage_nonce, manage_hash, requested_at, confirmed_at, waitlisted_at, updated_at)
			VALUES (?, ?, ?, 0, 'Bo', 'Ker', 'bo@example.org', ?, '', ?, ?, ?, '', ?, ?, ?, ?, ?) RETURNING id`,
			c.ID, state, places, nonce, []byte(nonce), tx.Now(), tx.Now(), []byte(nonce), tx.Now(), tx.Now(), tx.Now(), tx.Now()).Scan(ctx, &id); err != nil {
			return err
		}
		_, err := tx.NewRaw(`INSERT INTO participants (booking_id, position, last_name, price_tier_id, amount_cents) VALUES (?, 1, 'Ker', ?, 0)`,
			id, c.PriceTiers[0].ID).Exec(ctx)
		return err
	})
	return id
}

func TestBookedPricesAndPlaces(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	book(t, w, c, 6, "CONFIRMED")
	if got := wrong(t, update(t, w, c.ID, func(in *catalog.CourseInput) { in.MaxPlaces = "5" })); !slices.Equal(got, []string{"max_places: invalid.below_taken"}) {
		t.Error(got)
	}
	if got := wrong(t, update(t, w, c.ID, func(in *catalog.CourseInput) { in.MaxPlaces, in.TakenElsewhere = "7", "2" })); !slices.Equal(got, []string{"max_places: invalid.below_taken"}) {
		t.Error(got)
	}
	err := update(t, w, c.ID, func(in *catalog.CourseInput) {
		in.MaxPlaces = "6"
		in.Prices[0].Remove = true
		in.Prices = append(in.Prices, catalog.PriceInput{Name: "Neu", Amount: "0"})
	})
	if err != nil {
		t.Fatal(err)
	}
	tiers := course(t, w, c.ID).PriceTiers
	if len(tiers) != 3 || tiers[2].ID != c.PriceTiers[0].ID || !tiers[2].Archived || tiers[1].Name != "Neu" {
		t.Errorf("a booked price must be archived: %+v %+v %+v", tiers[0], tiers[1], tiers[2])
	}
	if len(form(t, w, c.ID).Prices) != 2 {
		t.Error("an archived price stands in the form")
	}
	if err := update(t, w, c.ID, func(in *catalog.CourseInput) { in.Prices[0].Remove = true }); err != nil {
		t.Fatal(err)
	}
	if tiers := course(t, w, c.ID).PriceTiers; len(tiers) != 2 {
		t.Errorf("a price nobody booked must go: %+v", tiers)
	}
	if key := ruled(t, catalog.DeleteCourse(t.Context(), w.Store, c.ID, strconv.Itoa(course(t, w, c.ID).Version))); key != "course.delete.booked" {
		t.Error(key)
	}
}

func TestPeopleOfACourse(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	a, err := catalog.SaveInstructor(t.Context(), w.Store, 0, catalog.InstructorInput{Title: "Dr.", FirstName: "Jürgen", LastName: "Müller"})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := catalog.SaveInstructor(t.Context(), w.Store, 0, catalog.InstructorInput{FirstName: "Eva", LastName: "Doppelt"}); err != nil {
			t.Fatal(err)
		}
	}
	if got := wrong(t, update(t, w, c.ID, func(in *catalog.CourseInput) { in.Instructors = []string{"Eva Doppelt"} })); !slices.Equal(got, []string{"instructors.0: invalid.ambiguous"}) {
		t.Error(got)
	}
	if err := update(t, w, c.ID, func(in *catalog.CourseInput) {
		in.Instructors = []string{"juergen müller", "Dr. Jürgen Müller (#1)"}
	}); err != nil {
		t.Fatal(err)
	}
	in := form(t, w, c.ID)
	if !slices.Equal(in.Instructors, []string{catalog.Pick("Dr. Jürgen Müller", a)}) {
		t.Errorf("instructors: %q", in.Instructors)
	}
	if h := history(t, w, "course", c.ID)[0].Changes; !slices.Equal(h, []audit.Change{{Field: "instructors", New: strconv.FormatInt(a, 10)}}) {
		t.Errorf("history names persons by id: %+v", h)
	}
	if err := update(t, w, c.ID, func(in *catalog.CourseInput) { in.Instructors = nil }); err != nil {
		t.Fatal(err)
	}
	if len(course(t, w, c.ID).Instructors) != 0 {
		t.Error("the instructor is still there")
	}
}
