package listing

import "time"

// span is the days that a word of TimeWords means, seen from today: from the first up to, but not
// including, the last. A zero time is no end.
func span(word string, today time.Time) (from, to time.Time) {
	day := func(n int) time.Time { return today.AddDate(0, 0, n) }
	monday := day(-(int(today.Weekday()) + 6) % 7)
	first := time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, today.Location())
	january := time.Date(today.Year(), 1, 1, 0, 0, 0, 0, today.Location())
	switch word {
	case "today":
		return today, day(1)
	case "yesterday":
		return day(-1), today
	case "tomorrow":
		return day(1), day(2)
	case "this_week":
		return monday, monday.AddDate(0, 0, 7)
	case "last_week":
		return monday.AddDate(0, 0, -7), monday
	case "next_week":
		return monday.AddDate(0, 0, 7), monday.AddDate(0, 0, 14)
	case "this_month":
		return first, first.AddDate(0, 1, 0)
	case "last_month":
		return first.AddDate(0, -1, 0), first
	case "next_month":
		return first.AddDate(0, 1, 0), first.AddDate(0, 2, 0)
	case "this_year":
		return january, january.AddDate(1, 0, 0)
	case "last_year":
		return january.AddDate(-1, 0, 0), january
	case "last_7_days":
		return day(-6), day(1)
	case "last_30_days":
		return day(-29), day(1)
	case "next_7_days":
		return today, day(7)
	case "next_14_days":
		return today, day(14)
	case "before_today":
		return time.Time{}, today
	case "from_today":
		return today, time.Time{}
	case "next_30_days":
		return today, day(30)
	}
	return today, today
}

// midnight is the beginning of t's day in a zone.
func midnight(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, zone)
}
