package ui

import "time"

// The gallery's samples: data as real pages have it, in German.

var sampleStates = []State{
	{Label: "Entwurf", Icon: "pencil"},
	{Label: "Geplant", Icon: "calendar", Tone: Info},
	{Label: "Veröffentlicht", Icon: "globe", Tone: Success},
	{Label: "Läuft", Icon: "play", Tone: Success},
	{Label: "Beendet", Icon: "flag"},
	{Label: "Abgesagt", Icon: "ban", Tone: Bad},
	{Label: "Unbestätigt", Icon: "circle-dashed", Tone: Warning},
	{Label: "Bestätigt", Tone: Success},
	{Label: "Warteliste", Icon: "hourglass", Tone: Info},
	{Label: "Fehlgeschlagen", Tone: Bad},
}

var sampleColumns = []Column{
	{Label: "Kurs", Sort: "?sort=title", Order: Ascending},
	{Label: "Beginn", Sort: "?sort=start"},
	{Label: "Ort"},
	{Label: "Status"},
	{Label: "Belegt", Number: true, Sort: "?sort=taken", Order: Descending},
	{Label: "Preis", Number: true},
	{Label: "Aktionen", Hidden: true},
}

type sampleCourse struct {
	title, number, start, place, taken, price string
	state                                     State
}

var sampleCourses = []sampleCourse{
	{"Englisch A1 am Abend", "E-2701", "Mi., 03.02.2027", "Raum 3, Hauptstraße 12", "8 / 12", "82,80 €", sampleStates[2]},
	{"Yoga für den Rücken", "G-1102", "Do., 04.02.2027", "Studio 1", "12 / 12", "64,00 €", sampleStates[2]},
	{"Programmieren mit Go: nebenläufige Dienste sicher entwerfen und betreiben", "I-0417", "Mo., 08.02.2027", "", "", "1 240,00 €", sampleStates[0]},
	{"Aquarell im Winter", "K-3310", "Sa., 13.02.2027", "Atelier", "3 / 10", "48,00 €", sampleStates[5]},
}

var sampleSelects = []FilterSelect{
	{Name: "state", Label: "Status", Value: "published", Options: []Option{{Label: "Alle"}, {Value: "published", Label: "Veröffentlicht"}}},
	{Name: "weekday", Label: "Wochentag", Options: []Option{{Label: "Alle"}, {Value: "1", Label: "Montag"}}},
}

var sampleRooms = []Option{{Label: "Bitte wählen"}, {Value: "1", Label: "Raum 1"}, {Value: "3", Label: "Raum 3"}}

var sampleChoices = []Option{
	{Value: "self", Label: "An mich", Help: "Die Rechnung geht an Ihre Anschrift."},
	{Value: "company", Label: "An eine Firma"},
	{Value: "other", Label: "An jemand anderen", Disabled: true},
}

func sampleFlashes() []Flash {
	return []Flash{
		{Tone: Success, Text: "Der Kurs ist veröffentlicht.", Undo: &Action{Label: "Rückgängig", Post: "#"}},
		{Tone: Bad, Text: "Die Mail ging nicht hinaus. Sie wird in 5 Minuten erneut versucht."},
	}
}

func sampleEvents() []Event {
	at := time.Date(2027, 1, 18, 9, 30, 0, 0, time.UTC)
	return []Event{
		{Tone: Success, Title: "Buchung bestätigt", At: at.Add(26 * time.Minute), When: "18.01.2027, 10:56 Uhr", By: "Aylin Demir"},
		{Icon: "mail", Tone: Info, Title: "Bestätigungsmail gesendet", At: at.Add(time.Minute), When: "18.01.2027, 10:31 Uhr", Detail: "an aylin@example.org"},
		{Icon: "ticket", Title: "Buchung eingegangen", At: at, When: "18.01.2027, 10:30 Uhr", By: "Buchungsportal"},
		{Tone: Bad, Icon: "mail-x", Title: "Mail zurückgekommen", At: at, When: "18.01.2027, 10:29 Uhr", Detail: "550 mailbox unavailable"},
	}
}

func sampleChart() BarChart {
	c := BarChart{ID: "weeks", Title: "Buchungen je Woche", X: "Woche", Y: "Buchungen"}
	for i, v := range []int{12, 19, 8, 0, 31, 44, 38, 52, 47, 29, 36, 41} {
		day := time.Date(2026, 10, 26, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 7*i)
		c.Bars = append(c.Bars, Bar{Label: day.Format("02.01."), Value: v, Text: px(float64(v))[:len(px(float64(v)))-2]})
	}
	return c
}

var sampleNav = []NavGroup{
	{Items: []NavItem{{Key: "home", Label: "Übersicht", Href: "#", Icon: "layout-dashboard"}}},
	{Label: "Angebot", Items: []NavItem{
		{Key: "courses", Label: "Kurse", Href: "#", Icon: "calendar-days"},
		{Key: "bookings", Label: "Buchungen", Href: "#", Icon: "ticket", Count: 5, Of: "5 offen"},
	}},
}
