package catalog

import (
	"math"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kurso/models/store"
)

// typed reads the values of a form as people type them and notes what is wrong under the field's name.
// What could not be read comes back as zero or nil.
type typed struct {
	store.ValidationError
	zone *time.Location
}

// Limits in characters. An import takes no more, so that staff can save what it brought.
const (
	maxLine = 500
	maxWord = 200 // of a list
	maxList = 50
	maxHTML = 100_000
)

// line is one line of at most limit characters.
func (t *typed) line(field, s string, limit int) string {
	s = cleanLine(s)
	if utf8.RuneCountInString(s) > limit {
		t.Add(field, "invalid.too_long", "Max", limit)
	}
	return s
}

// name is a line that must be there.
func (t *typed) name(field, s string, limit int) string {
	s = t.line(field, s, limit)
	if s == "" {
		t.Add(field, "invalid.required")
	}
	return s
}

// lines are at most so many characters in so many lines; empty ones at the end are dropped.
func (t *typed) lines(field, s string, limit, most int) string {
	var out []string
	for l := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
		out = append(out, cleanLine(l))
	}
	s = strings.Trim(strings.Join(out, "\n"), "\n")
	if utf8.RuneCountInString(s) > limit {
		t.Add(field, "invalid.too_long", "Max", limit)
	}
	if strings.Count(s, "\n") >= most {
		t.Add(field, "invalid.too_many_lines", "Max", most)
	}
	return s
}

// html is text or simple HTML, made safe.
func (t *typed) html(field, s string) string {
	if utf8.RuneCountInString(s) > maxHTML {
		t.Add(field, "invalid.too_long", "Max", maxHTML)
		return ""
	}
	return cleanHTML(s)
}

// list is the words between commas and line ends, each once.
func (t *typed) list(field, s string) []string {
	out := []string{}
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '\n' || r == ';' }) {
		word = t.line(field, word, maxWord)
		if word != "" && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	if len(out) > maxList {
		t.Add(field, "invalid.too_many", "Max", maxList)
		return []string{}
	}
	return out
}

// email is empty or an address that mail can go to.
func (t *typed) email(field, s string) string {
	s = cleanLine(s)
	if s == "" {
		return ""
	}
	a, err := mail.ParseAddress(s)
	if err != nil || a.Name != "" || a.Address != s || len(s) > 254 || !strings.Contains(s[strings.LastIndexByte(s, '@'):], ".") {
		t.Add(field, "invalid.email")
	}
	return s
}

// web is empty or an address on the web.
func (t *typed) web(field, s string) string {
	s = t.line(field, s, 2000)
	if s == "" {
		return ""
	}
	if u, err := url.Parse(s); err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		t.Add(field, "invalid.url")
	}
	return s
}

// choice is one of what the form offers; empty means the first.
func (t *typed) choice(field, s string, offered ...string) string {
	if s == "" {
		return offered[0]
	}
	if !slices.Contains(offered, s) {
		t.Add(field, "invalid.choice")
		return offered[0]
	}
	return s
}

// number is empty or a whole number.
func (t *typed) number(field, s string, low, high int) *int {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Add(field, "invalid.number")
		return nil
	}
	if n < low || n > high {
		t.Add(field, "invalid.range", "Min", low, "Max", high)
		return nil
	}
	return &n
}

// numberOr is a whole number; empty means fallback.
func (t *typed) numberOr(field, s string, low, high, fallback int) int {
	if n := t.number(field, s, low, high); n != nil {
		return *n
	}
	return fallback
}

// required is a whole number that must be there.
func (t *typed) required(field, s string, low, high int) int {
	if strings.TrimSpace(s) == "" {
		t.Add(field, "invalid.required")
	}
	return t.numberOr(field, s, low, high, low)
}

var decimal = regexp.MustCompile(`^[+-]?\d{1,7}([.,]\d{1,9})?$`)

// float is empty or a number with a decimal comma or point.
func (t *typed) float(field, s string, low, high float64) *float64 {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil
	}
	f, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil || !decimal.MatchString(s) {
		t.Add(field, "invalid.number")
		return nil
	}
	if f < low || f > high {
		t.Add(field, "invalid.range", "Min", strconv.FormatFloat(low, 'f', -1, 64), "Max", strconv.FormatFloat(high, 'f', -1, 64))
		return nil
	}
	return &f
}

// hundredths is empty or a number of at most two decimals that count, times 100.
func (t *typed) hundredths(field, s string, high float64) *int {
	f := t.float(field, s, 0, high)
	if f == nil {
		return nil
	}
	n := int(math.Round(*f * 100))
	return &n
}

var amount = regexp.MustCompile(`^(\d{1,7}|\d{1,3}(?:\.\d{3})+|\d{1,3}(?:,\d{3})+)(?:[.,](\d{1,2}))?$`)

// cents is an amount such as 82, 82,8, 82.80 or 1.234,50; empty means nothing to pay. 1.234 could be read
// in two ways and is refused.
func (t *typed) cents(field, s string) int64 {
	s = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(strings.TrimPrefix(cleanLine(s), "€")), "€"))
	if s == "" {
		return 0
	}
	m := amount.FindStringSubmatch(s)
	if m == nil || strings.ContainsAny(m[1], ".,") && m[2] == "" {
		t.Add(field, "invalid.amount")
		return 0
	}
	whole, _ := strconv.ParseInt(strings.NewReplacer(".", "", ",", "").Replace(m[1]), 10, 64)
	rest, _ := strconv.ParseInt((m[2] + "00")[:2], 10, 64)
	if whole > 999_999 {
		t.Add(field, "invalid.amount")
		return 0
	}
	return whole*100 + rest
}

// day is empty or a date, as browsers send it or as Germans write it; at midnight UTC.
func (t *typed) day(field, s string) *time.Time {
	s = strings.TrimSpace(s)
	if s == "" {
		return nil
	}
	for _, layout := range []string{time.DateOnly, "2.1.2006"} {
		if d, err := time.Parse(layout, s); err == nil && plausible(d) {
			return &d
		}
	}
	t.Add(field, "invalid.date")
	return nil
}

// moment is empty or a date and a time of day in the provider's zone.
func (t *typed) moment(field, s string) *time.Time {
	s = strings.TrimSuffix(cleanLine(s), " Uhr")
	if s == "" {
		return nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2.1.2006 15:04", "2.1.2006, 15:04"} {
		if at, err := time.ParseInLocation(layout, s, t.zone); err == nil && plausible(at) {
			return &at
		}
	}
	t.Add(field, "invalid.moment")
	return nil
}

// clock is empty or a time of day, as hours and minutes since midnight.
func (t *typed) clock(field, s string) *time.Duration {
	s = strings.TrimSpace(strings.TrimSuffix(cleanLine(s), "Uhr"))
	if s == "" {
		return nil
	}
	for _, layout := range []string{"15:04", "15:04:05", "15.04", "15"} {
		if at, err := time.Parse(layout, s); err == nil {
			d := time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
			return &d
		}
	}
	t.Add(field, "invalid.clock")
	return nil
}

// at is a time of day on a day, by the clocks of the provider's zone.
func (t *typed) at(day time.Time, clock time.Duration) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), int(clock.Hours()), int(clock.Minutes())%60, 0, 0, t.zone)
}

func plausible(d time.Time) bool { return d.Year() >= 1990 && d.Year() < 2200 }

// version is the version of a record that a form was filled from; a broken one fits no record.
func version(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// cleanLine makes one line of s: white space and control characters become single blanks, and marks that
// turn the direction of writing are dropped.
func cleanLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}
