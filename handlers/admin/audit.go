package admin

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/models/audit"
	"kurso/models/catalog"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

// Audit lists all audit entries, newest first. Addresses that name a record as "course-12" go on leading to its
// entries.
func (h *Handlers) Audit(c echo.Context) error {
	ctx := c.Request().Context()
	if kind, number, ok := strings.Cut(c.QueryParam("record"), "-"); ok {
		if id, err := strconv.ParseInt(number, 10, 64); err == nil {
			return web.SeeOther(c, admin.AuditOf(audit.Record{Type: kind, ID: id}))
		}
	}
	p := listPage{list: audit.Entries, active: "audit", empty: &admin.EmptyList{Icon: "history", Title: t(c, "audit.empty"), Text: t(c, "audit.empty.text")}}
	if id, err := strconv.ParseInt(c.QueryParam("record"), 10, 64); err == nil {
		about := audit.Record{Type: c.QueryParam("subject"), ID: id}
		records, err := h.records(ctx, []audit.Record{about})
		if err != nil {
			return err
		}
		p.header = ui.PageHeader{Sub: records.Label(ctx, about)}
	}
	return h.showList(c, p)
}

// AuditEntry shows one entry in words.
func (h *Handlers) AuditEntry(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	var v admin.AuditEntryView
	if v.Entry, err = audit.Load(ctx, h.St, id); err != nil {
		return err
	}
	if v.Records, err = h.records(ctx, []audit.Record{v.Entry.Record()}); err != nil {
		return err
	}
	if v.Names, err = h.namesIn(ctx, []*audit.Entry{v.Entry}); err != nil {
		return err
	}
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	v.Zone = provider.Zone()
	if v.Page, err = h.page(c, t(c, "audit."+v.Entry.Action), "audit"); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.AuditEntry(v))
}
