package ui_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/a-h/templ"

	"kurso/handlers/browsertest"
	"kurso/locales"
	"kurso/static"
	"kurso/templates/layout"
	"kurso/templates/ui"
)

// patience is how long a step may take.
const patience = 20 * time.Second

// strict is stricter than what the server sends: the parts need no exception.
const strict = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'"

// office serves child in the office's frame at /, what answer says at /answer, and an empty page elsewhere.
func office(t *testing.T, child templ.Component, answer http.HandlerFunc) string {
	t.Helper()
	frame := layout.OfficePage{
		Title: "Bausteine", Provider: "Volkshochschule Musterstadt", UserName: "Sofia Nowak", Active: "courses",
		UserMenu: []ui.Action{{Label: "Abmelden", Post: "/out"}},
		Nav:      []ui.NavGroup{{Items: []ui.NavItem{{Key: "courses", Label: "Kurse", Href: "/courses", Icon: "calendar-days", Go: "c"}}}},
	}
	page := func(w http.ResponseWriter, r *http.Request, body templ.Component) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", strict)
		ctx := templ.WithChildren(locales.With(r.Context(), r.FormValue("lang")), body)
		if err := layout.Office(frame).Render(ctx, w); err != nil {
			t.Error(err)
		}
	}
	mux := http.NewServeMux()
	mux.Handle(static.Prefix, static.Handler())
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, r *http.Request) { page(w, r, child) })
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { page(w, r, ui.Header(ui.PageHeader{Title: r.URL.Path})) })
	if answer != nil {
		mux.HandleFunc("/answer", answer)
	}
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestGalleryIsAccessible(t *testing.T) {
	t.Parallel()
	url := office(t, ui.Gallery(), nil)
	browser := browsertest.Open(t)
	for name, see := range map[string]struct {
		path    string
		width   int
		options []browsertest.Option
	}{
		"wide":             {"/", 1280, nil},
		"wide and dark":    {"/", 1280, []browsertest.Option{browsertest.Dark}},
		"English":          {"/?lang=en", 1280, nil},
		"phone":            {"/", 360, nil},
		"phone and dark":   {"/", 360, []browsertest.Option{browsertest.Dark}},
		"narrowest":        {"/", 320, nil},
		"half of 1280":     {"/", 640, nil},
		"without scripts":  {"/", 1280, []browsertest.Option{browsertest.NoScripts}},
		"phone no scripts": {"/", 360, []browsertest.Option{browsertest.NoScripts}},
	} {
		t.Run(name, func(t *testing.T) {
			page := browsertest.Page(t, browser, url+see.path, see.width, see.options...)
			if wide := page.MustEval(`() => document.documentElement.scrollWidth`).Int(); wide > see.width {
				t.Errorf("the page is %d wide", wide)
			}
			if !slices.Contains(see.options, browsertest.NoScripts) { // axe waits for timers
				browsertest.Axe(t, page)
			}
		})
	}
}
