package exports_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/demo"
	"kurso/models/exports"
	"kurso/models/listing"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// Every list, asked in every way by people of every reach, exports precisely the rows and columns of its
// pages.
func TestEveryListExportsWhatItShows(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	if err := demo.Load(t.Context(), w.Store); err != nil {
		t.Fatal(err)
	}
	administrator := as(t, w, accounts.Administration)
	for name, ctx := range map[string]context.Context{
		"administration": administrator, "reading": as(t, w, "read_only"), "own courses": limited(t, w), "nobody": as(t, w),
	} {
		for _, l := range exports.Lists {
			t.Run(name+"/"+l.Name, func(t *testing.T) {
				t.Parallel()
				if _, err := exports.Parse(ctx, l, nil); err != nil {
					if exports.May(ctx, l) {
						t.Fatal(err)
					}
					return
				}
				asked := addresses(t, ctx, w, l)
				if name != "administration" {
					asked = asked[:min(len(asked), 6)]
				}
				found := 0
				for _, address := range asked {
					found += compare(t, ctx, w, l, address)
				}
				if found == 0 && name == "administration" && !slices.Contains([]string{"imports", "import_problems", "exports"}, l.Name) {
					t.Error("no rows were compared")
				}
			})
		}
	}
}

// limited is ctx for somebody who reads what belongs to the first of the administrator's courses.
func limited(t *testing.T, w *modeltest.World) context.Context {
	t.Helper()
	ctx := as(t, w)
	user := store.ActorOf(ctx).UserID
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		for _, sql := range []string{
			"INSERT INTO roles (name, reach, created_at, updated_at) VALUES ('Eigene', 'own', now(), now())",
			"INSERT INTO role_permissions SELECT r.id, p FROM roles r, unnest(ARRAY['courses.read', 'participants.read', 'bookings.read', 'outbox.read']) p WHERE r.name = 'Eigene'",
			"INSERT INTO user_roles (user_id, role_id) SELECT ?, id FROM roles WHERE name = 'Eigene'",
			"INSERT INTO course_staff (course_id, user_id) SELECT id, ? FROM courses ORDER BY id LIMIT 7",
		} {
			if _, err := tx.NewRaw(sql, user).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	g, err := accounts.LoadGrants(t.Context(), w.Store, user)
	if err != nil {
		t.Fatal(err)
	}
	return accounts.WithGrants(ctx, g)
}

// addresses are the list as it opens, with all its columns, in every order, with every filter and a search.
func addresses(t *testing.T, ctx context.Context, w *modeltest.World, l *listing.List) []string {
	t.Helper()
	var keys []string
	for _, c := range l.Columns {
		keys = append(keys, c.Key)
	}
	out := []string{"", "columns=" + strings.Join(keys, ","), l.Opens}
	if l.Search != "" {
		out = append(out, "q=a", "q=er+in", "q=haus")
	}
	for _, c := range l.Columns {
		if len(c.Sort) > 0 {
			out = append(out, "sort="+c.Key, "sort=-"+c.Key)
		}
	}
	for _, f := range l.Filters {
		switch f.Kind {
		case listing.Choice:
			for _, v := range f.Values {
				out = append(out, f.Key+"="+v)
			}
		case listing.Record:
			out = append(out, f.Key+"=1", f.Key+"=2,3")
		case listing.Flag:
			out = append(out, f.Key+"=yes", f.Key+"=no")
		case listing.Text:
			out = append(out, f.Key+"=an")
		case listing.Day, listing.Moment:
			out = append(out, f.Key+"=this_month", f.Key+"=from_today", f.Key+"=before_today", f.Key+"=2020-01-01..2026-12-31")
		case listing.Number, listing.Cents, listing.Decimal:
			out = append(out, f.Key+"=2..", f.Key+"=..100")
		}
	}
	return out
}

// compare reads all pages of an address and its exported file, and tells how many rows there were.
func compare(t *testing.T, ctx context.Context, w *modeltest.World, l *listing.List, address string) int {
	t.Helper()
	values := exports.Values(address)
	q, err := exports.Parse(ctx, l, values)
	if err != nil {
		t.Errorf("?%s: %v", address, err)
		return 0
	}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	word := locales.Translator("de")
	var shown [][]string
	var count int64
	for after := ""; ; {
		page := url.Values{}
		for k, v := range values {
			page[k] = v
		}
		if after != "" {
			page.Set("after", after)
		}
		pq, err := exports.Parse(ctx, l, page)
		if err != nil {
			t.Errorf("?%s: %v", page.Encode(), err)
			return 0
		}
		p, err := pq.Read(ctx, w.Store, zone)
		if err != nil {
			t.Errorf("?%s: %v", page.Encode(), err)
			return 0
		}
		count = p.Count
		for _, row := range p.Rows {
			cells := make([]string, len(row.Cells))
			for i, c := range row.Cells {
				cells[i] = written(p.Columns[i], c, zone, word)
			}
			shown = append(shown, cells)
		}
		if after = p.Next; after == "" || len(shown) > 2000 {
			break
		}
	}
	if int(count) != len(shown) {
		t.Errorf("?%s: %d rows are counted and %d shown", address, count, len(shown))
	}
	var b strings.Builder
	rows, err := q.Export(ctx, w.Store, listing.File{Format: listing.CSV, Zone: zone, Word: word}, &b)
	if err != nil {
		t.Errorf("?%s: %v", address, err)
		return 0
	}
	r := csv.NewReader(strings.NewReader(b.String()))
	file, err := r.ReadAll()
	if err != nil {
		t.Errorf("?%s: %v", address, err)
		return 0
	}
	var titles []string
	for _, c := range q.Visible() {
		titles = append(titles, word(l.TitleKey(c.Key)))
	}
	if !slices.Equal(file[0], titles) {
		t.Errorf("?%s: the columns are %q, want %q", address, file[0], titles)
	}
	if int(rows) != len(shown) || len(file)-1 != len(shown) {
		t.Errorf("?%s: %d rows are shown and %d exported", address, len(shown), len(file)-1)
		return len(shown)
	}
	for i, want := range shown {
		// encoding/csv reads line ends within cells as \n
		if got := file[i+1]; !slices.Equal(got, want) {
			t.Errorf("?%s: row %d is\n%q in the file and\n%q on the page", address, i+1, got, want)
			break
		}
	}
	return len(shown)
}

// written is a cell of a page as international CSV has it.
func written(c *listing.Column, cell listing.Cell, zone *time.Location, word func(string) string) string {
	switch v := cell.Value.(type) {
	case string:
		switch c.Kind {
		case listing.Choice:
			return word(c.Words + v)
		case listing.Choices, listing.Phrase:
			v = c.Said(v, word)
		}
		if t := strings.TrimLeft(v, " \n\u00a0\u3000"); t != "" && strings.ContainsAny(t[:1], "=+-@\t\r") {
			v = "'" + v
		}
		return strings.ReplaceAll(v, "\r\n", "\n")
	case int64:
		if c.Kind == listing.Cents || c.Kind == listing.Decimal {
			return fmt.Sprintf("%.2f", float64(v)/100)
		}
		return strconv.FormatInt(v, 10)
	case bool:
		return word(map[bool]string{true: "ui.yes", false: "ui.no"}[v])
	case time.Time:
		if c.Kind == listing.Day {
			return v.Format(time.DateOnly)
		}
		return v.In(zone).Format("2006-01-02T15:04:05")
	}
	return ""
}
