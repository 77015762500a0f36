package admin_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"kurso/handlers/handlertest"
	"kurso/models/store"
)

func TestLists(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, c := range []struct{ path, query, region, want string }{
		{"/admin/course-types", "q=yoga", "list", "Yoga am Morgen"},
		{"/admin/locations", "q=markt", "list", "Haus am Markt"},
		{"/admin/instructors", "q=demir", "list", "Dr. Aylin Demir"},
	} {
		a := o.Get(t, c.path)
		status(t, c.path, a, http.StatusOK)
		if a.Find("a[href='"+c.path+"/new'][data-key=n]").Length() != 1 {
			t.Errorf("%s does not lead to a new one", c.path)
		}
		a = o.Get(t, c.path+"?"+c.query)
		want(t, c.path, a.Texts(first), []string{c.want})
		if a := o.Get(t, c.path+"?q=nichts"); a.Find(".k-empty a[href='"+c.path+"?all=1']").Length() != 1 {
			t.Errorf("%s: nothing found says nothing", c.path)
		}
		fragment := o.Do(t, http.MethodGet, c.path+"?"+c.query, nil, "HX-Request", "true")
		if fragment.Find("nav.k-side").Length() != 0 || fragment.Find("#"+c.region+" tbody tr").Length() != 1 {
			t.Errorf("%s: htmx does not get the list alone", c.path)
		}
	}
	want(t, "sessions", o.Get(t, "/admin/sessions?course="+strconv.FormatInt(o.open.ID, 10)).Texts(".k-chips [role=status]"), []string{"2 Termine"})
	want(t, "rooms", o.Get(t, "/admin/rooms").Texts("tbody td:nth-child(2)")[:1], []string{"Haus am Markt"})
	want(t, "categories", o.Get(t, "/admin/categories").Texts(first), []string{"Sprachen"})
	a := o.Get(t, "/admin/course-types?category="+strconv.FormatInt(o.category, 10))
	want(t, "of a category", a.Texts(".k-chips .k-chip"), []string{"Fachbereich ist Sprachen"})
}

func TestListsOfAnEmptyOffice(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	for _, path := range []string{"/admin/course-types", "/admin/categories", "/admin/locations", "/admin/instructors"} {
		if a := s.Get(t, path); a.Find(".k-empty h2").Length() != 1 || a.Find(".k-filter").Length() != 0 {
			t.Errorf("%s does not say what belongs here", path)
		}
	}
	for _, path := range []string{"/admin/course-types/new", "/admin/categories/new", "/admin/locations/new", "/admin/instructors/new"} {
		a := s.Get(t, path)
		status(t, path, a, http.StatusOK)
		if a.Find("form.k-form").AttrOr("action", "") != strings.TrimSuffix(path, "/new") {
			t.Errorf("%s: the form goes elsewhere", path)
		}
	}
	a := s.Get(t, "/admin")
	if a.Find("main a.btn-primary[href='/admin/setup-assistant']").Length() != 1 {
		t.Error("an empty office does not lead to the assistant")
	}
	want(t, "first steps", a.Find("main ol a").Map(hrefs), []string{"/admin/settings", "/admin/imports", "/admin/courses/new"})
}

// Each kind of record is created, shown, changed, met by a second editor, and deleted.
func TestRecords(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, c := range []struct {
		path     string
		required string
		values   map[string]string
	}{
		{"/admin/course-types", "name", map[string]string{"name": "Neue <Kursart>", "description": "Zeile"}},
		{"/admin/categories", "name", map[string]string{"name": "Neuer <Fachbereich>", "code": "9"}},
		{"/admin/locations", "name", map[string]string{"name": "Neuer <Ort>", "rooms.0.name": "Saal", "rooms.0.capacity": "12"}},
		{"/admin/instructors", "last_name", map[string]string{"first_name": "Neue", "last_name": "<Leitung>"}},
	} {
		t.Run(c.path, func(t *testing.T) {
			fields := o.Get(t, c.path+"/new").Fields("form.k-form")
			for name, value := range c.values {
				fields.Set(name, value)
			}
			name := fields.Get(c.required)
			fields.Set(c.required, "  ")
			a := o.PostForm(t, c.path, fields)
			status(t, "wrong input", a, http.StatusUnprocessableEntity)
			if a.Find("#f-"+c.required+"-error").Length() != 1 || a.Find("#errors a[href='#f-"+c.required+"']").Length() != 1 {
				t.Error("the field does not say what is wrong")
			}
			for n, value := range c.values {
				if got := a.Fields("form.k-form").Get(n); n != c.required && got != value {
					t.Errorf("%s: %q is lost, got %q", n, value, got)
				}
			}
			fields.Set(c.required, name)
			status(t, "created", o.PostForm(t, c.path, fields), http.StatusSeeOther)

			a = o.Get(t, c.path+"?q=neue")
			href := a.Find(first+":contains('<')").AttrOr("href", "")
			if href == "" {
				t.Fatalf("not in the list: %q", a.Texts(first))
			}
			a = o.Get(t, href)
			status(t, "form", a, http.StatusOK)
			if a.Find(".k-timeline li").Length() != 1 {
				t.Error("no history")
			}
			mine, theirs := a.Fields("form.k-form"), a.Fields("form.k-form")
			theirs.Set(c.required, "Zuerst")
			mine.Set(c.required, "Danach")
			status(t, "first", o.PostForm(t, href, theirs), http.StatusSeeOther)
			a = o.PostForm(t, href, mine)
			status(t, "second", a, http.StatusConflict)
			if text := a.Find(".k-notice").Text(); !strings.Contains(text, "Zuerst") || !strings.Contains(text, "Danach") {
				t.Errorf("the conflict shows %q", text)
			}
			status(t, "once more", o.PostForm(t, href, a.Fields("form.k-form")), http.StatusSeeOther)

			a = o.Get(t, href+"/deletion")
			status(t, "question", a, http.StatusOK)
			action := a.Find("form.k-form").AttrOr("action", "")
			status(t, "a stale question", o.Post(t, href+"/deletion?version=1"), http.StatusConflict)
			status(t, "deleted", o.Post(t, action), http.StatusSeeOther)
			status(t, "gone", o.Get(t, href), http.StatusNotFound)
		})
	}
	for _, path := range []string{"/admin/course-types/999", "/admin/categories/999", "/admin/locations/999", "/admin/instructors/999"} {
		status(t, path, o.Get(t, path), http.StatusNotFound)
		status(t, path, o.Post(t, path, "name", "x"), http.StatusNotFound)
	}
	for _, path := range []string{"/admin/course-types/999/deletion", "/admin/categories/999/deletion", "/admin/locations/999/deletion", "/admin/instructors/999/deletion"} {
		status(t, path, o.Get(t, path), http.StatusNotFound)
		status(t, path, o.Post(t, path), http.StatusNotFound)
	}
}

func TestWhatIsUsedIsNotDeleted(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	location := "/admin/locations/" + strconv.FormatInt(o.location, 10)
	a := o.Post(t, o.Get(t, location+"/deletion").Find("form.k-form").AttrOr("action", ""))
	status(t, "a location", a, http.StatusUnprocessableEntity)
	want(t, "reason", a.Texts("#errors li"), []string{"An diesem Ort finden Kurse statt (1). Verlegen Sie diese zuerst."})

	fields := o.Get(t, location).Fields("form.k-form")
	fields.Set("rooms.0.remove", "true")
	a = o.PostForm(t, location, fields)
	status(t, "a room", a, http.StatusUnprocessableEntity)
	if !strings.Contains(a.Find(".k-row").Text(), "Im Raum Raum 101 liegen Termine (1)") {
		t.Errorf("rows: %q", a.Texts(".k-row"))
	}
	fields.Del("rooms.0.remove")
	fields.Set("do", "add_room")
	a = o.PostForm(t, location, fields)
	status(t, "a row more", a, http.StatusOK)
	if a.Find("[name='rooms.2.name'][autofocus]").Length() != 1 {
		t.Error("no row more")
	}
}

func TestDashboard(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw(`UPDATE mails SET state = 'failed' WHERE id = (SELECT min(id) FROM mails)`).Exec(ctx)
		if err == nil {
			_, err = tx.NewRaw(`UPDATE courses SET max_places = 7, start_date = '2026-12-01' WHERE id = ?`, o.full.ID).Exec(ctx)
		}
		if err == nil {
			_, err = tx.NewRaw(`UPDATE courses SET start_date = '2026-12-02' WHERE id = ?`, o.open.ID).Exec(ctx)
		}
		return err
	})
	a := o.Get(t, "/admin")
	want(t, "what needs attention", a.Texts(".k-matter"), []string{
		"1 Mail konnte nicht zugestellt werden.",
		"„" + o.full.Name + "“: 2 Plätze auf der Warteliste, 3 Plätze frei.",
		"„Englisch für den Beruf“ beginnt Mi., 02.12.2026: 3 von mindestens 6 Plätzen gebucht.",
	})
	for _, href := range a.Find(".k-matter").Map(hrefs) {
		status(t, href, o.Get(t, href), http.StatusOK)
	}
	want(t, "next courses", a.Texts(".k-lines .k-link"), []string{o.full.Name, o.open.Name})
	rows := a.Texts(".k-chart tbody tr")
	if len(rows) != 12 || rows[11] != "23.11.4" {
		t.Errorf("chart: %q", rows)
	}
}

func TestListsOfPeople(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.MustConfirm(t, o.MustRequest(t, o.MustCreateCourse(t)))
	a := o.Get(t, "/admin/participants?state=CONFIRMED")
	status(t, "participants", a, http.StatusOK)
	if a.Find("tbody tr").Length() == 0 || a.Find("a[role=tab], .k-tabs a").Length() != 4 {
		t.Errorf("%d participants, %d tabs", a.Find("tbody tr").Length(), a.Find(".k-tabs a").Length())
	}
	a = o.Get(t, "/admin/waiting-list")
	status(t, "waiting list", a, http.StatusOK)
	if a.Find("a[href='/admin/bookings/"+strconv.FormatInt(o.waiting, 10)+"']").Length() != 1 {
		t.Errorf("the waiting booking is not there: %q", a.Texts("tbody tr"))
	}
	a = o.Get(t, "/admin/persons")
	status(t, "persons", a, http.StatusOK)
	href := a.Find(first).First().AttrOr("href", "")
	name := strings.TrimSpace(a.Find(first).First().Text())
	a = o.Get(t, href)
	status(t, "person", a, http.StatusOK)
	if a.Find("h1").Text() != name || a.Find("main .k-lines a[href^='/admin/bookings/']").Length() == 0 || a.Find("main a[href^='mailto:']").Length() != 1 {
		t.Errorf("%s: %q", href, a.Texts("main"))
	}
	booking := a.Find("main .k-lines a[href^='/admin/bookings/']").First().AttrOr("href", "")
	if o.Get(t, booking).Find("main a[href='"+href+"']").Length() != 1 {
		t.Error("a booking does not lead to its person")
	}
	status(t, "nobody", o.Get(t, "/admin/persons/99999"), http.StatusNotFound)
	bookings := o.Get(t, "/admin/bookings?person="+strings.TrimPrefix(href, "/admin/persons/"))
	want(t, "bookings of a person", bookings.Texts(".k-chips .k-chip"), []string{"Person ist " + name})
}

func TestListsOfPeopleInAnEmptyOffice(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	for _, path := range []string{"/admin/participants?state=CONFIRMED", "/admin/waiting-list", "/admin/persons", "/admin/outbox"} {
		if a := s.Get(t, path); a.Find(".k-empty h2").Length() != 1 || a.Find(".k-filter").Length() != 0 {
			t.Errorf("%s does not say what belongs here", path)
		}
	}
}
