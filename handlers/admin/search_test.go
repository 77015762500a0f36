package admin_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestSearchFindsAnything(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	search := func(q string) (hrefs []string, text string) {
		a := o.Do(t, http.MethodGet, "/admin/search?q="+q, nil, "HX-Request", "true")
		status(t, q, a, http.StatusOK)
		if a.Find("nav.k-side").Length() != 0 {
			t.Errorf("%s: htmx gets a whole page", q)
		}
		for _, e := range a.Find("[data-found]").EachIter() {
			hrefs = append(hrefs, e.AttrOr("href", ""))
		}
		return hrefs, a.Find("[data-found-region]").Text()
	}
	for q, path := range map[string]string{
		"yoga": "/admin/courses/", "demir": "/admin/instructors/", "mark": "/admin/locations/", "anlegen+kurs": "/admin/courses/new",
		"einladen": "/admin/users/new", "": "/admin/bookings", "postaus": "/admin/outbox",
	} {
		hrefs, _ := search(q)
		if !strings.Contains(strings.Join(hrefs, " "), path) {
			t.Errorf("%q finds %q, not %s", q, hrefs, path)
		}
	}
	if hrefs, text := search("gibtesnicht"); len(hrefs) != 0 || !strings.Contains(text, "Nichts gefunden für „gibtesnicht“") {
		t.Errorf("%q %q", hrefs, text)
	}
	if hrefs, _ := search(strings.Repeat("x", 300)); len(hrefs) != 0 {
		t.Errorf("a long text finds %q", hrefs)
	}
	page := o.Get(t, "/admin/search?q=yoga")
	status(t, "the page", page, http.StatusOK)
	if page.Find("main form[data-find] input[name=q]").AttrOr("value", "") != "yoga" || page.Find("main [data-found]").Length() == 0 {
		t.Error("without scripts there is no page with the results")
	}
	o.SignInAs(t, "instructor")
	if hrefs, _ := search("yoga"); len(hrefs) != 0 {
		t.Errorf("somebody finds courses that are not theirs: %q", hrefs)
	}
	for _, q := range []string{"a", "einladen", "demir", ""} {
		hrefs, _ := search(q)
		for _, h := range hrefs {
			if strings.HasPrefix(h, "/admin/users") || strings.HasPrefix(h, "/admin/instructors") || strings.HasPrefix(h, "/admin/bookings") || strings.HasPrefix(h, "/admin/settings") {
				t.Errorf("%q leads to %s", q, h)
			}
		}
	}
}
