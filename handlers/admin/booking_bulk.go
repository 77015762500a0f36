package admin

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/uptrace/bun"

	"kurso/handlers/web"
	"kurso/models/accounts"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/exports"
	"kurso/models/listing"
	"kurso/models/store"
	"kurso/templates/admin"
)

// mostAtOnce is how many bookings are cancelled by one request.
const mostAtOnce = 200

// BookingCancellations asks before the selected bookings are cancelled: ?query= is the list's address, ?select= the
// selection.
func (h *Handlers) BookingCancellations(c echo.Context) error {
	ctx := c.Request().Context()
	values := exports.Values(c.QueryParam("query"))
	v := admin.BookingCancellationsView{Back: listAddress(booking.Bookings.Name, values)}
	values["select"] = c.QueryParams()["select"]
	status := http.StatusOK
	err := h.previewCancellations(ctx, &v, values)
	if errs, ok := web.FormErrors(ctx, err); ok {
		v.Errors, status = errs, http.StatusUnprocessableEntity
	} else if err != nil {
		return err
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
	selected, err := q.IDs(ctx, h.St, provider.Zone(), mostAtOnce+1)
	if err != nil || len(selected) == 0 {
		return err
	}
	if len(selected) > mostAtOnce {
		return tooManyAtOnce()
	}
	open, err := h.cancellable(ctx, selected)
	for _, b := range open {
		v.IDs = append(v.IDs, b.ID)
		if b.State != booking.Requested { // nobody has shown that the address is theirs
			v.Mails++
		}
	}
	v.Skipped = len(selected) - len(open)
	return err
}

func tooManyAtOnce() error {
	e := &store.ValidationError{}
	e.Add("select", "bookings.cancel.too_many", "Max", mostAtOnce)
	return e
}

type openBooking struct {
	ID    int64
	State string
}

// cancellable are those of the bookings that ctx's actor may change and that have not ended.
func (h *Handlers) cancellable(ctx context.Context, ids []int64) (open []openBooking, err error) {
	within := accounts.Condition(ctx, accounts.BookingsWrite, "course_id")
	return open, h.St.NewRaw("SELECT id, state FROM bookings WHERE id IN (?) AND state NOT IN (?) AND ? ORDER BY id",
		bun.List(ids), bun.List([]string{booking.Cancelled, booking.Rejected, booking.Expired}), within).Scan(ctx, &open)
}

// CancelBookings cancels bookings one by one, each as its own page does, and says of which it was not possible.
func (h *Handlers) CancelBookings(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := c.FormParams()
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest).SetInternal(err)
	}
	var preview admin.BookingCancellationsView
	q, err := exports.Parse(ctx, booking.Bookings, map[string][]string{"select": form["select"]})
	if err == nil {
		q, err = q.OfSelected()
	}
	if err == nil && (q.Every || len(q.Selected) > mostAtOnce) {
		err = tooManyAtOnce()
	}
	if errs, ok := web.FormErrors(ctx, err); ok {
		preview.Errors, preview.Back = errs, booking.Bookings.Path
		if preview.Page, err = h.page(c, t(c, "bookings.cancel.title"), "bookings"); err != nil {
			return err
		}
		return web.Render(c, http.StatusUnprocessableEntity, admin.BookingCancellations(preview))
	}
	if err != nil {
		return err
	}
	v, err := h.cancelBookings(ctx, q)
	if err != nil {
		return err
	}
	if v.Page, err = h.page(c, t(c, "bookings.cancel.done"), "bookings"); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.CancelledBookings(v))
}

func (h *Handlers) cancelBookings(ctx context.Context, q listing.Query) (v admin.CancelledBookingsView, err error) {
	open, err := h.cancellable(ctx, q.Selected)
	if err != nil {
		return v, err
	}
	seen, err := q.IDs(ctx, h.St, time.UTC, mostAtOnce)
	if err != nil {
		return v, err
	}
	for _, id := range q.Selected {
		reason := ""
		switch {
		case !slices.Contains(seen, id):
			reason = "bookings.cancel.gone"
		case !slices.ContainsFunc(open, func(b openBooking) bool { return b.ID == id }):
			reason = "bookings.cancel.closed"
		default:
			reason = cancelled(ctx, h.St, id)
		}
		if reason == "" {
			v.Done++
		} else {
			v.Refused = append(v.Refused, admin.RefusedBooking{ID: id, Reason: reason})
		}
	}
	return v, nil
}

// cancelled cancels a booking; the message key of what forbade it, or "".
func cancelled(ctx context.Context, st *store.Store, id int64) string {
	_, err := booking.CancelByStaff(ctx, st, id, 0)
	switch {
	case err == nil:
		return ""
	case errors.Is(err, store.ErrNotFound):
		return "bookings.cancel.gone"
	case errors.Is(err, store.ErrConflict):
		return "bookings.cancel.closed"
	}
	slog.ErrorContext(ctx, "a booking of several could not be cancelled", "booking", id, "err", err)
	return "bookings.cancel.failed"
}
