// Package generate makes course catalogues as adult-education centres publish them, for tests, benchmarks and
// demo data: of any size, in both dialects of Open-vhs, and always the same for the same options.
package generate

import (
	"bufio"
	"io"
	"math/rand/v2"
	"time"
)

// Options describe a catalogue.
type Options struct {
	// Courses is how many there are. A course depends on Seed and its position only, so a larger catalogue of
	// the same seed begins with the courses of a smaller one.
	Courses int
	Seed    uint64
	// Start is the day on which the term begins; the courses begin on it and in the six months after it.
	// Another Start with the same Seed gives the same courses, by guid, on other days.
	Start time.Time
	// Oddities is the share of courses, from 0 to 1, that have one of the flaws found in the field.
	// Without them a catalogue has nothing to remark.
	Oddities float64
}

// XML writes a catalogue in Open-vhs 1.2.
func XML(w io.Writer, o Options) error { return write(w, o, newXMLWriter(o)) }

// JSON writes a catalogue in Berlin's dialect. 10,000 courses are about 49 MB.
func JSON(w io.Writer, o Options) error { return write(w, o, &jsonWriter{}) }

// writer puts courses into a dialect.
type writer interface {
	start(out *bufio.Writer)
	course(out *bufio.Writer, c course) error
	end(out *bufio.Writer)
}

func write(w io.Writer, o Options, dialect writer) error {
	out := bufio.NewWriterSize(w, 64<<10)
	dialect.start(out)
	for i := range o.Courses {
		c, random := newCourse(o, i)
		if random.Float64() < o.Oddities {
			spoil(&c, oddities[random.IntN(len(oddities))], o, i)
		}
		if err := dialect.course(out, c); err != nil {
			return err
		}
	}
	dialect.end(out)
	return out.Flush()
}

// source is the chance that decides about one course.
type source struct{ *rand.Rand }

func newSource(o Options, index int) source {
	return source{rand.New(rand.NewPCG(o.Seed, uint64(index)))}
}

func pick[T any](s source, from []T) T { return from[s.IntN(len(from))] }

// between returns a number from low to high, both included.
func (s source) between(low, high int) int { return low + s.IntN(high-low+1) }

// percent is true in so many of a hundred cases.
func (s source) percent(n int) bool { return s.IntN(100) < n }
