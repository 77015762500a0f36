package portal_test

import (
	"net/http"
	"testing"

	"kurso/handlers/handlertest"
	"kurso/models/catalog"
)

func setLanguages(t *testing.T, s *handlertest.Site, first string, languages ...string) {
	t.Helper()
	p, err := catalog.LoadProvider(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	in := catalog.LanguagesInputOf(p)
	in.Languages, in.DefaultLanguage = languages, first
	if err := catalog.SaveSettings(t.Context(), s.Store, in); err != nil {
		t.Fatal(err)
	}
}

// Public pages speak the languages that the provider offers, and no others.
func TestPublicPagesSpeakWhatIsOffered(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.MustCreateCourse(t)
	for _, c := range []struct {
		first     string
		languages []string
		path      string
		accept    string
		want      string
		choices   int
	}{
		{"de", []string{"de", "en"}, "/courses", "en", "en", 2},
		{"de", []string{"de", "en"}, "/courses?lang=en", "de", "en", 2},
		{"en", []string{"de", "en"}, "/courses", "fr", "en", 2},
		{"en", []string{"de", "en"}, "/courses", "", "en", 2},
		{"de", []string{"de"}, "/courses", "en-GB,en;q=0.9,de;q=0.1", "de", 0},
		{"de", []string{"de"}, "/courses?lang=en", "en", "de", 0},
		{"de", []string{"de"}, "/courses/1/booking?lang=en", "en", "de", 0},
		{"de", []string{"de"}, "/courses/999?lang=en", "en", "de", 0},
		{"de", []string{"de"}, "/nowhere?lang=en", "en", "de", 0},
		{"en", []string{"en"}, "/courses", "de", "en", 0},
		{"en", []string{"en"}, "/courses/1?lang=de", "de", "en", 0},
	} {
		setLanguages(t, s, c.first, c.languages...)
		a := s.Do(t, http.MethodGet, c.path, nil, "Accept-Language", c.accept)
		if got := a.Find("html").AttrOr("lang", ""); got != c.want || a.Header.Get("Content-Language") != c.want {
			t.Errorf("%s for %q with %v offered speaks %q", c.path, c.accept, c.languages, got)
		}
		if got := a.Find(".k-languages a").Length(); got != c.choices {
			t.Errorf("%s with %v offered shows %d languages", c.path, c.languages, got)
		}
		if len(c.languages) == 1 && a.Find("a[href*='lang=']").Length() > 0 {
			t.Errorf("%s carries a language along that is not offered", c.path)
		}
	}
	setLanguages(t, s, "de", "de")
	if a := s.Do(t, http.MethodGet, "/admin/session?lang=en", nil); a.Find("html").AttrOr("lang", "") != "en" {
		t.Error("the office speaks all languages, whatever is offered in public")
	}
}
