package admin

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/catalog"
	"kurso/models/store"
	"kurso/templates/admin"
)

// Settings shows the provider's settings.
func (h *Handlers) Settings(c echo.Context) error {
	provider, err := catalog.LoadProvider(c.Request().Context(), h.St)
	if err != nil {
		return err
	}
	return h.showSettings(c, http.StatusOK, provider, admin.SettingsView{In: catalog.ProviderInputOf(provider)})
}

// SaveSettings changes the provider's settings. What somebody else changed meanwhile is shown beside what
// was typed.
func (h *Handlers) SaveSettings(c echo.Context) error {
	ctx := c.Request().Context()
	v := admin.SettingsView{Changed: true}
	if err := web.Bind(c, &v.In); err != nil {
		return err
	}
	saving := catalog.SaveProvider(ctx, h.St, v.In)
	if saving == nil {
		web.Flash(c, locales.T(ctx, "settings.saved"))
		return web.SeeOther(c, "/admin/settings")
	}
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	if errs, ok := web.FormErrors(ctx, saving); ok {
		v.Errors = errs
		return h.showSettings(c, http.StatusUnprocessableEntity, provider, v)
	}
	if errors.Is(saving, store.ErrConflict) {
		stored := catalog.ProviderInputOf(provider)
		v.Conflict = bothVersions(ctx, catalog.SubjectProvider, v.In, stored, asItIs)
		v.In.Version = stored.Version
		return h.showSettings(c, http.StatusConflict, provider, v)
	}
	return saving
}

func (h *Handlers) showSettings(c echo.Context, status int, provider *catalog.Provider, v admin.SettingsView) error {
	ctx := c.Request().Context()
	v.Zone = provider.Zone()
	var err error
	if v.History, err = h.history(c, catalog.SubjectProvider, 1, v.Zone); err != nil {
		return err
	}
	if v.Page, err = h.page(c, locales.T(ctx, "nav.settings"), "settings"); err != nil {
		return err
	}
	return web.Render(c, status, admin.Settings(v))
}
