package catalog_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kurso/models/accounts"
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
	l, err := catalog.FindCourseTypes(ctx, w, "engl", 5)
	if err != nil || len(l) != 1 || l[0].ID != ct {
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

// as is a context in which a user with a role of these permissions acts.
func as(t *testing.T, w *modeltest.World, permissions ...string) context.Context {
	t.Helper()
	role, err := accounts.SaveRole(t.Context(), w.Store, 0, accounts.RoleInput{Name: strings.Join(permissions, " "), Reach: accounts.ReachAll, Permissions: permissions})
	if err != nil {
		t.Fatal(err)
	}
	u := w.MustCreateUser(t, "Ada")
	if err := accounts.SaveUser(t.Context(), w.Store, u.ID, accounts.UserInput{Version: "1", Name: u.Name, Roles: []string{strconv.FormatInt(role, 10)}}); err != nil {
		t.Fatal(err)
	}
	grants, err := accounts.LoadGrants(t.Context(), w, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	return accounts.WithGrants(store.WithActor(t.Context(), store.Actor{Kind: "user", UserID: u.ID}), grants)
}

// A link to an account gives access: it is made and ended by those who may change the account, and by nobody else.
func TestLinkingAnInstructorsAccount(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	anna, boss := w.MustCreateUser(t, "Anna", "instructor"), w.MustCreateUser(t, "Boss", accounts.Administration)
	account := func(u *accounts.User) string { return strconv.FormatInt(u.ID, 10) }
	id, err := catalog.SaveInstructor(t.Context(), w.Store, 0, catalog.InstructorInput{LastName: "Muster"})
	if err != nil {
		t.Fatal(err)
	}
	link := func(ctx context.Context, account string) error {
		i, err := catalog.LoadInstructor(ctx, w, id)
		if err != nil {
			return err
		}
		in := catalog.InstructorInputOf(i)
		in.Account = account
		_, err = catalog.SaveInstructor(ctx, w.Store, id, in)
		return err
	}
	planning := as(t, w, "catalogue.read", "catalogue.write", "courses.read", "participants.read")
	office := as(t, w, "catalogue.read", "catalogue.write", "accounts.read", "accounts.write", "courses.read", "participants.read")
	blind := as(t, w, "catalogue.read", "catalogue.write", "accounts.read", "accounts.write")

	if key := ruled(t, link(planning, account(anna))); key != "error.link_account" {
		t.Errorf("without the permission: %s", key)
	}
	for who, c := range map[string]struct {
		ctx context.Context
		u   *accounts.User
	}{"a boss's account": {office, boss}, "an account that sees more": {blind, anna}} {
		if key := ruled(t, link(c.ctx, account(c.u))); key != "error.more_than_yours" {
			t.Errorf("%s: %s", who, key)
		}
	}
	if err := link(office, account(anna)); err != nil {
		t.Fatal(err)
	}
	if h := history(t, w, "instructor", id)[0].Changes; len(h) != 1 || h[0].Field != "account" || h[0].New != account(anna) {
		t.Errorf("history: %+v", h)
	}
	if err := link(planning, account(anna)); err != nil {
		t.Errorf("leaving it as it is: %v", err)
	}
	if key := ruled(t, link(planning, "")); key != "error.link_account" {
		t.Errorf("ending it without the permission: %s", key)
	}

	support, gone := w.MustCreateUser(t, "Support"), w.MustCreateUser(t, "Gone")
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE users SET kind = 'support', access_ends_at = ? WHERE id = ?", w.Now().Add(3600e9), support.ID).Exec(ctx)
		return err
	})
	if err := accounts.Deactivate(t.Context(), w.Store, gone.ID); err != nil {
		t.Fatal(err)
	}
	for _, chosen := range []string{account(support), account(gone), "999999", "x"} {
		if got := wrong(t, link(t.Context(), chosen)); !slices.Equal(got, []string{"account: invalid.choice"}) {
			t.Errorf("%s: %v", chosen, got)
		}
	}
	second := catalog.InstructorInput{LastName: "Zweite", Account: account(anna)}
	if _, err := catalog.SaveInstructor(t.Context(), w.Store, 0, second); !slices.Equal(wrong(t, err), []string{"account: instructor.account.taken"}) {
		t.Error(err)
	}
	second.Account = account(boss)
	other, err := catalog.SaveInstructor(t.Context(), w.Store, 0, second)
	if err != nil {
		t.Fatal(err)
	}
	if h := history(t, w, "instructor", other); len(h) != 2 || h[0].Changes[0].New != account(boss) {
		t.Errorf("the link of a new one: %+v", h)
	}

	// who leaves keeps the link, and is still among the choices there
	if err := accounts.Deactivate(t.Context(), w.Store, anna.ID); err != nil {
		t.Fatal(err)
	}
	if err := link(t.Context(), account(anna)); err != nil {
		t.Error(err)
	}
	names := func(id int64) (out []string) {
		list, err := catalog.AccountsFor(t.Context(), w, id, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range list {
			out = append(out, u.Name)
		}
		return out
	}
	if got := names(id); !slices.Equal(got, []string{"Ada", "Ada", "Ada", "Anna"}) {
		t.Errorf("choices: %v", got)
	}
	if got := names(0); !slices.Equal(got, []string{"Ada", "Ada", "Ada"}) {
		t.Errorf("choices of a new one: %v", got)
	}
	if err := link(office, ""); err != nil {
		t.Fatal(err)
	}
	if h := history(t, w, "instructor", id)[0].Changes; h[0].Old != account(anna) || h[0].New != "" {
		t.Errorf("history: %+v", h)
	}
}
