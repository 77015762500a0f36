package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"kurso/handlers/handlertest"
)

// settingsPages are the forms of settings, by what they are about.
var settingsPages = []string{"profile", "legal", "languages", "mail", "booking", "prices"}

// Every setting explains itself, and a page can be saved as it is.
func TestSettingsExplainThemselves(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, topic := range settingsPages {
		path := "/admin/settings/" + topic
		a := o.Get(t, path)
		status(t, path, a, http.StatusOK)
		if n := a.Find("main a[href='" + path + "'][aria-current=page]").Length(); n != 1 {
			t.Errorf("%s is marked %d times in the sub-navigation", path, n)
		}
		for _, name := range a.Find("form.k-form [name]:not([type=hidden]):not(button)").Map(names) {
			control := a.Find("form.k-form [name='" + name + "']").First()
			help := control.AttrOr("aria-describedby", control.Closest("fieldset").AttrOr("aria-describedby", ""))
			if !strings.HasPrefix(name, "prices.") && (help == "" || len(a.Find("#"+help).Text()) < 20) {
				t.Errorf("%s: %s does not explain itself", path, name)
			}
		}
		status(t, path, o.PostForm(t, path, a.Fields("form.k-form")), http.StatusSeeOther)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	path := "/admin/settings/booking"
	mine, theirs := o.Get(t, path).Fields("form.k-form"), o.Get(t, path).Fields("form.k-form")
	mine.Set("hold_minutes", "1")
	mine.Set("vat_note", "inkl. 19 % USt.")
	a := o.PostForm(t, path, mine)
	status(t, "wrong input", a, http.StatusUnprocessableEntity)
	want(t, "errors", a.Texts("#errors li"), []string{"Platz halten: Bitte geben Sie eine Zahl von 5 bis 2880 ein."})
	if got := a.Find("#f-vat_note").AttrOr("value", ""); got != "inkl. 19 % USt." {
		t.Errorf("what was typed is lost: %q", got)
	}
	theirs.Set("cancellation_days", "14")
	status(t, "saved", o.PostForm(t, path, theirs), http.StatusSeeOther)
	profile := o.Get(t, "/admin/settings/profile").Fields("form.k-form")
	profile.Set("name", "Volkshochschule Musterstadt")
	profile.Set("kind", "adult_education")
	status(t, "another page", o.PostForm(t, "/admin/settings/profile", profile), http.StatusSeeOther)
	a = o.Get(t, path)
	want(t, "flash", a.Texts("#flash p"), []string{"Einstellungen gespeichert."})
	want(t, "brand", a.Texts(".k-brand"), []string{"Volkshochschule Musterstadt"})
	if text := a.Find(".k-timeline").Text(); !strings.Contains(text, "Stornieren bis: 7 → 14") || strings.Contains(text, "Musterstadt") {
		t.Errorf("the history is not that of the page: %q", text)
	}
	a = o.Get(t, "/admin/settings/profile")
	if text := a.Find(".k-timeline").Text(); !strings.Contains(text, "Art der Einrichtung: Volkshochschule") {
		t.Errorf("history: %q", text)
	}
	mine.Set("hold_minutes", "30")
	mine.Set("cancellation_days", "10")
	a = o.PostForm(t, path, mine)
	status(t, "a second editor", a, http.StatusConflict)
	want(t, "the conflict", a.Texts("#conflict .k-clash"), []string{"Stornieren bis Ihre Eingabe 10 Gespeichert im anderen Fenster 14"})
	status(t, "once more", o.PostForm(t, path, a.Fields("form.k-form")), http.StatusSeeOther)
}

func TestPriceRowsOfTheSettings(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	path := "/admin/settings/prices"
	fields := o.Get(t, path).Fields("form.k-form")
	fields.Set("do", "add_price")
	a := o.PostForm(t, path, fields)
	status(t, "a row more", a, http.StatusOK)
	if a.Find("[name='prices.1.name'][autofocus]").Length() != 1 {
		t.Fatal("no row more")
	}
	fields = a.Fields("form.k-form")
	fields.Set("prices.0.name", "Normalpreis")
	fields.Set("prices.0.amount", "82,80")
	status(t, "saved", o.PostForm(t, path, fields), http.StatusSeeOther)
	if got := o.Get(t, "/admin/courses/new").Find("[name='prices.0.amount']").AttrOr("value", ""); got != "82,80" {
		t.Errorf("a new course begins with %q", got)
	}
}

// The overview says what is set and what is missing, and leads to each page.
func TestSettingsOverview(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	a := s.Get(t, "/admin/settings")
	status(t, "overview", a, http.StatusOK)
	for _, href := range a.Find("#topics a").Map(hrefs) {
		status(t, href, s.Get(t, href), http.StatusOK)
	}
	text := strings.Join(a.Texts("#topics li"), "\n")
	for _, says := range []string{"Fehlt: Name, Art der Einrichtung, E-Mail, Telefon, Anschrift", "Fehlt: Impressum, Datenschutz, Teilnahmebedingungen, Widerruf",
		"Deutsch, English · Europe/Berlin Vollständig", "60 Minuten gehalten", "Fehlt: Preisstufen", "Fehlt: Fachbereiche", "1 Person arbeitet mit Kurso"} {
		if !strings.Contains(text, says) {
			t.Errorf("the overview does not say %q:\n%s", says, text)
		}
	}
	a = s.Get(t, "/admin/settings/persons")
	want(t, "persons", a.Texts(".k-facts dd"), []string{"1", "keine Grenze"})
}

// Who may only look sees the settings and no way to change them.
func TestSettingsToLookAt(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignInAs(t, "read_only")
	for _, topic := range settingsPages {
		path := "/admin/settings/" + topic
		a := s.Get(t, path)
		status(t, path, a, http.StatusOK)
		if a.Find("form.k-form .k-savebar").Length() != 0 || a.Find("form.k-form :is(input,select,textarea):not([type=hidden]):not([disabled])").Length() != 0 {
			t.Errorf("%s can be typed into", path)
		}
		status(t, path, s.Post(t, path), http.StatusForbidden)
	}
}

func names(_ int, s *goquery.Selection) string { return s.AttrOr("name", "") }
