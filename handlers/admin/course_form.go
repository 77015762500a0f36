package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/models/desk"
	"kurso/models/store"
	"kurso/templates/admin"
)

type courseForm struct {
	catalog.CourseInput
	// Do shows the form again with something added instead of saving it.
	Do string `form:"do"`
}

// NewCourse shows the form of a new course: empty, of a course type (?type=), or a copy (?from=).
func (h *Handlers) NewCourse(c echo.Context) error {
	ctx := c.Request().Context()
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	var from *catalog.Course
	var staff []int64
	q := clean(c, "from", "type")
	if id := id(q, "from"); id != 0 {
		if err := accounts.MustReach(ctx, h.St, accounts.CoursesRead, accounts.RecordCourse, id); err != nil {
			return err
		}
		if from, err = catalog.LoadCourse(ctx, h.St, id); err != nil {
			return err
		}
		if staff, err = catalog.CourseStaffIDs(ctx, h.St, id); err != nil {
			return err
		}
	}
	in := catalog.NewCourseInput(from, staff, provider)
	if id := id(q, "type"); id != 0 {
		ct, err := catalog.LoadCourseType(ctx, h.St, id)
		if err != nil {
			return err
		}
		in.CourseType, in.Name, in.Description = catalog.Pick(ct.Name, ct.ID), ct.Name, catalog.CourseTypeInputOf(ct).Description
	}
	v := admin.CourseFormView{In: in}
	if err := opensWithDraft(h, c, courseDraft(0), &v.FormState, &v.In); err != nil {
		return err
	}
	return h.showCourseForm(c, http.StatusOK, v)
}

// EditCourse shows the form of a course.
func (h *Handlers) EditCourse(c echo.Context) error {
	id, in, err := h.courseInput(c)
	if err != nil {
		return err
	}
	v := admin.CourseFormView{ID: id, Name: in.Name, In: in, FormState: opened(in)}
	if err := opensWithDraft(h, c, courseDraft(id), &v.FormState, &v.In); err != nil {
		return err
	}
	return h.showCourseForm(c, http.StatusOK, v)
}

func courseDraft(id int64) desk.Record { return desk.Record{Subject: catalog.SubjectCourse, ID: id} }

// courseInput is the form of the course that the path names, as it is stored.
func (h *Handlers) courseInput(c echo.Context) (id int64, in catalog.CourseInput, err error) {
	ctx := c.Request().Context()
	if id, err = web.ID(c, "id"); err != nil {
		return id, in, err
	}
	course, err := catalog.LoadCourse(ctx, h.St, id)
	if err != nil {
		return id, in, err
	}
	staff, err := catalog.CourseStaffIDs(ctx, h.St, id)
	if err != nil {
		return id, in, err
	}
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return id, in, err
	}
	return id, catalog.CourseInputOf(course, staff, provider.Zone()), nil
}

// CreateCourse adds a course.
func (h *Handlers) CreateCourse(c echo.Context) error {
	ctx := c.Request().Context()
	var form courseForm
	if err := web.Bind(c, &form); err != nil {
		return err
	}
	v := admin.CourseFormView{In: form.CourseInput, FormState: posted(c)}
	if err := h.goesOnWithDraft(c, courseDraft(0), &v.FormState); err != nil {
		return err
	}
	if form.Do != "" {
		return h.extendCourseForm(c, v, form.Do)
	}
	id, err := catalog.CreateCourse(ctx, h.St, form.CourseInput)
	if errs, ok := web.FormErrors(ctx, err); ok {
		v.Errors = errs
		return h.showCourseForm(c, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	if err := h.saved(c, courseDraft(0)); err != nil {
		return err
	}
	web.Flash(c, locales.T(ctx, "course.done.created"))
	return web.SeeOther(c, coursePath(id))
}

// UpdateCourse changes a course. What somebody else changed meanwhile is shown beside what was typed.
func (h *Handlers) UpdateCourse(c echo.Context) error {
	ctx := c.Request().Context()
	id, stored, err := h.courseInput(c)
	if err != nil {
		return err
	}
	var form courseForm
	if err := web.Bind(c, &form); err != nil {
		return err
	}
	v := admin.CourseFormView{ID: id, Name: stored.Name, In: form.CourseInput, FormState: posted(c)}
	if err := h.goesOnWithDraft(c, courseDraft(id), &v.FormState); err != nil {
		return err
	}
	shared := h.sharedCourse(c, id)
	if form.Do != "" {
		if err := shared.again(c, &v.FormState, &v.In); err != nil {
			return err
		}
		return h.extendCourseForm(c, v, form.Do)
	}
	err = shared.store(c, &v.FormState, &v.In)
	if errs, ok := web.FormErrors(ctx, err); ok {
		v.Errors = errs
		if err := shared.again(c, &v.FormState, &v.In); err != nil {
			return err
		}
		return h.showCourseForm(c, http.StatusUnprocessableEntity, v)
	}
	if errors.Is(err, store.ErrConflict) {
		return h.showCourseForm(c, http.StatusConflict, v)
	}
	if err != nil {
		return err
	}
	if err := h.saved(c, courseDraft(id)); err != nil {
		return err
	}
	web.Flash(c, locales.T(ctx, "course.done.saved"))
	return web.SeeOther(c, coursePath(id))
}

// sharedCourse is the form of a course as several people change it.
func (h *Handlers) sharedCourse(c echo.Context, id int64) shared[catalog.CourseInput] {
	return shared[catalog.CourseInput]{
		h: h, subject: catalog.SubjectCourse, id: id,
		load: func(context.Context) (catalog.CourseInput, error) {
			_, in, err := h.courseInput(c)
			return in, err
		},
		save: func(ctx context.Context, in catalog.CourseInput) error {
			return catalog.UpdateCourse(ctx, h.St, id, in)
		},
		rebase: (*catalog.CourseInput).Rebase,
		show: func(_ context.Context, mine, stored catalog.CourseInput) (func(field, value string) string, error) {
			v := admin.CourseFormView{ID: id, In: stored}
			if err := h.courseChoices(c, &v); err != nil {
				return nil, err
			}
			rooms := v.Rooms
			v.In = mine
			err := h.courseChoices(c, &v)
			v.Rooms = append(v.Rooms, rooms...)
			return v.Value, err
		},
	}
}

// extendCourseForm shows the form again with a row more.
func (h *Handlers) extendCourseForm(c echo.Context, v admin.CourseFormView, do string) error {
	switch do {
	case "add_session":
		v.Focus = fmt.Sprintf("sessions.%d.date", len(v.In.Sessions))
		v.In.Sessions = append(v.In.Sessions, catalog.SessionInput{})
	case "add_price":
		v.Focus = fmt.Sprintf("prices.%d.name", len(v.In.Prices))
		v.In.Prices = append(v.In.Prices, catalog.PriceInput{})
	case "add_instructor":
		v.Focus = fmt.Sprintf("instructors.%d", len(v.In.Instructors))
		v.In.Instructors = append(v.In.Instructors, "")
	case "add_series":
		if errs, ok := web.FormErrors(c.Request().Context(), v.In.AddSeries()); ok {
			v.Errors = errs
			return h.showCourseForm(c, http.StatusUnprocessableEntity, v)
		}
	}
	return h.showCourseForm(c, http.StatusOK, v)
}

func (h *Handlers) showCourseForm(c echo.Context, status int, v admin.CourseFormView) error {
	if err := h.courseChoices(c, &v); err != nil {
		return err
	}
	return h.renderCourseForm(c, status, v)
}

// courseChoices loads what the form offers.
func (h *Handlers) courseChoices(c echo.Context, v *admin.CourseFormView) error {
	ctx := c.Request().Context()
	var err error
	if v.Locations, err = catalog.LocationChoices(ctx, h.St); err != nil {
		return err
	}
	location, _ := strconv.ParseInt(v.In.Location, 10, 64)
	if v.Rooms, err = catalog.RoomChoices(ctx, h.St, location, v.ID); err != nil {
		return err
	}
	v.Users, err = accounts.Active(ctx, h.St)
	return err
}

func (h *Handlers) renderCourseForm(c echo.Context, status int, v admin.CourseFormView) error {
	ctx := c.Request().Context()
	spare(&v.In)
	title := locales.T(ctx, "courses.new")
	if v.ID != 0 {
		title = locales.T(ctx, "course.edit", "Name", v.Name)
	}
	var err error
	if v.Page, err = h.page(c, title, "courses"); err != nil {
		return err
	}
	return web.Render(c, status, admin.CourseForm(v))
}

// spare sees to one row to fill in, where there is none.
func spare(in *catalog.CourseInput) {
	if len(in.Sessions) == 0 {
		in.Sessions = []catalog.SessionInput{{}}
	}
	if len(in.Prices) == 0 {
		in.Prices = []catalog.PriceInput{{}}
	}
	if len(in.Instructors) == 0 {
		in.Instructors = []string{""}
	}
}
