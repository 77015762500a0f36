package listing

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"kurso/models/store"
)

// PageSize is how many rows a page shows.
const PageSize = 50

// MaxCount is how far lists are counted exactly, unless the count is asked for.
const MaxCount = 10_000

// How the rows of a page are found: all hits are gathered first and sorted then, or they are met by walking along
// the index of the order, soon enough if there are many.
const (
	// gatherBelow is the number of hits up to which they are gathered: 50 rows among 5,000 of a million take some
	// 10,000 steps, about as long as finding and sorting the 5,000.
	gatherBelow = 5_000
	// gatherMoreBelow holds for a search in an order by name, whose hits lie together, far from the beginning, and
	// for what the planner takes for cheap.
	gatherMoreBelow = 20_000
	cheap           = 5_000
)

const (
	// surelyMany is the number of hits from which nothing is counted: the planner is not that far off.
	surelyMany = 10 * MaxCount
	// surelyFew is the number below which everything is counted, however long it takes; between the two, a page
	// waits so long for its count and is shown without it then.
	surelyFew = 2_000
	patience  = 15 * time.Millisecond
)

// Page is a part of a list.
type Page struct {
	Query   Query
	Columns []*Column
	Rows    []Row
	// Count is how many rows the query chooses; Estimated says that it is only about that many. Late says that
	// the page was not to wait for the count: the same query, Exact, tells it.
	Count           int64
	Estimated, Late bool
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
	return len(c.Sort) > 0 && (c.Index || p.Count <= MaxCount && (!p.Estimated || p.Late))
}

// Read reads a page. Days begin in zone.
func (q Query) Read(ctx context.Context, st *store.Store, zone *time.Location) (*Page, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	n := q.narrow(ctx, st.Now(), zone)
	p := &Page{Query: q, Columns: q.Visible(), Count: unknown}
	if err := q.estimate(ctx, st, n); err != nil {
		return nil, err
	}
	if !q.List.Column(q.Sort).Index { // for a few rows only
		if err := q.count(ctx, st, n, p); err != nil {
			return nil, err
		}
		if !p.CanSort(q.List.Column(q.Sort)) {
			p.Resorted = true
			q.Sort, q.Desc = strings.TrimPrefix(q.List.Sort, "-"), strings.HasPrefix(q.List.Sort, "-")
			q.After, q.Before = "", ""
			p.Query = q
		}
	}
	if err := q.rows(ctx, st, n, p, PageSize); err != nil || p.Count != unknown {
		return p, err
	}
	if q.After == "" && q.Before == "" && p.Next == "" {
		p.Count = int64(len(p.Rows))
		return p, nil
	}
	return p, q.countSoon(ctx, st, n, p)
}

// unknown is a page's count before it was counted.
const unknown = -1

// gathers tells how the rows of a page are found.
func (q Query) gathers(n *narrowed) bool {
	sort := q.List.Column(q.Sort)
	below := int64(gatherBelow)
	if q.Search != "" && sort.Kind == Text || n.cost < cheap {
		below = gatherMoreBelow
	}
	return !sort.Index || len(n.where) > 0 && n.hits < below
}

// First reads the first rows of the query, at most limit, with the visible columns. It counts nothing.
func (q Query) First(ctx context.Context, st *store.Store, zone *time.Location, limit int) ([]Row, error) {
	n := q.narrow(ctx, st.Now(), zone)
	if err := q.estimate(ctx, st, n); err != nil {
		return nil, err
	}
	p := &Page{Query: q, Columns: q.Visible()}
	err := q.rows(ctx, st, n, p, limit)
	return p.Rows, err
}

// SQL is the statement that reads the rows of the page, for those who compare or explain.
func (q Query) SQL(ctx context.Context, st *store.Store, zone *time.Location) (string, error) {
	n := q.narrow(ctx, st.Now(), zone)
	if err := q.estimate(ctx, st, n); err != nil {
		return "", err
	}
	return q.page(n, q.Visible(), PageSize, q.gathers(n)).rendered(), nil
}

// Count is how many rows the query chooses: exact up to MaxCount, an estimate beyond.
func (q Query) Count(ctx context.Context, st *store.Store, zone *time.Location) (int64, error) {
	n, p := q.narrow(ctx, st.Now(), zone), &Page{}
	if err := q.estimate(ctx, st, n); err != nil {
		return 0, err
	}
	err := q.count(ctx, st, n, p)
	return p.Count, err
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

// estimate asks the planner what it expects of finding all hits with their keys.
func (q Query) estimate(ctx context.Context, st *store.Store, n *narrowed) error {
	s := n.statement()
	s.add("EXPLAIN (FORMAT JSON) ")
	q.found(s, n)
	var text string
	if err := st.NewRaw(s.String(), s.args...).Scan(ctx, &text); err != nil {
		return err
	}
	var plans []struct {
		Plan struct {
			Rows float64 `json:"Plan Rows"`
			Cost float64 `json:"Total Cost"`
		}
	}
	if err := json.Unmarshal([]byte(text), &plans); err != nil {
		return err
	}
	n.hits, n.cost = int64(plans[0].Plan.Rows), plans[0].Plan.Cost
	return nil
}

// found reads ids and sort keys of all hits.
func (q Query) found(s *statement, n *narrowed) {
	sort := q.List.Column(q.Sort)
	s.add("SELECT " + q.List.ID + " AS id")
	for i, name := range keyNames(len(sort.Sort)) {
		s.add(", " + sort.Sort[i] + " AS " + name)
	}
	n.from(s, q.List, sort.SortNeeds)
}

// count counts up to MaxCount, and beyond only if asked.
func (q Query) count(ctx context.Context, st *store.Store, n *narrowed, p *Page) error {
	if !q.Exact && n.hits >= surelyMany {
		p.Count, p.Estimated = n.hits, true
		return nil
	}
	s := q.counted(n)
	if err := st.NewRaw(s.String(), s.args...).Scan(ctx, &p.Count); err != nil {
		return err
	}
	if !q.Exact && p.Count > MaxCount {
		p.Count, p.Estimated = max(n.hits, MaxCount+1), true
	}
	return nil
}

// countSoon counts as count does, unless it takes too long.
func (q Query) countSoon(ctx context.Context, st *store.Store, n *narrowed, p *Page) error {
	if q.Exact || n.hits < surelyFew || n.hits >= surelyMany {
		return q.count(ctx, st, n, p)
	}
	s, counted := q.counted(n), errors.New("counted")
	err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.NewRaw("SET LOCAL statement_timeout = ?", patience.Milliseconds()).Exec(ctx); err != nil {
			return err
		}
		if err := tx.NewRaw(s.String(), s.args...).Scan(ctx, &p.Count); err != nil {
			return err
		}
		return counted // nothing to commit, and the time may end between the answer and a COMMIT
	})
	switch {
	case store.TimedOut(err):
		p.Count, p.Estimated, p.Late = n.hits, true, true
	case !errors.Is(err, counted):
		return err
	case p.Count > MaxCount:
		p.Count, p.Estimated = max(n.hits, MaxCount+1), true
	}
	return nil
}

func (q Query) counted(n *narrowed) *statement {
	s := n.statement()
	if q.Exact {
		s.add("SELECT count(*)")
		n.from(s, q.List)
		return s
	}
	s.add("SELECT count(*) FROM (SELECT 1")
	n.from(s, q.List)
	s.add(" LIMIT ?) AS counted", MaxCount+1)
	return s
}

// rows reads a page's rows. All that were gathered are counted on the way.
func (q Query) rows(ctx context.Context, st *store.Store, n *narrowed, p *Page, size int) error {
	gather := q.gathers(n)
	s := q.page(n, p.Columns, size, gather)
	rows, err := st.Rows(ctx, s.String(), s.args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		row, err := scan(rows.Scan, p, q.List.Path, len(q.List.Column(q.Sort).Sort), gather)
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

// page reads the ids of the page first, by the index of the order or among all that were gathered, and then what
// their rows show.
func (q Query) page(n *narrowed, columns []*Column, size int, gather bool) *statement {
	l, sort := q.List, q.List.Column(q.Sort)
	keys := keyNames(len(sort.Sort))
	desc, from := q.Desc, q.After
	if q.Before != "" {
		desc, from = !desc, q.Before
	}
	s := n.statement()
	after := func(expressions []string, id string) {
		at, ok := q.position(from)
		if !ok {
			return
		}
		word, compare := " AND ", ">"
		if gather || len(n.where) == 0 {
			word = " WHERE "
		}
		if desc {
			compare = "<"
		}
		value := "?::" + sqlType[sort.Kind]
		if sort.SortNeeds != "" { // what an index of the key's table can use
			s.add(word+expressions[0]+" "+compare+"= "+value, at.keys[0])
			word = " AND "
		}
		s.add(word + "(" + strings.Join(expressions, ", ") + ", " + id + ") " + compare + " (")
		for _, key := range at.keys {
			s.add(value+", ", key)
		}
		s.add("?)", at.id)
	}
	if gather {
		s.add("WITH found AS MATERIALIZED (")
		q.found(s, n)
		s.add("), page AS (SELECT * FROM found")
		after(keys, "id")
		s.add(order(keys, "id", desc)+" LIMIT ?)", size+1)
	} else {
		s.add("WITH page AS (")
		q.found(s, n)
		q.edge(s, n, desc)
		after(sort.Sort, l.ID)
		s.add(order(sort.Sort, l.ID, desc)+" LIMIT ?)", size+1)
	}
	q.cells(s, columns, keys, gather)
	s.add(order(prefixed("page.", keys), "page.id", desc))
	return s
}

// edge lets a walk begin at the first hit that there can be.
func (q Query) edge(s *statement, n *narrowed, desc bool) {
	keys := q.List.Column(q.Sort).Sort
	compare, words := " >= ", strings.NewReplacer("{edge}", "min", "{direction}", "")
	if desc {
		compare, words = " <= ", strings.NewReplacer("{edge}", "max", "{direction}", "DESC")
	}
	for _, c := range q.Conditions {
		if c.Filter.Edge != "" && len(keys) == 1 && keys[0] == c.Filter.EdgeOf {
			inner := &narrowed{}
			c.compare(inner, n.now, n.zone)
			edge := strings.Replace(words.Replace(c.Filter.Edge), "{}", strings.Join(inner.where, " AND "), 1)
			s.add(" AND "+keys[0]+compare+"("+edge+")", inner.args...)
		}
	}
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

// cells writes the SELECT that reads the rows of "page", behind each how many were gathered.
func (q Query) cells(s *statement, columns []*Column, keys []string, gathered bool) {
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
	if gathered {
		s.add(", (SELECT count(*) FROM found)")
	}
	s.add(" FROM page JOIN " + l.From + " ON " + l.ID + " = page.id" + l.joins(needs))
}
