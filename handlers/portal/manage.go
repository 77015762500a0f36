package portal

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/mail"
	"kurso/models/booking"
	"kurso/models/store"
	"kurso/templates/layout"
	"kurso/templates/portal"
)

// Booking shows a booking to whoever has the link from its mails.
func (h *Handlers) Booking(c echo.Context) error {
	page, v, err := h.managed(c)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, portal.BookingPage(page, v))
}

// Cancellation asks before anything is cancelled.
func (h *Handlers) Cancellation(c echo.Context) error { return h.showCancellation(c, http.StatusOK) }

// Cancel gives the places back and shows the booking; again, it does nothing more.
func (h *Handlers) Cancel(c echo.Context) error {
	b, err := booking.Cancel(c.Request().Context(), h.St, c.Param("token"))
	var rule *store.RuleError
	if errors.As(err, &rule) || errors.Is(err, store.ErrGone) {
		return h.showCancellation(c, http.StatusConflict)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, h.bookingPath(c, b, ""))
}

func (h *Handlers) showCancellation(c echo.Context, status int) error {
	page, v, err := h.managed(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	page.Title = v.LeaveTitle(ctx)
	switch {
	case v.TooLate:
		v.Notice = locales.T(ctx, "portal.booking.too_late", "At", v.CancelUntil)
	case v.Cancel == "":
		v.Notice = locales.T(ctx, "portal.state."+v.Booking.State)
	}
	return web.Render(c, status, portal.Cancellation(page, v))
}

// Calendar is a booking's sessions for the applicant's own calendar, to put in or to take back.
func (h *Handlers) Calendar(c echo.Context) error {
	ctx := c.Request().Context()
	b, err := booking.LoadByManageToken(ctx, h.St, c.Param("token"))
	if err != nil {
		return err
	}
	if b.State != booking.Confirmed && b.State != booking.Cancelled {
		return store.ErrNotFound
	}
	provider, err := web.Provider(c, h.St)
	if err != nil {
		return err
	}
	speakAs(c, b)
	text := mail.Calendar(b, provider, h.Cfg.PublicURL, h.St.Now())
	if text == nil {
		return store.ErrNotFound
	}
	header := c.Response().Header()
	header.Set("Cache-Control", "no-store")
	header.Set(echo.HeaderContentDisposition, `attachment; filename="kurs.ics"`)
	return c.Blob(http.StatusOK, "text/calendar; charset=utf-8", text)
}

// managed loads what the pages behind a booking's link show.
func (h *Handlers) managed(c echo.Context) (layout.PublicPage, portal.BookingPageView, error) {
	var page layout.PublicPage
	var v portal.BookingPageView
	b, err := booking.LoadByManageToken(c.Request().Context(), h.St, c.Param("token"))
	if err != nil {
		return page, v, err
	}
	speakAs(c, b)
	ctx := c.Request().Context()
	provider, err := web.Provider(c, h.St)
	if err != nil {
		return page, v, err
	}
	if v.BookingView, err = h.viewOf(c, b.Course, provider); err != nil {
		return page, v, err
	}
	v.Booking, v.Back = b, h.bookingPath(c, b, "")
	v.Total = bookedTotal(ctx, b, provider.VATNote)
	v.Contact = portal.Contact{Name: provider.Name, Email: provider.Email, Phone: provider.Phone}
	placed := b.State == booking.Pending || b.State == booking.Confirmed || b.State == booking.Offered
	if until := booking.CancellableUntil(b.Course, provider); placed && until != nil {
		v.CancelUntil = deadline(ctx, until, provider.Zone())
	}
	if booking.Cancellable(b, provider, h.St.Now()) {
		v.Cancel = h.bookingPath(c, b, "/cancellation")
	} else {
		v.TooLate = placed
	}
	if b.State == booking.Confirmed && len(b.Course.Sessions) > 0 {
		v.Calendar = h.bookingPath(c, b, "/calendar")
	}
	page = web.Public(c, provider, b.Course.Name)
	private(c, &page)
	return page, v, nil
}
