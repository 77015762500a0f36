package generate

import (
	"strings"
	"time"
)

// oddity is a flaw found in the field, and the keys of the problems that a reader of the file reports for it.
type oddity struct {
	name  string
	keys  []string
	apply func(c *course, previous course)
}

// spoil gives a course that oddity.
func spoil(c *course, odd oddity, o Options, index int) {
	previous := *c
	if index > 0 {
		previous, _ = newCourse(o, index-1)
	}
	odd.apply(c, previous)
}

// oddities are all of them; those about sessions leave a course without any as it is.
var oddities = []oddity{
	{"no guid", []string{"missing_guid"}, func(c *course, _ course) { c.guid = "" }},
	{"guid of another", []string{"duplicate_guid"}, func(c *course, p course) { c.guid = p.guid }},
	{"no name", []string{"missing_name"}, func(c *course, _ course) { c.name = "" }},
	{"no number", []string{"missing_number"}, func(c *course, _ course) { c.number = "" }},
	{"number of another", []string{"duplicate_number"}, func(c *course, p course) { c.number = p.number }},
	{"unknown category", []string{"category_unknown"}, func(c *course, _ course) { c.category = "Sprachen" }},
	{"regional category", []string{"category_regional"}, func(c *course, _ course) { c.category = "7.03" }},
	{"nobody teaches", []string{"empty_instructor"}, func(c *course, _ course) { c.instructors = append(c.instructors, person{}) }},
	{"script", []string{"html_removed"}, func(c *course, _ course) {
		c.texts[0].content += "<p>Jetzt buchen</p><script>document.write('x')</script>"
	}},
	{"link that is none", []string{"bad_url"}, func(c *course, _ course) { c.link = "www." + domain }},
	{"no maximum", []string{"missing_max_places"}, func(c *course, _ course) { c.maximum = "" }},
	{"minimum above maximum", []string{"min_above_max"}, func(c *course, _ course) { c.minimum = "25" }},
	{"overbooked", []string{"taken_above_max"}, func(c *course, _ course) { c.taken = "21" }},
	{"number in words", []string{"unreadable_number"}, func(c *course, _ course) { c.minimum = "mind. 5" }},
	{"no begin", []string{"begin_from_session"}, func(c *course, _ course) { c.begin = "" }},
	{"end before begin", []string{"end_before_begin"}, func(c *course, _ course) { c.end = "2019-12-31" }},
	{"German date", []string{"german_date"}, func(c *course, _ course) { c.end = german(c.end) }},
	{"unreadable date", []string{"unreadable_date"}, func(c *course, _ course) { c.end = "n. V." }},
	{"no sessions", []string{"no_sessions"}, func(c *course, _ course) { c.sessions = nil }},
	{"more sessions promised", []string{"session_count_differs"}, func(c *course, _ course) { c.count = "15" }},
	{"last session without a date", []string{"session_without_date"}, last(func(s *session) { s.date = "" })},
	{"last session without times", []string{"session_without_time"}, last(func(s *session) { s.start, s.end = "", "" })},
	{"last session without an end", []string{"session_without_end"}, last(func(s *session) { s.end = "" })},
	{"last session ends first", []string{"session_end_before_start"}, last(func(s *session) { s.end = "08:00" })},
	{"unreadable time", []string{"session_without_end", "unreadable_time"}, last(func(s *session) { s.end = "ca. 21 Uhr" })},
	{"other time zone", []string{"time_zone_differs"}, last(func(s *session) { s.start += ":00+05:00"; s.end += ":00" })},
	{"last session after the end", []string{"session_outside_dates"}, func(c *course, _ course) {
		if n := len(c.sessions); n > 0 {
			c.sessions[n-1].date = later(c.sessions[n-1].date, 28)
		}
	}},
	{"sessions for a part", []string{"sessions_cover_part"}, func(c *course, _ course) { c.end = later(c.end, 14) }},
	{"wrong weekday", []string{"weekday_differs"}, func(c *course, _ course) {
		if len(c.sessions) == 0 {
			return
		}
		wrong := weekdayNames[(weekday(c.begin)+1)%7]
		c.weekdays = []string{wrong}
		c.sessions[0].weekday = wrong
	}},
	{"misspelt boolean", []string{"misspelt_boolean"}, func(c *course, _ course) {
		if c.discount == "true" {
			c.discount = "ture"
		} else {
			c.discount = "fasle"
		}
	}},
	{"no price", []string{"missing_price"}, func(c *course, _ course) { c.price = "" }},
	{"price in words", []string{"unreadable_price"}, func(c *course, _ course) { c.price = "auf Anfrage" }},
	{"reduced above price", []string{"reduced_above_price"}, func(c *course, _ course) {
		c.remarks, c.discount = []string{"erm. Preis: 4.700,00 EUR"}, "true"
	}},
	{"reduced without discount", []string{"reduced_without_discount"}, func(c *course, _ course) {
		c.price, c.discount, c.remarks = "84.70", "false", []string{"erm. Preis: 47,00 EUR"}
		c.attributes = nil
	}},
	{"free, with a price", []string{"free_but_price"}, func(c *course, _ course) {
		c.price = "12.00"
		c.attributes = append(c.attributes, attribute{"anmeldung_kostenlos", "true"})
	}},
	{"control character", []string{"control_characters"}, func(c *course, _ course) { c.name += "\x0b" }},
	{"long name", []string{"too_long"}, func(c *course, _ course) { c.name += strings.Repeat(" und noch mehr", 40) }},
}

func last(change func(s *session)) func(*course, course) {
	return func(c *course, _ course) {
		if n := len(c.sessions); n > 0 {
			change(&c.sessions[n-1])
		}
	}
}

func german(date string) string { return date[8:] + "." + date[5:7] + "." + date[:4] }

func later(date string, days int) string { return iso(parsed(date).AddDate(0, 0, days)) }

func weekday(date string) int { return int(parsed(date).Weekday()) }

func parsed(date string) time.Time {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil {
		panic(err) // the generator writes ISO dates
	}
	return day
}
