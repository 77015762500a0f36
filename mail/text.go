package mail

import (
	"strings"
	"unicode/utf8"

	templates "kurso/templates/mail"
)

// text is a letter for those who read plain text.
func text(c *templates.Content) string {
	var b strings.Builder
	paragraph := func(s string) { b.WriteString(s + "\n\n") }

	paragraph(c.Heading)
	paragraph(c.Greeting)
	for _, p := range c.Intro {
		paragraph(p)
	}
	facts(&b, c.Facts)
	for _, g := range c.Groups {
		paragraph(g.Link.Label + "\n- " + strings.Join(g.Lines, "\n- ") + "\n" + g.Link.URL)
	}
	paragraph(c.Link.Label + ":\n" + c.Link.URL)
	for _, p := range c.Notes {
		paragraph(p)
	}
	if len(c.Signature) > 0 {
		paragraph(strings.Join(c.Signature, "\n"))
	}
	b.WriteString("-- \n" + strings.Join(c.Sender, "\n") + "\n")
	for _, l := range append(c.Legal, c.Options...) {
		b.WriteString(l.Label + ": " + l.URL + "\n")
	}
	return b.String()
}

// facts are set in two columns.
func facts(b *strings.Builder, all []templates.Fact) {
	width := 0
	for _, f := range all {
		width = max(width, utf8.RuneCountInString(f.Label)+2)
	}
	for _, f := range all {
		label := f.Label + ":"
		for _, l := range f.Lines {
			b.WriteString(label + strings.Repeat(" ", width-utf8.RuneCountInString(label)) + l + "\n")
			label = ""
		}
	}
	if len(all) > 0 {
		b.WriteString("\n")
	}
}
