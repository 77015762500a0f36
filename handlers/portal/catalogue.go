package portal

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/templates/portal"
	"kurso/templates/ui"
)

// catalogueQuery is the catalogue's address. Numbers that are none narrow nothing.
type catalogueQuery struct {
	Q        string `form:"q"`
	Category string `form:"category"`
	Location string `form:"location"`
	Weekday  string `form:"weekday"`
	Places   string `form:"places"`
	Delivery string `form:"delivery"`
	After    string `form:"after"`
	Before   string `form:"before"`
}

const (
	onlyFree   = "free"
	onlyOnline = "online"
)

func (q catalogueQuery) filter() catalog.PublicFilter {
	f := catalog.PublicFilter{
		Query: q.Q, Free: q.Places == onlyFree, Online: q.Delivery == onlyOnline, After: q.After, Before: q.Before,
	}
	f.CategoryID, f.LocationID = number(q.Category), number(q.Location)
	if d, err := strconv.Atoi(q.Weekday); err == nil && d >= 1 && d <= 7 {
		f.Weekday = d
	}
	return f
}

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Catalogue lists the courses on offer; to htmx it answers with the list alone.
func (h *Handlers) Catalogue(c echo.Context) error {
	var q catalogueQuery
	if err := web.BindQuery(c, &q); err != nil {
		return err
	}
	ctx := c.Request().Context()
	provider, err := web.Provider(c, h.St)
	if err != nil {
		return err
	}
	v, err := h.catalogueView(c, q, provider.Zone())
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-cache")
	if web.IsFragment(c) {
		c.Response().Header().Set("HX-Push-Url", catalogueLink(c, "", ""))
		return web.Render(c, http.StatusOK, portal.CatalogueCourses(v))
	}
	page := web.Public(c, provider, locales.T(ctx, "portal.catalogue.title"))
	page.Htmx = true
	page.Description = locales.T(ctx, "portal.catalogue.description", "Provider", provider.Name)
	page.Canonical = h.Cfg.PublicURL + web.Localized(c, "/courses")
	page.NoIndex = len(v.Chips) > 0 // search engines need the courses, not every combination of filters
	return web.Render(c, http.StatusOK, portal.Catalogue(page, v))
}

func (h *Handlers) catalogueView(c echo.Context, q catalogueQuery, zone *time.Location) (portal.CatalogueView, error) {
	ctx := c.Request().Context()
	var v portal.CatalogueView
	list, err := catalog.ListPublic(ctx, h.St, q.filter(), zone)
	if err != nil {
		return v, err
	}
	categories, locations, err := catalog.PublicChoices(ctx, h.St, zone)
	if err != nil {
		return v, err
	}
	v.Filter = filterBar(c, q, categories, locations)
	v.Chips, v.Clear = chips(c, v.Filter), web.Localized(c, "/courses")
	v.Result = locales.N(ctx, "portal.catalogue.count", list.Count)
	if list.More {
		v.Result = locales.T(ctx, "portal.catalogue.many", "Count", locales.Number(ctx, int64(list.Count)))
	}
	v.Pager = ui.Pager{Previous: pageLink(c, "before", list.Previous), Next: pageLink(c, "after", list.Next)}
	v.Offers, err = h.offers(c, list.Offers, zone)
	return v, err
}

func (h *Handlers) offers(c echo.Context, list []*catalog.Offer, zone *time.Location) ([]portal.Offer, error) {
	ids := make([]int64, len(list))
	for i, o := range list {
		ids[i] = o.Course.ID
	}
	places, err := booking.PlacesOf(c.Request().Context(), h.St, ids...)
	if err != nil {
		return nil, err
	}
	out := make([]portal.Offer, len(list))
	now := h.St.Now()
	for i, o := range list {
		p := places[o.Course.ID]
		out[i] = portal.Offer{Offer: o, Places: p, Can: booking.JudgeBookability(o.Course, p, now, zone), Zone: zone, Href: coursePath(c, o.Course.ID, "")}
	}
	return out, nil
}

func filterBar(c echo.Context, q catalogueQuery, categories []*catalog.Category, locations []*catalog.Location) ui.Filter {
	ctx := c.Request().Context()
	t := func(key string) string { return locales.T(ctx, key) }
	choose := func(name, value string, options ...ui.Option) ui.FilterSelect {
		all := ui.Option{Label: t("portal.filter.all")}
		return ui.FilterSelect{Name: name, Label: t("portal.filter." + name), Value: value, Options: append([]ui.Option{all}, options...)}
	}
	var cats, locs, days []ui.Option
	for _, cat := range categories {
		cats = append(cats, ui.Option{Value: strconv.FormatInt(cat.ID, 10), Label: cat.Name})
	}
	for _, loc := range locations {
		label := loc.Name
		if loc.Town != "" && loc.Town != loc.Name {
			label += ", " + loc.Town
		}
		locs = append(locs, ui.Option{Value: strconv.FormatInt(loc.ID, 10), Label: label})
	}
	for d := 1; d <= 7; d++ {
		days = append(days, ui.Option{Value: strconv.Itoa(d), Label: t("portal.weekday." + strconv.Itoa(d))})
	}
	bar := ui.Filter{
		Action: "/courses", Region: "courses",
		Search: ui.Search{Name: "q", Label: t("portal.filter.q"), Value: q.Q, Placeholder: t("portal.filter.q.example")},
	}
	if len(cats) > 0 {
		bar.Selects = append(bar.Selects, choose("category", q.Category, cats...))
	}
	if len(locs) > 1 {
		bar.Selects = append(bar.Selects, choose("location", q.Location, locs...))
	}
	bar.Selects = append(bar.Selects, choose("weekday", q.Weekday, days...),
		choose("places", q.Places, ui.Option{Value: onlyFree, Label: t("portal.filter.places.free")}),
		choose("delivery", q.Delivery, ui.Option{Value: onlyOnline, Label: t("portal.filter.delivery.online")}))
	if lang := c.QueryParam("lang"); lang != "" {
		bar.Hidden = append(bar.Hidden, ui.Hidden{Name: "lang", Value: lang})
	}
	return bar
}

// chips say which conditions hold, each with the way to drop it.
func chips(c echo.Context, bar ui.Filter) []ui.FilterChip {
	var list []ui.FilterChip
	without := func(name string) string { return catalogueLink(c, name, "") }
	if bar.Search.Value != "" {
		list = append(list, ui.FilterChip{Label: locales.T(c.Request().Context(), "portal.filter.q.chip", "Words", bar.Search.Value), Remove: without("q")})
	}
	for _, s := range bar.Selects {
		for _, o := range s.Options {
			if o.Value != "" && o.Value == s.Value {
				list = append(list, ui.FilterChip{Label: o.Label, Remove: without(s.Name)})
			}
		}
	}
	return list
}

// pageLink leads to another page of the same list.
func pageLink(c echo.Context, name, cursor string) string {
	if cursor == "" {
		return ""
	}
	return catalogueLink(c, name, cursor)
}

// catalogueLink is the page's address with one value changed, from the list's beginning.
func catalogueLink(c echo.Context, name, value string) string {
	q := url.Values{}
	for key, v := range c.QueryParams() {
		if v[0] != "" && key != "after" && key != "before" {
			q.Set(key, web.Clean(v[0]))
		}
	}
	if value == "" {
		q.Del(name)
	} else {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return "/courses"
	}
	return "/courses?" + q.Encode()
}
