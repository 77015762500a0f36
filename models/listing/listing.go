// Package listing is the list engine. A list is defined once: its columns, filters, orders and the rows that
// a person may see. The page that shows it, its filter form, saved views, field choice, CSV and XLSX follow
// from the definition, so that every search exports what it shows.
package listing

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// Kind is what a column or filter holds; it decides how values are compared, shown and written to files.
type Kind string

// The kinds.
const (
	Text   Kind = "text"
	Number Kind = "number"
	// Cents is an amount in hundredths of its currency.
	Cents Kind = "cents"
	// Day is a date without a time; Moment a point in time, shown in the provider's zone.
	Day    Kind = "day"
	Moment Kind = "moment"
	Flag   Kind = "flag"
	// Decimal is a number in hundredths.
	Decimal Kind = "decimal"
	// Choice is one of a few codes, whose words are message keys.
	Choice Kind = "choice"
	// Choices are several codes of a Choice in one text, with Between between them; what is no code is shown
	// as it is.
	Choices Kind = "choices"
	// Phrase is a text in parts, with Between between them, that stand together as they are: each is its own text,
	// or a message key among Codes. Behind About a part has the code that raw exports write in its place.
	Phrase Kind = "phrase"
	// Record is a filter by the id of another record, of which one or several are chosen.
	Record Kind = "record"
)

// Between stands between the values of Choices and the parts of a Phrase: the unit separator of ASCII, in SQL
// chr(31).
const Between = "\x1f"

// About stands between a code of Choices and a text about it, in SQL chr(30): it is shown as "word: text".
const About = "\x1e"

// sqlType is the type in which Postgres compares values of a kind.
var sqlType = map[Kind]string{Text: "text", Choice: "text", Number: "bigint", Cents: "bigint", Decimal: "bigint", Choices: "text", Day: "date", Moment: "timestamptz", Flag: "boolean"}

// List defines a list. In its SQL, {now} is the point in time at which the query is asked, and {reach} the
// condition that Reach gives.
type List struct {
	// Name is its place in addresses, saved views and message keys ("list.<name>.<column>").
	Name string
	// Path is the page of the list; a record's page lies below it by its id, unless a column says otherwise.
	Path string
	// From is the table with its alias, ID the expression of a row's number, unique and bigint.
	From, ID string
	// Joins are what columns, filters and orders may need besides; each keeps the number of rows.
	Joins []Join
	// Columns in the order of the table; the first is the link to the record.
	Columns []Column
	Filters []Filter
	// Search is a column of folded text with a trigram index; empty: there is no search field. Prefix is folded
	// text with an index for its beginnings, which a search of one or two letters, too short for trigrams, must
	// begin; empty: such words are looked for in Search as well.
	Search, Prefix string
	// Numbered says that people know the rows by their ids, so that a number searched for is one, also without
	// a # before it.
	Numbered bool
	// Apart keeps the list out of the search over everything: that finds the records which lead to its rows.
	Apart bool
	// Sort is the default order: a column's key, with a minus for the descending one. Its column has an Index.
	Sort string
	// Opens is the address with which the list opens unless the user chose another view: "ends=from_today".
	Opens string
	// Permission is what it takes to see the list at all.
	Permission string
	// Personal says that its rows tell about persons who are customers: many of them at once leave only after the
	// user showed again who they are.
	Personal bool
	// Within is an SQL condition, with arguments, on the rows that ctx's actor may see; "" is all. It may use
	// From's alias only.
	Within func(ctx context.Context) (condition string, args []any)
	// Reach is an SQL condition, with numbers as arguments, on other rows that columns and filters look at,
	// such as a person's bookings: of those, ctx's actor may learn about these only. "" is all.
	Reach func(ctx context.Context) (condition string, args []any)
}

// Join is a further table: its alias, the clause, and the alias of another join that it builds on.
type Join struct{ Alias, SQL, Needs string }

// Needing is joins that build on another one, those that build on one of their own left as they are.
func Needing(alias string, joins []Join) []Join {
	out := make([]Join, len(joins))
	for i, j := range joins {
		j.Needs = cmp.Or(j.Needs, alias)
		out[i] = j
	}
	return out
}

// Column is one thing that rows show.
type Column struct {
	Key  string
	Kind Kind
	// SQL is the value in the type of its kind, or NULL.
	SQL string
	// Needs is the alias of the join that SQL uses; empty for From's.
	Needs string
	// Codes are those of a Choice, Words the prefix of their message keys; those of a Phrase are such keys.
	Codes []string
	Words string
	// Whole is an expression for what a Number is a part of, or NULL: it is shown beside it, as a picture.
	Whole string
	// Currency is an expression for the currency of Cents; EUR unless given.
	Currency string
	// Sort are the expressions, never NULL and of the column's kind, that order by this column; none: it
	// cannot be sorted by. SortNeeds is the join they use.
	Sort      []string
	SortNeeds string
	// Index says that an index supports the order, so that it is offered at any size.
	Index bool
	// Shown is whether the column is there unless other ones were chosen.
	Shown bool
	// Plain numbers are names, not amounts: they are shown without separators.
	Plain bool
	// Permission is what it takes to see the column, besides the list's; empty: nothing.
	Permission string
	// Href leads from the value to a page: a format for HrefID, a bigint expression or NULL. The first column
	// needs none of both.
	Href, HrefID string
	// HrefPermission is what it takes to follow Href; empty: nothing.
	HrefPermission string
}

// Filter narrows the list.
type Filter struct {
	Key  string
	Kind Kind
	// SQL is the expression that is compared.
	SQL   string
	Needs string
	// Folded says that SQL is folded Text already.
	Folded bool
	// Exact compares Text for being the same, which an index of its column finds.
	Exact bool
	// Around holds the comparison at each {}, for what stands in other tables:
	// "b.course_id IN (SELECT c.id FROM courses c WHERE {})".
	Around string
	// Edge is for rows that lie together in an order, as the bookings of a course do in time: a query for the first
	// or last value of the sort key EdgeOf ({edge} is min or max) among the rows that meet {}, at which the walk
	// along the order begins; {direction} is that of the walk.
	Edge, EdgeOf string
	// Values are the codes of a Choice, Words the prefix of their message keys.
	Values []string
	Words  string
	// Records names a source of records that whoever shows the filter knows, such as "categories".
	Records string
	// Bar puts the filter beside the search field; the others wait behind "more".
	Bar bool
	// Permission is what it takes to use the filter, besides the list's.
	Permission string
}

// Column finds a column by its key; nil if there is none.
func (l *List) Column(key string) *Column {
	if i := slices.IndexFunc(l.Columns, func(c Column) bool { return c.Key == key }); i >= 0 {
		return &l.Columns[i]
	}
	return nil
}

// Filter finds a filter by its key; nil if there is none.
func (l *List) Filter(key string) *Filter {
	if i := slices.IndexFunc(l.Filters, func(f Filter) bool { return f.Key == key }); i >= 0 {
		return &l.Filters[i]
	}
	return nil
}

// Said are the words of a value of Choices or a Phrase, or its codes when word is nil.
func (c *Column) Said(value string, word func(key string) string) string {
	parts := strings.Split(value, Between)
	if c.Kind == Phrase {
		return phrase(parts, c.Codes, word)
	}
	for i, part := range parts {
		code, text, about := strings.Cut(part, About)
		if word != nil && slices.Contains(c.Codes, code) {
			code = word(c.Words + code)
		}
		if about {
			code += ": " + text
		}
		parts[i] = code
	}
	return strings.Join(parts, "; ")
}

func phrase(parts, keys []string, word func(key string) string) string {
	for i, part := range parts {
		shown, code, coded := strings.Cut(part, About)
		switch {
		case word == nil && coded:
			shown = code
		case word != nil && slices.Contains(keys, shown):
			shown = word(shown)
		}
		parts[i] = shown
	}
	return strings.Join(parts, "")
}

// TitleKey is the message key of a column's heading.
func (l *List) TitleKey(column string) string { return "list." + l.Name + "." + column }

// joins writes the clauses of the named aliases and of those that they build on, in the list's order.
func (l *List) joins(needs map[string]bool) string {
	for i := len(l.Joins) - 1; i >= 0; i-- {
		if j := l.Joins[i]; needs[j.Alias] && j.Needs != "" {
			needs[j.Needs] = true
		}
	}
	out := ""
	for _, j := range l.Joins {
		if needs[j.Alias] {
			out += " " + j.SQL
		}
	}
	return out
}
