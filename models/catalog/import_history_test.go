package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"kurso/models/audit"
	"kurso/models/catalog"
)

// What an import changes in a course is told as what staff change: from what, to what.
func TestImportTellsWhatItChanged(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	file := string(sample(t, "openvhs-1.2-sample.xml"))
	o.run(t, []byte(file))
	o.run(t, []byte(strings.NewReplacer("maximale_teilnehmerzahl>12<", "maximale_teilnehmerzahl>14<", "Einsteiger", "Anfänger", "82,80", "84,00", ">82.8<", ">84<", "18:30", "18:00").Replace(file)))
	entries, err := audit.History(t.Context(), o.Store, catalog.SubjectCourse, o.course(t, windows).ID, 10)
	if err != nil || len(entries) != 2 || len(entries[1].Changes) != 0 {
		t.Fatalf("%+v, %v", entries, err)
	}
	var got []string
	for _, c := range entries[0].Changes {
		got = append(got, fmt.Sprintf("%s: %s → %s", c.Field, c.Old, c.New))
	}
	want := []string{
		"level: Einsteiger → Anfänger",
		"sessions: 2027-02-03 18:30, 2027-02-10 18:30, 2027-02-17 18:30, 2027-02-24 18:30, 2027-03-03 → 2027-02-03 18:00, 2027-02-10 18:00, 2027-02-17 18:00, 2027-02-24 18:00, 2027-03-03",
		"max_places: 12 → 14",
		"prices: Normalpreis 82.80 EUR, ermäßigt 47.00 EUR → Normalpreis 84.00 EUR, ermäßigt 47.00 EUR",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}
