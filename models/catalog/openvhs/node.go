package openvhs

import (
	"html"
	"strings"
)

// node is an element of either dialect: what is an array in JSON is a repeated element here, so nobody
// behind the readers need know which dialect a course came in. Its methods work on a nil node: an absent element.
type node struct {
	name     string // without prefix; empty for a run of text
	text     string // of a run of text
	attrs    map[string]string
	children []*node
}

// maxDepth is far beyond both formats; it keeps hostile files from exhausting the stack.
const maxDepth = 32

func (n *node) add(child *node) { n.children = append(n.children, child) }

func (n *node) addText(text string) {
	if text != "" {
		n.add(&node{text: text})
	}
}

// first returns the first child of that name, or nil.
func (n *node) first(name string) *node {
	if n == nil {
		return nil
	}
	for _, child := range n.children {
		if child.name == name {
			return child
		}
	}
	return nil
}

// all returns the children of that name.
func (n *node) all(name string) []*node {
	if n == nil {
		return nil
	}
	var found []*node
	for _, child := range n.children {
		if child.name == name {
			found = append(found, child)
		}
	}
	return found
}

func (n *node) attr(name string) string {
	if n == nil {
		return ""
	}
	return strings.TrimSpace(n.attrs[name])
}

// content returns the text; elements in it, as from HTML that was not quoted, are spelled out again.
func (n *node) content() string {
	if n == nil {
		return ""
	}
	if len(n.children) == 1 && n.children[0].name == "" {
		return n.children[0].text
	}
	mixed := n.hasElements()
	var b strings.Builder
	for _, child := range n.children {
		switch {
		case child.name != "":
			b.WriteString("<" + child.name + ">" + child.content() + "</" + child.name + ">")
		case mixed:
			b.WriteString(html.EscapeString(child.text))
		default:
			b.WriteString(child.text)
		}
	}
	return b.String()
}

func (n *node) hasElements() bool {
	for _, child := range n.children {
		if child.name != "" {
			return true
		}
	}
	return false
}

// line returns the text with all white space folded.
func (n *node) line() string { return folded(n.content()) }

func folded(text string) string { return strings.Join(strings.Fields(text), " ") }

// empty tells that there is no text in the element nor below it.
func (n *node) empty() bool {
	if n == nil {
		return true
	}
	if strings.TrimSpace(n.text) != "" {
		return false
	}
	for _, child := range n.children {
		if !child.empty() {
			return false
		}
	}
	return true
}

// local strips a namespace prefix.
func local(name string) string {
	return name[strings.LastIndexByte(name, ':')+1:]
}
