package admin

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/booking"
	"kurso/models/exports"
	"kurso/models/listing"
	"kurso/templates/layout"
	"kurso/templates/ui"
)

// ListView is a page of a list, whichever it is.
type ListView struct {
	Page   layout.OfficePage
	Header ui.PageHeader
	Tabs   []ui.Tab
	// Above stands between header and list, Below after the list; nil: nothing does.
	Above, Below templ.Component
	// Result is what the query finds; nil when the address was not understood.
	Result *listing.Page
	List   *listing.List
	Errors ui.Errors
	Zone   *time.Location
	// Records are what filters of a Record offer, by their source; Names word ids that stand in the address.
	Records map[string][]ui.Option
	Names   map[string]string
	Views   []*exports.View
	Presets []*exports.Preset
	// Bulk is what can be done with selected rows besides exporting them; each Href asks first.
	Bulk []ui.Action
	// Empty is shown instead of the list when there is nothing at all yet; nil: there is something.
	Empty *EmptyList
	// Raw: the user may export texts unchanged.
	Raw bool
	// User is who looks, to tell their views from shared ones.
	User int64
}

// EmptyList says what a list will hold and how to begin.
type EmptyList struct {
	Icon, Title, Text string
	Action            *ui.Action
}

// ExportsPath is where exports are, and are started.
const (
	ExportsPath   = "/admin/exports"
	viewsPath     = "/admin/views"
	presetsPath   = "/admin/export-presets"
	schedulesPath = "/admin/export-schedules"
)

// fieldOption is a column that can be chosen.
type fieldOption struct {
	column *listing.Column
	chosen bool
}

// fieldChoices are the columns chosen, in their order, and then the others.
func fieldChoices(q listing.Query) []fieldOption {
	var out []fieldOption
	chosen := q.Visible()
	for _, c := range chosen {
		out = append(out, fieldOption{c, true})
	}
	for _, c := range q.Available() {
		if !slices.Contains(chosen, c) {
			out = append(out, fieldOption{c, false})
		}
	}
	return out
}

// newExportHref leads to the choice of fields for what the list shows.
func newExportHref(l *listing.List, query url.Values) string {
	return ExportsPath + "/new?" + url.Values{"list": {l.Name}, "query": {query.Encode()}}.Encode()
}

func (v ListView) query() listing.Query { return v.Result.Query }

// href is the list's address with a query. An empty one asks for everything, where the bare path opens the
// list as its user likes it.
func (v ListView) href(q url.Values) string {
	if len(q) == 0 {
		return everything(v.List)
	}
	return v.List.Path + "?" + q.Encode()
}

// everything is the address of the whole list.
func everything(l *listing.List) string { return l.Path + "?all=1" }

// ColumnTitle heads a column of a list.
func ColumnTitle(ctx context.Context, l *listing.List, key string) string {
	return locales.T(ctx, l.TitleKey(key))
}

// FilterTitle names a filter of a list.
func FilterTitle(ctx context.Context, l *listing.List, key string) string {
	return locales.T(ctx, "list."+l.Name+".filter."+key)
}

// FilterErrors begins the complaints about an address with the filters they are about.
func FilterErrors(ctx context.Context, l *listing.List, errs ui.Errors) ui.Errors {
	for i, e := range errs {
		if l.Filter(e.Name) != nil {
			errs[i].Message = FilterTitle(ctx, l, e.Name) + ": " + e.Message
		}
	}
	return errs
}

// ListTitle names a list.
func ListTitle(ctx context.Context, l *listing.List) string { return locales.T(ctx, "list."+l.Name) }

// counted is how many rows there are, in words.
func (v ListView) counted(ctx context.Context) string {
	if v.Result.Estimated {
		return locales.T(ctx, "list.about", "Count", locales.N(ctx, "list."+v.List.Name+".count", roughly(v.Result.Count)))
	}
	return locales.N(ctx, "list."+v.List.Name+".count", int(v.Result.Count))
}

// exactly is the address at which all is counted.
func (v ListView) exactly() string { return v.href(v.query().With("count", "exact")) }

// recount asks for the count that the page did not wait for, once the page is there.
func (v ListView) recount() templ.Attributes {
	if !v.Result.Late {
		return nil
	}
	return templ.Attributes{"hx-get": v.exactly(), "hx-trigger": "load", "hx-select": "#result", "hx-swap": "outerHTML"}
}

// roughly rounds an estimate to what is known of it: thousands.
func roughly(n int64) int {
	step := int64(1000)
	if n >= 100_000 {
		step = 10_000
	}
	return int((n + step/2) / step * step)
}

// chips say every condition as part of a sentence.
func (v ListView) chips(ctx context.Context) []ui.FilterChip {
	var out []ui.FilterChip
	q := v.query()
	if q.Search != "" {
		out = append(out, ui.FilterChip{Label: locales.T(ctx, "office.chip.q", "Value", q.Search), Remove: v.href(q.With("q", ""))})
	}
	for _, c := range q.Conditions {
		out = append(out, ui.FilterChip{Label: v.chip(ctx, c), Remove: v.href(q.With(c.Filter.Key, ""))})
	}
	return out
}

func (v ListView) chip(ctx context.Context, c listing.Condition) string {
	if c.Names() {
		return locales.N(ctx, "list.chip.rows", len(c.Values))
	}
	field := FilterTitle(ctx, v.List, c.Filter.Key)
	switch {
	case c.Word != "":
		return locales.T(ctx, "list.chip.time", "Field", field, "Value", locales.T(ctx, "list.time."+c.Word))
	case len(c.Values) > 0:
		words := make([]string, len(c.Values))
		for i, value := range c.Values {
			words[i] = v.valueWord(ctx, c.Filter, value)
		}
		if c.Filter.Kind == listing.Text && !c.Filter.Exact {
			return locales.T(ctx, "list.chip.contains", "Field", field, "Value", words[0])
		}
		return locales.T(ctx, "list.chip.is", "Field", field, "Value", strings.Join(words, " "+locales.T(ctx, "list.or")+" "))
	case c.From == c.To:
		return locales.T(ctx, "list.chip.is", "Field", field, "Value", endWord(ctx, c.Filter.Kind, c.From))
	case c.From == "":
		return locales.T(ctx, "list.chip.to", "Field", field, "Value", endWord(ctx, c.Filter.Kind, c.To))
	case c.To == "":
		return locales.T(ctx, "list.chip.from", "Field", field, "Value", endWord(ctx, c.Filter.Kind, c.From))
	}
	return locales.T(ctx, "list.chip.between", "Field", field, "From", endWord(ctx, c.Filter.Kind, c.From), "To", endWord(ctx, c.Filter.Kind, c.To))
}

func (v ListView) valueWord(ctx context.Context, f *listing.Filter, value string) string {
	switch f.Kind {
	case listing.Choice:
		return locales.T(ctx, f.Words+value)
	case listing.Flag:
		return locales.T(ctx, "ui."+value)
	case listing.Record:
		if name, ok := v.Names[f.Records+" "+value]; ok {
			return name
		}
		for _, o := range v.Records[f.Records] {
			if o.Value == value {
				return o.Label
			}
		}
		return "#" + value
	}
	return "„" + value + "“"
}

func endWord(ctx context.Context, k listing.Kind, value string) string {
	switch k {
	case listing.Day, listing.Moment:
		if d, err := time.Parse(time.DateOnly, value); err == nil {
			return locales.Date(ctx, d)
		}
	case listing.Cents:
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			return locales.Amount(ctx, n, "EUR")
		}
	case listing.Number:
		if n, err := strconv.ParseInt(value, 10, 64); err == nil {
			return locales.Number(ctx, n)
		}
	}
	return value
}

// bar is the form above the list: the search and the filters that stand beside it.
func (v ListView) bar(ctx context.Context) ui.Filter {
	q := v.query()
	f := ui.Filter{Action: v.List.Path, Region: "list"}
	if v.List.Search != "" {
		f.Search = ui.Search{Name: "q", Label: locales.T(ctx, "office.search"), Value: q.Search, Placeholder: locales.T(ctx, "list."+v.List.Name+".search")}
	}
	for _, filter := range q.Filters() {
		if filter.Bar {
			f.Selects = append(f.Selects, v.choose(ctx, filter))
		}
	}
	for _, keep := range []string{"sort", "columns"} {
		if value := q.Address().Get(keep); value != "" {
			f.Hidden = append(f.Hidden, ui.Hidden{Name: keep, Value: value})
		}
	}
	selected := ui.Hidden{Name: "select"}
	if !q.Every { // all that another search finds are not those
		selected.Value = q.Selection()
	}
	f.Hidden = append(f.Hidden, selected)
	for _, c := range q.Conditions {
		if !c.Filter.Bar && !offered(c.Filter, v.Records) {
			f.Hidden = append(f.Hidden, ui.Hidden{Name: c.Filter.Key, Value: c.Value()})
		}
	}
	return f
}

// offered reports whether the form has a control for a filter: records of which there are thousands are
// chosen by links only.
func offered(f *listing.Filter, records map[string][]ui.Option) bool {
	return f.Kind != listing.Record || records[f.Records] != nil
}

// more are the filters that unfold.
func (v ListView) more() []*listing.Filter {
	var out []*listing.Filter
	for _, f := range v.query().Filters() {
		if offered(f, v.Records) && (!f.Bar || f.Kind == listing.Day || f.Kind == listing.Moment) {
			out = append(out, f)
		}
	}
	return out
}

// moreInUse reports whether one of the folded filters narrows the list.
func (v ListView) moreInUse() bool {
	return slices.ContainsFunc(v.query().Conditions, func(c listing.Condition) bool {
		return offered(c.Filter, v.Records) && (!c.Filter.Bar || c.From != "" || c.To != "")
	})
}

// sortedBeyond is how many values are offered in an order of their own; more are sorted by their words.
const sortedBeyond = 12

func byLabel(a, b ui.Option) int {
	return strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label))
}

// choose offers the values of a filter as a list to select from. A value that is in use but not among them,
// such as two states at once, is offered as well, so that the form keeps it.
func (v ListView) choose(ctx context.Context, f *listing.Filter) ui.FilterSelect {
	s := ui.FilterSelect{Name: f.Key, Label: FilterTitle(ctx, v.List, f.Key), Options: []ui.Option{{Label: locales.T(ctx, "office.all")}}}
	c, used := v.query().Condition(f.Key)
	if used {
		s.Value = c.Value()
	}
	switch f.Kind {
	case listing.Choice:
		for _, value := range f.Values {
			s.Options = append(s.Options, ui.Option{Value: value, Label: locales.T(ctx, f.Words+value)})
		}
		if len(f.Values) > sortedBeyond {
			slices.SortFunc(s.Options[1:], byLabel)
		}
	case listing.Flag:
		s.Options = append(s.Options, ui.Option{Value: "yes", Label: locales.T(ctx, "ui.yes")}, ui.Option{Value: "no", Label: locales.T(ctx, "ui.no")})
	case listing.Record:
		s.Options = append(s.Options, v.Records[f.Records]...)
	case listing.Day, listing.Moment:
		for _, word := range listing.TimeWords {
			s.Options = append(s.Options, ui.Option{Value: word, Label: locales.T(ctx, "list.time."+word)})
		}
		if c.Word == "" {
			s.Value = ""
			return s
		}
	}
	if used && !slices.ContainsFunc(s.Options, func(o ui.Option) bool { return o.Value == s.Value }) {
		s.Options = append(s.Options, ui.Option{Value: s.Value, Label: v.chip(ctx, c)})
	}
	return s
}

// ends are the two ends of a range as a form shows them.
func (v ListView) ends(f *listing.Filter) (from, to string) {
	c, _ := v.query().Condition(f.Key)
	if f.Kind == listing.Cents {
		return euros(c.From), euros(c.To)
	}
	return c.From, c.To
}

func euros(cents string) string {
	n, err := strconv.ParseInt(cents, 10, 64)
	if err != nil {
		return ""
	}
	return strconv.FormatInt(n/100, 10) + "," + strconv.FormatInt(n%100+100, 10)[1:]
}

// table heads the columns; those that may be sorted by lead to that order, the sorted one to the other
// direction.
func (v ListView) table(ctx context.Context) ui.Table {
	t := ui.Table{Caption: ListTitle(ctx, v.List)}
	q := v.query()
	for _, c := range v.Result.Columns {
		column := ui.Column{Label: ColumnTitle(ctx, v.List, c.Key), Number: numeric(c.Kind) && c.Whole == ""}
		if v.Result.CanSort(c) {
			desc := false
			if q.Sort == c.Key {
				desc = !q.Desc
				column.Order = ui.Ascending
				if q.Desc {
					column.Order = ui.Descending
				}
			}
			column.Sort = v.href(v.selecting(q.SortedBy(c.Key, desc)))
		}
		t.Columns = append(t.Columns, column)
	}
	return t
}

// selecting is an address that keeps what is selected.
func (v ListView) selecting(address url.Values) url.Values {
	if s := v.query().Selection(); s != "" {
		address.Set("select", s)
	}
	return address
}

// selectedElsewhere are the selected rows that this page does not show.
func (v ListView) selectedElsewhere() []string {
	var out []string
	for _, id := range v.query().Selected {
		if !slices.ContainsFunc(v.Result.Rows, func(r listing.Row) bool { return r.ID == id }) {
			out = append(out, strconv.FormatInt(id, 10))
		}
	}
	return out
}

// mayFollow reports whether the viewer may follow the links of a column.
func mayFollow(ctx context.Context, c *listing.Column) bool {
	return c.HrefPermission == "" || may(ctx, accounts.Permission(c.HrefPermission))
}

func orDash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// selectedCount is how many rows are selected.
func (v ListView) selectedCount() int64 {
	if v.query().Every {
		return v.Result.Count
	}
	return int64(len(v.query().Selected))
}

// elsewhere is where to look when nothing was found: without the conditions with which the list opens, if it
// is narrowed by others besides, else everywhere.
func (v ListView) elsewhere(ctx context.Context) *ui.Action {
	opens, q := exports.Values(v.List.Opens), v.query().Address()
	var without []string
	for _, c := range v.query().Conditions {
		if opens.Get(c.Filter.Key) == c.Value() {
			without = append(without, v.chip(ctx, c))
			q.Del(c.Filter.Key)
		}
	}
	if len(without) == 0 || len(without) == len(v.query().Conditions) && v.query().Search == "" {
		return &ui.Action{Label: locales.T(ctx, "office.show_all"), Href: everything(v.List)}
	}
	return &ui.Action{Label: locales.T(ctx, "list.without", "Conditions", strings.Join(without, ", ")), Href: v.href(q)}
}

func (v ListView) pager() ui.Pager {
	p, address := ui.Pager{}, v.selecting(v.query().Address())
	if v.Result.Previous != "" {
		address.Set("before", v.Result.Previous)
		p.Previous = v.href(address)
		address.Del("before")
	}
	if v.Result.Next != "" {
		address.Set("after", v.Result.Next)
		p.Next = v.href(address)
	}
	return p
}

// CellText is a value as people read it.
func CellText(ctx context.Context, c *listing.Column, cell listing.Cell, zone *time.Location) string {
	switch value := cell.Value.(type) {
	case string:
		switch c.Kind {
		case listing.Choice:
			return locales.T(ctx, c.Words+value)
		case listing.Choices:
			return c.Said(value, func(key string) string { return locales.T(ctx, key) })
		case listing.Phrase:
			return asWritten(ctx, c.Said(value, func(key string) string { return locales.T(ctx, key) }))
		}
		return value
	case int64:
		switch c.Kind {
		case listing.Cents:
			return locales.Amount(ctx, value, cell.Currency)
		case listing.Decimal:
			hundredths := int(value)
			return units(ctx, &hundredths)
		}
		if c.Plain {
			return strconv.FormatInt(value, 10)
		}
		return locales.Number(ctx, value)
	case bool:
		return locales.T(ctx, map[bool]string{true: "ui.yes", false: "ui.no"}[value])
	case time.Time:
		if c.Kind == listing.Day {
			return locales.Date(ctx, value)
		}
		return locales.DateTime(ctx, value.In(zone))
	}
	return ""
}

// part is a number as the places of a course are drawn.
func part(n int64, whole *int64) booking.Places {
	p := booking.Places{Taken: int(n)}
	if whole != nil {
		max := int(*whole)
		p.Max = &max
	}
	return p
}

func numeric(k listing.Kind) bool {
	return k == listing.Number || k == listing.Cents || k == listing.Decimal
}

// states word the codes of columns that have a badge, by the prefix of their message keys.
var states = map[string]func(context.Context, string) ui.State{
	"booking.state.": BookingState, "course.state.": CourseState, "mail.state.": aMailState,
	"user.state.": UserState, "import.state.": importState, "export.state.": ExportState, "import.severity.": severity,
}
