package admin

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/outbox"
	"kurso/models/store"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

// recent is how much of what happened a record's page shows.
const recent = 8

// Course shows a course and what happens to it.
func (h *Handlers) Course(c echo.Context) error {
	v, err := h.course(c)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.Course(v))
}

// course loads what the page of a course shows.
func (h *Handlers) course(c echo.Context) (v admin.CourseView, err error) {
	ctx := c.Request().Context()
	id, err := web.ID(c, "id")
	if err != nil {
		return v, err
	}
	if v.Course, err = catalog.LoadCourse(ctx, h.St, id); err != nil {
		return v, err
	}
	if v.Grants, err = accounts.GrantsAt(ctx, h.St, accounts.RecordCourse, id); err != nil {
		return v, err
	}
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return v, err
	}
	v.Zone = provider.Zone()
	places, err := booking.PlacesOf(ctx, h.St, id)
	if err != nil {
		return v, err
	}
	v.Places = places[id]
	if v.Staff, err = h.courseStaff(c, id); err != nil {
		return v, err
	}
	if v.Grants.May(accounts.BookingsRead) {
		filter := booking.Filter{CourseID: id}
		if v.Bookings, err = booking.Recent(ctx, h.St, filter, recent); err != nil {
			return v, err
		}
		if v.BookingCount, err = booking.Count(ctx, h.St, filter); err != nil {
			return v, err
		}
	}
	if v.Grants.May(accounts.OutboxRead) {
		if v.Mails, err = outbox.OfCourse(ctx, h.St, id, recent); err != nil {
			return v, err
		}
	}
	if v.Grants.May(accounts.CoursesWrite) || v.Grants.May(accounts.AuditRead) {
		if v.History, err = h.history(c, catalog.SubjectCourse, id, v.Zone); err != nil {
			return v, err
		}
	}
	v.Page, err = h.page(c, v.Course.Name, "courses")
	return v, err
}

// courseStaff are the users responsible for a course, those who left included.
func (h *Handlers) courseStaff(c echo.Context, id int64) ([]*accounts.User, error) {
	ctx := c.Request().Context()
	ids, err := catalog.CourseStaffIDs(ctx, h.St, id)
	if err != nil {
		return nil, err
	}
	var out []*accounts.User
	for _, id := range ids {
		u, err := accounts.Find(ctx, h.St, id)
		if err != nil {
			return nil, err
		}
		out = append(out, u)
	}
	return out, nil
}

// CourseStateQuestion asks before a course is called off.
func (h *Handlers) CourseStateQuestion(c echo.Context) error {
	return h.courseQuestion(c, catalog.CalledOff)
}

// CourseDeletionQuestion asks before a course is deleted.
func (h *Handlers) CourseDeletionQuestion(c echo.Context) error { return h.courseQuestion(c, "delete") }

func (h *Handlers) courseQuestion(c echo.Context, about string) error {
	v, err := h.course(c)
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.CourseQuestion(v, about))
}

// SetCourseState publishes a course, calls it off, and so on.
func (h *Handlers) SetCourseState(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	to := c.FormValue("to")
	err = catalog.SetState(ctx, h.St, id, c.FormValue("version"), to)
	if errors.Is(err, store.ErrConflict) {
		return h.staleCourse(c)
	}
	if missing, ok := web.FormErrors(ctx, err); ok {
		return h.refuseCourse(c, missing)
	}
	if err != nil {
		return err
	}
	web.Flash(c, locales.T(ctx, "course.done."+to))
	return web.SeeOther(c, coursePath(id))
}

// DeleteCourse deletes a course that nobody booked.
func (h *Handlers) DeleteCourse(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	err = catalog.DeleteCourse(ctx, h.St, id, c.FormValue("version"))
	if errors.Is(err, store.ErrConflict) {
		return h.staleCourse(c)
	}
	if refused, ok := web.FormErrors(ctx, err); ok {
		return h.refuseCourse(c, refused)
	}
	if err != nil {
		return err
	}
	web.Flash(c, locales.T(ctx, "course.done.deleted"))
	return web.SeeOther(c, "/admin/courses")
}

// refuseCourse shows the course's page with what stands in the way.
func (h *Handlers) refuseCourse(c echo.Context, why ui.Errors) error {
	v, err := h.course(c)
	if err != nil {
		return err
	}
	v.Missing = why
	return web.Render(c, http.StatusUnprocessableEntity, admin.Course(v))
}

// staleCourse shows the course's page as it is now, and who changed it.
func (h *Handlers) staleCourse(c echo.Context) error {
	v, err := h.course(c)
	if err != nil {
		return err
	}
	if v.Stale, err = h.lastChange(c, catalog.SubjectCourse, v.Course.ID); err != nil {
		return err
	}
	return web.Render(c, http.StatusConflict, admin.Course(v))
}

func coursePath(id int64) string { return "/admin/courses/" + strconv.FormatInt(id, 10) }
