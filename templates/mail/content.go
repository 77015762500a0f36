// Package mail is how letters look: one layout of 600 pixels and one column, readable without images and
// in dark mode.
package mail

// Content is a letter in sentences. Its HTML is Letter; package mail writes its text.
type Content struct {
	Subject  string
	Heading  string
	Greeting string
	// Intro are the paragraphs before the facts, Notes those after the button.
	Intro []string
	Facts []Fact
	// Groups follow the facts: what is summed up, thing by thing.
	Groups []Group
	Link   Link
	Notes  []string
	// Signature are the lines at the end of what is said.
	Signature []string
	// Sender are the lines at the bottom, the provider's name first.
	Sender []string
	Legal  []Link
	// Options lead to what changes which letters somebody gets.
	Options []Link
}

// Group is a thing with a page of its own, and what is said of it.
type Group struct {
	Link  Link
	Lines []string
}

// Fact is one line of the table: what it is, and its value in one line or several.
type Fact struct {
	Label string
	Lines []string
}

// Link is the button, which is followed by its bare address; or a link at the bottom.
type Link struct{ Label, URL string }

// Say adds a sentence to the introduction.
func (c *Content) Say(sentence string) { c.Intro = append(c.Intro, sentence) }

// Note adds a sentence below the button.
func (c *Content) Note(sentence string) { c.Notes = append(c.Notes, sentence) }

// Tell adds a fact, unless there is nothing to tell.
func (c *Content) Tell(label string, lines ...string) {
	var said []string
	for _, l := range lines {
		if l != "" {
			said = append(said, l)
		}
	}
	if len(said) > 0 {
		c.Facts = append(c.Facts, Fact{Label: label, Lines: said})
	}
}
