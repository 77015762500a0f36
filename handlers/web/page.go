package web

import (
	"net/http"
	"net/url"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"kurso/locales"
	"kurso/models/catalog"
	"kurso/models/store"
	"kurso/templates/layout"
	"kurso/templates/ui"
)

const (
	sessionsKey  = "kurso.sessions"
	sessionFlash = "flash"
)

// SetSessions lends the request the session manager, for flashes.
func SetSessions(c echo.Context, m *scs.SessionManager) { c.Set(sessionsKey, m) }

// Flash shows a sentence on the next office page this person opens. It needs a staff route.
func Flash(c echo.Context, sentence string) {
	if m, ok := c.Get(sessionsKey).(*scs.SessionManager); ok {
		m.Put(c.Request().Context(), sessionFlash, sentence)
	}
}

// Office is the frame of a staff page. active is the key of its place in the navigation: dashboard,
// bookings, courses, course_types, locations, instructors, outbox, imports or settings.
func Office(c echo.Context, r store.Reader, title, active string) (layout.OfficePage, error) {
	ctx := c.Request().Context()
	provider, err := catalog.LoadProvider(ctx, r)
	if err != nil {
		return layout.OfficePage{}, err
	}
	t := func(key string) string { return locales.T(ctx, key) }
	page := layout.OfficePage{
		Title: title, Provider: provider.Name, Active: active,
		Nav: []ui.NavGroup{
			{Items: []ui.NavItem{
				{Key: "dashboard", Label: t("nav.dashboard"), Href: "/admin", Icon: "layout-dashboard", Go: "d"},
				{Key: "bookings", Label: t("nav.bookings"), Href: "/admin/bookings", Icon: "ticket", Go: "b"},
				{Key: "courses", Label: t("nav.courses"), Href: "/admin/courses", Icon: "calendar-days", Go: "c"},
			}},
			{Label: t("nav.catalogue"), Items: []ui.NavItem{
				{Key: "course_types", Label: t("nav.course_types"), Href: "/admin/course-types", Icon: "book-open", Go: "t"},
				{Key: "locations", Label: t("nav.locations"), Href: "/admin/locations", Icon: "map-pin", Go: "l"},
				{Key: "instructors", Label: t("nav.instructors"), Href: "/admin/instructors", Icon: "graduation-cap", Go: "i"},
				{Key: "imports", Label: t("nav.imports"), Href: "/admin/imports", Icon: "file-up", Go: "u"},
			}},
			{Label: t("nav.system"), Items: []ui.NavItem{
				{Key: "outbox", Label: t("nav.outbox"), Href: "/admin/outbox", Icon: "mail", Go: "o"},
				{Key: "settings", Label: t("nav.settings"), Href: "/admin/settings", Icon: "settings", Go: "s"},
			}},
		},
		UserMenu: []ui.Action{
			{Label: t("nav.public"), Href: "/courses", Icon: "external-link"},
			otherLanguage(c),
			{Label: t("nav.sign_out"), Post: "/admin/session/end", Icon: "log-out"},
		},
	}
	if u := User(c); u != nil {
		page.UserName = u.Name
	}
	if m, ok := c.Get(sessionsKey).(*scs.SessionManager); ok && c.Request().Method == http.MethodGet {
		if said := m.PopString(ctx, sessionFlash); said != "" {
			page.Flashes = []ui.Flash{{Tone: ui.Success, Text: said}}
		}
	}
	return page, nil
}

// otherLanguage offers the office in the language it does not speak now, and leads back to this page.
func otherLanguage(c echo.Context) ui.Action {
	a := ui.Action{Label: "English", Icon: "globe", Name: "locale", Value: locales.English}
	if locales.Of(c.Request().Context()) == locales.English {
		a.Label, a.Value = "Deutsch", locales.German
	}
	back := "/admin"
	if c.Request().Method == http.MethodGet {
		back = c.Request().URL.RequestURI()
	}
	a.Post = "/admin/session/locale?next=" + url.QueryEscape(back)
	return a
}

// Public is the frame of a page for everybody. The language travels in ?lang=, so its links keep it.
func Public(c echo.Context, p *catalog.Provider, title string) layout.PublicPage {
	ctx := c.Request().Context()
	page := layout.PublicPage{
		Title: title, Provider: p.Name, Home: Localized(c, "/courses"),
		Languages: []layout.Language{
			{Code: locales.German, Name: "Deutsch", Href: inLanguage(c.Request().URL, locales.German)},
			{Code: locales.English, Name: "English", Href: inLanguage(c.Request().URL, locales.English)},
		},
	}
	for _, l := range []struct{ key, href string }{
		{"footer.imprint", p.ImprintURL}, {"footer.privacy", p.PrivacyURL},
		{"footer.terms", p.TermsURL}, {"footer.withdrawal", p.WithdrawalURL},
	} {
		if l.href != "" {
			page.Footer = append(page.Footer, ui.Link{Label: locales.T(ctx, l.key), Href: l.href})
		}
	}
	return page
}

// Localized adds ?lang= to a path of our own when the request chose a language that way.
func Localized(c echo.Context, path string) string {
	lang := c.QueryParam("lang")
	if lang != locales.German && lang != locales.English {
		return path
	}
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	return inLanguage(u, lang)
}

func inLanguage(u *url.URL, lang string) string {
	q := u.Query()
	q.Set("lang", lang)
	return u.Path + "?" + q.Encode()
}
