package portal

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/booking"
	"kurso/models/store"
	"kurso/templates/portal"
)

// bookingPath is the page of a booking, by the token of the link in its mails.
func (h *Handlers) bookingPath(c echo.Context, b *booking.Booking, rest string) string {
	return web.Localized(c, "/bookings/"+h.St.Token(booking.ManagePurpose, b.ID, b.ManageNonce)+rest)
}

// speakAs lets a page reached from a mail speak the mail's language, unless another was chosen. Mails
// that were written in it may outlive the language on other pages.
func speakAs(c echo.Context, b *booking.Booking) { speakTo(c, b.Locale) }

func speakTo(c echo.Context, locale string) {
	if lang := c.QueryParam("lang"); lang == "" || lang != locales.Of(c.Request().Context()) {
		web.SetLocale(c, locale)
	}
}

// Confirmation shows what the link in the first mail confirms. It changes nothing: mail scanners open links.
func (h *Handlers) Confirmation(c echo.Context) error { return h.showConfirmation(c, http.StatusOK) }

// Confirm makes the booking binding, once, and shows it, as often as it is asked to.
func (h *Handlers) Confirm(c echo.Context) error {
	b, err := booking.Confirm(c.Request().Context(), h.St, c.Param("token"))
	var rule *store.RuleError
	if errors.As(err, &rule) {
		return h.showConfirmation(c, http.StatusConflict)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, h.bookingPath(c, b, ""))
}

func (h *Handlers) showConfirmation(c echo.Context, status int) error {
	ctx := c.Request().Context()
	token := c.Param("token")
	b, err := booking.LoadByVerifyToken(ctx, h.St, token)
	if err != nil {
		return err
	}
	speakAs(c, b)
	ctx = c.Request().Context()
	provider, err := web.Provider(c, h.St)
	if err != nil {
		return err
	}
	v := portal.ConfirmationView{Booking: b}
	if v.BookingView, err = h.viewOf(c, b.Course, provider); err != nil {
		return err
	}
	v.Total = bookedTotal(ctx, b, provider.VATNote)
	v.Action = web.Localized(c, "/bookings/"+token+"/confirmation")
	held := b.State == booking.Requested && b.HoldExpiresAt != nil && b.HoldExpiresAt.After(h.St.Now())
	v.Waits = !held && !v.Places.Fit(b.Places)
	switch {
	case b.State != booking.Requested && b.State != booking.Expired:
		v.Done = h.bookingPath(c, b, "")
	case v.Can.Refused != nil && v.Can.Refused.Key == booking.KeyNotOffered:
		v.Refused = locales.T(ctx, booking.KeyNotOffered)
	}
	page := web.Public(c, provider, locales.T(ctx, "portal.confirmation.title"))
	private(c, &page)
	return web.Render(c, status, portal.Confirmation(page, v))
}
