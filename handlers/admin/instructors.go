package admin

import (
	"context"
	"net/http"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/models/store"
	"kurso/templates/admin"
)

// Instructors lists the instructors.
func (h *Handlers) Instructors(c echo.Context) error {
	ctx := c.Request().Context()
	v := admin.InstructorListView{Query: clean(c, "q", "after")}
	v.Filter = catalog.InstructorFilter{Q: v.Query.Get("q"), After: v.Query.Get("after")}
	var err error
	if v.List, err = catalog.Instructors(ctx, h.St, v.Filter); err != nil {
		return err
	}
	if web.IsFragment(c) {
		return web.Render(c, http.StatusOK, admin.InstructorRegion(v))
	}
	v.Empty = v.List.Total == 0 && len(v.Query) == 0
	if v.Page, err = h.page(c, locales.T(ctx, "nav.instructors"), "instructors"); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.Instructors(v))
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
