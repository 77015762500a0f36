package admin

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/catalog"
	"kurso/templates/admin"
	"kurso/templates/layout"
	"kurso/templates/ui"
)

// Account shows the user's own account: who they are, how they sign in, and where they are signed in.
func (h *Handlers) Account(c echo.Context) error {
	u := web.User(c)
	return h.showAccount(c, http.StatusOK, admin.AccountView{In: accounts.ProfileInput{Name: u.Name, Locale: u.Locale}})
}

// SaveProfile changes the user's own name and language.
func (h *Handlers) SaveProfile(c echo.Context) error {
	ctx := c.Request().Context()
	v := admin.AccountView{Changed: true}
	if err := web.Bind(c, &v.In); err != nil {
		return err
	}
	err := accounts.SaveProfile(ctx, h.St, web.User(c).ID, v.In)
	if errs, ok := web.FormErrors(ctx, err); ok {
		v.Errors = errs
		return h.showAccount(c, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	web.Flash(c, locales.T(locales.With(ctx, v.In.Locale), "account.saved"))
	return web.SeeOther(c, admin.AccountPath)
}

func (h *Handlers) showAccount(c echo.Context, status int, v admin.AccountView) error {
	ctx := c.Request().Context()
	v.User, v.SignIn = web.User(c), web.SignIn(c)
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	v.Zone = provider.Zone()
	if v.Account, err = accounts.LoadAccount(ctx, h.St, v.User.ID); err != nil {
		return err
	}
	v.Passkeys = web.Passkeys(h.Cfg) != nil
	v.Demanded = accounts.GrantsOf(ctx).SecondFactor
	if v.History, err = audit.History(ctx, h.St, accounts.Subject, v.User.ID, recentHistory); err != nil {
		return err
	}
	if v.Page, err = h.page(c, locales.T(ctx, "nav.account"), ""); err != nil {
		return err
	}
	return web.Render(c, status, admin.Account(v))
}

// accountPage is the frame of a page below the account's.
func (h *Handlers) accountPage(c echo.Context, title string) (layout.OfficePage, error) {
	return h.page(c, locales.T(c.Request().Context(), title), "")
}

// done leads back to the account and says what was done.
func (h *Handlers) done(c echo.Context, sentence string) error {
	web.Flash(c, locales.T(c.Request().Context(), sentence))
	return web.SeeOther(c, admin.AccountPath)
}

// refused is what a form says of an error, and with which status; nil for one that is not about it.
func refused(c echo.Context, err error) (ui.Errors, int) {
	return web.Refusal(c.Request().Context(), err)
}

// Password asks for the present and a new password.
func (h *Handlers) Password(c echo.Context) error { return h.showPassword(c, http.StatusOK, nil) }

func (h *Handlers) showPassword(c echo.Context, status int, errs ui.Errors) error {
	page, err := h.accountPage(c, "account.password.title")
	if err != nil {
		return err
	}
	return web.Render(c, status, admin.Password(admin.PasswordView{Page: page, Email: web.User(c).Email, Errors: errs}))
}

// ChangePassword changes the user's own password.
func (h *Handlers) ChangePassword(c echo.Context) error {
	in := accounts.PasswordInput{Current: c.FormValue("current"), New: c.FormValue("new")}
	err := accounts.ChangePassword(c.Request().Context(), h.St, web.SignIn(c), in)
	if errs, status := refused(c, err); errs != nil {
		return h.showPassword(c, status, errs)
	}
	if err != nil {
		return err
	}
	return h.done(c, "account.password.done")
}

// Email asks for another address.
func (h *Handlers) Email(c echo.Context) error { return h.showEmail(c, http.StatusOK, "", nil) }

func (h *Handlers) showEmail(c echo.Context, status int, typed string, errs ui.Errors) error {
	page, err := h.accountPage(c, "account.email.title")
	if err != nil {
		return err
	}
	return web.Render(c, status, admin.Email(admin.EmailView{Page: page, Present: web.User(c).Email, Email: typed, Errors: errs}))
}

// RequestEmailChange writes to both addresses.
func (h *Handlers) RequestEmailChange(c echo.Context) error {
	email := web.Clean(c.FormValue("email"))
	err := accounts.RequestEmailChange(c.Request().Context(), h.St, web.SignIn(c), email)
	if errs, status := refused(c, err); errs != nil {
		return h.showEmail(c, status, email, errs)
	}
	if err != nil {
		return err
	}
	return h.done(c, "account.email.sent")
}

// CancelEmailChange forgets a change that waits for its confirmations.
func (h *Handlers) CancelEmailChange(c echo.Context) error {
	if err := accounts.CancelEmailChange(c.Request().Context(), h.St, web.User(c).ID); err != nil {
		return err
	}
	return h.done(c, "account.email.cancelled")
}

// EndDevice ends another sign-in of the user.
func (h *Handlers) EndDevice(c echo.Context) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	if err := accounts.EndSignIn(c.Request().Context(), h.St, web.SignIn(c), id); err != nil {
		return err
	}
	return h.done(c, "account.device.ended")
}

// EndOtherDevices ends all other sign-ins of the user.
func (h *Handlers) EndOtherDevices(c echo.Context) error {
	if err := accounts.EndOtherSignIns(c.Request().Context(), h.St, web.SignIn(c)); err != nil {
		return err
	}
	return h.done(c, "account.devices.ended")
}
