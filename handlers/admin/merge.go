package admin

import (
	"crypto/sha256"
	"encoding/base64"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// prints are the fields of a form in short, by name; a row's is that of its group and its id, "rooms.12". They
// travel with the form, to tell afterwards who changed what since it was opened.
type prints map[string]string

// printsOf takes the prints of a form, a struct.
func printsOf(in any) prints {
	p := prints{}
	v := reflect.ValueOf(in)
	for i := range v.NumField() {
		name, field := formName(v.Type().Field(i)), v.Field(i)
		switch {
		case !compared(name):
		case isRows(field):
			for j := range field.Len() {
				if id := rowID(field.Index(j)); id != "" {
					p[name+"."+id] = short(meant(field.Index(j)))
				}
			}
		default:
			p[name] = short(meant(field))
		}
	}
	return p
}

// String is the prints as a form carries them.
func (p prints) String() string {
	var out []string
	for name, print := range p {
		out = append(out, name+":"+print)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// parsePrints reads what String wrote; nil when there is nothing to read.
func parsePrints(s string) prints {
	var p prints
	for part := range strings.FieldsSeq(s) {
		if name, print, ok := strings.Cut(part, ":"); ok {
			if p == nil {
				p = prints{}
			}
			p[name] = print
		}
	}
	return p
}

// was reports whether a value is what it was when the form was opened.
func (p prints) was(name, value string) bool {
	print, known := p[name]
	return known && print == short(value)
}

// merged names what became of two versions of a form: clashes are fields that both changed, taken those that
// only the other did and that are taken over.
type merged struct{ clashes, taken []string }

// merge brings what somebody else stored meanwhile into a form as typed, mine, a pointer to a struct. base is how
// the form was opened. What only they changed is taken over; where both did, mine stays. Without base, everything
// that differs counts as changed by both.
func merge(base prints, mine, theirs any) (m merged) {
	a, b := reflect.ValueOf(mine).Elem(), reflect.ValueOf(theirs)
	for i := range a.NumField() {
		name := formName(a.Type().Field(i))
		switch {
		case !compared(name):
		case isRows(a.Field(i)):
			m.rows(base, name, a.Field(i), b.Field(i))
		case meant(a.Field(i)) == meant(b.Field(i)), base.was(name, meant(b.Field(i))):
		case base.was(name, meant(a.Field(i))):
			a.Field(i).Set(b.Field(i))
			m.taken = append(m.taken, name)
		default:
			m.clashes = append(m.clashes, name)
		}
	}
	return m
}

// rows merges a group of rows, each by its id.
func (m *merged) rows(base prints, group string, mine, theirs reflect.Value) {
	out := reflect.MakeSlice(mine.Type(), 0, mine.Len())
	held := map[string]bool{}
	for i := range mine.Len() {
		row := mine.Index(i)
		id := rowID(row)
		if id == "" {
			out = reflect.Append(out, row)
			continue
		}
		held[id] = true
		name, stored := group+"."+id, rowWith(theirs, id)
		switch {
		case !stored.IsValid() && removed(row): // both removed it
			continue
		case stored.IsValid() && (meant(row) == meant(stored) || base.was(name, meant(stored))):
		case base.was(name, meant(row)):
			m.taken = append(m.taken, name)
			if !stored.IsValid() {
				continue
			}
			row = stored
		default:
			m.clashes = append(m.clashes, name)
		}
		out = reflect.Append(out, row)
	}
	for i := range theirs.Len() {
		row := theirs.Index(i)
		if held[rowID(row)] {
			continue
		}
		m.taken = append(m.taken, group+"."+rowID(row))
		if same := rowLike(out, row); same.IsValid() { // both added it
			same.Set(row)
			continue
		}
		out = reflect.Append(out, row)
	}
	mine.Set(out)
}

// take puts the stored value of a field or row into a form as typed; a row that is stored no more goes.
func take(mine, theirs any, name string) {
	a, b := reflect.ValueOf(mine).Elem(), reflect.ValueOf(theirs)
	group, id, isRow := strings.Cut(name, ".")
	for i := range a.NumField() {
		field := a.Field(i)
		switch {
		case formName(a.Type().Field(i)) != group || !compared(group) || isRow != isRows(field):
		case !isRow:
			field.Set(b.Field(i))
		default:
			kept := reflect.MakeSlice(field.Type(), 0, field.Len())
			for j := range field.Len() {
				row := field.Index(j)
				if rowID(row) == id {
					if row = rowWith(b.Field(i), id); !row.IsValid() {
						continue
					}
				}
				kept = reflect.Append(kept, row)
			}
			field.Set(kept)
		}
	}
}

// valueOf is the field or row of that name; invalid when there is none.
func valueOf(in any, name string) reflect.Value {
	v := reflect.ValueOf(in)
	group, id, isRow := strings.Cut(name, ".")
	for i := range v.NumField() {
		if formName(v.Type().Field(i)) != group {
			continue
		}
		if isRow {
			return rowWith(v.Field(i), id)
		}
		return v.Field(i)
	}
	return reflect.Value{}
}

// fieldOf is the text field of a form that is sent by that name.
func fieldOf(in any, name string) string {
	if v := valueOf(in, name); v.IsValid() {
		return v.String()
	}
	return ""
}

func formName(f reflect.StructField) string { return f.Tag.Get("form") }

// compared tells the fields of a record from those that only help to fill in the form.
func compared(name string) bool { return name != "" && name != "version" && name != "series" }

// isRows reports whether a field holds rows with ids.
func isRows(v reflect.Value) bool {
	return v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct
}

func rowID(row reflect.Value) string { return row.FieldByName("ID").String() }

func removed(row reflect.Value) bool {
	r := row.FieldByName("Remove")
	return r.IsValid() && r.Bool()
}

// rowWith is the row with that id; invalid when there is none.
func rowWith(rows reflect.Value, id string) reflect.Value {
	for i := range rows.Len() {
		if rowID(rows.Index(i)) == id {
			return rows.Index(i)
		}
	}
	return reflect.Value{}
}

// rowLike is a new row that says the same.
func rowLike(rows, row reflect.Value) reflect.Value {
	for i := range rows.Len() {
		if r := rows.Index(i); rowID(r) == "" && meant(r) == meant(row) {
			return r
		}
	}
	return reflect.Value{}
}

var commaNumber = regexp.MustCompile(`^\d+,\d+$`)

// meant is what a field or row says, the same however a browser sends it: numbers in both languages, lists of
// choices in any order, rows without their ids.
func meant(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Slice:
		var all []string
		for i := range v.Len() {
			if s := meant(v.Index(i)); s != "" {
				all = append(all, s)
			}
		}
		slices.Sort(all)
		return strings.Join(all, "\n")
	case reflect.Struct:
		var all []string
		for i := range v.NumField() {
			if formName(v.Type().Field(i)) != "id" {
				all = append(all, meant(v.Field(i)))
			}
		}
		if strings.Join(all, "") == "" {
			return ""
		}
		return strings.Join(all, "\x1f")
	case reflect.Bool:
		if v.Bool() {
			return "true"
		}
		return ""
	}
	s := strings.TrimSpace(strings.ReplaceAll(v.String(), "\r\n", "\n"))
	if commaNumber.MatchString(s) {
		s = strings.Replace(s, ",", ".", 1)
	}
	return s
}

// short is enough of a hash to tell values of one field apart.
func short(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:8])
}
