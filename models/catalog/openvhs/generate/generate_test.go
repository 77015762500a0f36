package generate

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"kurso/models/catalog/openvhs"
)

var start = time.Date(2027, 2, 1, 3, 0, 0, 0, time.UTC)

var dialects = map[string]func(io.Writer, Options) error{"XML": XML, "JSON": JSON}

func records(t *testing.T, file []byte) []openvhs.Record {
	t.Helper()
	var all []openvhs.Record
	if _, err := openvhs.Read(bytes.NewReader(file), func(r openvhs.Record) error {
		all = append(all, r)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

func generated(t *testing.T, dialect string, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := dialects[dialect](&b, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFlawless(t *testing.T) {
	t.Parallel()
	for dialect := range dialects {
		all := records(t, generated(t, dialect, Options{Courses: 1000, Seed: 7, Start: start}))
		if len(all) != 1000 {
			t.Fatalf("%s: %d courses", dialect, len(all))
		}
		online := 0
		for _, r := range all {
			if len(r.Problems) > 0 {
				t.Fatalf("%s: %s has %v", dialect, r.Name, r.Problems)
			}
			if r.Delivery != openvhs.OnSite {
				online++
			} else if r.Location == nil || len(r.Sessions) == 0 {
				t.Fatalf("%s: nobody would find %s", dialect, r.Name)
			}
			if r.Begin.At(0, time.UTC).Before(start.Truncate(24 * time.Hour)) {
				t.Fatalf("%s: %s begins on %s, before the term", dialect, r.Name, r.Begin)
			}
		}
		if online == 0 || online > 300 {
			t.Errorf("%s: %d of 1000 courses online", dialect, online)
		}
	}
}

func TestSameOptionsSameFile(t *testing.T) {
	t.Parallel()
	for dialect := range dialects {
		o := Options{Courses: 50, Seed: 1, Start: start, Oddities: 0.5}
		first := sha256.Sum256(generated(t, dialect, o))
		if sha256.Sum256(generated(t, dialect, o)) != first {
			t.Errorf("%s: twice the same options, two files", dialect)
		}
		o.Seed = 2
		if sha256.Sum256(generated(t, dialect, o)) == first {
			t.Errorf("%s: another seed, the same file", dialect)
		}
	}
}

func TestGUIDs(t *testing.T) {
	t.Parallel()
	o := Options{Courses: 200, Seed: 1, Start: start}
	small := records(t, generated(t, "XML", o))
	o.Courses, o.Start = 300, start.AddDate(0, 1, 0)
	large := records(t, generated(t, "JSON", o))
	for i, r := range small {
		if large[i].GUID != r.GUID || large[i].Name != r.Name || large[i].Begin == r.Begin {
			t.Fatalf("course %d: %s %s %s became %s %s %s", i, r.GUID, r.Name, r.Begin, large[i].GUID, large[i].Name, large[i].Begin)
		}
	}
}

// Each oddity makes exactly the problems it says, in both dialects, and the course behind it has none.
func TestOddities(t *testing.T) {
	t.Parallel()
	o := Options{Courses: 3, Seed: 11, Start: start}
	for _, odd := range oddities {
		for dialect, w := range map[string]writer{"XML": newXMLWriter(o), "JSON": &jsonWriter{}} {
			t.Run(odd.name+" in "+dialect, func(t *testing.T) {
				t.Parallel()
				var b bytes.Buffer
				out := bufio.NewWriter(&b)
				w.start(out)
				for i := range 3 {
					c, _ := newCourse(o, i)
					if i == 1 {
						spoil(&c, odd, o, i)
					}
					if err := w.course(out, c); err != nil {
						t.Fatal(err)
					}
				}
				w.end(out)
				if err := out.Flush(); err != nil {
					t.Fatal(err)
				}
				all := records(t, b.Bytes())
				keys := map[string]bool{}
				for _, p := range all[1].Problems {
					keys[strings.TrimPrefix(p.Key, "import.problem.")] = true
				}
				if got := slices.Sorted(maps.Keys(keys)); !slices.Equal(got, odd.keys) {
					t.Errorf("problems %v, want %v", got, odd.keys)
				}
				if len(all[0].Problems)+len(all[2].Problems) > 0 {
					t.Errorf("the neighbours suffer: %v, %v", all[0].Problems, all[2].Problems)
				}
			})
		}
	}
}

func TestShareOfOddities(t *testing.T) {
	t.Parallel()
	odd, keys := 0, map[string]bool{}
	for _, r := range records(t, generated(t, "JSON", Options{Courses: 2000, Seed: 3, Start: start, Oddities: 0.2})) {
		if len(r.Problems) > 0 {
			odd++
		}
		for _, p := range r.Problems {
			keys[p.Key] = true
		}
	}
	if odd < 300 || odd > 500 {
		t.Errorf("%d of 2000 courses are odd, want about 400", odd)
	}
	if len(keys) < len(oddities)-2 {
		t.Errorf("only %d kinds of problems", len(keys))
	}
}
