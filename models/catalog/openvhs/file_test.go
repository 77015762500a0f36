package openvhs

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
)

func zipped(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	if _, err := w.Create("kurse.xml"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gzipped(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(xmlFile(flawless))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWholeFileRefused(t *testing.T) {
	t.Parallel()
	truncated := xmlFile(flawless, flawless)
	truncated = truncated[:len(truncated)-100]
	tests := []struct {
		name, file string
		want       *FileError
	}{
		{"nothing", "", fileError(FileEmpty)},
		{"white space", "\ufeff \r\n" + strings.Repeat(" ", 10_000), fileError(FileEmpty)},
		{"zip", zipped(t), fileError(FileZip)},
		{"zip with entries", "PK\x03\x04\x14\x00", fileError(FileZip)},
		{"gzip", gzipped(t), fileError(FileGzip)},
		{"pdf", "%PDF-1.7\n…", fileError(FilePDF)},
		{"old Excel", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x00\x00\x00", fileError(FileBinary)},
		{"CSV", "guid;nummer;name\n1;2;3\n", fileError(FileUnknown)},
		{"web page", "<!DOCTYPE html>\n<html lang=de><head><meta charset=utf-8><br></html>", fileError(FileWrongRoot, "Root", "html")},
		{"one course for itself", flawless, fileError(FileWrongRoot, "Root", "veranstaltung")},
		{"JSON list", "[1]", fileError(FileWrongJSONRoot)},
		{"other JSON", `{"kurse": [{"guid": "1"}]}`, fileError(FileWrongJSONRoot)},
		{"JSON with a text for root", `{"veranstaltungen": "keine"}`, fileError(FileWrongJSONRoot)},
		{"XML cut off", truncated, fileError(FileBroken, "Line", 34, "Column", 11, "Courses", 1)},
		{"XML with wrong end", xmlFile(flawless, "<veranstaltung>\n<name>x</nane></veranstaltung>"), fileError(FileBroken, "Line", 20, "Column", 15, "Courses", 1)},
		{"XML with two roots", xmlFile(flawless) + "\n<x/>", fileError(FileBroken, "Line", 19, "Column", 5, "Courses", 1)},
		{"text after XML", xmlFile(flawless) + "\nEnde", fileError(FileBroken, "Line", 19, "Column", 5, "Courses", 1)},
		{"XML and nothing", "<veranstaltungen>", fileError(FileBroken, "Line", 1, "Column", 18, "Courses", 0)},
		{"unknown entity", "<veranstaltungen>&x;</veranstaltungen>", fileError(FileBroken, "Line", 1, "Column", 21, "Courses", 0)},
		{"JSON cut off", "{\"veranstaltungen\":\n{\"veranstaltung\":[{\"guid\":\"1\"},\n {\"guid\":", fileError(FileBroken, "Line", 3, "Column", 10, "Courses", 1)},
		{"JSON without comma", "{\"veranstaltungen\":\n{\"veranstaltung\":[{\"guid\":\"1\"}\n {\"guid\":\"2\"}]}}", fileError(FileBroken, "Line", 3, "Column", 2, "Courses", 1)},
		{"text after JSON", `{"veranstaltungen":{"veranstaltung":[{}]}} x`, fileError(FileBroken, "Line", 1, "Column", 44, "Courses", 1)},
		{"no courses", xmlFile(), fileError(FileNoCourses)},
		{"no courses in JSON", `{"veranstaltungen":{"veranstaltung":[]}}`, fileError(FileNoCourses)},
		{"null courses", `{"veranstaltungen":{"veranstaltung":null}}`, fileError(FileNoCourses)},
		{"Latin 1 without saying so", "<veranstaltungen>\n<veranstaltung><name>T\xf6pfern</name></veranstaltung></veranstaltungen>", fileError(FileEncoding, "Line", 2)},
		{"JSON in Latin 1", "{\"veranstaltungen\":{\"veranstaltung\":[{\"name\":\"T\xf6pfern\"}]}}", fileError(FileEncoding, "Line", 1)},
		{"unknown charset", `<?xml version="1.0" encoding="klingon"?><veranstaltungen/>`, fileError(FileCharset, "Charset", "klingon")},
		{"endless course", xmlFile("<veranstaltung>" + strings.Repeat("<x>y</x>", maxCourseBytes/8+1000) + "</veranstaltung>"), fileError(FileCourseTooBig, "Courses", 0, "Megabytes", 2)},
		{"endless text", `{"veranstaltungen":{"veranstaltung":[{"name":"` + strings.Repeat("x", 2*maxCourseBytes), fileError(FileCourseTooBig, "Courses", 0, "Megabytes", 2)},
		{"deep XML", "<veranstaltungen>" + strings.Repeat("<x>", 100_000), fileError(FileCourseTooBig, "Courses", 0, "Megabytes", 2)},
		{"deep JSON", `{"veranstaltungen":{"veranstaltung":` + strings.Repeat("[", 100_000), fileError(FileCourseTooBig, "Courses", 0, "Megabytes", 2)},
	}
	tested := map[string]bool{FileTooLarge: true} // below
	for _, c := range tests {
		tested[c.want.Key] = true
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			mustHaveSentence(t, c.want.Key, c.want.Args)
			if _, err := Check(strings.NewReader(c.file)); !reflect.DeepEqual(err, error(c.want)) {
				t.Errorf("Check: %v, want %v", err, c.want)
			}
			if _, err := Read(strings.NewReader(c.file), func(Record) error { return nil }); !reflect.DeepEqual(err, error(c.want)) {
				t.Errorf("Read: %v, want %v", err, c.want)
			}
		})
	}
	if got, want := slices.Sorted(maps.Keys(tested)), slices.Sorted(slices.Values(FileKeys)); !slices.Equal(got, want) {
		t.Errorf("tested %v\nbut there are %v", got, want)
	}
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	for name, course := range map[string]string{"XML": flawless, "blanks": strings.Repeat(" ", 1000), "JSON": "{"} {
		file := xmlFile(strings.Repeat(course, 2*limit/len(course)))
		if course == "{" {
			file = `{"veranstaltungen":{"veranstaltung":[` + strings.Repeat(`{"guid":"1"},`, limit/10) + "{}]}}"
		}
		_, err := walk(strings.NewReader(file), limit, func(*node) error { return nil })
		if want := fileError(FileTooLarge, "Megabytes", 1); !reflect.DeepEqual(err, error(want)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	mustHaveSentence(t, FileTooLarge, TooLarge().Args)
	whole := xmlFile(flawless)
	if _, err := walk(strings.NewReader(whole), int64(len(whole)), func(*node) error { return nil }); err != nil {
		t.Errorf("a file of exactly the limit: %v", err)
	}
}

func TestReaderFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	for _, start := range []string{"", "<veranst", xmlFile(flawless)[:300], `{"veranst`, `{"veranstaltungen":{"veranstaltung":[{"guid"`} {
		_, err := Check(io.MultiReader(strings.NewReader(start), failing{broken}))
		if !errors.Is(err, broken) {
			t.Errorf("after %q: %v", start, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestCallerStops(t *testing.T) {
	t.Parallel()
	enough := errors.New("enough")
	for _, file := range []string{xmlFile(flawless, flawless), `{"veranstaltungen":{"veranstaltung":[{"guid":"1"},{"guid":"2"}]}}`} {
		calls := 0
		summary, err := Read(strings.NewReader(file), func(Record) error { calls++; return enough })
		if !errors.Is(err, enough) || calls != 1 || summary.Records != 1 {
			t.Errorf("%d calls, %v, %+v", calls, err, summary)
		}
	}
}

func TestEncodings(t *testing.T) {
	t.Parallel()
	course := strings.Replace(flawless, "Töpfern", "Töpfern „für 5 €“", 1)
	windows, err := charmap.Windows1252.NewEncoder().String(course)
	if err != nil {
		t.Fatal(err)
	}
	const end = "</veranstaltungen>"
	for name, file := range map[string]string{
		"UTF-8":         `<?xml version="1.0" encoding="utf-8"?><veranstaltungen>` + course + end,
		"byte order":    "\ufeff<?xml version=\"1.0\" encoding=\"UTF-8\"?><veranstaltungen>" + course + end,
		"blanks first":  "\r\n\n <veranstaltungen>" + course + end,
		"Latin 1":       `<?xml version="1.0" encoding="ISO-8859-1"?><veranstaltungen>` + windows + end,
		"Windows":       `<?xml version="1.0" encoding="windows-1252"?><veranstaltungen>` + windows + end,
		"UTF-16":        sixteen(`<?xml version="1.0" encoding="UTF-16"?><veranstaltungen>` + course + end),
		"declared only": `<?xml version="1.0" encoding="UTF-16"?><veranstaltungen>` + course + end,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, records := readAll(t, file)
			if records[0].Name != "Töpfern „für 5 €“" || len(records[0].Problems) != 0 {
				t.Errorf("got %q, %v", records[0].Name, records[0].Problems)
			}
		})
	}
	_, records := readAll(t, "\ufeff"+`{"veranstaltungen":{"veranstaltung":{"guid":"1","name":"Töpfern"}}}`)
	if records[0].Name != "Töpfern" {
		t.Errorf("JSON: %q", records[0].Name)
	}
}

// sixteen encodes as UTF-16, little end first, with a byte order mark.
func sixteen(text string) string {
	var b bytes.Buffer
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		_ = binary.Write(&b, binary.LittleEndian, unit)
	}
	return b.String()
}
