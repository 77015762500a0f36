package portal

import (
	"context"
	"strconv"

	"github.com/a-h/templ"

	"kurso/locales"
	"kurso/templates/ui"
)

// formAttrs let the sum follow the prices chosen; without scripts it is right on the next page.
func (v BookingView) formAttrs() templ.Attributes {
	if !v.Live {
		return nil
	}
	return templ.Attributes{
		"hx-post": v.Action, "hx-trigger": "change target:select", "hx-target": "#total", "hx-swap": "outerHTML", "hx-sync": "this:replace",
	}
}

// at is the form's address with the place on the page to come back to.
func (v BookingView) at(row int) string { return v.Action + "#" + rowID(row) }

func rowID(i int) string { return "person-" + strconv.Itoa(i+1) }

func (v BookingView) personField(ctx context.Context, i int, name, value string) ui.Field {
	full := participantField(i, name)
	f := ui.Field{Name: full, Value: value, Error: v.Errors.Of(full), Autocomplete: "off"}
	switch name {
	case "first_name":
		f.Label = locales.T(ctx, "portal.field.first_name")
		if v.Focus == i+1 {
			f.Attrs = templ.Attributes{"autofocus": true}
		}
	default:
		f.Label = locales.T(ctx, "portal.field.last_name")
	}
	return f
}
