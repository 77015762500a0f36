package openvhs

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// safe is the last word on what leaves this package as HTML: arrange below only makes the best of what it drops.
var safe = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "strong", "em", "b", "i", "ul", "ol", "li", "h3", "h4")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("rel").Matching(regexp.MustCompile(`^nofollow noopener$`)).OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.RequireParseableURLs(true)
	p.RequireNoFollowOnLinks(true)
	return p
}()

var markup = regexp.MustCompile(`(?i)</?(?:p|br|b|strong|i|em|u|ul|ol|li|a|div|span|font|h[1-6]|table|tbody|tr|td|th|img|hr|sup|sub|small|big|center|` +
	`blockquote|pre|code|dl|dt|dd|script|style|iframe|object|embed|form|input|button|svg|math|video|audio|link|meta|html|body|head)(?:\s[^<>]*|/)?>|<!--|` +
	`&(?:amp|lt|gt|quot|nbsp|shy|bdquo|[lr]dquo|[nm]dash|hellip|bull|euro|[aou]uml|szlig|#\d{1,7}|#x[0-9a-f]{1,6});`)

var blockMarkup = regexp.MustCompile(`(?i)<(?:p|br|div|ul|ol|li|h[1-6]|table|tr|hr)[\s/>]`)

// SafeHTML turns a text of either kind, plain or HTML, into balanced HTML that is safe to show: p, br, strong,
// em, b, i, ul, ol, li, h3, h4 and links. It names what it removed, unless that was mere decoration.
func SafeHTML(text string) (clean string, removed []string) {
	text = strings.TrimSpace(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text))
	if text == "" {
		return "", nil
	}
	if !markup.MatchString(text) {
		return lineBreaks(html.EscapeString(text)), nil
	}
	if !blockMarkup.MatchString(text) {
		text = lineBreaks(text)
	}
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(text), body)
	if err != nil {
		return lineBreaks(html.EscapeString(text)), nil
	}
	for _, n := range nodes {
		body.AppendChild(n)
	}
	a := arranger{}
	a.children(body)
	wrapInline(body)
	var out strings.Builder
	for n := body.FirstChild; n != nil; n = n.NextSibling {
		if err := html.Render(&out, n); err != nil {
			return lineBreaks(html.EscapeString(text)), nil
		}
	}
	slices.Sort(a.removed)
	clean = strings.ReplaceAll(safe.Sanitize(out.String()), "<br/>", "<br>")
	return strings.TrimSpace(clean), slices.Compact(a.removed)
}

var blankLines = regexp.MustCompile(`\n[ \t\n]*\n`)

// lineBreaks makes paragraphs of blank lines and br of the other ends of lines.
func lineBreaks(text string) string {
	text = blankLines.ReplaceAllString(text, "</p><p>")
	return "<p>" + strings.ReplaceAll(text, "\n", "<br>") + "</p>"
}

// arranger walks parsed HTML and replaces each element outside the allow-list by what comes next to it.
type arranger struct{ removed []string }

func (a *arranger) children(parent *html.Node) {
	for n := parent.FirstChild; n != nil; {
		next := n.NextSibling
		a.node(parent, n)
		n = next
	}
}

func (a *arranger) node(parent, n *html.Node) {
	if n.Type == html.TextNode {
		return
	}
	if n.Type != html.ElementNode {
		parent.RemoveChild(n)
		return
	}
	a.noteAttributes(n)
	switch n.DataAtom {
	case atom.P, atom.Br, atom.Strong, atom.Em, atom.B, atom.I, atom.Ul, atom.Ol, atom.Li, atom.H3, atom.H4:
		n.Attr = nil
	case atom.A:
		a.link(parent, n)
		return
	case atom.H1, atom.H2:
		rename(n, atom.H3)
	case atom.H5, atom.H6:
		rename(n, atom.H4)
	case atom.Div, atom.Section, atom.Article, atom.Blockquote, atom.Center, atom.Pre, atom.Dl, atom.Table:
		rename(n, atom.P)
	case atom.Hr:
		rename(n, atom.Br)
	case atom.Style, atom.Head, atom.Title, atom.Meta, atom.Link:
		parent.RemoveChild(n)
		return
	case atom.Script, atom.Iframe, atom.Object, atom.Embed, atom.Img, atom.Video, atom.Audio, atom.Svg, atom.Math,
		atom.Form, atom.Input, atom.Button, atom.Select, atom.Textarea, atom.Template, atom.Noscript:
		a.removed = append(a.removed, n.Data)
		parent.RemoveChild(n)
		return
	case atom.Tr, atom.Dd, atom.Dt:
		a.unwrap(parent, n, &html.Node{Type: html.ElementNode, Data: "br", DataAtom: atom.Br})
		return
	case atom.Td, atom.Th:
		a.unwrap(parent, n, &html.Node{Type: html.TextNode, Data: " "})
		return
	default:
		a.unwrap(parent, n, nil)
		return
	}
	a.children(n)
	if n.DataAtom != atom.Br && isBlank(n) {
		parent.RemoveChild(n)
		return
	}
	if n.DataAtom == atom.P && holdsBlocks(n) {
		wrapInline(n)
		splice(parent, n)
	}
}

// unwrap replaces n by its children and what is to follow them.
func (a *arranger) unwrap(parent, n *html.Node, after *html.Node) {
	a.children(n)
	if after != nil {
		n.AppendChild(after)
	}
	splice(parent, n)
}

func (a *arranger) noteAttributes(n *html.Node) {
	for _, attr := range n.Attr {
		if strings.HasPrefix(attr.Key, "on") {
			a.removed = append(a.removed, attr.Key)
		}
	}
}

// link keeps links that lead to the web or to a mailbox; of others it keeps the text.
func (a *arranger) link(parent, n *html.Node) {
	href := ""
	for _, attr := range n.Attr {
		if attr.Key == "href" {
			href = strings.TrimSpace(attr.Val)
		}
	}
	target, err := url.Parse(href)
	mailto := err == nil && target.Scheme == "mailto" && target.Opaque != ""
	if err != nil || !mailto && !isWeb(target) {
		if href != "" {
			a.removed = append(a.removed, "href")
		}
		a.unwrap(parent, n, nil)
		return
	}
	n.Attr = []html.Attribute{{Key: "href", Val: href}, {Key: "rel", Val: "nofollow noopener"}}
	a.children(n)
}

func isWeb(target *url.URL) bool {
	return (target.Scheme == "http" || target.Scheme == "https") && target.Hostname() != ""
}

func rename(n *html.Node, name atom.Atom) {
	n.DataAtom, n.Data, n.Attr = name, name.String(), nil
}

// splice puts the children of n in its place.
func splice(parent, n *html.Node) {
	for child := n.FirstChild; child != nil; child = n.FirstChild {
		n.RemoveChild(child)
		parent.InsertBefore(child, n)
	}
	parent.RemoveChild(n)
}

func isBlock(n *html.Node) bool {
	switch n.DataAtom {
	case atom.P, atom.Ul, atom.Ol, atom.Li, atom.H3, atom.H4:
		return true
	}
	return false
}

func holdsBlocks(n *html.Node) bool {
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if isBlock(child) {
			return true
		}
	}
	return false
}

func isBlank(n *html.Node) bool {
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		if child.Type == html.TextNode && strings.TrimSpace(child.Data) != "" {
			return false
		}
		if child.Type == html.ElementNode && child.DataAtom != atom.Br && !isBlank(child) {
			return false
		}
	}
	return true
}

// wrapInline puts each run of text and inline elements directly in n into a paragraph, blank ones away.
func wrapInline(n *html.Node) {
	var run *html.Node
	flush := func() {
		if run != nil && isBlank(run) {
			n.RemoveChild(run)
		}
		run = nil
	}
	for child := n.FirstChild; child != nil; {
		next := child.NextSibling
		if isBlock(child) {
			flush()
		} else {
			if run == nil {
				run = &html.Node{Type: html.ElementNode, Data: "p", DataAtom: atom.P}
				n.InsertBefore(run, child)
			}
			n.RemoveChild(child)
			run.AppendChild(child)
		}
		child = next
	}
	flush()
}
