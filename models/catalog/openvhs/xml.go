package openvhs

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/htmlindex"
)

const (
	rootName   = "veranstaltungen"
	courseName = "veranstaltung"
)

// walkXML reads a catalogue token by token. Names count without their namespace: exports of all versions
// qualify some, all or none of them.
func walkXML(src *source, summary *Summary, fn func(*node) error) error {
	x := &xmlWalker{src: src, dec: xml.NewDecoder(src), summary: summary}
	x.dec.Entity = xml.HTMLEntity // &nbsp; outside CDATA is frequent, and clear
	x.dec.CharsetReader = decode
	return x.walk(fn)
}

type xmlWalker struct {
	src     *source
	dec     *xml.Decoder
	summary *Summary
}

func (x *xmlWalker) walk(fn func(*node) error) error {
	if err := x.root(); err != nil {
		return err
	}
	for {
		token, err := x.dec.Token()
		if err != nil {
			return x.explain(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			x.src.mark(x.dec.InputOffset())
			element, err := x.element(token)
			if err != nil {
				return x.explain(err)
			}
			switch element.name {
			case "export":
				x.summary.describe(element)
			case courseName:
				if err := fn(element); err != nil {
					return err
				}
			}
		case xml.EndElement:
			return x.end()
		}
	}
}

// root consumes everything up to the start of the root element.
func (x *xmlWalker) root() error {
	for {
		token, err := x.dec.Token()
		if err != nil {
			return x.explain(err)
		}
		if start, ok := token.(xml.StartElement); ok {
			if start.Name.Local != rootName {
				return fileError(FileWrongRoot, "Root", shorten(start.Name.Local, 60))
			}
			for _, attr := range start.Attr {
				if attr.Name.Local == "version" {
					x.summary.Version = shorten(strings.TrimSpace(attr.Value), 20)
				}
			}
			return nil
		}
	}
}

// end sees to it that nothing but comments and white space follows the root element.
func (x *xmlWalker) end() error {
	for {
		token, err := x.dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return x.explain(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			return x.broken()
		case xml.CharData:
			if strings.TrimSpace(string(token)) != "" {
				return x.broken()
			}
		}
	}
}

// element reads the element that start opened, up to and with its end.
func (x *xmlWalker) element(start xml.StartElement) (*node, error) {
	top := newElement(start)
	open := []*node{top}
	for len(open) > 0 {
		token, err := x.dec.Token()
		if err != nil {
			return nil, err
		}
		inner := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			if len(open) == maxDepth {
				return nil, errCourseTooBig
			}
			child := newElement(token)
			inner.add(child)
			open = append(open, child)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			inner.addText(string(token))
		}
	}
	return top, nil
}

func newElement(start xml.StartElement) *node {
	n := &node{name: start.Name.Local}
	for _, attr := range start.Attr {
		if n.attrs == nil {
			n.attrs = make(map[string]string, len(start.Attr))
		}
		n.attrs[attr.Name.Local] = attr.Value
	}
	return n
}

func (x *xmlWalker) broken() error {
	line, column := x.dec.InputPos()
	return fileError(FileBroken, "Line", line, "Column", column, "Courses", x.summary.Records)
}

// explain turns the decoder's error into a *FileError, unless reading itself failed.
func (x *xmlWalker) explain(err error) error {
	var file *FileError
	if errors.As(err, &file) {
		return file
	}
	if errors.Is(err, errCourseTooBig) {
		return courseTooBig(x.summary.Records)
	}
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		if syntax.Msg == "invalid UTF-8" {
			return fileError(FileEncoding, "Line", syntax.Line)
		}
		return x.broken()
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || strings.HasPrefix(err.Error(), "xml: ") {
		return x.broken()
	}
	return fmt.Errorf("read catalogue: %w", err)
}

func courseTooBig(courses int) *FileError {
	return fileError(FileCourseTooBig, "Courses", courses, "Megabytes", maxCourseBytes>>20)
}

// decode reads the encoding that the prolog declares. A declared UTF-16 has been decoded by its byte order mark,
// or is none: the prolog itself could be read.
func decode(label string, input io.Reader) (io.Reader, error) {
	if strings.HasPrefix(strings.ToLower(label), "utf-16") {
		return input, nil
	}
	charset, err := htmlindex.Get(label)
	if err != nil {
		return nil, fileError(FileCharset, "Charset", shorten(label, 40))
	}
	return charset.NewDecoder().Reader(input), nil
}
