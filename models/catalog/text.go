package catalog

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// How values stand in a form before anybody types.

func dayText(d *time.Time) string {
	if d == nil {
		return ""
	}
	return d.Format(time.DateOnly)
}

func momentText(t *time.Time, zone *time.Location) string {
	if t == nil {
		return ""
	}
	return t.In(zone).Format("2006-01-02T15:04")
}

func intText(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

func idText(id *int64) string {
	if id == nil {
		return ""
	}
	return strconv.FormatInt(*id, 10)
}

func floatText(f *float64) string {
	if f == nil {
		return ""
	}
	return strings.Replace(strconv.FormatFloat(*f, 'f', -1, 64), ".", ",", 1)
}

func hundredthsText(n *int) string {
	if n == nil {
		return ""
	}
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%d,%02d", *n/100, *n%100), "0"), ",")
}

func centsText(c int64) string { return fmt.Sprintf("%d,%02d", c/100, c%100) }

func joinList(words []string) string { return strings.Join(words, ", ") }
