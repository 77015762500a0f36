package listing

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"kurso/models/store"
)

// Names in addresses that are not filters.
const (
	paramSearch  = "q"
	paramSort    = "sort"
	paramColumns = "columns"
	paramAfter   = "after"
	paramBefore  = "before"
	paramCount   = "count"
	paramIDs     = "id"
	paramSelect  = "select"
)

// All selects every row that a query finds.
const All = "all"

// Limits of what an address may ask for.
const (
	maxSearch = 200
	maxValues = 100
	// maxIDs is how many rows can be named by their ids.
	maxIDs   = 500
	maxCents = 1e13
)

// Query is what a person asks of a list, as its address says.
type Query struct {
	List       *List
	Search     string
	Conditions []Condition
	// Sort is the column's key, Desc its direction.
	Sort string
	Desc bool
	// Columns are the keys chosen; none: those shown by default.
	Columns []string
	// After and Before are cursors of a page's edges.
	After, Before string
	// Exact asks for the count however long it takes.
	Exact bool
	// Selected are the ids of rows that were chosen to do something with, on this page or others; Every row
	// that the query finds is chosen instead.
	Selected []int64
	Every    bool

	may func(permission string) bool
}

// Condition is one filter in use.
type Condition struct {
	Filter *Filter
	// Values are codes or ids of a Choice or Record, the text of Text, or "yes" or "no".
	Values []string
	// Word is a time in words, of TimeWords; else From and To are the ends, both included, either may be
	// empty: days as "2027-02-03", numbers as digits, amounts in cents.
	Word, From, To string
}

// TimeWords are the times that Day and Moment filters know by a word, relative to today.
var TimeWords = []string{"today", "yesterday", "tomorrow", "this_week", "last_week", "next_week", "this_month", "last_month", "next_month",
	"this_year", "last_year", "last_7_days", "last_30_days", "next_7_days", "next_14_days", "next_30_days", "before_today", "from_today"}

// Parse reads an address. may tells which permissions the asker has. What it does not understand is a
// *store.ValidationError that names the parameter; unknown parameters are left alone.
func (l *List) Parse(values url.Values, may func(permission string) bool) (Query, error) {
	q := Query{List: l, may: may}
	v := &store.ValidationError{}
	q.Search = strings.Join(strings.Fields(values.Get(paramSearch)), " ")
	if len([]rune(q.Search)) > maxSearch || strings.ContainsRune(q.Search, 0) {
		v.Add(paramSearch, "error.list.search")
	}
	sort := values.Get(paramSort)
	if sort == "" {
		sort = l.Sort
	}
	q.Sort, q.Desc = strings.TrimPrefix(sort, "-"), strings.HasPrefix(sort, "-")
	if c := l.Column(q.Sort); c == nil || len(c.Sort) == 0 || !q.mayShow(c) {
		v.Add(paramSort, "error.list.sort")
	}
	for _, key := range splitAll(values[paramColumns]) {
		c := l.Column(key)
		if c == nil || !q.mayShow(c) {
			v.Add(paramColumns, "error.list.columns")
			break
		}
		if !slices.Contains(q.Columns, key) {
			q.Columns = append(q.Columns, key)
		}
	}
	for i := range l.Filters {
		f := &l.Filters[i]
		c, ok := f.parse(values)
		if !ok || f.Permission != "" && !may(f.Permission) && !c.empty() {
			v.Add(f.Key, "error.list.filter."+string(f.Kind))
		} else if !c.empty() {
			q.Conditions = append(q.Conditions, c)
		}
	}
	if ids, ok := parseIDs(values[paramIDs]); !ok {
		v.Add(paramIDs, "error.list.ids")
	} else if len(ids) > 0 {
		q.Conditions = append(q.Conditions, l.ids(ids))
	}
	if q.Every = values.Get(paramSelect) == All; !q.Every {
		ids, ok := parseIDs(values[paramSelect])
		if !ok {
			v.Add(paramSelect, "error.list.ids")
		}
		q.Selected = ids
	}
	q.After, q.Before = values.Get(paramAfter), values.Get(paramBefore)
	for param, cursor := range map[string]string{paramAfter: q.After, paramBefore: q.Before} {
		if cursor != "" && v.OrNil() == nil {
			if _, ok := q.position(cursor); !ok {
				v.Add(param, "error.list.page")
			}
		}
	}
	switch values.Get(paramCount) {
	case "":
	case "exact":
		q.Exact = true
	default:
		v.Add(paramCount, "error.list.count")
	}
	return q, v.OrNil()
}

// parseIDs reads ids, each once and at most maxIDs.
func parseIDs(values []string) (ids []int64, ok bool) {
	for _, part := range splitAll(values) {
		id, err := strconv.ParseInt(part, 10, 64)
		if err != nil || id <= 0 {
			return nil, false
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, len(ids) <= maxIDs
}

// ids is the condition that names rows by their ids.
func (l *List) ids(ids []int64) Condition {
	c := Condition{Filter: &Filter{Key: paramIDs, Kind: Record, SQL: l.ID}}
	for _, id := range ids {
		c.Values = append(c.Values, strconv.FormatInt(id, 10))
	}
	return c
}

// OfSelected is the query of the selected rows, as they are shown; nothing selected is a *store.ValidationError.
func (q Query) OfSelected() (Query, error) {
	v := &store.ValidationError{}
	switch {
	case q.Every:
	case len(q.Selected) > 0:
		q.Search, q.Conditions = "", []Condition{q.List.ids(q.Selected)}
	default:
		v.Add(paramSelect, "error.list.nothing_selected")
	}
	return q, v.OrNil()
}

// Selection is what was selected, as it stands in an address; "" is nothing.
func (q Query) Selection() string {
	switch {
	case q.Every:
		return All
	case len(q.Selected) > 0:
		return q.List.ids(q.Selected).Value()
	}
	return ""
}

// IsSelected reports whether a row is.
func (q Query) IsSelected(id int64) bool { return q.Every || slices.Contains(q.Selected, id) }

// Names reports whether the condition names rows by their ids.
func (c Condition) Names() bool { return c.Filter.Key == paramIDs }

func (q *Query) mayShow(c *Column) bool { return c.Permission == "" || q.may(c.Permission) }

func (c Condition) empty() bool {
	return len(c.Values) == 0 && c.Word == "" && c.From == "" && c.To == ""
}

// splitAll reads a parameter that may stand several times, or several values with commas.
func splitAll(values []string) []string {
	var out []string
	for _, v := range values {
		for _, part := range strings.Split(v, ",") {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, part)
			}
		}
	}
	return out
}

func (f *Filter) parse(values url.Values) (c Condition, ok bool) {
	c.Filter = f
	value := strings.TrimSpace(values.Get(f.Key))
	switch f.Kind {
	case Text:
		if value != "" {
			c.Values = []string{value}
		}
		return c, len([]rune(value)) <= maxSearch && !strings.ContainsRune(value, 0)
	case Choice, Record:
		for _, code := range splitAll(values[f.Key]) {
			if f.Kind == Choice && !slices.Contains(f.Values, code) {
				return c, false
			}
			if id, err := strconv.ParseInt(code, 10, 64); f.Kind == Record && (err != nil || id <= 0) {
				return c, false
			}
			if !slices.Contains(c.Values, code) {
				c.Values = append(c.Values, code)
			}
		}
		return c, len(c.Values) <= maxValues
	case Flag:
		if value != "" {
			c.Values = []string{value}
		}
		return c, slices.Contains([]string{"", "yes", "no"}, value)
	}
	if slices.Contains(TimeWords, value) && (f.Kind == Day || f.Kind == Moment) {
		c.Word = value
		return c, true
	}
	// a form sends the ends one by one, an address as "from..to"
	from, to, ranged := strings.Cut(value, "..")
	if !ranged {
		to = from
	}
	if value == "" {
		from, to = strings.TrimSpace(values.Get(f.Key+".from")), strings.TrimSpace(values.Get(f.Key+".to"))
	}
	var okFrom, okTo bool
	c.From, okFrom = f.end(from)
	c.To, okTo = f.end(to)
	return c, okFrom && okTo && (c.From == "" || c.To == "" || !f.less(c.To, c.From))
}

// end reads one end of a range into the form of Condition.
func (f *Filter) end(s string) (string, bool) {
	if s == "" {
		return "", true
	}
	switch f.Kind {
	case Number:
		n, err := strconv.ParseInt(s, 10, 64)
		return strconv.FormatInt(n, 10), err == nil
	case Cents:
		// an amount as people type it, "1.234,50" or "1234.5"
		if strings.Contains(s, ",") {
			s = strings.ReplaceAll(strings.ReplaceAll(s, ".", ""), ",", ".")
		}
		amount, err := strconv.ParseFloat(s, 64)
		if err != nil || amount > maxCents || amount < -maxCents || amount != amount {
			return "", false
		}
		if amount >= 0 {
			amount += 0.005
		} else {
			amount -= 0.005
		}
		return strconv.FormatInt(int64(amount*100), 10), true
	case Day, Moment:
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			d, err = time.Parse("2.1.2006", s)
		}
		return d.Format(time.DateOnly), err == nil && d.Year() >= 1 && d.Year() <= 9999
	}
	return "", false
}

func (f *Filter) less(a, b string) bool {
	if f.Kind == Day || f.Kind == Moment {
		return a < b
	}
	x, _ := strconv.ParseInt(a, 10, 64)
	y, _ := strconv.ParseInt(b, 10, 64)
	return x < y
}

// Value is the condition as it stands in an address; "" is none.
func (c Condition) Value() string {
	switch {
	case c.empty():
		return ""
	case len(c.Values) > 0:
		return strings.Join(c.Values, ",")
	case c.Word != "":
		return c.Word
	}
	from, to := c.From, c.To
	if c.Filter.Kind == Cents {
		from, to = decimal(from), decimal(to)
	}
	if from == to {
		return from
	}
	return from + ".." + to
}

// decimal is an amount in cents as an address has it: "12.50".
func decimal(cents string) string {
	n, err := strconv.ParseInt(cents, 10, 64)
	if err != nil {
		return ""
	}
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	return sign + strconv.FormatInt(n/100, 10) + "." + strconv.FormatInt(n%100+100, 10)[1:]
}

// Address is the query as parameters, without a place in the list: what a saved view keeps.
func (q Query) Address() url.Values {
	v := url.Values{}
	if q.Search != "" {
		v.Set(paramSearch, q.Search)
	}
	for _, c := range q.Conditions {
		v.Set(c.Filter.Key, c.Value())
	}
	if s := q.sorted(); s != q.List.Sort {
		v.Set(paramSort, s)
	}
	if len(q.Columns) > 0 {
		v.Set(paramColumns, strings.Join(q.Columns, ","))
	}
	return v
}

func (q Query) sorted() string {
	if q.Desc {
		return "-" + q.Sort
	}
	return q.Sort
}

// With is the address with one parameter set, or removed when value is empty, from the list's beginning.
func (q Query) With(param, value string) url.Values {
	v := q.Address()
	v.Del(param)
	if value != "" {
		v.Set(param, value)
	}
	return v
}

// SortedBy is the address of the list in another order.
func (q Query) SortedBy(key string, desc bool) url.Values {
	q.Sort, q.Desc = key, desc
	return q.Address()
}

// Narrowed reports whether anything but order and columns was chosen.
func (q Query) Narrowed() bool { return q.Search != "" || len(q.Conditions) > 0 }

// Condition is that of a filter, if it is in use.
func (q Query) Condition(key string) (Condition, bool) {
	for _, c := range q.Conditions {
		if c.Filter.Key == key {
			return c, true
		}
	}
	return Condition{}, false
}

// Visible are the columns to show, in their order.
func (q Query) Visible() []*Column {
	var out []*Column
	if len(q.Columns) > 0 {
		for _, key := range q.Columns {
			out = append(out, q.List.Column(key))
		}
		return out
	}
	for i := range q.List.Columns {
		if c := &q.List.Columns[i]; c.Shown && q.mayShow(c) {
			out = append(out, c)
		}
	}
	return out
}

// Available are all columns that the asker may choose.
func (q Query) Available() []*Column {
	var out []*Column
	for i := range q.List.Columns {
		if c := &q.List.Columns[i]; q.mayShow(c) {
			out = append(out, c)
		}
	}
	return out
}

// Filters are those that the asker may use.
func (q Query) Filters() []*Filter {
	var out []*Filter
	for i := range q.List.Filters {
		if f := &q.List.Filters[i]; f.Permission == "" || q.may(f.Permission) {
			out = append(out, f)
		}
	}
	return out
}

// place is where a page begins or ends: the sort keys and the id of a row.
type place struct {
	keys []string
	id   int64
}

// cursor writes a place for an address.
func (p place) cursor() string {
	b, _ := json.Marshal(append([]any{p.id}, anys(p.keys)...))
	return base64.RawURLEncoding.EncodeToString(b)
}

func anys(s []string) []any {
	out := make([]any, len(s))
	for i := range s {
		out[i] = s[i]
	}
	return out
}

// position reads a cursor of the query's order: what Postgres would not take as its kind is refused.
func (q Query) position(cursor string) (p place, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return p, false
	}
	column := q.List.Column(q.Sort)
	p.keys = make([]string, len(column.Sort))
	parts := []any{&p.id}
	for i := range p.keys {
		parts = append(parts, &p.keys[i])
	}
	n := len(parts)
	if json.Unmarshal(b, &parts) != nil || len(parts) != n || p.id <= 0 {
		return p, false
	}
	for _, key := range p.keys {
		if !comparable(column.Kind, key) {
			return p, false
		}
	}
	return p, true
}

// comparable reports whether Postgres reads text as a value of a kind.
func comparable(k Kind, text string) bool {
	switch k {
	case Number, Cents:
		_, err := strconv.ParseInt(text, 10, 64)
		return err == nil
	case Day:
		_, err := time.Parse(time.DateOnly, text)
		return text == "infinity" || text == "-infinity" || err == nil && !strings.HasPrefix(text, "0000")
	case Moment:
		_, err := time.Parse("2006-01-02 15:04:05.999999-07", text)
		return text == "infinity" || text == "-infinity" || err == nil && !strings.HasPrefix(text, "0000")
	case Flag:
		return text == "true" || text == "false"
	}
	return !strings.ContainsRune(text, 0) && len(text) < 4096
}
