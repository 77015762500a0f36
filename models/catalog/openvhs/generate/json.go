package generate

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
)

// jsonWriter writes as Berlin's centres do: everything is a text, one of something stands for itself, several are
// an array, and each session repeats its address.
type jsonWriter struct{ started bool }

func (j *jsonWriter) start(out *bufio.Writer) {
	fmt.Fprint(out, `{"veranstaltungen":{"veranstaltung":[`)
}

func (j *jsonWriter) end(out *bufio.Writer) { fmt.Fprint(out, "\n]}}\n") }

func (j *jsonWriter) course(out *bufio.Writer, c course) error {
	if j.started {
		fmt.Fprint(out, ",")
	}
	j.started = true
	fmt.Fprint(out, "\n")
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(j.record(c)); err != nil {
		return err
	}
	_, err := out.Write(bytes.TrimRight(b.Bytes(), "\n"))
	return err
}

type (
	jsonCategory struct {
		Version string `json:"@version"`
		Code    string `json:"#text"`
	}
	jsonText struct {
		Property string `json:"eigenschaft"`
		Text     string `json:"text"`
	}
	jsonAttribute struct {
		Name  string `json:"name"`
		Value string `json:"wert"`
	}
	jsonPerson struct {
		Salutation *string `json:"anrede"`
		Title      *string `json:"titel"`
		Last       *string `json:"name"`
		First      *string `json:"vorname"`
		Phone      string  `json:"telefon,omitempty"`
		Mail       string  `json:"mail,omitempty"`
	}
	jsonContact struct {
		Phone string `json:"telefon"`
		Mail  string `json:"mail"`
		Link  string `json:"link"`
	}
	jsonAddress struct {
		Name       string  `json:"lehrstaette"`
		Zip        string  `json:"plz"`
		Town       string  `json:"ort"`
		Street     string  `json:"strasse"`
		Room       *string `json:"raum"`
		Longitude  string  `json:"laengengrad,omitempty"`
		Latitude   string  `json:"breitengrad,omitempty"`
		Accessible string  `json:"behindertenzugang"`
	}
	jsonSession struct {
		Weekday string  `json:"wochentag"`
		Date    *string `json:"beginn_datum"`
		Start   *string `json:"beginn_uhrzeit"`
		End     *string `json:"ende_uhrzeit"`
	}
	jsonPlaces struct {
		Addresses any `json:"adresse"`
		Sessions  any `json:"termin"`
	}
	jsonPrice struct {
		Amount   *string `json:"betrag"`
		Discount string  `json:"rabatt_moeglich"`
		Remarks  any     `json:"zusatz"`
	}
	jsonLink struct {
		Type string `json:"typ"`
		Name string `json:"name"`
		URI  string `json:"uri"`
	}
	jsonCourse struct {
		GUID         *string       `json:"guid"`
		Number       *string       `json:"nummer"`
		Name         *string       `json:"name"`
		Subtitles    any           `json:"untertitel"`
		District     string        `json:"bezirk"`
		Category     *jsonCategory `json:"dvv_kategorie"`
		Kind         string        `json:"veranstaltungsart"`
		Attributes   any           `json:"merkmal,omitempty"`
		Level        *string       `json:"level,omitempty"`
		Minimum      *string       `json:"minimale_teilnehmerzahl"`
		Taken        *string       `json:"aktuelle_teilnehmerzahl"`
		Maximum      *string       `json:"maximale_teilnehmerzahl"`
		Count        *string       `json:"anzahl_termine"`
		Begin        *string       `json:"beginn_datum"`
		End          *string       `json:"ende_datum"`
		TargetGroups any           `json:"zielgruppe"`
		Keywords     any           `json:"schlagwort"`
		Texts        any           `json:"text"`
		Registration jsonContact   `json:"anmeldung"`
		Contact      jsonPerson    `json:"ansprechperson"`
		Places       jsonPlaces    `json:"ortetermine"`
		Price        jsonPrice     `json:"preis"`
		Instructors  any           `json:"dozent"`
		Link         jsonLink      `json:"webadresse"`
	}
)

func (j *jsonWriter) record(c course) jsonCourse {
	contact := newJSONPerson(c.contact)
	contact.Phone, contact.Mail = "0800 000 1234", "beratung@"+domain
	r := jsonCourse{
		GUID: optional(c.guid), Number: optional(c.number), Name: optional(c.name), Subtitles: oneOrMany(c.subtitles),
		District: c.venue.district, Kind: c.kind, Level: optional(c.level),
		Minimum: optional(c.minimum), Taken: optional(c.taken), Maximum: optional(c.maximum), Count: optional(c.count),
		Begin: optional(c.begin), End: optional(c.end),
		TargetGroups: oneOrMany(c.targetGroups), Keywords: oneOrMany(c.keywords),
		Attributes: oneOrMany(mapped(c.attributes, func(a attribute) jsonAttribute { return jsonAttribute{a.name, a.value} })),
		Texts:      oneOrMany(mapped(c.texts, func(t text) jsonText { return jsonText{t.property, t.content} })),
		Registration: jsonContact{
			Phone: "0800 000 1230", Mail: "info@" + domain, Link: "https://" + domain,
		},
		Contact:     contact,
		Price:       jsonPrice{Amount: optional(c.price), Discount: c.discount, Remarks: oneOrMany(c.remarks)},
		Instructors: oneOrMany(mapped(c.instructors, newJSONPerson)),
		Link:        jsonLink{"website", "zur Kursbuchung", c.link},
	}
	if c.category != "" {
		r.Category = &jsonCategory{"2.0", c.category}
	}
	r.Places.Sessions = oneOrMany(mapped(c.sessions, func(s session) jsonSession {
		return jsonSession{s.weekday, optional(s.date), optional(s.start), optional(s.end)}
	}))
	if !c.online {
		r.Places.Addresses = oneOrMany(mapped(c.sessions, func(s session) jsonAddress {
			v := c.venue
			return jsonAddress{v.name, v.zip, town, v.street, optional(s.room), v.longitude, v.latitude, s.accessible}
		}))
	}
	return r
}

func newJSONPerson(p person) jsonPerson {
	return jsonPerson{Salutation: optional(p.salutation), Title: optional(p.title), Last: optional(p.last), First: optional(p.first)}
}

// optional is null for what there is not.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// oneOrMany is null, the one, or an array.
func oneOrMany[T any](items []T) any {
	switch len(items) {
	case 0:
		return nil
	case 1:
		return items[0]
	}
	return items
}

func mapped[A, B any](items []A, fn func(A) B) []B {
	var out []B
	for _, item := range items {
		out = append(out, fn(item))
	}
	return out
}
