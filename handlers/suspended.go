package handlers

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/catalog"
	"kurso/templates/layout"
	"kurso/templates/ui"
)

// comeBackIn is after how many seconds a machine may ask a suspended installation again.
const comeBackIn = "600"

// whileSuspended answers every page with a notice, with 503, as long as the installation is suspended. What
// watches the process is answered as ever.
func (s *Server) whileSuspended(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		route := c.Path()
		if route == "/healthz" || route == "/readyz" || route == "/metrics" || strings.HasPrefix(route, "/static/") {
			return next(c)
		}
		ctx := c.Request().Context()
		state, err := s.watch.State(ctx)
		if err != nil || !state.Suspended() {
			return next(c) // without a database the page itself says so
		}
		provider, err := catalog.LoadProvider(ctx, s.st)
		if err != nil {
			return err
		}
		h := c.Response().Header()
		h.Set(echo.HeaderRetryAfter, comeBackIn)
		h.Set("Cache-Control", "no-store")
		if web.IsFragment(c) {
			h.Set("HX-Refresh", "true") // the page that is open becomes the notice
		}
		other := ui.Link{Label: "English", Href: "?lang=" + locales.English}
		if locales.Of(ctx) == locales.English {
			other = ui.Link{Label: "Deutsch", Href: "?lang=" + locales.German}
		}
		return web.Render(c, http.StatusServiceUnavailable, layout.Suspended(layout.SuspendedView{
			Provider: provider.Name, Email: provider.Email, Phone: provider.Phone, Notice: state.SuspensionNotice, Other: other,
		}))
	}
}
