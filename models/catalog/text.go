package catalog

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"time"

	"kurso/models/catalog/openvhs"
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

// cleanHTML is text or simple HTML, made safe.
func cleanHTML(s string) string {
	clean, _ := openvhs.SafeHTML(afterBlock.ReplaceAllString(s, "$1"))
	return clean
}

var (
	afterBlock = regexp.MustCompile(`(</?(?:p|ul|ol|li|h3|h4)>|<br ?/?>)[ \t]*\n[ \t\n]*`)
	block      = regexp.MustCompile(`(</(?:p|ul|ol|li|h3|h4)>|<(?:ul|ol)>|<br>)`)
)

// editableHTML is safe HTML as people like to edit it: as plain text if it is nothing more, else with a line
// for each block. cleanHTML makes the same HTML of it again.
func editableHTML(safe string) string {
	plain := strings.TrimSuffix(strings.ReplaceAll(strings.ReplaceAll(strings.TrimPrefix(safe, "<p>"), "</p><p>", "\n\n"), "<br>", "\n"), "</p>")
	candidates := []string{strings.TrimSpace(block.ReplaceAllString(safe, "$1\n"))}
	if !strings.Contains(plain, "<") {
		candidates = append([]string{html.UnescapeString(plain)}, candidates...)
	}
	for _, s := range candidates {
		if cleanHTML(s) == safe {
			return s
		}
	}
	return safe
}
