package admin

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/catalog"
	"kurso/models/store"
	"kurso/templates/admin"
)

// CourseTypes lists the course types.
func (h *Handlers) CourseTypes(c echo.Context) error {
	ctx := c.Request().Context()
	v := admin.CourseTypeListView{Query: clean(c, "q", "category", "after")}
	v.Filter = catalog.CourseTypeFilter{Q: v.Query.Get("q"), CategoryID: id(v.Query, "category"), After: v.Query.Get("after")}
	var err error
	if v.List, err = catalog.CourseTypes(ctx, h.St, v.Filter); err != nil {
		return err
	}
	if v.Categories, err = catalog.Categories(ctx, h.St); err != nil {
		return err
	}
	if web.IsFragment(c) {
		return web.Render(c, http.StatusOK, admin.CourseTypeRegion(v))
	}
	v.Empty = v.List.Total == 0 && len(v.Query) == 0
	if v.Page, err = h.page(c, locales.T(ctx, "nav.course_types"), "course_types"); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.CourseTypes(v))
}

// CourseType answers the routes of one course type.
func (h *Handlers) CourseType() resource[catalog.CourseTypeInput] {
	return resource[catalog.CourseTypeInput]{
		h: h, subject: catalog.SubjectCourseType, path: "/admin/course-types", active: "course_types",
		load: func(ctx context.Context, r store.Reader, id int64) (catalog.CourseTypeInput, string, error) {
			ct, err := catalog.LoadCourseType(ctx, r, id)
			return catalog.CourseTypeInputOf(ct), ct.Name, err
		},
		save: catalog.SaveCourseType, remove: catalog.DeleteCourseType,
		rebase: func(in *catalog.CourseTypeInput, stored catalog.CourseTypeInput) { in.Version = stored.Version },
		show: func(ctx context.Context) (func(field, value string) string, error) {
			categories, err := catalog.Categories(ctx, h.St)
			return func(field, value string) string {
				for _, c := range categories {
					if field == "category" && value == strconv.FormatInt(c.ID, 10) {
						return c.Name
					}
				}
				return value
			}, err
		},
		page: func(c echo.Context, v admin.RecordView, in catalog.CourseTypeInput) (templ.Component, error) {
			categories, err := catalog.Categories(c.Request().Context(), h.St)
			return admin.CourseType(v, in, categories), err
		},
	}
}
