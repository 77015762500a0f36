package handlers

import (
	"context"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"kurso/models/outbox"
)

var requestSeconds = promauto.NewHistogramVec(prometheus.HistogramOpts{
	Name: "kurso_request_seconds", Help: "Time to answer, by method, route and class of status.",
	Buckets: []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
}, []string{"method", "route", "status"})

func statusClass(code int) string { return strconv.Itoa(code/100) + "xx" }

// knownMethod keeps strangers, who may send any word as a method, from filling the memory with figures.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
		return method
	}
	return "other"
}

// metrics answers Prometheus: with METRICS_TOKEN as bearer token, or from this machine when none is set.
func (s *Server) metrics(c echo.Context) error {
	if want := s.cfg.MetricsToken; want != "" {
		got := strings.TrimPrefix(c.Request().Header.Get("Authorization"), "Bearer ")
		if subtle.ConstantTimeCompare([]byte(got), []byte(want)) != 1 {
			return echo.NewHTTPError(http.StatusUnauthorized)
		}
	} else if !s.fromHere(c) {
		return echo.NewHTTPError(http.StatusForbidden)
	}
	mails, err := s.countMails(c.Request().Context())
	if err != nil {
		return err
	}
	all := prometheus.Gatherers{prometheus.DefaultGatherer, mails}
	promhttp.HandlerFor(all, promhttp.HandlerOpts{}).ServeHTTP(c.Response(), c.Request())
	return nil
}

// fromHere reports whether a program on this machine asks, and not a proxy on it for somebody else.
func (s *Server) fromHere(c echo.Context) bool {
	if len(s.cfg.Proxies()) == 0 && c.Request().Header.Get(echo.HeaderXForwardedFor) != "" {
		return false
	}
	addr, err := netip.ParseAddr(c.RealIP())
	return err == nil && addr.IsLoopback()
}

// countMails is what can only be read from the database, at this moment.
func (s *Server) countMails(ctx context.Context) (prometheus.Gatherer, error) {
	n, err := outbox.Count(ctx, s.st, nil)
	gauge := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "kurso_mails", Help: "Mails that are not done, by state."}, []string{"state"})
	gauge.WithLabelValues(outbox.Queued).Set(float64(n.Queued))
	gauge.WithLabelValues(outbox.Sending).Set(float64(n.Sending))
	gauge.WithLabelValues(outbox.Retrying).Set(float64(n.Retrying))
	gauge.WithLabelValues(outbox.Failed).Set(float64(n.Failed))
	gauge.WithLabelValues(outbox.Bounced).Set(float64(n.Bounced))
	r := prometheus.NewRegistry()
	r.MustRegister(gauge)
	return r, err
}

// healthz says that the process answers.
func (s *Server) healthz(c echo.Context) error { return c.String(http.StatusOK, "ok\n") }

// readyz says that it can serve: the database answers.
func (s *Server) readyz(c echo.Context) error {
	if err := s.st.Pool().Ping(c.Request().Context()); err != nil {
		return echo.NewHTTPError(http.StatusServiceUnavailable).SetInternal(err)
	}
	return c.String(http.StatusOK, "ready\n")
}
