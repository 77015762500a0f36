package admin

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/templates/admin"
)

// recentSupport is how many accesses the list shows.
const recentSupport = 50

// SupportAccesses lists who from outside may or could help.
func (h *Handlers) SupportAccesses(c echo.Context) error {
	ctx := c.Request().Context()
	v := admin.SupportView{Now: h.St.Now()}
	var err error
	if v.List, err = accounts.SupportAccesses(ctx, h.St, recentSupport); err != nil {
		return err
	}
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	v.Zone = provider.Zone()
	if v.Page, err = h.page(c, locales.T(ctx, "support.title"), "users"); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.SupportAccesses(v))
}

// NewSupportAccess shows the form that gives somebody access, until this time tomorrow.
func (h *Handlers) NewSupportAccess(c echo.Context) error {
	provider, err := catalog.LoadProvider(c.Request().Context(), h.St)
	if err != nil {
		return err
	}
	in := accounts.SupportInput{Locale: locales.German, Until: h.St.Now().Add(24 * time.Hour).In(provider.Zone()).Format("2006-01-02T15:04")}
	return h.showSupportForm(c, http.StatusOK, admin.SupportFormView{In: in})
}

// GrantSupportAccess gives somebody access for a time.
func (h *Handlers) GrantSupportAccess(c echo.Context) error {
	ctx := c.Request().Context()
	var v admin.SupportFormView
	if err := web.Bind(c, &v.In); err != nil {
		return err
	}
	_, err := accounts.GrantSupport(ctx, h.St, v.In)
	if errs, ok := web.FormErrors(ctx, err); ok {
		v.Errors = errs
		return h.showSupportForm(c, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	web.Flash(c, locales.T(ctx, "support.done.granted", "Email", v.In.Email))
	return web.SeeOther(c, "/admin/support-access")
}

func (h *Handlers) showSupportForm(c echo.Context, status int, v admin.SupportFormView) error {
	ctx := c.Request().Context()
	var err error
	if v.Roles, err = h.givable(ctx); err != nil {
		return err
	}
	if v.Page, err = h.page(c, locales.T(ctx, "support.grant"), "users"); err != nil {
		return err
	}
	return web.Render(c, status, admin.SupportForm(v))
}

// SupportEnd asks before an access ends.
func (h *Handlers) SupportEnd(c echo.Context) error {
	a, err := h.supportAccess(c)
	if err != nil {
		return err
	}
	page, err := h.page(c, locales.T(c.Request().Context(), "support.title"), "users")
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.SupportEnd(page, a))
}

// EndSupportAccess ends an access at once.
func (h *Handlers) EndSupportAccess(c echo.Context) error {
	ctx := c.Request().Context()
	a, err := h.supportAccess(c)
	if err != nil {
		return err
	}
	if a.Open(h.St.Now()) { // the account may have another one by now
		if err := accounts.Deactivate(ctx, h.St, a.UserID); err != nil {
			return err
		}
	}
	web.Flash(c, locales.T(ctx, "support.done.ended"))
	return web.SeeOther(c, "/admin/support-access")
}

func (h *Handlers) supportAccess(c echo.Context) (*accounts.SupportAccess, error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	return accounts.LoadSupportAccess(c.Request().Context(), h.St, id)
}
