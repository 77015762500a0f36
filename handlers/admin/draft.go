package admin

import (
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/catalog"
	"kurso/models/desk"
	"kurso/models/store"
	"kurso/templates/admin"
)

// drafted are the records whose forms keep drafts, with their lists; all are among desks. Forms of accounts and
// roles are not: what they grant is decided in one go.
var drafted = map[string]string{
	catalog.SubjectCourse:     "/admin/courses",
	catalog.SubjectCourseType: "/admin/course-types",
	catalog.SubjectCategory:   "/admin/categories",
	catalog.SubjectLocation:   "/admin/locations",
	catalog.SubjectInstructor: "/admin/instructors",
}

// draftedSettings are the pages of settings that keep drafts, each its own.
var draftedSettings = []string{admin.TopicProfile, admin.TopicLegal, admin.TopicLanguages, admin.TopicMail, admin.TopicBooking, admin.TopicPrices}

// settingsDraft names the draft of a page of settings.
func settingsDraft(topic string) desk.Record {
	return desk.Record{Subject: catalog.SubjectProvider + "." + topic, ID: 1}
}

// draftForm is where the form of a draft is, and what it takes to save it; store.ErrNotFound: it keeps none.
func draftForm(rec desk.Record) (path string, r rights, err error) {
	if subject, topic, ok := strings.Cut(rec.Subject, "."); ok {
		if subject != catalog.SubjectProvider || rec.ID != 1 || !slices.Contains(draftedSettings, topic) {
			return "", r, store.ErrNotFound
		}
		return admin.SettingsPath(topic), desks[subject], nil
	}
	list, known := drafted[rec.Subject]
	switch {
	case !known || rec.ID < 0:
		return "", r, store.ErrNotFound
	case rec.ID == 0:
		path = list + "/new"
	case rec.Subject == catalog.SubjectCourse:
		path = coursePath(rec.ID) + "/edit"
	default:
		path = list + "/" + strconv.FormatInt(rec.ID, 10)
	}
	return path, desks[rec.Subject], nil
}

// draftOf is the draft that the path names, and where its form is. It may only be of what the user may change.
func (h *Handlers) draftOf(c echo.Context) (rec desk.Record, path string, err error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return rec, "", store.ErrNotFound
	}
	rec = desk.Record{Subject: c.Param("form"), ID: id}
	path, r, err := draftForm(rec)
	if err != nil {
		return rec, "", err
	}
	return rec, path, r.must(c.Request().Context(), h.St, r.write, id)
}

// KeepDraft keeps what is typed into a form and not saved.
func (h *Handlers) KeepDraft(c echo.Context) error {
	rec, _, err := h.draftOf(c)
	if err != nil {
		return err
	}
	if _, err := c.FormParams(); err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	values := typed(c.Request().PostForm)
	if len(values) == 0 {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(errors.New("a draft of nothing"))
	}
	if _, err := desk.Keep(c.Request().Context(), h.St, web.User(c).ID, rec, values); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// typed are the values of a form that make a draft: not its buttons, and no conflict that was met while typing,
// because it will be met anew.
func typed(form url.Values) url.Values {
	out := url.Values{}
	for name, list := range form {
		if slices.Contains([]string{"", "do", "seen", "draft"}, name) || strings.HasPrefix(name, "take.") {
			continue
		}
		for _, value := range list {
			out.Add(web.Clean(name), web.Clean(value))
		}
	}
	return out
}

// DiscardDraft forgets a draft, and shows its form as the record is stored.
func (h *Handlers) DiscardDraft(c echo.Context) error {
	ctx := c.Request().Context()
	rec, path, err := h.draftOf(c)
	if err != nil {
		return err
	}
	if err := desk.Drop(ctx, h.St, web.User(c).ID, rec); err != nil {
		return err
	}
	web.Flash(c, locales.T(ctx, "draft.discarded"))
	return web.SeeOther(c, path)
}

// draftRestored in ?draft= asks for a form that goes on with its draft.
const draftRestored = "restored"

// opensWithDraft lets a form that shows a record as it is stored, in, keep drafts. A draft that the user left
// waits, until they say what shall become of it. Once they ask for it, the form goes on with it, from the
// version on which it was typed: what others stored since is a conflict when it is saved.
func opensWithDraft[In any](h *Handlers, c echo.Context, rec desk.Record, s *admin.FormState, in *In) error {
	d, err := h.draft(c, rec, s)
	if err != nil || d == nil {
		return err
	}
	var typed In
	readable := web.BindValues(d.Values, &typed) == nil
	// a draft of a form that has other fields by now, or that says no more than what is stored
	if !readable || same(typed, *in) {
		return nil
	}
	if c.QueryParam("draft") != draftRestored {
		s.Draft.Waits = true
		return nil
	}
	*in = typed
	s.Version, s.Base, s.Changed = d.BaseVersion, d.Values.Get("base"), true
	s.Draft.Restored = true
	return nil
}

// goesOnWithDraft lets a form that was sent and is shown again keep drafts, unless one waits.
func (h *Handlers) goesOnWithDraft(c echo.Context, rec desk.Record, s *admin.FormState) error {
	d, err := h.draft(c, rec, s)
	if d != nil {
		s.Draft.Waits = c.FormValue("draft") == admin.DraftWaits
	}
	return err
}

// draft tells s where the form keeps drafts, and returns the one that the user left; nil: none. Forms that keep
// none, or that the user may only read, stay as they are.
func (h *Handlers) draft(c echo.Context, rec desk.Record, s *admin.FormState) (*desk.Draft, error) {
	ctx := c.Request().Context()
	path, r, err := draftForm(rec)
	if err != nil || !web.May(c, r.write) {
		return nil, nil //nolint:nilerr // it is no long form
	}
	s.Draft = admin.DraftView{Keep: "/admin/drafts/" + rec.Subject + "/" + strconv.FormatInt(rec.ID, 10), Restore: path + "?draft=" + draftRestored}
	d, err := desk.LoadDraft(ctx, h.St, h.St.Now(), web.User(c).ID, rec)
	if err != nil || d == nil {
		return nil, err
	}
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return nil, err
	}
	s.Draft.When = locales.Recent(ctx, d.UpdatedAt.In(provider.Zone()), h.St.Now().In(provider.Zone()))
	return d, nil
}

// saved forgets the draft that a form held which has been saved. One that still waits was not in it.
func (h *Handlers) saved(c echo.Context, rec desk.Record) error {
	if c.FormValue("draft") == admin.DraftWaits {
		return nil
	}
	return desk.Drop(c.Request().Context(), h.St, web.User(c).ID, rec)
}

// same reports whether two forms say the same, whatever version they are of.
func same(a, b any) bool {
	v, w := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range v.NumField() {
		if formName(v.Type().Field(i)) != "version" && meant(v.Field(i)) != meant(w.Field(i)) {
			return false
		}
	}
	return true
}
