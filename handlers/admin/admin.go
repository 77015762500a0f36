// Package admin is the office: the pages of staff, one file a resource.
package admin

import (
	"github.com/labstack/echo/v4"
	"gocloud.dev/blob"

	"kurso/config"
	"kurso/handlers/web"
	"kurso/mail/dnscheck"
	"kurso/models/store"
	"kurso/templates/layout"
)

// Handlers answer the office's routes.
type Handlers struct {
	St     *store.Store
	Cfg    *config.Config
	Bucket *blob.Bucket
	// Resolver asks the name service.
	Resolver dnscheck.Resolver
}

// page is the frame of an office page.
func (h *Handlers) page(c echo.Context, title, active string) (layout.OfficePage, error) {
	return web.Office(c, h.St, title, active)
}
