package admin

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/models/store"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

// Authenticator shows a new key for an authenticator app.
func (h *Handlers) Authenticator(c echo.Context) error {
	provider, err := catalog.LoadProvider(c.Request().Context(), h.St)
	if err != nil {
		return err
	}
	key, err := accounts.NewAuthenticatorKey(h.St.Keys, web.User(c), "Kurso "+provider.Name)
	if err != nil {
		return err
	}
	return h.showAuthenticator(c, http.StatusOK, key, nil)
}

func (h *Handlers) showAuthenticator(c echo.Context, status int, key *accounts.AuthenticatorKey, errs ui.Errors) error {
	page, err := h.accountPage(c, "account.authenticator.title")
	if err != nil {
		return err
	}
	v := admin.AuthenticatorView{Page: page, Key: key, Errors: errs}
	if v.Picture, err = key.Picture(); err != nil {
		return err
	}
	return web.Render(c, status, admin.Authenticator(v))
}

// AddAuthenticator sets up the app whose first code was typed.
func (h *Handlers) AddAuthenticator(c echo.Context) error {
	key, ok := accounts.OpenAuthenticatorKey(h.St.Keys, web.User(c), c.FormValue("state"))
	if !ok {
		return web.SeeOther(c, admin.AccountPath+"/authenticator")
	}
	codes, err := accounts.AddAuthenticator(c.Request().Context(), h.St, web.SignIn(c), key, c.FormValue("code"))
	if errs, status := refused(c, err); errs != nil {
		return h.showAuthenticator(c, status, key, errs)
	}
	if err != nil {
		return err
	}
	return h.added(c, codes, "account.authenticator.done")
}

// added shows the recovery codes that come with the first second factor, or leads back.
func (h *Handlers) added(c echo.Context, codes []string, done string) error {
	if codes == nil {
		return h.done(c, done)
	}
	return h.showCodes(c, codes, locales.T(c.Request().Context(), done))
}

func (h *Handlers) showCodes(c echo.Context, codes []string, said string) error {
	page, err := h.accountPage(c, "account.recovery.title")
	if err != nil {
		return err
	}
	if said != "" {
		page.Flashes = append(page.Flashes, ui.Flash{Tone: ui.Success, Text: said})
	}
	return web.Render(c, http.StatusOK, admin.RecoveryCodes(admin.RecoveryCodesView{Page: page, Email: web.User(c).Email, Codes: codes}))
}

// RecoveryCodes asks before new recovery codes take the place of those that are left.
func (h *Handlers) RecoveryCodes(c echo.Context) error {
	return h.ask(c, admin.RecoveryCodesQuestion(c.Request().Context()))
}

// NewRecoveryCodes makes new recovery codes and shows them once.
func (h *Handlers) NewRecoveryCodes(c echo.Context) error {
	codes, err := accounts.NewRecoveryCodes(c.Request().Context(), h.St, web.User(c).ID)
	if err != nil {
		return err
	}
	return h.showCodes(c, codes, "")
}

// ask shows a question about the account on a page of its own.
func (h *Handlers) ask(c echo.Context, q admin.Question) error {
	page, err := h.accountPage(c, "nav.account")
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.AskPage(page, q))
}

// AuthenticatorRemoval asks before the app is removed.
func (h *Handlers) AuthenticatorRemoval(c echo.Context) error {
	return h.ask(c, admin.AuthenticatorRemoval(c.Request().Context()))
}

// RemoveAuthenticator removes the app.
func (h *Handlers) RemoveAuthenticator(c echo.Context) error {
	if err := accounts.RemoveAuthenticator(c.Request().Context(), h.St, web.User(c).ID); err != nil {
		return err
	}
	return h.done(c, "account.authenticator.removed")
}

// NewPasskey asks the browser to make a passkey.
func (h *Handlers) NewPasskey(c echo.Context) error {
	name := accounts.PasskeyName(accounts.Client{UserAgent: c.Request().UserAgent()})
	return h.showNewPasskey(c, http.StatusOK, name, nil)
}

func (h *Handlers) showNewPasskey(c echo.Context, status int, name string, errs ui.Errors) error {
	rp := web.Passkeys(h.Cfg)
	if rp == nil {
		return store.ErrNotFound
	}
	q, err := accounts.AskNewPasskey(c.Request().Context(), h.St, rp, web.User(c).ID)
	if err != nil {
		return err
	}
	page, err := h.accountPage(c, "account.passkey.title")
	if err != nil {
		return err
	}
	return web.Render(c, status, admin.NewPasskey(admin.NewPasskeyView{Page: page, Question: q, Name: name, Errors: errs}))
}

// AddPasskey keeps the passkey that the browser made.
func (h *Handlers) AddPasskey(c echo.Context) error {
	ctx := c.Request().Context()
	rp := web.Passkeys(h.Cfg)
	if rp == nil {
		return store.ErrNotFound
	}
	var in struct {
		Name    string                 `form:"name"`
		Passkey accounts.PasskeyAnswer `form:"passkey"`
	}
	if err := web.Bind(c, &in); err != nil {
		return err
	}
	codes, err := accounts.AddPasskey(ctx, h.St, rp, web.User(c).ID, in.Name, in.Passkey)
	if errs, status := refused(c, err); errs != nil {
		return h.showNewPasskey(c, status, in.Name, errs)
	}
	if err != nil {
		return err
	}
	return h.added(c, codes, "account.passkey.done")
}

// PasskeyRemoval asks before a passkey is removed.
func (h *Handlers) PasskeyRemoval(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	keys, err := accounts.Passkeys(ctx, h.St, web.User(c).ID)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if k.ID == id {
			return h.ask(c, admin.PasskeyRemoval(ctx, k))
		}
	}
	return store.ErrNotFound
}

// RemovePasskey removes a passkey.
func (h *Handlers) RemovePasskey(c echo.Context) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	if err := accounts.RemovePasskey(c.Request().Context(), h.St, web.User(c).ID, id); err != nil {
		return err
	}
	return h.done(c, "account.passkey.removed")
}
