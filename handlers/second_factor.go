package handlers

import (
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/models/accounts"
	"kurso/models/store"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

// pendingFor is how long after the password the second factor may be shown.
const pendingFor = 10 * time.Minute

// pending is the user who has shown the password in this session a short time ago; store.ErrNotFound if
// there is none, or the password is another one by now.
func (s *Server) pending(c echo.Context) (*accounts.User, error) {
	ctx := c.Request().Context()
	id, at := s.sessions.GetInt64(ctx, sessionPending), time.UnixMicro(s.sessions.GetInt64(ctx, sessionPendingAt))
	if id == 0 || !s.st.Now().Before(at.Add(pendingFor)) {
		return nil, store.ErrNotFound
	}
	u, err := accounts.Load(ctx, s.st, id)
	if err == nil && u.PasswordChangedAt != nil && u.PasswordChangedAt.After(at) {
		return nil, store.ErrNotFound
	}
	return u, err
}

func (s *Server) secondFactorForm(c echo.Context) error {
	return s.showSecondFactor(c, http.StatusOK, nil)
}

func (s *Server) showSecondFactor(c echo.Context, status int, errs ui.Errors) error {
	ctx := c.Request().Context()
	user, err := s.pending(c)
	if errors.Is(err, store.ErrNotFound) {
		return s.startOver(c)
	}
	if err != nil {
		return err
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	v := admin.SecondFactorView{Errors: errs}
	if v.Authenticator, err = accounts.HasAuthenticator(ctx, s.st, user.ID); err != nil {
		return err
	}
	if v.Passkey, err = web.AskPasskey(c, s.st, s.cfg, user.ID); err != nil {
		return err
	}
	return web.Render(c, status, admin.SecondFactor(v))
}

// secondFactor checks it and signs in.
func (s *Server) secondFactor(c echo.Context) error {
	ctx := c.Request().Context()
	user, err := s.pending(c)
	if errors.Is(err, store.ErrNotFound) {
		return s.startOver(c)
	}
	if err != nil {
		return err
	}
	var in accounts.SecondFactorInput
	if err := web.Bind(c, &in); err != nil {
		return err
	}
	err = accounts.CheckSecondFactor(ctx, s.st, web.Passkeys(s.cfg), user.ID, in, client(c))
	if refused, status := web.Refusal(ctx, err); refused != nil {
		return s.showSecondFactor(c, status, refused)
	}
	if err != nil {
		return err
	}
	return s.enter(c, user.ID, s.sessions.GetString(ctx, sessionNext))
}

// startOver leads back to the password.
func (s *Server) startOver(c echo.Context) error {
	s.sessions.Remove(c.Request().Context(), sessionPending)
	return web.SeeOther(c, "/admin/session")
}
