package openvhs

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// flawless is a course with nothing to remark; each case below spoils it in one way.
const flawless = `<veranstaltung>
<guid>A-1</guid><nummer>N1</nummer><name>Töpfern</name>
<dvv_kategorie version="2.0">2.07</dvv_kategorie>
<merkmale><merkmal><name>barrierefreies_lernen</name><wert>true</wert></merkmal></merkmale>
<minimale_teilnehmerzahl>5</minimale_teilnehmerzahl><aktuelle_teilnehmerzahl>3</aktuelle_teilnehmerzahl>
<maximale_teilnehmerzahl>10</maximale_teilnehmerzahl>
<anzahl_termine>2</anzahl_termine><beginn_datum>2027-02-03</beginn_datum><dauer>6.5</dauer><ende_datum>2027-02-10</ende_datum>
<wochentag>Mittwoch</wochentag>
<text><eigenschaft>Beschreibung</eigenschaft><text>Wir töpfern.</text></text>
<veranstaltungsort><name>Haus 1</name><adresse><ort>Fulda</ort></adresse><barrierefrei>true</barrierefrei></veranstaltungsort>
<termin><beginn_datum>2027-02-03</beginn_datum><beginn_uhrzeit>18:00</beginn_uhrzeit><ende_uhrzeit>20:15:00+01:00</ende_uhrzeit></termin>
<termin><beginn_datum>2027-02-10</beginn_datum><beginn_uhrzeit>18:00</beginn_uhrzeit><ende_uhrzeit>20:15</ende_uhrzeit></termin>
<preis><betrag>50</betrag><rabatt_moeglich>true</rabatt_moeglich><zusatz>erm. Preis: 25,00 EUR</zusatz></preis>
<dozent><name>Beispiel</name><vorname>Anna</vorname></dozent>
<anmeldung><mail>vhs@example.org</mail></anmeldung>
<webadresse><typ>website</typ><uri>https://example.org/1</uri></webadresse>
</veranstaltung>`

func xmlFile(courses ...string) string {
	return "<?xml version=\"1.0\"?>\n<veranstaltungen version=\"1.1\">" + strings.Join(courses, "\n") + "</veranstaltungen>"
}

// spoil replaces parts of the flawless course: old, new, old, new …
func spoil(t *testing.T, pairs ...string) string {
	t.Helper()
	course := flawless
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(course, pairs[i]) {
			t.Fatalf("no %q in the course", pairs[i])
		}
		course = strings.ReplaceAll(course, pairs[i], pairs[i+1])
	}
	return course
}

type args = map[string]any

var problemCases = []struct {
	name  string
	spoil []string
	want  []Problem
	check func(r Record) bool // what must have become of the value; nil if nothing
}{
	{name: "flawless", check: func(r Record) bool {
		return *r.TakenPlaces == 3 && *r.TeachingUnits == 650 && r.Price.Cents == 5000 && *r.Price.ReducedCents == 2500 && len(r.Sessions) == 2
	}},
	{name: "no guid", spoil: []string{"<guid>A-1</guid>", "<guid> </guid>"}, want: []Problem{{Error, MissingGUID, nil}}},
	{name: "long guid", spoil: []string{"A-1", strings.Repeat("A", 101)}, want: []Problem{{Error, GUIDTooLong, args{"Limit": 100}}}},
	{name: "no name", spoil: []string{"<name>Töpfern</name>", ""}, want: []Problem{{Error, MissingName, nil}}},
	{name: "no number", spoil: []string{"<nummer>N1</nummer>", ""}, want: []Problem{{Warning, MissingNumber, nil}}},
	{name: "no maximum", spoil: []string{"<maximale_teilnehmerzahl>10</maximale_teilnehmerzahl>", ""},
		want: []Problem{{Warning, MissingMaxPlaces, nil}}, check: func(r Record) bool { return r.MaxPlaces == nil && *r.MinPlaces == 5 }},
	{name: "unknown occupancy", spoil: []string{"<aktuelle_teilnehmerzahl>3", "<aktuelle_teilnehmerzahl>-1"},
		check: func(r Record) bool { return r.TakenPlaces == nil }},
	{name: "negative maximum", spoil: []string{"<maximale_teilnehmerzahl>10", "<maximale_teilnehmerzahl>-1"},
		want: []Problem{{Warning, UnreadableNumber, args{"Field": "maximale_teilnehmerzahl", "Value": "-1"}}, {Warning, MissingMaxPlaces, nil}}},
	{name: "maximum 0", spoil: []string{"<maximale_teilnehmerzahl>10", "<maximale_teilnehmerzahl>0", "<aktuelle_teilnehmerzahl>3", "<aktuelle_teilnehmerzahl>0", "<minimale_teilnehmerzahl>5", "<minimale_teilnehmerzahl>0"},
		want: []Problem{{Warning, ZeroMaxPlaces, nil}}, check: func(r Record) bool { return *r.MaxPlaces == 0 }},
	{name: "minimum above maximum", spoil: []string{"<minimale_teilnehmerzahl>5", "<minimale_teilnehmerzahl>11"},
		want: []Problem{{Warning, MinAboveMax, args{"Min": 11, "Max": 10}}}, check: func(r Record) bool { return r.MinPlaces == nil && *r.MaxPlaces == 10 }},
	{name: "overbooked", spoil: []string{"<aktuelle_teilnehmerzahl>3", "<aktuelle_teilnehmerzahl>12"},
		want: []Problem{{Note, TakenAboveMax, args{"Taken": 12, "Max": 10}}}, check: func(r Record) bool { return *r.TakenPlaces == 12 }},
	{name: "number in words", spoil: []string{"<minimale_teilnehmerzahl>5", "<minimale_teilnehmerzahl>fünf"},
		want: []Problem{{Warning, UnreadableNumber, args{"Field": "minimale_teilnehmerzahl", "Value": "fünf"}}}},
	{name: "duration in words", spoil: []string{"<dauer>6.5", "<dauer>2 Abende"},
		want: []Problem{{Warning, UnreadableNumber, args{"Field": "dauer", "Value": "2 Abende"}}}, check: func(r Record) bool { return r.TeachingUnits == nil }},
	{name: "unknown category", spoil: []string{"2.07", "Kultur"},
		want: []Problem{{Warning, CategoryUnknown, args{"Code": "Kultur"}}}, check: func(r Record) bool { return r.Category == Category{} }},
	{name: "category 9", spoil: []string{"2.07", "9.01"}, want: []Problem{{Warning, CategoryUnknown, args{"Code": "9.01"}}}},
	{name: "regional category", spoil: []string{"2.07", "7.12"},
		want: []Problem{{Note, CategoryRegional, args{"Code": "7.12"}}}, check: func(r Record) bool { return r.Category.Code == "7.12" }},
	{name: "end before begin", spoil: []string{"<ende_datum>2027-02-10", "<ende_datum>2027-01-31"},
		want:  []Problem{{Warning, EndBeforeBegin, args{"Begin": "2027-02-03", "End": "2027-01-31"}}},
		check: func(r Record) bool { return r.End.IsZero() && r.Begin == Date{2027, 2, 3} }},
	{name: "no begin", spoil: []string{"<beginn_datum>2027-02-03</beginn_datum><dauer>", "<dauer>"},
		want: []Problem{{Note, BeginFromSession, args{"Date": "2027-02-03"}}}, check: func(r Record) bool { return r.Begin == Date{2027, 2, 3} }},
	{name: "begin that does not exist", spoil: []string{"<beginn_datum>2027-02-03</beginn_datum><dauer>", "<beginn_datum>2027-02-30</beginn_datum><dauer>"},
		want: []Problem{{Warning, UnreadableDate, args{"Field": "beginn_datum", "Value": "2027-02-30"}}, {Note, BeginFromSession, args{"Date": "2027-02-03"}}}},
	{name: "German date", spoil: []string{"<ende_datum>2027-02-10", "<ende_datum>10.2.2027"},
		want: []Problem{{Note, GermanDate, args{"Field": "ende_datum", "Value": "10.2.2027"}}}, check: func(r Record) bool { return r.End == Date{2027, 2, 10} }},
	{name: "date with zone", spoil: []string{"<ende_datum>2027-02-10", "<ende_datum>2027-02-10+01:00"}, check: func(r Record) bool { return r.End == Date{2027, 2, 10} }},
	{name: "nothing dated", spoil: []string{"<beginn_datum>", "<x>", "</beginn_datum>", "</x>"},
		want:  []Problem{{Warning, SessionWithoutDate, args{"Count": 2}}, {Warning, MissingBegin, nil}},
		check: func(r Record) bool { return len(r.Sessions) == 0 && r.Begin.IsZero() && r.End == Date{2027, 2, 10} }},
	{name: "no sessions", spoil: []string{"<termin>", "<x>", "</termin>", "</x>"}, want: []Problem{{Warning, NoSessions, nil}}},
	{name: "no sessions, learning alone", spoil: []string{"<termin>", "<x>", "</termin>", "</x>",
		"<name>barrierefreies_lernen</name><wert>true", "<name>kursart_digital</name><wert>selbstlernangebot"},
		check: func(r Record) bool { return r.Delivery == SelfPaced }},
	{name: "session count", spoil: []string{"<anzahl_termine>2", "<anzahl_termine>5"},
		want: []Problem{{Warning, SessionCountDiffers, args{"Declared": 5, "Found": 2}}}, check: func(r Record) bool { return *r.SessionCount == 5 }},
	{name: "session outside", spoil: []string{"<ende_datum>2027-02-10", "<ende_datum>2027-02-09"},
		want: []Problem{{Warning, SessionOutsideDates, args{"Count": 1, "Sessions": "2027-02-10", "Begin": "2027-02-03", "End": "2027-02-09"}}}},
	{name: "sessions for a part", spoil: []string{"<ende_datum>2027-02-10", "<ende_datum>2027-02-24"},
		want: []Problem{{Note, SessionsCoverPart, args{"Begin": "2027-02-03", "End": "2027-02-24", "First": "2027-02-03", "Last": "2027-02-10"}}}},
	{name: "no times", spoil: []string{"<beginn_uhrzeit>18:00</beginn_uhrzeit>", ""},
		want:  []Problem{{Warning, SessionWithoutTime, args{"Count": 2, "Sessions": "2027-02-03, 2027-02-10"}}},
		check: func(r Record) bool { return r.Sessions[0].Start == nil && r.Sessions[0].End == nil }},
	{name: "midnight to midnight", spoil: []string{"18:00", "00:00", "20:15:00+01:00", "00:00:00", "20:15", "00:00"},
		want: []Problem{{Warning, SessionWithoutTime, args{"Count": 2, "Sessions": "2027-02-03, 2027-02-10"}}}},
	{name: "no end time", spoil: []string{"<ende_uhrzeit>20:15</ende_uhrzeit>", ""},
		want:  []Problem{{Warning, SessionWithoutEnd, args{"Count": 1, "Sessions": "2027-02-10"}}},
		check: func(r Record) bool { return *r.Sessions[1].Start == 18*60 && r.Sessions[1].End == nil }},
	{name: "end time first", spoil: []string{"20:15</", "17:15</"},
		want:  []Problem{{Warning, SessionEndBeforeStart, args{"Count": 1, "Sessions": "2027-02-10"}}},
		check: func(r Record) bool { return *r.Sessions[1].Start == 18*60 && r.Sessions[1].End == nil }},
	{name: "time in words", spoil: []string{"20:15</", "abends</"},
		want: []Problem{{Warning, UnreadableTime, args{"Field": "ende_uhrzeit", "Value": "abends"}}, {Warning, SessionWithoutEnd, args{"Count": 1, "Sessions": "2027-02-10"}}}},
	{name: "summer time in winter", spoil: []string{"+01:00", "+02:00"},
		want:  []Problem{{Note, TimeZoneDiffers, args{"Count": 1, "Sessions": "2027-02-03"}}},
		check: func(r Record) bool { return *r.Sessions[0].End == 20*60+15 }},
	{name: "universal time", spoil: []string{"20:15:00+01:00", "20:15:00Z"}, want: []Problem{{Note, TimeZoneDiffers, args{"Count": 1, "Sessions": "2027-02-03"}}}},
	{name: "wrong weekday", spoil: []string{"Mittwoch", "Freitag"},
		want: []Problem{{Warning, WeekdayDiffers, args{"Count": 2, "Sessions": "2027-02-03, 2027-02-10", "Weekday": "Freitag"}}}},
	{name: "unknown weekday", spoil: []string{"Mittwoch", "täglich"},
		want: []Problem{{Warning, UnreadableWeekday, args{"Field": "wochentag", "Value": "täglich"}}}, check: func(r Record) bool { return r.Weekdays == nil }},
	{name: "weekday of a session", spoil: []string{"<termin><beginn_datum>2027-02-10", "<termin><wochentag>Do.</wochentag><beginn_datum>2027-02-10"},
		want: []Problem{{Warning, WeekdayDiffers, args{"Count": 1, "Sessions": "2027-02-10", "Weekday": "Do."}}}},
	{name: "no price", spoil: []string{"<betrag>50</betrag>", ""}, want: []Problem{{Warning, MissingPrice, nil}}, check: func(r Record) bool { return r.Price == nil }},
	{name: "price in words", spoil: []string{"<betrag>50", "<betrag>auf Anfrage"},
		want: []Problem{{Warning, UnreadablePrice, args{"Field": "betrag", "Value": "auf Anfrage"}}}, check: func(r Record) bool { return r.Price == nil }},
	{name: "ambiguous price", spoil: []string{"<betrag>50", "<betrag>1.234"}, want: []Problem{{Warning, UnreadablePrice, args{"Field": "betrag", "Value": "1.234"}}}},
	{name: "free, with a price", spoil: []string{"barrierefreies_lernen", "anmeldung_kostenlos"},
		want: []Problem{{Note, FreeButPrice, args{"Price": "50"}}}, check: func(r Record) bool { return r.FreeOfCharge && r.Price.Cents == 5000 }},
	{name: "reduced above price", spoil: []string{"25,00", "60,00"},
		want: []Problem{{Warning, ReducedAbovePrice, args{"Reduced": "60,00", "Price": "50"}}}, check: func(r Record) bool { return r.Price.ReducedCents == nil }},
	{name: "reduced without discount", spoil: []string{"<rabatt_moeglich>true", "<rabatt_moeglich>nein"},
		want: []Problem{{Note, ReducedWithoutDiscount, args{"Reduced": "25,00"}}}, check: func(r Record) bool { return *r.Price.ReducedCents == 2500 }},
	{name: "reduced in words", spoil: []string{"25,00 EUR", "siehe Aushang"},
		want:  []Problem{{Warning, UnreadablePrice, args{"Field": "zusatz", "Value": "erm. Preis: siehe Aushang"}}},
		check: func(r Record) bool { return slices.Equal(r.Price.Notes, []string{"erm. Preis: siehe Aushang"}) }},
	{name: "misspelt boolean", spoil: []string{"<barrierefrei>true", "<barrierefrei>fasle"},
		want:  []Problem{{Note, MisspeltBoolean, args{"Field": "barrierefrei", "Value": "fasle", "Meant": "false"}}},
		check: func(r Record) bool { return !*r.Location.Accessible }},
	{name: "boolean in words", spoil: []string{"<barrierefrei>true", "<barrierefrei>teilweise"},
		want:  []Problem{{Warning, UnreadableBoolean, args{"Field": "barrierefrei", "Value": "teilweise"}}},
		check: func(r Record) bool { return r.Location.Accessible == nil }},
	{name: "nobody teaches", spoil: []string{"<name>Beispiel</name><vorname>Anna</vorname>", "<name/>"},
		want: []Problem{{Note, EmptyInstructor, args{"Count": 1}}}, check: func(r Record) bool { return r.Instructors == nil }},
	{name: "script", spoil: []string{"Wir töpfern.", "&lt;p onclick=&quot;x()&quot;&gt;Wir&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;"},
		want:  []Problem{{Warning, HTMLRemoved, args{"Field": "Beschreibung", "Removed": "onclick, script"}}},
		check: func(r Record) bool { return r.Texts[0].HTML == "<p>Wir</p>" }},
	{name: "link that is none", spoil: []string{"https://example.org/1", "javascript:alert(1)"},
		want: []Problem{{Warning, BadURL, args{"Field": "uri", "Value": "javascript:alert(1)"}}}, check: func(r Record) bool { return r.WebAddresses == nil }},
	{name: "mailbox that is none", spoil: []string{"vhs@example.org", "vhs@example.org\nBcc: all@example.org"},
		want: []Problem{{Warning, BadMail, args{"Field": "mail", "Value": "vhs@example.org Bcc: all@example.org"}}}, check: func(r Record) bool { return r.Registration == nil }},
	{name: "long text", spoil: []string{"Wir töpfern.", strings.Repeat("ö", 30_000)},
		want: []Problem{{Warning, TooLong, args{"Field": "Beschreibung", "Limit": 50_000}}},
		check: func(r Record) bool {
			return strings.HasSuffix(r.Texts[0].HTML, "ö…</p>") && len(r.Texts[0].HTML) < 50_020
		}},
	{name: "long name", spoil: []string{"Töpfern", strings.Repeat("T", 501)},
		want: []Problem{{Warning, TooLong, args{"Field": "name", "Limit": 500}}}, check: func(r Record) bool { return len(r.Name) == 500 }},
	{name: "control characters", spoil: []string{"Töpfern", "Töp\x00fe\x02rn"},
		want: []Problem{{Warning, ControlCharacters, args{"Field": "name"}}}, check: func(r Record) bool { return r.Name == "Töpfern" }},
	{name: "control characters in a text", spoil: []string{"Wir töpfern.", "Wir\x0btöpfern."},
		want: []Problem{{Warning, ControlCharacters, args{"Field": "Beschreibung"}}}, check: func(r Record) bool { return r.Texts[0].HTML == "<p>Wirtöpfern.</p>" }},
}

func TestProblems(t *testing.T) {
	t.Parallel()
	for _, c := range problemCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			// The one behind it must come through whatever happens to the first.
			next := strings.NewReplacer("A-1", "A-2", "N1", "N2").Replace(flawless)
			_, records := readAll(t, xmlFile(spoil(t, c.spoil...), next))
			if len(records) != 2 || records[1].GUID != "A-2" || len(records[1].Problems) != 0 {
				t.Fatalf("the next course suffered: %+v", records)
			}
			got := records[0]
			if !reflect.DeepEqual(got.Problems, c.want) {
				t.Errorf("problems:\n got %v\nwant %v", got.Problems, c.want)
			}
			for _, p := range got.Problems {
				mustHaveSentence(t, p.Key, p.Args)
			}
			if c.check != nil && !c.check(got) {
				t.Errorf("unexpected values: %+v", got)
			}
			wantRejected := slices.ContainsFunc(c.want, func(p Problem) bool { return p.Severity == Error })
			if got.Rejected() != wantRejected {
				t.Errorf("Rejected() = %v", got.Rejected())
			}
		})
	}
}

func TestDuplicates(t *testing.T) {
	t.Parallel()
	sameNumber := strings.Replace(flawless, "A-1", "A-2", 1)
	summary, records := readAll(t, xmlFile(flawless, sameNumber, flawless))
	if got := records[1].Problems; !reflect.DeepEqual(got, []Problem{{Note, DuplicateNumber, args{"Number": "N1", "First": 1}}}) {
		t.Errorf("same number: %v", got)
	}
	want := []Problem{{Error, DuplicateGUID, args{"GUID": "A-1", "First": 1}}, {Note, DuplicateNumber, args{"Number": "N1", "First": 1}}}
	if got := records[2].Problems; !reflect.DeepEqual(got, want) {
		t.Errorf("same guid: %v", got)
	}
	for _, p := range records[2].Problems {
		mustHaveSentence(t, p.Key, p.Args)
	}
	if summary.Records != 3 || summary.Rejected != 1 {
		t.Errorf("summary %+v", summary)
	}
}

func TestAddressCount(t *testing.T) {
	t.Parallel()
	_, records := readAll(t, `{"veranstaltungen":{"veranstaltung":{"guid":"1","nummer":"N","name":"X","maximale_teilnehmerzahl":"9",
		"beginn_datum":"2027-02-03","preis":{"betrag":"1"},"ortetermine":{"adresse":[{"raum":"1"},{"raum":"2"}],
		"termin":{"beginn_datum":"2027-02-03","beginn_uhrzeit":"9:00","ende_uhrzeit":"10:00"}}}}}`)
	want := []Problem{{Warning, AddressCountDiffers, args{"Addresses": 2, "Found": 1}}}
	if !reflect.DeepEqual(records[0].Problems, want) {
		t.Errorf("got %v", records[0].Problems)
	}
	mustHaveSentence(t, want[0].Key, want[0].Args)
}

// Every key has a case above: who adds one adds its case.
func TestEveryProblemIsTested(t *testing.T) {
	t.Parallel()
	tested := map[string]bool{DuplicateGUID: true, DuplicateNumber: true, AddressCountDiffers: true}
	for _, c := range problemCases {
		for _, p := range c.want {
			tested[p.Key] = true
		}
	}
	if got := slices.Sorted(maps.Keys(tested)); !slices.Equal(got, ProblemKeys()) {
		t.Errorf("tested %v\nbut there are %v", got, ProblemKeys())
	}
}

func TestProblemNamesFewSessions(t *testing.T) {
	t.Parallel()
	var p problems
	p.addSessions(SessionWithoutTime, make([]Date, 7))
	if got := p[0].Args; got["Count"] != 7 || strings.Count(got["Sessions"].(string), ",") != maxNamed || !strings.HasSuffix(got["Sessions"].(string), "…") {
		t.Errorf("got %v", got)
	}
}
