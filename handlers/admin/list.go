package admin

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/models/exports"
	"kurso/models/listing"
	"kurso/models/store"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

// listPage is what the page of a list adds to its definition.
type listPage struct {
	list *listing.List
	// active is its place in the navigation.
	active string
	header ui.PageHeader
	// tabs lead to lists beside this one.
	tabs []ui.Tab
	// empty is shown when there is nothing at all; nil: the list says that nothing was found.
	empty *admin.EmptyList
	// above stands between header and list, below after the list; nil: nothing does.
	above, below templ.Component
	// bulk is what can be done with selected rows besides exporting them.
	bulk []ui.Action
	// status is that of the answer to a form that was sent in vain; 0: the page was asked for.
	status int
}

// showList answers with a list: the page, or its region for htmx. An address that cannot be understood is 422
// with a sentence.
func (h *Handlers) showList(c echo.Context, p listPage) error {
	ctx := c.Request().Context()
	v := admin.ListView{List: p.list, Header: p.header, Tabs: p.tabs, Above: p.above, Below: p.below, Bulk: p.bulk, Raw: web.May(c, accounts.ExportsRaw), User: web.User(c).ID}
	if v.Header.Title == "" {
		v.Header.Title = admin.ListTitle(ctx, p.list)
	}
	values := c.QueryParams()
	if len(values) == 0 && !web.IsFragment(c) && p.status == 0 {
		kept, err := exports.DefaultView(ctx, h.St, p.list.Name)
		if err != nil {
			return err
		}
		if len(kept) == 0 {
			kept = exports.Values(p.list.Opens)
		}
		if len(kept) > 0 {
			return web.SeeOther(c, p.list.Path+"?"+kept.Encode())
		}
	}
	status := max(p.status, http.StatusOK)
	q, err := exports.Parse(ctx, p.list, values)
	if errs, ok := web.FormErrors(ctx, err); ok {
		v.Errors, status = admin.FilterErrors(ctx, p.list, errs), http.StatusUnprocessableEntity
	} else if err != nil {
		return err
	} else if err := h.fillList(ctx, &v, q); err != nil {
		return err
	}
	if web.IsFragment(c) && v.Result != nil {
		return web.Render(c, status, admin.ListRegion(v))
	}
	if v.Result != nil && v.Result.Count == 0 && p.empty != nil {
		all, err := exports.Parse(ctx, p.list, nil)
		if err != nil {
			return err
		}
		if n, err := all.Count(ctx, h.St, v.Zone); err != nil {
			return err
		} else if n == 0 {
			v.Empty = p.empty
		}
	}
	if v.Page, err = h.page(c, v.Header.Title, p.active); err != nil {
		return err
	}
	return web.Render(c, status, admin.List(v))
}

// fillList reads what the page shows.
func (h *Handlers) fillList(ctx context.Context, v *admin.ListView, q listing.Query) error {
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	v.Zone = provider.Zone()
	if v.Result, err = q.Read(ctx, h.St, v.Zone); err != nil {
		return err
	}
	if v.Views, err = exports.Views(ctx, h.St, v.List.Name); err != nil {
		return err
	}
	if v.Presets, err = exports.Presets(ctx, h.St, v.List.Name); err != nil {
		return err
	}
	v.Records, v.Names = map[string][]ui.Option{}, map[string]string{}
	for _, f := range q.Filters() {
		source, ok := records[f.Records]
		if !ok {
			continue
		}
		if source.choices != nil {
			if v.Records[f.Records], err = source.choices(ctx, h.St); err != nil {
				return err
			}
			continue
		}
		condition, _ := q.Condition(f.Key)
		for _, value := range condition.Values {
			id, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return err
			}
			if v.Names[f.Records+" "+value], err = source.name(ctx, h.St, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// records are the sources of filters by another record: few are offered as choices, of many only the one that
// the address names is worded.
var records = map[string]struct {
	choices func(ctx context.Context, r store.Reader) ([]ui.Option, error)
	name    func(ctx context.Context, r store.Reader, id int64) (string, error)
}{
	"categories": {choices: func(ctx context.Context, r store.Reader) ([]ui.Option, error) {
		return named(ctx, r, "SELECT id, name FROM categories ORDER BY position, name, id")
	}},
	"locations": {choices: func(ctx context.Context, r store.Reader) ([]ui.Option, error) {
		return named(ctx, r, "SELECT id, name FROM locations ORDER BY name, id LIMIT 1000")
	}},
	"users": {choices: func(ctx context.Context, r store.Reader) ([]ui.Option, error) {
		return named(ctx, r, "SELECT id, name FROM users ORDER BY name, id LIMIT 1000")
	}},
	"roles": {choices: func(ctx context.Context, r store.Reader) ([]ui.Option, error) {
		roles, err := accounts.Roles(ctx, r)
		return admin.RoleOptions(ctx, roles), err
	}},
	"courses":      {name: courseName},
	"course_types": {name: nameOf("SELECT name FROM course_types WHERE id = ?")},
	"instructors":  {name: nameOf("SELECT concat_ws(' ', nullif(title, ''), nullif(first_name, ''), last_name) FROM instructors WHERE id = ?")},
	"persons":      {name: personName},
	"imports":      {name: nameOf("SELECT file_name FROM imports WHERE id = ?")},
}

func named(ctx context.Context, r store.Reader, query string) ([]ui.Option, error) {
	var rows []struct {
		ID   int64
		Name string
	}
	if err := r.NewRaw(query).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make([]ui.Option, len(rows))
	for i, row := range rows {
		out[i] = ui.Option{Value: strconv.FormatInt(row.ID, 10), Label: row.Name}
	}
	return out, nil
}

// nameOf reads a name by a query with the id and more arguments; a record that it does not find is "#12".
func nameOf(query string, more ...any) func(context.Context, store.Reader, int64) (string, error) {
	return func(ctx context.Context, r store.Reader, id int64) (string, error) {
		var names []string
		if err := r.NewRaw(query, append([]any{id}, more...)...).Scan(ctx, &names); err != nil || len(names) == 0 {
			return "#" + strconv.FormatInt(id, 10), err
		}
		return names[0], nil
	}
}

// courseName names a course within the actor's reach.
func courseName(ctx context.Context, r store.Reader, id int64) (string, error) {
	within := accounts.Condition(ctx, accounts.CoursesRead, "id")
	return nameOf("SELECT concat_ws(' ', nullif(number, ''), name) FROM courses WHERE id = ? AND ?", within)(ctx, r, id)
}

// personName names somebody who booked within the actor's reach.
func personName(ctx context.Context, r store.Reader, id int64) (string, error) {
	within := accounts.Condition(ctx, accounts.BookingsRead, "course_id")
	return nameOf("SELECT concat_ws(' ', nullif(first_name, ''), last_name) FROM persons WHERE id = ? AND id IN (SELECT person_id FROM bookings WHERE ?)", within)(ctx, r, id)
}

// SaveView keeps a list as it is shown under a name.
func (h *Handlers) SaveView(c echo.Context) error {
	ctx := c.Request().Context()
	var in struct {
		exports.ViewInput
		Address string `form:"query"`
	}
	if err := web.Bind(c, &in); err != nil {
		return err
	}
	in.Query = exports.Values(in.Address)
	view, err := exports.SaveView(ctx, h.St, in.ViewInput)
	if err != nil {
		return err
	}
	web.Flash(c, t(c, "list.view.saved", "Name", view.Name))
	return web.SeeOther(c, listAddress(view.List, exports.Values(view.Query)))
}

// DeleteView deletes a view of one's own.
func (h *Handlers) DeleteView(c echo.Context) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	if err := exports.DeleteView(c.Request().Context(), h.St, id); err != nil {
		return err
	}
	web.Flash(c, t(c, "list.view.deleted"))
	return web.SeeOther(c, back(c))
}

// listAddress is where a list is shown.
func listAddress(name string, q url.Values) string {
	l := exports.List(name)
	if l == nil {
		return "/admin"
	}
	if len(q) == 0 {
		return l.Path
	}
	return l.Path + "?" + q.Encode()
}

// back is the office's page that sent the request, by its Referer; else the overview.
func back(c echo.Context) string {
	u, err := url.Parse(c.Request().Referer())
	if err != nil || u.Host != c.Request().Host || len(u.Path) < len("/admin/") || u.Path[:len("/admin/")] != "/admin/" {
		return "/admin"
	}
	return u.RequestURI()
}
