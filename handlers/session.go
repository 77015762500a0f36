package handlers

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/models/store"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

// What a session holds: the id of the sign-in, and after its end still that, to say why. Between password
// and second factor it is whose they are, since when, and where to go on. Said is what the sign-in page says
// once.
const (
	sessionSignIn    = "sign_in"
	sessionEnded     = "ended"
	sessionPending   = "pending"
	sessionPendingAt = "pending_at"
	sessionNext      = "next"
	sessionSaid      = "said"
)

// deviceCookie tells the browsers in which a user has signed in before from strange ones.
const deviceCookie = "kurso_device"

type signInInput struct {
	Email    string `form:"email"`
	Password string `form:"password"`
	Next     string `form:"next"`
}

func (s *Server) signInForm(c echo.Context) error {
	if s.sessions.GetInt64(c.Request().Context(), sessionSignIn) != 0 {
		return web.SeeOther(c, local(c.QueryParam("next")))
	}
	return s.showSignIn(c, http.StatusOK, signInInput{Next: c.QueryParam("next")}, nil)
}

func (s *Server) showSignIn(c echo.Context, status int, in signInInput, errs ui.Errors) (err error) {
	ctx := c.Request().Context()
	c.Response().Header().Set("Cache-Control", "no-store")
	v := admin.SignInView{Email: in.Email, Next: in.Next, Errors: errs, Said: s.sessions.PopString(ctx, sessionSaid)}
	if id := s.sessions.GetInt64(ctx, sessionEnded); id != 0 && len(errs) == 0 {
		if v.Ended, err = s.ended(ctx, id); err != nil {
			return err
		}
	}
	if v.Passkey, err = web.AskPasskey(c, s.st, s.cfg, 0); err != nil {
		return err
	}
	return web.Render(c, status, admin.SignIn(v))
}

// ended says why a sign-in is over.
func (s *Server) ended(ctx context.Context, id int64) (*admin.EndedView, error) {
	signIn, err := accounts.LoadSignIn(ctx, s.st, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	v := &admin.EndedView{Reason: signIn.EndReason}
	if signIn.ReplacedBy != nil {
		if v.By, err = accounts.LoadSignIn(ctx, s.st, *signIn.ReplacedBy); err != nil {
			return nil, err
		}
		provider, err := catalog.LoadProvider(ctx, s.st)
		if err != nil {
			return nil, err
		}
		v.Zone = provider.Zone()
	}
	return v, nil
}

func (s *Server) signIn(c echo.Context) error {
	ctx := c.Request().Context()
	var in signInInput
	if err := web.Bind(c, &in); err != nil {
		return err
	}
	user, err := accounts.Authenticate(ctx, s.st, in.Email, in.Password, client(c))
	if refused, status := web.Refusal(ctx, err); refused != nil {
		return s.showSignIn(c, status, in, refused)
	}
	if err != nil {
		return err
	}
	return s.halfway(c, user.ID, in.Next)
}

// signInByPasskey signs in with both factors at once.
func (s *Server) signInByPasskey(c echo.Context) error {
	ctx := c.Request().Context()
	var in struct {
		Passkey accounts.PasskeyAnswer `form:"passkey"`
		Next    string                 `form:"next"`
	}
	if err := web.Bind(c, &in); err != nil {
		return err
	}
	user, err := accounts.AuthenticatePasskey(ctx, s.st, web.Passkeys(s.cfg), in.Passkey)
	if refused, status := web.Refusal(ctx, err); refused != nil {
		return s.showSignIn(c, status, signInInput{Next: in.Next}, refused)
	}
	if err != nil {
		return err
	}
	return s.enter(c, user.ID, in.Next)
}

// halfway goes on after the password: to the second factor of those who have one.
func (s *Server) halfway(c echo.Context, userID int64, next string) error {
	ctx := c.Request().Context()
	secured, err := accounts.HasSecondFactor(ctx, s.st, userID)
	if err != nil {
		return err
	}
	if !secured {
		return s.enter(c, userID, next)
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionPending, userID)
	s.sessions.Put(ctx, sessionPendingAt, s.st.Now().UnixMicro())
	s.sessions.Put(ctx, sessionNext, next)
	return web.SeeOther(c, "/admin/session/second-factor")
}

// enter signs the browser in, with a new session, and leads on.
func (s *Server) enter(c echo.Context, userID int64, next string) error {
	ctx := c.Request().Context()
	if err := s.leave(ctx); err != nil {
		return err
	}
	a, err := accounts.Begin(ctx, s.st, userID, client(c))
	if err != nil {
		return err
	}
	if err := s.sessions.Clear(ctx); err != nil {
		return err
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionSignIn, a.ID)
	s.rememberDevice(c, a.DeviceToken)
	if a.Replaced != nil {
		web.SetSessions(c, s.sessions)
		web.Notify(c, locales.T(ctx, "sign_in.replaced."+a.Device))
	}
	return web.SeeOther(c, local(next))
}

// leave ends the sign-in that the session holds, if any.
func (s *Server) leave(ctx context.Context) error {
	id := s.sessions.GetInt64(ctx, sessionSignIn)
	if id == 0 {
		return nil
	}
	return accounts.SignOut(ctx, s.st, id)
}

func (s *Server) rememberDevice(c echo.Context, token string) {
	c.SetCookie(&http.Cookie{Name: deviceCookie, Value: token, Path: s.sessions.Cookie.Path, MaxAge: int((400 * 24 * time.Hour).Seconds()),
		HttpOnly: true, Secure: s.sessions.Cookie.Secure, SameSite: http.SameSiteLaxMode})
}

// client is the browser that asks.
func client(c echo.Context) accounts.Client {
	from := accounts.Client{Network: web.Network(c), UserAgent: c.Request().UserAgent()}
	if cookie, err := c.Cookie(deviceCookie); err == nil {
		from.Device = cookie.Value
	}
	return from
}

func (s *Server) signOut(c echo.Context) error {
	ctx := c.Request().Context()
	if err := s.leave(ctx); err != nil {
		return err
	}
	if err := s.sessions.Destroy(ctx); err != nil {
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
	return redirect(c, to)
}

// local keeps a redirect inside the office.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/admin") || strings.HasPrefix(next, "//") || strings.Contains(next, "\\") {
		return "/admin"
	}
	return u.RequestURI()
}
