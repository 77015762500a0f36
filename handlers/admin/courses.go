package admin

import (
	"strconv"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/models/catalog"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

// Courses lists the courses.
func (h *Handlers) Courses(c echo.Context) error {
	ctx := c.Request().Context()
	return h.showList(c, listPage{list: catalog.Courses, active: "courses", header: ui.PageHeader{Main: admin.NewCourse(ctx)},
		tabs: admin.CourseTabs(ctx, "courses"), empty: admin.NoCourses(ctx)})
}

// Sessions lists the sessions of all courses.
func (h *Handlers) Sessions(c echo.Context) error {
	ctx := c.Request().Context()
	return h.showList(c, listPage{list: catalog.Sessions, active: "courses", tabs: admin.CourseTabs(ctx, "sessions")})
}

// clean takes the named parameters of the query, without the empty ones.
func clean(c echo.Context, names ...string) map[string][]string {
	out := map[string][]string{}
	for _, name := range names {
		if value := web.Clean(c.QueryParam(name)); value != "" {
			out[name] = []string{value}
		}
	}
	return out
}

// id is a parameter that names a record; 0 for none.
func id(q map[string][]string, name string) int64 {
	if values := q[name]; len(values) > 0 {
		if n, err := strconv.ParseInt(values[0], 10, 64); err == nil && n > 0 {
			return n
		}
	}
	delete(q, name)
	return 0
}
