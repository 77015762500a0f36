package mail

import (
	"strings"
	"unicode"
)

// line makes one line of text that came from people: no control character (CR, LF, NUL …) and no
// character that turns the direction of writing around, single spaces. Whatever goes into a header, a
// calendar or a sentence of a letter passes through it.
func line(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

// lines is line for each line of a longer text.
func lines(s string) []string {
	var out []string
	for l := range strings.Lines(strings.ReplaceAll(s, "\r", "\n")) {
		if l = line(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// short cuts a text that goes into a subject.
func short(s string, limit int) string {
	r := []rune(s)
	if len(r) <= limit {
		return s
	}
	return strings.TrimSpace(string(r[:limit-1])) + "…"
}
