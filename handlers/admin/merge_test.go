package admin

import (
	"slices"
	"testing"

	"kurso/models/catalog"
)

// Three versions of one form: as opened, as typed, as somebody else stored it.
func TestMerge(t *testing.T) {
	t.Parallel()
	opened := catalog.LocationInput{Version: "1", Name: "Haus", Street: "Alte Str. 1", Town: "Ulm", Latitude: "48,5",
		Rooms: []catalog.RoomInput{{ID: "1", Name: "A"}, {ID: "2", Name: "B"}, {ID: "3", Name: "C"}, {ID: "4", Name: "D"}, {ID: "5", Name: "E"}}}
	mine := opened
	mine.Name, mine.Street, mine.Latitude = "Haus am Markt", "Meine Str. 2", "48.5"
	mine.Rooms = slices.Clone(opened.Rooms)
	mine.Rooms[0].Name = "A1"     // only I
	mine.Rooms[2].Name = "C mein" // both
	mine.Rooms[3].Name = "D1"     // they removed it
	mine.Rooms[4].Remove = true   // both removed it
	mine.Rooms = append(mine.Rooms, catalog.RoomInput{Name: "Neu"}, catalog.RoomInput{Name: "Beide", Capacity: "7"})
	theirs := catalog.LocationInput{Version: "2", Name: "Haus", Street: "Ihre Str. 3", Town: "Neu-Ulm", Latitude: "48,5",
		Rooms: []catalog.RoomInput{{ID: "1", Name: "A"}, {ID: "2", Name: "B2"}, {ID: "3", Name: "C dein"}, {ID: "6", Name: "F"}, {ID: "7", Name: "Beide", Capacity: "7"}}}

	got := mine
	m := merge(parsePrints(printsOf(opened).String()), &got, theirs)
	want(t, "clashes", m.clashes, []string{"street", "rooms.3", "rooms.4"})
	want(t, "taken", m.taken, []string{"town", "rooms.2", "rooms.6", "rooms.7"})
	if got.Name != "Haus am Markt" || got.Street != "Meine Str. 2" || got.Town != "Neu-Ulm" || got.Version != "1" {
		t.Errorf("merged %+v", got)
	}
	var rooms []string
	for _, r := range got.Rooms {
		rooms = append(rooms, r.ID+" "+r.Name)
	}
	want(t, "rooms", rooms, []string{"1 A1", "2 B2", "3 C mein", "4 D1", " Neu", "7 Beide", "6 F"})

	// merging what was merged changes nothing more
	again := got
	m = merge(printsOf(opened), &again, theirs)
	want(t, "clashes again", m.clashes, []string{"street", "rooms.3", "rooms.4"})
	want(t, "taken again", m.taken, nil)

	for _, name := range []string{"street", "rooms.3", "rooms.4", "rooms.99", "nothing", "version", "street.1", "rooms"} {
		take(&got, theirs, name)
	}
	if got.Street != "Ihre Str. 3" || got.Version != "1" || len(got.Rooms) != 6 || got.Rooms[2].Name != "C dein" {
		t.Errorf("chosen %+v", got)
	}

	// nobody knows how it was opened: what differs is shown, new rows are added
	got = mine
	got.Rooms = slices.Clone(mine.Rooms)
	m = merge(parsePrints("rubbish"), &got, theirs)
	want(t, "two ways", m.clashes, []string{"name", "street", "town", "rooms.1", "rooms.2", "rooms.3", "rooms.4"})
	want(t, "added", m.taken, []string{"rooms.6", "rooms.7"})
}

func TestMergeOfChoices(t *testing.T) {
	t.Parallel()
	opened := catalog.CourseInput{Staff: []string{"2", "1"}, Instructors: []string{"Anna (#1)", ""}, Prices: []catalog.PriceInput{{ID: "1", Amount: "82,80"}}}
	mine, theirs := opened, opened
	mine.Staff, mine.Instructors, mine.Prices = []string{"1", "2"}, []string{"", "Anna (#1)"}, []catalog.PriceInput{{ID: "1", Amount: "82.80"}}
	theirs.Staff, theirs.Description = []string{"3"}, "<p>Neu</p>"
	m := merge(printsOf(opened), &mine, theirs)
	want(t, "clashes", m.clashes, nil)
	want(t, "taken", m.taken, []string{"description", "staff"})
	if !slices.Equal(mine.Staff, []string{"3"}) {
		t.Errorf("staff %v", mine.Staff)
	}
}

func want(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}
