package admin

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"kurso/locales"
	"kurso/templates/ui"
)

// courseOrder is the order in which the form of a course asks.
var courseOrder = []string{"name", "subtitle", "number", "delivery", "course_type", "description", "sessions", "series", "start_date", "end_date",
	"location", "max_places", "min_places", "places_taken_elsewhere", "booking_opens_at", "booking_closes_at", "prices", "instructors", "staff"}

// summary is what stands above a refused form: each sentence with the name of its field, in the form's order.
// What order does not name comes last.
func summary(ctx context.Context, subject string, order []string, errs ui.Errors) ui.Errors {
	out := slices.Clone(errs)
	at := func(e ui.FieldError) int {
		name, _, _ := strings.Cut(e.Name, ".")
		if i := slices.Index(order, name); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortStableFunc(out, func(a, b ui.FieldError) int { return at(a) - at(b) })
	for i, e := range out {
		if e.Name != "" {
			out[i].Message = locales.T(ctx, "error.of_field", "Field", fieldName(ctx, subject, e.Name), "Message", e.Message)
		}
	}
	return out
}

// fieldName is how the form calls a field: "Titel", or in a row "Termin 2, Von".
func fieldName(ctx context.Context, subject, name string) string {
	parts := strings.Split(name, ".")
	switch {
	case parts[0] == "series" && len(parts) == 2:
		return locales.T(ctx, "series") + ", " + locales.T(ctx, "row.series."+parts[1])
	case len(parts) < 3:
		return locales.T(ctx, "field."+subject+"."+parts[0])
	}
	group := strings.TrimSuffix(parts[0], "s")
	i, _ := strconv.Atoi(parts[1])
	row := locales.T(ctx, group+".row", "N", i+1)
	if parts[2] == "remove" {
		return row
	}
	return row + ", " + locales.T(ctx, "row."+group+"."+parts[2])
}
