package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/templates/portal"
)

// Course is the page of one course.
func (h *Handlers) Course(c echo.Context) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	provider, err := web.Provider(c, h.St)
	if err != nil {
		return err
	}
	course, err := catalog.LoadPublic(ctx, h.St, id)
	if err != nil {
		return err
	}
	zone := provider.Zone()
	offer, err := h.offer(ctx, course, zone)
	if err != nil {
		return err
	}
	v := portal.CourseView{
		Offer: offer, Back: web.Localized(c, "/courses"), Booking: coursePath(c, id, "/booking"), VATNote: provider.VATNote,
		Closes: deadline(ctx, course.BookingClosesAt, zone),
	}
	if until := booking.CancellableUntil(course, provider); until != nil && until.After(h.St.Now()) {
		v.CancelUntil = deadline(ctx, until, zone)
	}
	page := web.Public(c, provider, course.Name)
	page.Description = offer.Summary(ctx)
	page.Canonical = h.Cfg.PublicURL + coursePath(c, id, "")
	page.NoIndex = !offer.Can.Open()
	c.Response().Header().Set("Cache-Control", "no-cache")
	return web.Render(c, http.StatusOK, portal.Course(page, v))
}
