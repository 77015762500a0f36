package admin

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/models/store"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

// Users lists the accounts.
func (h *Handlers) Users(c echo.Context) error {
	ctx := c.Request().Context()
	licence, err := accounts.LoadLicence(ctx, h.St)
	if err != nil {
		return err
	}
	return h.showList(c, listPage{list: accounts.Users, active: "users", header: ui.PageHeader{Main: admin.NewUser(ctx)}, tabs: admin.UserTabs(ctx), above: admin.Licence(licence)})
}

// NewInvitation shows the form that invites somebody.
func (h *Handlers) NewInvitation(c echo.Context) error {
	return h.showInvitation(c, http.StatusOK, admin.InvitationView{In: accounts.InvitationInput{Locale: locales.German}})
}

// Invite makes an account and sends its owner a link.
func (h *Handlers) Invite(c echo.Context) error {
	ctx := c.Request().Context()
	var v admin.InvitationView
	if err := web.Bind(c, &v.In); err != nil {
		return err
	}
	id, err := accounts.Invite(ctx, h.St, v.In)
	if errs, ok := web.FormErrors(ctx, err); ok {
		v.Errors = errs
		return h.showInvitation(c, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	web.Flash(c, locales.T(ctx, "user.done.invited", "Email", v.In.Email))
	return web.SeeOther(c, userPath(id))
}

func (h *Handlers) showInvitation(c echo.Context, status int, v admin.InvitationView) error {
	ctx := c.Request().Context()
	var err error
	if v.Roles, err = h.givable(ctx); err != nil {
		return err
	}
	if v.Page, err = h.page(c, locales.T(ctx, "user.invite"), "users"); err != nil {
		return err
	}
	return web.Render(c, status, admin.Invitation(v))
}

// givable are the roles that allow no more than ctx's actor may do.
func (h *Handlers) givable(ctx context.Context) ([]*accounts.Role, error) {
	roles, err := accounts.Roles(ctx, h.St)
	return slices.DeleteFunc(roles, func(r *accounts.Role) bool { return !accounts.GrantsOf(ctx).Cover(r.Grants()) }), err
}

// User answers the page and the form of one account.
func (h *Handlers) User() resource[accounts.UserInput] {
	return resource[accounts.UserInput]{
		h: h, subject: accounts.Subject, path: "/admin/users", active: "users",
		load: func(ctx context.Context, r store.Reader, id int64) (accounts.UserInput, string, error) {
			u, err := accounts.Find(ctx, r, id)
			if err != nil {
				return accounts.UserInput{}, "", err
			}
			roles, err := accounts.RolesOf(ctx, r, id)
			return accounts.UserInputOf(u, roles[id]), u.Name, err
		},
		save: func(ctx context.Context, st *store.Store, id int64, in accounts.UserInput) (int64, error) {
			return id, accounts.SaveUser(ctx, st, id, in)
		},
		rebase: func(in *accounts.UserInput, stored accounts.UserInput) { in.Version = stored.Version },
		show:   h.showRole,
		page: func(c echo.Context, v admin.RecordView, in accounts.UserInput) (templ.Component, error) {
			user, err := h.userView(c, v, in)
			return admin.User(user), err
		},
	}
}

// showRole words a role's id.
func (h *Handlers) showRole(ctx context.Context) (func(field, value string) string, error) {
	roles, err := accounts.Roles(ctx, h.St)
	return func(field, value string) string {
		for _, r := range roles {
			if field == "roles" && value == strconv.FormatInt(r.ID, 10) {
				return admin.RoleName(ctx, r)
			}
		}
		return value
	}, err
}

// userView loads what the page of an account shows.
func (h *Handlers) userView(c echo.Context, record admin.RecordView, in accounts.UserInput) (v admin.UserView, err error) {
	ctx := c.Request().Context()
	v = admin.UserView{RecordView: record, In: in, Oneself: web.User(c).ID == record.ID}
	if v.User, err = accounts.Find(ctx, h.St, v.ID); err != nil {
		return v, err
	}
	roles, err := accounts.RolesOf(ctx, h.St, v.ID)
	if err != nil {
		return v, err
	}
	v.Has = roles[v.ID]
	if v.Choices, err = h.givable(ctx); err != nil {
		return v, err
	}
	theirs, err := accounts.LoadGrants(ctx, h.St, v.ID)
	if err != nil {
		return v, err
	}
	if !v.ReadOnly && !accounts.GrantsOf(ctx).Cover(theirs) {
		v.ReadOnly, v.OutOfHands = true, true
	}
	if web.May(c, accounts.CoursesRead) {
		if v.Courses, v.CourseCount, err = accounts.ResponsibleFor(ctx, h.St, v.ID, recent); err != nil {
			return v, err
		}
	}
	v.LinksInstructor = web.May(c, accounts.CatalogueRead)
	v.Instructor, err = catalog.InstructorOf(ctx, h.St, v.ID)
	return v, err
}

// UserDeactivation asks before an account is deactivated.
func (h *Handlers) UserDeactivation(c echo.Context) error {
	return h.userQuestion(c, admin.UserDeactivation)
}

// UserWithdrawal asks before an invitation is withdrawn.
func (h *Handlers) UserWithdrawal(c echo.Context) error {
	return h.userQuestion(c, admin.UserWithdrawal)
}

func (h *Handlers) userQuestion(c echo.Context, page func(admin.UserView) templ.Component) error {
	r := h.User()
	record, in, err := r.stored(c)
	if err != nil {
		return err
	}
	if err := r.frame(c, &record); err != nil {
		return err
	}
	v, err := h.userView(c, record, in)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, page(v))
}

// DeactivateUser ends an account, which stays.
func (h *Handlers) DeactivateUser(c echo.Context) error {
	return h.changeUser(c, accounts.Deactivate, "user.done.deactivated")
}

// ReactivateUser lets somebody sign in again.
func (h *Handlers) ReactivateUser(c echo.Context) error {
	return h.changeUser(c, accounts.Reactivate, "user.done.reactivated")
}

// InviteUserAgain sends another link.
func (h *Handlers) InviteUserAgain(c echo.Context) error {
	return h.changeUser(c, accounts.InviteAgain, "user.done.invited_again")
}

// changeUser calls a use case; what forbids it is said on the account's page.
func (h *Handlers) changeUser(c echo.Context, change func(context.Context, *store.Store, int64) error, done string) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	return h.afterUser(c, change(c.Request().Context(), h.St, id), done, userPath(id))
}

// WithdrawInvitation deletes the account of somebody who never came.
func (h *Handlers) WithdrawInvitation(c echo.Context) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	return h.afterUser(c, accounts.WithdrawInvitation(c.Request().Context(), h.St, id), "user.done.withdrawn", "/admin/users")
}

// afterUser says what became of a use case: on the account's page what forbade it, else done on the next one.
func (h *Handlers) afterUser(c echo.Context, err error, done, next string) error {
	ctx := c.Request().Context()
	if refused, ok := web.FormErrors(ctx, err); ok {
		v, in, err := h.User().stored(c)
		if err != nil {
			return err
		}
		v.Errors = refused
		return h.User().form(c, http.StatusConflict, v, in)
	}
	if err != nil {
		return err
	}
	web.Flash(c, locales.T(ctx, done))
	return web.SeeOther(c, next)
}

func userPath(id int64) string { return "/admin/users/" + strconv.FormatInt(id, 10) }
