package openvhs

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Limits in bytes. What is longer is cut, but for the guid: half a name is another name.
const (
	maxWord = 100
	maxLine = 500
	maxURL  = 2000
	maxText = 50_000
)

// clean returns the text of an element on one line, without what does not belong there.
func (c *course) clean(n *node, field string, limit int) string {
	text, hadControls := withoutControls(unescape(n.content()))
	if hadControls {
		c.problems.add(ControlCharacters, "Field", field)
	}
	text = folded(text)
	if len(text) > limit {
		c.problems.add(TooLong, "Field", field, "Limit", limit)
		return shorten(text, limit)
	}
	return text
}

// in returns the cleaned text of the first child of that name.
func (c *course) in(n *node, name string, limit int) string {
	return c.clean(n.first(name), name, limit)
}

func (c *course) line(name string, limit int) string { return c.in(c.node, name, limit) }

// lines returns the different texts of a repeated element.
func (c *course) lines(name string) []string {
	var found []string
	for _, n := range c.node.all(name) {
		if text := c.clean(n, name, maxLine); text != "" && !slices.Contains(found, text) {
			found = append(found, text)
		}
	}
	return found
}

// count reads a number that cannot be negative.
func (c *course) count(name string) *int {
	text := c.line(name, maxLine)
	if text == "" {
		return nil
	}
	n, ok := integerFrom(text)
	if !ok || n < 0 {
		c.problems.add(UnreadableNumber, "Field", name, "Value", text)
		return nil
	}
	return &n
}

func (c *course) boolean(n *node, field string) *bool {
	return c.booleanOf(c.in(n, field, maxLine), field)
}

func (c *course) booleanOf(text, field string) *bool {
	if text == "" {
		return nil
	}
	value, misspelt, ok := booleanFrom(text)
	switch {
	case !ok:
		c.problems.add(UnreadableBoolean, "Field", field, "Value", text)
		return nil
	case misspelt:
		meant := "false"
		if value {
			meant = "true"
		}
		c.problems.add(MisspeltBoolean, "Field", field, "Value", text, "Meant", meant)
	}
	return &value
}

// webURL reads an address of the web and drops any other.
func (c *course) webURL(n *node, field string) string {
	raw := c.in(n, field, maxURL)
	if raw == "" {
		return ""
	}
	target, err := url.Parse(raw)
	if err != nil || !isWeb(target) || strings.HasSuffix(raw, "…") {
		c.problems.add(BadURL, "Field", field, "Value", raw)
		return ""
	}
	return target.String()
}

var mailbox = regexp.MustCompile(`^[^\s@<>"',;:()\[\]\\]+@[^\s@<>"',;:()\[\]\\]+\.[^\s@<>"',;:()\[\]\\.]+$`)

func (c *course) mail(n *node, field string) string {
	raw := c.in(n, field, maxLine)
	if raw != "" && !mailbox.MatchString(raw) {
		c.problems.add(BadMail, "Field", field, "Value", raw)
		return ""
	}
	return raw
}
