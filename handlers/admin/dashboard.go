package admin

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/outbox"
	"kurso/templates/admin"
)

// weeks is how many weeks the overview's chart shows, and lines how many entries each of its lists.
const (
	weeks = 12
	lines = 8
)

// Dashboard shows what needs attention, the bookings of the last weeks and the next courses: of each as much
// as the user may see.
func (h *Handlers) Dashboard(c echo.Context) error {
	ctx := c.Request().Context()
	page, err := h.page(c, locales.T(ctx, "nav.dashboard"), "dashboard")
	if err != nil {
		return err
	}
	v := admin.DashboardView{Page: page}
	may := accounts.GrantsOf(ctx)
	if may.Reach(accounts.CoursesRead).All {
		any, err := catalog.AnyCourse(ctx, h.St)
		if err != nil {
			return err
		}
		if v.Fresh = !any; v.Fresh {
			return web.Render(c, http.StatusOK, admin.Dashboard(v))
		}
	}
	if may.May(accounts.BookingsRead) {
		if v.Attention, err = booking.LoadAttention(ctx, h.St); err != nil {
			return err
		}
		days, err := booking.CountsPerDay(ctx, h.St, weeks*7)
		if err != nil {
			return err
		}
		v.Weeks = byWeek(days)
	}
	if may.May(accounts.CoursesRead) {
		if v.Below, err = booking.BelowMinimum(ctx, h.St, lines); err != nil {
			return err
		}
		if v.Coming, err = booking.ComingCourses(ctx, h.St, lines); err != nil {
			return err
		}
	}
	if may.May(accounts.OutboxRead) {
		if v.Mails, err = outbox.Count(ctx, h.St, may.Reach(accounts.OutboxRead)); err != nil {
			return err
		}
	}
	if may.May(accounts.ImportsRead) {
		newest, err := catalog.ListImports(ctx, h.St, 0, 1)
		if err != nil {
			return err
		}
		if len(newest) > 0 && newest[0].State != catalog.ImportFinished && newest[0].State != catalog.ImportCancelled {
			v.Import = newest[0]
		}
	}
	return web.Render(c, http.StatusOK, admin.Dashboard(v))
}

// byWeek adds days up to weeks that begin on Monday; days before the first Monday are left out.
func byWeek(days []booking.Day) []admin.Week {
	var out []admin.Week
	for _, d := range days {
		if d.Date.Weekday() == time.Monday {
			out = append(out, admin.Week{Monday: d.Date})
		}
		if len(out) > 0 {
			out[len(out)-1].Bookings += d.Bookings
		}
	}
	return out
}
