package catalog

import (
	"cmp"
	"html"
	"reflect"
	"slices"
	"strings"
	"time"

	"kurso/models/catalog/openvhs"
)

// importValues are what an import writes into a course, in a form that can be compared. Places taken
// elsewhere are not among them: they are always the file's.
type importValues struct {
	CourseType    int64           `json:"course_type"`
	Number        string          `json:"number"`
	Name          string          `json:"name"`
	Subtitle      string          `json:"subtitle"`
	Description   string          `json:"description"`
	Level         string          `json:"level"`
	TargetGroups  []string        `json:"target_groups"`
	Keywords      []string        `json:"keywords"`
	Certificate   string          `json:"certificate"`
	Delivery      string          `json:"delivery"`
	StartDate     *time.Time      `json:"start_date"`
	EndDate       *time.Time      `json:"end_date"`
	Location      int64           `json:"location"` // 0: none
	MinPlaces     *int            `json:"min_places"`
	MaxPlaces     *int            `json:"max_places"`
	TeachingUnits *int            `json:"teaching_units"`
	WebsiteURL    string          `json:"website_url"`
	ImageURL      string          `json:"image_url"`
	Sessions      []importSession `json:"sessions"`    // by time
	Prices        []importPrice   `json:"prices"`      // as offered, without archived ones
	Instructors   []int64         `json:"instructors"` // ascending
}

type importSession struct {
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
	AllDay   bool      `json:"all_day"`
	Room     int64     `json:"room"` // 0: none
	Note     string    `json:"note"`
}

type importPrice struct {
	Name        string `json:"name"`
	AmountCents int64  `json:"amount_cents"`
	Currency    string `json:"currency"`
	Note        string `json:"note"`
}

// importField is one of the importValues; of points at its value.
type importField struct {
	name string
	of   func(*importValues) any
}

func (f importField) same(a, b *importValues) bool { return reflect.DeepEqual(f.of(a), f.of(b)) }

func (f importField) copy(dst, src *importValues) {
	reflect.ValueOf(f.of(dst)).Elem().Set(reflect.ValueOf(f.of(src)).Elem())
}

// importFields are in the order of a report.
var importFields = []importField{
	{"number", func(v *importValues) any { return &v.Number }},
	{"name", func(v *importValues) any { return &v.Name }},
	{"subtitle", func(v *importValues) any { return &v.Subtitle }},
	{"course_type", func(v *importValues) any { return &v.CourseType }},
	{"description", func(v *importValues) any { return &v.Description }},
	{"level", func(v *importValues) any { return &v.Level }},
	{"target_groups", func(v *importValues) any { return &v.TargetGroups }},
	{"keywords", func(v *importValues) any { return &v.Keywords }},
	{"certificate", func(v *importValues) any { return &v.Certificate }},
	{"delivery", func(v *importValues) any { return &v.Delivery }},
	{"start_date", func(v *importValues) any { return &v.StartDate }},
	{"end_date", func(v *importValues) any { return &v.EndDate }},
	{"sessions", func(v *importValues) any { return &v.Sessions }},
	{"location", func(v *importValues) any { return &v.Location }},
	{"min_places", func(v *importValues) any { return &v.MinPlaces }},
	{"max_places", func(v *importValues) any { return &v.MaxPlaces }},
	{"teaching_units", func(v *importValues) any { return &v.TeachingUnits }},
	{"prices", func(v *importValues) any { return &v.Prices }},
	{"instructors", func(v *importValues) any { return &v.Instructors }},
	{"website_url", func(v *importValues) any { return &v.WebsiteURL }},
	{"image_url", func(v *importValues) any { return &v.ImageURL }},
}

// merge decides field by field: what staff changed since the last import stays, all else follows the file.
// written is what the imports wrote, to be kept for the next one; changed and kept name fields, kept only
// those where the file says something else.
func merge(current, last, file *importValues) (merged, written importValues, changed, kept []importField) {
	merged, written = *current, *last
	for _, f := range importFields {
		switch {
		case f.same(current, file):
			f.copy(&written, file)
		case f.same(current, last):
			f.copy(&merged, file)
			f.copy(&written, file)
			changed = append(changed, f)
		default:
			kept = append(kept, f)
		}
	}
	// what staff set and what the file says may each be right and contradict one another: then staff's holds
	for _, name := range merged.contradictions() {
		i := slices.IndexFunc(changed, func(f importField) bool { return f.name == name })
		if i < 0 {
			continue
		}
		changed[i].copy(&merged, current)
		changed[i].copy(&written, last)
		kept = append(kept, changed[i])
		changed = slices.Delete(changed, i, i+1)
	}
	return merged, written, changed, kept
}

// contradictions names fields that the database would refuse together.
func (v *importValues) contradictions() (names []string) {
	if v.StartDate != nil && v.EndDate != nil && v.EndDate.Before(*v.StartDate) {
		names = append(names, "start_date", "end_date")
	}
	if v.MinPlaces != nil && v.MaxPlaces != nil && *v.MinPlaces > *v.MaxPlaces {
		names = append(names, "min_places", "max_places")
	}
	return names
}

// normalise makes equal values equal for reflect: no nil lists, all moments in UTC.
func (v *importValues) normalise() {
	v.TargetGroups = append([]string{}, v.TargetGroups...)
	v.Keywords = append([]string{}, v.Keywords...)
	v.Sessions = append([]importSession{}, v.Sessions...)
	v.Prices = append([]importPrice{}, v.Prices...)
	v.Instructors = append([]int64{}, v.Instructors...)
	for i := range v.Sessions {
		v.Sessions[i].StartsAt, v.Sessions[i].EndsAt = v.Sessions[i].StartsAt.UTC(), v.Sessions[i].EndsAt.UTC()
	}
	slices.SortStableFunc(v.Sessions, func(a, b importSession) int {
		return cmp.Or(a.StartsAt.Compare(b.StartsAt), a.EndsAt.Compare(b.EndsAt), cmp.Compare(a.Room, b.Room), strings.Compare(a.Note, b.Note))
	})
	slices.Sort(v.Instructors)
	v.Instructors = slices.Compact(v.Instructors)
	for _, day := range []**time.Time{&v.StartDate, &v.EndDate} {
		if *day != nil {
			utc := (*day).UTC()
			*day = &utc
		}
	}
}

// text takes over what a record says in words and figures; what stands in other tables is the caller's.
func (v *importValues) text(r *openvhs.Record) {
	v.Number, v.Name, v.Level = r.Number, r.Name, r.Level
	v.Subtitle = clip(strings.Join(r.Subtitles, " · "), maxLine)
	v.Description = description(r)
	v.TargetGroups, v.Keywords = wordList(r.TargetGroups...), wordList(r.Keywords...)
	if r.Kind != "" && r.Kind != "Kurs" {
		v.Keywords = wordList(append(v.Keywords, r.Kind)...)
	}
	var certificates []string
	for _, c := range r.Certificates {
		certificates = append(certificates, joined(" – ", c.Name, c.Text))
	}
	v.Certificate = clip(strings.Join(certificates, "; "), maxLine)
	v.Delivery = string(r.Delivery)
	v.StartDate, v.EndDate = day(r.Begin), day(r.End)
	v.MinPlaces, v.MaxPlaces, v.TeachingUnits = r.MinPlaces, r.MaxPlaces, r.TeachingUnits
	for _, a := range r.WebAddresses {
		switch {
		case a.Type == "website" && v.WebsiteURL == "":
			v.WebsiteURL = a.URL
		case a.Type == "picture" && v.ImageURL == "":
			v.ImageURL = a.URL
		}
	}
	v.Prices = prices(r)
}

// wordList is texts as the list of words that a form makes of them.
func wordList(texts ...string) []string {
	t := typed{}
	var list []string
	for _, text := range texts {
		for _, word := range t.list("", text) {
			if word = clip(word, maxWord); !slices.Contains(list, word) && len(list) < maxList {
				list = append(list, word)
			}
		}
	}
	return list
}

// clip cuts a text to at most limit characters, the last of them an ellipsis.
func clip(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return text
}

func day(d openvhs.Date) *time.Time {
	if d.IsZero() {
		return nil
	}
	at := d.At(0, time.UTC)
	return &at
}

// description is all texts, and below them links to what the file attaches.
func description(r *openvhs.Record) string {
	var b strings.Builder
	for _, text := range r.Texts {
		b.WriteString(text.HTML)
	}
	links := false
	for _, a := range r.WebAddresses {
		if a.Type != "attachment" && a.Type != "video" {
			continue
		}
		if !links {
			b.WriteString("<ul>")
			links = true
		}
		b.WriteString(`<li><a href="` + html.EscapeString(a.URL) + `" rel="nofollow noopener">` + html.EscapeString(cmp.Or(a.Name, a.URL)) + "</a></li>")
	}
	if links {
		b.WriteString("</ul>")
	}
	return b.String()
}

// prices are a record's: none if it does not say what it costs.
func prices(r *openvhs.Record) []importPrice {
	if r.Price == nil {
		if r.FreeOfCharge {
			return []importPrice{{Name: "Normalpreis", Currency: "EUR"}}
		}
		return nil
	}
	list := []importPrice{{Name: "Normalpreis", AmountCents: int64(r.Price.Cents), Currency: "EUR", Note: clip(strings.Join(r.Price.Notes, "; "), maxLine)}}
	if r.Price.ReducedCents != nil {
		list = append(list, importPrice{Name: "ermäßigt", AmountCents: int64(*r.Price.ReducedCents), Currency: "EUR"})
	}
	return list
}

// session makes a session of a record's. Where only the start is known, the note says it: an end is
// not made up.
func session(s openvhs.Session, zone *time.Location) importSession {
	if s.Start != nil && s.End != nil {
		from, to := s.Date.At(*s.Start, zone), s.Date.At(*s.End, zone)
		if to.After(from) { // not so when the clocks are put forward in between
			return importSession{StartsAt: from, EndsAt: to}
		}
	}
	whole := importSession{StartsAt: s.Date.At(0, zone), EndsAt: s.Date.At(24*60, zone), AllDay: true}
	if s.Start != nil {
		whole.Note = "ab " + s.Start.String() + " Uhr"
	}
	return whole
}

// joined puts sep between those of the words that are not empty.
func joined(sep string, words ...string) string {
	return strings.Join(slices.DeleteFunc(words, func(s string) bool { return s == "" }), sep)
}
