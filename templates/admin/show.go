package admin

import (
	"context"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"kurso/locales"
	"kurso/models/audit"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/notify"
	"kurso/templates/ui"
)

// CourseState is a course's state as people see it.
func CourseState(ctx context.Context, state string) ui.State {
	tones := map[string]ui.Tone{catalog.Published: ui.Success, catalog.Running: ui.Info, catalog.CalledOff: ui.Bad}
	return ui.State{Label: locales.T(ctx, "course.state."+state), Icon: courseIcon(state), Tone: tones[state]}
}

func courseIcon(state string) string {
	switch state {
	case catalog.Draft:
		return "circle-dashed"
	case catalog.Planned:
		return "clock"
	case catalog.Published:
		return "globe"
	case catalog.Running:
		return "play"
	case catalog.Finished:
		return "flag"
	case catalog.CalledOff:
		return "calendar-x"
	}
	return ""
}

// BookingState is a booking's state as people see it.
func BookingState(ctx context.Context, state string) ui.State {
	tones := map[string]ui.Tone{booking.Requested: ui.Info, booking.Pending: ui.Warning, booking.Confirmed: ui.Success,
		booking.Waitlisted: ui.Warning, booking.Offered: ui.Info}
	return ui.State{Label: locales.T(ctx, "booking.state."+state), Icon: bookingIcon(state), Tone: tones[state]}
}

func bookingIcon(state string) string {
	switch state {
	case booking.Requested:
		return "circle-dashed"
	case booking.Pending, booking.Expired:
		return "clock"
	case booking.Confirmed:
		return "circle-check"
	case booking.Waitlisted:
		return "hourglass"
	case booking.Offered:
		return "ticket"
	case booking.Cancelled, booking.Rejected:
		return "circle-x"
	}
	return ""
}

// Names are the records that changes name by id, by field and id: "instructors 12".
type Names map[string]string

// History is what was done to a record, as a timeline. subject is the audit entries' own; their field names
// are translated by "field.<subject>.<name>".
func History(ctx context.Context, subject string, entries []*audit.Entry, zone *time.Location, names Names) []ui.Event {
	events := make([]ui.Event, len(entries))
	for i, e := range entries {
		at := e.At.In(zone)
		events[i] = ui.Event{
			Icon: eventSign(e.Action), Title: locales.T(ctx, "audit."+e.Action), At: at, When: locales.DateTime(ctx, at),
			By: actorName(ctx, e), Detail: changes(ctx, subject, e.Changes, names),
		}
	}
	return events
}

// eventSign is the icon of what happened.
func eventSign(action string) string {
	_, verb, _ := strings.Cut(action, ".")
	if e, ok := happened[verb]; ok {
		return e.Icon
	}
	return "circle"
}

var happened = map[string]ui.Event{
	"created": {Icon: "plus"}, "requested": {Icon: "plus"}, "changed": {Icon: "pencil"}, "deleted": {Icon: "trash-2"},
	"imported": {Icon: "file-up"}, "started": {Icon: "play"}, "running": {Icon: "play"}, "finished": {Icon: "flag"}, "failed": {Icon: "circle-alert"},
	"draft": {Icon: "circle-dashed"}, "planned": {Icon: "clock"}, "published": {Icon: "globe"}, "called_off": {Icon: "calendar-x"},
	"confirmed": {Icon: "check"}, "waitlisted": {Icon: "hourglass"}, "cancelled": {Icon: "x"}, "expired": {Icon: "clock"},
	"retried": {Icon: "send"}, "verification_resent": {Icon: "mail"}, "signed_in": {Icon: "user"}, "signed_out": {Icon: "log-out"},
	"deactivated": {Icon: "ban"}, "erased": {Icon: "eraser"},
	"invited": {Icon: "mail"}, "invited_again": {Icon: "mail"}, "joined": {Icon: "check"}, "reactivated": {Icon: "check"}, "support_granted": {Icon: "life-buoy"},
}

func changes(ctx context.Context, subject string, list []audit.Change, names Names) string {
	var out []string
	for _, c := range list {
		field := locales.T(ctx, "field."+subject+"."+c.Field)
		before, after, erased := c.Values()
		from, to := changed(ctx, subject, c.Field, before, names), changed(ctx, subject, c.Field, after, names)
		switch {
		case erased:
			out = append(out, locales.T(ctx, "audit.change.erased", "Field", field))
		case from == "" && to == "", c.Field == "description":
			out = append(out, locales.T(ctx, "audit.change.hidden", "Field", field))
		case from == "":
			out = append(out, locales.T(ctx, "audit.change.added", "Field", field, "New", to))
		case to == "":
			out = append(out, locales.T(ctx, "audit.change.removed", "Field", field, "Old", from))
		default:
			out = append(out, locales.T(ctx, "audit.change", "Field", field, "Old", from, "New", to))
		}
	}
	return strings.Join(out, "\n")
}

var (
	isoDay     = regexp.MustCompile(`\b\d{4}-\d{2}-\d{2}\b`)
	plainPrice = regexp.MustCompile(`(\d+)\.(\d{2}) ([A-Z]{3})\b`)
)

const shownOfAChange = 160

// changed is a value of an audit entry as the reader writes it.
func changed(ctx context.Context, subject, field, v string, names Names) string {
	if v == "" {
		return ""
	}
	if subject == notify.Subject && field != "categories" {
		return choiceName(ctx, v)
	}
	switch field {
	case "instructors", "staff", "account", "categories":
		ids := strings.Split(v, ", ")
		for i, id := range ids {
			if name := names[field+" "+id]; name != "" {
				ids[i] = name
			} else {
				ids[i] = "#" + id
			}
		}
		return strings.Join(ids, ", ")
	case "created", "updated", "unchanged", "skipped":
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return locales.Number(ctx, n)
		}
	case "teaching_units":
		n, _ := strconv.Atoi(v)
		return units(ctx, &n)
	case "session", "access_ends_at", "sessions", "start_date", "end_date", "booking_opens_at", "booking_closes_at", "price", "prices":
		return asWritten(ctx, v)
	}
	words := strings.Split(v, ", ")
	for i, code := range words {
		if key := audit.WordOf(subject, field, code); key != "" {
			words[i] = locales.T(ctx, key)
		}
	}
	v = strings.Join(words, ", ")
	if runes := []rune(v); len(runes) > shownOfAChange {
		return string(runes[:shownOfAChange]) + "…"
	}
	return v
}

// asWritten is a text whose days and amounts, "2027-02-03" and "82.80 EUR", are written as the reader does.
func asWritten(ctx context.Context, text string) string {
	text = isoDay.ReplaceAllStringFunc(text, func(s string) string {
		day, err := time.Parse(time.DateOnly, s)
		if err != nil {
			return s
		}
		return locales.Date(ctx, day)
	})
	return plainPrice.ReplaceAllStringFunc(text, func(s string) string {
		m := plainPrice.FindStringSubmatch(s)
		cents, _ := strconv.ParseInt(m[1]+m[2], 10, 64)
		return locales.Amount(ctx, cents, m[3])
	})
}

// units writes hundredths of teaching units: "13,5".
func units(ctx context.Context, n *int) string {
	if n == nil {
		return ""
	}
	text := strings.TrimRight(strings.TrimRight(strconv.FormatFloat(float64(*n)/100, 'f', 2, 64), "0"), ".")
	if locales.Of(ctx) == locales.German {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}

func number(ctx context.Context, n int) string { return locales.Number(ctx, int64(n)) }

func moment(ctx context.Context, t *time.Time, zone *time.Location) string {
	if t == nil {
		return ""
	}
	return locales.DateTime(ctx, t.In(zone))
}

// address is a list's address with some of its parameters changed; pairs alternate name and value, an empty
// value takes the parameter away.
func address(path string, q url.Values, pairs ...string) string {
	out := url.Values{}
	for name, values := range q {
		if len(values) > 0 && values[0] != "" {
			out.Set(name, values[0])
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			out.Del(pairs[i])
		} else {
			out.Set(pairs[i], pairs[i+1])
		}
	}
	if len(out) == 0 {
		return path
	}
	return path + "?" + out.Encode()
}

func path(base string, id int64) string { return base + "/" + strconv.FormatInt(id, 10) }
