package openvhs

import (
	"html"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the time on German walls is known on every machine
	"unicode"
)

// The values as files spell them. Every function takes folded text and tells whether it could read it.

var germany = func() *time.Location {
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	return loc
}()

// dateFrom reads ISO dates, also with a time or zone behind, and German ones.
func dateFrom(text string) (date Date, german, ok bool) {
	if m := germanDate.FindStringSubmatch(text); m != nil {
		date, ok = validDate(m[3], m[2], m[1])
		return date, true, ok
	}
	if m := isoDate.FindStringSubmatch(text); m != nil {
		date, ok = validDate(m[1], m[2], m[3])
	}
	return date, false, ok
}

var (
	germanDate = regexp.MustCompile(`^(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})$`)
	isoDate    = regexp.MustCompile(`^(\d{4})-(\d{2})-(\d{2})(?:[T ][0-9:.]+)?(?:Z|[+-]\d{2}:?\d{2})?$`)
)

// validDate refuses days that do not exist, and the years that databases use for "none".
func validDate(year, month, day string) (Date, bool) {
	y, _ := strconv.Atoi(year)
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	date := Date{Year: y, Month: time.Month(m), Day: d}
	at := date.At(0, time.UTC)
	if y < 1950 || y > 2200 || at.Month() != date.Month || at.Day() != d {
		return Date{}, false
	}
	return date, true
}

var wallClock = regexp.MustCompile(`^(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?(?: Uhr)?(Z|[+-]\d{2}:?\d{2})?$`)

// clockFrom reads 18:30, 18:30:00 and 18:30:00+02:00. offset is in seconds, nil if there is none.
func clockFrom(text string) (clock Clock, offset *int, ok bool) {
	m := wallClock.FindStringSubmatch(text)
	if m == nil {
		return 0, nil, false
	}
	hour, _ := strconv.Atoi(m[1])
	minute, _ := strconv.Atoi(m[2])
	clock = Clock(hour*60 + minute)
	if minute > 59 || clock > 24*60 {
		return 0, nil, false
	}
	if zone := m[4]; zone != "" {
		seconds := 0
		if zone != "Z" {
			hours, _ := strconv.Atoi(zone[1:3])
			minutes, _ := strconv.Atoi(zone[len(zone)-2:])
			seconds = hours*3600 + minutes*60
			if zone[0] == '-' {
				seconds = -seconds
			}
		}
		offset = &seconds
	}
	return clock, offset, true
}

var integer = regexp.MustCompile(`^([+-]?\d{1,6})(?:[.,]0+)?$`)

func integerFrom(text string) (int, bool) {
	m := integer.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	n, err := strconv.Atoi(m[1])
	return n, err == nil
}

var decimal = regexp.MustCompile(`^[+-]?\d{1,6}(?:[.,]\d+)?$`)

func decimalFrom(text string) (float64, bool) {
	if !decimal.MatchString(text) {
		return 0, false
	}
	value, err := strconv.ParseFloat(strings.Replace(text, ",", ".", 1), 64)
	return value, err == nil
}

// hundredthsFrom reads teaching units: minutes divided by 45 have many decimals.
func hundredthsFrom(text string) (int, bool) {
	value, ok := decimalFrom(text)
	return int(math.Round(value * 100)), ok && value >= 0
}

var (
	currency = regexp.MustCompile(`(?i)\s*(?:€|EUR|Euro)\s*`)
	amount   = regexp.MustCompile(`^(\d{1,3}(?:[.,' ]\d{3})*|\d{1,6})(?:[.,](\d{1,2}|\d{2}0+|-{1,2}|–))?$`)
)

// centsFrom reads amounts such as 82.8, 82,80 €, 1.234,50 and 82,-. It refuses what could be read in two ways
// (1.234), what is more exact than a cent, and more than 999,999 euros.
func centsFrom(text string) (int, bool) {
	m := amount.FindStringSubmatch(currency.ReplaceAllString(text, ""))
	if m == nil {
		return 0, false
	}
	grouped := strings.IndexAny(m[1], ".,' ")
	if grouped >= 0 && m[2] == "" {
		return 0, false
	}
	euros, err := strconv.Atoi(strings.NewReplacer(".", "", ",", "", "'", "", " ", "").Replace(m[1]))
	if err != nil || euros > 999_999 {
		return 0, false
	}
	cents := 0
	if decimals := m[2]; decimals != "" && decimals[0] >= '0' && decimals[0] <= '9' {
		cents, _ = strconv.Atoi((decimals + "0")[:2])
	}
	return euros*100 + cents, true
}

// booleanFrom reads true and false in German and English; misspelt tells that it had to guess, as for "fasle".
func booleanFrom(text string) (value, misspelt, ok bool) {
	text = strings.ToLower(text)
	switch text {
	case "true", "1", "ja", "j", "wahr", "yes", "y":
		return true, false, true
	case "false", "0", "nein", "n", "falsch", "no":
		return false, false, true
	}
	for word, value := range map[string]bool{"true": true, "false": false} {
		if sameLetters(text, word) || len(text) >= 3 && (strings.HasPrefix(word, text) || strings.HasPrefix(text, word)) {
			return value, true, true
		}
	}
	return false, false, false
}

func sameLetters(a, b string) bool {
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return string(x) == string(y)
}

// weekdayFrom reads German names, also short: Mittwoch, Mi, Mi., mittwochs, Sonnabend.
func weekdayFrom(text string) (time.Weekday, bool) {
	text = strings.TrimSuffix(strings.TrimSuffix(strings.ToLower(text), "."), "s")
	if len(text) < 2 {
		return 0, false
	}
	for day, name := range weekdays {
		if strings.HasPrefix(name, text) {
			return day, true
		}
	}
	return time.Saturday, text == "sonnabend"
}

var weekdays = map[time.Weekday]string{
	time.Monday: "montag", time.Tuesday: "dienstag", time.Wednesday: "mittwoch", time.Thursday: "donnerstag",
	time.Friday: "freitag", time.Saturday: "samstag", time.Sunday: "sonntag",
}

var entity = regexp.MustCompile(`&(?:[a-zA-Z][a-zA-Z0-9]{1,30}|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});`)

// unescape resolves the entities of text that was escaped once too often. Those without a semicolon stay.
func unescape(text string) string {
	if !strings.Contains(text, "&") {
		return text
	}
	return entity.ReplaceAllStringFunc(text, html.UnescapeString)
}

// withoutControls removes control characters, those that turn the direction of writing, and byte order marks.
func withoutControls(text string) (clean string, removed bool) {
	unwanted := func(r rune) bool {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return false
		case r == '\ufeff', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return true
		}
		return unicode.IsControl(r)
	}
	if !strings.ContainsFunc(text, unwanted) {
		return text, false
	}
	return strings.Map(func(r rune) rune {
		if unwanted(r) {
			return -1
		}
		return r
	}, text), true
}
