package listing

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"kurso/models/store"
)

// PageSize is how many rows a page shows.
const PageSize = 50

// MaxCount is how far lists are counted exactly, unless the count is asked for.
const MaxCount = 10_000

// gatherBelow is the estimate of hits below which all of them are found first and sorted then. More are met
// soon enough by walking along the index of the order: 50 rows among 5,000 of a million take some 10,000
// steps, about as long as finding and sorting the 5,000.
const gatherBelow = 5_000

// Page is a part of a list.
type Page struct {
	Query   Query
	Columns []*Column
	Rows    []Row
	// Count is how many rows the query chooses; Estimated says that it is only about that many.
	Count     int64
	Estimated bool
	// Next and Previous are cursors; empty at the ends.
	Next, Previous string
	// Resorted: the order asked for has no index and there are too many rows for it; they come in the
	// default order.
	Resorted bool
}

// Row is one row: its id, and the cells of the page's columns.
type Row struct {
	ID    int64
	Cells []Cell
	place place
}

// Cell is a value: nil, string, int64, bool or time.Time, by its column's kind; days are midnight UTC.
type Cell struct {
	Value    any
	Currency string
	// Whole is what a Number is a part of, or nil.
	Whole *int64
	// Href leads to a page, or is empty.
	Href string
}

// CanSort reports whether the page may be sorted by a column: with an index always, else while there are few
// enough rows.
func (p *Page) CanSort(c *Column) bool {
	return len(c.Sort) > 0 && (c.Index || p.Count <= MaxCount && !p.Estimated)
}

// Read reads a page. Days begin in zone.
func (q Query) Read(ctx context.Context, st *store.Store, zone *time.Location) (*Page, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	n := q.narrow(ctx, st.Now(), zone)
	p := &Page{Query: q, Columns: q.Visible()}
	estimate, err := q.estimate(ctx, st, n)
	if err != nil {
		return nil, err
	}
	if err := q.count(ctx, st, n, p, estimate); err != nil {
		return nil, err
	}
	if !p.CanSort(q.List.Column(q.Sort)) {
		p.Resorted = true
		q.Sort, q.Desc = strings.TrimPrefix(q.List.Sort, "-"), strings.HasPrefix(q.List.Sort, "-")
		q.After, q.Before = "", ""
		p.Query = q
	}
	return p, q.rows(ctx, st, n, p, PageSize, len(n.where) > 0 && estimate < gatherBelow || !q.List.Column(q.Sort).Index)
}

// First reads the first rows of the query, at most n, with the visible columns. It counts nothing.
func (q Query) First(ctx context.Context, st *store.Store, zone *time.Location, n int) ([]Row, error) {
	narrowed := q.narrow(ctx, st.Now(), zone)
	estimate, err := q.estimate(ctx, st, narrowed)
	if err != nil {
		return nil, err
	}
	p := &Page{Query: q, Columns: q.Visible()}
	if err := q.rows(ctx, st, narrowed, p, n, len(narrowed.where) > 0 && estimate < gatherBelow || !q.List.Column(q.Sort).Index); err != nil {
		return nil, err
	}
	return p.Rows, nil
}

// Count is how many rows the query chooses: exact up to MaxCount, an estimate beyond.
func (q Query) Count(ctx context.Context, st *store.Store, zone *time.Location) (int64, error) {
	n, p := q.narrow(ctx, st.Now(), zone), &Page{}
	estimate, err := q.estimate(ctx, st, n)
	if err != nil {
		return 0, err
	}
	return p.Count, q.count(ctx, st, n, p, estimate)
}

// IDs are the ids of the rows that the query chooses, at most limit of them.
func (q Query) IDs(ctx context.Context, st *store.Store, zone *time.Location, limit int) (ids []int64, err error) {
	n := q.narrow(ctx, st.Now(), zone)
	s := n.statement()
	s.add("SELECT " + q.List.ID)
	n.from(s, q.List)
	s.add(" ORDER BY 1 LIMIT ?", limit)
	return ids, st.NewRaw(s.String(), s.args...).Scan(ctx, &ids)
}

// estimate is what the planner expects.
func (q Query) estimate(ctx context.Context, st *store.Store, n *narrowed) (int64, error) {
	s := n.statement()
	s.add("EXPLAIN (FORMAT JSON) SELECT 1")
	n.from(s, q.List)
	var text string
	if err := st.NewRaw(s.String(), s.args...).Scan(ctx, &text); err != nil {
		return 0, err
	}
	var plans []struct {
		Plan struct {
			Rows float64 `json:"Plan Rows"`
		}
	}
	if err := json.Unmarshal([]byte(text), &plans); err != nil || len(plans) == 0 {
		return 0, err
	}
	return int64(plans[0].Plan.Rows), nil
}

// count counts up to MaxCount, and beyond only if asked.
func (q Query) count(ctx context.Context, st *store.Store, n *narrowed, p *Page, estimate int64) error {
	s := n.statement()
	if q.Exact {
		s.add("SELECT count(*)")
		n.from(s, q.List)
	} else {
		s.add("SELECT count(*) FROM (SELECT 1")
		n.from(s, q.List)
		s.add(" LIMIT ?) AS counted", MaxCount+1)
	}
	if err := st.NewRaw(s.String(), s.args...).Scan(ctx, &p.Count); err != nil {
		return err
	}
	if !q.Exact && p.Count > MaxCount {
		p.Count, p.Estimated = max(estimate, MaxCount+1), true
	}
	return nil
}

// rows reads the ids of the page first, by the index of the order or among all that were found, and then
// what their rows show.
func (q Query) rows(ctx context.Context, st *store.Store, n *narrowed, p *Page, size int, gather bool) error {
	l, sort := q.List, q.List.Column(q.Sort)
	keys := keyNames(len(sort.Sort))
	desc, from := q.Desc, q.After
	if q.Before != "" {
		desc, from = !desc, q.Before
	}
	s := n.statement()
	found := func() {
		s.add("SELECT " + l.ID + " AS id")
		for i, expression := range sort.Sort {
			s.add(", " + expression + " AS " + keys[i])
		}
		n.from(s, l, sort.SortNeeds)
	}
	after := func(expressions []string, id string) {
		at, ok := q.position(from)
		if !ok {
			return
		}
		word, compare := " AND ", " > ("
		if gather || len(n.where) == 0 {
			word = " WHERE "
		}
		if desc {
			compare = " < ("
		}
		s.add(word + "(" + strings.Join(expressions, ", ") + ", " + id + ")" + compare)
		for _, key := range at.keys {
			s.add("?::"+sqlType[sort.Kind]+", ", key)
		}
		s.add("?)", at.id)
	}
	if gather {
		s.add("WITH found AS MATERIALIZED (")
		found()
		s.add("), page AS (SELECT * FROM found")
		after(keys, "id")
		s.add(order(keys, "id", desc)+" LIMIT ?)", size+1)
	} else {
		s.add("WITH page AS (")
		found()
		after(sort.Sort, l.ID)
		s.add(order(sort.Sort, l.ID, desc)+" LIMIT ?)", size+1)
	}
	q.cells(s, p.Columns, keys)
	s.add(order(prefixed("page.", keys), "page.id", desc))
	rows, err := st.Rows(ctx, s.String(), s.args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		row, err := scan(rows.Scan, p.Columns, l.Path, len(keys))
		if err != nil {
			return err
		}
		p.Rows = append(p.Rows, row)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	q.edges(p, size)
	return nil
}

// edges cuts the row too many, and says where the pages before and behind begin.
func (q Query) edges(p *Page, size int) {
	more := len(p.Rows) > size
	if more {
		p.Rows = p.Rows[:size]
	}
	back := q.Before != ""
	if back {
		for i, j := 0, len(p.Rows)-1; i < j; i, j = i+1, j-1 {
			p.Rows[i], p.Rows[j] = p.Rows[j], p.Rows[i]
		}
	}
	if len(p.Rows) == 0 {
		return
	}
	if more || back {
		p.Next = p.Rows[len(p.Rows)-1].place.cursor()
	}
	if back && more || !back && q.After != "" {
		p.Previous = p.Rows[0].place.cursor()
	}
}

func prefixed(prefix string, names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = prefix + n
	}
	return out
}

// cells writes the SELECT that reads the rows of "page".
func (q Query) cells(s *statement, columns []*Column, keys []string) {
	l := q.List
	s.add(" SELECT page.id")
	for _, k := range keys {
		s.add(", page." + k + "::text")
	}
	needs := map[string]bool{}
	for _, c := range columns {
		needs[c.Needs] = true
		s.add(", " + c.SQL)
		if c.Currency != "" {
			s.add(", " + c.Currency)
		}
		if c.Whole != "" {
			s.add(", " + c.Whole)
		}
		if c.HrefID != "" {
			s.add(", " + c.HrefID)
		}
	}
	s.add(" FROM page JOIN " + l.From + " ON " + l.ID + " = page.id" + l.joins(needs))
}
