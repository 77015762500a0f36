package portal

import (
	"context"
	"strconv"

	"kurso/locales"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/templates/ui"
)

// BookingForm is what the booking form sends, as typed.
type BookingForm struct {
	// Token is the signed form token.
	Token string `form:"token"`
	// Do is the button that was pressed: one of the Do constants.
	Do string `form:"do"`
	// Website is a trap: people do not see it.
	Website string `form:"website"`
	// Total is the sum shown when everything was checked, in cents.
	Total string `form:"total"`
	// Waitlist: there may be too few places.
	Waitlist bool `form:"waitlist"`

	FirstName string `form:"first_name"`
	LastName  string `form:"last_name"`
	Email     string `form:"email"`
	Phone     string `form:"phone"`
	Street    string `form:"street"`
	Zip       string `form:"zip"`
	Town      string `form:"town"`
	Country   string `form:"country"`
	Note      string `form:"note"`

	PayerSeparate bool      `form:"payer_separate"`
	Payer         PayerForm `form:"payer"`

	// Self: whoever books is the first participant.
	Self         bool              `form:"self"`
	Participants []ParticipantForm `form:"participants"`
}

// PayerForm is who the bill goes to.
type PayerForm struct {
	Name    string `form:"name"`
	Email   string `form:"email"`
	Street  string `form:"street"`
	Zip     string `form:"zip"`
	Town    string `form:"town"`
	Country string `form:"country"`
}

// ParticipantForm is one person who takes part.
type ParticipantForm struct {
	FirstName string `form:"first_name"`
	LastName  string `form:"last_name"`
	PriceTier string `form:"price_tier"`
}

// What the form's buttons do.
const (
	DoReview = "review"
	DoWait   = "wait" // review, for the waiting list if need be
	DoBook   = "book"
	DoEdit   = "edit"
	DoAdd    = "add"
	DoRemove = "remove." // and the index of a participant
)

// participantField is the name of a participant's field.
func participantField(i int, name string) string {
	return "participants." + strconv.Itoa(i) + "." + name
}

// Hidden carries the whole form through the page on which it is checked.
func (f BookingForm) Hidden() []ui.Hidden {
	list := []ui.Hidden{
		{Name: "token", Value: f.Token}, {Name: "website", Value: f.Website},
		{Name: "first_name", Value: f.FirstName}, {Name: "last_name", Value: f.LastName},
		{Name: "email", Value: f.Email}, {Name: "phone", Value: f.Phone},
		{Name: "street", Value: f.Street}, {Name: "zip", Value: f.Zip},
		{Name: "town", Value: f.Town}, {Name: "country", Value: f.Country}, {Name: "note", Value: f.Note},
		{Name: "payer.name", Value: f.Payer.Name}, {Name: "payer.email", Value: f.Payer.Email},
		{Name: "payer.street", Value: f.Payer.Street}, {Name: "payer.zip", Value: f.Payer.Zip},
		{Name: "payer.town", Value: f.Payer.Town}, {Name: "payer.country", Value: f.Payer.Country},
	}
	for _, box := range []struct {
		name    string
		checked bool
	}{{"waitlist", f.Waitlist}, {"payer_separate", f.PayerSeparate}, {"self", f.Self}} {
		if box.checked {
			list = append(list, ui.Hidden{Name: box.name, Value: "true"})
		}
	}
	for i, p := range f.Participants {
		list = append(list,
			ui.Hidden{Name: participantField(i, "first_name"), Value: p.FirstName},
			ui.Hidden{Name: participantField(i, "last_name"), Value: p.LastName},
			ui.Hidden{Name: participantField(i, "price_tier"), Value: p.PriceTier})
	}
	return list
}

// Total is what a booking costs.
type Total struct {
	Lines    []ui.Line
	Cents    int64
	Currency string
	// Note says what the sum contains.
	Note string
}

// Sum is the amount, or the word for nothing.
func (t Total) Sum(ctx context.Context) string {
	if t.Cents == 0 {
		return locales.T(ctx, "portal.price.free")
	}
	return locales.Amount(ctx, t.Cents, t.Currency)
}

// BookLabel is what stands on a binding button, by law, and nothing else.
func (t Total) BookLabel(ctx context.Context) string {
	if t.Cents == 0 {
		return locales.T(ctx, "portal.button.register")
	}
	return locales.T(ctx, "portal.button.book")
}

// BookingView is the booking form and what stands around it.
type BookingView struct {
	Offer
	Form   BookingForm
	Errors ui.Errors
	Action string // where the form posts
	Back   string // the course
	Total  Total
	// MaxParticipants is how many people fit into one form.
	MaxParticipants int
	// Notice is what stands in the way, beside the errors of fields.
	Notice string
	// Full: fewer places are free than the form asks for, so it goes on to the waiting list.
	Full bool
	// Focus is the row that was just added, from 1; 0 for none.
	Focus int
	// Live: the sum follows the choice of prices while the form is filled.
	Live bool
	// PrivacyURL, TermsURL and WithdrawalURL may be empty.
	PrivacyURL, TermsURL, WithdrawalURL string
}

func (v BookingView) steps(ctx context.Context, current int) (int, []string) {
	return current, []string{locales.T(ctx, "portal.step.course"), locales.T(ctx, "portal.step.people"), locales.T(ctx, "portal.step.check")}
}

// tiers are the choices of a price.
func (v BookingView) tiers(ctx context.Context) []ui.Option {
	var list []ui.Option
	for _, t := range v.Course.PriceTiers {
		list = append(list, ui.Option{Value: strconv.FormatInt(t.ID, 10), Label: t.Name + " – " + amount(ctx, t)})
	}
	return list
}

func amount(ctx context.Context, t *catalog.PriceTier) string {
	if t.AmountCents == 0 {
		return locales.T(ctx, "portal.price.free")
	}
	return locales.Amount(ctx, t.AmountCents, t.Currency)
}

// billed reports whether there may be a bill, which needs an address.
func (v BookingView) billed() bool { return v.Prices.ToCents > 0 }

// ReviewView is the page on which everything is checked and sent.
type ReviewView struct {
	BookingView
	Booking *booking.Booking
	// Waits: it will go to the waiting list.
	Waits bool
}
