// Package web is what every handler shares: answering with a page, reading a form, who asks and in
// which language.
package web

import (
	"bytes"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/models/store"
	"kurso/models/throttle"
)

// Render answers with a page. It is rendered whole before the first byte, so that an error inside is
// still an error page.
func Render(c echo.Context, status int, page templ.Component) error {
	var b bytes.Buffer
	if err := page.Render(c.Request().Context(), &b); err != nil {
		return err
	}
	h := c.Response().Header()
	h.Add(echo.HeaderVary, "HX-Request")
	return c.HTMLBlob(status, b.Bytes())
}

// IsFragment reports whether htmx asks for a part of the page, not for a whole one.
func IsFragment(c echo.Context) bool {
	h := c.Request().Header
	return h.Get("HX-Request") == "true" && h.Get("HX-Boosted") != "true" && h.Get("HX-History-Restore-Request") != "true" &&
		h.Get("HX-Request-Type") != "full"
}

// SeeOther redirects after a change, so that a reload does not repeat it.
func SeeOther(c echo.Context, path string) error {
	return c.Redirect(http.StatusSeeOther, path)
}

// ID reads a number from the path. Anything else is not found.
func ID(c echo.Context, name string) (int64, error) {
	id, err := strconv.ParseInt(c.Param(name), 10, 64)
	if err != nil || id <= 0 {
		return 0, store.ErrNotFound
	}
	return id, nil
}

// Network is the sender's, as throttles count.
func Network(c echo.Context) string { return throttle.Network(c.RealIP()) }

const providerKey = "kurso.provider"

// Provider is the education provider, read once a request.
func Provider(c echo.Context, r store.Reader) (*catalog.Provider, error) {
	if p, ok := c.Get(providerKey).(*catalog.Provider); ok {
		return p, nil
	}
	p, err := catalog.LoadProvider(c.Request().Context(), r)
	if err == nil {
		c.Set(providerKey, p)
	}
	return p, err
}

const userKey = "kurso.user"

// User is who is signed in; never nil on a route for staff.
func User(c echo.Context) *accounts.User {
	u, _ := c.Get(userKey).(*accounts.User)
	return u
}

const signInKey = "kurso.sign_in"

// SetSignIn remembers the request's sign-in, and by it who is signed in.
func SetSignIn(c echo.Context, s *accounts.SignIn) {
	c.Set(signInKey, s)
	c.Set(userKey, s.User)
}

// SignIn is the request's sign-in; never nil on a route for staff.
func SignIn(c echo.Context) *accounts.SignIn {
	s, _ := c.Get(signInKey).(*accounts.SignIn)
	return s
}

// May reports whether the request's user has a permission, as far as it may reach.
func May(c echo.Context, p accounts.Permission) bool {
	return accounts.GrantsOf(c.Request().Context()).May(p)
}

// SetLocale makes the request speak lang.
func SetLocale(c echo.Context, lang string) {
	c.SetRequest(c.Request().WithContext(locales.With(c.Request().Context(), lang)))
	c.Response().Header().Set("Content-Language", locales.Of(c.Request().Context()))
}

// SetActor says on whose behalf the request acts.
func SetActor(c echo.Context, a store.Actor) {
	a.RequestID = c.Response().Header().Get(echo.HeaderXRequestID)
	c.SetRequest(c.Request().WithContext(store.WithActor(c.Request().Context(), a)))
}
