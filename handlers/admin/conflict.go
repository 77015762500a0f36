package admin

import (
	"context"
	"errors"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/audit"
	"kurso/models/catalog"
	"kurso/models/store"
	"kurso/templates/admin"
)

// shared is the form of a record that several people can change at once.
type shared[In any] struct {
	h *Handlers
	// subject and id name the record in audit entries.
	subject string
	id      int64
	// load is the form as it is stored now.
	load func(ctx context.Context) (In, error)
	// save writes the form; store.ErrConflict: somebody else saved since it was opened.
	save func(ctx context.Context, in In) error
	// rebase lets a form be saved over what is stored now; it is given the stored one.
	rebase func(in *In, stored In)
	// show words values that hold ids, of the form as typed and as stored.
	show func(ctx context.Context, mine, stored In) (func(field, value string) string, error)
}

// opened is the state of a form that shows a record as it is stored.
func opened(in any) admin.FormState {
	return admin.FormState{Version: fieldOf(in, "version"), Base: printsOf(in).String()}
}

// posted is the state of a form that was sent.
func posted(c echo.Context) admin.FormState {
	return admin.FormState{Version: c.FormValue("version"), Base: c.FormValue("base"), Seen: c.FormValue("seen"), Changed: true}
}

// store saves a form as typed. What somebody else changed meanwhile, in other fields, is no reason not to; if
// they changed fields of this form, in goes on with both versions, v tells of it, and the error is
// store.ErrConflict. Other errors are those of save.
func (f shared[In]) store(c echo.Context, v *admin.FormState, in *In) error {
	ctx := c.Request().Context()
	if err := f.settle(c, in); err != nil {
		return err
	}
	err := f.save(ctx, *in)
	if f.id == 0 || !errors.Is(err, store.ErrConflict) {
		return err
	}
	stored, conflict, err := f.meet(c, v, in)
	if err != nil {
		return err
	}
	if conflict {
		return store.ErrConflict
	}
	f.rebase(in, stored)
	if err = f.save(ctx, *in); errors.Is(err, store.ErrConflict) {
		if _, _, err := f.meet(c, v, in); err != nil {
			return err
		}
	}
	return err
}

// settle takes over what the person chose who has seen a conflict, unless there is a newer one.
func (f shared[In]) settle(c echo.Context, in *In) error {
	seen := c.FormValue("seen")
	if seen == "" {
		return nil
	}
	stored, err := f.load(c.Request().Context())
	if err != nil || fieldOf(stored, "version") != seen {
		return err
	}
	for _, name := range chosen(c) {
		take(in, stored, name)
	}
	f.rebase(in, stored)
	return nil
}

// chosen are the fields of which the stored value shall be taken.
func chosen(c echo.Context) []string {
	var out []string
	values, err := c.FormParams()
	if err != nil {
		values = url.Values{}
	}
	for name := range values {
		if field, ok := strings.CutPrefix(name, "take."); ok && values.Get(name) == "theirs" {
			out = append(out, field)
		}
	}
	return out
}

// again keeps showing a conflict that the person has seen and not settled, in a form that is shown once more.
func (f shared[In]) again(c echo.Context, v *admin.FormState, in *In) error {
	if v.Seen == "" {
		return nil
	}
	_, _, err := f.meet(c, v, in)
	return err
}

// meet merges what is stored now into a form as typed, and tells v about it.
func (f shared[In]) meet(c echo.Context, v *admin.FormState, in *In) (stored In, conflict bool, err error) {
	ctx := c.Request().Context()
	if stored, err = f.load(ctx); err != nil {
		return stored, false, err
	}
	typed := *in
	m := merge(parsePrints(v.Base), in, stored)
	v.Seen, v.Conflict = "", nil
	if len(m.clashes)+len(m.taken) == 0 {
		return stored, false, nil
	}
	v.Seen = fieldOf(stored, "version")
	show, err := f.show(ctx, typed, stored)
	if err != nil {
		return stored, false, err
	}
	var fields []string
	for _, name := range slices.Concat(m.clashes, m.taken) {
		group, _, _ := strings.Cut(name, ".")
		fields = append(fields, group, strings.TrimSuffix(group, "s"))
	}
	if v.Conflict, err = f.h.lastChange(c, f.subject, f.id, fields...); err != nil {
		return stored, false, err
	}
	both := func(name string) admin.Both {
		group, _, row := strings.Cut(name, ".")
		label := group
		if row {
			label = strings.TrimSuffix(group, "s")
		}
		mine, theirs := valueOf(typed, name), valueOf(stored, name)
		b := admin.Both{Name: name, Field: group, Label: locales.T(ctx, "field."+f.subject+"."+label), Take: slices.Contains(chosen(c), name),
			Yours: text(ctx, group, mine, show), Theirs: text(ctx, group, theirs, show)}
		if mine.Kind() == reflect.String {
			b.Simple, b.YoursRaw, b.TheirsRaw = true, mine.String(), theirs.String()
		}
		return b
	}
	for _, name := range m.clashes {
		v.Conflict.Clashes = append(v.Conflict.Clashes, both(name))
	}
	for _, name := range m.taken {
		v.Conflict.Taken = append(v.Conflict.Taken, both(name))
	}
	return stored, true, nil
}

// lastChange says who changed a record last, or one of its fields, and when.
func (h *Handlers) lastChange(c echo.Context, subject string, id int64, fields ...string) (*admin.Conflict, error) {
	ctx := c.Request().Context()
	out := &admin.Conflict{Subject: subject}
	last, err := audit.History(ctx, h.St, subject, id, recentHistory)
	if err != nil || len(last) == 0 {
		return out, err
	}
	e := last[0]
	if i := slices.IndexFunc(last, func(e *audit.Entry) bool {
		return slices.ContainsFunc(e.Changes, func(c audit.Change) bool { return slices.Contains(fields, c.Field) })
	}); i >= 0 {
		e = last[i]
	}
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return out, err
	}
	out.Last, out.Zone = e, provider.Zone()
	out.When = locales.Recent(ctx, e.At.In(out.Zone), h.St.Now().In(out.Zone))
	out.Own = e.ActorID != nil && *e.ActorID == web.User(c).ID
	return out, nil
}

// text is a field or a row as people read it, without its id; a row that will be removed, or is not there, is
// nothing. show words values that hold ids.
func text(ctx context.Context, name string, v reflect.Value, show func(field, value string) string) string {
	switch v.Kind() {
	case reflect.Invalid:
		return ""
	case reflect.Slice:
		var all []string
		for i := range v.Len() {
			if s := text(ctx, name, v.Index(i), show); s != "" {
				all = append(all, s)
			}
		}
		return strings.Join(all, "\n")
	case reflect.Struct:
		if removed(v) {
			return ""
		}
		var parts []string
		for i := range v.NumField() {
			name := formName(v.Type().Field(i))
			part := ""
			if name != "id" && name != "remove" {
				part = text(ctx, name, v.Field(i), show)
			}
			switch {
			case part == "":
			case name == "to" && len(parts) > 0:
				parts[len(parts)-1] += "–" + part
			default:
				parts = append(parts, part)
			}
		}
		return strings.Join(parts, " ")
	case reflect.Bool:
		return locales.T(ctx, "answer."+strconv.FormatBool(v.Bool()))
	}
	return strings.Join(strings.Fields(show(name, worded(ctx, name, v.String()))), " ")
}

// asItIs shows every value as it stands in the form.
func asItIs(_, value string) string { return value }

// worded is a day, moment or code of a form as people read it, and anything else as it is.
func worded(ctx context.Context, name, value string) string {
	switch name {
	case "date", "until", "start_date", "end_date":
		if day, err := time.Parse(time.DateOnly, value); err == nil {
			return locales.Day(ctx, day)
		}
	case "booking_opens_at", "booking_closes_at":
		if at, err := time.Parse("2006-01-02T15:04", value); err == nil {
			return locales.DateTime(ctx, at)
		}
	case "delivery":
		if slices.Contains(catalog.Deliveries, value) {
			return locales.T(ctx, "delivery."+value)
		}
	case "accessible":
		if value == "yes" || value == "no" {
			return locales.T(ctx, "location.accessible."+value)
		}
	}
	return value
}
