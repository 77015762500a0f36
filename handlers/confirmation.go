package handlers

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/store"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

// proofInput is what shows who is there; its names are kept apart from those of the form it may stand in.
type proofInput struct {
	Password string `form:"confirm_password"`
}

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
		if c.FormValue("confirm_password") == "" {
			return s.askToConfirm(c, http.StatusUnprocessableEntity, v)
		}
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

// prove checks what was shown, and gives the browser a new session. If it was wrong, the question was asked
// again.
func (s *Server) prove(c echo.Context, v admin.ConfirmationView) (answered bool, err error) {
	ctx := c.Request().Context()
	var in proofInput
	if err := web.Bind(c, &in); err != nil {
		return false, err
	}
	err = accounts.Confirm(ctx, s.st, web.SignIn(c), accounts.Proof{Password: in.Password})
	var throttled *store.ThrottledError
	if errors.As(err, &throttled) {
		v.Errors = ui.Errors{{Message: locales.T(ctx, "error.status.429")}}
		return true, s.askToConfirm(c, http.StatusTooManyRequests, v)
	}
	if errs, ok := web.FormErrors(ctx, err); ok {
		v.Errors = errs
		return true, s.askToConfirm(c, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return false, err
	}
	return false, s.sessions.RenewToken(ctx)
}

func (s *Server) askToConfirm(c echo.Context, status int, v admin.ConfirmationView) error {
	v.Email = web.User(c).Email
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
