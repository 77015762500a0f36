package booking_test

import (
	"slices"
	"testing"
	"time"

	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/modeltest"
)

func TestComingCourses(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	course := func(name string, days, low int, state string) *catalog.Course {
		return w.MustCreateCourse(t, func(c *catalog.Course) {
			day := time.Date(2026, 11, 23+days, 0, 0, 0, 0, time.UTC)
			c.Name, c.State, c.StartDate, c.EndDate, c.MinPlaces = name, state, &day, nil, &low
		})
	}
	course("later", 40, 5, catalog.Published)
	course("soon", 21, 5, catalog.Published)
	course("enough", 3, 0, catalog.Published)
	course("today", 0, 5, catalog.Running)
	course("over", -1, 5, catalog.Running)
	course("draft", 3, 5, catalog.Draft)
	names := func(list []*booking.ComingCourse, err error) []string {
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, c := range list {
			out = append(out, c.Name)
		}
		return out
	}
	if got := names(booking.ComingCourses(t.Context(), w.Store, 3)); !slices.Equal(got, []string{"today", "enough", "soon"}) {
		t.Errorf("coming: %q", got)
	}
	if got := names(booking.BelowMinimum(t.Context(), w.Store, 9)); !slices.Equal(got, []string{"today", "soon"}) {
		t.Errorf("below minimum: %q", got)
	}
	// in Berlin the day is over an hour before it is in London
	w.Clock.Set(time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC))
	if got := names(booking.ComingCourses(t.Context(), w.Store, 1)); !slices.Equal(got, []string{"enough"}) {
		t.Errorf("after midnight in Berlin: %q", got)
	}
}
