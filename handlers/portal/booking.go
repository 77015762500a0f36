package portal

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/store"
	"kurso/templates/layout"
	"kurso/templates/portal"
)

// BookingForm shows the empty form of a course that takes bookings; of another, the course's page says why.
func (h *Handlers) BookingForm(c echo.Context) error {
	page, v, err := h.bookingView(c)
	if err != nil {
		return err
	}
	if !v.Can.Open() {
		return c.Redirect(http.StatusFound, v.Back)
	}
	v.Form = portal.BookingForm{Token: booking.NewForm(h.St, v.Course.ID), Self: true, Participants: make([]portal.ParticipantForm, 1)}
	if v.Can.Waitlist {
		v.Full, v.Notice = true, locales.T(c.Request().Context(), "portal.booking.full")
	}
	// nothing private is in it yet, and browsers that keep it bring back what was typed
	c.Response().Header().Set("Cache-Control", "private, no-cache")
	return h.showForm(c, http.StatusOK, page, v)
}

// Book answers every button of the form and of the page on which it is checked.
func (h *Handlers) Book(c echo.Context) error {
	var f portal.BookingForm
	if err := web.Bind(c, &f); err != nil {
		return err
	}
	if n := len(f.Participants); n == 0 {
		f.Participants = make([]portal.ParticipantForm, 1)
	} else if n > booking.MaxParticipants+1 {
		f.Participants = f.Participants[:booking.MaxParticipants+1] // enough to be told that they are too many
	}
	if f.Do == portal.DoBook && !web.IsFragment(c) {
		return h.send(c, f)
	}
	page, v, err := h.filledView(c, f)
	if err != nil {
		return err
	}
	switch f := &v.Form; {
	case web.IsFragment(c):
		return web.Render(c, http.StatusOK, portal.BookingTotal(chosenTotal(v)))
	case f.Do == portal.DoEdit:
	case f.Do == portal.DoAdd:
		if len(f.Participants) < v.MaxParticipants {
			f.Participants = append(f.Participants, portal.ParticipantForm{})
			v.Focus = len(f.Participants)
		}
	case strings.HasPrefix(f.Do, portal.DoRemove):
		i, err := strconv.Atoi(strings.TrimPrefix(f.Do, portal.DoRemove))
		if err == nil && i >= 0 && i < len(f.Participants) && len(f.Participants) > 1 {
			f.Participants = append(f.Participants[:i], f.Participants[i+1:]...)
		}
	default:
		return h.check(c, page, v)
	}
	return h.showForm(c, http.StatusOK, page, v)
}

// filledView is bookingView with what was typed. It offers no other language: that would be a fresh form.
func (h *Handlers) filledView(c echo.Context, f portal.BookingForm) (layout.PublicPage, portal.BookingView, error) {
	page, v, err := h.bookingView(c)
	page.Languages, v.Form = nil, f
	return page, v, err
}

// bookingView loads what all pages of a course's form show.
func (h *Handlers) bookingView(c echo.Context) (layout.PublicPage, portal.BookingView, error) {
	var page layout.PublicPage
	var v portal.BookingView
	id, err := web.ID(c, "id")
	if err != nil {
		return page, v, err
	}
	ctx := c.Request().Context()
	provider, err := web.Provider(c, h.St)
	if err != nil {
		return page, v, err
	}
	course, err := catalog.LoadPublic(ctx, h.St, id)
	if err != nil {
		return page, v, err
	}
	if v, err = h.viewOf(c, course, provider); err != nil {
		return page, v, err
	}
	page = web.Public(c, provider, locales.T(ctx, "portal.booking.page", "Course", course.Name))
	private(c, &page)
	return page, v, nil
}

// viewOf is what pages about a booking of course show.
func (h *Handlers) viewOf(c echo.Context, course *catalog.Course, provider *catalog.Provider) (portal.BookingView, error) {
	offer, err := h.offer(c.Request().Context(), course, provider.Zone())
	v := portal.BookingView{
		Offer: offer, Action: coursePath(c, course.ID, "/booking"), Back: coursePath(c, course.ID, ""),
		MaxParticipants: booking.MaxParticipants, Live: offer.Prices.FromCents != offer.Prices.ToCents,
		PrivacyURL: provider.PrivacyURL, TermsURL: provider.TermsURL, WithdrawalURL: provider.WithdrawalURL,
		Total: portal.Total{Note: provider.VATNote},
	}
	if offer.Places.Limited() {
		v.MaxParticipants = max(1, min(v.MaxParticipants, *offer.Places.Max))
	}
	return v, err
}

func (h *Handlers) showForm(c echo.Context, status int, page layout.PublicPage, v portal.BookingView) error {
	v.Total = chosenTotal(v)
	page.Htmx = v.Live
	if status >= 400 {
		page.Title = locales.T(c.Request().Context(), "portal.booking.page.error", "Title", page.Title)
	}
	return web.Render(c, status, portal.BookingFormPage(page, v))
}

// check shows the page on which the applicant checks everything.
func (h *Handlers) check(c echo.Context, page layout.PublicPage, v portal.BookingView) error {
	v.Form.Waitlist = v.Form.Waitlist || v.Form.Do == portal.DoWait
	nonce, err := booking.OpenForm(h.St, v.Form.Token, v.Course.ID)
	if err != nil {
		return h.refuse(c, page, v, err)
	}
	return h.review(c, http.StatusOK, page, v, nonce, "")
}

// review needs a form in order, else it shows the form again. notice says why nothing was sent, if anybody tried.
func (h *Handlers) review(c echo.Context, status int, page layout.PublicPage, v portal.BookingView, nonce, notice string) error {
	p, err := booking.Foresee(c.Request().Context(), h.St, h.input(c, v.Course.ID, v.Form, nonce))
	if err != nil {
		return h.refuse(c, page, v, err)
	}
	if p.Sent != nil {
		return web.SeeOther(c, receiptPath(c, p.Sent.Token, ""))
	}
	v.Notice = notice
	v.Total = bookedTotal(c.Request().Context(), p.Booking, v.Total.Note)
	return web.Render(c, status, portal.Review(page, portal.ReviewView{BookingView: v, Booking: p.Booking, Waits: p.Waits}))
}

// send books. What a page would show is only loaded when there is one to show: this is what a rush on a
// course calls most.
func (h *Handlers) send(c echo.Context, f portal.BookingForm) error {
	id, err := web.ID(c, "id")
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if f.Website != "" {
		return h.decoy(c, id)
	}
	nonce, err := booking.OpenForm(h.St, f.Token, id)
	if err == nil {
		err = booking.Throttle(ctx, h.St, web.Network(c), f.Email)
	}
	if err == nil {
		var receipt *booking.Receipt
		if receipt, err = booking.Request(ctx, h.St, h.input(c, id, f, nonce)); err == nil {
			return web.SeeOther(c, receiptPath(c, receipt.Token, ""))
		}
	}
	page, v, viewErr := h.filledView(c, f)
	if viewErr != nil {
		return viewErr
	}
	var throttled *store.ThrottledError
	switch {
	case errors.As(err, &throttled):
		setRetryAfter(c, throttled.RetryAt.Sub(h.St.Now()))
		at := locales.DateTimeClock(ctx, wholeMinute(throttled.RetryAt).In(v.Zone))
		return h.review(c, http.StatusTooManyRequests, page, v, nonce, locales.T(ctx, "portal.throttled", "At", at))
	case nonce == "":
		v.Form.Token = booking.NewForm(h.St, id)
		return h.review(c, http.StatusUnprocessableEntity, page, v, "", sentence(ctx, err))
	case isNotice(err):
		return h.review(c, http.StatusUnprocessableEntity, page, v, nonce, sentence(ctx, err))
	}
	return h.refuse(c, page, v, err)
}

// decoy answers a machine as if it had booked.
func (h *Handlers) decoy(c echo.Context, courseID int64) error {
	provider, err := web.Provider(c, h.St)
	if err != nil {
		return err
	}
	return web.SeeOther(c, receiptPath(c, booking.DecoyReceipt(h.St, courseID, provider.HoldMinutes).Token, ""))
}

// refuse shows the form again with all that was typed and what is wrong with it.
func (h *Handlers) refuse(c echo.Context, page layout.PublicPage, v portal.BookingView, err error) error {
	ctx := c.Request().Context()
	status := http.StatusUnprocessableEntity
	var rule *store.RuleError
	if errors.As(err, &rule) {
		status = http.StatusConflict
	}
	errs, ok := web.FormErrors(ctx, err)
	if !ok {
		return err
	}
	if booking.IsExpiredForm(err) {
		v.Form.Token = booking.NewForm(h.St, v.Course.ID)
	}
	v.Full = booking.IsFull(err)
	for _, e := range errs {
		switch {
		case e.Name == "":
			v.Notice = e.Message
		case v.Form.Self && strings.HasPrefix(e.Name, "participants.0.") && !strings.HasSuffix(e.Name, ".price_tier"):
			// the same is said beside the booker's name
		default:
			v.Errors = append(v.Errors, e)
		}
	}
	sortErrors(v.Errors)
	return h.showForm(c, status, page, v)
}
