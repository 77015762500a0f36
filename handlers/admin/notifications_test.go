package admin_test

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"testing"

	"github.com/go-rod/rod"

	"kurso/handlers/browsertest"
	"kurso/handlers/handlertest"
	"kurso/models/catalog"
)

const notificationsPath = "/admin/notifications"

// settingOf sets the fields of an event in the form, by the event's name.
func settingOf(v url.Values, event, scope, cadence string) {
	for i := 0; ; i++ {
		prefix := "events." + strconv.Itoa(i) + "."
		switch v.Get(prefix + "event") {
		case "":
			return
		case event:
			v.Set(prefix+"scope", scope)
			v.Set(prefix+"cadence", cadence)
			return
		}
	}
}

func TestNotificationsAreChosen(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	category, err := catalog.SaveCategory(t.Context(), s.Store, 0, catalog.CategoryInput{Code: "4", Name: "Sprachen"})
	if err != nil {
		t.Fatal(err)
	}
	a := s.Get(t, notificationsPath)
	if a.Status != http.StatusOK || len(a.Texts(".k-wishes [data-event]")) != 9 {
		t.Fatalf("%d, %q", a.Status, a.Texts(".k-wishes [data-event]"))
	}
	if got := a.Texts(".k-wishes option[selected]"); !slices.Equal(got, []string{
		"meine Kurse", "sofort", "meine Kurse", "sofort", "meine Kurse", "sofort", "meine Kurse", "sofort",
		"meine Kurse", "gar nicht", "meine Kurse", "gar nicht", "alle Kurse", "täglich", "gar nicht", "gar nicht",
	}) {
		t.Errorf("defaults: %q", got)
	}
	if !slices.Contains(a.Find(".k-top .k-menu-list a").Map(hrefs), notificationsPath) {
		t.Error("the user's menu does not lead there")
	}

	v := a.Fields("main form")
	settingOf(v, "course_full", "categories", "daily")
	refused := s.PostForm(t, notificationsPath, v)
	if refused.Status != http.StatusUnprocessableEntity || len(refused.Texts("#f-categories-error")) != 1 ||
		!slices.Contains(refused.Texts(".k-wishes [data-event=course_full] option[selected]"), "Fachbereiche") {
		t.Errorf("without a category: %d, %q", refused.Status, refused.Texts(".k-error"))
	}
	v.Set("categories", strconv.FormatInt(category, 10))
	if a := s.PostForm(t, notificationsPath, v); a.Status != http.StatusSeeOther || a.Location() != notificationsPath {
		t.Fatalf("saving: %d to %s: %q", a.Status, a.Location(), a.Texts(".k-error"))
	}
	a = s.Get(t, notificationsPath)
	if got := a.Texts("[data-event=course_full] option[selected]"); !slices.Equal(got, []string{"Fachbereiche", "täglich"}) {
		t.Errorf("stored: %q", got)
	}
	if got := a.Texts("[data-event=course_full] .k-help"); len(got) != 2 || got[1] != "Voreinstellung: gar nicht" {
		t.Errorf("explained: %q", got)
	}
	if got := a.Texts(".k-timeline .whitespace-pre-line"); len(got) != 1 || got[0] != "Kurs ausgebucht: gar nicht → Fachbereiche, täglich Meine Fachbereiche: Sprachen" {
		t.Errorf("history: %q", got)
	}
	if got := a.Texts("#flash p"); len(got) != 1 || got[0] != "Benachrichtigungen gespeichert." {
		t.Errorf("said: %q", got)
	}
	settingOf(v, "course_full", "nonsense", "hourly")
	if a := s.PostForm(t, notificationsPath, v); a.Status != http.StatusUnprocessableEntity || len(a.Texts(".k-error")) != 2 {
		t.Errorf("nonsense: %d, %q", a.Status, a.Texts(".k-error"))
	}
}

func TestOnlyWhatARoleCoversIsOffered(t *testing.T) {
	t.Parallel()
	for role, want := range map[string][]string{
		"instructor": {"course_full", "below_minimum", "export"},
		"front_desk": {"booking", "cancellation", "waitlist", "place_free", "course_full", "below_minimum", "mail_failed", "export"},
		"planning":   {"booking", "cancellation", "waitlist", "place_free", "course_full", "below_minimum", "import", "export"},
	} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			s := handlertest.New(t)
			s.SignInAs(t, role)
			a := s.Get(t, notificationsPath)
			var got []string
			for i := range a.Find("[data-event]").Length() {
				got = append(got, a.Find("[data-event]").Eq(i).AttrOr("data-event", ""))
			}
			if !slices.Equal(got, want) {
				t.Errorf("offered: %q", got)
			}
			all := a.Texts("[data-event=course_full] option[value=all]")
			if reach := role == "instructor"; len(all) != 1 || (all[0] == "alle sichtbaren") != reach {
				t.Errorf("all courses are %q", all)
			}
		})
	}
	s := handlertest.New(t)
	s.SignInAs(t)
	if a := s.Get(t, notificationsPath); a.Status != http.StatusOK || a.Find(".k-empty").Length() != 1 || a.Find("main form").Length() != 0 {
		t.Errorf("without a role: %d", a.Status)
	}
	if a := s.Post(t, notificationsPath, "events.0.event", "booking", "events.0.scope", "all", "events.0.cadence", "now"); a.Status != http.StatusSeeOther {
		t.Errorf("saving nothing: %d", a.Status)
	}
	var n int
	if err := s.NewRaw("SELECT count(*) FROM notification_choices").Scan(t.Context(), &n); err != nil || n != 0 {
		t.Errorf("%d choices without permission, %v", n, err)
	}
}

// With scripts, saving keeps the page and says so; the categories show when they matter.
func TestNotificationsInTheBrowser(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	page := browsertest.Page(t, o.signedIn(t), o.URL+notificationsPath, 1280)
	visible := func() string {
		return see(t, page, `String(document.querySelector(".k-if-categories").checkVisibility())`)
	}
	if visible() != "false" {
		t.Error("categories show before they matter")
	}
	pick(t, page, "[data-event=course_full] [name$=scope]", "categories")
	pick(t, page, "[data-event=course_full] [name$=cadence]", "daily")
	if visible() != "true" || see(t, page, `getComputedStyle(document.querySelector(".k-unsaved")).visibility`) != "visible" {
		t.Error("categories do not show, or the change goes unnoticed")
	}
	browsertest.Click(t, page, "#save")
	browsertest.Find(t, page, "#f-categories-error")
	if see(t, page, `document.activeElement.id`) != "errors" {
		t.Error("what is wrong does not get the focus")
	}
	browsertest.Click(t, page, "[name=categories]")
	browsertest.Click(t, page, "#save")
	browsertest.Find(t, page, "#flash .k-flash")
	if got := see(t, page, `document.querySelectorAll("#errors, .k-error, form[data-changed]").length + " " + document.querySelector("[data-event=course_full] [name$=scope]").value + " " + document.activeElement.id`); got != "0 categories save" {
		t.Errorf("after saving: %s", got)
	}
	browsertest.Find(t, page, "#notifications .k-timeline li")
	browsertest.Axe(t, page)
}

func pick(t *testing.T, page *rod.Page, selector, value string) {
	t.Helper()
	_, err := browsertest.Find(t, page, selector).Eval(`(value) => { this.value = value; this.dispatchEvent(new Event("input", {bubbles: true})); this.dispatchEvent(new Event("change", {bubbles: true})) }`, value)
	if err != nil {
		t.Fatal(err)
	}
}
