package handlers

import (
	"errors"
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

// joinInput is the form of somebody who was invited, as typed.
type joinInput struct {
	Name     string `form:"name"`
	Password string `form:"password"`
}

// invitation shows the form behind the link of an invitation; it changes nothing.
func (s *Server) invitation(c echo.Context) error {
	return s.showInvitation(c, http.StatusOK, nil, nil)
}

func (s *Server) showInvitation(c echo.Context, status int, in *joinInput, errs ui.Errors) error {
	ctx := c.Request().Context()
	c.Response().Header().Set("Cache-Control", "no-store")
	user, err := accounts.Invited(ctx, s.st, c.Param("token"))
	if err != nil {
		return err
	}
	provider, err := catalog.LoadProvider(ctx, s.st)
	if err != nil {
		return err
	}
	v := admin.JoinView{Provider: provider.Name, Email: user.Email, Name: user.Name, Errors: errs,
		Path: web.Localized(c, "/invitations/"+c.Param("token"))}
	if in != nil {
		v.Name = in.Name
	}
	return web.Render(c, status, admin.Join(v))
}

// join sets the name and the password of somebody who was invited. It signs nobody in.
func (s *Server) join(c echo.Context) error {
	ctx := c.Request().Context()
	var in joinInput
	if err := web.Bind(c, &in); err != nil {
		return err
	}
	_, err := accounts.AcceptInvitation(ctx, s.st, c.Param("token"), in.Name, in.Password)
	if errs, ok := web.FormErrors(ctx, err); ok {
		return s.showInvitation(c, http.StatusUnprocessableEntity, &in, errs)
	}
	if err != nil {
		return err
	}
	provider, err := catalog.LoadProvider(ctx, s.st)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return web.Render(c, http.StatusOK, admin.Joined(provider.Name))
}

// setupForm shows the form of the first administrator. Once there is an account, there is no such page.
func (s *Server) setupForm(c echo.Context) error {
	return s.showSetup(c, http.StatusOK, admin.SetupView{})
}

func (s *Server) showSetup(c echo.Context, status int, v admin.SetupView) error {
	needed, err := accounts.NeedsSetup(c.Request().Context(), s.st)
	if err != nil {
		return err
	}
	if !needed {
		return store.ErrNotFound
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	v.In.Password = ""
	return web.Render(c, status, admin.Setup(v))
}

// setUp makes the first administrator and signs them in.
func (s *Server) setUp(c echo.Context) error {
	ctx := c.Request().Context()
	var v admin.SetupView
	if err := web.Bind(c, &v.In); err != nil {
		return err
	}
	v.In.Locale = locales.Of(ctx)
	user, err := accounts.SetUp(ctx, s.st, v.In, web.Network(c))
	var throttled *store.ThrottledError
	if errors.As(err, &throttled) {
		v.Errors = ui.Errors{{Message: locales.T(ctx, "error.status.429")}}
		return s.showSetup(c, http.StatusTooManyRequests, v)
	}
	if errs, ok := web.FormErrors(ctx, err); ok {
		v.Errors = errs
		return s.showSetup(c, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return s.enter(c, user.ID, "/admin")
}
