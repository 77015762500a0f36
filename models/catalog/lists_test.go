package catalog_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"kurso/models/catalog"
	"kurso/models/modeltest"
)

func numbers(t *testing.T, w *modeltest.World, f catalog.CourseFilter) []string {
	t.Helper()
	l, err := catalog.Courses(t.Context(), w.Store, f)
	if err != nil {
		t.Fatal(err)
	}
	if l.Total != len(l.Rows) && l.Next == "" && f.After == "" {
		t.Errorf("total %d, rows %d", l.Total, len(l.Rows))
	}
	out := []string{}
	for _, r := range l.Rows {
		out = append(out, r.Number)
	}
	return out
}

func TestCourseListFilters(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	kat, err := catalog.SaveCategory(t.Context(), w.Store, 0, catalog.CategoryInput{Code: "4", Name: "Sprachen"})
	if err != nil {
		t.Fatal(err)
	}
	a := w.MustCreateCourse(t, modeltest.Places(4), func(c *catalog.Course) { c.Number, c.Name = "A", "Französisch für Anfänger" })
	b := w.MustCreateCourse(t, func(c *catalog.Course) {
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
		name string
		f    catalog.CourseFilter
		want []string
	}{
		{"by start, unknown last", catalog.CourseFilter{}, []string{"A", "C", "B"}},
		{"by name", catalog.CourseFilter{Sort: catalog.ByName}, []string{"B", "A", "C"}},
		{"by number", catalog.CourseFilter{Sort: catalog.ByNumber}, []string{"A", "B", "C"}},
		{"umlauts and words", catalog.CourseFilter{Q: "anfaenger FRANZ"}, []string{"A"}},
		{"percent is a percent", catalog.CourseFilter{Q: "%"}, []string{"B"}},
		{"underscore is one", catalog.CourseFilter{Q: "_"}, []string{}},
		{"state", catalog.CourseFilter{State: catalog.Draft}, []string{"B"}},
		{"unknown state chooses all", catalog.CourseFilter{State: "x"}, []string{"A", "C", "B"}},
		{"category", catalog.CourseFilter{CategoryID: kat}, []string{"A"}},
		{"type", catalog.CourseFilter{CourseTypeID: c.CourseTypeID}, []string{"C"}},
		{"from", catalog.CourseFilter{From: "2027-01-01"}, []string{"C", "B"}},
		{"current", catalog.CourseFilter{When: catalog.Current}, []string{"A", "C", "B"}},
		{"past", catalog.CourseFilter{When: catalog.Past}, []string{}},
		{"free", catalog.CourseFilter{Places: catalog.PlacesFree}, []string{"A", "B"}},
		{"full", catalog.CourseFilter{Places: catalog.PlacesFull}, []string{"C"}},
		{"waiting", catalog.CourseFilter{Places: catalog.PlacesWaiting}, []string{"C"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := numbers(t, w, tc.f); !slices.Equal(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
	l, err := catalog.Courses(t.Context(), w.Store, catalog.CourseFilter{Sort: catalog.ByNumber})
	if err != nil {
		t.Fatal(err)
	}
	if r := l.Rows[2]; r.Taken != 1 || r.Waiting != 2 {
		t.Errorf("places: %+v", r)
	}
	_ = b
	// after A's last day, and an hour after midnight in Berlin
	w.Clock.Set(time.Date(2026, 12, 30, 23, 30, 0, 0, time.UTC))
	if got := numbers(t, w, catalog.CourseFilter{When: catalog.Current}); !slices.Equal(got, []string{"C", "B"}) {
		t.Errorf("current: %q", got)
	}
	if got := numbers(t, w, catalog.CourseFilter{When: catalog.Past}); !slices.Equal(got, []string{"A"}) {
		t.Errorf("past: %q", got)
	}
}

func TestPagesFollowEachOther(t *testing.T) {
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
	for _, sort := range []string{catalog.ByStart, catalog.ByName, catalog.ByNumber} {
		var seen []string
		f := catalog.CourseFilter{Sort: sort, Limit: 3}
		for range 3 {
			l, err := catalog.Courses(t.Context(), w.Store, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range l.Rows {
				seen = append(seen, r.Number)
			}
			if l.Total != 7 {
				t.Errorf("total %d", l.Total)
			}
			f.After = l.Next
		}
		if want := []string{"0", "1", "2", "3", "4", "5", "6"}; !slices.Equal(seen, want) || f.After != "" {
			t.Errorf("by %s: %q, next %q", sort, seen, f.After)
		}
	}
	if got := numbers(t, w, catalog.CourseFilter{After: "rubbish"}); len(got) != 7 {
		t.Errorf("a broken cursor begins at the start, got %q", got)
	}
}
