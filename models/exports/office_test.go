package exports_test

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/accounts"
	"kurso/models/listing"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// oddTexts are what people write into fields, and what attackers do.
var oddTexts = []string{
	"Jörg Müßig-Çelik", "=1+1", "@SUM(1;1)", "+49 30 123", "+4930123", "-5", "0049", "1.234,50", "1,234.50", "01.02.2027", "TRUE", "1e5", "1/2",
	"🙂 👩‍👩‍👧", `sagt "ja"`, `"`, "a;b,c", "eins\nzwei", "eins\r\nzwei", "'schon", " vorn und hinten ", "\t=1+1", "\u00a0=1+1", "\n=1+1", "-1+cmd|' /C calc'!A0",
	`=HYPERLINK("http://example.org";"x")`, "<b>&amp;</b>", "_x0041_", "a\vb\x01", "#NAME?", "naïve \\N \\.",
}

// officeFields are those of the files that are opened, the texts first.
const officeFields = "columns=note,last_name,phone,zip,total,requested_at,start_date,places,state&sort=requested_at"

// LibreOffice opens every format without asking, shows texts as texts, dates as dates and amounts as numbers, and
// finds nothing to calculate.
func TestLibreOfficeReadsExports(t *testing.T) {
	if testing.Short() {
		t.Skip("takes a quarter of a minute")
	}
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not installed: what it makes of exports is not looked at")
	}
	t.Parallel()
	w := modeltest.New(t)
	ctx := as(t, w, accounts.Administration)
	c := w.MustCreateCourse(t)
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		// every other one is requested in summer, the day before the first
		_, err := tx.NewRaw(`INSERT INTO bookings (course_id, state, places, total_cents, first_name, last_name, email, phone, zip, note, form_nonce, verify_nonce, verify_hash,
			verify_expires_at, verify_sent_at, manage_nonce, manage_hash, requested_at, updated_at)
			SELECT ?, 'EXPIRED', t.n, 123450 * t.n, '', 'Ünal', '', '+49 30 123', '01067', t.text, 'r' || t.n, '', decode(md5('v' || t.n), 'hex'), now(), now(), '', decode(md5('m' || t.n), 'hex'),
				TIMESTAMPTZ '2026-07-01 23:30:00Z' + t.n * interval '1 minute', now()
			FROM unnest(ARRAY[?]::text[]) WITH ORDINALITY AS t (text, n)`, c.ID, bun.List(oddTexts)).Exec(ctx)
		return err
	})
	o := &office{soffice: soffice, dir: t.TempDir()}
	day := c.StartDate.Format(time.DateOnly)
	for _, f := range []struct {
		name   string
		format listing.Format
		raw    bool
		// options are those of LibreOffice's filter: separator, language, and the kind of each column if the
		// person chooses it
		options string
		// exact says that every text is as it was typed; guessed, that it may be taken for a number or a date
		exact, guessed bool
	}{
		{name: "German CSV, as it opens", format: listing.GermanCSV, options: "CSV:59,34,76,1,,1031,false,true", guessed: true},
		{name: "German CSV, texts chosen", format: listing.GermanCSV, options: "CSV:59,34,76,1,1/2/2/2/3/2/4/2,1031,false,true"},
		{name: "international CSV, as it opens", format: listing.CSV, options: "CSV:44,34,76,1,,1033,false,true", guessed: true},
		{name: "international CSV, texts chosen", format: listing.CSV, options: "CSV:44,34,76,1,1/2/2/2/3/2/4/2,1033,false,true"},
		{name: "raw CSV, texts chosen", format: listing.CSV, raw: true, options: "CSV:44,34,76,1,1/2/2/2/3/2/4/2,1033,false,true", exact: true},
		{name: "XLSX", format: listing.XLSX, exact: true},
	} {
		t.Run(f.name, func(t *testing.T) {
			in := input(officeFields, f.format)
			in.Raw = f.raw
			rows := o.open(t, write(t, ctx, w, in), f.format, f.options)
			if len(rows) != len(oddTexts)+1 {
				t.Fatalf("%d rows", len(rows))
			}
			for i, typed := range oddTexts {
				row := rows[i+1]
				for _, cell := range row {
					if cell.formula != "" {
						t.Errorf("%q: calculates %s", typed, cell.formula)
					}
				}
				want := typed
				if !f.exact {
					want = guarded(typed)
				}
				if f.format == listing.XLSX {
					want = strings.NewReplacer("\v", "\n", "\x01", "").Replace(want) // a sheet has no control characters
				}
				if got := row[0]; !f.guessed && got.kind != "string" || (got.kind == "string" || !f.guessed) && got.text != asShown(want) {
					t.Errorf("%q is the %s %q, want %q", typed, got.kind, got.text, want)
				}
				phone, zip := "+49 30 123", "01067"
				if !f.exact {
					phone = "'" + phone
				}
				if row[1].text != "Ünal" || row[2].text != phone || row[2].kind != "string" {
					t.Errorf("%q, %s %q", row[1].text, row[2].kind, row[2].text)
				}
				if !f.guessed && (row[3].text != zip || row[3].kind != "string") {
					t.Errorf("the postcode is the %s %q", row[3].kind, row[3].text)
				}
				n := i + 1
				if got := row[4]; got.kind != "float" && got.kind != "currency" || got.value != strconv.FormatFloat(1234.5*float64(n), 'f', -1, 64) {
					t.Errorf("the amount is the %s %s", got.kind, got.value)
				}
				local := time.Date(2026, 7, 2, 1, 30+n, 0, 0, time.UTC) // Berlin's summer, two hours ahead
				if got := row[5]; !f.raw && (got.kind != "date" || got.value != local.Format("2006-01-02T15:04:05")) {
					t.Errorf("the moment is the %s %s, want %s", got.kind, got.value, local)
				}
				if got := row[6]; got.kind != "date" || got.value != day {
					t.Errorf("the day is the %s %s, want %s", got.kind, got.value, day)
				}
				if got := row[7]; got.kind != "float" || got.value != strconv.Itoa(n) {
					t.Errorf("the number is the %s %s", got.kind, got.value)
				}
				if want := map[bool]string{true: "EXPIRED", false: "Verfallen"}[f.raw]; row[8].text != want {
					t.Errorf("the state is %q, want %q", row[8].text, want)
				}
			}
		})
	}
}

// guarded is a text as CSV has it for people: what could be calculated gets an apostrophe.
func guarded(s string) string {
	if inner := strings.TrimLeft(s, " \n\u00a0\u3000"); inner != "" && strings.ContainsAny(inner[:1], "=+-@\t\r") {
		return "'" + s
	}
	return s
}

// asShown is a text as LibreOffice writes it down: one kind of line end, no control characters.
func asShown(s string) string {
	return strings.NewReplacer("\r\n", "\n", "\v", "", "\x01", "").Replace(s)
}

// office is LibreOffice with a profile of its own.
type office struct{ soffice, dir string }

// cell is one of a sheet. kind is ODF's: string, float, date. value is that of numbers and dates.
type cell struct{ kind, value, text, formula string }

// open lets LibreOffice open a file and tells what it sees.
func (o *office) open(t *testing.T, file string, format listing.Format, options string) [][]cell {
	t.Helper()
	dir := t.TempDir()
	in := filepath.Join(dir, "export"+format.Extension())
	if err := os.WriteFile(in, []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"-env:UserInstallation=file://" + filepath.ToSlash(o.dir), "--headless", "--convert-to", "fods", "--outdir", dir}
	if options != "" {
		args = append(args, "--infilter="+options)
	}
	said, err := exec.CommandContext(t.Context(), o.soffice, append(args, in)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	out, err := os.Open(filepath.Join(dir, "export.fods"))
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	defer func() { _ = out.Close() }()
	return readSheet(t, out)
}

// readSheet reads the first sheet of a flat OpenDocument file, without its empty rows.
func readSheet(t *testing.T, r io.Reader) (rows [][]cell) {
	t.Helper()
	d := xml.NewDecoder(r)
	var row []cell
	var paragraphs, repeated int
	within := false
	attr := func(e xml.StartElement, name string) string {
		for _, a := range e.Attr {
			if a.Name.Local == name {
				return a.Value
			}
		}
		return ""
	}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			last := len(row) - 1
			switch e.Name.Local {
			case "table-row":
				row = nil
			case "table-cell":
				value := attr(e, "value")
				if value == "" {
					value = attr(e, "date-value")
				}
				repeated, _ = strconv.Atoi(attr(e, "number-columns-repeated"))
				row, paragraphs = append(row, cell{kind: attr(e, "value-type"), value: value, formula: attr(e, "formula")}), 0
			case "p":
				if within = len(row) > 0; within && paragraphs > 0 {
					row[last].text += "\n"
				}
				paragraphs++
			case "s":
				row[last].text += strings.Repeat(" ", max(1, number(attr(e, "c"))))
			case "tab":
				row[last].text += "\t"
			}
		case xml.CharData:
			if within {
				row[len(row)-1].text += string(e)
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "p":
				within = false
			case "table-cell":
				for ; repeated > 1 && repeated < 100; repeated-- {
					row = append(row, row[len(row)-1])
				}
			case "table-row":
				if len(row) > 1 {
					rows = append(rows, row)
				}
			case "table":
				return rows
			}
		}
	}
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
