// Package portal is the public side: catalogue, booking, confirmation and cancellation. It sets no cookie
// and needs no script.
package portal

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"kurso/config"
	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/store"
	"kurso/templates/layout"
	"kurso/templates/portal"
)

// Handlers answer the public routes.
type Handlers struct {
	St  *store.Store
	Cfg *config.Config
}

// Home leads to the catalogue.
func (h *Handlers) Home(c echo.Context) error {
	return c.Redirect(http.StatusFound, web.Localized(c, "/courses"))
}

// private keeps a page that holds a token or personal data out of caches and search engines.
func private(c echo.Context, page *layout.PublicPage) {
	c.Response().Header().Set("Cache-Control", "no-store")
	page.NoIndex = true
}

// coursePath is a course's page, or with "/booking" its form.
func coursePath(c echo.Context, id int64, rest string) string {
	return web.Localized(c, "/courses/"+strconv.FormatInt(id, 10)+rest)
}

// offer judges a course whose sessions and prices are loaded.
func (h *Handlers) offer(ctx context.Context, course *catalog.Course, zone *time.Location) (portal.Offer, error) {
	places, err := booking.PlacesOf(ctx, h.St, course.ID)
	if err != nil {
		return portal.Offer{}, err
	}
	o := portal.Offer{Offer: course.Offer(zone), Places: places[course.ID], Zone: zone}
	o.Can = booking.JudgeBookability(course, o.Places, h.St.Now(), zone)
	return o, nil
}

// deadline writes until when something can be done; the end of a day is that day.
func deadline(ctx context.Context, t *time.Time, zone *time.Location) string {
	if t == nil {
		return ""
	}
	local := t.In(zone)
	if local.Hour() == 0 && local.Minute() == 0 {
		return locales.Day(ctx, local.Add(-time.Second))
	}
	return locales.DateTime(ctx, local)
}
