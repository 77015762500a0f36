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

	"kurso/models/audit"
	"kurso/models/catalog/openvhs"
	"kurso/models/store"
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
	ids := referred{}
	for _, c := range b.known {
		ids.add(c.kept, c.current, c.file)
	}
	names, err := b.names(ctx, ids)
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

// noteChanged notes what the import changes, as staff's changes are noted: instructors by their ids.
func (b *importBatch) noteChanged(ctx context.Context, changed []*importedCourse) error {
	ids := referred{}
	for _, c := range changed {
		ids.add(c.changed, c.current, &c.merged)
	}
	names, err := b.names(ctx, ids)
	if err != nil {
		return err
	}
	zone := b.provider.Zone()
	for _, c := range changed {
		var changes []audit.Change
		for _, f := range c.changed {
			change := audit.Change{Field: f.name}
			switch f.name {
			case "description":
			case "instructors":
				change.Old, change.New = joinIDs(c.current.Instructors), joinIDs(c.merged.Instructors)
			case "teaching_units":
				change.Old, change.New = plainNumber(c.current.TeachingUnits), plainNumber(c.merged.TeachingUnits)
			default:
				change.Old, change.New = worded(f.of(c.current), f.name, names, zone, MaxSessions), worded(f.of(&c.merged), f.name, names, zone, MaxSessions)
			}
			changes = append(changes, change)
		}
		if c.taken {
			changes = append(changes, audit.Change{Field: "places_taken_elsewhere",
				Old: strconv.Itoa(c.takenBefore), New: strconv.Itoa(c.course.PlacesTakenElsewhere)})
		}
		b.imported(c.course.ID, changes)
	}
	return nil
}

func joinIDs(ids []int64) string {
	var out []string
	for _, id := range ids {
		out = append(out, strconv.FormatInt(id, 10))
	}
	return strings.Join(out, ", ")
}

func plainNumber(n *int) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n)
}

// referred are the ids that values hold, by field.
type referred map[string][]int64

func (r referred) add(fields []importField, values ...*importValues) {
	for _, f := range fields {
		for _, v := range values {
			switch p := f.of(v).(type) {
			case *int64:
				r[f.name] = append(r[f.name], *p)
			case *[]int64:
				r[f.name] = append(r[f.name], *p...)
			}
		}
	}
}

// names are those of what the ids refer to.
func (b *importBatch) names(ctx context.Context, ids referred) (map[string]map[int64]string, error) {
	names := map[string]map[int64]string{}
	for field, list := range ids {
		from := map[string]string{
			"course_type": "SELECT id, name FROM course_types WHERE id IN (?)",
			"location":    "SELECT id, concat_ws(', ', name, nullif(street, ''), nullif(town, '')) AS name FROM locations WHERE id IN (?)",
			"instructors": "SELECT id, concat_ws(' ', nullif(title, ''), nullif(first_name, ''), last_name) AS name FROM instructors WHERE id IN (?)",
		}[field]
		var err error
		if names[field], err = store.Names(ctx, b.tx, from, list); err != nil {
			return nil, err
		}
	}
	return names, nil
}

const (
	maxShown = 100 // characters
	maxNamed = 3   // sessions
)

var tag = regexp.MustCompile(`<[^>]*>`)

// shown is a field's value as a report quotes it, in short.
func shown(value any, field string, names map[string]map[int64]string, zone *time.Location) string {
	return clip(worded(value, field, names, zone, maxNamed), maxShown)
}

// worded is a field's value in a form that no language owns: ISO dates, codes, "82.80 EUR", and at most so many
// sessions. It is empty for no value.
func worded(value any, field string, names map[string]map[int64]string, zone *time.Location, most int) string {
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
			if i == most {
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
	return text
}
