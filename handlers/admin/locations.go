package admin

import (
	"context"
	"fmt"
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/catalog"
	"kurso/models/store"
	"kurso/templates/admin"
)

// Locations lists the locations.
func (h *Handlers) Locations(c echo.Context) error {
	ctx := c.Request().Context()
	v := admin.LocationListView{Query: clean(c, "q", "after")}
	v.Filter = catalog.LocationFilter{Q: v.Query.Get("q"), After: v.Query.Get("after")}
	var err error
	if v.List, err = catalog.Locations(ctx, h.St, v.Filter); err != nil {
		return err
	}
	if web.IsFragment(c) {
		return web.Render(c, http.StatusOK, admin.LocationRegion(v))
	}
	v.Empty = v.List.Total == 0 && len(v.Query) == 0
	if v.Page, err = h.page(c, locales.T(ctx, "nav.locations"), "locations"); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.Locations(v))
}

// Location answers the routes of one location with its rooms.
func (h *Handlers) Location() resource[catalog.LocationInput] {
	return resource[catalog.LocationInput]{
		h: h, subject: catalog.SubjectLocation, path: "/admin/locations", active: "locations",
		load: func(ctx context.Context, r store.Reader, id int64) (catalog.LocationInput, string, error) {
			l, err := catalog.LoadLocation(ctx, r, id)
			return catalog.LocationInputOf(l), l.Name, err
		},
		save: catalog.SaveLocation, remove: catalog.DeleteLocation,
		extend: func(in *catalog.LocationInput, _ string) string {
			in.Rooms = append(in.Rooms, catalog.RoomInput{})
			return fmt.Sprintf("rooms.%d.name", len(in.Rooms)-1)
		},
		rebase: (*catalog.LocationInput).Rebase,
		page: func(_ echo.Context, v admin.RecordView, in catalog.LocationInput) (templ.Component, error) {
			if len(in.Rooms) == 0 {
				in.Rooms = []catalog.RoomInput{{}}
			}
			return admin.Location(v, in), nil
		},
	}
}
