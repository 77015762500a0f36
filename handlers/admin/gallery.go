package admin

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/templates/admin"
)

// Gallery shows the parts that pages are built from, each in every state.
func (h *Handlers) Gallery(c echo.Context) error {
	page, err := web.Office(c, h.St, "Gallery", "")
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.Gallery(page))
}
