package generate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// course holds what is written, as it is written: so that oddities can put anything anywhere.
type course struct {
	guid, number, name, kind       string
	subtitles                      []string
	category, level                string
	attributes                     []attribute
	minimum, taken, maximum, count string
	begin, end, units              string
	weekdays                       []string
	targetGroups, keywords         []string
	certificate                    string
	texts                          []text
	venue                          venue
	online                         bool
	sessions                       []session
	price, discount                string
	remarks                        []string
	instructors                    []person
	contact                        person
	link                           string
}

type attribute struct{ name, value string }

type text struct{ property, content string }

type session struct{ date, weekday, start, end, room, accessible string }

type person struct{ salutation, title, first, last string }

// newCourse makes the course at that position, and returns what chance is left for its oddity.
func newCourse(o Options, index int) (course, source) {
	s := newSource(o, index)
	t := pick(s, topics)
	c := course{guid: guid(o, index), kind: "Kurs", category: t.code, keywords: t.keywords}
	c.name, c.level = title(s, t)
	c.number = fmt.Sprintf("%s-%05d", strings.ReplaceAll(t.code, ".", ""), index+1)
	c.link = "https://" + domain + "/kurse/" + c.number
	c.venue = pick(s, suitable(t))
	c.online = t.shape == alone || t.shape != block && strings.IndexByte("145", t.code[0]) >= 0 && s.percent(15)
	if c.online {
		kind := "online_angebot"
		if t.shape == alone {
			kind = "selbstlernangebot"
		}
		c.attributes = append(c.attributes, attribute{"kursart_digital", kind})
	}
	if c.venue.accessible && s.percent(30) {
		c.attributes = append(c.attributes, attribute{"barrierefreies_lernen", "true"})
	}
	c.plan(s, t, o.Start)
	c.fill(s)
	c.cost(s, t)
	c.describe(s, t)
	c.staff(s)
	return c, s
}

// suitable lists the venues where a topic can take place.
func suitable(t topic) []venue {
	room := topicVenues[t.name]
	var found []venue
	for _, v := range venues {
		if room != "" && slices.Contains(v.rooms, room) || room == "" && strings.Contains(v.areas, t.code[:1]) {
			found = append(found, v)
		}
	}
	return found
}

// guid depends on seed and position only.
func guid(o Options, index int) string {
	s := newSource(o, index)
	a, b := s.Uint64(), s.Uint64()
	return fmt.Sprintf("%08X-%04X-4%03X-A%03X-%012X", uint32(a), uint16(a>>32), a>>52, uint16(b)&0xfff, b>>16)
}

func title(s source, t topic) (name, level string) {
	variant := pick(s, t.variants)
	if t.code[0] == '4' {
		return t.name + " " + variant, variant
	}
	if t.code[0] == '3' && t.shape == weekly {
		return t.name + " " + variant, ""
	}
	switch variant {
	case "Grundlagen", "für Einsteiger":
		level = "Einsteiger"
	case "Aufbaukurs", "für Fortgeschrittene":
		level = "Fortgeschrittene"
	}
	return t.name + ": " + variant, level
}

var weekdayNames = []string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"}

// plan lays the sessions into the six months from start.
func (c *course) plan(s source, t topic, start time.Time) {
	day := time.Date(start.Year(), start.Month(), start.Day(), 0, 0, 0, 0, time.UTC).AddDate(0, 0, s.IntN(180))
	hour, quarter, lessons := pick(s, []int{9, 10, 17, 18, 18, 19}), pick(s, []int{0, 0, 30}), pick(s, []int{2, 2, 2, 3})
	count, step := 1, 7
	switch t.shape {
	case weekly:
		count = s.between(5, 14)
		for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
			day = day.AddDate(0, 0, 1)
		}
	case weekend:
		count, step, hour, lessons = 2, 1, 10, 7
		for day.Weekday() != time.Saturday {
			day = day.AddDate(0, 0, 1)
		}
	case block:
		count, step, hour, lessons = 5, 1, 9, 8
		c.kind = "Bildungsurlaub"
		for day.Weekday() != time.Monday {
			day = day.AddDate(0, 0, 1)
		}
	case alone:
		c.begin, c.end = iso(day), iso(day.AddDate(0, 0, 90))
		c.units = "30.0"
		return
	}
	day = outOfHolidays(day)
	first := day
	room := pick(s, c.venue.rooms)
	begin := hour*60 + quarter
	for i := range count {
		if i > 0 {
			day = outOfHolidays(day.AddDate(0, 0, step))
		}
		c.sessions = append(c.sessions, session{
			date: iso(day), weekday: weekdayNames[day.Weekday()], room: room,
			start: clock(begin), end: clock(begin + lessons*45), accessible: strconv.FormatBool(c.venue.accessible),
		})
	}
	c.begin, c.end = iso(first), iso(day)
	c.count = strconv.Itoa(count)
	c.units = fmt.Sprintf("%d.0", count*lessons)
	if t.shape == weekly {
		c.weekdays = []string{weekdayNames[first.Weekday()]}
	}
}

// outOfHolidays moves a day between 20 December and 6 January by whole weeks.
func outOfHolidays(day time.Time) time.Time {
	for day.Month() == time.December && day.Day() >= 20 || day.Month() == time.January && day.Day() <= 6 {
		day = day.AddDate(0, 0, 7)
	}
	return day
}

func iso(day time.Time) string { return day.Format(time.DateOnly) }

func clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

// fill decides how many may come and how many are there: some courses are full, of some nobody knows.
func (c *course) fill(s source) {
	maximum := s.between(8, 20)
	c.minimum, c.maximum = strconv.Itoa(s.between(4, 7)), strconv.Itoa(maximum)
	switch roll := s.IntN(100); {
	case roll < 10:
		c.taken = "-1"
	case roll < 20:
		c.taken = c.maximum
	case roll < 35:
		c.taken = strconv.Itoa(maximum - 1)
	default:
		c.taken = strconv.Itoa(s.IntN(maximum))
	}
}

// cost sets the price by teaching units, in steps of ten cents, and for most a reduced one.
func (c *course) cost(s source, t topic) {
	units, _ := strconv.ParseFloat(c.units, 64)
	cents := int(units) * (t.unit + s.between(-3, 3)*t.unit/20) / 10 * 10
	c.price = fmt.Sprintf("%.2f", float64(cents)/100)
	c.discount = "false"
	if cents == 0 {
		c.attributes = append(c.attributes, attribute{"anmeldung_kostenlos", "true"})
		return
	}
	if s.percent(80) {
		c.discount = "true"
		reduced := cents * 55 / 100
		c.remarks = []string{fmt.Sprintf("erm. Preis: %d,%02d EUR", reduced/100, reduced%100)}
	}
	if s.percent(10) {
		c.remarks = append(c.remarks, fmt.Sprintf("zzgl. ca. %d € für Material", s.between(3, 25)))
	}
}

// describe writes the description: a quarter of them in HTML, the others with the line ends of Windows.
func (c *course) describe(s source, t topic) {
	lines := some(s, sentences[t.code[0]], 6)
	common := some(s, commonSentences, 6)
	biography := pick(s, biographies)
	if s.percent(25) {
		c.texts = []text{{"Beschreibung", "<p><b>" + c.name + "</b></p><p>" + strings.Join(lines, " ") +
			"</p><ul><li>" + strings.Join(common, "</li><li>") + "</li></ul><p>" + biography + "</p>"}}
	} else {
		c.texts = []text{{"Beschreibung", strings.Join(lines, " ") + "\r\n\r\n" + strings.Join(common, "\r\n") + "\r\n\r\n" + biography + "\r\n"}}
	}
	c.texts = append(c.texts, text{"Zusatzinformation", pick(s, extras) + "\r\n" + strings.Join(some(s, notices, 3), "\r\n")})
	if s.percent(30) {
		c.subtitles = []string{pick(s, subtitles)}
	}
	if s.percent(40) {
		c.targetGroups = []string{pick(s, targetGroups)}
	}
	if t.code == "5.02" {
		c.certificate = "Xpert Business " + t.name
	}
}

// some returns at least so many of the sentences, shuffled.
func some(s source, from []string, least int) []string {
	all := slices.Clone(from)
	s.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:s.between(least, len(all))]
}

func (c *course) staff(s source) {
	c.instructors = []person{newPerson(s)}
	if s.percent(10) {
		c.instructors = append(c.instructors, newPerson(s))
	}
	c.contact = newPerson(s)
}

func newPerson(s source) person {
	first := s.IntN(len(firstNames))
	salutation := "Herr"
	if first < women {
		salutation = "Frau"
	}
	return person{salutation, pick(s, titles), firstNames[first], pick(s, lastNames)}
}
