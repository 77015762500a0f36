package catalog

import (
	"context"
	"fmt"
	"regexp"
	"strconv"

	"kurso/models/store"
)

// Pick is how a form names a record that is chosen by typing: its name and, to tell namesakes apart, its id.
func Pick(name string, id int64) string { return fmt.Sprintf("%s (#%d)", name, id) }

var picked = regexp.MustCompile(`\(#(\d{1,18})\)$`)

// resolve finds the record that was typed: by the id that Pick wrote, else by its name. Nothing typed is 0;
// what fits none or several is noted under the field.
func (t *typed) resolve(ctx context.Context, r store.Reader, field, s, byID, byName string) (int64, error) {
	s = cleanLine(s)
	if s == "" {
		return 0, nil
	}
	var ids []int64
	var err error
	if m := picked.FindStringSubmatch(s); m != nil {
		id, _ := strconv.ParseInt(m[1], 10, 64)
		err = r.NewRaw(byID, id).Scan(ctx, &ids)
	} else {
		err = r.NewRaw(byName, s, s).Scan(ctx, &ids)
	}
	switch {
	case err != nil:
		return 0, err
	case len(ids) == 0:
		t.Add(field, "invalid.unknown", "Name", s)
		return 0, nil
	case len(ids) > 1:
		t.Add(field, "invalid.ambiguous", "Name", s)
		return 0, nil
	}
	return ids[0], nil
}

func (t *typed) courseType(ctx context.Context, r store.Reader, field, s string) (int64, error) {
	return t.resolve(ctx, r, field, s, `SELECT id FROM course_types WHERE id = ?`,
		`SELECT id FROM course_types WHERE name = ? OR fold(name) = fold(?) LIMIT 2`)
}

func (t *typed) instructor(ctx context.Context, r store.Reader, field, s string) (int64, error) {
	return t.resolve(ctx, r, field, s, `SELECT id FROM instructors WHERE id = ?`,
		`SELECT id FROM instructors WHERE fold(?) = fold(concat_ws(' ', nullif(title, ''), nullif(first_name, ''), last_name))
		    OR fold(?) = fold(concat_ws(' ', nullif(first_name, ''), last_name)) LIMIT 2`)
}

// reference is empty or the id of a record that exists, as a select sends it; nil for what does not.
func (t *typed) reference(ctx context.Context, r store.Reader, field, s, table string) (*int64, error) {
	if s == "" {
		return nil, nil
	}
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		t.Add(field, "invalid.choice")
		return nil, nil //nolint:nilerr // it is noted under the field
	}
	exists, err := r.NewSelect().Table(table).Where("id = ?", id).Exists(ctx)
	if err == nil && !exists {
		t.Add(field, "invalid.choice")
		return nil, nil
	}
	return &id, err
}
