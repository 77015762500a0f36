package catalog_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kurso/models/catalog"
	"kurso/models/store"
)

const (
	windows = "0F48F5A8-C22C-4AFF-B891-77095CD84029"
	english = "0EAFAD5E-CF35-4D98-93CC-9808DE0FDC5B"
)

// notes are the lines of a report about fields that were kept.
func (o *office) notes(t *testing.T, id int64) []string {
	t.Helper()
	return slices.DeleteFunc(o.report(t, id), func(line string) bool { return !strings.Contains(line, "kept_field") })
}

func TestWhatStaffChangedStays(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	file := string(sample(t, "openvhs-1.2-sample.xml"))
	o.run(t, []byte(file))
	c := o.course(t, windows)
	o.exec(t, "UPDATE courses SET name = 'Windows von Grund auf', max_places = 8, state = 'published' WHERE id = ?", c.ID)
	o.exec(t, "UPDATE price_tiers SET amount_cents = 9000 WHERE id = ?", c.PriceTiers[0].ID)
	o.exec(t, "UPDATE course_sessions SET starts_at = starts_at + interval '1 hour' WHERE id = ?", c.Sessions[0].ID)
	other := o.course(t, english)
	o.exec(t, "UPDATE courses SET location_id = ? WHERE id = ?", *other.LocationID, c.ID)

	// the file still says what it said: staff's values stay, and the report says so each time
	want := []string{
		`1 VG5010105 note kept_field {"Field":"name","File":"Windows und Internet - Basiswissen Teil 1","Staff":"Windows von Grund auf"}`,
		`1 VG5010105 note kept_field {"Field":"sessions","File":"2027-02-03 18:30, 2027-02-10 18:30, 2027-02-17 18:30, … (5)","Staff":"2027-02-03 19:30, 2027-02-10 18:30, 2027-02-17 18:30, … (5)"}`,
		`1 VG5010105 note kept_field {"Field":"location","File":"Eduard-Stieler-Campus, Brüder-Grimm-Str. 5, Fulda","Staff":"Comeniushaus, Lahnstr. 78, Berlin"}`,
		`1 VG5010105 note kept_field {"Field":"max_places","File":"12","Staff":"8"}`,
		`1 VG5010105 note kept_field {"Field":"prices","File":"Normalpreis 82.80 EUR, ermäßigt 47.00 EUR","Staff":"Normalpreis 90.00 EUR, ermäßigt 47.00 EUR"}`,
	}
	before := o.stock(t)
	im := o.run(t, []byte(file))
	wantCounts(t, im, "finished 4/4: 0 created, 0 updated, 4 unchanged, 0 skipped")
	wantLines(t, o.notes(t, im.ID), want)
	if o.stock(t) != before {
		t.Error("the import changed rows")
	}

	// the file changes other fields, and one of staff's: theirs stays, the others follow
	o.Clock.Advance(time.Hour)
	changed := strings.NewReplacer("Einsteiger", "Anfänger", "<maximale_teilnehmerzahl>12<", "<maximale_teilnehmerzahl>14<",
		"<openvhs:maximale_teilnehmerzahl>12<", "<openvhs:maximale_teilnehmerzahl>14<").Replace(file)
	im = o.run(t, []byte(changed))
	wantCounts(t, im, "finished 4/4: 0 created, 2 updated, 2 unchanged, 0 skipped")
	want[3] = `1 VG5010105 note kept_field {"Field":"max_places","File":"14","Staff":"8"}`
	wantLines(t, o.notes(t, im.ID), want)
	got := o.course(t, windows)
	if got.Name != "Windows von Grund auf" || *got.MaxPlaces != 8 || got.Level != "Anfänger" || got.State != catalog.Published || got.Version != 2 || !got.UpdatedAt.Equal(o.Now()) {
		t.Errorf("course %+v", got)
	}

	// staff give a field back by setting what the file says: from then on it follows again
	o.exec(t, "UPDATE courses SET max_places = 14 WHERE id = ?", c.ID)
	o.run(t, []byte(changed))
	im = o.run(t, []byte(file))
	if got := o.course(t, windows); *got.MaxPlaces != 12 {
		t.Errorf("%d places, want the file's 12; %v", *got.MaxPlaces, o.notes(t, im.ID))
	}
}

func TestStaffAndFileMayContradictOneAnother(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	file := string(sample(t, "openvhs-1.2-sample.xml"))
	o.run(t, []byte(file))
	c := o.course(t, english)
	o.exec(t, "UPDATE courses SET max_places = 8, end_date = '2027-04-13' WHERE id = ?", c.ID)
	changed := strings.NewReplacer(">8</", ">10</", "<beginn_datum>2027-04-12<", "<beginn_datum>2027-04-14<", ">2027-04-16<", ">2027-04-18<").Replace(file)
	if changed == file {
		t.Fatal("the sample has changed")
	}
	im := o.run(t, []byte(changed))
	if im.State != catalog.ImportFinished || im.SkippedCount != 0 {
		t.Fatal(counts(im))
	}
	got := o.course(t, english)
	if *got.MinPlaces != 8 || *got.MaxPlaces != 8 {
		t.Errorf("%d to %d places", *got.MinPlaces, *got.MaxPlaces)
	}
	if !slices.ContainsFunc(o.notes(t, im.ID), func(l string) bool { return strings.Contains(l, `"Field":"min_places","File":"10","Staff":"8"`) }) {
		t.Error(o.notes(t, im.ID))
	}
}

func TestBookingsAndTheirPricesAreLeftAlone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	file := string(sample(t, "openvhs-1.2-sample.xml"))
	o.run(t, []byte(file))
	c := o.course(t, windows)
	o.exec(t, `INSERT INTO bookings (course_id, state, places, total_cents, first_name, last_name, email, form_nonce, verify_nonce, verify_hash,
		verify_expires_at, verify_sent_at, manage_nonce, manage_hash, requested_at, confirmed_at, updated_at)
		VALUES (?, 'CONFIRMED', 1, 8280, 'Anna', 'Beispiel', 'anna@example.org', 'n', 'v', 'v', now(), now(), 'm', 'm', now(), now(), now())`, c.ID)
	o.exec(t, `INSERT INTO participants (booking_id, position, last_name, price_tier_id, price_name, amount_cents)
		SELECT id, 1, 'Beispiel', ?, 'Normalpreis', 8280 FROM bookings`, c.PriceTiers[0].ID)
	const booking = "SELECT hashtext(string_agg(b::text || p::text, '')) FROM bookings b JOIN participants p ON p.booking_id = b.id"
	before := o.number(t, booking)

	im := o.run(t, []byte(strings.NewReplacer("82.8", "95", "47,00", "50,00", ">9</", ">10</").Replace(file)))
	wantCounts(t, im, "finished 4/4: 0 created, 1 updated, 3 unchanged, 0 skipped")
	if o.number(t, booking) != before {
		t.Error("the booking was changed")
	}
	got := o.course(t, windows)
	var tiers []string
	for _, p := range got.PriceTiers {
		tiers = append(tiers, fmt.Sprint(p.Name, " ", p.AmountCents, " ", p.Archived, " ", p.ID == c.PriceTiers[0].ID))
	}
	wantLines(t, tiers, []string{"Normalpreis 9500 false false", "ermäßigt 5000 false false", "Normalpreis 8280 true true"})
	if got.PlacesTakenElsewhere != 10 {
		t.Errorf("%d places taken elsewhere", got.PlacesTakenElsewhere)
	}
}

func TestMovedSessionsKeepTheirRows(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	file := string(sample(t, "openvhs-1.2-sample.xml"))
	o.run(t, []byte(file))
	before := o.course(t, windows)
	o.run(t, []byte(strings.Replace(file, "2027-02-10", "2027-02-11", 1)))
	after := o.course(t, windows)
	if len(after.Sessions) != 5 {
		t.Fatalf("%d sessions", len(after.Sessions))
	}
	for i := range after.Sessions {
		if after.Sessions[i].ID != before.Sessions[i].ID {
			t.Errorf("session %d is another row", i+1)
		}
	}
	if d := after.Sessions[1].StartsAt.Sub(before.Sessions[1].StartsAt); d != 24*time.Hour {
		t.Errorf("the session moved by %s", d)
	}
}

func TestWhatStaffMadeByHandIsUsed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	now := o.Now()
	house := &catalog.Location{Name: "eduard-stieler-CAMPUS", Street: "Brueder-Grimm-Str. 5", Zip: "36037", Town: "Fulda", Version: 1, CreatedAt: now, UpdatedAt: now}
	arts := &catalog.Category{Code: "5", Name: "Beruf und EDV", Version: 1}
	o.Must(t, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.NewInsert().Model(house).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewInsert().Model(arts).Exec(ctx)
		return err
	})
	o.run(t, sample(t, "openvhs-1.2-sample.xml"))
	c := o.course(t, windows)
	if c.Location.ID != house.ID || c.CourseType.Category.ID != arts.ID {
		t.Errorf("another place %+v or category %+v was made", c.Location, c.CourseType.Category)
	}
}

func TestCoursesThatTheFileNoLongerHasStay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.run(t, sample(t, "openvhs-1.2-sample.xml"))
	im := o.run(t, sample(t, "berlin-dialect-sample.json"))
	if n := o.number(t, "SELECT count(*) FROM courses"); n != 6 {
		t.Errorf("%d courses", n)
	}
	if lines := o.report(t, im.ID); lines[0] != `0  note not_in_file {"Count":4}` {
		t.Errorf("the report begins with %q", lines[0])
	}
}
