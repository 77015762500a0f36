package admin

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/catalog"
	"kurso/models/desk"
	"kurso/models/store"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

// resource answers the routes of a record that is a form and its history: course types, categories,
// locations, instructors. In is the form, as typed.
type resource[In any] struct {
	h *Handlers
	// subject names the record in audit entries and sentences, path is its list, active its place in the
	// navigation.
	subject, path, active string
	// list is the message key of the list's name, if that is not the one in the navigation.
	list string
	// load is the form as it is stored, and the record's name.
	load func(ctx context.Context, r store.Reader, id int64) (In, string, error)
	// save adds the record (id 0) or changes it.
	save   func(ctx context.Context, st *store.Store, id int64, in In) (int64, error)
	remove func(ctx context.Context, st *store.Store, id int64, version string) error
	// extend adds what the button said to the form and names the field to go on with; nil: there is none.
	extend func(in *In, do string) (focus string)
	// rebase lets a form be saved over what is stored now; it is given the stored one.
	rebase func(in *In, stored In)
	// show words values that hold ids; nil: there are none.
	show func(ctx context.Context) (func(field, value string) string, error)
	// page draws the form.
	page func(c echo.Context, v admin.RecordView, in In) (templ.Component, error)
}

// New shows an empty form.
func (r resource[In]) New(c echo.Context) error {
	var v admin.RecordView
	var in In
	if err := opensWithDraft(r.h, c, r.record(0), &v.FormState, &in); err != nil {
		return err
	}
	return r.form(c, http.StatusOK, v, in)
}

// Edit shows the form of the record.
func (r resource[In]) Edit(c echo.Context) error {
	v, in, err := r.stored(c)
	if err != nil {
		return err
	}
	v.FormState = opened(in)
	if err := opensWithDraft(r.h, c, r.record(v.ID), &v.FormState, &in); err != nil {
		return err
	}
	return r.form(c, http.StatusOK, v, in)
}

// record is what drafts of the form are of.
func (r resource[In]) record(id int64) desk.Record { return desk.Record{Subject: r.subject, ID: id} }

func (r resource[In]) stored(c echo.Context) (v admin.RecordView, in In, err error) {
	if v.ID, err = web.ID(c, "id"); err != nil {
		return v, in, err
	}
	in, v.Name, err = r.load(c.Request().Context(), r.h.St, v.ID)
	return v, in, err
}

// Create adds a record.
func (r resource[In]) Create(c echo.Context) error {
	return r.write(c, admin.RecordView{})
}

// Update changes the record. What somebody else changed meanwhile is shown beside what was typed.
func (r resource[In]) Update(c echo.Context) error {
	v, _, err := r.stored(c)
	if err != nil {
		return err
	}
	return r.write(c, v)
}

func (r resource[In]) write(c echo.Context, v admin.RecordView) error {
	ctx := c.Request().Context()
	var in In
	if err := web.Bind(c, &in); err != nil {
		return err
	}
	v.FormState = posted(c)
	if err := r.h.goesOnWithDraft(c, r.record(v.ID), &v.FormState); err != nil {
		return err
	}
	shared := r.shared(v.ID)
	if do := c.FormValue("do"); do != "" && r.extend != nil {
		if err := shared.again(c, &v.FormState, &in); err != nil {
			return err
		}
		v.Focus = r.extend(&in, do)
		return r.form(c, http.StatusOK, v, in)
	}
	err := shared.store(c, &v.FormState, &in)
	if errs, ok := web.FormErrors(ctx, err); ok {
		v.Errors = errs
		if err := shared.again(c, &v.FormState, &in); err != nil {
			return err
		}
		return r.form(c, http.StatusUnprocessableEntity, v, in)
	}
	if errors.Is(err, store.ErrConflict) && v.Conflict != nil {
		return r.form(c, http.StatusConflict, v, in)
	}
	if err != nil {
		return err
	}
	if err := r.h.saved(c, r.record(v.ID)); err != nil {
		return err
	}
	web.Flash(c, locales.T(ctx, "office.saved."+r.subject))
	return web.SeeOther(c, r.path)
}

// shared is the form as several people change it.
func (r resource[In]) shared(id int64) shared[In] {
	return shared[In]{
		h: r.h, subject: r.subject, id: id, rebase: r.rebase,
		load: func(ctx context.Context) (In, error) {
			in, _, err := r.load(ctx, r.h.St, id)
			return in, err
		},
		save: func(ctx context.Context, in In) error {
			_, err := r.save(ctx, r.h.St, id, in)
			return err
		},
		show: func(ctx context.Context, _, _ In) (func(field, value string) string, error) {
			if r.show == nil {
				return asItIs, nil
			}
			return r.show(ctx)
		},
	}
}

// DeletionQuestion asks before the record is deleted.
func (r resource[In]) DeletionQuestion(c echo.Context) error {
	v, in, err := r.stored(c)
	if err != nil {
		return err
	}
	v.FormState = opened(in)
	if err := r.frame(c, &v); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.RecordDeletion(v))
}

// Delete deletes the record, if nothing refers to it.
func (r resource[In]) Delete(c echo.Context) error {
	ctx := c.Request().Context()
	v, in, err := r.stored(c)
	if err != nil {
		return err
	}
	v.FormState = opened(in)
	err = r.remove(ctx, r.h.St, v.ID, c.FormValue("version"))
	if errors.Is(err, store.ErrConflict) {
		if v.Stale, err = r.h.lastChange(c, r.subject, v.ID); err != nil {
			return err
		}
		return r.form(c, http.StatusConflict, v, in)
	}
	if refused, ok := web.FormErrors(ctx, err); ok {
		v.Errors = refused
		return r.form(c, http.StatusUnprocessableEntity, v, in)
	}
	if err != nil {
		return err
	}
	web.Flash(c, locales.T(ctx, "office.deleted."+r.subject))
	return web.SeeOther(c, r.path)
}

func (r resource[In]) form(c echo.Context, status int, v admin.RecordView, in In) error {
	if err := r.frame(c, &v); err != nil {
		return err
	}
	page, err := r.page(c, v, in)
	if err != nil {
		return err
	}
	return web.Render(c, status, page)
}

// frame fills in what every page of the record shows around the form.
func (r resource[In]) frame(c echo.Context, v *admin.RecordView) error {
	ctx := c.Request().Context()
	v.ReadOnly = !web.May(c, desks[r.subject].write)
	v.Subject, v.List = r.subject, ui.Link{Label: locales.T(ctx, cmp.Or(r.list, "nav."+r.active)), Href: r.path}
	title := locales.T(ctx, "office.new."+r.subject)
	if v.ID != 0 {
		title = v.Name
		provider, err := catalog.LoadProvider(ctx, r.h.St)
		if err != nil {
			return err
		}
		if v.History, err = r.h.history(c, r.subject, v.ID, provider.Zone()); err != nil {
			return err
		}
	}
	var err error
	v.Page, err = r.h.page(c, title, r.active)
	return err
}
