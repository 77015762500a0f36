package listing

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"strings"
	"time"

	"kurso/models/store"
)

// Format is how a file is written.
type Format string

// The formats: CSV as German Excel opens it (semicolons, UTF-8 with a byte order mark, decimal comma,
// dd.mm.yyyy), CSV as the rest of the world reads it (RFC 4180, UTF-8, decimal point, ISO 8601), and XLSX
// with typed cells.
const (
	GermanCSV Format = "csv_de"
	CSV       Format = "csv"
	XLSX      Format = "xlsx"
)

// Formats lists them in the order in which they are offered.
var Formats = []Format{GermanCSV, CSV, XLSX}

// Extension is the file name's, with its dot.
func (f Format) Extension() string {
	if f == XLSX {
		return ".xlsx"
	}
	return ".csv"
}

// ContentType is the media type of a file.
func (f Format) ContentType() string {
	if f == XLSX {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv; charset=utf-8"
}

// File says how an export is written.
type File struct {
	Format Format
	// Raw leaves every text as it is and writes codes instead of words, so that reading the file back loses
	// nothing. Otherwise a text that a spreadsheet could take for a formula gets a leading apostrophe in CSV.
	Raw bool
	// Zone is that of moments.
	Zone *time.Location
	// Word translates a message key.
	Word func(key string) string
	// Progress is told from time to time how many rows were written; it may be nil.
	Progress func(rows int64)
}

// Export writes all rows that the query chooses, with its visible columns and in its order, and tells how
// many there were. Memory does not grow with the rows. Cancelling ctx stops the query.
func (q Query) Export(ctx context.Context, st *store.Store, f File, w io.Writer) (rows int64, err error) {
	if f.Format == XLSX {
		return q.exportXLSX(ctx, st, f, w)
	}
	return q.exportCSV(ctx, st, f, w)
}

// everything reads the query's rows in its order; value is the expression of a column.
func (q Query) everything(ctx context.Context, st *store.Store, f File, value func(c *Column) string) *statement {
	n, sort := q.narrow(ctx, st.Now(), f.Zone), q.List.Column(q.Sort)
	s := n.statement()
	needs := []string{sort.SortNeeds}
	s.add("SELECT ")
	for i, c := range q.Visible() {
		if i > 0 {
			s.add(", ")
		}
		s.add(value(c))
		needs = append(needs, c.Needs)
	}
	n.from(s, q.List, needs...)
	s.add(order(sort.Sort, q.List.ID, q.Desc))
	return s
}

func (q Query) exportCSV(ctx context.Context, st *store.Store, f File, w io.Writer) (int64, error) {
	delimiter := ","
	if f.Format == GermanCSV {
		delimiter = ";"
	}
	buffered := bufio.NewWriterSize(w, 64<<10)
	if f.Format == GermanCSV {
		_, _ = buffered.WriteString("\ufeff")
	}
	var titles []string
	for _, c := range q.Visible() {
		titles = append(titles, quoted(q.title(c, f), delimiter))
	}
	_, _ = buffered.WriteString(strings.Join(titles, delimiter) + "\r\n")
	s := q.everything(ctx, st, f, f.text)
	rows, err := st.Copy(ctx, &crlf{w: buffered, progress: f.Progress}, "FORMAT csv, DELIMITER '"+delimiter+"'", s.String(), s.args...)
	if err != nil {
		return rows, err
	}
	return rows, buffered.Flush()
}

func (q Query) title(c *Column, f File) string {
	if f.Raw {
		return c.Key
	}
	return f.Word(q.List.TitleKey(c.Key))
}

// quoted is a cell of the heading, after RFC 4180.
func quoted(s, delimiter string) string {
	if strings.ContainsAny(s, delimiter+"\"\r\n") {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}

// literal is text as an SQL constant.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// text is the SQL expression of a column as the file shows it: Postgres formats, so that a million rows pass
// through this process as bytes.
func (f File) text(c *Column) string {
	german := f.Format == GermanCSV
	switch c.Kind {
	case Cents, Decimal:
		amount := "((" + c.SQL + ") * 0.01)::text"
		if german {
			return "replace(" + amount + ", '.', ',')"
		}
		return amount
	case Day:
		if german {
			return "to_char(" + c.SQL + ", 'DD.MM.YYYY')"
		}
		return "(" + c.SQL + ")::text"
	case Moment:
		if f.Raw {
			return "to_char((" + c.SQL + ") AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
		}
		local := "(" + c.SQL + ") AT TIME ZONE " + literal(f.Zone.String())
		if german {
			return "to_char(" + local + ", 'DD.MM.YYYY HH24:MI')"
		}
		// to_char takes several times as long
		return "replace(date_trunc('second', " + local + ")::text, ' ', 'T')"
	case Flag:
		if f.Raw {
			return c.SQL
		}
		return "CASE WHEN " + c.SQL + " THEN " + literal(f.Word("ui.yes")) + " WHEN NOT " + c.SQL + " THEN " + literal(f.Word("ui.no")) + " END"
	case Choice:
		if f.Raw {
			return c.SQL
		}
		return f.words(c, c.SQL)
	case Choices:
		words := "split_part(code, chr(30), 1)"
		if !f.Raw {
			words = f.words(c, words)
		}
		words += " || CASE WHEN strpos(code, chr(30)) > 0 THEN ': ' || substr(code, strpos(code, chr(30)) + 1) ELSE '' END"
		return f.joined(c, words, "; ")
	case Phrase:
		if f.Raw {
			return f.joined(c, "split_part(code, chr(30), -1)", "")
		}
		words := f.joined(c, f.words(c, "split_part(code, chr(30), 1)"), "")
		if german {
			for _, g := range germanForms {
				words = "regexp_replace(" + words + ", " + literal(g.international) + ", " + literal(g.german) + ", 'g')"
			}
		}
		return words
	case Text:
		if f.Raw {
			return c.SQL
		}
		return "csv_cell(" + c.SQL + ")"
	}
	return c.SQL
}

// germanForms turn days and amounts within phrases, "2027-02-03" and "82.80 EUR", into what German CSV has: patterns and
// replacements of Postgres.
var germanForms = []struct{ international, german string }{
	{`([0-9]{4})-([0-9]{2})-([0-9]{2})`, `\3.\2.\1`},
	{`([0-9])\.([0-9]{2}) EUR`, "\\1,\\2\u00a0€"},
	{`([0-9])\.([0-9]{2}) ([A-Z]{3})`, "\\1,\\2\u00a0\\3"},
}

// joined is an expression for all values of a column; each is one for that in code.
func (f File) joined(c *Column, each, between string) string {
	all := "string_agg(" + each + ", " + literal(between) + " ORDER BY n)"
	if !f.Raw {
		all = "csv_cell(" + all + ")"
	}
	return "(SELECT " + all + " FROM unnest(string_to_array(" + c.SQL + ", chr(31))) WITH ORDINALITY AS codes (code, n))"
}

// fewCodes are compared one after the other; more are looked up.
const fewCodes = 20

// words is an expression for the words of a code.
func (f File) words(c *Column, code string) string {
	if len(c.Codes) > fewCodes {
		words := make(map[string]string, len(c.Codes))
		for _, code := range c.Codes {
			words[code] = f.Word(c.Words + code)
		}
		object, _ := json.Marshal(words) // texts always can
		return "coalesce(" + literal(string(object)) + "::jsonb ->> " + code + ", " + code + ")"
	}
	var s strings.Builder
	s.WriteString("CASE " + code)
	for _, code := range c.Codes {
		s.WriteString(" WHEN " + literal(code) + " THEN " + literal(f.Word(c.Words+code)))
	}
	s.WriteString(" ELSE " + code + " END")
	return s.String()
}

// crlf turns the line ends of COPY into those of RFC 4180. Line ends within quotes are text and stay.
type crlf struct {
	w        *bufio.Writer
	within   bool
	rows     int64
	progress func(rows int64)
}

func (c *crlf) Write(p []byte) (int, error) {
	start := 0
	before := c.rows
	for i, b := range p {
		switch {
		case b == '"':
			c.within = !c.within
		case b == '\n' && !c.within:
			if _, err := c.w.Write(p[start:i]); err != nil {
				return 0, err
			}
			if _, err := c.w.WriteString("\r\n"); err != nil {
				return 0, err
			}
			start = i + 1
			c.rows++
		}
	}
	if _, err := c.w.Write(p[start:]); err != nil {
		return 0, err
	}
	if c.progress != nil && c.rows>>10 != before>>10 {
		c.progress(c.rows)
	}
	return len(p), nil
}
