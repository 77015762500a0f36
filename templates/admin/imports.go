package admin

import (
	"context"
	"maps"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"kurso/locales"
	"kurso/models/catalog"
	"kurso/models/catalog/openvhs"
	"kurso/templates/layout"
	"kurso/templates/ui"
)

// ImportView is one import and a part of its report.
type ImportView struct {
	Page     layout.OfficePage
	Import   *catalog.Import
	Problems []*catalog.ImportProblem
	History  HistoryView
	// Counts are the problems of the whole report, by severity.
	Counts   map[string]int
	Severity string
	Zone     *time.Location
	// Next is where the next page begins; empty on the last one. Later: this is not the first.
	Next  string
	Later bool
}

const importsPath = "/admin/imports"

// ImportPath is where an import is shown.
func ImportPath(id int64) string { return importsPath + "/" + strconv.FormatInt(id, 10) }

// problemsList is the list of the report's lines, as far as they are shown.
func (v ImportView) problemsList() url.Values {
	q := url.Values{"import": {strconv.FormatInt(v.Import.ID, 10)}}
	if v.Severity != "" {
		q.Set("severity", v.Severity)
	}
	return q
}

func (v ImportView) at(pairs ...string) string {
	q := url.Values{}
	if v.Severity != "" {
		q.Set("severity", v.Severity)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	if len(q) == 0 {
		return ImportPath(v.Import.ID)
	}
	return ImportPath(v.Import.ID) + "?" + q.Encode()
}

func (v ImportView) pager() ui.Pager {
	p := ui.Pager{}
	if v.Next != "" {
		p.Next = v.at("after", v.Next)
	}
	if v.Later {
		p.First = v.at()
	}
	return p
}

// total is how many problems there are.
func (v ImportView) total() (n int) {
	for _, count := range v.Counts {
		n += count
	}
	return n
}

func (v ImportView) filter(ctx context.Context) ui.Filter {
	options := []ui.Option{{Label: locales.T(ctx, "import.problems.all", "Count", count(ctx, v.total()))}}
	for _, s := range catalog.Severities {
		options = append(options, ui.Option{Value: s, Label: locales.T(ctx, "import.problems."+s, "Count", count(ctx, v.Counts[s])), Disabled: v.Counts[s] == 0})
	}
	return ui.Filter{Action: ImportPath(v.Import.ID), Region: "problems", Selects: []ui.FilterSelect{
		{Name: "severity", Label: locales.T(ctx, "import.problems.which"), Value: v.Severity, Options: options},
	}}
}

func (v ImportView) header(ctx context.Context) ui.PageHeader {
	im := v.Import
	state := importState(ctx, im.State)
	h := ui.PageHeader{Back: &ui.Link{Label: locales.T(ctx, "nav.imports"), Href: importsPath}, Title: im.FileName, State: &state}
	facts := []string{locales.DateTime(ctx, im.CreatedAt.In(v.Zone)), im.UserName, size(ctx, im.SizeBytes)}
	if im.Format != "" {
		facts = append(facts, locales.T(ctx, "import.format."+im.Format))
	}
	var said []string
	for _, fact := range facts {
		if fact != "" {
			said = append(said, fact)
		}
	}
	h.Sub = strings.Join(said, " · ")
	if im.State == catalog.ImportFinished && im.CreatedCount > 0 {
		h.Main = &ui.Action{Label: locales.T(ctx, "import.to_courses"), Href: "/admin/courses?state=" + catalog.Planned}
	}
	return h
}

func (v ImportView) progress(ctx context.Context) ui.Progress {
	im := v.Import
	p := ui.Progress{ID: "progress", Label: locales.T(ctx, "import.state."+im.State), Done: im.RecordsDone, Total: im.RecordsTotal, After: locales.T(ctx, "import.after")}
	switch {
	case im.State == catalog.ImportQueued:
		p.After = locales.T(ctx, "import.waits")
	case im.RecordsTotal == 0:
		p.Label = locales.T(ctx, "import.checking")
	default:
		p.Figure = locales.T(ctx, "import.figure", "Done", count(ctx, im.RecordsDone), "Total", count(ctx, im.RecordsTotal))
	}
	return p
}

// figure is one of the counts of a report.
type figure struct {
	name  string
	count int
}

func (v ImportView) figures() []figure {
	im := v.Import
	return []figure{{"created", im.CreatedCount}, {"updated", im.UpdatedCount}, {"unchanged", im.UnchangedCount}, {"skipped", im.SkippedCount}}
}

// courses are the problems of the page, those of one course together.
func (v ImportView) courses() [][]*catalog.ImportProblem {
	var list [][]*catalog.ImportProblem
	for i, p := range v.Problems {
		if i == 0 || v.Problems[i-1].RecordNo != p.RecordNo {
			list = append(list, nil)
		}
		list[len(list)-1] = append(list[len(list)-1], p)
	}
	return list
}

func importState(ctx context.Context, state string) ui.State {
	s := ui.State{Label: locales.T(ctx, "import.state."+state)}
	switch state {
	case catalog.ImportQueued:
		s.Icon, s.Tone = "clock", ui.Info
	case catalog.ImportRunning:
		s.Icon, s.Tone = "play", ui.Info
	case catalog.ImportFinished:
		s.Tone = ui.Success
	case catalog.ImportFailed:
		s.Tone = ui.Bad
	case catalog.ImportCancelled:
		s.Icon = "ban"
	}
	return s
}

func severity(ctx context.Context, s string) ui.State {
	tones := map[string]ui.Tone{string(openvhs.Error): ui.Bad, string(openvhs.Warning): ui.Warning, string(openvhs.Note): ui.Info}
	return ui.State{Label: locales.T(ctx, "import.severity."+s), Tone: tones[s]}
}

// ImportError says why an import failed.
func ImportError(ctx context.Context, im *catalog.Import) string {
	return locales.Stored(ctx, im.ErrorKey, im.ErrorArgs)
}

var plainAmount = regexp.MustCompile(`(\d+)\.(\d{2}) ([A-Z]{3})\b`)

// ProblemSentence says what is odd about a course.
func ProblemSentence(ctx context.Context, p *catalog.ImportProblem) string {
	if p.Key != catalog.ImportKeptField {
		return locales.Stored(ctx, p.Key, p.Args)
	}
	args := maps.Clone(p.Args)
	field, _ := args["Field"].(string)
	args["Field"] = locales.T(ctx, "field.course."+field)
	for _, name := range []string{"Staff", "File"} {
		value, _ := args[name].(string)
		switch {
		case value == "":
			value = locales.T(ctx, "ui.none")
		case field == "delivery":
			value = locales.T(ctx, "delivery."+value)
		case field == "prices":
			value = plainAmount.ReplaceAllStringFunc(value, func(s string) string {
				m := plainAmount.FindStringSubmatch(s)
				cents, _ := strconv.ParseInt(m[1]+m[2], 10, 64)
				return locales.Amount(ctx, cents, m[3])
			})
		}
		args[name] = value
	}
	return locales.Stored(ctx, p.Key, args)
}

func count(ctx context.Context, n int) string { return locales.Number(ctx, int64(n)) }

// size writes bytes as people read them: "49,1 MB".
func size(ctx context.Context, bytes int64) string {
	text := strconv.FormatFloat(float64(bytes)/1e6, 'f', 1, 64) + " MB"
	if bytes < 100_000 {
		text = strconv.FormatFloat(float64(bytes)/1e3, 'f', 1, 64) + " kB"
	}
	if locales.Of(ctx) == locales.German {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}
