package openvhs

import (
	"regexp"
	"strings"
)

// course is a record in the making.
type course struct {
	Record
	node     *node
	problems problems
}

func (c *course) describe() {
	c.Subtitles = c.lines("untertitel")
	c.Kind = c.line("veranstaltungsart", maxWord)
	c.District = c.line("bezirk", maxWord)
	c.Level = c.line("level", maxWord)
	c.TargetGroups = c.lines("zielgruppe")
	c.Keywords = c.lines("schlagwort")
	c.Category = c.category()
	for _, n := range c.node.all("zertifikat") {
		certificate := Certificate{Name: c.in(n, "name", maxLine), Text: c.in(n, "text", maxLine)}
		if certificate != (Certificate{}) {
			c.Certificates = append(c.Certificates, certificate)
		}
	}
	c.attributes()
	c.texts()
	c.webAddresses()
}

var categoryCode = regexp.MustCompile(`^([0-7])(?:\.\d{1,2}){0,2}$`)

func (c *course) category() Category {
	n := c.node.first("dvv_kategorie")
	code := c.clean(n, "dvv_kategorie", maxWord)
	if code == "" {
		return Category{}
	}
	m := categoryCode.FindStringSubmatch(code)
	if m == nil {
		c.problems.add(CategoryUnknown, "Code", code)
		return Category{}
	}
	if CategoryName(m[1]) == "" {
		c.problems.add(CategoryRegional, "Code", code)
	}
	return Category{Code: code, Version: shorten(n.attr("version"), maxWord)}
}

var deliveries = map[string]Delivery{
	"online_angebot":    Online,
	"blended_learning":  Blended,
	"selbstlernangebot": SelfPaced,
}

func (c *course) attributes() {
	c.Delivery = OnSite
	for _, n := range append(c.node.all("merkmal"), c.node.first("merkmale").all("merkmal")...) {
		attribute := Attribute{Name: c.in(n, "name", maxWord), Value: c.in(n, "wert", maxLine)}
		if attribute.Name == "" {
			continue
		}
		c.Attributes = append(c.Attributes, attribute)
		switch attribute.Name {
		case "kursart_digital":
			if delivery, ok := deliveries[strings.ToLower(attribute.Value)]; ok {
				c.Delivery = delivery
			}
		case "anmeldung_kostenlos":
			c.FreeOfCharge = c.truth(attribute)
		case "barrierefreies_lernen":
			c.AccessibleLearning = c.truth(attribute)
		}
	}
}

func (c *course) truth(a Attribute) bool {
	value := c.booleanOf(a.Value, a.Name)
	return value != nil && *value
}

func (c *course) texts() {
	for _, n := range c.node.all("text") {
		text := Text{Property: c.in(n, "eigenschaft", maxWord)}
		inner := n.first("text")
		if inner == nil && text.Property == "" {
			inner = n // before there were properties
		}
		raw, hadControls := withoutControls(inner.content())
		field := text.Property
		if field == "" {
			field = "text"
		}
		if hadControls {
			c.problems.add(ControlCharacters, "Field", field)
		}
		if len(raw) > maxText {
			c.problems.add(TooLong, "Field", field, "Limit", maxText)
			raw = shorten(raw, maxText)
		}
		var removed []string
		if text.HTML, removed = SafeHTML(raw); len(removed) > 0 {
			c.problems.add(HTMLRemoved, "Field", field, "Removed", strings.Join(removed, ", "))
		}
		if text.HTML != "" {
			c.Texts = append(c.Texts, text)
		}
	}
}

func (c *course) webAddresses() {
	for _, n := range c.node.all("webadresse") {
		address := WebAddress{Type: c.in(n, "typ", maxWord), Name: c.in(n, "name", maxLine), URL: c.webURL(n, "uri")}
		if address.URL != "" {
			c.WebAddresses = append(c.WebAddresses, address)
		}
	}
}

func (c *course) places() {
	c.MinPlaces = c.count("minimale_teilnehmerzahl")
	c.MaxPlaces = c.count("maximale_teilnehmerzahl")
	if c.node.first("aktuelle_teilnehmerzahl").line() != "-1" {
		c.TakenPlaces = c.count("aktuelle_teilnehmerzahl")
	}
	switch {
	case c.MaxPlaces == nil:
		c.problems.add(MissingMaxPlaces)
		return
	case *c.MaxPlaces == 0:
		c.problems.add(ZeroMaxPlaces)
	}
	if c.MinPlaces != nil && *c.MinPlaces > *c.MaxPlaces {
		c.problems.add(MinAboveMax, "Min", *c.MinPlaces, "Max", *c.MaxPlaces)
		c.MinPlaces = nil
	}
	if c.TakenPlaces != nil && *c.TakenPlaces > *c.MaxPlaces {
		c.problems.add(TakenAboveMax, "Taken", *c.TakenPlaces, "Max", *c.MaxPlaces)
	}
}

func (c *course) people() {
	empty := 0
	for _, n := range c.node.all("dozent") {
		if person := c.person(n); person.FirstName != "" || person.LastName != "" {
			c.Instructors = append(c.Instructors, person)
		} else {
			empty++
		}
	}
	if empty > 0 {
		c.problems.add(EmptyInstructor, "Count", empty)
	}
	if n := c.node.first("ansprechperson"); !n.empty() {
		person := c.person(n)
		person.Phone, person.Mail = c.in(n, "telefon", maxWord), c.mail(n, "mail")
		if person.FirstName != "" || person.LastName != "" {
			c.ContactPerson = &person
		}
	}
	if n := c.node.first("anmeldung"); !n.empty() {
		contact := Contact{Phone: c.in(n, "telefon", maxWord), Mail: c.mail(n, "mail"), Link: c.webURL(n, "link")}
		if contact != (Contact{}) {
			c.Registration = &contact
		}
	}
}

func (c *course) person(n *node) Person {
	if !n.hasElements() {
		return Person{LastName: c.clean(n, n.name, maxLine)}
	}
	return Person{
		Salutation: c.in(n, "anrede", maxWord),
		Title:      c.in(n, "titel", maxWord),
		FirstName:  c.in(n, "vorname", maxLine),
		LastName:   c.in(n, "name", maxLine),
	}
}

func (c *course) guid() string {
	guid, hadControls := withoutControls(unescape(c.node.first("guid").content()))
	if hadControls {
		c.problems.add(ControlCharacters, "Field", "guid")
	}
	guid = folded(guid)
	switch {
	case guid == "":
		c.problems.add(MissingGUID)
	case len(guid) > maxWord:
		c.problems.add(GUIDTooLong, "Limit", maxWord)
		return shorten(guid, maxWord)
	}
	return guid
}
