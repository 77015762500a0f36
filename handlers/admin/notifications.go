package admin

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/catalog"
	"kurso/models/notify"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

// Notifications shows what the user hears of.
func (h *Handlers) Notifications(c echo.Context) error {
	return h.showNotifications(c, http.StatusOK, admin.NotificationsView{}, "")
}

// SaveNotifications changes it.
func (h *Handlers) SaveNotifications(c echo.Context) error {
	ctx := c.Request().Context()
	v := admin.NotificationsView{Changed: true}
	if err := web.Bind(c, &v.In); err != nil {
		return err
	}
	err := notify.Save(ctx, h.St, web.User(c), v.In)
	if errs, ok := web.FormErrors(ctx, err); ok {
		v.Errors = errs
		return h.showNotifications(c, http.StatusUnprocessableEntity, v, "")
	}
	if err != nil {
		return err
	}
	saved := locales.T(ctx, "notifications.saved")
	if web.IsFragment(c) {
		return h.showNotifications(c, http.StatusOK, admin.NotificationsView{}, saved)
	}
	web.Flash(c, saved)
	return web.SeeOther(c, admin.NotificationsPath)
}

// showNotifications shows the form, as it is stored unless it was typed, and says what was done.
func (h *Handlers) showNotifications(c echo.Context, status int, v admin.NotificationsView, said string) error {
	ctx := c.Request().Context()
	user := web.User(c)
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	if v.Settings, err = notify.Load(ctx, h.St, user); err != nil {
		return err
	}
	if !v.Changed {
		v.In = notify.InputOf(v.Settings)
	}
	if v.Categories, err = catalog.Categories(ctx, h.St); err != nil {
		return err
	}
	if v.History, err = h.history(c, notify.Subject, user.ID, provider.Zone()); err != nil {
		return err
	}
	if web.IsFragment(c) {
		if said != "" {
			v.Flash = &ui.Flash{Tone: ui.Success, Text: said}
		}
		return web.Render(c, status, admin.NotificationsRegion(v))
	}
	if v.Page, err = h.page(c, locales.T(ctx, "nav.notifications"), ""); err != nil {
		return err
	}
	return web.Render(c, status, admin.Notifications(v))
}
