package admin

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/catalog"
	"kurso/models/exports"
	"kurso/models/store"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

// hits is how many rows of each list a search shows.
const hits = 5

// Search finds pages and things to do by their names, and rows of every list that can be searched, as far as
// the user may see them.
func (h *Handlers) Search(c echo.Context) error {
	ctx := c.Request().Context()
	v := admin.SearchView{Query: strings.TrimSpace(web.Clean(c.QueryParam("q")))}
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	v.Zone = provider.Zone()
	v.Places = placesNamed(c, v.Query)
	if v.Found, err = exports.Search(ctx, h.St, v.Zone, v.Query, hits); err != nil {
		return err
	}
	if web.IsFragment(c) {
		return web.Render(c, http.StatusOK, admin.SearchResults(v))
	}
	if v.Page, err = h.page(c, locales.T(ctx, "search.title"), ""); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.Search(v))
}

// placesNamed are the pages and things to do whose names hold every word of a query.
func placesNamed(c echo.Context, query string) []ui.Action {
	ctx := c.Request().Context()
	words := strings.Fields(store.Fold(query))
	var out []ui.Action
	add := func(a ui.Action) {
		label := store.Fold(a.Label)
		for _, w := range words {
			if !strings.Contains(label, w) {
				return
			}
		}
		out = append(out, a)
	}
	for _, a := range admin.ThingsToDo(ctx) {
		add(a)
	}
	for _, g := range web.Navigation(ctx) {
		for _, i := range g.Items {
			add(ui.Action{Label: i.Label, Href: i.Href, Icon: i.Icon})
		}
	}
	for _, l := range exports.Lists {
		if exports.May(c.Request().Context(), l) {
			add(ui.Action{Label: admin.ListTitle(ctx, l), Href: l.Path, Icon: "list-filter"})
		}
	}
	return distinct(out)
}

// distinct leaves out what leads to a page that was named already.
func distinct(actions []ui.Action) []ui.Action {
	var out []ui.Action
	seen := map[string]bool{}
	for _, a := range actions {
		if !seen[a.Href] {
			out = append(out, a)
		}
		seen[a.Href] = true
	}
	return out
}
