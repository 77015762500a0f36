package admin

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/people"
	"kurso/templates/admin"
)

// AllParticipants lists those who take part in any course.
func (h *Handlers) AllParticipants(c echo.Context) error {
	return h.showList(c, listPage{list: booking.Participants, active: "bookings", tabs: admin.BookingTabs(c.Request().Context(), booking.Participants),
		empty: &admin.EmptyList{Icon: "users", Title: t(c, "participants.empty"), Text: t(c, "participants.empty.text"), Action: toCourses(c)}})
}

// WaitingList lists the bookings on waiting lists.
func (h *Handlers) WaitingList(c echo.Context) error {
	return h.showList(c, listPage{list: booking.Waiting, active: "bookings", tabs: admin.BookingTabs(c.Request().Context(), booking.Waiting),
		empty: &admin.EmptyList{Icon: "hourglass", Title: t(c, "waiting.empty"), Text: t(c, "waiting.empty.text")}})
}

// AllPersons lists those who booked.
func (h *Handlers) AllPersons(c echo.Context) error {
	return h.showList(c, listPage{list: booking.Persons, active: "bookings", tabs: admin.BookingTabs(c.Request().Context(), booking.Persons),
		empty: &admin.EmptyList{Icon: "users", Title: t(c, "persons.empty"), Text: t(c, "persons.empty.text")}})
}

// Person shows somebody who booked, and what.
func (h *Handlers) Person(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	var v admin.PersonView
	if v.Person, err = people.Load(ctx, h.St, id); err != nil {
		return err
	}
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	v.Zone = provider.Zone()
	filter := booking.Filter{PersonID: id}
	if v.Bookings, err = booking.Recent(ctx, h.St, filter, recentHistory); err != nil {
		return err
	}
	if v.BookingCount, err = booking.Count(ctx, h.St, filter); err != nil {
		return err
	}
	if v.Page, err = h.page(c, v.Name(), "bookings"); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.Person(v))
}
