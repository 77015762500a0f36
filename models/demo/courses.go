package demo

// offer is a course type of the demo provider and how its courses run.
type offer struct {
	category, name, subtitle, level string
	text                            string
	// price and reduced in euros as typed; "0" is free, an empty reduced has none.
	price, reduced string
	places, min    string
	weekday        int // 1 Monday … 7 Sunday
	from, to       string
	weeks          int
	place          int // in locations; -1 is online
	room           int
	teacher        int
	// starts are the weeks from now in which a course begins.
	starts []int
}

var categories = []struct{ code, name string }{
	{"1", "Politik, Gesellschaft, Umwelt"},
	{"2", "Kultur, Gestalten"},
	{"3", "Gesundheit"},
	{"4", "Sprachen"},
	{"5", "Arbeit, Beruf, IT"},
	{"6", "Grundbildung, Schulabschlüsse"},
}

var locations = []struct {
	name, street, zip, town, accessible string
	rooms                               []string
}{
	{"Haus am Marktplatz", "Marktplatz 3", "36999", "Lindenau", "yes", []string{"Raum 101", "Raum 102", "Saal", "EDV-Raum"}},
	{"Alte Schule Süd", "Schulgasse 12", "36999", "Lindenau", "no", []string{"Werkraum", "Gymnastikraum", "Klassenzimmer 2"}},
	{"Kulturhof Niederbach", "Bachstraße 40", "36998", "Niederbach", "yes", []string{"Atelier", "Küche"}},
}

var instructors = []struct{ title, first, last string }{
	{"", "Anna", "Beispiel"}, {"Dr.", "Karl", "Probe"}, {"", "Fatma", "Yıldız"}, {"", "Luca", "Romano"},
	{"", "Sophie", "Lefèvre"}, {"", "Jürgen", "Großmann"}, {"", "María", "Ortega"}, {"", "Piotr", "Nowak"}, {"Prof. Dr.", "Ingeborg", "Freifrau von Hohenstein-Lindenau"},
}

// staff are the accounts beside the administrator's. The one of the instructor is Anna Beispiel's.
var staff = []struct {
	email, name, role string
	gone              bool
}{
	{"planung@kurso.example", "Jonas Planer", "planning", false},
	{"anmeldung@kurso.example", "Selin Empfang", "front_desk", false},
	{"buchhaltung@kurso.example", "Ruth Zahler", "bookkeeping", false},
	{InstructorEmail, "Anna Beispiel", "instructor", false},
	{"beirat@kurso.example", "Heinrich Leser", "read_only", false},
	{"frueher@kurso.example", "Martha Vormals", "front_desk", true},
}

var offers = []offer{
	{"4", "Englisch A1 für Wiedereinsteiger", "Auffrischung in ruhigem Tempo", "A1", "Sie hatten vor langer Zeit Englisch und möchten wieder sprechen. Wir üben Alltagssituationen, hören viel und lassen die Grammatik nebenher wachsen.", "118,00", "76,00", "12", "7", 1, "18:00", "19:30", 12, 0, 0, 0, []int{-6, 2, 9}},
	{"4", "Englisch B1: Konversation", "Reden über Gott und die Welt", "B1", "Aktuelle Artikel, Podcasts und Ihre eigenen Themen sind der Anlass. Korrigiert wird behutsam, gelacht wird oft.", "104,00", "68,00", "12", "6", 3, "19:00", "20:30", 10, 0, 1, 1, []int{-4, 3}},
	{"4", "Spanisch A1", "Für den ersten Urlaub und danach", "A1", "Begrüßen, bestellen, nach dem Weg fragen: nach zwölf Abenden kommen Sie in Spanien durch den Tag.", "118,00", "76,00", "12", "7", 2, "18:30", "20:00", 12, 0, 1, 6, []int{-5, 2}},
	{"4", "Italienisch A2", "La dolce vita, zweiter Teil", "A2", "Für alle, die Grundkenntnisse haben. Wir erzählen von gestern, planen morgen und kochen am letzten Abend gemeinsam.", "118,00", "76,00", "12", "7", 4, "18:00", "19:30", 12, 0, 0, 3, []int{-3, 4}},
	{"4", "Französisch am Vormittag", "Lesen und plaudern", "B1", "Ein kleiner Kreis liest kurze Texte und kommt darüber ins Gespräch.", "96,00", "", "10", "5", 2, "10:00", "11:30", 10, 0, 1, 4, []int{-2, 8}},
	{"4", "Deutsch als Fremdsprache B1", "Vorbereitung auf die Prüfung", "B1", "Lesen, Hören, Schreiben, Sprechen: alle Prüfungsteile werden geübt, mit Modelltest am Ende.", "180,00", "120,00", "16", "10", 1, "09:00", "12:15", 10, 1, 2, 2, []int{-7, 1, 10}},
	{"4", "Polnisch für Anfänger", "", "A1", "Die Sprache unserer Nachbarn, von Anfang an und mit Freude an der Aussprache.", "118,00", "76,00", "12", "7", 3, "18:00", "19:30", 10, 1, 2, 7, []int{3}},
	{"3", "Rückenfit", "Kräftigen und entspannen", "", "Übungen für einen beweglichen Rücken, die auch im Büro gelingen. Bitte bequeme Kleidung und eine Matte mitbringen.", "72,00", "48,00", "14", "8", 1, "17:00", "18:00", 10, 1, 1, 5, []int{-6, 1, 11}},
	{"3", "Yoga für alle", "Hatha-Yoga, sanft und stärkend", "", "Haltungen, Atem und Ruhe. Vorkenntnisse sind nicht nötig.", "88,00", "60,00", "14", "8", 4, "18:30", "20:00", 10, 1, 1, 2, []int{-4, 2, 12}},
	{"3", "Qigong im Park", "Draußen, bei jedem Wetter", "", "Langsame Bewegungen, die Kraft geben. Treffpunkt ist der Eingang am Teich.", "54,00", "", "20", "6", 6, "09:30", "10:30", 8, 1, 1, 5, []int{5}},
	{"3", "Kickbox trifft Fitness", "Aufwärmen, Technik, Pratzen", "", "Ein Training, das Kopf und Körper fordert. Kein Kontaktkampf.", "84,70", "47,00", "10", "6", 3, "16:00", "17:30", 8, 1, 1, 7, []int{-1, 6}},
	{"3", "Kochen: Vegetarisch durch die Woche", "Fünf Gerichte an einem Abend", "", "Wir kochen saisonal und essen gemeinsam. Lebensmittel sind im Preis enthalten.", "39,00", "", "12", "8", 5, "18:00", "21:30", 1, 2, 1, 3, []int{-5, 1, 4, 8}},
	{"3", "Brotbacken mit Sauerteig", "Vom Anstellgut zum Laib", "", "Ein Samstag in der Küche: ansetzen, falten, backen. Ihr Brot nehmen Sie mit.", "45,00", "", "10", "6", 6, "09:00", "15:00", 1, 2, 1, 0, []int{-2, 3, 7}},
	{"2", "Aquarell für Einsteiger", "Licht, Wasser, Papier", "", "Vom ersten Farbverlauf zum kleinen Bild. Materialliste nach der Anmeldung.", "92,00", "64,00", "10", "6", 2, "18:00", "20:15", 8, 2, 0, 4, []int{-3, 3}},
	{"2", "Töpfern an der Scheibe", "Wochenendkurs", "", "Zentrieren, hochziehen, abdrehen. Ton, Glasur und Brand sind im Preis enthalten.", "135,00", "", "6", "4", 6, "10:00", "16:00", 2, 1, 0, 6, []int{-4, 2, 5, 9}},
	{"2", "Gitarre spielen ohne Noten", "Lieder begleiten", "", "Acht Akkorde, viele Lieder. Bitte eigene Gitarre mitbringen.", "98,00", "66,00", "8", "5", 4, "17:00", "18:30", 10, 0, 2, 7, []int{2}},
	{"2", "Fotografieren mit dem Smartphone", "Sehen lernen", "", "Bildaufbau, Licht und Nachbearbeitung mit dem Gerät, das Sie ohnehin dabeihaben.", "48,00", "", "12", "6", 6, "10:00", "15:00", 1, 2, 0, 8, []int{-6, 1, 6}},
	{"2", "Kreatives Schreiben", "Vom Einfall zur Geschichte", "", "Schreibanregungen, Handwerk und freundliche Rückmeldung in einer festen Gruppe.", "86,00", "58,00", "10", "6", 1, "19:00", "21:00", 8, 0, 1, 8, []int{4}},
	{"2", "Nähen: das erste Kleidungsstück", "", "", "Schnitt, Zuschnitt, Naht. Maschinen sind vorhanden.", "94,00", "66,00", "8", "5", 3, "18:00", "20:30", 6, 1, 0, 4, []int{-1, 8}},
	{"5", "Tabellenkalkulation: Grundlagen", "Rechnen, ordnen, darstellen", "Einsteiger", "Formeln, Filter und Diagramme Schritt für Schritt, mit Übungsdateien zum Mitnehmen.", "82,80", "47,00", "12", "6", 2, "18:30", "21:00", 5, 0, 3, 1, []int{-4, 2, 7}},
	{"5", "Tabellenkalkulation: Pivot und mehr", "", "Fortgeschrittene", "Für alle, die Grundlagen haben und Auswertungen bauen wollen.", "96,00", "", "12", "6", 4, "18:30", "21:00", 4, 0, 3, 1, []int{5}},
	{"5", "Lohn- und Gehaltsabrechnung", "Bildungsurlaub", "", "Eine Woche intensiv: Stammdaten, Lohnarten, Meldungen. Anerkannt als Bildungsurlaub.", "126,20", "65,60", "14", "7", 1, "09:00", "16:00", 1, 0, 3, 1, []int{6, 14}},
	{"5", "Windows und Internet: Basiswissen", "Sicher unterwegs", "Einsteiger", "Dateien ordnen, sicher surfen, E-Mails schreiben. In ruhigem Tempo.", "82,80", "47,00", "12", "6", 3, "09:30", "12:00", 5, 0, 3, 5, []int{-2, 3, 9}},
	{"5", "Künstliche Intelligenz im Büroalltag", "Was sie kann und was nicht", "", "Texte, Tabellen, Recherche: wo die Werkzeuge helfen, wo sie irren und was der Datenschutz verlangt.", "54,00", "", "20", "8", 4, "18:00", "20:15", 2, -1, 0, 1, []int{-1, 2, 6}},
	{"5", "Bewerben heute", "Lebenslauf, Anschreiben, Gespräch", "", "Mit Ihren eigenen Unterlagen, in kleiner Gruppe.", "0", "", "8", "4", 6, "10:00", "14:00", 1, 0, 1, 8, []int{1, 5}},
	{"5", "Programmieren mit Python", "Ein Abendkurs zum Selbermachen", "Einsteiger", "Von der ersten Zeile zum kleinen Programm. Live online, Aufzeichnung inklusive.", "148,00", "98,00", "16", "8", 2, "19:00", "20:30", 10, -1, 0, 1, []int{-5, 4}},
	{"1", "Stadtgeschichte zu Fuß", "Lindenau im Mittelalter", "", "Ein Rundgang entlang der alten Mauer, mit Blick in sonst verschlossene Höfe.", "12,00", "", "25", "8", 7, "14:00", "16:00", 1, 0, 2, 8, []int{-3, 1, 4, 10}},
	{"1", "Balkonkraftwerk selbst planen", "", "", "Technik, Anmeldung, Wirtschaftlichkeit: danach wissen Sie, ob es sich bei Ihnen lohnt.", "0", "", "40", "10", 3, "18:30", "20:30", 1, 0, 2, 5, []int{-2, 2, 6}},
	{"1", "Vorsorgevollmacht und Patientenverfügung", "Vortrag mit Fragen", "", "Eine Notarin erklärt, was Sie regeln sollten und wie.", "8,00", "", "60", "10", 1, "18:00", "20:00", 1, 0, 2, 8, []int{1, 7}},
	{"1", "Philosophie am Sonntagmorgen", "Was ist ein gutes Leben?", "", "Ein Gespräch mit kurzen Texten, Kaffee und Widerspruch.", "36,00", "24,00", "15", "6", 7, "11:00", "12:30", 4, 2, 0, 8, []int{3}},
	{"6", "Lesen und Schreiben von Anfang an", "Kostenfrei und vertraulich", "", "Für Erwachsene, die besser lesen und schreiben lernen möchten. Der Einstieg ist jederzeit möglich.", "0", "", "8", "3", 2, "17:00", "18:30", 15, 0, 0, 2, []int{-7, 1}},
	{"6", "Mathematik für den Schulabschluss", "Vorbereitung auf die Prüfung", "", "Brüche, Prozente, Gleichungen, Geometrie: alles, was geprüft wird.", "60,00", "0", "12", "6", 5, "17:00", "19:15", 12, 0, 0, 5, []int{-5, 2}},
	{"4", "Business English Refresher", "Telefonieren, Schreiben, Verhandeln", "B1", "Sie frischen Ihr Englisch für den Beruf auf: Telefonate, E-Mails, Besprechungen. Eigene Beispiele aus Ihrem Arbeitsalltag sind willkommen.", "128,00", "", "10", "6", 3, "17:45", "19:15", 8, -1, 0, 1, []int{1, 9}},
	{"4", "Französisch für die Reise", "Kurz und praktisch", "A1", "Bestellen, einkaufen, übernachten: An vier Samstagen lernen Sie, was Sie in Frankreich brauchen.", "72,00", "48,00", "12", "7", 6, "10:00", "13:00", 4, 0, 2, 4, []int{3, 13}},
	{"4", "Spanisch am Abend", "", "A2", "Für alle mit Grundkenntnissen: Vergangenheit, Pläne, Meinungen. Wir lesen kurze Geschichten und spielen Szenen aus dem Alltag.", "96,00", "60,00", "14", "8", 4, "18:30", "20:00", 12, 0, 1, 6, []int{-1, 8}},
	{"4", "Gebärdensprache kennenlernen", "Deutsche Gebärdensprache", "A1", "Sie lernen Fingeralphabet, Begrüßung und einfache Gespräche und erfahren viel über die Kultur gehörloser Menschen.", "64,00", "40,00", "12", "8", 5, "17:00", "18:30", 8, 1, 2, 2, []int{2, 10}},
	{"3", "Yoga am Morgen", "", "", "Eine Stunde Bewegung und Atem, bevor der Tag beginnt. Für Anfängerinnen und Anfänger geeignet.", "65,00", "44,00", "12", "8", 3, "07:30", "08:30", 10, 1, 1, 2, []int{-2, 3, 11}},
	{"3", "Pilates", "Kraft aus der Mitte", "", "Gezielte Übungen für Bauch, Rücken und Beckenboden. Sie trainieren ohne Geräte auf der Matte.", "70,00", "47,00", "14", "8", 2, "19:00", "20:00", 10, 1, 1, 5, []int{-4, 2, 12}},
	{"3", "Autogenes Training", "Grundkurs", "", "Sie lernen die sechs Grundübungen und wie Sie sie im Alltag anwenden.", "78,00", "52,00", "12", "8", 3, "18:30", "19:30", 8, 1, 2, 5, []int{3, 13}},
	{"2", "Zeichnen nach der Natur", "", "", "Wir zeichnen im Park, im Museum und im Atelier. Sie üben Perspektive, Licht und den schnellen Strich.", "92,00", "62,00", "10", "6", 6, "10:00", "13:00", 5, 2, 0, 4, []int{2, 15}},
	{"2", "Goldschmieden", "Der eigene Ring", "", "An einem Wochenende fertigen Sie einen Ring aus Silber. Das Metall wird nach Verbrauch abgerechnet.", "135,00", "", "6", "4", 6, "10:00", "16:00", 2, 1, 0, 6, []int{-1, 4, 10}},
	{"2", "Offener Chor", "Singen macht den Kopf frei", "", "Ein Chor für alle, die gern singen, mit und ohne Noten. Am Ende steht ein kleines Konzert.", "60,00", "40,00", "30", "12", 3, "19:30", "21:00", 12, 0, 2, 7, []int{-3, 8}},
	{"5", "Fotobuch gestalten", "", "", "Bilder auswählen, anordnen, beschriften: Am Ende des Kurses liegt Ihr Buch fertig im Warenkorb.", "66,00", "44,00", "10", "5", 5, "17:30", "20:00", 3, 0, 3, 1, []int{-5, 2, 6}},
	{"5", "Buchführung 1", "Mit Zertifikat", "", "Konten, Buchungssätze, Abschluss: die Grundlagen der doppelten Buchführung, mit Prüfung am Ende.", "310,00", "210,00", "14", "8", 3, "18:00", "21:00", 14, 0, 1, 1, []int{-3, 7}},
	{"5", "Überzeugend präsentieren", "Tagesseminar", "", "Aufbau, Stimme, Lampenfieber: Sie halten kurze Vorträge und erhalten Rückmeldung von der Gruppe.", "74,00", "", "10", "6", 6, "09:30", "16:30", 1, 0, 0, 8, []int{-2, 1, 4, 11}},
	{"1", "Obstbäume schneiden", "Theorie und Praxis", "", "Am Vormittag die Regeln, am Nachmittag die Säge: Wir schneiden gemeinsam auf der Streuobstwiese.", "32,00", "20,00", "14", "8", 6, "09:30", "15:30", 1, 2, 0, 5, []int{5, 9}},
	{"1", "Eltern und Medien", "Gesprächsabend", "", "Wie viel Bildschirm ist gut? Ein Abend für Eltern von Grundschulkindern.", "0", "", "30", "8", 4, "19:30", "21:15", 1, -1, 0, 8, []int{2, 7}},
	{"6", "Nachholen des Hauptschulabschlusses", "Informationsabend", "", "Wie läuft es ab, wie lange dauert es, was kostet es? Wir beraten Sie auch einzeln.", "0", "", "24", "4", 2, "18:00", "19:30", 1, 1, 2, 5, []int{-2, 0, 4, 8}},
}

var firstNames = []string{"Anja", "Bernd", "Carla", "David", "Elif", "Frank", "Greta", "Hannes", "Ines", "Jonas", "Katrin", "Lena", "Mehmet", "Nora", "Oliver", "Petra", "Rosa", "Stefan", "Tanja", "Uwe", "Vera", "Walter", "Zeynep"}

var lastNames = []string{"Müller", "Schmidt", "Weber", "Wagner", "Öztürk", "Becker", "Hoffmann", "Schäfer", "Koch", "Richter", "Klein", "Wolf", "Neumann", "Schröder", "Zimmermann", "Braun", "Hartmann", "Krüger", "Jäger", "Vogel", "Groß", "Łukaszewski", "D’Angelo"}

var towns = []struct{ zip, town string }{{"36999", "Lindenau"}, {"36998", "Niederbach"}, {"36997", "Oberfelden"}}
