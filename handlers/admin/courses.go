package admin

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/catalog"
	"kurso/templates/admin"
)

// Courses lists the courses.
func (h *Handlers) Courses(c echo.Context) error {
	ctx := c.Request().Context()
	v := admin.CourseListView{Query: clean(c, "q", "state", "places", "category", "type", "when", "from", "sort", "after")}
	v.Filter = catalog.CourseFilter{
		Q: v.Query.Get("q"), State: known(v.Query, "state", catalog.States...), CategoryID: id(v.Query, "category"),
		CourseTypeID: id(v.Query, "type"), From: date(v.Query, "from"),
		Places: known(v.Query, "places", catalog.PlacesFree, catalog.PlacesFull, catalog.PlacesWaiting),
		Sort:   known(v.Query, "sort", catalog.ByStart, catalog.ByName, catalog.ByNumber), After: v.Query.Get("after"),
	}
	if v.Filter.Sort == "" {
		v.Filter.Sort = catalog.ByStart
	}
	v.Filter.When = when(v.Query, v.Filter.State)
	var err error
	if v.List, err = catalog.Courses(ctx, h.St, v.Filter); err != nil {
		return err
	}
	if v.Categories, err = catalog.Categories(ctx, h.St); err != nil {
		return err
	}
	if v.Filter.CourseTypeID != 0 {
		if v.Type, err = catalog.LoadCourseType(ctx, h.St, v.Filter.CourseTypeID); err != nil {
			return err
		}
	}
	if web.IsFragment(c) {
		return web.Render(c, http.StatusOK, admin.CourseRegion(v))
	}
	v.Empty = v.List.Total == 0 && len(v.Query) == 0
	if v.Page, err = h.page(c, locales.T(ctx, "nav.courses"), "courses"); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.Courses(v))
}

// allTimes is the parameter that lists past and coming courses alike.
const allTimes = "all"

// when is the time that the list shows: without a parameter the courses that are not over, unless it is
// asked for those that are.
func when(q map[string][]string, state string) string {
	switch known(q, "when", catalog.Current, catalog.Past, allTimes) {
	case catalog.Past:
		return catalog.Past
	case allTimes:
		return ""
	case "":
		if state == catalog.Finished || state == catalog.CalledOff {
			return ""
		}
	}
	return catalog.Current
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

// known is a parameter if it is one of what is offered.
func known(q map[string][]string, name string, offered ...string) string {
	if values := q[name]; len(values) > 0 && slices.Contains(offered, values[0]) {
		return values[0]
	}
	delete(q, name)
	return ""
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

// date is a parameter that names a day.
func date(q map[string][]string, name string) string {
	if values := q[name]; len(values) > 0 {
		// Postgres has no year 0
		if d, err := time.Parse(time.DateOnly, values[0]); err == nil && d.Year() > 0 {
			return values[0]
		}
	}
	delete(q, name)
	return ""
}
