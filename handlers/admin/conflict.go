package admin

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"kurso/locales"
	"kurso/models/catalog"
	"kurso/templates/admin"
)

// bothVersions compares a form as typed with the same form as it is stored now, field by field. Labels are
// "field.<subject>.<name>"; of rows, those that differ; show words the value of a field that holds ids, or returns
// it as it is. It is never nil.
func bothVersions(ctx context.Context, subject string, typed, stored any, show func(field, value string) string) []admin.Both {
	out := []admin.Both{}
	a, b := reflect.ValueOf(typed), reflect.ValueOf(stored)
	for i := range a.NumField() {
		name := a.Type().Field(i).Tag.Get("form")
		if name == "version" || name == "series" {
			continue
		}
		yours, theirs := rowsOf(ctx, name, a.Field(i), show), rowsOf(ctx, name, b.Field(i), show)
		if slices.Equal(yours, theirs) {
			continue
		}
		both := admin.Both{Label: locales.T(ctx, "field."+subject+"."+name), Yours: without(yours, theirs), Theirs: without(theirs, yours)}
		if both.Yours == "" && both.Theirs == "" { // another order
			both.Yours, both.Theirs = strings.Join(yours, "\n"), strings.Join(theirs, "\n")
		}
		out = append(out, both)
	}
	return out
}

// without is the rows that are not among others.
func without(rows, others []string) string {
	return strings.Join(slices.DeleteFunc(slices.Clone(rows), func(r string) bool { return slices.Contains(others, r) }), "\n")
}

// rowsOf is a field of a form as people read it: one line, or one for each row that is kept.
func rowsOf(ctx context.Context, name string, v reflect.Value, show func(field, value string) string) []string {
	var out []string
	add := func(line string) {
		if line != "" {
			out = append(out, line)
		}
	}
	if v.Kind() != reflect.Slice {
		add(text(ctx, name, v, show))
		return out
	}
	for i := range v.Len() {
		add(text(ctx, name, v.Index(i), show))
	}
	return out
}

// text is a field or a row, without its id; a row that will be removed is nothing.
func text(ctx context.Context, name string, v reflect.Value, show func(field, value string) string) string {
	switch v.Kind() {
	case reflect.Struct:
		if r := v.FieldByName("Remove"); r.IsValid() && r.Bool() {
			return ""
		}
		var parts []string
		for i := range v.NumField() {
			name := v.Type().Field(i).Tag.Get("form")
			part := ""
			if name != "id" && name != "remove" {
				part = text(ctx, name, v.Field(i), show)
			}
			switch {
			case part == "":
			case name == "to" && len(parts) > 0:
				parts[len(parts)-1] += "–" + part
			default:
				parts = append(parts, part)
			}
		}
		return strings.Join(parts, " ")
	case reflect.Bool:
		return locales.T(ctx, "answer."+strconv.FormatBool(v.Bool()))
	}
	return strings.Join(strings.Fields(show(name, worded(ctx, name, v.String()))), " ")
}

// worded is a day, moment or code of a form as people read it, and anything else as it is.
func worded(ctx context.Context, name, value string) string {
	switch name {
	case "date", "until", "start_date", "end_date":
		if day, err := time.Parse(time.DateOnly, value); err == nil {
			return locales.Day(ctx, day)
		}
	case "booking_opens_at", "booking_closes_at":
		if at, err := time.Parse("2006-01-02T15:04", value); err == nil {
			return locales.DateTime(ctx, at)
		}
	case "delivery":
		if slices.Contains(catalog.Deliveries, value) {
			return locales.T(ctx, "delivery."+value)
		}
	case "accessible":
		if value == "yes" || value == "no" {
			return locales.T(ctx, "location.accessible."+value)
		}
	}
	return value
}

// asItIs shows every value as it stands in the form.
func asItIs(_, value string) string { return value }

// fieldOf is the field of a form that is sent by that name.
func fieldOf(in any, name string) string {
	v := reflect.ValueOf(in)
	for i := range v.NumField() {
		if v.Type().Field(i).Tag.Get("form") == name {
			return v.Field(i).String()
		}
	}
	return ""
}
