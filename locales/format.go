package locales

import (
	"context"
	"strconv"
	"strings"
	"time"
)

const (
	thinSpace  = "\u202f"
	nbsp       = "\u00a0"
	enDash     = "–"
	isoDate    = "2006-01-02"
	germanDate = "02.01.2006"
)

var weekdays = map[string][7]string{
	German:  {"So.", "Mo.", "Di.", "Mi.", "Do.", "Fr.", "Sa."},
	English: {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
}

// Number writes n with its thousands set apart by a thin space from 10 000 on (German) or by a comma.
func Number(ctx context.Context, n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	sep := thinSpace
	if Of(ctx) == English {
		sep = ","
	}
	if len(digits) <= 4 {
		return sign + digits
	}
	var b strings.Builder
	for i, r := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(sep)
		}
		b.WriteRune(r)
	}
	return sign + b.String()
}

// Amount writes money: "82,80 €", "€82.80".
func Amount(ctx context.Context, cents int64, currency string) string {
	sign := ""
	if cents < 0 {
		sign, cents = "-", -cents
	}
	whole := Number(ctx, cents/100)
	rest := strconv.FormatInt(cents%100+100, 10)[1:]
	symbol := currency
	if currency == "EUR" {
		symbol = "€"
	}
	if Of(ctx) == English {
		if symbol == currency {
			symbol += nbsp
		}
		return sign + symbol + whole + "." + rest
	}
	return sign + whole + "," + rest + nbsp + symbol
}

// Date writes a day: "03.02.2027", "3 Feb 2027".
func Date(ctx context.Context, t time.Time) string {
	if Of(ctx) == English {
		return t.Format("2 Jan 2006")
	}
	return t.Format(germanDate)
}

// ShortDate writes a day of a year that is known: "03.02.", "3 Feb".
func ShortDate(ctx context.Context, t time.Time) string {
	if Of(ctx) == English {
		return t.Format("2 Jan")
	}
	return t.Format("02.01.")
}

// Day writes a day with its weekday: "Mi., 03.02.2027", "Wed, 3 Feb 2027".
func Day(ctx context.Context, t time.Time) string {
	w := weekdays[Of(ctx)][t.Weekday()]
	if Of(ctx) == English {
		return w + ", " + Date(ctx, t)
	}
	return w + ", " + Date(ctx, t)
}

// Weekday is a day of the week, short: "Mi.", "Wed".
func Weekday(ctx context.Context, d time.Weekday) string { return weekdays[Of(ctx)][d] }

// Clock writes a time of day: "18:30".
func Clock(t time.Time) string { return t.Format("15:04") }

// DateTime writes a moment: "03.02.2027, 18:30 Uhr", "3 Feb 2027, 18:30".
func DateTime(ctx context.Context, t time.Time) string {
	if Of(ctx) == English {
		return Date(ctx, t) + ", " + Clock(t)
	}
	return Date(ctx, t) + ", " + Clock(t) + " Uhr"
}

// Recent writes a moment as one speaks of it shortly after: "heute, 18:30 Uhr", "today, 18:30". Both must be in
// the time zone to be shown.
func Recent(ctx context.Context, t, now time.Time) string {
	switch t.Format(isoDate) {
	case now.Format(isoDate):
		return T(ctx, "time.today", "Time", DateTimeClock(ctx, t))
	case now.AddDate(0, 0, -1).Format(isoDate):
		return T(ctx, "time.yesterday", "Time", DateTimeClock(ctx, t))
	}
	return DateTime(ctx, t)
}

// Span writes a session: "Mi., 03.02.2027, 18:30–21:00 Uhr". An all-day one has its day only; one that
// ends on another day has both. from and to must be in the time zone to be shown.
func Span(ctx context.Context, from, to time.Time, allDay bool) string {
	last := to
	if allDay {
		last = to.Add(-time.Second)
	}
	sameDay := from.Format(isoDate) == last.Format(isoDate)
	switch {
	case allDay && sameDay:
		return Day(ctx, from)
	case allDay:
		return Day(ctx, from) + " " + enDash + " " + Day(ctx, last)
	case sameDay:
		return Day(ctx, from) + ", " + Times(ctx, from, to)
	}
	return Day(ctx, from) + ", " + DateTimeClock(ctx, from) + " " + enDash + " " + Day(ctx, to) + ", " + DateTimeClock(ctx, to)
}

// Times writes the times of day of a session: "18:30–21:00 Uhr".
func Times(ctx context.Context, from, to time.Time) string {
	return Clock(from) + enDash + DateTimeClock(ctx, to)
}

// DateTimeClock is the time of day with the word that belongs to it: "18:30 Uhr", "18:30".
func DateTimeClock(ctx context.Context, t time.Time) string {
	if Of(ctx) == German {
		return Clock(t) + " Uhr"
	}
	return Clock(t)
}

// Period writes the days from first to last: "03.02.2027 – 03.03.2027", or one day, or nothing.
func Period(ctx context.Context, first, last *time.Time) string {
	switch {
	case first == nil && last == nil:
		return ""
	case first == nil:
		return Date(ctx, *last)
	case last == nil || first.Equal(*last):
		return Date(ctx, *first)
	}
	return Date(ctx, *first) + " " + enDash + " " + Date(ctx, *last)
}
