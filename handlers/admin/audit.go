package admin

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/audit"
	"kurso/models/catalog"
	"kurso/templates/admin"
)

// Audit searches all audit entries, newest first.
func (h *Handlers) Audit(c echo.Context) error {
	ctx := c.Request().Context()
	v := admin.AuditView{Query: clean(c, "q", "who", "subject", "action", "from", "to", "record", "after")}
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	v.Zone = provider.Zone()
	if err := h.auditFilter(c, &v); err != nil {
		return err
	}
	var next *audit.Cursor
	if v.Entries, next, err = audit.Search(ctx, h.St, v.Filter); err != nil {
		return err
	}
	if next != nil {
		v.Next = next.String()
	}
	if v.Count, err = audit.Count(ctx, h.St, v.Filter); err != nil {
		return err
	}
	about := []audit.Record{v.Filter.Record}
	for _, e := range v.Entries {
		about = append(about, e.Record())
	}
	if v.Records, err = h.records(ctx, about); err != nil {
		return err
	}
	if v.Names, err = h.namesIn(ctx, v.Entries); err != nil {
		return err
	}
	if web.IsFragment(c) {
		return web.Render(c, http.StatusOK, admin.AuditRegion(v))
	}
	v.Empty = v.Count == 0 && len(v.Query) == 0
	if v.Page, err = h.page(c, locales.T(ctx, "nav.audit"), "audit"); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.Audit(v))
}

// auditFilter reads what the search is narrowed to, and what it could be. What is not offered is dropped.
func (h *Handlers) auditFilter(c echo.Context, v *admin.AuditView) (err error) {
	ctx := c.Request().Context()
	for _, s := range subjects {
		v.Subjects = append(v.Subjects, s.name)
	}
	if v.Actors, err = audit.Actors(ctx, h.St); err != nil {
		return err
	}
	if v.Actions, err = audit.Actions(ctx, h.St); err != nil {
		return err
	}
	v.Filter = audit.Filter{SubjectType: known(v.Query, "subject", v.Subjects...), Action: known(v.Query, "action", v.Actions...),
		Record: record(v.Query, "record"), After: audit.ParseCursor(v.Query.Get("after"))}
	switch who := v.Query.Get("who"); {
	case who == "applicant" || who == "system":
		v.Filter.ActorKind = who
	case slices.ContainsFunc(v.Actors, func(a audit.Actor) bool { return strconv.FormatInt(a.ID, 10) == who }):
		v.Filter.ActorID = id(v.Query, "who")
	default:
		v.Query.Del("who")
	}
	if from, err := time.ParseInLocation(time.DateOnly, date(v.Query, "from"), v.Zone); err == nil {
		v.Filter.From = from
	}
	if to, err := time.ParseInLocation(time.DateOnly, date(v.Query, "to"), v.Zone); err == nil {
		v.Filter.Until = to.AddDate(0, 0, 1)
	}
	return h.auditQuery(c, v)
}

// auditQuery finds what was typed: the id of any record, the number of a course, or a request.
func (h *Handlers) auditQuery(c echo.Context, v *admin.AuditView) error {
	q := strings.TrimSpace(v.Query.Get("q"))
	if q == "" {
		return nil
	}
	f := &v.Filter
	f.RequestID = q
	if id, err := strconv.ParseInt(strings.TrimPrefix(q, "#"), 10, 64); err == nil {
		for _, s := range v.Subjects {
			f.Records = append(f.Records, audit.Record{Type: s, ID: id})
		}
	}
	courses, err := catalog.CoursesByNumber(c.Request().Context(), h.St, q)
	for _, id := range courses {
		f.Records = append(f.Records, audit.Record{Type: catalog.SubjectCourse, ID: id})
	}
	return err
}

// record is a parameter such as "course-12".
func record(q map[string][]string, name string) audit.Record {
	if values := q[name]; len(values) > 0 {
		kind, number, _ := strings.Cut(values[0], "-")
		if id, err := strconv.ParseInt(number, 10, 64); err == nil && slices.ContainsFunc(subjects, func(s subject) bool { return s.name == kind }) {
			return audit.Record{Type: kind, ID: id}
		}
	}
	delete(q, name)
	return audit.Record{}
}
