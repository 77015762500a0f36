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

// Instructors lists the instructors.
func (h *Handlers) Instructors(c echo.Context) error {
	ctx := c.Request().Context()
	return h.showList(c, listPage{list: catalog.Instructors, active: "instructors",
		header: ui.PageHeader{Main: admin.NewRecord(ctx, accounts.CatalogueWrite, "instructor", "/admin/instructors")},
		empty:  &admin.EmptyList{Icon: "graduation-cap", Title: t(c, "instructors.empty"), Text: t(c, "instructors.empty.text")}})
}

// Instructor answers the routes of one instructor.
func (h *Handlers) Instructor() resource[catalog.InstructorInput] {
	return resource[catalog.InstructorInput]{
		h: h, subject: catalog.SubjectInstructor, path: "/admin/instructors", active: "instructors",
		load: func(ctx context.Context, r store.Reader, id int64) (catalog.InstructorInput, string, error) {
			i, err := catalog.LoadInstructor(ctx, r, id)
			return catalog.InstructorInputOf(i), i.Name(), err
		},
		save: catalog.SaveInstructor, remove: catalog.DeleteInstructor,
		rebase: func(in *catalog.InstructorInput, stored catalog.InstructorInput) { in.Version = stored.Version },
		show:   h.nameAccount,
		page: func(c echo.Context, record admin.RecordView, in catalog.InstructorInput) (templ.Component, error) {
			ctx := c.Request().Context()
			v := admin.InstructorView{RecordView: record, In: in, MayLink: accounts.MayLink(ctx)}
			chosen := ""
			if v.MayLink {
				chosen = in.Account
			}
			var err error
			v.Accounts, err = catalog.AccountsFor(ctx, h.St, record.ID, chosen)
			return admin.Instructor(v), err
		},
	}
}

// nameAccount words the id of an account.
func (h *Handlers) nameAccount(ctx context.Context) (func(field, value string) string, error) {
	return func(field, value string) string {
		id, err := strconv.ParseInt(value, 10, 64)
		if field != "account" || err != nil {
			return value
		}
		names, err := accounts.Names(ctx, h.St, []int64{id})
		if err != nil || names[id] == "" {
			return value
		}
		return names[id]
	}, nil
}
