package openvhs_test

import (
	"bytes"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"kurso/models/catalog/openvhs"
	"kurso/models/catalog/openvhs/generate"
)

var start = time.Date(2027, 2, 1, 0, 0, 0, 0, time.UTC)

// TestMemory is not parallel: it measures the heap. Reading may remember the guid and the number of each course,
// so 1 kB for each is allowed; a course itself takes five.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 100 MB")
	}
	for name, write := range map[string]func(io.Writer, generate.Options) error{"XML": generate.XML, "JSON": generate.JSON} {
		few, _ := liveHeap(t, write, 1_000)
		many, size := liveHeap(t, write, 10_000)
		if size < 40<<20 {
			t.Errorf("%s: 10,000 courses are only %d bytes", name, size)
		}
		if many > few+9_000*1_000 {
			t.Errorf("%s: %d bytes live while reading 1,000 courses, %d with 10,000", name, few, many)
		}
	}
}

// liveHeap reads a generated catalogue from a pipe and returns the most that was alive at any time, and its size.
func liveHeap(t *testing.T, write func(io.Writer, generate.Options) error, courses int) (peak, size uint64) {
	t.Helper()
	in, out := io.Pipe()
	counted := &counter{w: out}
	go func() {
		_ = out.CloseWithError(write(counted, generate.Options{Courses: courses, Seed: 1, Start: start, Oddities: 0.1}))
	}()
	read := 0
	summary, err := openvhs.Read(in, func(openvhs.Record) error {
		if read++; read%500 == 0 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
		return nil
	})
	if err != nil || summary.Records != courses {
		t.Fatalf("%+v, %v", summary, err)
	}
	return peak, counted.n
}

type counter struct {
	w io.Writer
	n uint64
}

func (c *counter) Write(p []byte) (int, error) {
	c.n += uint64(len(p))
	return c.w.Write(p)
}

// FuzzRead: whatever comes in, nothing panics, Check and Read agree, and what comes out is clean.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"openvhs-1.2-sample.xml", "berlin-dialect-sample.json"} {
		sample, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(sample)
		f.Add(sample[:len(sample)/2])
		f.Add(bytes.ReplaceAll(sample, []byte("2027-"), []byte("<b>-\x00")))
		f.Add(bytes.ReplaceAll(sample, []byte("Anna"), []byte("<a href='java\tscript:x'>&#106;</a><math><style><img onerror=1>")))
	}
	var b bytes.Buffer
	if err := generate.JSON(&b, generate.Options{Courses: 5, Seed: 2, Start: start, Oddities: 1}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`<?xml version="1.0" encoding="iso-8859-1"?><x:veranstaltungen><veranstaltung><text><text>a<p>b</p></text></text></veranstaltung></x:veranstaltungen>`))
	f.Add([]byte("\xff\xfe<\x00v\x00"))
	f.Add([]byte(`{"veranstaltungen":{"veranstaltung":[[{"guid":[1,{"#text":true}]}],null,3]},"x":[[]]}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		checked, checkErr := openvhs.Check(bytes.NewReader(file))
		summary, err := openvhs.Read(bytes.NewReader(file), func(r openvhs.Record) error {
			mustBeClean(t, r)
			return nil
		})
		if (err == nil) != (checkErr == nil) || checked.Records != summary.Records {
			t.Fatalf("Check: %+v, %v\nRead: %+v, %v", checked, checkErr, summary, err)
		}
	})
}

var allowed = regexp.MustCompile(`^(?:[^<>]|</?(?:p|br|strong|em|b|i|ul|ol|li|h3|h4|a)>|<a href="(?:https?|mailto):[^"<>]*" rel="nofollow noopener">)*$`)

func mustBeClean(t *testing.T, r openvhs.Record) {
	t.Helper()
	if (r.GUID == "" || r.Name == "") && !r.Rejected() {
		t.Errorf("without guid or name: %+v", r)
	}
	for _, text := range append([]string{r.GUID, r.Number, r.Name, r.Level, r.District, r.Kind}, r.Keywords...) {
		if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || len(text) > 500 {
			t.Errorf("not clean: %q", text)
		}
	}
	for _, text := range r.Texts {
		if !allowed.MatchString(strings.ToLower(text.HTML)) || !utf8.ValidString(text.HTML) || strings.Contains(text.HTML, "\x00") {
			t.Errorf("not clean: %q", text.HTML)
		}
	}
	for _, address := range r.WebAddresses {
		if u, err := url.Parse(address.URL); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			t.Errorf("not of the web: %q", address.URL)
		}
	}
	if !r.End.IsZero() && r.End.Before(r.Begin) {
		t.Errorf("ends on %s before it begins on %s", r.End, r.Begin)
	}
	for _, s := range r.Sessions {
		if s.Date.IsZero() || s.End != nil && (s.Start == nil || *s.End <= *s.Start) {
			t.Errorf("session %+v", s)
		}
	}
	for _, p := range r.Problems {
		if p.Severity == "" {
			t.Errorf("problem without severity: %+v", p)
		}
	}
}
