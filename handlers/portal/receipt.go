package portal

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/store"
	"kurso/templates/portal"
)

func receiptPath(c echo.Context, token, rest string) string {
	return web.Localized(c, "/booking-requests/"+token+rest)
}

// Receipt is the page after a booking was sent; it is the same whether there is one or not.
func (h *Handlers) Receipt(c echo.Context) error {
	return h.showReceipt(c, http.StatusOK, c.QueryParam("sent") != "", "")
}

// ResendVerification mails the link that verifies once more.
func (h *Handlers) ResendVerification(c echo.Context) error {
	ctx := c.Request().Context()
	token := c.Param("receipt")
	err := booking.Resend(ctx, h.St, token)
	var throttled *store.ThrottledError
	if errors.As(err, &throttled) {
		provider, err := web.Provider(c, h.St)
		if err != nil {
			return err
		}
		setRetryAfter(c, throttled.RetryAt.Sub(h.St.Now()))
		at := locales.DateTime(ctx, wholeMinute(throttled.RetryAt).In(provider.Zone()))
		return h.showReceipt(c, http.StatusTooManyRequests, false, locales.T(ctx, "portal.receipt.wait", "At", at))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, receiptPath(c, token, "?sent=1"))
}

func (h *Handlers) showReceipt(c echo.Context, status int, resent bool, notice string) error {
	receipt, err := booking.OpenReceipt(h.St, c.Param("receipt"))
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	provider, err := web.Provider(c, h.St)
	if err != nil {
		return err
	}
	course, err := catalog.LoadPublic(ctx, h.St, receipt.CourseID)
	if err != nil {
		return err
	}
	v := portal.ReceiptView{
		CourseName: course.Name, Course: coursePath(c, course.ID, ""), Resend: receiptPath(c, receipt.Token, "/mails"), Resent: resent, Notice: notice,
	}
	if until := receipt.HoldExpiresAt; until != nil && until.After(h.St.Now()) {
		v.HeldUntil = locales.DateTimeClock(ctx, until.In(provider.Zone()))
	}
	page := web.Public(c, provider, locales.T(ctx, "portal.receipt.title"))
	private(c, &page)
	return web.Render(c, status, portal.Receipt(page, v))
}
