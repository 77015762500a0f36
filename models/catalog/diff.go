package catalog

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"kurso/models/audit"
	"kurso/models/store"
)

// diff takes new values over into a record and notes which differ from the old ones. Values are noted in
// a form that no language owns: ISO dates, codes, "82.80 EUR".
type diff struct{ changes []audit.Change }

func (d *diff) note(field, from, to string) {
	d.changes = append(d.changes, audit.Change{Field: field, Old: from, New: to})
}

func (d *diff) empty() bool { return len(d.changes) == 0 }

func (d *diff) text(field string, dst *string, v string) {
	if *dst != v {
		d.note(field, *dst, v)
		*dst = v
	}
}

// private is text about a person, which can be erased from the entry.
func (d *diff) private(field string, dst *string, v string) {
	if *dst != v {
		d.changes = append(d.changes, audit.Personal(field, *dst, v))
		*dst = v
	}
}

func (d *diff) texts(field string, dst *[]string, v []string) {
	if !slices.Equal(*dst, v) {
		d.note(field, strings.Join(*dst, ", "), strings.Join(v, ", "))
		*dst = v
	}
}

func (d *diff) number(field string, dst **int, v *int) { change(d, field, dst, v, strconv.Itoa) }

func (d *diff) count(field string, dst *int, v int) {
	if *dst != v {
		d.note(field, strconv.Itoa(*dst), strconv.Itoa(v))
		*dst = v
	}
}

func (d *diff) float(field string, dst **float64, v *float64) {
	change(d, field, dst, v, func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) })
}

func (d *diff) flag(field string, dst **bool, v *bool) { change(d, field, dst, v, strconv.FormatBool) }

func (d *diff) day(field string, dst **time.Time, v *time.Time) {
	d.moment(field, dst, v, time.DateOnly, time.UTC)
}

func (d *diff) moment(field string, dst **time.Time, v *time.Time, layout string, zone *time.Location) {
	show := func(t *time.Time) string {
		if t == nil {
			return ""
		}
		return t.In(zone).Format(layout)
	}
	if same := (*dst == nil) == (v == nil) && (v == nil || (*dst).Equal(*v)); !same {
		d.note(field, show(*dst), show(v))
		*dst = v
	}
}

func change[T comparable](d *diff, field string, dst **T, v *T, show func(T) string) {
	text := func(p *T) string {
		if p == nil {
			return ""
		}
		return show(*p)
	}
	if same := (*dst == nil) == (v == nil) && (v == nil || **dst == *v); !same {
		d.note(field, text(*dst), text(v))
		*dst = v
	}
}

// named notes that a reference changed, by the names of the records. References to nothing must have been
// refused before.
func (d *diff) named(ctx context.Context, tx *store.Tx, field, table string, from, to *int64) error {
	if (from == nil) == (to == nil) && (to == nil || *from == *to) {
		return nil
	}
	var names [2]string
	for i, id := range []*int64{from, to} {
		if id == nil {
			continue
		}
		if err := found(tx.NewSelect().Table(table).Column("name").Where("id = ?", *id).Scan(ctx, &names[i])); err != nil {
			return err
		}
	}
	d.note(field, names[0], names[1])
	return nil
}

// write appends what was noted, on behalf of ctx's actor.
func (d *diff) write(ctx context.Context, tx *store.Tx, subject string, id int64, action string) error {
	return audit.Write(ctx, tx, subject, id, action, d.changes...)
}

// Subjects of audit entries.
const (
	SubjectCourse     = "course"
	SubjectCourseType = "course_type"
	SubjectCategory   = "category"
	SubjectLocation   = "location"
	SubjectInstructor = "instructor"
	SubjectProvider   = "provider"
)
