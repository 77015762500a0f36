package openvhs

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/transform"
)

// walkJSON reads {"veranstaltungen": {"veranstaltung": [ … ]}} value by value.
func walkJSON(src *source, summary *Summary, fn func(*node) error) error {
	j := &jsonWalker{
		src:     src,
		dec:     json.NewDecoder(transform.NewReader(src, encoding.UTF8Validator)),
		summary: summary,
		fn:      fn,
	}
	j.dec.UseNumber()
	var stop *stopped
	switch err := j.walk(); {
	case errors.As(err, &stop):
		return stop.err
	case err != nil:
		return j.explain(err)
	}
	return nil
}

type jsonWalker struct {
	src     *source
	dec     *json.Decoder
	summary *Summary
	fn      func(*node) error
}

// stopped is how an error of the caller's function travels through the walk.
type stopped struct{ err error }

func (s *stopped) Error() string { return s.err.Error() }

func (j *jsonWalker) walk() error {
	found := false
	err := j.members(func(key string) error {
		if key != rootName {
			return j.skip()
		}
		found = true
		return j.root()
	})
	if err != nil {
		return err
	}
	if !found {
		return fileError(FileWrongJSONRoot)
	}
	switch _, err := j.dec.Token(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return j.broken()
}

func (j *jsonWalker) root() error {
	return j.members(func(key string) error {
		switch key {
		case courseName:
			return j.courses()
		case "@version", "export":
			holder := &node{}
			if err := j.value(holder, key, 0); err != nil {
				return err
			}
			if key == "export" {
				j.summary.describe(holder.first(key))
			} else {
				j.summary.Version = shorten(holder.attr("version"), 20)
			}
			return nil
		}
		return j.skip()
	})
}

// members opens an object and calls fn for each member, to read its value.
func (j *jsonWalker) members(fn func(key string) error) error {
	token, err := j.dec.Token()
	if err != nil {
		return err
	}
	if token != json.Delim('{') {
		return fileError(FileWrongJSONRoot)
	}
	for j.dec.More() {
		key, err := j.dec.Token()
		if err != nil {
			return err
		}
		if err := fn(local(key.(string))); err != nil {
			return err
		}
	}
	_, err = j.dec.Token()
	return err
}

// courses reads the list of courses: an array, or the one course that there is.
func (j *jsonWalker) courses() error {
	token, err := j.dec.Token()
	if err != nil {
		return err
	}
	if token != json.Delim('[') {
		return j.course(token)
	}
	for j.dec.More() {
		token, err := j.dec.Token()
		if err != nil {
			return err
		}
		if err := j.course(token); err != nil {
			return err
		}
	}
	_, err = j.dec.Token()
	return err
}

// course reads a value that starts with token; what is no object, such as null, is no course.
func (j *jsonWalker) course(token json.Token) error {
	j.src.mark(j.dec.InputOffset())
	holder := &node{}
	if err := j.from(token, holder, courseName, 0); err != nil {
		return err
	}
	if token != json.Delim('{') {
		return nil
	}
	if err := j.fn(holder.first(courseName)); err != nil {
		return &stopped{err}
	}
	return nil
}

// skip reads a value that nobody asked for.
func (j *jsonWalker) skip() error {
	j.src.mark(j.dec.InputOffset())
	return j.value(&node{}, "", 0)
}

// value reads the next value and adds it to parent under name.
func (j *jsonWalker) value(parent *node, name string, depth int) error {
	token, err := j.dec.Token()
	if err != nil {
		return err
	}
	return j.from(token, parent, name, depth)
}

func (j *jsonWalker) from(token json.Token, parent *node, name string, depth int) error {
	if depth == maxDepth {
		return errCourseTooBig
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '[' {
			for j.dec.More() {
				if err := j.value(parent, name, depth+1); err != nil {
					return err
				}
			}
		} else {
			child := &node{name: name}
			parent.add(child)
			for j.dec.More() {
				key, err := j.dec.Token()
				if err != nil {
					return err
				}
				if err := j.value(child, local(key.(string)), depth+1); err != nil {
					return err
				}
			}
		}
		_, err := j.dec.Token()
		return err
	case string:
		parent.addScalar(name, token)
	case json.Number:
		parent.addScalar(name, token.String())
	case bool:
		parent.addScalar(name, strconv.FormatBool(token))
	}
	return nil
}

// addScalar adds a value as what its name says: "@version" is an attribute, "#text" the text itself.
func (n *node) addScalar(name, text string) {
	switch {
	case strings.HasPrefix(name, "@"):
		if n.attrs == nil {
			n.attrs = map[string]string{}
		}
		n.attrs[name[1:]] = text
	case strings.HasPrefix(name, "#"):
		n.addText(text)
	default:
		child := &node{name: name}
		child.addText(text)
		n.add(child)
	}
}

func (j *jsonWalker) broken() error {
	line, column := j.src.position(j.dec.InputOffset())
	return fileError(FileBroken, "Line", line, "Column", column, "Courses", j.summary.Records)
}

// explain turns the decoder's error into a *FileError, unless reading itself failed.
func (j *jsonWalker) explain(err error) error {
	var file *FileError
	var syntax *json.SyntaxError
	switch {
	case errors.As(err, &file):
		return file
	case errors.Is(err, errCourseTooBig):
		return courseTooBig(j.summary.Records)
	case errors.Is(err, encoding.ErrInvalidUTF8):
		line, _ := j.src.position(j.dec.InputOffset())
		return fileError(FileEncoding, "Line", line)
	case errors.As(err, &syntax), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return j.broken()
	}
	return fmt.Errorf("read catalogue: %w", err)
}
