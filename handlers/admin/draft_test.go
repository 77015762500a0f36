package admin_test

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"kurso/handlers/browsertest"
	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/models/desk"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// keepsAt is where a page's form sends drafts; empty: it keeps none.
func (o *office) keepsAt(t *testing.T, page string) string {
	t.Helper()
	return o.Get(t, page).Find("form.k-form").AttrOr("data-draft", "")
}

func TestLongFormsKeepDrafts(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	number := func(id int64) string { return strconv.FormatInt(id, 10) }
	for _, c := range []struct{ page, keep, field, value string }{
		{coursePath(o.open.ID) + "/edit", "/admin/drafts/course/" + number(o.open.ID), "sessions.0.note", "erste Notiz"},
		{"/admin/courses/new", "/admin/drafts/course/0", "prices.0.amount", "12"},
		{"/admin/course-types/" + number(o.open.CourseTypeID), "/admin/drafts/course_type/" + number(o.open.CourseTypeID), "name", "Yoga"},
		{"/admin/course-types/new", "/admin/drafts/course_type/0", "name", "Pilates"},
		{"/admin/categories/" + number(o.category), "/admin/drafts/category/" + number(o.category), "name", "Sprachen und mehr"},
		{"/admin/locations/" + number(o.location), "/admin/drafts/location/" + number(o.location), "rooms.1.name", "Raum 200"},
		{"/admin/instructors/" + number(o.instructor), "/admin/drafts/instructor/" + number(o.instructor), "first_name", "Ayşe"},
		{"/admin/settings/profile", "/admin/drafts/provider.profile/1", "town", "Ulm"},
		{"/admin/settings/legal", "/admin/drafts/provider.legal/1", "imprint_url", "https://example.org/impressum"},
		{"/admin/settings/languages", "/admin/drafts/provider.languages/1", "time_zone", "Europe/Vienna"},
		{"/admin/settings/mail", "/admin/drafts/provider.mail/1", "sender_name", "Die Schule"},
		{"/admin/settings/booking", "/admin/drafts/provider.booking/1", "hold_minutes", "45"},
		{"/admin/settings/prices", "/admin/drafts/provider.prices/1", "prices.0.name", "Ermäßigt"},
	} {
		t.Run(c.page, func(t *testing.T) {
			a := o.Get(t, c.page)
			if got := a.Find("form.k-form").AttrOr("data-draft", ""); got != c.keep {
				t.Fatalf("keeps at %q", got)
			}
			fields := a.Fields("form.k-form")
			before := fields.Get(c.field)
			if !fields.Has(c.field) || before == c.value {
				t.Fatalf("%s is %q", c.field, before)
			}
			status(t, "as it was", o.PostForm(t, c.keep, fields), http.StatusNoContent)
			if o.Get(t, c.page).Find("#draft").Length() != 0 {
				t.Error("a draft that changes nothing is told of")
			}
			fields.Set(c.field, c.value)
			status(t, "kept", o.PostForm(t, c.keep, fields), http.StatusNoContent)

			// the form shows what is stored, says so, and keeps nothing over the draft
			a = o.Get(t, c.page)
			want(t, "notice", a.Texts("#draft strong"), []string{"Nicht gespeicherte Eingaben von heute, 12:00 Uhr"})
			if got := a.Fields("form.k-form").Get(c.field); got != before {
				t.Errorf("without being asked for, the draft is in the form: %q", got)
			}
			if _, keeps := a.Find("form.k-form").Attr("data-draft"); keeps {
				t.Error("typing would take the draft's place")
			}

			// restored
			a = o.Get(t, a.Find("#draft a.btn").AttrOr("href", ""))
			status(t, "restored", a, http.StatusOK)
			if got := a.Fields("form.k-form").Get(c.field); got != c.value {
				t.Errorf("restored %q", got)
			}
			if _, changed := a.Find("form.k-form").Attr("data-changed"); !changed || a.Find("#draft[data-restored]").Length() != 1 {
				t.Error("it does not say that nothing is saved yet")
			}

			// discarded
			a = o.Post(t, o.Get(t, c.page).Find("#draft form").AttrOr("action", ""))
			if a.Status != http.StatusSeeOther || a.Location() != c.page {
				t.Fatalf("discarded: %d to %s", a.Status, a.Location())
			}
			for _, page := range []string{c.page, c.page + "?draft=restored"} {
				a = o.Get(t, page)
				if got := a.Fields("form.k-form").Get(c.field); a.Find("#draft").Length() != 0 || got != before {
					t.Errorf("%s, after it was discarded: %q", page, got)
				}
			}
		})
	}
	for _, page := range []string{"/admin/account", "/admin/users/" + number(o.user), "/admin/users/new", "/admin/roles/new", "/admin/notifications", coursePath(o.open.ID)} {
		if got := o.keepsAt(t, page); got != "" {
			t.Errorf("%s keeps at %q", page, got)
		}
	}
	for _, form := range []string{"user/" + number(o.user), "role/1", "booking/" + number(o.waiting), "provider/1", "provider.profile/2", "provider.persons/1",
		"course.profile/1", "rubbish/1", "course/-1", "course/x"} {
		for _, more := range []string{"", "/deletion"} {
			status(t, form, o.Post(t, "/admin/drafts/"+form+more, "name", "x"), http.StatusNotFound)
		}
	}
}

// Saving forgets the draft that was in the form; one that still waits was not in it, and goes on waiting.
func TestSavingForgetsTheDraft(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, c := range []struct{ page, post, field string }{
		{coursePath(o.open.ID) + "/edit", coursePath(o.open.ID), "subtitle"},
		{"/admin/courses/new", "/admin/courses", "name"},
		{"/admin/locations/" + strconv.FormatInt(o.location, 10), "/admin/locations/" + strconv.FormatInt(o.location, 10), "street"},
		{"/admin/categories/new", "/admin/categories", "name"},
		{"/admin/settings/profile", "/admin/settings/profile", "town"},
	} {
		t.Run(c.page, func(t *testing.T) {
			fields := o.Get(t, c.page).Fields("form.k-form")
			if fields.Has("code") {
				fields.Set("code", "9")
			}
			fields.Set(c.field, "Getippt")
			keep := o.keepsAt(t, c.page)
			status(t, "kept", o.PostForm(t, keep, fields), http.StatusNoContent)
			waits := o.Get(t, c.page)

			// a mistake and a row more are no saving
			wrong := clone(fields)
			wrong.Set("name", "")
			a := o.PostForm(t, c.post, wrong)
			status(t, "a mistake", a, http.StatusUnprocessableEntity)
			if a.Find("form.k-form").AttrOr("data-draft", "") != keep || a.Find("#draft").Length() != 0 {
				t.Error("after a mistake, the form keeps nothing")
			}
			wrong = waits.Fields("form.k-form")
			wrong.Set("name", "")
			a = o.PostForm(t, c.post, wrong)
			status(t, "a mistake, while it waits", a, http.StatusUnprocessableEntity)
			if a.Find("form.k-form[data-draft]").Length() != 0 || a.Find("#draft a.btn").Length() != 1 {
				t.Error("after a mistake, the draft waits no more")
			}

			if !strings.HasSuffix(c.page, "/new") {
				status(t, "saved without it", o.PostForm(t, c.post, waits.Fields("form.k-form")), http.StatusSeeOther)
				if o.Get(t, c.page).Find("#draft a.btn").Length() != 1 {
					t.Error("saving something else took the draft along")
				}
			}
			restored := o.Get(t, c.page+"?draft=restored")
			a = o.PostForm(t, c.post, restored.Fields("form.k-form"))
			status(t, "saved", a, http.StatusSeeOther)
			if o.Get(t, c.page).Find("#draft").Length() != 0 {
				t.Error("what was saved is still a draft")
			}
			var drafts int
			if err := o.NewRaw("SELECT count(*) FROM drafts").Scan(t.Context(), &drafts); err != nil || drafts != 0 {
				t.Errorf("%d drafts, %v", drafts, err)
			}
		})
	}
}

func clone(v url.Values) url.Values {
	out := url.Values{}
	for name, list := range v {
		out[name] = append([]string(nil), list...)
	}
	return out
}

// Somebody else saved since the draft was typed: both versions are met when it is saved, and nothing is lost.
func TestADraftMeetsWhatWasSavedSince(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	maria, _ := o.colleague(t, "Maria Muster", accounts.Administration)
	page, post := coursePath(o.open.ID)+"/edit", coursePath(o.open.ID)
	mine, theirs := o.Get(t, page).Fields("form.k-form"), maria.Get(t, page).Fields("form.k-form")
	mine.Set("subtitle", "Meine Fassung")
	mine.Set("name", "Mein Titel")
	status(t, "kept", o.PostForm(t, o.keepsAt(t, page), mine), http.StatusNoContent)
	if maria.Get(t, page).Find("#draft").Length() != 0 || maria.Get(t, page+"?draft=restored").Fields("form.k-form").Get("name") == "Mein Titel" {
		t.Error("Maria sees it")
	}
	theirs.Set("subtitle", "Ihre Fassung")
	theirs.Set("level", "C1")
	status(t, "Maria", maria.PostForm(t, post, theirs), http.StatusSeeOther)

	o.Clock.Advance(24 * time.Hour)
	o.SignIn(t) // another one: a draft is a user's, not a browser's
	if o.Get(t, page).Find("#draft").Length() != 0 {
		t.Error("another user sees it")
	}
	me, err := accounts.Find(t.Context(), o.Store, o.user)
	if err != nil {
		t.Fatal(err)
	}
	o.Enter(t, me)
	a := o.Get(t, page)
	want(t, "notice", a.Texts("#draft strong"), []string{"Nicht gespeicherte Eingaben von gestern, 12:00 Uhr"})
	a = o.PostForm(t, post, o.Get(t, page+"?draft=restored").Fields("form.k-form"))
	status(t, "saved", a, http.StatusConflict)
	want(t, "clashes", clashes(a), []string{"Untertitel Ihre Eingabe Meine Fassung Gespeichert von Maria Muster Ihre Fassung"})
	want(t, "taken", a.Texts("#conflict li"), []string{"Niveau: C1"})
	fields := a.Fields("form.k-form")
	fields.Set("take.subtitle", "mine")

	// what is typed meanwhile is a draft again; the conflict is met anew
	status(t, "kept", o.PostForm(t, a.Find("form.k-form").AttrOr("data-draft", ""), fields), http.StatusNoContent)
	status(t, "met anew", o.PostForm(t, post, o.Get(t, page+"?draft=restored").Fields("form.k-form")), http.StatusConflict)

	status(t, "settled", o.PostForm(t, post, fields), http.StatusSeeOther)
	now := o.Get(t, page)
	got := now.Fields("form.k-form")
	if got.Get("subtitle") != "Meine Fassung" || got.Get("name") != "Mein Titel" || got.Get("level") != "C1" || now.Find("#draft").Length() != 0 {
		t.Errorf("stored: %v", got)
	}
}

func TestDraftsEndWhereRightsEnd(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	planner, u := o.colleague(t, "Aylin Demir", accounts.Administration)
	number := func(id int64) string { return strconv.FormatInt(id, 10) }
	o.Must(t, func(ctx context.Context, tx *store.Tx) error {
		var role int64
		if err := tx.NewRaw("INSERT INTO roles (name, reach, created_at, updated_at) VALUES ('Eigene', ?, now(), now()) RETURNING id", accounts.ReachOwn).Scan(ctx, &role); err != nil {
			return err
		}
		for _, p := range []accounts.Permission{accounts.CoursesRead, accounts.CoursesWrite, accounts.CatalogueRead} {
			if _, err := tx.NewRaw("INSERT INTO role_permissions VALUES (?, ?)", role, p).Exec(ctx); err != nil {
				return err
			}
		}
		for _, q := range []string{"DELETE FROM user_roles WHERE user_id = ?0", "INSERT INTO user_roles VALUES (?0, ?1)", "UPDATE instructors SET user_id = ?0 WHERE id = ?2"} {
			if _, err := tx.NewRaw(q, u.ID, role, o.instructor).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	for path, want := range map[string]int{
		"course/" + number(o.open.ID):      http.StatusNoContent,
		"course/" + number(o.full.ID):      http.StatusNotFound,
		"course/0":                         http.StatusNoContent,
		"location/" + number(o.location):   http.StatusForbidden,
		"category/0":                       http.StatusForbidden,
		"provider.profile/1":               http.StatusForbidden,
		"course_type/999999":               http.StatusForbidden,
		"course/999999":                    http.StatusNotFound,
		"instructor/" + number(o.category): http.StatusForbidden,
	} {
		status(t, path, planner.Post(t, "/admin/drafts/"+path, "name", "x"), want)
		if want == http.StatusNoContent {
			want = http.StatusSeeOther
		}
		status(t, path, planner.Post(t, "/admin/drafts/"+path+"/deletion"), want)
	}
	status(t, "nobody", o.Another(t, "").Post(t, "/admin/drafts/course/"+number(o.open.ID), "name", "x"), http.StatusSeeOther)

	// a form that is only read holds no draft from the time when it could be changed
	page := "/admin/locations/" + number(o.location)
	fields := o.Get(t, page).Fields("form.k-form")
	fields.Set("street", "Getippt")
	if _, err := desk.Keep(t.Context(), o.Store, u.ID, desk.Record{Subject: catalog.SubjectLocation, ID: o.location}, fields); err != nil {
		t.Fatal(err)
	}
	a := planner.Get(t, page+"?draft=restored")
	status(t, "read", a, http.StatusOK)
	if a.Find("#draft").Length() != 0 || a.Find("#f-street").AttrOr("value", "") != "Marktplatz 1" {
		t.Errorf("shown is %q", a.Find("#f-street").AttrOr("value", ""))
	}

	if err := accounts.Deactivate(t.Context(), o.Store, u.ID); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := o.NewRaw("SELECT count(*) FROM drafts WHERE user_id = ?", u.ID).Scan(t.Context(), &left); err != nil || left != 0 {
		t.Errorf("%d drafts of somebody who left, %v", left, err)
	}
}

// What is deleted leaves nobody's drafts behind.
func TestDraftsEndWithTheirRecord(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	maria, _ := o.colleague(t, "Maria Muster", accounts.Administration)
	category, course := "/admin/drafts/category/"+strconv.FormatInt(o.category, 10), "/admin/drafts/course/"+strconv.FormatInt(o.draft, 10)
	for _, keep := range []string{category, course, "/admin/drafts/course/0"} {
		status(t, keep, o.Post(t, keep, "name", "mein"), http.StatusNoContent)
		status(t, keep, maria.Post(t, keep, "name", "ihr"), http.StatusNoContent)
	}
	for _, page := range []string{"/admin/categories/" + strconv.FormatInt(o.category, 10), coursePath(o.draft)} {
		question := o.Get(t, page+"/deletion")
		status(t, page, o.Post(t, question.Find("form.k-form").AttrOr("action", "")), http.StatusSeeOther)
	}
	var left []string
	if err := o.NewRaw("SELECT DISTINCT subject || '/' || subject_id FROM drafts").Scan(t.Context(), &left); err != nil {
		t.Fatal(err)
	}
	want(t, "left", left, []string{"course/0"})
}

func TestWhatNoDraftIs(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	keep := "/admin/drafts/course/" + strconv.FormatInt(o.open.ID, 10)
	page := coursePath(o.open.ID) + "/edit"
	status(t, "nothing", o.Post(t, keep), http.StatusBadRequest)
	status(t, "only buttons", o.Post(t, keep, "do", "add_session", "take.name", "mine", "seen", "1"), http.StatusBadRequest)
	status(t, "too large", o.Post(t, keep, "description", strings.Repeat("x", desk.MaxDraft)), http.StatusRequestEntityTooLarge)
	status(t, "no text", o.Post(t, keep, "name\x00", "a\x00\xffb", "password", "geheim"), http.StatusNoContent)
	var values string
	if err := o.NewRaw("SELECT values::text FROM drafts").Scan(t.Context(), &values); err != nil || values != `{"name": ["ab"]}` {
		t.Errorf("kept is %s, %v", values, err)
	}
	// what the form cannot be filled with does not stand in its way
	status(t, "rubbish", o.Post(t, keep, "sessions.999.date", "x"), http.StatusNoContent)
	status(t, "the form", o.Get(t, page+"?draft=restored"), http.StatusOK)
	a := o.Get(t, page)
	for a.Status = 0; a.Status != http.StatusTooManyRequests; {
		if a = o.Post(t, keep, "name", "x"); a.Status >= http.StatusInternalServerError {
			t.Fatal(a.Status)
		}
	}
	if a.Header.Get("Retry-After") == "" {
		t.Error("it does not say when to try again")
	}
}

// Who types for hours is there.
func TestTypingKeepsOneSignedIn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	keep := "/admin/drafts/course/" + strconv.FormatInt(o.open.ID, 10)
	for range 4 {
		o.Clock.Advance(accounts.IdleAfter / 2)
		status(t, o.Now().Sub(modeltest.Start).String(), o.Post(t, keep, "name", "x"), http.StatusNoContent)
	}
}

// What is typed outlives the page, and is saved only by saving.
func TestADraftInTheBrowser(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	address := o.URL + coursePath(o.open.ID) + "/edit"
	for _, width := range []int{1280, 360} {
		text := "Getippt bei " + strconv.Itoa(width)
		page := browsertest.Page(t, o.signedIn(t), address, width)
		browsertest.Fill(t, page, "[name=subtitle]", text)
		browsertest.Find(t, page, "form[data-kept]")
		browsertest.Axe(t, page)

		// what was typed last is sent as the page is left; that leaving asks first is no matter here
		text += ", zuletzt"
		browsertest.Fill(t, page, "[name=subtitle]", text)
		see(t, page, `document.querySelector("form[data-draft]").removeAttribute("data-changed")`)
		if err := page.Timeout(20 * time.Second).Reload(); err != nil {
			t.Fatal(err)
		}
		browsertest.Find(t, page, "#draft")
		browsertest.Axe(t, page)
		subtitle := func(want string, same bool) {
			t.Helper()
			if got := see(t, page, `document.querySelector("[name=subtitle]").value`); (got == want) != same {
				t.Errorf("at %d, the subtitle is %q", width, got)
			}
		}
		subtitle(text, false)
		browsertest.Click(t, page, "#draft a.btn")
		browsertest.Find(t, page, "#draft[data-restored]")
		browsertest.Axe(t, page)
		subtitle(text, true)

		// in another browser, after a sign-out or a crash: discarding asks nothing more
		page = browsertest.Page(t, o.signedIn(t), address+"?draft=restored", width)
		subtitle(text, true)
		browsertest.Fill(t, page, "[name=level]", "C2")
		browsertest.Find(t, page, "form[data-kept]")
		browsertest.Click(t, page, "#draft form button")
		browsertest.Find(t, page, "#flash p")
		subtitle(text, false)

		browsertest.Fill(t, page, "[name=subtitle]", text)
		browsertest.Click(t, page, ".k-savebar .btn-primary")
		browsertest.Find(t, page, "#flash p")
		page = browsertest.Page(t, o.signedIn(t), address, width)
		browsertest.Find(t, page, "form[data-draft]")
		subtitle(text, true)
		if see(t, page, `document.querySelectorAll("#draft").length`) != "0" {
			t.Error("what was saved is still a draft")
		}
	}
}
