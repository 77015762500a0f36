package web

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/models/store"
	"kurso/templates/layout"
	"kurso/templates/ui"
)

const (
	sessionsKey   = "kurso.sessions"
	sessionFlash  = "flash"
	sessionNotice = "notice"
)

// SetSessions lends the request the session manager, for flashes.
func SetSessions(c echo.Context, m *scs.SessionManager) { c.Set(sessionsKey, m) }

// Flash shows a sentence on the next office page this person opens. It needs a staff route.
func Flash(c echo.Context, sentence string) {
	if m, ok := c.Get(sessionsKey).(*scs.SessionManager); ok {
		m.Put(c.Request().Context(), sessionFlash, sentence)
	}
}

// Notify is Flash for what this person did not do themselves.
func Notify(c echo.Context, sentence string) {
	if m, ok := c.Get(sessionsKey).(*scs.SessionManager); ok {
		m.Put(c.Request().Context(), sessionNotice, sentence)
	}
}

// flashes are what was said for the next page.
func flashes(c echo.Context) (out []ui.Flash) {
	m, ok := c.Get(sessionsKey).(*scs.SessionManager)
	if !ok || c.Request().Method != http.MethodGet {
		return nil
	}
	ctx := c.Request().Context()
	if said := m.PopString(ctx, sessionFlash); said != "" {
		out = append(out, ui.Flash{Tone: ui.Success, Text: said})
	}
	if said := m.PopString(ctx, sessionNotice); said != "" {
		out = append(out, ui.Flash{Tone: ui.Info, Text: said})
	}
	return out
}

// Office is the frame of a staff page. active is the key of its place in the navigation, of places.
func Office(c echo.Context, st *store.Store, title, active string) (layout.OfficePage, error) {
	ctx := c.Request().Context()
	provider, err := catalog.LoadProvider(ctx, st)
	if err != nil {
		return layout.OfficePage{}, err
	}
	banners, err := support(ctx, st, provider.Zone())
	if err != nil {
		return layout.OfficePage{}, err
	}
	page := layout.OfficePage{
		Title: title, Provider: provider.Name, Active: active,
		Nav: Navigation(ctx), Banners: banners,
		UserMenu: []ui.Action{
			{Label: locales.T(ctx, "nav.account"), Href: "/admin/account", Icon: "user"},
			{Label: locales.T(ctx, "nav.public"), Href: "/courses", Icon: "external-link"},
			{Label: locales.T(ctx, "nav.notifications"), Href: "/admin/notifications", Icon: "bell"},
			otherLanguage(c),
			{Label: locales.T(ctx, "nav.sign_out"), Post: "/admin/session/end", Icon: "log-out"},
		},
	}
	if u := User(c); u != nil {
		page.UserName = u.Name
	}
	page.Flashes = flashes(c)
	return page, nil
}

// support says to all staff who from outside has access now, and leads those who may end it there.
func support(ctx context.Context, st *store.Store, zone *time.Location) ([]layout.Banner, error) {
	open, err := accounts.OpenSupport(ctx, st)
	var out []layout.Banner
	for _, a := range open {
		b := layout.Banner{Text: locales.T(ctx, "support.banner", "Name", a.Name, "Until", locales.DateTime(ctx, a.EndsAt.In(zone)))}
		if accounts.GrantsOf(ctx).May(accounts.AccountsWrite) {
			b.Link = &ui.Link{Label: locales.T(ctx, "support.manage"), Href: "/admin/support-access"}
		}
		out = append(out, b)
	}
	return out, err
}

// places are where the navigation leads, by group, each with what it takes to go there; "" is for everybody.
var places = []struct {
	label string
	items []place
}{
	{"", []place{
		{"dashboard", "/admin", "layout-dashboard", "d", ""},
		{"bookings", "/admin/bookings", "ticket", "b", accounts.BookingsRead},
		{"courses", "/admin/courses", "calendar-days", "c", accounts.CoursesRead},
	}},
	{"nav.catalogue", []place{
		{"course_types", "/admin/course-types", "book-open", "t", accounts.CatalogueRead},
		{"locations", "/admin/locations", "map-pin", "l", accounts.CatalogueRead},
		{"instructors", "/admin/instructors", "graduation-cap", "i", accounts.CatalogueRead},
		{"imports", "/admin/imports", "file-up", "u", accounts.ImportsRead},
	}},
	{"nav.system", []place{
		{"outbox", "/admin/outbox", "mail", "o", accounts.OutboxRead},
		{"users", "/admin/users", "users", "p", accounts.AccountsRead},
		{"roles", "/admin/roles", "lock", "r", accounts.RolesWrite},
		{"audit", "/admin/audit", "history", "a", accounts.AuditRead},
		{"settings", "/admin/settings", "settings", "s", accounts.SettingsRead},
	}},
}

// place is one line of the navigation, labelled "nav.<key>".
type place struct {
	key, href, icon, letter string
	needs                   accounts.Permission
}

// Navigation is the places that ctx's actor may go to.
func Navigation(ctx context.Context) []ui.NavGroup {
	var out []ui.NavGroup
	grants := accounts.GrantsOf(ctx)
	for _, g := range places {
		group := ui.NavGroup{}
		if g.label != "" {
			group.Label = locales.T(ctx, g.label)
		}
		for _, p := range g.items {
			if p.needs == "" || grants.May(p.needs) {
				group.Items = append(group.Items, ui.NavItem{Key: p.key, Label: locales.T(ctx, "nav."+p.key), Href: p.href, Icon: p.icon, Go: p.letter})
			}
		}
		if len(group.Items) > 0 {
			out = append(out, group)
		}
	}
	return out
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
	}
	for _, lang := range p.Languages {
		page.Languages = append(page.Languages, layout.Language{Code: lang, Name: locales.Name(lang), Href: inLanguage(c.Request().URL, lang)})
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

// Localized adds ?lang= to a path of our own when the request chose a language that is offered that way.
func Localized(c echo.Context, path string) string {
	lang := c.QueryParam("lang")
	if lang == "" || lang != locales.Of(c.Request().Context()) {
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
