package catalog_test

import (
	"errors"
	"slices"
	"strconv"
	"testing"

	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/store"
)

func TestLocationsAndRooms(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	in := catalog.LocationInput{Name: "Haus am Markt", Town: "Ulm", Accessible: "no", Latitude: "48,4", Longitude: "9.98",
		Rooms: []catalog.RoomInput{{Name: "101", Capacity: "20"}, {}, {Name: "102"}}}
	id, err := catalog.SaveLocation(t.Context(), w.Store, 0, in)
	if err != nil {
		t.Fatal(err)
	}
	load := func() *catalog.Location {
		l, err := catalog.LoadLocation(t.Context(), w, id)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := load()
	if len(l.Rooms) != 2 || *l.Rooms[0].Capacity != 20 || *l.Accessible || *l.Latitude != 48.4 {
		t.Fatalf("%+v", l)
	}
	save := func(change func(*catalog.LocationInput)) error {
		in := catalog.LocationInputOf(load())
		change(&in)
		_, err := catalog.SaveLocation(t.Context(), w.Store, id, in)
		return err
	}
	if err := save(func(*catalog.LocationInput) {}); err != nil || load().Version != 1 {
		t.Errorf("unchanged: %v, version %d", err, load().Version)
	}
	if got := wrong(t, save(func(in *catalog.LocationInput) {
		in.Name, in.Latitude = "", "91"
		in.Rooms[1].Name = "101"
	})); !slices.Equal(got, []string{"name: invalid.required", "latitude: invalid.range", "rooms.1.name: invalid.taken"}) {
		t.Error(got)
	}
	c := w.MustCreateCourse(t)
	room := strconv.FormatInt(l.Rooms[0].ID, 10)
	if err := update(t, w, c.ID, func(in *catalog.CourseInput) { in.Location, in.Sessions[0].Room = strconv.FormatInt(id, 10), room }); err != nil {
		t.Fatal(err)
	}
	if h := history(t, w, "course", c.ID)[0].Changes; h[0].New != "2026-12-23 18:30–21:00, 101" || h[1].New != "Haus am Markt" {
		t.Errorf("history: %+v", h)
	}
	if got := wrong(t, save(func(in *catalog.LocationInput) { in.Rooms[0].Remove = true })); !slices.Equal(got, []string{"rooms.0.remove: location.room.used"}) {
		t.Error(got)
	}
	if err := save(func(in *catalog.LocationInput) { in.Rooms[1].Remove, in.Rooms[0].Name = true, "102" }); err != nil {
		t.Fatal(err)
	}
	if l := load(); len(l.Rooms) != 1 || l.Rooms[0].Name != "102" || l.Version != 2 {
		t.Errorf("%+v", l)
	}
	if key := ruled(t, catalog.DeleteLocation(t.Context(), w.Store, id, "2")); key != "location.delete.used" {
		t.Error(key)
	}
	if err := update(t, w, c.ID, func(in *catalog.CourseInput) { in.Location, in.Sessions[0].Room = "", "" }); err != nil {
		t.Fatal(err)
	}
	if err := catalog.DeleteLocation(t.Context(), w.Store, id, "1"); !errors.Is(err, store.ErrConflict) {
		t.Errorf("stale: %v", err)
	}
	if err := catalog.DeleteLocation(t.Context(), w.Store, id, "2"); err != nil {
		t.Fatal(err)
	}
	if _, err := catalog.LoadLocation(t.Context(), w, id); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("deleted: %v", err)
	}
}

func TestCategoriesAndCourseTypes(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	ctx := t.Context()
	id, err := catalog.SaveCategory(ctx, w.Store, 0, catalog.CategoryInput{Code: "4", Name: "Sprachen", Position: "4"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := catalog.SaveCategory(ctx, w.Store, 0, catalog.CategoryInput{Code: "4", Name: "Nochmal"}); !slices.Equal(wrong(t, err), []string{"code: invalid.taken"}) {
		t.Error(err)
	}
	ct, err := catalog.SaveCourseType(ctx, w.Store, 0, catalog.CourseTypeInput{Name: "Englisch", Category: strconv.FormatInt(id, 10), Description: "Zeile\n\nAbsatz"})
	if err != nil {
		t.Fatal(err)
	}
	stored, err := catalog.LoadCourseType(ctx, w, ct)
	if err != nil || stored.Description != "<p>Zeile</p><p>Absatz</p>" || stored.Category.Name != "Sprachen" {
		t.Fatalf("%+v, %v", stored, err)
	}
	// a description goes through the form and back as it is
	in := catalog.CourseTypeInputOf(stored)
	if _, err := catalog.SaveCourseType(ctx, w.Store, ct, in); err != nil {
		t.Fatal(err)
	}
	if h := history(t, w, "course_type", ct); len(h) != 1 {
		t.Errorf("history: %+v", h)
	}
	in.Category = ""
	if _, err := catalog.SaveCourseType(ctx, w.Store, ct, in); err != nil {
		t.Fatal(err)
	}
	if h := history(t, w, "course_type", ct); h[0].Changes[0].Old != "Sprachen" {
		t.Errorf("history: %+v", h[0])
	}
	if _, err := catalog.SaveCourseType(ctx, w.Store, ct, in); !errors.Is(err, store.ErrConflict) {
		t.Errorf("stale: %v", err)
	}
	if err := catalog.DeleteCategory(ctx, w.Store, id, "1"); err != nil {
		t.Fatal(err)
	}
	c := w.MustCreateCourse(t)
	if key := ruled(t, catalog.DeleteCourseType(ctx, w.Store, c.CourseTypeID, "1")); key != "course_type.delete.used" {
		t.Error(key)
	}
	l, err := catalog.CourseTypes(ctx, w, catalog.CourseTypeFilter{Q: "engl"})
	if err != nil || len(l.Rows) != 1 || l.Rows[0].Courses != 0 {
		t.Errorf("%+v, %v", l, err)
	}
}

func TestInstructors(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	id, err := catalog.SaveInstructor(t.Context(), w.Store, 0, catalog.InstructorInput{FirstName: "Anna", LastName: "Muster", Email: "anna@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	i, err := catalog.LoadInstructor(t.Context(), w, id)
	if err != nil {
		t.Fatal(err)
	}
	in := catalog.InstructorInputOf(i)
	in.Email, in.LastName = "anna", ""
	if _, err := catalog.SaveInstructor(t.Context(), w.Store, id, in); !slices.Equal(wrong(t, err), []string{"last_name: invalid.required", "email: invalid.email"}) {
		t.Error(err)
	}
	in = catalog.InstructorInputOf(i)
	in.LastName, in.Published = "Beispiel", true
	if _, err := catalog.SaveInstructor(t.Context(), w.Store, id, in); err != nil {
		t.Fatal(err)
	}
	h := history(t, w, "instructor", id)[0].Changes
	if len(h) != 2 || h[0].Field != "last_name" || h[0].Old+h[0].New != "" || h[1].New != "true" {
		t.Errorf("a name is personal and not noted: %+v", h)
	}
	if err := catalog.DeleteInstructor(t.Context(), w.Store, id, "2"); err != nil {
		t.Error(err)
	}
}
