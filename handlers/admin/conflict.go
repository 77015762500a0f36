package admin

import (
	"context"
	"reflect"
	"strings"

	"kurso/locales"
	"kurso/templates/admin"
)

// bothVersions compares a form as typed with the same form as it is stored now, field by field. Labels are
// "field.<subject>.<name>"; show words the value of a field that holds ids or codes, or returns it as it is.
// It is never nil.
func bothVersions(ctx context.Context, subject string, typed, stored any, show func(field, value string) string) []admin.Both {
	out := []admin.Both{}
	a, b := reflect.ValueOf(typed), reflect.ValueOf(stored)
	for i := range a.NumField() {
		name := a.Type().Field(i).Tag.Get("form")
		if name == "version" || name == "series" {
			continue
		}
		yours, theirs := text(name, a.Field(i), show), text(name, b.Field(i), show)
		if yours != theirs {
			out = append(out, admin.Both{Label: locales.T(ctx, "field."+subject+"."+name), Yours: yours, Theirs: theirs})
		}
	}
	return out
}

// text is a field of a form as one line; rows are joined by semicolons, without their ids.
func text(name string, v reflect.Value, show func(field, value string) string) string {
	switch v.Kind() {
	case reflect.Slice:
		var rows []string
		for i := range v.Len() {
			if row := text(name, v.Index(i), show); row != "" {
				rows = append(rows, row)
			}
		}
		return strings.Join(rows, "; ")
	case reflect.Struct:
		var parts []string
		for i := range v.NumField() {
			name := v.Type().Field(i).Tag.Get("form")
			if part := text(name, v.Field(i), show); part != "" && name != "id" {
				parts = append(parts, part)
			}
		}
		return strings.Join(parts, " ")
	case reflect.Bool:
		if v.Bool() {
			return "✓"
		}
		return ""
	}
	return strings.Join(strings.Fields(show(name, v.String())), " ")
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
