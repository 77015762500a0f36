package admin

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/outbox"
	"kurso/models/store"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

// Bookings lists the bookings, newest first.
func (h *Handlers) Bookings(c echo.Context) error {
	ctx := c.Request().Context()
	p := listPage{list: booking.Bookings, active: "bookings", tabs: admin.BookingTabs(ctx, booking.Bookings), empty: &admin.EmptyList{Icon: "ticket",
		Title: t(c, "bookings.empty"), Text: t(c, "bookings.empty.text"), Action: toCourses(c)}, bulk: admin.BookingBulk(ctx)}
	if web.May(c, accounts.BookingsWrite) && !web.IsFragment(c) {
		running, err := booking.RunningBulkCancellation(ctx, h.St)
		if err != nil {
			return err
		}
		if running != nil {
			p.above = admin.RunningCancellation(running)
		}
	}
	return h.showList(c, p)
}

func toCourses(c echo.Context) *ui.Action {
	if !web.May(c, accounts.CoursesRead) {
		return nil
	}
	return &ui.Action{Label: t(c, "bookings.to_courses"), Href: "/admin/courses"}
}

// Booking shows a booking, its mails and what happened to it.
func (h *Handlers) Booking(c echo.Context) error { return h.showBooking(c, admin.Booking) }

// BookingCancellation asks before a booking is cancelled.
func (h *Handlers) BookingCancellation(c echo.Context) error {
	return h.showBooking(c, admin.BookingCancellation)
}

// BookingPlacement asks before a waiting booking gets its places.
func (h *Handlers) BookingPlacement(c echo.Context) error {
	return h.showBooking(c, admin.BookingPlacement)
}

func (h *Handlers) showBooking(c echo.Context, page func(admin.BookingView) templ.Component) error {
	v, err := h.booking(c)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, page(v))
}

// booking loads what the page of a booking shows.
func (h *Handlers) booking(c echo.Context) (v admin.BookingView, err error) {
	ctx := c.Request().Context()
	id, err := web.ID(c, "id")
	if err != nil {
		return v, err
	}
	if v.Booking, err = booking.Load(ctx, h.St, id); err != nil {
		return v, err
	}
	if v.Grants, err = accounts.GrantsAt(ctx, h.St, accounts.RecordBooking, id); err != nil {
		return v, err
	}
	if v.Agreement, err = booking.LoadAgreement(ctx, h.St, id, h.St.Now()); err != nil {
		return v, err
	}
	if v.Origin, err = audit.Origin(ctx, h.St, booking.Subject, id); err != nil {
		return v, err
	}
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return v, err
	}
	v.Zone = provider.Zone()
	places, err := booking.PlacesOf(ctx, h.St, v.Booking.CourseID)
	if err != nil {
		return v, err
	}
	v.Places = places[v.Booking.CourseID]
	if v.Grants.May(accounts.OutboxRead) {
		if v.Mails, err = outbox.OfBooking(ctx, h.St, id); err != nil {
			return v, err
		}
	}
	if v.History, err = h.history(c, booking.Subject, id, v.Zone); err != nil {
		return v, err
	}
	v.Page, err = h.page(c, v.Booking.FirstName+" "+v.Booking.LastName, "bookings")
	return v, err
}

// CancelBooking gives the places of a booking back.
func (h *Handlers) CancelBooking(c echo.Context) error {
	return h.changeBooking(c, booking.CancelByStaff, "booking.done.cancelled")
}

// PlaceBooking gives a waiting booking its places.
func (h *Handlers) PlaceBooking(c echo.Context) error {
	return h.changeBooking(c, booking.ConfirmFromWaitlist, "booking.done.placed")
}

// changeBooking calls a use case; what forbids it is said on the booking's page.
func (h *Handlers) changeBooking(c echo.Context, change func(context.Context, *store.Store, int64, int) (*booking.Booking, error), done string) error {
	ctx := c.Request().Context()
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	version, err := strconv.Atoi(c.FormValue("version"))
	if err != nil || version < 1 {
		version = -1 // no booking's
	}
	_, err = change(ctx, h.St, id, version)
	if errors.Is(err, store.ErrConflict) {
		return h.staleBooking(c)
	}
	if refused, ok := web.FormErrors(ctx, err); ok {
		v, err := h.booking(c)
		if err != nil {
			return err
		}
		v.Refused = refused
		return web.Render(c, http.StatusConflict, admin.Booking(v))
	}
	if err != nil {
		return err
	}
	web.Flash(c, locales.T(ctx, done))
	return web.SeeOther(c, "/admin/bookings/"+c.Param("id"))
}

// staleBooking shows the booking's page as it is now, and who changed it.
func (h *Handlers) staleBooking(c echo.Context) error {
	v, err := h.booking(c)
	if err != nil {
		return err
	}
	if v.Stale, err = h.lastChange(c, booking.Subject, v.Booking.ID); err != nil {
		return err
	}
	return web.Render(c, http.StatusConflict, admin.Booking(v))
}
