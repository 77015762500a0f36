package admin_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"kurso/handlers/browsertest"
	"kurso/handlers/handlertest"
	"kurso/models/accounts"
	"kurso/models/catalog"
)

// clashes are what the page of a conflict lets one choose, "field: mine | theirs".
func clashes(a *handlertest.Answer) []string {
	return a.Texts("#conflict .k-clash")
}

// Two people change one record: the second is told by whom, sees both versions, and loses nothing.
func TestTwoPeopleChangeOneRecord(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	maria, _ := o.colleague(t, "Maria Muster", accounts.Administration)
	course, location := coursePath(o.open.ID), "/admin/locations/"+strconv.FormatInt(o.location, 10)
	for _, c := range []struct {
		form, post    string
		mine, theirs  map[string]string
		clash         []string
		taken         []string
		field, choose string
		required      string
	}{
		{course + "/edit", course,
			map[string]string{"subtitle": "Meine Fassung", "name": "Mein Titel", "sessions.0.note": "meine Notiz", "prices.0.amount": "85"},
			map[string]string{"subtitle": "Ihre Fassung", "level": "C1", "location": "", "sessions.0.note": "ihre Notiz", "sessions.1.from": "18:00"},
			[]string{"Untertitel Ihre Eingabe Meine Fassung Gespeichert von Maria Muster Ihre Fassung",
				"Termin Ihre Eingabe Mi., 23.12.2026 18:30–21:00 Raum 101 meine Notiz Gespeichert von Maria Muster Mi., 23.12.2026 18:30–21:00 Raum 101 ihre Notiz"},
			[]string{"Niveau: C1", "Ort: keine Angabe", "Termin: Mi., 30.12.2026 18:00–21:00"},
			"name", "subtitle", "name"},
		{location, location,
			map[string]string{"street": "Meine Str. 1", "town": "Ulm-Mitte", "rooms.0.name": "Raum 100", "rooms.2.name": "Raum 103"},
			map[string]string{"street": "Ihre Str. 2", "zip": "89077", "rooms.1.capacity": "9", "rooms.2.name": "Raum 104"},
			[]string{"Straße und Hausnummer Ihre Eingabe Meine Str. 1 Gespeichert von Maria Muster Ihre Str. 2"},
			[]string{"Postleitzahl: 89077", "Raum: Raum 102 9", "Raum: Raum 104"},
			"town", "street", "name"},
		{"/admin/settings/profile", "/admin/settings/profile",
			map[string]string{"name": "Meine Schule", "phone": "0731 1"},
			map[string]string{"name": "Ihre Schule", "town": "Ulm"},
			[]string{"Name Ihre Eingabe Meine Schule Gespeichert von Maria Muster Ihre Schule"},
			[]string{"Ort: Ulm"},
			"phone", "name", "email"},
	} {
		t.Run(c.form, func(t *testing.T) {
			mine, theirs := o.Get(t, c.form).Fields("form.k-form"), maria.Get(t, c.form).Fields("form.k-form")
			set := func(fields url.Values, values map[string]string) {
				for name, value := range values {
					fields.Set(name, value)
				}
			}
			set(mine, c.mine)
			set(theirs, c.theirs)
			status(t, "Maria", maria.PostForm(t, c.post, theirs), http.StatusSeeOther)
			a := o.PostForm(t, c.post, mine)
			status(t, "I", a, http.StatusConflict)
			want(t, "who", a.Texts("#conflict strong"), []string{"Maria Muster hat inzwischen gespeichert (heute, 12:00 Uhr)"})
			want(t, "clashes", clashes(a), c.clash)
			want(t, "taken", a.Texts("#conflict li"), c.taken)
			for name, value := range c.mine {
				if got := a.Fields("form.k-form").Get(name); got != value {
					t.Errorf("%s: %q is lost, got %q", name, value, got)
				}
			}
			if n := a.Find("form.k-form .k-mark").Length(); n == 0 {
				t.Error("no field says where its value comes from")
			}

			// a mistake keeps the choice on the page
			fields := a.Fields("form.k-form")
			fields.Set("take."+c.choose, "theirs")
			wrong := url.Values{}
			for name, values := range fields {
				wrong[name] = values
			}
			wrong.Set(c.required, "")
			a = o.PostForm(t, c.post, wrong)
			status(t, "a mistake", a, http.StatusUnprocessableEntity)

			// a third version, of a field that nobody has met: the question is asked anew, with what was chosen
			again := maria.Get(t, c.form).Fields("form.k-form")
			again.Set(c.field, "Noch etwas")
			status(t, "Maria again", maria.PostForm(t, c.post, again), http.StatusSeeOther)
			a = o.PostForm(t, c.post, fields)
			status(t, "I again", a, http.StatusConflict)
			if v, _ := a.Find("#conflict [name='take." + c.choose + "'][checked]").Attr("value"); v != "theirs" {
				t.Errorf("the choice is forgotten: %q", clashes(a))
			}

			status(t, "settled", o.PostForm(t, c.post, a.Fields("form.k-form")), http.StatusSeeOther)
			now := o.Get(t, c.form).Fields("form.k-form")
			if got := now.Get(c.choose); got != c.theirs[c.choose] {
				t.Errorf("%s: chosen was %q, saved is %q", c.choose, c.theirs[c.choose], got)
			}
			if got := now.Get(c.field); got != c.mine[c.field] {
				t.Errorf("%s: typed was %q, saved is %q", c.field, c.mine[c.field], got)
			}
			for name, value := range c.theirs {
				if _, both := c.mine[name]; !both && now.Get(name) != value {
					t.Errorf("%s: hers was %q, saved is %q", name, value, now.Get(name))
				}
			}
		})
	}
}

// Nobody is asked about what another form changed.
func TestChangesElsewhereAreNoConflict(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	fields := o.Get(t, coursePath(o.full.ID)+"/edit").Fields("form.k-form")
	if err := catalog.SetState(t.Context(), o.Store, o.full.ID, fields.Get("version"), catalog.Running); err != nil {
		t.Fatal(err)
	}
	fields.Set("subtitle", "Neu")
	status(t, "saved", o.PostForm(t, coursePath(o.full.ID), fields), http.StatusSeeOther)
	c, err := catalog.LoadCourse(t.Context(), o.Store, o.full.ID)
	if err != nil || c.Subtitle != "Neu" || c.State != catalog.Running {
		t.Errorf("%+v, %v", c, err)
	}
	// the same twice, by me
	twice := o.Get(t, coursePath(o.full.ID)+"/edit").Fields("form.k-form")
	twice.Set("subtitle", "Noch neuer")
	status(t, "saved", o.PostForm(t, coursePath(o.full.ID), twice), http.StatusSeeOther)
	status(t, "sent again", o.PostForm(t, coursePath(o.full.ID), twice), http.StatusSeeOther)
	// my own change in another window
	twice.Set("subtitle", "Ganz anders")
	a := o.PostForm(t, coursePath(o.full.ID), twice)
	status(t, "another window", a, http.StatusConflict)
	want(t, "who", a.Texts("#conflict strong"), []string{"Sie haben inzwischen in einem anderen Fenster gespeichert (heute, 12:00 Uhr)"})
}

// Settings have many pages and one history: who is named is who changed what is on this page.
func TestAConflictNamesWhoChangedThisPage(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	maria, _ := o.colleague(t, "Maria Muster", accounts.Administration)
	otto, _ := o.colleague(t, "Otto Otter", accounts.Administration)
	change := func(s *handlertest.Site, page, field, value string) {
		t.Helper()
		fields := s.Get(t, "/admin/settings/"+page).Fields("form.k-form")
		fields.Set(field, value)
		status(t, field, s.PostForm(t, "/admin/settings/"+page, fields), http.StatusSeeOther)
	}
	mine := o.Get(t, "/admin/settings/booking").Fields("form.k-form")
	change(maria, "booking", "hold_minutes", "45")
	change(otto, "profile", "town", "Ulm")
	mine.Set("hold_minutes", "30")
	a := o.PostForm(t, "/admin/settings/booking", mine)
	status(t, "booking", a, http.StatusConflict)
	want(t, "who", a.Texts("#conflict strong"), []string{"Maria Muster hat inzwischen gespeichert (heute, 12:00 Uhr)"})
}

// While both versions are shown, a row more is a row more, and the question stays.
func TestAConflictOutlivesOtherButtons(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	maria, _ := o.colleague(t, "Maria Muster", accounts.Administration)
	location := "/admin/locations/" + strconv.FormatInt(o.location, 10)
	mine, theirs := o.Get(t, location).Fields("form.k-form"), maria.Get(t, location).Fields("form.k-form")
	mine.Set("street", "Meine Str. 1")
	theirs.Set("street", "Ihre Str. 2")
	status(t, "Maria", maria.PostForm(t, location, theirs), http.StatusSeeOther)
	fields := o.PostForm(t, location, mine).Fields("form.k-form")
	fields.Set("do", "add_room")
	fields.Set("take.street", "theirs")
	a := o.PostForm(t, location, fields)
	status(t, "a row more", a, http.StatusOK)
	if a.Find("[name='rooms.2.name']").Length() != 1 || a.Find("#conflict [value=theirs][checked]").Length() != 1 {
		t.Errorf("the conflict is gone: %q", a.Texts("#conflict"))
	}
	if a.Find("#f-street").AttrOr("value", "") != "Meine Str. 1" {
		t.Error("what was typed is lost")
	}
	status(t, "saved", o.PostForm(t, location, a.Fields("form.k-form")), http.StatusSeeOther)
	if got := o.Get(t, location).Find("#f-street").AttrOr("value", ""); got != "Ihre Str. 2" {
		t.Errorf("street %q", got)
	}
}

// A button that somebody else overtook does nothing, and the page says so.
func TestStaleButtons(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	maria, _ := o.colleague(t, "Maria Muster", accounts.Administration)
	booking := "/admin/bookings/" + strconv.FormatInt(o.waiting, 10)
	cancel := o.Get(t, booking+"/cancellation").Find("form.k-form").AttrOr("action", "")
	o.Clock.Advance(1)
	b := o.MustConfirm(t, o.MustRequest(t, o.open))
	stale := o.Get(t, "/admin/bookings/"+strconv.FormatInt(b.ID, 10)+"/cancellation").Find("form.k-form").AttrOr("action", "")
	if _, err := o.Pool().Exec(t.Context(), "UPDATE bookings SET version = version + 1 WHERE id = $1", b.ID); err != nil {
		t.Fatal(err)
	}
	location := "/admin/locations/" + strconv.FormatInt(o.location, 10)
	theirs := maria.Get(t, location).Fields("form.k-form")
	theirs.Set("street", "Ihre Str. 2")
	remove := o.Get(t, location+"/deletion").Find("form.k-form").AttrOr("action", "")
	status(t, "Maria", maria.PostForm(t, location, theirs), http.StatusSeeOther)
	for _, action := range []string{stale, remove, strings.Split(cancel, "?")[0]} {
		a := o.Post(t, action)
		status(t, action, a, http.StatusConflict)
		if a.Find("#stale").Length() != 1 || a.Find("nav.k-side").Length() != 1 {
			t.Errorf("%s: %q", action, a.Texts("main"))
		}
	}
	a := o.Post(t, remove)
	if text := a.Texts("#stale")[0]; !strings.Contains(text, "Maria Muster hat hier inzwischen etwas geändert") || !strings.Contains(text, "Marktplatz 1 → Ihre Str. 2") {
		t.Errorf("the page says %q", text)
	}
	status(t, "as it is now", o.Post(t, cancel), http.StatusSeeOther)
	status(t, "again", o.Post(t, cancel), http.StatusSeeOther)
}

// With scripts, a choice shows in the field at once, and typing chooses one's own.
func TestChoosingAVersionInTheBrowser(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	maria, _ := o.colleague(t, "Maria Muster", accounts.Administration)
	location := "/admin/locations/" + strconv.FormatInt(o.location, 10)
	for _, width := range []int{1280, 360} {
		page := browsertest.Page(t, o.signedIn(t), o.URL+location, width)
		browsertest.Fill(t, page, "[name=street]", "Meine Str. "+strconv.Itoa(width))
		theirs := maria.Get(t, location).Fields("form.k-form")
		theirs.Set("street", "Ihre Str. "+strconv.Itoa(width))
		theirs.Set("district", "Mitte "+strconv.Itoa(width))
		status(t, "Maria", maria.PostForm(t, location, theirs), http.StatusSeeOther)
		browsertest.Click(t, page, ".k-savebar .btn-primary")
		browsertest.Find(t, page, "#conflict")
		browsertest.Axe(t, page)
		street := func(value string) {
			t.Helper()
			if got := see(t, page, `document.querySelector("[name=street]").value`); got != value {
				t.Errorf("street %q, want %q", got, value)
			}
		}
		street("Meine Str. " + strconv.Itoa(width))
		browsertest.Click(t, page, ".k-choice:has([value=theirs])")
		street("Ihre Str. " + strconv.Itoa(width))
		browsertest.Click(t, page, ".k-choice:has([value=mine])")
		street("Meine Str. " + strconv.Itoa(width))
		browsertest.Click(t, page, ".k-choice:has([value=theirs])")
		browsertest.Fill(t, page, "[name=street]", "Dritte Str. 3")
		browsertest.Find(t, page, "[name='take.street'][value=mine]:checked")
		browsertest.Click(t, page, ".k-savebar .btn-primary")
		browsertest.Find(t, page, "#flash p")
		if got := o.Get(t, location).Status; got == http.StatusSeeOther {
			o.SignIn(t) // the browser took the place of the client
		}
		if got := maria.Get(t, location).Find("#f-street").AttrOr("value", ""); got != "Dritte Str. 3" {
			t.Errorf("saved %q", got)
		}
	}
}
