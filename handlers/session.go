package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/store"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

// sessionUser is the key of the signed-in user's id.
const sessionUser = "user"

type signInInput struct {
	Email    string `form:"email"`
	Password string `form:"password"`
	Next     string `form:"next"`
}

func (s *Server) signInForm(c echo.Context) error {
	if s.sessions.GetInt64(c.Request().Context(), sessionUser) != 0 {
		return web.SeeOther(c, local(c.QueryParam("next")))
	}
	return s.showSignIn(c, http.StatusOK, signInInput{Next: c.QueryParam("next")}, nil)
}

func (s *Server) showSignIn(c echo.Context, status int, in signInInput, errs ui.Errors) error {
	c.Response().Header().Set("Cache-Control", "no-store")
	return web.Render(c, status, admin.SignIn(admin.SignInView{Email: in.Email, Next: in.Next, Errors: errs}))
}

func (s *Server) signIn(c echo.Context) error {
	ctx := c.Request().Context()
	var in signInInput
	if err := web.Bind(c, &in); err != nil {
		return err
	}
	user, err := accounts.SignIn(ctx, s.st, in.Email, in.Password, web.Network(c))
	var throttled *store.ThrottledError
	if errors.As(err, &throttled) {
		return s.showSignIn(c, http.StatusTooManyRequests, in, ui.Errors{{Message: locales.T(ctx, "error.status.429")}})
	}
	if errs, ok := web.FormErrors(ctx, err); ok {
		return s.showSignIn(c, http.StatusUnprocessableEntity, in, errs)
	}
	if err != nil {
		return err
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionUser, user.ID)
	return web.SeeOther(c, local(in.Next))
}

func (s *Server) signOut(c echo.Context) error {
	if err := s.sessions.Destroy(c.Request().Context()); err != nil {
		return err
	}
	return web.SeeOther(c, "/admin/session")
}

// setLocale changes the language in which the office speaks to this user.
func (s *Server) setLocale(c echo.Context) error {
	if err := accounts.SetLocale(c.Request().Context(), s.st, web.User(c).ID, c.FormValue("locale")); err != nil {
		return err
	}
	return web.SeeOther(c, local(c.QueryParam("next")))
}

func (s *Server) askToSignIn(c echo.Context) error {
	to := "/admin/session"
	if c.Request().Method == http.MethodGet {
		to += "?next=" + url.QueryEscape(c.Request().URL.RequestURI())
	}
	if c.Request().Header.Get("HX-Request") == "true" {
		c.Response().Header().Set("HX-Redirect", to)
		return c.NoContent(http.StatusOK)
	}
	return web.SeeOther(c, to)
}

// local keeps a redirect inside the office.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/admin") || strings.HasPrefix(next, "//") || strings.Contains(next, "\\") {
		return "/admin"
	}
	return u.RequestURI()
}
