package generate

import (
	"bufio"
	"fmt"
	"strings"
	"time"
)

type xmlWriter struct{ created time.Time }

func newXMLWriter(o Options) *xmlWriter { return &xmlWriter{created: o.Start} }

func (x *xmlWriter) start(out *bufio.Writer) {
	fmt.Fprintf(out, `<?xml version="1.0" encoding="UTF-8"?>
<openvhs:veranstaltungen version="1.2" xmlns:openvhs="http://www.dvv-vhs.de/Open-VHS">
<export><erstellungszeitpunkt>%s</erstellungszeitpunkt><ersteller><guid>0815</guid><name>Volkshochschule %s</name></ersteller></export>
`, x.created.Format(time.RFC3339), town)
}

func (x *xmlWriter) end(out *bufio.Writer) { fmt.Fprintln(out, "</openvhs:veranstaltungen>") }

func (x *xmlWriter) course(out *bufio.Writer, c course) error {
	e := elements{out}
	e.open("veranstaltung")
	e.leaf("guid", c.guid)
	e.leaf("nummer", c.number)
	e.leaf("name", c.name)
	e.leaf("untertitel", c.subtitles...)
	if c.category != "" {
		fmt.Fprintf(out, `<dvv_kategorie version="2.0">%s</dvv_kategorie>`, cdata(c.category))
	}
	x.attributes(e, c)
	e.leaf("level", c.level)
	e.leaf("minimale_teilnehmerzahl", c.minimum)
	e.leaf("aktuelle_teilnehmerzahl", c.taken)
	e.leaf("maximale_teilnehmerzahl", c.maximum)
	e.leaf("anzahl_termine", c.count)
	e.leaf("beginn_datum", c.begin)
	e.leaf("dauer", c.units)
	e.leaf("ende_datum", c.end)
	e.leaf("wochentag", c.weekdays...)
	e.leaf("zielgruppe", c.targetGroups...)
	e.leaf("schlagwort", c.keywords...)
	if c.certificate != "" {
		e.group("zertifikat", "name", c.certificate, "text", "Prüfung nach Vereinbarung")
	}
	for _, t := range c.texts {
		e.group("text", "eigenschaft", t.property, "text", t.content)
	}
	x.places(e, c)
	x.money(e, c)
	for _, p := range c.instructors {
		e.group("dozent", "anrede", p.salutation, "titel", p.title, "name", p.last, "vorname", p.first)
	}
	e.group("webadresse", "typ", "website", "name", "Kursdetails", "uri", c.link)
	e.close("veranstaltung")
	return out.WriteByte('\n')
}

func (x *xmlWriter) attributes(e elements, c course) {
	if len(c.attributes) == 0 {
		return
	}
	e.open("merkmale")
	for _, a := range c.attributes {
		e.group("merkmal", "name", a.name, "wert", a.value)
	}
	e.close("merkmale")
}

func (x *xmlWriter) places(e elements, c course) {
	if !c.online {
		e.open("veranstaltungsort")
		e.leaf("name", c.venue.name)
		e.group("adresse", "land", "Deutschland", "plz", c.venue.zip, "ort", town, "ortsteil", c.venue.district, "strasse", c.venue.street)
		if len(c.sessions) > 0 {
			e.leaf("barrierefrei", c.sessions[0].accessible)
		}
		e.close("veranstaltungsort")
	}
	for _, s := range c.sessions {
		e.group("termin", "beginn_datum", s.date, "beginn_uhrzeit", s.start, "ende_uhrzeit", s.end)
	}
}

func (x *xmlWriter) money(e elements, c course) {
	e.open("preis")
	e.leaf("betrag", c.price)
	e.leaf("rabatt_moeglich", c.discount)
	e.leaf("zusatz", c.remarks...)
	e.close("preis")
}

// elements writes XML.
type elements struct{ out *bufio.Writer }

func (e elements) open(name string) { fmt.Fprintf(e.out, "<%s>", name) }

func (e elements) close(name string) { fmt.Fprintf(e.out, "</%s>", name) }

// leaf writes an element for each value that is not empty.
func (e elements) leaf(name string, values ...string) {
	for _, value := range values {
		if value != "" {
			fmt.Fprintf(e.out, "<%s>%s</%s>", name, cdata(value), name)
		}
	}
}

// group writes an element with one leaf for each pair of name and value.
func (e elements) group(name string, pairs ...string) {
	e.open(name)
	for i := 0; i < len(pairs); i += 2 {
		e.leaf(pairs[i], pairs[i+1])
	}
	e.close(name)
}

// cdata quotes what is not plain.
func cdata(text string) string {
	if !strings.ContainsAny(text, "<>&\r") {
		return text
	}
	return "<![CDATA[" + strings.ReplaceAll(text, "]]>", "]]]]><![CDATA[>") + "]]>"
}
