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

// Roles shows what each role may do.
func (h *Handlers) Roles(c echo.Context) error {
	ctx := c.Request().Context()
	v := admin.RolesView{Categories: map[int64]string{}}
	var err error
	if v.Roles, err = accounts.Roles(ctx, h.St); err != nil {
		return err
	}
	categories, err := catalog.Categories(ctx, h.St)
	if err != nil {
		return err
	}
	for _, category := range categories {
		v.Categories[category.ID] = category.Name
	}
	if v.Page, err = h.page(c, locales.T(ctx, "nav.roles"), "roles"); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.Roles(v))
}

// Role answers the routes of one role.
func (h *Handlers) Role() resource[accounts.RoleInput] {
	return resource[accounts.RoleInput]{
		h: h, subject: accounts.SubjectRole, path: "/admin/roles", active: "roles",
		load: func(ctx context.Context, r store.Reader, id int64) (accounts.RoleInput, string, error) {
			role, err := accounts.LoadRole(ctx, r, id)
			if err != nil {
				return accounts.RoleInput{}, "", err
			}
			return accounts.RoleInputOf(role), admin.RoleName(ctx, role), nil
		},
		save: accounts.SaveRole, remove: accounts.DeleteRole,
		rebase: func(in *accounts.RoleInput, stored accounts.RoleInput) { in.Version = stored.Version },
		show:   h.showRoleField,
		page:   h.rolePage,
	}
}

// NewRole shows the form of a new role: empty, or a copy (?from=).
func (h *Handlers) NewRole(c echo.Context) error {
	ctx := c.Request().Context()
	in := accounts.RoleInput{Reach: accounts.ReachAll}
	if from := id(clean(c, "from"), "from"); from != 0 {
		role, err := accounts.LoadRole(ctx, h.St, from)
		if err != nil {
			return err
		}
		in = accounts.RoleInputOf(role)
		in.Version, in.Name = "", locales.T(ctx, "role.copy_of", "Name", admin.RoleName(ctx, role))
	}
	return h.Role().form(c, http.StatusOK, admin.RecordView{}, in)
}

// showRoleField words what a role's form holds in codes.
func (h *Handlers) showRoleField(ctx context.Context) (func(field, value string) string, error) {
	categories, err := catalog.Categories(ctx, h.St)
	return func(field, value string) string {
		switch field {
		case "reach":
			return locales.T(ctx, "reach."+value)
		case "permissions":
			return locales.T(ctx, "permission."+value)
		case "categories":
			for _, c := range categories {
				if value == strconv.FormatInt(c.ID, 10) {
					return c.Name
				}
			}
		}
		return value
	}, err
}

func (h *Handlers) rolePage(c echo.Context, record admin.RecordView, in accounts.RoleInput) (templ.Component, error) {
	ctx := c.Request().Context()
	v := admin.RoleView{RecordView: record, In: in, May: accounts.GrantsOf(ctx).May}
	var err error
	if v.Categories, err = catalog.Categories(ctx, h.St); err != nil || v.ID == 0 {
		return admin.Role(v), err
	}
	if v.Role, err = accounts.LoadRole(ctx, h.St, v.ID); err != nil {
		return nil, err
	}
	v.Fixed = v.Role.Key == accounts.Administration
	v.OutOfHands = !accounts.GrantsOf(ctx).Cover(v.Role.Grants())
	v.ReadOnly = v.ReadOnly || v.Fixed || v.OutOfHands
	return admin.Role(v), nil
}
