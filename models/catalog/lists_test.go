package catalog_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"testing"
	"time"

	"kurso/models/catalog"
	"kurso/models/listing"
	"kurso/models/modeltest"
)

// numbers are the course numbers that an address of the list of courses finds, in its order.
func numbers(t *testing.T, w *modeltest.World, address string) []string {
	t.Helper()
	out := []string{}
	for _, row := range read(t, w, address+"&columns=number").Rows {
		out = append(out, row.Cells[0].Value.(string))
	}
	return out
}

func read(t *testing.T, w *modeltest.World, address string) *listing.Page {
	t.Helper()
	values, err := url.ParseQuery(address)
	if err != nil {
		t.Fatal(err)
	}
	q, err := catalog.Courses.Parse(values, func(string) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	p, err := q.Read(t.Context(), w.Store, berlin)
	if err != nil {
		t.Fatal(err)
	}
	if int(p.Count) < len(p.Rows) {
		t.Errorf("%s: count %d, rows %d", address, p.Count, len(p.Rows))
	}
	return p
}

func TestCourseListFilters(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	kat, err := catalog.SaveCategory(t.Context(), w.Store, 0, catalog.CategoryInput{Code: "4", Name: "Sprachen"})
	if err != nil {
		t.Fatal(err)
	}
	a := w.MustCreateCourse(t, modeltest.Places(4), func(c *catalog.Course) { c.Number, c.Name = "A", "Französisch für Anfänger" })
	w.MustCreateCourse(t, func(c *catalog.Course) {
		c.Number, c.Name, c.State, c.MaxPlaces = "B", "100 % Yoga", catalog.Draft, nil
		c.StartDate, c.EndDate = nil, nil
	})
	c := w.MustCreateCourse(t, modeltest.Places(4), func(c *catalog.Course) {
		c.Number, c.Name, c.PlacesTakenElsewhere = "C", "Ölmalerei", 3
		later := c.StartDate.AddDate(0, 1, 0)
		c.StartDate, c.EndDate = &later, nil
	})
	book(t, w, a, 3, "CONFIRMED")
	book(t, w, c, 1, "CONFIRMED")
	book(t, w, c, 2, "WAITLISTED")
	if err := update(t, w, a.ID, func(*catalog.CourseInput) {}); err != nil {
		t.Fatal(err)
	}
	if _, err := catalog.SaveCourseType(t.Context(), w.Store, a.CourseTypeID, catalog.CourseTypeInput{Version: "1", Name: a.Name, Category: fmt.Sprint(kat)}); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, address string
		want          []string
	}{
		{"by start, unknown last", "", []string{"A", "C", "B"}},
		{"by name, umlauts among their letters", "sort=name", []string{"B", "A", "C"}},
		{"by number", "sort=number", []string{"A", "B", "C"}},
		{"umlauts and words", "q=anfaenger+FRANZ", []string{"A"}},
		{"percent is a percent", "q=%25", []string{"B"}},
		{"underscore is one", "q=_", []string{}},
		{"state", "state=draft", []string{"B"}},
		{"category", fmt.Sprint("category=", kat), []string{"A"}},
		{"type", fmt.Sprint("type=", c.CourseTypeID), []string{"C"}},
		{"from", "start=2027-01-01..", []string{"C"}},
		{"current, without days too", "ends=from_today", []string{"A", "C", "B"}},
		{"past", "ends=before_today", []string{}},
		{"free", "free=yes", []string{"A", "B"}},
		{"full", "free=no", []string{"C"}},
		{"waiting", "waiting=yes", []string{"C"}},
		{"by places taken", "sort=-taken", []string{"C", "A", "B"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := numbers(t, w, tc.address); !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
	cells := read(t, w, "sort=number&columns=number,taken,free,waiting").Rows[2].Cells
	if taken := cells[1]; taken.Value != int64(4) || *taken.Whole != 4 || cells[2].Value != int64(0) || cells[3].Value != int64(2) {
		t.Errorf("places: %+v", cells)
	}
	// a held place is taken until its time is over
	hold := book(t, w, a, 1, "REQUESTED")
	exec(t, w, "UPDATE bookings SET hold_expires_at = ? WHERE id = ?", w.Now().Add(time.Minute), hold)
	if got := numbers(t, w, "free=no"); !slices.Equal(got, []string{"A", "C"}) {
		t.Errorf("full while a place is held: %q", got)
	}
	exec(t, w, "UPDATE bookings SET hold_expires_at = ? WHERE id = ?", w.Now(), hold)
	if got := numbers(t, w, "free=no"); !slices.Equal(got, []string{"C"}) {
		t.Errorf("full after the hold: %q", got)
	}
	// after A's last day, and an hour after midnight in Berlin
	w.Clock.Set(time.Date(2026, 12, 30, 23, 30, 0, 0, time.UTC))
	if got := numbers(t, w, "ends=from_today"); !slices.Equal(got, []string{"C", "B"}) {
		t.Errorf("current: %q", got)
	}
	if got := numbers(t, w, "ends=before_today"); !slices.Equal(got, []string{"A"}) {
		t.Errorf("past: %q", got)
	}
}

// The counter of sure and waiting places follows every way that bookings can go.
func TestCountsFollowTheBookings(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	courses := []*catalog.Course{w.MustCreateCourse(t), w.MustCreateCourse(t)}
	states := []string{"REQUESTED", "PENDING", "CONFIRMED", "WAITLISTED", "OFFERED", "CANCELLED", "REJECTED", "EXPIRED"}
	var ids []int64
	for i := range 8 {
		ids = append(ids, book(t, w, courses[i%2], 1+i%3, []string{"CONFIRMED", "WAITLISTED", "REQUESTED"}[i%3]))
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 60 {
		id := ids[random.IntN(len(ids))]
		state := states[random.IntN(len(states))]
		exec(t, w, `UPDATE bookings SET state = ?0, places = ?1, course_id = ?2, confirmed_at = now(), waitlisted_at = now(),
			closed_at = CASE WHEN ?0 IN ('CANCELLED', 'REJECTED') THEN now() END WHERE id = ?3`, state, 1+random.IntN(5), courses[random.IntN(2)].ID, id)
		if i%20 == 19 {
			exec(t, w, "DELETE FROM bookings WHERE id = ?", ids[0])
			ids = ids[1:]
		}
		var wrong int
		err := w.NewRaw(`SELECT count(*) FROM course_counts n FULL JOIN (
				SELECT course_id, sum(places) FILTER (WHERE state <> 'WAITLISTED') AS sure, sum(places) FILTER (WHERE state = 'WAITLISTED') AS waiting
				FROM bookings WHERE state IN ('PENDING', 'CONFIRMED', 'OFFERED', 'WAITLISTED') GROUP BY 1) b USING (course_id)
			WHERE (coalesce(n.sure, 0), coalesce(n.waiting, 0)) <> (coalesce(b.sure, 0), coalesce(b.waiting, 0))`).Scan(t.Context(), &wrong)
		if err != nil || wrong > 0 {
			t.Fatalf("after %d changes %d courses are counted wrong: %v", i+1, wrong, err)
		}
	}
}

func TestCoursesWithoutDaysComeLast(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	for i := range 7 {
		w.MustCreateCourse(t, func(c *catalog.Course) {
			c.Number, c.Name = fmt.Sprint(i), fmt.Sprint("Kurs ", i)
			if i > 4 {
				c.StartDate, c.EndDate = nil, nil
			}
		})
	}
	for _, sort := range []string{"start_date", "name", "number"} {
		if want := []string{"0", "1", "2", "3", "4", "5", "6"}; !slices.Equal(numbers(t, w, "sort="+sort), want) {
			t.Errorf("by %s: %q", sort, numbers(t, w, "sort="+sort))
		}
	}
}
