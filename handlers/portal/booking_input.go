package portal

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/booking"
	"kurso/models/store"
	"kurso/templates/portal"
	"kurso/templates/ui"
)

// input is the form as the use cases take it.
func (h *Handlers) input(c echo.Context, courseID int64, f portal.BookingForm, nonce string) booking.Input {
	in := booking.Input{
		CourseID:  courseID,
		FirstName: f.FirstName, LastName: f.LastName, Email: f.Email, Phone: f.Phone,
		Street: f.Street, Zip: f.Zip, Town: f.Town, Country: f.Country, Note: f.Note,
	}
	if p := f.Payer; f.PayerSeparate {
		in.Payer = &booking.PayerInput{Name: p.Name, Email: p.Email, Street: p.Street, Zip: p.Zip, Town: p.Town, Country: p.Country}
	}
	for i, p := range f.Participants {
		row := booking.ParticipantInput{FirstName: p.FirstName, LastName: p.LastName, PriceTierID: tierID(p.PriceTier)}
		if i == 0 && f.Self {
			row.FirstName, row.LastName = f.FirstName, f.LastName
		}
		in.Participants = append(in.Participants, row)
	}
	in.FormNonce = h.formNonce(nonce, in)
	in.Locale = locales.Of(c.Request().Context())
	in.Network = web.Network(c)
	in.Waitlist = f.Waitlist
	if f.Total != "" {
		seen, err := strconv.ParseInt(f.Total, 10, 64)
		if err != nil {
			seen = -1 // nobody agreed to that
		}
		in.SeenTotalCents = &seen
	}
	return in
}

// tierID is -1, which no price has, for what is no number; 0 means the first price.
func tierID(s string) int64 {
	if s == "" {
		return 0
	}
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil || id <= 0 {
		return -1
	}
	return id
}

// formNonce makes a form sent twice one booking, and a form changed after "back" another one.
func (h *Handlers) formNonce(nonce string, in booking.Input) string {
	if nonce == "" {
		return ""
	}
	content, err := json.Marshal(in)
	if err != nil {
		return nonce
	}
	return h.St.Blind("booking.form", nonce+"\n"+string(content))
}

// chosenTotal is the sum of the prices chosen so far.
func chosenTotal(v portal.BookingView) portal.Total {
	t := portal.Total{Note: v.Total.Note, Currency: v.Prices.Currency}
	if len(v.Course.PriceTiers) == 0 {
		return t
	}
	for _, p := range v.Form.Participants {
		price := v.Course.PriceTiers[0]
		for _, tier := range v.Course.PriceTiers {
			if tier.ID == tierID(p.PriceTier) {
				price = tier
			}
		}
		t.Cents += price.AmountCents
	}
	return t
}

// bookedTotal is what a booking costs, a line for each participant.
func bookedTotal(ctx context.Context, b *booking.Booking, note string) portal.Total {
	t := portal.Total{Cents: b.TotalCents, Currency: b.Currency, Note: note}
	for _, p := range b.Participants {
		line := ui.Line{Label: p.FirstName + " " + p.LastName, Amount: locales.T(ctx, "portal.price.free")}
		if p.PriceName != "" {
			line.Label += " – " + p.PriceName
		}
		if p.AmountCents > 0 {
			line.Amount = locales.Amount(ctx, p.AmountCents, b.Currency)
		}
		t.Lines = append(t.Lines, line)
	}
	return t
}

// formOrder is how the form asks.
var formOrder = []string{"first_name", "last_name", "email", "phone", "street", "zip", "town", "country", "participants", "payer", "note"}

// sortErrors puts what is wrong into the order of the form.
func sortErrors(errs ui.Errors) {
	at := func(e ui.FieldError) int {
		name, _, _ := strings.Cut(e.Name, ".")
		return slices.Index(formOrder, name)
	}
	slices.SortStableFunc(errs, func(a, b ui.FieldError) int { return at(a) - at(b) })
}

// isNotice reports whether err is about sending the form, not about what stands in it.
func isNotice(err error) bool {
	var v *store.ValidationError
	return errors.As(err, &v) && len(v.Fields) == 1 && v.Fields[0].Field == ""
}

// sentence is the first thing that err says.
func sentence(ctx context.Context, err error) string {
	errs, _ := web.FormErrors(ctx, err)
	if len(errs) == 0 {
		return ""
	}
	return errs[0].Message
}

func setRetryAfter(c echo.Context, d time.Duration) {
	c.Response().Header().Set("Retry-After", strconv.Itoa(max(1, int(d.Seconds()+1))))
}

// wholeMinute rounds up, so that trying at the time shown works.
func wholeMinute(t time.Time) time.Time {
	if whole := t.Truncate(time.Minute); whole.Before(t) {
		return whole.Add(time.Minute)
	}
	return t
}
