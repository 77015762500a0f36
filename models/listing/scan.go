package listing

import (
	"fmt"
	"strconv"
)

// scan reads one row of cells, and the page's count if the row tells it.
func scan(read func(...any) error, p *Page, path string, keys int, counted bool) (Row, error) {
	columns := p.Columns
	row := Row{place: place{keys: make([]string, keys)}, Cells: make([]Cell, len(columns))}
	into := []any{&row.ID}
	for i := range keys {
		into = append(into, &row.place.keys[i])
	}
	hrefs := make([]*int64, len(columns))
	for i, c := range columns {
		into = append(into, &row.Cells[i].Value)
		if c.Currency != "" {
			into = append(into, &row.Cells[i].Currency)
		}
		if c.Whole != "" {
			into = append(into, &row.Cells[i].Whole)
		}
		if c.HrefID != "" {
			into = append(into, &hrefs[i])
		}
	}
	if counted {
		into = append(into, &p.Count)
	}
	if err := read(into...); err != nil {
		return row, err
	}
	row.place.id = row.ID
	for i, c := range columns {
		cell := &row.Cells[i]
		if b, ok := cell.Value.([]byte); ok {
			cell.Value = string(b)
		}
		if c.Kind == Cents && cell.Currency == "" {
			cell.Currency = "EUR"
		}
		switch {
		case hrefs[i] != nil:
			cell.Href = fmt.Sprintf(c.Href, *hrefs[i])
		case i == 0 && c.HrefID == "" && path != "":
			cell.Href = path + "/" + strconv.FormatInt(row.ID, 10)
		}
	}
	return row, nil
}
