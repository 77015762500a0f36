package handlers

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"kurso/config"
	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/store"
)

// policy is the Content-Security-Policy of every page: nothing from elsewhere, nothing inline, in no
// foreign frame.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
	"connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"

func secureHeaders(cfg *config.Config) echo.MiddlewareFunc {
	https := strings.HasPrefix(cfg.PublicURL, "https://")
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			h := c.Response().Header()
			h.Set("Content-Security-Policy", policy)
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("X-Frame-Options", "DENY")
			// no-referrer would make browsers send "Origin: null" with the confirming POST
			h.Set("Referrer-Policy", "same-origin")
			h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			if https {
				h.Set("Strict-Transport-Security", "max-age=31536000")
			}
			return next(c)
		}
	}
}

// speak chooses the language of public pages among those that the provider offers: ?lang= first, then the
// browser's, then the provider's own. The office speaks all; its pages change it to the user's own.
func (s *Server) speak(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		offered, lang := locales.Supported, locales.German
		if !languageless(c.Path()) {
			// without an answer there will be none to the page either; that says so
			if p, err := web.Provider(c, s.st); err == nil {
				offered, lang = p.Languages, p.DefaultLanguage
			}
		}
		lang = locales.Match(c.Request().Header.Get("Accept-Language"), offered, lang)
		if chosen := c.QueryParam("lang"); slices.Contains(offered, chosen) {
			lang = chosen
		}
		c.Response().Header().Add(echo.HeaderVary, "Accept-Language")
		web.SetLocale(c, lang)
		web.SetActor(c, store.Actor{Kind: "applicant"})
		return next(c)
	}
}

// languageless are the routes of machines, and of the office, whose languages are those of its users.
func languageless(route string) bool {
	return route == "/healthz" || route == "/readyz" || route == "/metrics" || strings.HasPrefix(route, "/static/") ||
		route == "/admin" || strings.HasPrefix(route, "/admin/")
}

// sameOrigin refuses writes that another site's page sends. Requests without Origin and Sec-Fetch-Site
// do not come from a browser's page; the public forms carry a signed token besides.
func sameOrigin(cfg *config.Config) echo.MiddlewareFunc {
	protection := http.NewCrossOriginProtection()
	// behind a proxy that rewrites Host, Origin still names the public address
	if err := protection.AddTrustedOrigin(cfg.Origin()); err != nil {
		panic(err)
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := protection.Check(c.Request()); err != nil {
				return echo.NewHTTPError(http.StatusForbidden).SetInternal(err)
			}
			return next(c)
		}
	}
}

// numberRequests gives each request the id that ties log, audit entries and error page together. A client
// cannot choose it: what it sends may not even be text.
func numberRequests(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set(echo.HeaderXRequestID, store.Nonce())
		return next(c)
	}
}

// logRequests writes one line a request: the route's pattern, never the path, which may hold a token.
func logRequests(log *slog.Logger) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			start := time.Now()
			err := next(c)
			if err != nil {
				c.Error(err)
			}
			code := c.Response().Status
			level := slog.LevelInfo
			if route := c.Path(); route == "/healthz" || route == "/readyz" || route == "/metrics" || strings.HasPrefix(route, "/static/") {
				level = slog.LevelDebug
			}
			took := time.Since(start)
			log.Log(c.Request().Context(), level, "request", "method", c.Request().Method, "route", c.Path(),
				"status", code, "ms", float64(took.Microseconds())/1000, "request", c.Response().Header().Get(echo.HeaderXRequestID))
			requestSeconds.WithLabelValues(knownMethod(c.Request().Method), c.Path(), statusClass(code)).Observe(took.Seconds())
			return nil
		}
	}
}

func recoverPanics(log *slog.Logger) echo.MiddlewareFunc {
	return middleware.RecoverWithConfig(middleware.RecoverConfig{
		LogErrorFunc: func(c echo.Context, err error, stack []byte) error {
			log.ErrorContext(c.Request().Context(), "panic", "route", c.Path(), "error", err, "stack", string(stack))
			return errors.New("panic")
		},
	})
}

// signedIn lets users in and makes the request theirs; others are sent to sign in and come back.
func (s *Server) signedIn(a Access) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			ctx := c.Request().Context()
			c.Response().Header().Set("Cache-Control", "no-store")
			id := s.sessions.GetInt64(ctx, sessionSignIn)
			if id == 0 {
				return s.askToSignIn(c)
			}
			signIn, err := s.resume(c, a, id)
			if err == nil && signIn.EndedAt != nil || errors.Is(err, store.ErrNotFound) {
				s.sessions.Remove(ctx, sessionSignIn)
				s.sessions.Put(ctx, sessionEnded, id)
				return s.askToSignIn(c)
			}
			if err != nil {
				return err
			}
			user := signIn.User
			web.SetSignIn(c, signIn)
			web.SetSessions(c, s.sessions)
			web.SetLocale(c, user.Locale)
			web.SetActor(c, store.Actor{Kind: "user", UserID: user.ID})
			grants, err := accounts.LoadGrants(ctx, s.st, user.ID)
			if err != nil {
				return err
			}
			c.SetRequest(c.Request().WithContext(accounts.WithSignIn(accounts.WithGrants(c.Request().Context(), grants), signIn)))
			if grants.SecondFactor && !signIn.Secured && !a.SettingUp {
				return redirect(c, "/admin/account")
			}
			return next(c)
		}
	}
}

// resume reads the sign-in of a request. What pages ask by themselves does not count as use.
func (s *Server) resume(c echo.Context, a Access, id int64) (*accounts.SignIn, error) {
	if a.Unattended {
		return accounts.Glance(c.Request().Context(), s.st, id)
	}
	return accounts.Resume(c.Request().Context(), s.st, id, web.Network(c))
}

// permitted lets users pass who have the route's permission, and only to records within its reach. What
// lies outside is not found: nobody learns that it exists.
func (s *Server) permitted(a Access) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			ctx := c.Request().Context()
			if !accounts.GrantsOf(ctx).May(a.Permission) {
				return store.ErrForbidden
			}
			if a.Record != "" {
				id, err := web.ID(c, "id")
				if err != nil {
					return err
				}
				if err := accounts.MustReach(ctx, s.st, a.Permission, a.Record, id); err != nil {
					return err
				}
			}
			return next(c)
		}
	}
}
