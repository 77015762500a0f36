package admin

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/models/accounts"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/desk"
	"kurso/models/store"
	"kurso/templates/admin"
)

// rights are what it takes to see and to change records of one subject; reach, what their id is.
type rights struct {
	read, write accounts.Permission
	reach       accounts.Record
}

// desks are the records that several people have open at once, by the subject of their audit entries. A new
// kind of record gets its line here.
var desks = map[string]rights{
	catalog.SubjectCourse:     {accounts.CoursesRead, accounts.CoursesWrite, accounts.RecordCourse},
	catalog.SubjectCourseType: {accounts.CatalogueRead, accounts.CatalogueWrite, ""},
	catalog.SubjectCategory:   {accounts.CatalogueRead, accounts.CatalogueWrite, ""},
	catalog.SubjectLocation:   {accounts.CatalogueRead, accounts.CatalogueWrite, ""},
	catalog.SubjectInstructor: {accounts.CatalogueRead, accounts.CatalogueWrite, ""},
	catalog.SubjectProvider:   {accounts.SettingsRead, accounts.SettingsWrite, ""},
	accounts.Subject:          {accounts.AccountsRead, accounts.AccountsWrite, ""},
	accounts.SubjectRole:      {accounts.RolesWrite, accounts.RolesWrite, ""},
	booking.Subject:           {accounts.BookingsRead, accounts.BookingsWrite, accounts.RecordBooking},
}

// must returns what MustReach does for one of the record's permissions.
func (r rights) must(ctx context.Context, st *store.Store, p accounts.Permission, id int64) error {
	if r.reach != "" && id != 0 {
		return accounts.MustReach(ctx, st, p, r.reach, id)
	}
	if !accounts.GrantsOf(ctx).May(p) {
		return store.ErrForbidden
	}
	return nil
}

// deskRecord is the record that the path names.
func deskRecord(c echo.Context) (desk.Record, rights, error) {
	r, known := desks[c.Param("subject")]
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if !known || err != nil || id < 0 {
		return desk.Record{}, r, store.ErrNotFound
	}
	return desk.Record{Subject: c.Param("subject"), ID: id}, r, nil
}

// Here notes that the user has a record open and tells who else has.
func (h *Handlers) Here(c echo.Context) error {
	ctx := c.Request().Context()
	rec, r, err := deskRecord(c)
	if err != nil {
		return err
	}
	if err := r.must(ctx, h.St, r.read, rec.ID); err != nil {
		return err
	}
	others, err := desk.Here(ctx, h.St, web.User(c).ID, rec, c.FormValue("editing") == "true")
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.Here(others))
}
