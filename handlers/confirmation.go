package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/models/accounts"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

// The names of a proof are kept apart from those of the form it may stand in.
const proofPrefix = "confirm_"

// confirmed lets those pass who showed password or second factor a short time ago. Others are asked: before
// a page on a page of its own, before a change with what they typed kept.
func (s *Server) confirmed(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if web.SignIn(c).Confirmed(s.st.Now()) {
			return next(c)
		}
		if m := c.Request().Method; m == http.MethodGet || m == http.MethodHead {
			return redirect(c, "/admin/session/confirmation?next="+url.QueryEscape(c.Request().URL.RequestURI()))
		}
		v := admin.ConfirmationView{Action: c.Request().URL.RequestURI(), Kept: kept(c)}
		if answered, err := s.prove(c, v); answered || err != nil {
			return err
		}
		return next(c)
	}
}

// confirmedOnDemand asks those whose request turned out to need it (accounts.ErrUnconfirmed), with what they typed
// kept. Nothing has happened by then, and it happens once they have shown it.
func (s *Server) confirmedOnDemand(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		err := next(c)
		if !errors.Is(err, accounts.ErrUnconfirmed) {
			return err
		}
		v := admin.ConfirmationView{Action: c.Request().URL.RequestURI(), Kept: kept(c)}
		if answered, err := s.prove(c, v); answered || err != nil {
			return err
		}
		return next(c)
	}
}

func (s *Server) confirmationForm(c echo.Context) error {
	next := local(c.QueryParam("next"))
	if web.SignIn(c).Confirmed(s.st.Now()) {
		return web.SeeOther(c, next)
	}
	return s.askToConfirm(c, http.StatusOK, confirmation(next))
}

func (s *Server) confirm(c echo.Context) error {
	next := local(c.FormValue("next"))
	if answered, err := s.prove(c, confirmation(next)); answered || err != nil {
		return err
	}
	return web.SeeOther(c, next)
}

func confirmation(next string) admin.ConfirmationView {
	return admin.ConfirmationView{Action: "/admin/session/confirmation", Kept: []ui.Option{{Value: "next", Label: next}}}
}

// prove checks what was shown, and gives the browser a new session. If it was wrong, or nothing was shown, the
// question was asked.
func (s *Server) prove(c echo.Context, v admin.ConfirmationView) (answered bool, err error) {
	ctx := c.Request().Context()
	var in accounts.Proof
	if err := web.Bind(c, &in); err != nil {
		return false, err
	}
	if in.Empty() {
		return true, s.askToConfirm(c, http.StatusUnprocessableEntity, v)
	}
	err = accounts.Confirm(ctx, s.st, web.Passkeys(s.cfg), web.SignIn(c), in)
	if refused, status := web.Refusal(ctx, err); refused != nil {
		v.Errors = refused
		return true, s.askToConfirm(c, status, v)
	}
	if err != nil {
		return false, err
	}
	return false, s.sessions.RenewToken(ctx)
}

func (s *Server) askToConfirm(c echo.Context, status int, v admin.ConfirmationView) (err error) {
	ctx, user := c.Request().Context(), web.User(c)
	v.Email = user.Email
	if v.Authenticator, err = accounts.HasAuthenticator(ctx, s.st, user.ID); err != nil {
		return err
	}
	if v.Passkey, err = web.AskPasskey(c, s.st, s.cfg, user.ID); err != nil {
		return err
	}
	return web.Render(c, status, admin.Confirmation(v))
}

// kept are the names and values that a form sent, to be sent once more.
func kept(c echo.Context) (fields []ui.Option) {
	_, _ = c.FormParams() // reads it; what cannot be read is nothing to keep
	for name, values := range c.Request().PostForm {
		if strings.HasPrefix(name, proofPrefix) {
			continue
		}
		for _, v := range values {
			fields = append(fields, ui.Option{Value: web.Clean(name), Label: web.Clean(v)})
		}
	}
	slices.SortStableFunc(fields, func(a, b ui.Option) int { return strings.Compare(a.Value, b.Value) })
	return fields
}

// redirect leads on, also where htmx asked.
func redirect(c echo.Context, to string) error {
	if c.Request().Header.Get("HX-Request") == "true" {
		c.Response().Header().Set("HX-Redirect", to)
		return c.NoContent(http.StatusOK)
	}
	return web.SeeOther(c, to)
}
