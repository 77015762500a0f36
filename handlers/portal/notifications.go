package portal

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/catalog"
	"kurso/models/notify"
	"kurso/templates/portal"
)

// NotificationOff asks whoever has the link from a letter to staff before it is turned off: mail scanners open
// links.
func (h *Handlers) NotificationOff(c echo.Context) error {
	s, err := notify.LoadSubscription(c.Request().Context(), h.St, c.Param("token"))
	if err != nil {
		return err
	}
	return h.showNotificationOff(c, s)
}

// TurnNotificationOff turns it off. Mail programs ask for that by themselves, and follow no redirect.
func (h *Handlers) TurnNotificationOff(c echo.Context) error {
	s, err := notify.TurnOff(c.Request().Context(), h.St, c.Param("token"))
	if err != nil {
		return err
	}
	return h.showNotificationOff(c, s)
}

func (h *Handlers) showNotificationOff(c echo.Context, s *notify.Subscription) error {
	speakTo(c, s.User.Locale)
	ctx := c.Request().Context()
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	page := web.Public(c, provider, locales.T(ctx, "portal.off.title"))
	private(c, &page)
	return web.Render(c, http.StatusOK, portal.NotificationOff(page, portal.NotificationOffView{
		Event: string(s.Event), Off: s.Off, Action: web.Localized(c, "/notifications/"+c.Param("token")+"/off"),
	}))
}
