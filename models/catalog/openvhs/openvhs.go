// Package openvhs reads course catalogues in the exchange format of the German adult-education centres:
// Open-vhs XML (0.9 to 1.2) and Berlin's JSON dialect of it. Both become the same Record.
//
// A file is read twice by whoever imports it: Check walks it to the end and tells whether it is whole and how
// many courses it holds; then Read hands out the courses one by one. So nothing is ever half imported.
// Both stream: memory does not grow with the file.
package openvhs

import (
	"io"
	"time"
)

// MaxBytes is the size above which Check and Read refuse a file.
const MaxBytes = 100 << 20

// maxCourseBytes bounds what one course may take, and with it the memory that reading takes.
const maxCourseBytes = 2 << 20

// Format names a dialect.
type Format string

const (
	XML  Format = "xml"
	JSON Format = "json"
)

// Summary describes a file as a whole.
type Summary struct {
	Format      Format
	Version     string // of Open-vhs, as the file says; empty in Berlin's dialect
	CreatorGUID string
	CreatorName string
	CreatedAt   time.Time // zero if the file does not say
	Records     int       // courses in the file
	Rejected    int       // of them, those with an error; always 0 from Check
}

// Check walks a whole file without interpreting its courses. Its error is a *FileError if the file cannot be
// imported, or the reader's own.
func Check(r io.Reader) (Summary, error) {
	return walk(r, MaxBytes, func(*node) error { return nil })
}

// Read calls fn for each course of the file, in order, also for those that are not to be imported
// (Record.Rejected). An error of fn ends the reading and is returned as it is; other errors are those of Check.
func Read(r io.Reader, fn func(Record) error) (Summary, error) {
	catalogue := newCatalogue()
	rejected := 0
	summary, err := walk(r, MaxBytes, func(course *node) error {
		record := catalogue.record(course)
		if record.Rejected() {
			rejected++
		}
		return fn(record)
	})
	summary.Rejected = rejected
	return summary, err
}

// walk recognises the dialect and calls fn for each course.
func walk(r io.Reader, limit int64, fn func(*node) error) (Summary, error) {
	var summary Summary
	src, format, err := open(r, limit)
	if err != nil {
		return summary, err
	}
	summary.Format = format
	counted := func(course *node) error {
		summary.Records++
		return fn(course)
	}
	if format == XML {
		err = walkXML(src, &summary, counted)
	} else {
		err = walkJSON(src, &summary, counted)
	}
	if err == nil && summary.Records == 0 {
		err = fileError(FileNoCourses)
	}
	return summary, err
}

// describe takes over what the export element tells about the file.
func (s *Summary) describe(export *node) {
	creator := export.first("ersteller")
	s.CreatorGUID = creator.first("guid").line()
	s.CreatorName = creator.first("name").line()
	if at, err := time.Parse(time.RFC3339, export.first("erstellungszeitpunkt").line()); err == nil {
		s.CreatedAt = at
	}
}
