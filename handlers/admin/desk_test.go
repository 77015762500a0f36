package admin_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/go-rod/rod"

	"kurso/handlers/browsertest"
	"kurso/handlers/handlertest"
	"kurso/models/accounts"
	"kurso/models/desk"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// colleague is another user, in another browser.
func (o *office) colleague(t testing.TB, name string, roles ...string) (*handlertest.Site, *accounts.User) {
	t.Helper()
	s := o.Another(t, "")
	u := s.SignInAs(t, roles...)
	o.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE users SET name = ? WHERE id = ?", name, u.ID).Exec(ctx)
		return err
	})
	return s, u
}

func TestWhoElseIsOnARecord(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	other, _ := o.colleague(t, "Maria Muster", accounts.Administration)
	number := func(id int64) string { return strconv.FormatInt(id, 10) }
	for page, asks := range map[string]string{
		"/admin/courses/" + number(o.open.ID):                "/admin/presences/course/" + number(o.open.ID),
		"/admin/courses/" + number(o.open.ID) + "/edit":      "/admin/presences/course/" + number(o.open.ID),
		"/admin/course-types/" + number(o.open.CourseTypeID): "/admin/presences/course_type/" + number(o.open.CourseTypeID),
		"/admin/categories/" + number(o.category):            "/admin/presences/category/" + number(o.category),
		"/admin/locations/" + number(o.location):             "/admin/presences/location/" + number(o.location),
		"/admin/instructors/" + number(o.instructor):         "/admin/presences/instructor/" + number(o.instructor),
		"/admin/bookings/" + number(o.waiting):               "/admin/presences/booking/" + number(o.waiting),
		"/admin/settings":                                    "/admin/presences/provider/1",
	} {
		a := o.Get(t, page)
		if got := a.Find("[data-here]").AttrOr("data-here", ""); got != asks {
			t.Errorf("%s asks %q", page, got)
		}
		if _, editing := a.Find("[data-here]").Attr("data-editing"); editing != strings.HasSuffix(page, "/edit") {
			t.Errorf("%s is there to edit: %t", page, editing)
		}
		if a := o.Post(t, asks); a.Status != http.StatusOK || strings.TrimSpace(a.Find("body").Text()) != "" {
			t.Errorf("%s, alone: %d %q", asks, a.Status, a.Body)
		}
		a = other.Post(t, asks, "editing", "true")
		want(t, asks, a.Texts(".k-chip"), []string{"Auch hier: Erika Beispiel"})
		a = o.Post(t, asks)
		want(t, asks, a.Texts(".k-chip"), []string{"Auch hier: Maria Muster (bearbeitet)"})
		o.Clock.Advance(desk.PresentFor)
		if a := o.Post(t, asks); a.Find(".k-chip").Length() != 0 {
			t.Errorf("%s, after a minute: %q", asks, a.Body)
		}
	}
	if o.Get(t, "/admin/courses/new").Find("[data-here]").Length() != 0 {
		t.Error("somebody could be on a record that is not there")
	}
	for _, path := range []string{"/admin/presences/course/x", "/admin/presences/course/-1", "/admin/presences/rubbish/1"} {
		status(t, path, o.Post(t, path), http.StatusNotFound)
	}
}

// Who may not see a record must not learn who is on it.
func TestPresenceEndsWhereRightsEnd(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	instructor, u := o.colleague(t, "Aylin Demir", "instructor")
	o.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE instructors SET user_id = ? WHERE id = ?", u.ID, o.instructor).Exec(ctx)
		return err
	})
	course := func(id int64) string { return "/admin/presences/course/" + strconv.FormatInt(id, 10) }
	status(t, "administration", o.Post(t, course(o.full.ID)), http.StatusOK)
	status(t, "one's own course", instructor.Post(t, course(o.open.ID)), http.StatusOK)
	status(t, "another course", instructor.Post(t, course(o.full.ID)), http.StatusNotFound)
	status(t, "a booking", instructor.Post(t, "/admin/presences/booking/"+strconv.FormatInt(o.waiting, 10)), http.StatusForbidden)
	status(t, "the settings", instructor.Post(t, "/admin/presences/provider/1"), http.StatusForbidden)
	status(t, "nobody", o.Another(t, "").Post(t, course(o.open.ID)), http.StatusSeeOther)
}

// A page that lies open asks for hours; nobody is there.
func TestAskingWhoIsHereKeepsNobodySignedIn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	path := "/admin/presences/course/" + strconv.FormatInt(o.open.ID, 10)
	for range 4 {
		o.Clock.Advance(accounts.IdleAfter / 4)
		a := o.Post(t, path)
		if gone := a.Status == http.StatusSeeOther; gone != (o.Now().Sub(modeltest.Start) >= accounts.IdleAfter) {
			t.Errorf("after %s: %d", o.Now().Sub(modeltest.Start), a.Status)
		}
	}
}

// Two people on one record see each other, and nothing moves when somebody comes.
func TestTwoPeopleSeeEachOther(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	_, maria := o.colleague(t, "Maria Muster", accounts.Administration)
	address := o.URL + "/admin/locations/" + strconv.FormatInt(o.location, 10)
	for _, width := range []int{1280, 360} {
		mine := browsertest.Page(t, o.signedInAs(t, o.email), address, width)
		before := see(t, mine, `JSON.stringify(document.querySelector("h1").getBoundingClientRect()) + document.querySelector(".k-form").getBoundingClientRect().y`)
		theirs := browsertest.Page(t, o.signedInAs(t, maria.Email), address, width)
		browsertest.Find(t, theirs, "[data-here] .k-chip")
		if got := see(t, theirs, `document.querySelector("[data-here]").textContent.trim().replace(/\s+/g, " ")`); got != "Auch hier: Erika Beispiel" {
			t.Errorf("at %d, Maria sees %q", width, got)
		}
		browsertest.Fill(t, theirs, "[name=street]", "Marktplatz 2")
		again(t, theirs)
		again(t, mine)
		browsertest.Find(t, mine, "[data-here] .k-chip[title*='Maria Muster (bearbeitet)']")
		if after := see(t, mine, `JSON.stringify(document.querySelector("h1").getBoundingClientRect()) + document.querySelector(".k-form").getBoundingClientRect().y`); after != before {
			t.Errorf("at %d, the page moved: %s, %s", width, before, after)
		}
		browsertest.Axe(t, mine)
		o.Clock.Advance(desk.PresentFor)
		again(t, mine)
		browsertest.Find(t, mine, "[data-here]:empty")
	}
}

// again makes a page ask now, as it does when it comes into sight.
func again(t testing.TB, page *rod.Page) {
	t.Helper()
	if _, err := page.Eval(`() => document.dispatchEvent(new Event("visibilitychange"))`); err != nil {
		t.Fatal(err)
	}
}
