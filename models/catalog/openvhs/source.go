package openvhs

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"

	textunicode "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// magics are the beginnings of files that people take for a catalogue.
var magics = []struct{ prefix, key string }{
	{"PK\x03\x04", FileZip},
	{"PK\x05\x06", FileZip},
	{"\x1f\x8b", FileGzip},
	{"%PDF", FilePDF},
}

// open recognises the dialect by content and returns the text, decoded as far as a byte order mark tells.
func open(r io.Reader, limit int64) (*source, Format, error) {
	raw := bufio.NewReader(&limited{r: r, left: limit, limit: limit})
	head, err := raw.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, "", err
	}
	for _, magic := range magics {
		if bytes.HasPrefix(head, []byte(magic.prefix)) {
			return nil, "", fileError(magic.key)
		}
	}
	hasNUL := bytes.IndexByte(head, 0) >= 0 // head is gone after the next read
	text := bufio.NewReader(transform.NewReader(raw, textunicode.BOMOverride(transform.Nop)))
	start, err := firstText(text)
	if errors.Is(err, io.EOF) {
		return nil, "", fileError(FileEmpty)
	}
	if err != nil {
		return nil, "", err
	}
	src := &source{r: text, allowance: maxCourseBytes}
	switch start[0] {
	case '<':
		if webPage.Match(start) {
			return nil, "", fileError(FileWrongRoot, "Root", "html")
		}
		return src, XML, nil
	case '{', '[':
		return src, JSON, nil
	}
	if hasNUL {
		return nil, "", fileError(FileBinary)
	}
	return nil, "", fileError(FileUnknown)
}

// webPage matches what browsers save, which is seldom well-formed.
var webPage = regexp.MustCompile(`(?i)^<(?:!doctype )?html`)

// firstText peeks at the text behind leading white space. It consumes white space only where there is more of
// it than the reader's buffer holds.
func firstText(r *bufio.Reader) ([]byte, error) {
	for {
		head, err := r.Peek(r.Size())
		if text := bytes.TrimSpace(head); len(text) > 0 {
			return text, nil
		}
		if err != nil {
			return nil, err
		}
		if _, err := r.Discard(len(head)); err != nil {
			return nil, err
		}
	}
}

// limited refuses to read more than its limit.
type limited struct {
	r           io.Reader
	left, limit int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p[:min(int64(len(p)), l.left+1)])
	l.left -= int64(n)
	if l.left < 0 {
		return 0, fileError(FileTooLarge, "Megabytes", int(l.limit>>20))
	}
	return n, err
}

// source is the text of a file. It replaces control characters, which both formats forbid, by DEL, which they
// allow: so they cost a remark and not the file. It knows lines, and refuses a course that never ends.
type source struct {
	r         io.Reader
	read      int64
	allowance int64
	newlines  []int64 // offsets of the line breaks since the last mark
	lines     int     // line breaks before it
	lineStart int64   // offset after the last of those
}

var errCourseTooBig = errors.New("course too big")

func (s *source) Read(p []byte) (int, error) {
	if s.allowance <= 0 {
		return 0, errCourseTooBig
	}
	n, err := s.r.Read(p)
	for i, c := range p[:n] {
		switch {
		case c == '\n':
			s.newlines = append(s.newlines, s.read+int64(i))
		case c < 0x20 && c != '\t' && c != '\r':
			p[i] = 0x7f
		}
	}
	s.read += int64(n)
	s.allowance -= int64(n)
	return n, err
}

// mark says that everything before offset has been dealt with.
func (s *source) mark(offset int64) {
	s.allowance = maxCourseBytes
	done := 0
	for done < len(s.newlines) && s.newlines[done] < offset {
		s.lineStart = s.newlines[done] + 1
		done++
	}
	s.lines += done
	s.newlines = s.newlines[:copy(s.newlines, s.newlines[done:])]
}

// position tells line and column (in bytes, both from 1) of an offset after the last mark.
func (s *source) position(offset int64) (line, column int) {
	line, start := s.lines+1, s.lineStart
	for _, at := range s.newlines {
		if at < offset {
			line, start = line+1, at+1
		}
	}
	return line, int(offset - start + 1)
}
