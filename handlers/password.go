package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/models/accounts"
	"kurso/models/store"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

func (s *Server) resetRequestForm(c echo.Context) error {
	return web.Render(c, http.StatusOK, admin.ResetRequest(admin.ResetRequestView{}))
}

// requestReset says the same for every address.
func (s *Server) requestReset(c echo.Context) error {
	ctx := c.Request().Context()
	v := admin.ResetRequestView{Email: web.Clean(c.FormValue("email"))}
	err := accounts.RequestReset(ctx, s.st, v.Email, client(c))
	if refused, status := web.Refusal(ctx, err); refused != nil {
		v.Errors = refused
		return web.Render(c, status, admin.ResetRequest(v))
	}
	if err != nil {
		return err
	}
	v.Sent = true
	return web.Render(c, http.StatusOK, admin.ResetRequest(v))
}

func (s *Server) resetForm(c echo.Context) error { return s.showReset(c, http.StatusOK, nil) }

func (s *Server) showReset(c echo.Context, status int, errs ui.Errors) error {
	user, err := accounts.FindReset(c.Request().Context(), s.st, c.Param("token"))
	if err != nil {
		return s.linkOver(c, err, "reset")
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return web.Render(c, status, admin.Reset(admin.ResetView{Action: c.Request().URL.Path, Email: user.Email, Errors: errs}))
}

// reset changes the password and leads to the sign-in, which asks for a second factor as ever.
func (s *Server) reset(c echo.Context) error {
	ctx := c.Request().Context()
	device, err := accounts.Reset(ctx, s.st, c.Param("token"), c.FormValue("new"), client(c))
	if refused, status := web.Refusal(ctx, err); refused != nil {
		return s.showReset(c, status, refused)
	}
	if err != nil {
		return s.linkOver(c, err, "reset")
	}
	s.rememberDevice(c, device)
	s.sessions.Put(ctx, sessionSaid, "reset.done")
	return web.SeeOther(c, "/admin/session")
}

func (s *Server) emailForm(c echo.Context) error {
	ctx := c.Request().Context()
	t, err := accounts.FindEmailLink(ctx, s.st, s.st.Now(), c.Param("token"))
	if err != nil {
		return s.linkOver(c, err, "email")
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return web.Render(c, http.StatusOK, admin.EmailConfirmation(admin.EmailConfirmationView{Action: c.Request().URL.Path, Email: t.Email}))
}

// confirmEmail confirms a change of e-mail at one of its addresses.
func (s *Server) confirmEmail(c echo.Context) error {
	done, err := accounts.ConfirmEmail(c.Request().Context(), s.st, c.Param("token"))
	if err != nil {
		return s.linkOver(c, err, "email")
	}
	state := "half"
	if done {
		state = "done"
	}
	return web.Render(c, http.StatusOK, admin.EmailConfirmation(admin.EmailConfirmationView{State: state}))
}

// linkOver says of a link in a mail to staff that it is used up, or none of ours; other errors stay.
func (s *Server) linkOver(c echo.Context, err error, kind string) error {
	status := http.StatusGone
	switch {
	case errors.Is(err, store.ErrNotFound):
		status = http.StatusNotFound
	case !errors.Is(err, store.ErrGone):
		return err
	}
	return web.Render(c, status, admin.LinkOver(kind))
}
