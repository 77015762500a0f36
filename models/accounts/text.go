package accounts

import (
	"net/mail"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"kurso/models/store"
)

// Limits in characters.
const (
	maxName   = 150
	maxReason = 500
)

// checked reads the lines of a form and notes what is wrong with them.
type checked struct{ store.ValidationError }

// line makes one line of what was typed: white space and control characters become single blanks, marks that
// turn the direction of writing are dropped.
func (c *checked) line(field, s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if utf8.RuneCountInString(s) > limit {
		c.Add(field, "invalid.too_long", "Max", limit)
	}
	return s
}

// required is a line that must be there.
func (c *checked) required(field, s string, limit int) string {
	s = c.line(field, s, limit)
	if s == "" {
		c.Add(field, "invalid.required")
	}
	return s
}

// email is an address that mail can go to.
func (c *checked) email(field, s string) string { //nolint:unparam // named like its neighbours
	s = c.required(field, s, 254)
	a, err := mail.ParseAddress(s)
	if s != "" && (err != nil || a.Name != "" || a.Address != s || !strings.Contains(s[strings.LastIndexByte(s, '@'):], ".")) {
		c.Add(field, "invalid.email")
	}
	return s
}

// choice is one of what the form offers.
func (c *checked) choice(field, s string, offered ...string) string {
	for _, o := range offered {
		if s == o {
			return s
		}
	}
	c.Add(field, "invalid.choice")
	return offered[0]
}

// version is the version of a record that a form was filled from; a broken one fits no record.
func version(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}
