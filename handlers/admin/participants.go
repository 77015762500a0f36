package admin

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/templates/admin"
)

// Participants shows who takes part in a course; printed, it is a sheet to sign.
func (h *Handlers) Participants(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	var v admin.ParticipantsView
	if v.Course, err = catalog.LoadCourse(ctx, h.St, id); err != nil {
		return err
	}
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	v.Zone = provider.Zone()
	if v.People, v.Contact, err = booking.Attendees(ctx, h.St, id); err != nil {
		return err
	}
	if v.Page, err = h.page(c, locales.T(ctx, "participants.title"), "courses"); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.Participants(v))
}
