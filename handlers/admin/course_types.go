package admin

import (
	"context"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/models/store"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

// CourseTypes lists the course types.
func (h *Handlers) CourseTypes(c echo.Context) error {
	ctx := c.Request().Context()
	return h.showList(c, listPage{list: catalog.CourseTypes, active: "course_types", tabs: admin.OfferTabs(ctx, "/admin/course-types"),
		header: ui.PageHeader{Main: admin.NewRecord(ctx, accounts.CatalogueWrite, "course_type", "/admin/course-types")},
		empty:  &admin.EmptyList{Icon: "book-open", Title: t(c, "course_types.empty"), Text: t(c, "course_types.empty.text")}})
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
