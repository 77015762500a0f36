package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// Access says who may call a route.
type Access string

const (
	// Public routes are for everybody; they set no cookie.
	Public Access = "public"
	// Entrance routes sign staff in and out: a session, but no user yet.
	Entrance Access = "entrance"
	// Staff routes are for signed-in users.
	Staff Access = "staff"
)

// Route is one line of the table. A GET answers HEAD as well.
type Route struct {
	Method  string
	Path    string
	Access  Access
	Handler echo.HandlerFunc
	// Body is the most bytes a request may carry; 0 means 1 MB.
	Body int64
}

const (
	get  = http.MethodGet
	post = http.MethodPost
)

// Routes is the whole table.
func (s *Server) Routes() []Route {
	return []Route{
		{get, "/healthz", Public, s.healthz, 0},
		{get, "/readyz", Public, s.readyz, 0},
		{get, "/metrics", Public, s.metrics, 0},
		{get, "/static/*", Public, s.static, 0},

		{get, "/admin/session", Entrance, s.signInForm, 0},
		{post, "/admin/session", Entrance, s.signIn, 0},
		{post, "/admin/session/end", Entrance, s.signOut, 0},
		{get, "/admin/gallery", Staff, s.admin.Gallery, 0},
	}
}
