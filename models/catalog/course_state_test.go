package catalog_test

import (
	"errors"
	"slices"
	"strconv"
	"testing"
	"time"

	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/store"
)

func setState(t *testing.T, w *modeltest.World, id int64, to string) error {
	t.Helper()
	return catalog.SetState(t.Context(), w.Store, id, strconv.Itoa(course(t, w, id).Version), to)
}

func TestPublishing(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	id, err := catalog.CreateCourse(t.Context(), w.Store, catalog.CourseInput{Name: "Neu", MaxPlaces: "0"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"start_date: course.publish.no_start", "prices: course.publish.no_price", "max_places: course.publish.no_places"}
	if got := wrong(t, setState(t, w, id, catalog.Published)); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	err = update(t, w, id, func(in *catalog.CourseInput) {
		in.MaxPlaces, in.StartDate = "", "2027-01-01"
		in.Prices = []catalog.PriceInput{{Name: "kostenlos", Amount: "0"}}
	})
	if err != nil {
		t.Fatal(err)
	}
	if key := ruled(t, setState(t, w, id, catalog.Running)); key != "course.state.impossible" {
		t.Error(key)
	}
	if err := setState(t, w, id, catalog.Published); err != nil {
		t.Fatal(err)
	}
	h := history(t, w, "course", id)[0]
	if h.Action != "course.published" || h.Changes[0].Old != "draft" || h.Changes[0].New != "published" {
		t.Errorf("history: %+v", h)
	}
	if err := catalog.SetState(t.Context(), w.Store, id, "1", catalog.CalledOff); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a stale button: %v", err)
	}
	// a published course stays complete
	if got := wrong(t, update(t, w, id, func(in *catalog.CourseInput) { in.StartDate = "" })); !slices.Equal(got, []string{"start_date: course.publish.no_start"}) {
		t.Error(got)
	}
	if err := update(t, w, id, func(in *catalog.CourseInput) { in.StartDate, in.Delivery = "", catalog.SelfPaced }); err != nil {
		t.Errorf("a self-paced course needs no start: %v", err)
	}
}

func TestPublishingWhatIsOver(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t, func(c *catalog.Course) { c.State = catalog.Planned })
	w.Clock.Advance(60 * 24 * time.Hour)
	if got := wrong(t, setState(t, w, c.ID, catalog.Published)); !slices.Equal(got, []string{"end_date: course.publish.over"}) {
		t.Error(got)
	}
}

func TestEveryStateCanBeLeft(t *testing.T) {
	t.Parallel()
	for _, s := range catalog.States {
		if len(catalog.NextStates(s)) == 0 {
			t.Errorf("%s is a dead end", s)
		}
		for _, next := range catalog.NextStates(s) {
			if !slices.Contains(catalog.States, next) || next == s {
				t.Errorf("%s leads to %s", s, next)
			}
		}
	}
}
