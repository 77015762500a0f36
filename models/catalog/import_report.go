package catalog

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/audit"
	"kurso/models/catalog/openvhs"
)

// report adds what the reader found odd in a record.
func (b *importBatch) report(r *openvhs.Record, courseID *int64) {
	for _, p := range r.Problems {
		b.problem(r, courseID, p)
	}
}

func (b *importBatch) problem(r *openvhs.Record, courseID *int64, p openvhs.Problem) {
	if p.Args == nil {
		p.Args = map[string]any{}
	}
	b.problems = append(b.problems, &ImportProblem{ImportID: b.im.ID, RecordNo: r.Index, CourseNumber: r.Number, CourseName: r.Name,
		CourseID: courseID, Severity: string(p.Severity), Key: p.Key, Args: p.Args})
}

// writeReport stores the problems in the order of the file, and the audit entries.
func (b *importBatch) writeReport(ctx context.Context) error {
	slices.SortStableFunc(b.problems, func(x, y *ImportProblem) int { return cmp.Compare(x.RecordNo, y.RecordNo) })
	if err := insertAll(ctx, b.tx, b.problems); err != nil {
		return err
	}
	return audit.WriteMany(ctx, b.tx, b.entries)
}

// noteKept tells which fields staff have changed since the last import, where the file says something else.
func (b *importBatch) noteKept(ctx context.Context) error {
	names, err := b.keptNames(ctx)
	if err != nil {
		return err
	}
	zone := b.provider.Zone()
	for _, c := range b.known {
		for _, f := range c.kept {
			b.problem(c.record, &c.course.ID, openvhs.Problem{Severity: openvhs.Note, Key: ImportKeptField, Args: map[string]any{
				"Field": f.name, "Staff": shown(f.of(c.current), f.name, names, zone), "File": shown(f.of(c.file), f.name, names, zone)}})
		}
	}
	return nil
}

// keptNames are the names of what the kept fields point to, by field and id.
func (b *importBatch) keptNames(ctx context.Context) (map[string]map[int64]string, error) {
	ids := map[string][]int64{}
	for _, c := range b.known {
		for _, f := range c.kept {
			for _, v := range []*importValues{c.current, c.file} {
				switch p := f.of(v).(type) {
				case *int64:
					ids[f.name] = append(ids[f.name], *p)
				case *[]int64:
					ids[f.name] = append(ids[f.name], *p...)
				}
			}
		}
	}
	names := map[string]map[int64]string{}
	for field, list := range ids {
		from := map[string]string{
			"course_type": "SELECT id, name FROM course_types WHERE id IN (?)",
			"location":    "SELECT id, concat_ws(', ', name, nullif(street, ''), nullif(town, '')) AS name FROM locations WHERE id IN (?)",
			"instructors": "SELECT id, concat_ws(' ', nullif(title, ''), nullif(first_name, ''), last_name) AS name FROM instructors WHERE id IN (?)",
		}[field]
		var rows []struct {
			ID   int64
			Name string
		}
		if err := b.tx.NewRaw(from, bun.List(append(list, 0))).Scan(ctx, &rows); err != nil {
			return nil, err
		}
		names[field] = map[int64]string{}
		for _, row := range rows {
			names[field][row.ID] = row.Name
		}
	}
	return names, nil
}

const (
	maxShown = 100 // characters
	maxNamed = 3   // sessions
)

var tag = regexp.MustCompile(`<[^>]*>`)

// shown is a field's value as a report quotes it, in a form that no language owns: ISO dates, codes,
// "82.80 EUR". It is empty for no value.
func shown(value any, field string, names map[string]map[int64]string, zone *time.Location) string {
	var text string
	switch v := value.(type) {
	case *string:
		text = *v
		if field == "description" {
			text = strings.Join(strings.Fields(tag.ReplaceAllString(text, " ")), " ")
		}
	case *[]string:
		text = strings.Join(*v, ", ")
	case **int:
		if *v != nil {
			text = strconv.Itoa(**v)
			if field == "teaching_units" {
				text = strconv.FormatFloat(float64(**v)/100, 'f', -1, 64)
			}
		}
	case **time.Time:
		if *v != nil {
			text = (*v).Format(time.DateOnly)
		}
	case *int64:
		text = names[field][*v]
	case *[]int64:
		var people []string
		for _, id := range *v {
			people = append(people, names[field][id])
		}
		text = strings.Join(people, ", ")
	case *[]importPrice:
		var list []string
		for _, p := range *v {
			list = append(list, fmt.Sprintf("%s %d.%02d %s", p.Name, p.AmountCents/100, p.AmountCents%100, p.Currency))
		}
		text = strings.Join(list, ", ")
	case *[]importSession:
		var list []string
		for i, s := range *v {
			if i == maxNamed {
				list = append(list, fmt.Sprintf("… (%d)", len(*v)))
				break
			}
			at := s.StartsAt.In(zone).Format("2006-01-02 15:04")
			if s.AllDay {
				at = s.StartsAt.In(zone).Format(time.DateOnly)
			}
			list = append(list, at)
		}
		text = strings.Join(list, ", ")
	}
	return clip(text, maxShown)
}
