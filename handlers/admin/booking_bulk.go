package admin

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/exports"
	"kurso/models/store"
	"kurso/templates/admin"
)

// refusedPerPage is how many bookings that could not be cancelled a page lists.
const refusedPerPage = 100

// BookingCancellations asks before the selected bookings are cancelled: ?query= is the list's address, ?select= the
// selection.
func (h *Handlers) BookingCancellations(c echo.Context) error {
	ctx := c.Request().Context()
	values := exports.Values(c.QueryParam("query"))
	v := admin.BookingCancellationsView{Back: listAddress(booking.Bookings.Name, values)}
	values["select"] = c.QueryParams()["select"]
	err := h.previewCancellations(ctx, &v, values)
	if errs, ok := web.FormErrors(ctx, err); ok {
		v.Errors = errs
	} else if err != nil {
		return err
	}
	return h.askCancellations(c, v)
}

// askCancellations answers with the question, or with what is wrong with it.
func (h *Handlers) askCancellations(c echo.Context, v admin.BookingCancellationsView) (err error) {
	status := http.StatusOK
	if len(v.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	if v.Page, err = h.page(c, t(c, "bookings.cancel.title"), "bookings"); err != nil {
		return err
	}
	return web.Render(c, status, admin.BookingCancellations(v))
}

func (h *Handlers) previewCancellations(ctx context.Context, v *admin.BookingCancellationsView, values map[string][]string) error {
	q, err := exports.Parse(ctx, booking.Bookings, values)
	if err == nil {
		q, err = q.OfSelected()
	}
	if err != nil {
		return err
	}
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	selected, err := q.IDs(ctx, h.St, provider.Zone(), booking.MostAtOnce+1)
	if err != nil {
		return err
	}
	if len(selected) > booking.MostAtOnce {
		e := &store.ValidationError{}
		e.Add("", "bookings.cancel.too_many", "Max", locales.Number(ctx, booking.MostAtOnce))
		return e
	}
	v.BulkPreview, err = booking.PreviewBulkCancellation(ctx, h.St, selected)
	v.Skipped = len(selected) - len(v.IDs)
	return err
}

// CancelBookings orders that the bookings be cancelled which the question named, and leads to the page that tells how
// far that is.
func (h *Handlers) CancelBookings(c echo.Context) error {
	ctx := c.Request().Context()
	var form struct {
		// Bookings are ids with commas between them: thousands of fields would be too many.
		Bookings string `form:"bookings"`
	}
	if err := web.Bind(c, &form); err != nil {
		return err
	}
	var id int64
	ids, err := bookingIDs(form.Bookings)
	if err == nil {
		id, err = booking.StartBulkCancellation(ctx, h.St, ids)
	}
	if errs, ok := web.FormErrors(ctx, err); ok {
		return h.askCancellations(c, admin.BookingCancellationsView{Back: booking.Bookings.Path, Errors: errs})
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, admin.BulkCancellationPath(id))
}

func bookingIDs(text string) (ids []int64, err error) {
	for part := range strings.SplitSeq(text, ",") {
		id, err := strconv.ParseInt(part, 10, 64)
		if err != nil && text != "" {
			e := &store.ValidationError{}
			e.Add("", "error.list.ids")
			return nil, e
		}
		if id > 0 {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// BulkCancellation shows how far the cancellation of several bookings is, and in the end what came of it.
func (h *Handlers) BulkCancellation(c echo.Context) error {
	ctx := c.Request().Context()
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	var v admin.BulkCancellationView
	if v.Bulk, err = booking.LoadBulkCancellation(ctx, h.St, id); err != nil {
		return err
	}
	after, _ := strconv.ParseInt(c.QueryParam("after"), 10, 64) // anything else begins at the top
	if v.Refused, err = v.Bulk.Refused(ctx, h.St, after, refusedPerPage+1); err != nil {
		return err
	}
	if len(v.Refused) > refusedPerPage {
		v.Refused = v.Refused[:refusedPerPage]
		v.Pager.Next = admin.BulkCancellationPath(id) + "?after=" + strconv.FormatInt(v.Refused[refusedPerPage-1].BookingID, 10)
	}
	if after > 0 {
		v.Pager.First = admin.BulkCancellationPath(id)
	}
	if web.IsFragment(c) {
		return web.Render(c, http.StatusOK, admin.BulkCancellationRegion(v))
	}
	if v.Page, err = h.page(c, t(c, "bookings.cancel.title"), "bookings"); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.BulkCancellation(v))
}

// EndBulkCancellation stops one: what is cancelled stays so.
func (h *Handlers) EndBulkCancellation(c echo.Context) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	if err := booking.StopBulkCancellation(c.Request().Context(), h.St, id); err != nil {
		return err
	}
	return web.SeeOther(c, admin.BulkCancellationPath(id))
}
