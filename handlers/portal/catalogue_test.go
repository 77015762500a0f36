package portal_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"kurso/handlers/handlertest"
	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/store"
)

func run(t *testing.T, s *handlertest.Site, sql string, args ...any) {
	t.Helper()
	s.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw(sql, args...).Exec(ctx)
		return err
	})
}

func called(name string) modeltest.CourseOption { return func(c *catalog.Course) { c.Name = name } }

func TestHomeIsTheCatalogue(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	if a := s.Get(t, "/?lang=en"); a.Status != http.StatusFound || a.Location() != "/courses?lang=en" {
		t.Errorf("%d to %s", a.Status, a.Location())
	}
}

func TestCatalogueShowsAndFilters(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	full := s.MustCreateCourse(t, called("Yoga"), modeltest.Places(1))
	s.MustConfirm(t, s.MustRequest(t, full))
	online := s.MustCreateCourse(t, called("Englisch A1"), func(c *catalog.Course) { c.Delivery = catalog.Online })
	run(t, s, "INSERT INTO categories (code, name) VALUES ('4', 'Sprachen')")
	run(t, s, "UPDATE course_types SET category_id = (SELECT id FROM categories) WHERE id = ?", online.CourseTypeID)

	a := s.Get(t, "/courses")
	if got := a.Texts(".k-offer h2"); !slices.Equal(got, []string{"Yoga", "Englisch A1"}) {
		t.Fatalf("courses: %q", got)
	}
	if got := a.Texts(".k-offer .k-state"); !slices.Equal(got, []string{"Ausgebucht, Warteliste möglich", "10 Plätze frei"}) {
		t.Errorf("places: %q", got)
	}
	if got := a.Texts(".k-offer-price"); got[0] != "47,00 € bis 82,80 €" {
		t.Errorf("price: %q", got)
	}
	if got := a.Texts(".k-chips [role=status]"); !slices.Equal(got, []string{"2 Kurse"}) {
		t.Errorf("count: %q", got)
	}
	if a.Header.Get("Cache-Control") != "no-cache" || a.Find("meta[name=robots]").Length() != 0 || a.Find("meta[name=description]").AttrOr("content", "") == "" ||
		a.Find("link[rel=canonical]").AttrOr("href", "") != s.URL+"/courses" {
		t.Error("the head is not one for search engines")
	}

	for query, want := range map[string]string{
		"q=yoga": "Yoga", "q=spra": "Englisch A1", "places=free": "Englisch A1", "delivery=online": "Englisch A1", "q=%00%ff": "Yoga Englisch A1",
		"category=1": "Englisch A1", "category=x&location=-1e9&weekday=8&places=y": "Yoga Englisch A1", "weekday=3": "Yoga Englisch A1", "weekday=1": "",
		"q=" + strings.Repeat("x+", 500): "", "after=2026.x&before=..": "Yoga Englisch A1", "location=99999999999999999999": "Yoga Englisch A1",
	} {
		a := s.Get(t, "/courses?"+query)
		if got := strings.Join(a.Texts(".k-offer h2"), " "); a.Status != http.StatusOK || got != want {
			t.Errorf("?%s: %d, %q, want %q", query, a.Status, got, want)
		}
	}

	a = s.Get(t, "/courses?q=e&delivery=online&lang=en")
	if got := a.Texts(".k-chips .k-chip"); !slices.Equal(got, []string{"“e”", "Fully or partly online"}) {
		t.Errorf("conditions: %q", got)
	}
	if got := a.Find(".k-chip-remove").First().AttrOr("href", ""); got != "/courses?delivery=online&lang=en" {
		t.Errorf("without the search it is %s", got)
	}
	if got := a.Find(".k-offer a").AttrOr("href", ""); !strings.HasSuffix(got, "?lang=en") {
		t.Errorf("the language is lost: %s", got)
	}
	if a.Find("form.k-filter input[name=lang][value=en]").Length() != 1 || a.Find("html").AttrOr("lang", "") != "en" {
		t.Error("the filter loses the language")
	}
	if a.Find("meta[name=robots]").AttrOr("content", "") != "noindex" {
		t.Error("search engines keep filtered lists")
	}

	part := s.Do(t, http.MethodGet, "/courses?q=yoga&category=", nil, "HX-Request", "true")
	if part.Find("#courses").Length() != 1 || part.Find("h1").Length() != 0 || !strings.Contains(strings.Join(part.Header.Values("Vary"), ","), "HX-Request") {
		t.Error("htmx gets more than the list")
	}
	if got := part.Header.Get("HX-Push-Url"); got != "/courses?q=yoga" {
		t.Errorf("the address becomes %q", got)
	}
}

func TestCatalogueHasPages(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	c := s.MustCreateCourse(t)
	run(t, s, `INSERT INTO courses (course_type_id, name, state, start_date, end_date, created_at, updated_at)
		SELECT course_type_id, 'Kurs ' || n, state, start_date + n, start_date + n, created_at, updated_at FROM courses, generate_series(1, 59) n WHERE id = ?`, c.ID)
	seen, path := map[string]bool{}, "/courses?places=free"
	for pages := 1; path != ""; pages++ {
		a := s.Get(t, path)
		for _, href := range a.Find(".k-offer a").EachIter() {
			seen[href.AttrOr("href", "")] = true
		}
		path = a.Find(".k-pager a[rel=next]").AttrOr("href", "")
		if path == "" {
			back := s.Get(t, a.Find(".k-pager a[rel=prev]").AttrOr("href", ""))
			if n := back.Find(".k-offer").Length(); n != 25 || pages != 3 {
				t.Errorf("%d pages; one back has %d courses", pages, n)
			}
		}
	}
	if len(seen) != 60 {
		t.Errorf("%d courses on all pages", len(seen))
	}
}

func TestAnEmptyCatalogueSaysSo(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	if got := s.Get(t, "/courses").Texts(".k-empty h2"); !slices.Equal(got, []string{"Noch keine Kurse"}) {
		t.Errorf("%q", got)
	}
	a := s.Get(t, "/courses?q=nichts")
	if got := a.Texts(".k-empty h2"); !slices.Equal(got, []string{"Kein Kurs passt dazu"}) || a.Find(".k-empty a").AttrOr("href", "") != "/courses" {
		t.Errorf("%q", got)
	}
}

func TestCoursePage(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	c := s.MustCreateCourse(t, called("Englisch A1"), func(c *catalog.Course) {
		units := 2667
		c.Description, c.Level, c.TeachingUnits = "<p>Wir <strong>reden</strong>.</p>", "A1", &units
	})
	path := fmt.Sprintf("/courses/%d", c.ID)
	run(t, s, "UPDATE provider SET vat_note = 'umsatzsteuerfrei'")
	a := s.Get(t, path)
	if got := a.Texts("h1"); !slices.Equal(got, []string{"Englisch A1"}) {
		t.Fatalf("%d %q", a.Status, got)
	}
	if a.Find(".k-prose p strong").Text() != "reden" {
		t.Error("the description is not shown as it was written")
	}
	if got := a.Texts(".k-sessions li"); len(got) != 2 || got[0] != "Mi., 23.12.2026, 18:30–21:00 Uhr" {
		t.Errorf("sessions: %q", got)
	}
	if got := strings.Join(a.Texts(".k-course-box"), ""); !strings.Contains(got, "82,80 € Normalpreis") || !strings.Contains(got, "umsatzsteuerfrei") || !strings.Contains(got, "bis Mi., 16.12.2026") {
		t.Errorf("the box says %q", got)
	}
	if got := strings.Join(a.Texts(".k-facts"), ""); !strings.Contains(got, "26,67 Unterrichtseinheiten") {
		t.Errorf("the facts say %q", got)
	}
	if en := s.Get(t, path+"?lang=en"); !strings.Contains(strings.Join(en.Texts(".k-course-box"), ""), "Book now") || en.Find(".k-course-box a.btn").AttrOr("href", "") != path+"/booking?lang=en" {
		t.Error("the English page is not English")
	}

	soon, past := s.Now().Add(48*time.Hour), s.Now().Add(-time.Hour)
	for _, change := range []struct {
		sql   string
		arg   any
		words string
		form  int
	}{
		{"booking_opens_at = ?", soon, "noch nicht begonnen", http.StatusFound},
		{"booking_opens_at = NULL, booking_closes_at = ?", past, "ist beendet", http.StatusFound},
		{"booking_closes_at = NULL, max_places = ?", 0, "ausgebucht", http.StatusOK},
		{"max_places = 10, state = ?", catalog.CalledOff, "findet nicht statt", http.StatusFound},
		{"state = ?", catalog.Finished, "nicht gebucht werden", http.StatusFound},
		{"state = ?", catalog.Draft, "", http.StatusNotFound},
	} {
		run(t, s, "UPDATE courses SET min_places = NULL, "+change.sql+" WHERE id = ?", change.arg, c.ID)
		a := s.Get(t, path)
		if got := strings.Join(a.Texts(".k-course-box"), ""); !strings.Contains(got, change.words) {
			t.Errorf("%s: the page says %q", change.sql, got)
		}
		if form := s.Get(t, path+"/booking"); form.Status != change.form {
			t.Errorf("%s: the form answers %d", change.sql, form.Status)
		}
	}
	for _, id := range []string{"0", "x", "999999", "99999999999999999999"} {
		if a := s.Get(t, "/courses/"+id); a.Status != http.StatusNotFound {
			t.Errorf("/courses/%s: %d", id, a.Status)
		}
	}
}

// What people and files write is text, wherever it is shown.
func TestNothingIsTakenForHTML(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	evil := `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	c := s.MustCreateCourse(t, func(c *catalog.Course) {
		c.Name, c.Subtitle, c.Number, c.Level, c.Certificate = evil, evil, evil, evil, evil
		c.TargetGroups, c.Keywords = []string{evil}, []string{evil}
	})
	run(t, s, `UPDATE provider SET name = ?, vat_note = ?, privacy_url = 'javascript:alert(1)', terms_url = 'javascript:alert(1)'`, evil, evil)
	run(t, s, `UPDATE price_tiers SET name = ?, note = ?`, evil, evil)
	run(t, s, `UPDATE course_sessions SET note = ?`, evil)
	path, v := filled(t, s, c)
	for name := range v {
		if name != "token" && name != "website" && name != "self" && !strings.Contains(name, "price_tier") {
			v.Set(name, evil)
		}
	}
	v.Set("email", "erika@example.org")
	v.Set("zip", "<b>x</b>")
	v.Set("phone", "<b>x</b>")
	v.Set("payer.zip", "<b>x</b>")
	v.Set("payer.email", "")
	v.Set("payer_separate", "true")
	answers := map[string]*handlertest.Answer{
		"catalogue": s.Get(t, "/courses?q="+url.QueryEscape(evil)+"&category="+url.QueryEscape(evil)+"&lang="+url.QueryEscape(evil)),
		"list":      s.Get(t, "/courses"),
		"course":    s.Get(t, fmt.Sprintf("/courses/%d", c.ID)),
		"form":      s.PostForm(t, path, with(v, "do", "edit")),
		"errors":    s.PostForm(t, path, with(v, "do", "review", "email", evil)),
	}
	review := s.PostForm(t, path, with(v, "do", "review"))
	answers["review"] = review
	sent := s.PostForm(t, path, with(review.Fields("#review"), "do", "book"))
	answers["receipt"] = s.Get(t, sent.Location())
	token := mailedToken(t, s)
	answers["confirmation"] = s.Get(t, "/bookings/"+token+"/confirmation")
	done := s.Post(t, "/bookings/"+token+"/confirmation")
	answers["booking"] = s.Get(t, done.Location())
	answers["cancellation"] = s.Get(t, done.Location()+"/cancellation")
	for name, a := range answers {
		if a.Status >= 500 || a.Status == http.StatusNotFound {
			t.Errorf("%s: %d", name, a.Status)
		}
		a.Find("script").Each(func(_ int, sel *goquerySelection) {
			if sel.Text() != "" {
				t.Errorf("%s: a script slipped in: %s", name, sel.Text())
			}
		})
		if a.Find("img, [onerror]").Length() != 0 {
			t.Errorf("%s: an element slipped in", name)
		}
		if a.Find("a[href^='javascript:']").Length() != 0 {
			t.Errorf("%s: a link runs a script", name)
		}
	}
}
