package admin

import (
	"context"
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/catalog"
	"kurso/models/store"
	"kurso/templates/admin"
)

// Categories lists the categories.
func (h *Handlers) Categories(c echo.Context) error {
	ctx := c.Request().Context()
	all, err := catalog.Categories(ctx, h.St)
	if err != nil {
		return err
	}
	page, err := h.page(c, locales.T(ctx, "office.categories"), "course_types")
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.Categories(page, all))
}

// Category answers the routes of one category.
func (h *Handlers) Category() resource[catalog.CategoryInput] {
	return resource[catalog.CategoryInput]{
		h: h, subject: catalog.SubjectCategory, path: "/admin/categories", active: "course_types", list: "office.categories",
		load: func(ctx context.Context, r store.Reader, id int64) (catalog.CategoryInput, string, error) {
			category, err := catalog.LoadCategory(ctx, r, id)
			return catalog.CategoryInputOf(category), category.Name, err
		},
		save: catalog.SaveCategory, remove: catalog.DeleteCategory,
		rebase: func(in *catalog.CategoryInput, stored catalog.CategoryInput) { in.Version = stored.Version },
		page: func(_ echo.Context, v admin.RecordView, in catalog.CategoryInput) (templ.Component, error) {
			return admin.Category(v, in), nil
		},
	}
}
