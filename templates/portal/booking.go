package portal

import (
	"context"
	"strings"

	"kurso/locales"
	"kurso/models/booking"
	"kurso/templates/ui"
)

// bookingState is a booking's state as the applicant sees it.
func bookingState(ctx context.Context, b *booking.Booking) ui.State {
	s := ui.State{Label: locales.T(ctx, "booking.state."+b.State)}
	switch b.State {
	case booking.Confirmed:
		s.Tone = ui.Success
	case booking.Waitlisted:
		s.Tone, s.Icon = ui.Warning, "hourglass"
	case booking.Requested, booking.Pending:
		s.Tone, s.Icon = ui.Info, "circle-dashed"
	case booking.Offered:
		s.Tone, s.Icon = ui.Info, "ticket"
	case booking.Cancelled, booking.Rejected:
		s.Tone, s.Icon = ui.Bad, "ban"
	default:
		s.Icon = "clock"
	}
	return s
}

// BookingPageView is a booking as its applicant sees it.
type BookingPageView struct {
	BookingView
	Booking *booking.Booking
	// Cancel and Calendar lead on; empty where there is nothing to cancel or to download.
	Cancel, Calendar string
	// CancelUntil is the end of the provider's period, as people read it; empty without one.
	CancelUntil string
	// TooLate: the period is over, though the booking stands.
	TooLate bool
	Contact Contact
}

func (v BookingPageView) waiting() bool { return v.Booking.State == booking.Waitlisted }

func (v BookingPageView) leaveLabel(ctx context.Context) string {
	if v.waiting() {
		return locales.T(ctx, "portal.button.leave")
	}
	return locales.T(ctx, "portal.button.cancel")
}

// LeaveTitle asks whether the booking should end.
func (v BookingPageView) LeaveTitle(ctx context.Context) string {
	if v.waiting() {
		return locales.T(ctx, "portal.cancellation.title.waiting")
	}
	return locales.T(ctx, "portal.cancellation.title")
}

// Contact is how the provider is reached.
type Contact struct{ Name, Email, Phone string }

// dial is a phone number as a device dials it.
func dial(phone string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, phone)
}
