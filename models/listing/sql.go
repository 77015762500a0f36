package listing

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"
)

// statement is SQL with ? for its arguments, in their order.
type statement struct {
	sql   strings.Builder
	args  []any
	now   time.Time
	reach string
}

// String is the SQL, with point in time and reach where a list's definition asks for them.
func (s *statement) String() string {
	return strings.NewReplacer("{now}", "'"+s.now.UTC().Format(time.RFC3339Nano)+"'::timestamptz", "{reach}", s.reach).Replace(s.sql.String())
}

// rendered is the SQL with its arguments.
func (s *statement) rendered() string {
	return schema.NewQueryGen(pgdialect.New()).FormatQuery(s.String(), s.args...)
}

func (s *statement) add(sql string, args ...any) {
	s.sql.WriteString(sql)
	s.args = append(s.args, args...)
}

// narrowed is what the query chooses: conditions, and the joins that they need.
type narrowed struct {
	where []string
	args  []any
	needs map[string]bool
	now   time.Time
	zone  *time.Location
	reach string
	// hits and cost are what the planner expects.
	hits int64
	cost float64
}

// statement begins one at the query's point in time.
func (n *narrowed) statement() *statement { return &statement{now: n.now, reach: n.reach} }

func (n *narrowed) and(condition string, args ...any) {
	n.where = append(n.where, condition)
	n.args = append(n.args, args...)
}

// narrow turns the query into conditions. Days begin and end in zone.
func (q Query) narrow(ctx context.Context, now time.Time, zone *time.Location) *narrowed {
	n := &narrowed{needs: map[string]bool{}, now: now, zone: zone, reach: "true"}
	if q.List.Reach != nil {
		if condition, args := q.List.Reach(ctx); condition != "" {
			n.reach = "(" + schema.NewQueryGen(pgdialect.New()).FormatQuery(condition, args...) + ")"
		}
	}
	if q.List.Within != nil {
		if condition, args := q.List.Within(ctx); condition != "" {
			n.and(condition, args...)
		}
	}
	q.search(n)
	for _, c := range q.Conditions {
		n.needs[c.Filter.Needs] = true
		c.apply(n, now, zone)
	}
	return n
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// search asks for every word, or for the row with that number.
func (q Query) search(n *narrowed) {
	if q.Search == "" || q.List.Search == "" {
		return
	}
	if number, ok := strings.CutPrefix(q.Search, "#"); ok || q.List.Numbered {
		if id, err := strconv.ParseInt(number, 10, 64); err == nil {
			n.and(q.List.ID+" = ?", id)
			return
		}
	}
	words := strings.Fields(q.Search)
	long := slices.ContainsFunc(words, func(w string) bool { return utf8.RuneCountInString(w) > 2 })
	for _, word := range words {
		pattern := likeEscaper.Replace(word) + "%"
		switch {
		case long || q.List.Prefix == "":
			n.and(q.List.Search+" LIKE fold(?)", "%"+likeEscaper.Replace(rare(word))+"%")
			if rare(word) != word { // out of the index's sight
				n.and("("+q.List.Search+" || '') LIKE fold(?)", "%"+pattern)
			}
		default:
			n.and(q.List.Prefix+" LIKE fold(?)", pattern)
		}
	}
}

var digits = regexp.MustCompile(`[0-9]{3,}`)

// rare is the part of a word that few rows have, for the index to look for: of an e-mail address what stands before
// the @, since the parts of domains are everywhere, and of that a number.
func rare(word string) string {
	if local, _, ok := strings.Cut(word, "@"); ok && utf8.RuneCountInString(local) > 2 {
		word = local
	}
	return cmp.Or(digits.FindString(word), word)
}

func (c Condition) apply(n *narrowed, now time.Time, zone *time.Location) {
	inner := &narrowed{}
	c.compare(inner, now, zone)
	condition, times := strings.Join(inner.where, " AND "), 1
	if around := c.Filter.Around; around != "" {
		times = strings.Count(around, "{}")
		condition = strings.ReplaceAll(around, "{}", condition)
	}
	n.and(condition, slices.Repeat(inner.args, times)...)
}

func (c Condition) compare(n *narrowed, now time.Time, zone *time.Location) {
	f := c.Filter
	switch f.Kind {
	case Text:
		if f.Exact {
			n.and(f.SQL+" = ?", c.Values[0])
			return
		}
		if f.Folded {
			n.and(f.SQL+" LIKE fold(?)", "%"+likeEscaper.Replace(c.Values[0])+"%")
			return
		}
		pattern := likeEscaper.Replace(c.Values[0]) + "%"
		if utf8.RuneCountInString(c.Values[0]) > 2 { // shorter ones have no trigrams but at the beginning
			pattern = "%" + pattern
		}
		n.and("fold("+f.SQL+") LIKE fold(?)", pattern)
	case Flag:
		n.and(f.SQL+" = ?", c.Values[0] == "yes")
	case Choice:
		n.and(f.SQL+" IN (?)", bun.List(c.Values))
	case Record:
		ids := make([]int64, len(c.Values))
		for i, v := range c.Values {
			ids[i], _ = strconv.ParseInt(v, 10, 64)
		}
		n.and(f.SQL+" IN (?)", bun.List(ids))
	case Number, Cents:
		if c.From != "" {
			n.and(f.SQL + " >= " + c.From)
		}
		if c.To != "" {
			n.and(f.SQL + " <= " + c.To)
		}
	case Day, Moment:
		c.time(n, now, zone)
	}
}

func (c Condition) time(n *narrowed, now time.Time, zone *time.Location) {
	var from, to time.Time
	begins, ends := c.Word != "" || c.From != "", c.Word != "" || c.To != ""
	if c.Word != "" {
		from, to = span(c.Word, midnight(now, zone))
		begins, ends = !from.IsZero(), !to.IsZero()
	} else {
		from, _ = time.ParseInLocation(time.DateOnly, c.From, zone)
		to, _ = time.ParseInLocation(time.DateOnly, c.To, zone)
		to = to.AddDate(0, 0, 1)
	}
	end := func(t time.Time) any {
		if c.Filter.Kind == Day {
			return t.Format(time.DateOnly)
		}
		return t
	}
	cast := "::" + sqlType[c.Filter.Kind]
	if begins {
		n.and(c.Filter.SQL+" >= ?"+cast, end(from))
	}
	if ends {
		n.and(c.Filter.SQL+" < ?"+cast, end(to))
	}
}

// from writes "FROM … WHERE …" with the joins of the conditions and of others.
func (n *narrowed) from(s *statement, l *List, others ...string) {
	needs := map[string]bool{}
	for alias := range n.needs {
		needs[alias] = true
	}
	for _, alias := range others {
		needs[alias] = true
	}
	s.add(" FROM " + l.From + l.joins(needs))
	for i, condition := range n.where {
		if i == 0 {
			s.add(" WHERE ")
		} else {
			s.add(" AND ")
		}
		s.add("(" + condition + ")")
	}
	s.args = append(s.args, n.args...)
}

// order is how the rows of "page" or of the list are sorted: the sort keys and the id, in one direction.
func order(keys []string, id string, desc bool) string {
	direction := ""
	if desc {
		direction = " DESC"
	}
	out := make([]string, 0, len(keys)+1)
	for _, k := range append(append([]string{}, keys...), id) {
		out = append(out, k+direction)
	}
	return " ORDER BY " + strings.Join(out, ", ")
}

// keyNames are what the sort keys are called within a statement.
func keyNames(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = "key" + strconv.Itoa(i)
	}
	return out
}
