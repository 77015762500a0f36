package openvhs

import (
	"testing"
	"time"
)

func TestCents(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"82.8": 8280, "82,80": 8280, "0": 0, "0.00": 0, "109.0": 10900, "82.8000": 8280, "47,00 EUR": 4700, "€ 47": 4700,
		"1.234,50": 123450, "1,234.50": 123450, "1 234,50 €": 123450, "1'234.50": 123450, "12.345.678": -1, "82,-": 8200, "82,--": 8200,
		"999999": 99999900, "1.234": -1, "82.805": -1, "-5": -1, "": -1, "frei": -1, "1e3": -1, "1000000": -1, "5,00 bis 7,00": -1,
	} {
		got, ok := centsFrom(text)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}

func TestReducedPrice(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		cents int
		note  string
	}{
		"erm. Preis: 47,00 EUR":                        {4700, ""},
		"ermäßigt 1.234 EUR":                           {-1, "ermäßigt 1.234 EUR"},
		"Erm. Preis: 47,00 EUR; zzgl. 5 € für Ton":     {4700, "zzgl. 5 € für Ton"},
		"zzgl. 5 € für Ton, ermäßigt 12,50 €":          {1250, "zzgl. 5 € für Ton"},
		"ermäßigtes Entgelt: 1.047,00 EUR":             {104700, ""},
		"ermäßigter Preis 47 Euro":                     {4700, ""},
		"zzgl. ca. 5 € für Unterrichtsmaterial":        {-1, "zzgl. ca. 5 € für Unterrichtsmaterial"},
		"Kosten für die Terme 5 EUR":                   {-1, "Kosten für die Terme 5 EUR"},
		"eine Ermäßigung ist möglich, Kopien 3,00 EUR": {-1, "eine Ermäßigung ist möglich, Kopien 3,00 EUR"},
	} {
		course := &course{}
		price := &Price{}
		course.remark(price, text)
		cents, note := -1, ""
		if price.ReducedCents != nil {
			cents = *price.ReducedCents
		}
		if len(price.Notes) > 0 {
			note = price.Notes[0]
		}
		if cents != want.cents || note != want.note {
			t.Errorf("%q: %d and %q, want %d and %q", text, cents, note, want.cents, want.note)
		}
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"18:30": "18:30", "18:30:00": "18:30", "18:30:00+02:00": "18:30", "18:30:00.000Z": "18:30", "9:05": "09:05",
		"18.30 Uhr": "18:30", "24:00": "24:00", "24:01": "", "18:60": "", "25:00": "", "18": "", "1830": "", "abends": "", "-1:00": "",
	} {
		clock, _, ok := clockFrom(text)
		got := ""
		if ok {
			got = clock.String()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]int{"18:30Z": 0, "18:30+02:00": 7200, "18:30:00-0130": -5400} {
		if _, offset, _ := clockFrom(text); offset == nil || *offset != want {
			t.Errorf("%q: offset %v, want %d", text, offset, want)
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2027-02-03": "2027-02-03", "2028-02-29": "2028-02-29", "2027-02-29": "", "2027-13-01": "", "2027-02-03T00:00:00": "2027-02-03",
		"2027-02-03+01:00": "2027-02-03", "2027-02-03T00:00:00Z": "2027-02-03", "03.02.2027": "2027-02-03", "3. 2. 2027": "2027-02-03",
		"03.02.27": "", "0001-01-01": "", "1899-12-30": "", "9999-12-31": "", "02/03/2027": "", "2027": "", "bald": "",
	} {
		date, _, ok := dateFrom(text)
		if date.String() != want || ok != (want != "") {
			t.Errorf("%q: %q, %v, want %q", text, date, ok, want)
		}
	}
}

func TestBooleans(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"true": "true", "TRUE": "true", "1": "true", "ja": "true", "false": "false", "0": "false", "nein": "false",
		"fasle": "false, misspelt", "Flase": "false, misspelt", "fals": "false, misspelt", "falsee": "false, misspelt",
		"ture": "true, misspelt", "treu": "true, misspelt", "tru": "true, misspelt", "t": "", "vielleicht": "", "2": "", "-1": "",
	} {
		value, misspelt, ok := booleanFrom(text)
		got := ""
		if ok {
			got = map[bool]string{true: "true", false: "false"}[value]
		}
		if misspelt {
			got += ", misspelt"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"6": 6, "+6": 6, "-1": -1, "6.0": 6, "6,00": 6, "6.5": -9, "6 bis 8": -9, "1234567": -9, "": -9} {
		got, ok := integerFrom(text)
		if !ok {
			got = -9
		}
		if got != want {
			t.Errorf("integer %q: %d, want %d", text, got, want)
		}
	}
	for text, want := range map[string]int{"15.0": 1500, "15": 1500, "2,67": 267, "13.3333": 1333, "0": 0, "-1": -9, "1e3": -9, "x": -9} {
		got, ok := hundredthsFrom(text)
		if !ok {
			got = -9
		}
		if got != want {
			t.Errorf("hundredths %q: %d, want %d", text, got, want)
		}
	}
}

func TestWeekdays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Weekday{
		"Montag": 1, "Mo": 1, "Di.": 2, "mittwochs": 3, "DONNERSTAG": 4, "Fr": 5, "Sa.": 6, "Sonnabend": 6, "samstags": 6, "Sonntag": 0, "So": 0,
		"täglich": -1, "M": -1, "": -1, "Montag bis Freitag": -1,
	} {
		got, ok := weekdayFrom(text)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestUnescape(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Rock &amp; Pop": "Rock & Pop", "&Uuml;bung &#8211; &#x2013;": "Übung – –", "Werk&region": "Werk&region", "R&D; x": "R&D; x", "&": "&",
	} {
		if got := unescape(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
