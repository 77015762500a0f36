package listing

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"kurso/models/store"
)

// MaxXLSX is how many rows a sheet takes, its heading aside.
const MaxXLSX = 1_048_575

// ErrTooManyRows says that a sheet ends before the list does.
var ErrTooManyRows = &store.RuleError{Key: "error.export.too_many_rows", Args: []any{"Max", MaxXLSX}}

const sheet = "Sheet1"

// exportXLSX writes typed cells: numbers, amounts and dates are such, and text is text whatever it begins
// with. Rows go to a temporary file first, which is how the format is streamed.
func (q Query) exportXLSX(ctx context.Context, st *store.Store, f File, w io.Writer) (rows int64, err error) {
	dir, err := os.MkdirTemp("", temporary)
	if err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	book := excelize.NewFile(excelize.Options{TmpDir: dir})
	defer func() { _ = book.Close() }()
	styles, err := xlsxStyles(book)
	if err != nil {
		return 0, err
	}
	out, err := book.NewStreamWriter(sheet)
	if err != nil {
		return 0, err
	}
	columns := q.Visible()
	head := make([]any, len(columns))
	for i, c := range columns {
		head[i] = excelize.Cell{StyleID: styles.head, Value: q.title(c, f)}
		if err := out.SetColWidth(i+1, i+1, xlsxWidth[c.Kind]); err != nil {
			return 0, err
		}
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return 0, err
	}
	if err := out.SetRow("A1", head); err != nil {
		return 0, err
	}
	s := q.everything(ctx, st, f, func(c *Column) string { return c.SQL })
	found, err := st.Rows(ctx, s.String(), s.args...)
	if err != nil {
		return 0, err
	}
	defer func() { _ = found.Close() }()
	values, into := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for found.Next() {
		if rows++; rows > MaxXLSX {
			return 0, ErrTooManyRows
		}
		if err := found.Scan(into...); err != nil {
			return 0, err
		}
		cells := make([]any, len(columns))
		for i, c := range columns {
			cells[i] = f.xlsxCell(c, values[i], styles)
		}
		if err := out.SetRow(fmt.Sprintf("A%d", rows+1), cells); err != nil {
			return 0, err
		}
		if f.Progress != nil && rows%1000 == 0 {
			f.Progress(rows)
		}
	}
	if err := found.Err(); err != nil {
		return 0, err
	}
	if err := out.Flush(); err != nil {
		return 0, err
	}
	_, err = book.WriteTo(w)
	return rows, err
}

// temporary is how the folders are called in which sheets are put together.
const temporary = "kurso-xlsx-"

// SweepTemporary deletes what killed processes on this machine left of the sheets that they began before a moment.
func SweepTemporary(before time.Time) error {
	left, err := filepath.Glob(filepath.Join(os.TempDir(), temporary+"*"))
	if err != nil {
		return err
	}
	for _, dir := range left {
		if info, err := os.Stat(dir); err != nil || !info.ModTime().Before(before) {
			continue // it is gone, or still in use
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}

var xlsxWidth = map[Kind]float64{Text: 24, Choice: 16, Choices: 24, Phrase: 48, Number: 10, Cents: 12, Decimal: 10, Day: 12, Moment: 18, Flag: 8}

type xlsxFormats struct{ head, cents, day, moment int }

func xlsxStyles(book *excelize.File) (x xlsxFormats, err error) {
	amount, day, moment := "#,##0.00", "dd.mm.yyyy", "dd.mm.yyyy hh:mm"
	for _, s := range []struct {
		id    *int
		style excelize.Style
	}{
		{&x.head, excelize.Style{Font: &excelize.Font{Bold: true}}},
		{&x.cents, excelize.Style{CustomNumFmt: &amount}},
		{&x.day, excelize.Style{CustomNumFmt: &day}},
		{&x.moment, excelize.Style{CustomNumFmt: &moment}},
	} {
		if *s.id, err = book.NewStyle(&s.style); err != nil {
			return x, err
		}
	}
	return x, nil
}

// xlsxCell is one cell; nil stays empty.
func (f File) xlsxCell(c *Column, v any, x xlsxFormats) any {
	if b, ok := v.([]byte); ok {
		v = string(b)
	}
	switch value := v.(type) {
	case int64:
		if c.Kind == Cents || c.Kind == Decimal {
			return excelize.Cell{StyleID: x.cents, Value: math.Round(float64(value)) / 100}
		}
	case time.Time:
		// a sheet knows no zones: the wall clock's time is written as if it were UTC's
		if c.Kind == Day {
			return excelize.Cell{StyleID: x.day, Value: value.UTC()}
		}
		l := value.In(f.Zone)
		return excelize.Cell{StyleID: x.moment, Value: time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), 0, time.UTC)}
	case bool:
		if !f.Raw {
			return f.Word(map[bool]string{true: "ui.yes", false: "ui.no"}[value])
		}
	case string:
		switch {
		case c.Kind == Choice && !f.Raw:
			return f.Word(c.Words + value)
		case c.Kind == Choices, c.Kind == Phrase:
			if f.Raw {
				return c.Said(value, nil)
			}
			return c.Said(value, f.Word)
		}
		return strings.Map(inSheet, value)
	}
	return v
}

// inSheet is how a sheet can have a character: its XML takes no control characters. Word processors mean a new
// line by the vertical tab.
func inSheet(r rune) rune {
	switch {
	case r == '\v' || r == '\f':
		return '\n'
	case r < ' ' && r != '\t' && r != '\n' && r != '\r':
		return -1
	}
	return r
}
