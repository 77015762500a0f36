package admin

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/models/catalog"
	"kurso/templates/admin"
)

// suggestions is how many are offered.
const suggestions = 20

// SuggestCourseTypes offers course types for what was typed so far, as options of a datalist.
func (h *Handlers) SuggestCourseTypes(c echo.Context) error {
	list, err := catalog.FindCourseTypes(c.Request().Context(), h.St, typedSoFar(c), suggestions)
	if err != nil {
		return err
	}
	var names []string
	for _, t := range list {
		names = append(names, catalog.Pick(t.Name, t.ID))
	}
	return web.Render(c, http.StatusOK, admin.Suggestions(names))
}

// SuggestInstructors offers instructors for what was typed so far.
func (h *Handlers) SuggestInstructors(c echo.Context) error {
	list, err := catalog.FindInstructors(c.Request().Context(), h.St, typedSoFar(c), suggestions)
	if err != nil {
		return err
	}
	var names []string
	for _, i := range list {
		names = append(names, catalog.Pick(i.Name(), i.ID))
	}
	return web.Render(c, http.StatusOK, admin.Suggestions(names))
}

// typedSoFar is the one parameter that the field sends, whatever its name.
func typedSoFar(c echo.Context) string {
	for _, values := range c.QueryParams() {
		return web.Clean(values[0])
	}
	return ""
}
