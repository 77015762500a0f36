package admin_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"kurso/handlers/handlertest"
	"kurso/models/catalog"
)

const setupPath = "/admin/setup-assistant"

// fill posts the step's form with some fields changed, and returns where that leads.
func fill(t *testing.T, s *handlertest.Site, step string, pairs ...string) *handlertest.Answer {
	t.Helper()
	fields := s.Get(t, setupPath+"/"+step).Fields("form.k-form")
	for i := 0; i+1 < len(pairs); i += 2 {
		fields.Set(pairs[i], pairs[i+1])
	}
	return s.PostForm(t, setupPath+"/"+step, fields)
}

// From an empty office to a published example with its booking page, with the assistant alone.
func TestSetupAssistant(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	a := s.Get(t, s.Get(t, "/admin").Find("main a.btn-primary").AttrOr("href", ""))
	status(t, "assistant", a, http.StatusOK)
	for _, href := range []string{"/admin/settings", "/admin/settings/configuration", setupPath + "/kind"} {
		if a.Find("main a[href='"+href+"']").Length() == 0 {
			t.Errorf("no way leads to %s", href)
		}
	}
	a = s.Post(t, setupPath+"/kind")
	status(t, "no kind", a, http.StatusUnprocessableEntity)
	want(t, "kind", a.Texts("#errors li"), []string{"Art der Einrichtung: Wählen Sie, was am besten passt. Sie können es jederzeit ändern."})
	if a := fill(t, s, "kind", "kind", "music_school"); a.Location() != setupPath+"/contact" {
		t.Fatalf("after the kind: %d %s", a.Status, a.Location())
	}
	a = s.Get(t, setupPath+"/contact")
	if a.Find("#f-name").AttrOr("value", "") != "" || a.Find("#f-email").AttrOr("value", "") != "" {
		t.Error("what a new system calls its provider stands in the form")
	}
	a = fill(t, s, "contact", "name", "", "email", "nonsense", "town", "Ulm")
	status(t, "wrong contact", a, http.StatusUnprocessableEntity)
	if a.Find("#f-town").AttrOr("value", "") != "Ulm" {
		t.Error("what was typed is lost")
	}
	if a := fill(t, s, "contact", "name", "Musikschule Ulm", "email", "info@musik.example.org", "street", "Am Platz 1", "town", "Ulm"); a.Location() != setupPath+"/legal" {
		t.Fatalf("after the contact: %d %s", a.Status, a.Location())
	}
	if a := s.Get(t, setupPath); !strings.Contains(a.Find("main .btn-primary").Text(), "Weiter bei: Rechtliches") {
		t.Error("who comes back is not led on")
	}
	if a := s.Get(t, setupPath+"/legal"); a.Find(".k-notice li").Length() != 3 || a.Find("main a[href='"+setupPath+"/contact']").Length() != 1 {
		t.Error("the step does not say what does not work without the links, or does not lead back")
	}
	if a := fill(t, s, "legal", "do", "skip"); a.Location() != setupPath+"/booking" {
		t.Fatalf("after skipping: %s", a.Location())
	}
	a = s.Get(t, setupPath+"/booking")
	if a.Find("#f-cancellation_days").AttrOr("value", "") != "28" || !strings.Contains(a.Find(".k-finding").Text(), "Empfohlen für Musikschule: 28 Tage. Unterricht läuft über Monate") {
		t.Errorf("recommendations: %q", a.Texts(".k-finding"))
	}
	if a := fill(t, s, "booking", "cancellation_days", "21"); a.Location() != setupPath+"/offer" {
		t.Fatalf("after the rules: %d", a.Status)
	}
	if got := s.Get(t, setupPath+"/booking").Find("#f-cancellation_days").AttrOr("value", ""); got != "21" {
		t.Errorf("what was chosen is not shown again: %s", got)
	}
	if got := s.Get(t, setupPath+"/booking?recommended=1").Find("#f-cancellation_days").AttrOr("value", ""); got != "28" {
		t.Errorf("the recommendation is not filled in again: %s", got)
	}
	if a := fill(t, s, "offer", "categories.0.name", "Für Kleine", "categories.1.name", "", "prices.0.amount", "90"); a.Location() != setupPath+"/example" {
		t.Fatalf("after the offer: %d %q", a.Status, a.Texts("#errors li"))
	}
	if got := s.Get(t, "/admin/categories").Texts(first); !slices.Equal(got, []string{"Für Kleine", "Saiteninstrumente", "Blasinstrumente und Gesang", "Ensembles und Workshops"}) {
		t.Errorf("categories: %q", got)
	}
	if a := s.Post(t, setupPath+"/example", "publish", "true"); a.Location() != setupPath+"/example" {
		t.Fatalf("example: %d %q", a.Status, a.Texts("#errors li"))
	}
	a = s.Get(t, setupPath+"/example")
	want(t, "example", a.Texts("#example h3"), []string{"Beispiel: Gitarre für Einsteiger"})
	public := s.Get(t, a.Find("#example .btn-primary").AttrOr("href", ""))
	status(t, "public page", public, http.StatusOK)
	if text := public.Find("main").Text(); !strings.Contains(text, "90,00") || !strings.Contains(text, "er findet nicht statt") {
		t.Errorf("public page: %s", text)
	}
	status(t, "booking page", s.Get(t, a.Find("#example a[href$=booking]").AttrOr("href", "")), http.StatusOK)
	status(t, "a second one", s.Post(t, setupPath+"/example", "publish", "true"), http.StatusUnprocessableEntity)
	status(t, "publishing again", s.Post(t, "/admin/setup-assistant/example/publication"), http.StatusUnprocessableEntity)
	if a := s.Get(t, setupPath); a.Find("main ol .k-state").Length() != 6 {
		t.Errorf("done: %q", a.Texts("main ol li"))
	}
}

func TestTheExampleCanBeDeleted(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	status(t, "without one", s.Post(t, "/admin/setup-assistant/example/deletion"), http.StatusNotFound)
	status(t, "without one", s.Post(t, "/admin/setup-assistant/example/publication"), http.StatusNotFound)
	status(t, "as a draft", s.Post(t, setupPath+"/example"), http.StatusSeeOther)
	a := s.Get(t, setupPath+"/example")
	want(t, "state", a.Texts("#example .k-state"), []string{"Entwurf"})
	status(t, "published", s.Post(t, a.Find("#example form").First().AttrOr("action", "")), http.StatusSeeOther)
	href := s.Get(t, setupPath+"/example").Find("#example .btn-primary").AttrOr("href", "")
	id := strings.TrimPrefix(href, "/courses/")
	course, err := catalog.LoadCourse(t.Context(), s, int64(id[0]-'0'))
	if err != nil {
		t.Fatal(err)
	}
	s.MustConfirm(t, s.MustRequest(t, course))
	a = s.Get(t, setupPath+"/example")
	want(t, "what goes", a.Texts("#example form[action$=deletion] button"), []string{"Beispielkurs und 1 Probebuchung löschen"})
	status(t, "deleted", s.Post(t, a.Find("#example form[action$=deletion]").AttrOr("action", "")), http.StatusSeeOther)
	status(t, "gone", s.Get(t, href), http.StatusNotFound)
	if s.Get(t, setupPath+"/example").Find("#example").Length() != 0 {
		t.Error("it is still shown")
	}
}

// Two people in the assistant: the second is told, and can still save what they typed.
func TestSetupMeetsAnother(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	stale := s.Get(t, setupPath+"/contact").Fields("form.k-form")
	fill(t, s, "contact", "name", "Zuerst", "email", "a@example.org")
	stale.Set("name", "Danach")
	stale.Set("email", "b@example.org")
	a := s.PostForm(t, setupPath+"/contact", stale)
	status(t, "second", a, http.StatusConflict)
	if !strings.Contains(a.Find(".k-notice").Text(), "Jemand anders") || a.Find("#f-name").AttrOr("value", "") != "Danach" {
		t.Errorf("%q", a.Texts(".k-notice"))
	}
	status(t, "once more", s.PostForm(t, setupPath+"/contact", a.Fields("form.k-form")), http.StatusSeeOther)
	status(t, "no such step", s.Get(t, setupPath+"/nonsense"), http.StatusNotFound)
}

// Every text of every kind is there, in both languages.
func TestSetupSpeaksToEveryKind(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	for _, kind := range catalog.Kinds {
		status(t, kind, fill(t, s, "kind", "kind", kind), http.StatusSeeOther)
		for _, step := range []string{"booking", "offer"} {
			if body := s.Get(t, setupPath+"/"+step).Body; strings.Contains(body, "assistant.") {
				t.Errorf("%s, %s: a text is missing", kind, step)
			}
		}
	}
}
