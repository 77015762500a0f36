// Package handlers is the HTTP side: the table of routes, what surrounds every request, and the one map
// from errors to answers. Pages are in admin and portal.
package handlers

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/alexedwards/scs/pgxstore"
	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"gocloud.dev/blob"

	"kurso/config"
	"kurso/handlers/admin"
	"kurso/handlers/portal"
	"kurso/mail/dnscheck"
	"kurso/models/accounts"
	"kurso/models/store"
	"kurso/models/system"
	"kurso/static"
)

// Deps is what the handlers need.
type Deps struct {
	Store  *store.Store
	Config *config.Config
	Bucket *blob.Bucket
	Log    *slog.Logger
	// Resolver asks the name service; nil: the system's. It is for tests.
	Resolver dnscheck.Resolver
}

// Server answers HTTP.
type Server struct {
	st       *store.Store
	cfg      *config.Config
	bucket   *blob.Bucket
	log      *slog.Logger
	admin    *admin.Handlers
	portal   *portal.Handlers
	sessions *scs.SessionManager
	watch    *system.Watch
	cleaner  *pgxstore.PostgresStore
	echo     *echo.Echo
}

// New builds the server with all its routes.
func New(d Deps) *Server {
	if d.Resolver == nil {
		d.Resolver = net.DefaultResolver
	}
	s := &Server{st: d.Store, cfg: d.Config, bucket: d.Bucket, log: d.Log, watch: system.NewWatch(d.Store),
		admin:  &admin.Handlers{St: d.Store, Cfg: d.Config, Bucket: d.Bucket, Resolver: d.Resolver},
		portal: &portal.Handlers{St: d.Store, Cfg: d.Config},
	}

	s.cleaner = pgxstore.NewWithCleanupInterval(d.Store.Pool(), 10*time.Minute)
	s.sessions = scs.New()
	s.sessions.Store = s.cleaner
	s.sessions.HashTokenInStore = true
	// the sign-in's row says when it is over; the session outlives it to tell why
	s.sessions.Lifetime = 2 * accounts.ExpiresAfter
	s.sessions.Cookie.Name = "kurso_session"
	s.sessions.Cookie.Path = "/admin"
	s.sessions.Cookie.HttpOnly = true
	s.sessions.Cookie.SameSite = http.SameSiteLaxMode
	s.sessions.Cookie.Secure = strings.HasPrefix(d.Config.PublicURL, "https://")
	s.sessions.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		d.Log.ErrorContext(r.Context(), "session store", "error", err)
		http.Error(w, "", http.StatusServiceUnavailable)
	}

	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.HTTPErrorHandler = answerError(d.Log)
	e.IPExtractor = clientAddress(d.Config)
	e.Use(numberRequests, logRequests(d.Log), recoverPanics(d.Log), secureHeaders(d.Config), s.speak, sameOrigin(d.Config),
		middleware.GzipWithConfig(middleware.GzipConfig{Level: 1, MinLength: 2048, Skipper: func(c echo.Context) bool {
			return strings.HasPrefix(c.Path(), "/static/") || c.Path() == "/metrics"
		}}), s.whileSuspended)
	s.echo = e
	for _, r := range s.Routes() {
		s.register(r)
	}
	return s
}

func (s *Server) register(r Route) {
	limit := r.Body
	if limit == 0 {
		limit = 1 << 20
	}
	chain := []echo.MiddlewareFunc{func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, limit)
			return next(c)
		}
	}}
	switch r.Access.Who {
	case Everybody:
	case Arriving:
		chain = append(chain, echo.WrapMiddleware(s.sessions.LoadAndSave))
	case User:
		chain = append(chain, echo.WrapMiddleware(s.sessions.LoadAndSave), s.signedIn(r.Access))
	case Permitted:
		chain = append(chain, echo.WrapMiddleware(s.sessions.LoadAndSave), s.signedIn(r.Access), s.permitted(r.Access))
	default:
		panic("nobody said who may call " + r.Method + " " + r.Path)
	}
	switch {
	case r.Access.Confirmed:
		chain = append(chain, s.confirmed)
	case r.Method == http.MethodPost && (r.Access.Who == User || r.Access.Who == Permitted):
		chain = append(chain, s.confirmedOnDemand)
	}
	s.echo.Add(r.Method, r.Path, r.Handler, chain...)
	if r.Method == http.MethodGet {
		s.echo.Add(http.MethodHead, r.Path, r.Handler, chain...)
	}
}

// clientAddress finds the sender's address: the connection's, or what a trusted proxy says it is.
func clientAddress(cfg *config.Config) echo.IPExtractor {
	if len(cfg.Proxies()) == 0 {
		return echo.ExtractIPDirect()
	}
	trust := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, p := range cfg.Proxies() {
		trust = append(trust, echo.TrustIPRange(&net.IPNet{
			IP: p.Masked().Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen()),
		}))
	}
	return echo.ExtractIPFromXFFHeader(trust...)
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// Listen opens the address of HOST and PORT; its error names the variable.
func Listen(cfg *config.Config) (net.Listener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(cfg.Host, strconv.Itoa(cfg.Port)))
	if err != nil {
		return nil, errors.New("PORT " + strconv.Itoa(cfg.Port) + " cannot be used: " + err.Error() + ". Choose another with PORT=…")
	}
	return l, nil
}

// Serve answers requests until ctx ends, then lets those under way finish, at most 20 s.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	srv := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Minute,
		WriteTimeout: 10 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
	defer s.cleaner.StopCleanup()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	return srv.Shutdown(stop)
}

func (s *Server) static(c echo.Context) error {
	static.Handler().ServeHTTP(c.Response(), c.Request())
	return nil
}
