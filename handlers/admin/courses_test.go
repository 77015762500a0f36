package admin_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kurso/handlers/handlertest"
	"kurso/models/catalog"
	"kurso/models/store"
)

const first = ".k-cell-link"

func coursePath(id int64) string { return "/admin/courses/" + strconv.FormatInt(id, 10) }

func want(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func status(t *testing.T, what string, a *handlertest.Answer, code int) {
	t.Helper()
	if a.Status != code {
		t.Fatalf("%s: status %d, want %d\n%s", what, a.Status, code, strings.Join(a.Texts("main"), "\n"))
	}
}

func TestCourseList(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	if to := o.Get(t, "/admin/courses").Location(); to != "/admin/courses?ends=from_today" {
		t.Errorf("the list opens at %s", to)
	}
	a := o.Get(t, "/admin/courses?ends=from_today")
	want(t, "all", a.Texts(first), []string{o.full.Name, o.open.Name, "Yoga am Morgen"})
	want(t, "how many", a.Texts(".k-chips [role=status]"), []string{"3 Kurse"})
	want(t, "places", a.Texts("tbody td:nth-child(3)")[:2], []string{"4 von 4", "5 von 12"})
	want(t, "waiting", a.Texts("tbody td:nth-child(4)")[:2], []string{"2", "– keine Angabe"})
	a = o.Get(t, "/admin/courses?q=englisch&state=published&free=yes&start=2026-12-01..&ends=from_today")
	want(t, "filtered", a.Texts(first), []string{o.open.Name})
	want(t, "chips", a.Texts(".k-chips .k-chip"), []string{"enthält „englisch“", "Ende: ab heute", "Status ist Veröffentlicht", "Plätze frei ist ja", "Beginn ab 01.12.2026"})
	if href := a.Find(".k-chip-remove").First().AttrOr("href", ""); strings.Contains(href, "q=") || !strings.Contains(href, "state=published") {
		t.Errorf("a chip leads to %s", href)
	}
	if a.Find("input[name=q]").AttrOr("value", "") != "englisch" || a.Find("select[name=state] option[selected]").AttrOr("value", "") != "published" {
		t.Error("the filter forgets what was asked")
	}
	want(t, "by name", o.Get(t, "/admin/courses?sort=name").Texts(first), []string{o.full.Name, o.open.Name, "Yoga am Morgen"})
	a = o.Get(t, "/admin/courses?q=nichts&ends=from_today")
	if a.Find("table").Length() != 0 || a.Find(".k-empty a[href='/admin/courses?q=nichts']").Length() != 1 {
		t.Error("nothing found does not say what to do")
	}
	fragment := o.Do(t, http.MethodGet, "/admin/courses?q=yoga", nil, "HX-Request", "true")
	if fragment.Find("nav.k-side").Length() != 0 || fragment.Find("#list").Length() != 1 || !strings.Contains(strings.Join(fragment.Header.Values("Vary"), ","), "HX-Request") {
		t.Errorf("htmx gets more than the list: %.200s", fragment.Body)
	}
	o.Clock.Advance(60 * 24 * time.Hour)
	o.SignIn(t)
	want(t, "current", o.Get(t, "/admin/courses?ends=from_today").Texts(first), []string{"Yoga am Morgen"})
	want(t, "past", o.Get(t, "/admin/courses?ends=before_today").Texts(first), []string{o.full.Name, o.open.Name})
	want(t, "everything", o.Get(t, "/admin/courses?all=1").Texts(first), []string{o.full.Name, o.open.Name, "Yoga am Morgen"})
	a = o.Get(t, "/admin/courses?state=x&category=x&sort=x")
	status(t, "rubbish", a, http.StatusUnprocessableEntity)
	if said := a.Find("main").Text(); !strings.Contains(said, "Status: ") || !strings.Contains(said, "Fachbereich: ") {
		t.Errorf("the fields are not named: %s", said)
	}
}

func TestCourseListOfAnEmptyOffice(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	a := s.Get(t, "/admin/courses?ends=from_today")
	if a.Find(".k-empty").Length() != 1 || a.Find(".k-filter").Length() != 0 || a.Find("a[href='/admin/courses/new']").Length() != 1 {
		t.Error("an empty office does not say how to begin")
	}
}

func TestCoursePage(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a := o.Get(t, coursePath(o.open.ID))
	status(t, "course", a, http.StatusOK)
	if a.Find(".k-prose strong").Text() != "Englisch" {
		t.Error("the description is not shown as HTML")
	}
	text := strings.Join(a.Texts("main"), " ")
	for _, part := range []string{"Haus am Markt", "Dr. Aylin Demir", "Raum 101", "82,80 €", "23.12.2026 – 30.12.2026", "Untertitel: Kompaktkurs", "Kursleitung: Dr. Aylin Demir", "Zuständig: Erika Beispiel", "Erika Beispiel", "7 frei"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing", part)
		}
	}
	if n := a.Find(".k-record li:contains('Kim Beispiel')").Length(); n != 4 {
		t.Errorf("%d bookings", n)
	}
	for _, path := range []string{"/admin/courses/999", "/admin/courses/x", "/admin/courses/999/edit", "/admin/courses/999/state", "/admin/courses/new?from=999", "/admin/courses/new?type=999"} {
		status(t, path, o.Get(t, path), http.StatusNotFound)
	}
	for _, path := range []string{"/admin/courses/999", "/admin/courses/999/state", "/admin/courses/999/deletion"} {
		status(t, path, o.Post(t, path, "to", "published"), http.StatusNotFound)
	}
}

func TestCourseFromNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	fields := o.Get(t, "/admin/courses/new").Fields("form.k-form")
	fields.Set("name", `<script>alert("x")</script>`)
	fields.Set("max_places", "acht")
	fields.Set("sessions.0.date", "2027-02-03")
	fields.Set("sessions.0.from", "25:00")
	a := o.PostForm(t, "/admin/courses", fields)
	status(t, "wrong input", a, http.StatusUnprocessableEntity)
	want(t, "errors", a.Texts("#errors li"), []string{
		"Termin 1, Von: Bitte geben Sie eine Uhrzeit ein, zum Beispiel 18:30.", "Höchstzahl: Bitte geben Sie eine Zahl ein.",
	})
	fields.Set("sessions.0.from", "")
	fields.Set("sessions.0.date", "")
	if a.Find("#f-name").AttrOr("value", "") != fields.Get("name") || a.Find("#f-max_places").AttrOr("value", "") != "acht" {
		t.Error("what was typed is lost")
	}
	if a.Find("main script").Length() != 0 {
		t.Error("a title becomes a script")
	}
	fields.Set("max_places", "8")
	fields.Set("prices.0.name", "Normalpreis")
	fields.Set("prices.0.amount", "82,80")

	// a row more, and a series: shown, not saved
	fields.Set("do", "add_price")
	a = o.PostForm(t, "/admin/courses", fields)
	status(t, "a row more", a, http.StatusOK)
	if a.Find("[name='prices.1.name'][autofocus]").Length() != 1 || a.Find("[name='prices.0.amount']").AttrOr("value", "") != "82,80" {
		t.Error("no second row of prices")
	}
	fields.Set("do", "add_series")
	fields.Set("series.first", "2027-02-03")
	fields.Set("series.count", "3")
	fields.Set("series.every", "7")
	fields.Set("series.from", "18:30")
	a = o.PostForm(t, "/admin/courses", fields)
	status(t, "half a series", a, http.StatusUnprocessableEntity)
	if a.Find("#f-series-to-error").Length() != 1 {
		t.Error("the missing end is not noted at its field")
	}
	fields.Set("series.to", "21:00")
	a = o.PostForm(t, "/admin/courses", fields)
	status(t, "a series", a, http.StatusOK)
	if a.Find("[name='sessions.2.date']").AttrOr("value", "") != "2027-02-17" {
		t.Errorf("dates: %v", a.Find("[name$='.date']").Length())
	}
	fields = a.Fields("form.k-form")
	a = o.PostForm(t, "/admin/courses", fields)
	status(t, "saved", a, http.StatusSeeOther)
	a = o.Get(t, a.Location())
	want(t, "flash", a.Texts("#flash p"), []string{"Kurs angelegt. Er ist ein Entwurf, bis Sie ihn veröffentlichen."})
	if !strings.Contains(strings.Join(a.Texts("main"), " "), "Mi., 17.02.2027, 18:30–21:00 Uhr") {
		t.Error("the sessions are not there")
	}
	if a.Find("main script").Length() != 0 || a.Find("h1").Text() != `<script>alert("x")</script>` {
		t.Error("a title becomes a script")
	}
}

func TestEditingACourse(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	edit := coursePath(o.open.ID) + "/edit"
	fields := o.Get(t, edit).Fields("form.k-form")
	fields.Set("max_places", "4")
	fields.Set("places_taken_elsewhere", "2")
	a := o.PostForm(t, coursePath(o.open.ID), fields)
	status(t, "too few places", a, http.StatusUnprocessableEntity)
	want(t, "reason", a.Texts("#f-max_places-error"), []string{"5 Plätze sind schon vergeben. Stornieren Sie zuerst Buchungen."})
}

func TestStatesOfACourse(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a := o.Get(t, coursePath(o.draft))
	action, _ := a.Find("form:has(button[value=published])").Attr("action")
	a = o.Post(t, action, "to", "published")
	status(t, "publishing a bare draft", a, http.StatusUnprocessableEntity)
	if n := a.Find("#errors li").Length(); n != 2 {
		t.Errorf("%d reasons", n)
	}
	if a.Find("#errors a[href='"+coursePath(o.draft)+"/edit#f-prices-0-name']").Length() != 1 {
		t.Error("what is missing does not lead to the form")
	}
	fields := o.Get(t, coursePath(o.draft)+"/edit").Fields("form.k-form")
	fields.Set("start_date", "2027-03-01")
	fields.Set("prices.0.name", "kostenlos")
	fields.Set("prices.0.amount", "0")
	status(t, "completing", o.PostForm(t, coursePath(o.draft), fields), http.StatusSeeOther)
	a = o.Post(t, action, "to", "published")
	status(t, "a stale button", a, http.StatusConflict)
	if a.Find("#stale").Length() != 1 || a.Find("form:has(button[value=published])").AttrOr("action", action) == action {
		t.Error("the page does not tell what changed, or cannot be decided by")
	}
	action, _ = o.Get(t, coursePath(o.draft)).Find("form:has(button[value=published])").Attr("action")
	status(t, "publishing", o.Post(t, action, "to", "published"), http.StatusSeeOther)
	want(t, "state", o.Get(t, coursePath(o.draft)).Texts(".k-pagehead .k-state"), []string{"Veröffentlicht"})

	// without scripts the dialog's link leads to a page that asks the same
	a = o.Get(t, coursePath(o.full.ID))
	href, _ := a.Find("a[data-dialog=call-off]").Attr("href")
	a = o.Get(t, href)
	status(t, "question", a, http.StatusOK)
	if !strings.Contains(strings.Join(a.Texts("form.k-form"), ""), "6 Plätze sind gebucht") {
		t.Errorf("the question does not say what happens: %q", a.Texts("form.k-form"))
	}
	status(t, "calling off", o.PostForm(t, a.Find("form.k-form").AttrOr("action", ""), url.Values{"to": {catalog.CalledOff}}), http.StatusSeeOther)
	want(t, "state", o.Get(t, coursePath(o.full.ID)).Texts(".k-pagehead .k-state"), []string{"Abgesagt"})
}

func TestDeletingACourse(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ask := func(id int64) string {
		a := o.Get(t, coursePath(id)+"/deletion")
		status(t, "question", a, http.StatusOK)
		return a.Find("form.k-form").AttrOr("action", "")
	}
	a := o.Post(t, ask(o.full.ID))
	status(t, "a booked course", a, http.StatusUnprocessableEntity)
	if !strings.Contains(a.Texts("#errors")[0], "Buchungen: 2") {
		t.Errorf("reason: %q", a.Texts("#errors"))
	}
	status(t, "a draft", o.Post(t, ask(o.draft)), http.StatusSeeOther)
	status(t, "deleted", o.Get(t, coursePath(o.draft)), http.StatusNotFound)
}

func TestCopiesAndSuggestions(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a := o.Get(t, "/admin/courses/new?from="+strconv.FormatInt(o.open.ID, 10))
	if a.Find("#f-name").AttrOr("value", "") != o.open.Name || a.Find("#f-number").AttrOr("value", "x") != "" || a.Find("[name='prices.0.id']").AttrOr("value", "x") != "" {
		t.Error("a copy takes over the wrong things")
	}
	status(t, "saving the copy", o.PostForm(t, "/admin/courses", a.Fields("form.k-form")), http.StatusSeeOther)
	a = o.Get(t, "/admin/suggestions/instructors?instructors.0=demi")
	if got := a.Find("option").AttrOr("value", ""); got != catalog.Pick("Dr. Aylin Demir", o.instructor) {
		t.Errorf("suggested %q", got)
	}
	a = o.Get(t, "/admin/suggestions/course-types?course_type=engl")
	if got := a.Find("option").AttrOr("value", ""); got != catalog.Pick(o.open.Name, o.open.CourseTypeID) {
		t.Errorf("suggested %q", got)
	}
}

func TestTooManyRows(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	fields := o.Get(t, "/admin/courses/new").Fields("form.k-form")
	fields.Set("name", "Viele Termine")
	for i := range catalog.MaxSessions {
		fields.Set("sessions."+strconv.Itoa(i)+".date", "2027-01-01")
	}
	fields.Set("do", "add_session")
	a := o.PostForm(t, "/admin/courses", fields)
	status(t, "a row more", a, http.StatusOK)
	fields = a.Fields("form.k-form")
	fields.Set("sessions.200.date", "2027-01-01")
	a = o.PostForm(t, "/admin/courses", fields)
	status(t, "saving", a, http.StatusUnprocessableEntity)
	want(t, "reason", a.Texts("#errors li"), []string{"Termine: Das sind zu viele: höchstens 200."})
	fields.Set("sessions.999999.date", "2027-01-01")
	status(t, "rubbish", o.PostForm(t, "/admin/courses", fields), http.StatusUnprocessableEntity)
}

func TestNumbersInEnglish(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE users SET locale = 'en'").Exec(ctx)
		return err
	})
	a := o.Get(t, coursePath(o.open.ID)+"/edit")
	if got := a.Find("[name='prices.0.amount']").AttrOr("value", ""); got != "82.80" {
		t.Errorf("amount %q", got)
	}
	status(t, "saved", o.PostForm(t, coursePath(o.open.ID), a.Fields("form.k-form")), http.StatusSeeOther)
	if n := o.Get(t, coursePath(o.open.ID)).Find(".k-timeline li").Length(); n != 1 {
		t.Errorf("an unchanged form made an entry: %d", n)
	}
}
