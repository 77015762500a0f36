package handlers

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/store"
	"kurso/templates/layout"
)

// status is the one map from an error to an HTTP status.
func status(err error) int {
	var (
		invalid   *store.ValidationError
		rule      *store.RuleError
		throttled *store.ThrottledError
		httpErr   *echo.HTTPError
		pgErr     *pgconn.PgError
		tooLarge  *http.MaxBytesError
	)
	switch {
	case errors.Is(err, store.ErrNotFound), errors.Is(err, sql.ErrNoRows):
		return http.StatusNotFound
	case errors.Is(err, store.ErrGone):
		return http.StatusGone
	case errors.Is(err, store.ErrForbidden):
		return http.StatusForbidden
	case errors.Is(err, store.ErrConflict), errors.As(err, &rule):
		return http.StatusConflict
	case errors.As(err, &invalid):
		return http.StatusUnprocessableEntity
	case errors.As(err, &throttled):
		return http.StatusTooManyRequests
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.As(err, &httpErr):
		return httpErr.Code
	case store.Transient(err):
		return http.StatusServiceUnavailable
	case errors.As(err, &pgErr) && pgErr.Code == "23503": // what this record refers to was deleted just now
		return http.StatusConflict
	}
	return http.StatusInternalServerError
}

// answerError writes the page for an error. What went wrong inside is logged, never shown.
func answerError(log *slog.Logger) echo.HTTPErrorHandler {
	return func(err error, c echo.Context) {
		ctx := c.Request().Context()
		code := status(err)
		if code >= 500 && !errors.Is(err, context.Canceled) {
			log.ErrorContext(ctx, "request failed", "route", c.Path(), "status", code, "request", c.Response().Header().Get(echo.HeaderXRequestID), "error", err)
		}
		if c.Response().Committed {
			return
		}
		h := c.Response().Header()
		h.Set("Cache-Control", "no-store")
		detail := locales.T(ctx, "error.status."+knownStatus(code))
		if errors.Is(err, store.ErrForbidden) {
			detail = locales.T(ctx, "error.no_permission")
		}
		var rule *store.RuleError
		if errors.As(err, &rule) {
			detail = locales.T(ctx, rule.Key, rule.Args...)
		}
		var throttled *store.ThrottledError
		if errors.As(err, &throttled) {
			h.Set("Retry-After", strconv.Itoa(max(1, int(time.Until(throttled.RetryAt).Seconds()+1))))
		}
		if c.Request().Method == http.MethodHead {
			_ = c.NoContent(code)
			return
		}
		page := layout.ErrorPage(layout.ErrorView{
			Status: code, Title: locales.T(ctx, "error.title."+knownStatus(code)), Detail: detail,
			RequestID: h.Get(echo.HeaderXRequestID), Office: web.User(c) != nil, Home: web.Localized(c, "/courses"),
		})
		if err := web.Render(c, code, page); err != nil {
			log.ErrorContext(ctx, "error page failed", "error", err)
			_ = c.NoContent(code)
		}
	}
}

// knownStatus names the status whose words fit code best.
func knownStatus(code int) string {
	switch code {
	case 400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503:
		return strconv.Itoa(code)
	}
	if code >= 500 {
		return "500"
	}
	return "400"
}
