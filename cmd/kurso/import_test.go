package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"kurso/models/catalog/openvhs"
	"kurso/models/catalog/openvhs/generate"
	"kurso/models/modeltest"
)

// Limits of an import of 10,000 courses.
const (
	mostTime   = time.Minute
	mostMemory = 200 << 20
)

// ran is what a command left behind.
type ran struct {
	out, err string
	code     int
	took     time.Duration
	memory   int64 // bytes at the peak
}

// run runs one command of the program to its end.
func run(t *testing.T, database string, args ...string) ran {
	t.Helper()
	return typing(t, "", database, args...)
}

// typing is run for a command that reads what somebody types.
func typing(t *testing.T, typed, database string, args ...string) ran {
	t.Helper()
	path, err := kurso()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "DATABASE_URL="+database, "DATA_DIR="+dir, "LOG_LEVEL=error")
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(typed), &out, &errs
	began := time.Now()
	err = cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return ran{out.String(), errs.String(), cmd.ProcessState.ExitCode(), time.Since(began), usage.Maxrss << 10}
}

// The figures of KURSO_IMPORT_RECORDS=10000 prove the limits; fewer records show that it works.
func TestLargeCatalogueIsImportedWithinLimits(t *testing.T) {
	records := 500
	if s := os.Getenv("KURSO_IMPORT_RECORDS"); s != "" {
		var err error
		if records, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	for _, format := range []openvhs.Format{openvhs.XML, openvhs.JSON} {
		t.Run(string(format), func(t *testing.T) {
			database := modeltest.NewDatabase(t)
			start := time.Now().AddDate(0, 0, 14)
			for _, step := range []struct {
				name   string
				start  time.Time
				result string // one of the counts, without which there are few others
			}{{"first", start, "created"}, {"again", start, "unchanged"}, {"another term", start.AddDate(0, 0, 7), "updated"}} {
				file := catalogue(t, format, generate.Options{Courses: records, Seed: 1, Oddities: 0.1, Start: step.start})
				r := run(t, database, "import", file)
				m := regexp.MustCompile(`^(\d+) courses: .*?(\d+) ` + step.result).FindStringSubmatch(r.out)
				if r.code != 0 || m == nil {
					t.Fatalf("%s: exit %d\n%.2000s\n%.2000s", step.name, r.code, r.err, r.out)
				}
				if n, _ := strconv.Atoi(m[2]); m[1] != strconv.Itoa(records) || n < records*8/10 {
					t.Errorf("%s: %.200s", step.name, r.out)
				}
				t.Logf("%s: %s in %s with %d MB", step.name, strings.SplitN(r.out, "\n", 2)[0], r.took.Round(100*time.Millisecond), r.memory>>20)
				if r.took > mostTime || r.memory > mostMemory {
					t.Errorf("%s: %s and %d MB are beyond the limits", step.name, r.took, r.memory>>20)
				}
			}
		})
	}
}

func catalogue(t *testing.T, format openvhs.Format, o generate.Options) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kurse."+string(format))
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	write := generate.XML
	if format == openvhs.JSON {
		write = generate.JSON
	}
	if err := write(file, o); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestImportOnTheCommandLine(t *testing.T) {
	t.Parallel()
	database := modeltest.NewDatabase(t)
	sample, err := filepath.Abs("../../models/catalog/openvhs/testdata/openvhs-1.2-sample.xml")
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, database, "import", sample)
	if r.code != 0 || !strings.HasPrefix(r.out, "4 courses: 4 created, 0 updated, 0 unchanged, 0 left out\n0 errors, 10 warnings, 3 notes\n") ||
		!strings.Contains(r.out, "warning      1  VG5010105         Without a time: 3 Mar 2027.\n") || strings.Count(r.out, "\n") != 15 {
		t.Errorf("exit %d\n%s\n%s", r.code, r.err, r.out)
	}
	for name, c := range map[string]struct{ text, sentence string }{
		"zip":    {"PK\x03\x04", "This is a ZIP archive or an Office file."},
		"empty":  {"", "The file is empty."},
		"broken": {"<?xml version='1.0'?><openvhs:veranstaltungen xmlns:openvhs='http://www.dvv-vhs.de/Open-VHS'><veranstaltung>", "The file is damaged or incomplete"},
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if r := run(t, database, "import", path); r.code != 1 || !strings.Contains(r.err, c.sentence) || r.out != "" {
			t.Errorf("%s: exit %d\n%s\n%s", name, r.code, r.err, r.out)
		}
	}
	if r := run(t, database, "import", "nowhere.xml"); r.code != 1 || !strings.Contains(r.err, "nowhere.xml") {
		t.Errorf("a missing file: exit %d, %s", r.code, r.err)
	}
}
