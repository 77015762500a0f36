package ui_test

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/a-h/templ"

	"kurso/locales"
	"kurso/templates/ui"
)

func render(t *testing.T, c templ.Component) *goquery.Document {
	t.Helper()
	var b strings.Builder
	if err := c.Render(locales.With(t.Context(), locales.German), &b); err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestFieldsAreTiedToTheirWords(t *testing.T) {
	t.Parallel()
	f := ui.Field{
		Name: "participants[0].email", Label: "E-Mail", Value: `"><script>`, Help: "Dorthin geht die Bestätigung.",
		Error: "Die E-Mail-Adresse braucht ein @.", MaxLength: 200, Autocomplete: "email", Attrs: templ.Attributes{"data-x": "1"},
	}
	for kind, c := range map[string]templ.Component{
		"input": ui.Input(f), "textarea": ui.Textarea(f), "select": ui.Select(f, []ui.Option{{Value: f.Value}}),
	} {
		doc := render(t, c)
		control := doc.Find(kind)
		if id, _ := control.Attr("id"); id != "f-participants-0--email" || id != ui.FieldID(f.Name) || doc.Find(`label[for="`+id+`"]`).Length() != 1 {
			t.Errorf("%s: id %q has no label", kind, id)
		}
		for name, want := range map[string]string{
			"name": f.Name, "aria-invalid": "true", "maxlength": "200", "autocomplete": "email", "data-x": "1", "required": "",
			"aria-describedby": "f-participants-0--email-error f-participants-0--email-help",
		} {
			if got, ok := control.Attr(name); !ok || got != want {
				t.Errorf("%s: %s is %q, %t", kind, name, got, ok)
			}
		}
		for _, id := range strings.Fields(control.AttrOr("aria-describedby", "")) {
			if doc.Find("#"+id).Text() == "" {
				t.Errorf("%s: nothing is called %s", kind, id)
			}
		}
		value := control.AttrOr("value", control.Text())
		if kind == "select" {
			value, _ = control.Find("option[selected]").Attr("value")
		}
		if value != f.Value {
			t.Errorf("%s: the value is %q", kind, value)
		}
		if _, disabled := control.Attr("disabled"); disabled {
			t.Errorf("%s is disabled", kind)
		}
	}
}

func TestOptionalFieldsSaySo(t *testing.T) {
	t.Parallel()
	doc := render(t, ui.Input(ui.Field{Name: "phone", Label: "Telefon", Optional: true}))
	if _, required := doc.Find("input").Attr("required"); required || !strings.Contains(doc.Find("label").Text(), "freiwillig") {
		t.Error("an optional field is required, or does not say that it is optional")
	}
	if _, described := doc.Find("input").Attr("aria-describedby"); described {
		t.Error("a field without help or error is described by something")
	}
}

func TestErrorSummaryLeadsToTheFields(t *testing.T) {
	t.Parallel()
	doc := render(t, ui.ErrorSummary([]ui.FieldError{{Name: "bill_to", Message: "Bitte wählen Sie."}, {Message: "Der Kurs ist voll."}}))
	href, _ := doc.Find("a").Attr("href")
	group := render(t, ui.RadioGroup(ui.Field{Name: "bill_to", Label: "Rechnung"}, []ui.Option{{Value: "a"}, {Value: "b"}}))
	if group.Find(href).AttrOr("type", "") != "radio" {
		t.Errorf("%s is no control of the group", href)
	}
	if got := doc.Find("li").Length(); got != 2 || doc.Find("a").Length() != 1 {
		t.Errorf("%d entries", got)
	}
	if render(t, ui.ErrorSummary(nil)).Find("div").Length() != 0 {
		t.Error("a form without errors has a summary")
	}
}

func TestChartScalesToItsHighestBar(t *testing.T) {
	t.Parallel()
	for highest, want := range map[int]string{0: "0 1", 1: "0 1", 3: "0 1 2 3", 4: "0 1 2 3 4", 7: "0 2 4 6 8", 52: "0 20 40 60", 981: "0 500 1000"} {
		doc := render(t, ui.Chart(ui.BarChart{ID: "c", Bars: []ui.Bar{{Label: "a", Value: highest, Text: "x"}, {Label: "b"}}}))
		var ticks []string
		doc.Find(`svg text[text-anchor="end"]`).Each(func(_ int, s *goquery.Selection) { ticks = append(ticks, s.Text()) })
		if got := strings.Join(ticks, " "); got != want {
			t.Errorf("up to %d the lines are %s, want %s", highest, got, want)
		}
		if got := doc.Find("table tbody tr").Length(); got != 2 {
			t.Errorf("the table has %d rows", got)
		}
	}
	if render(t, ui.Chart(ui.BarChart{ID: "c"})).Find("svg rect").Length() != 0 {
		t.Error("a chart of nothing has bars")
	}
}
