package locales

import (
	"context"
	"testing"
)

func TestStored(t *testing.T) {
	t.Parallel()
	de, en := With(context.Background(), German), With(context.Background(), English)
	dates := map[string]any{"Begin": "2027-02-06", "End": "2027-01-31"}
	for _, c := range []struct{ got, want string }{
		{Stored(de, "import.problem.end_before_begin", dates), "Das Ende 31.01.2027 liegt vor dem Beginn 06.02.2027 und wurde weggelassen."},
		{Stored(en, "import.problem.end_before_begin", dates), "The end 31 Jan 2027 is before the start 6 Feb 2027 and was left out."},
		{Stored(de, "import.problem.session_without_time", map[string]any{"Sessions": "2027-02-03, 2027-02-10, …"}), "Ohne Uhrzeit: 03.02.2027, 10.02.2027, …."},
		{Stored(de, "import.problem.unreadable_date", map[string]any{"Field": "ende_datum", "Value": "2027-02-30"}), "„2027-02-30“ in „ende_datum“ ist kein Datum und wurde weggelassen."},
		{Stored(de, "import.file.encoding", map[string]any{"Line": 123456.0}), "In Zeile 123\u202f456 stehen Zeichen, die nicht zur Kodierung der Datei passen. Es wurde nichts importiert. Bitte exportieren Sie den Katalog als UTF-8."},
	} {
		if c.got != c.want {
			t.Errorf("got  %q\nwant %q", c.got, c.want)
		}
	}
}
