package admin

import (
	"context"
	"fmt"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/models/store"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

// Locations lists the locations.
func (h *Handlers) Locations(c echo.Context) error {
	ctx := c.Request().Context()
	return h.showList(c, listPage{list: catalog.Locations, active: "locations", tabs: admin.LocationTabs(ctx, "locations"),
		header: ui.PageHeader{Main: admin.NewRecord(ctx, accounts.CatalogueWrite, "location", "/admin/locations")},
		empty:  &admin.EmptyList{Icon: "map-pin", Title: t(c, "locations.empty"), Text: t(c, "locations.empty.text")}})
}

// Rooms lists the rooms of all locations.
func (h *Handlers) Rooms(c echo.Context) error {
	ctx := c.Request().Context()
	return h.showList(c, listPage{list: catalog.Rooms, active: "locations", tabs: admin.LocationTabs(ctx, "rooms")})
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
