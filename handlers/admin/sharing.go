package admin

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/templates/admin"
)

// recentSigns is how many signs of sharing are shown.
const recentSigns = 100

// Sharing lists signs that several people use one account.
func (h *Handlers) Sharing(c echo.Context) error {
	ctx := c.Request().Context()
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	v := admin.SharingView{Zone: provider.Zone(), MayDeactivate: web.May(c, accounts.AccountsWrite), Self: web.User(c).ID}
	if v.Signs, err = accounts.SharingSigns(ctx, h.St, recentSigns); err != nil {
		return err
	}
	if v.Page, err = h.page(c, locales.T(ctx, "sharing.title"), "users"); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.Sharing(v))
}
