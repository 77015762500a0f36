package generate

// What the catalogue of an adult-education centre in a town that does not exist is made of.

// shape is how the sessions of a course lie in the calendar.
type shape int

const (
	weekly  shape = iota // 5 to 14 evenings or mornings
	weekend              // Saturday and Sunday
	single               // one evening
	block                // Monday to Friday, as educational leave
	alone                // online, without sessions
)

// topic is a subject that courses are offered in, over and over.
type topic struct {
	code     string // of the DVV's classification
	name     string
	shape    shape
	unit     int // cents for a teaching unit
	variants []string
	keywords []string
}

var (
	languageLevels = []string{"A1.1", "A1.2", "A2.1", "A2.2", "B1.1", "B1.2", "B2", "C1"}
	moves          = []string{"am Vormittag", "nach Feierabend", "für Einsteiger", "Fortsetzungskurs", "für Menschen ab 60", "sanft"}
	steps          = []string{"Grundlagen", "Aufbaukurs", "Praxisworkshop", "für Fortgeschrittene", "offene Gruppe"}
	workSteps      = []string{"Grundlagen", "Aufbaukurs", "kompakt", "Auffrischung", "für Berufstätige"}
	evenings       = []string{"Vortrag", "Vortrag mit Gespräch", "Abend für alle", "Stadtgespräch"}
)

var topics = []topic{
	{"1.01", "Kommunalpolitik verstehen", single, 300, evenings, []string{"Politik", "Demokratie"}},
	{"1.02", "Geschichte unserer Stadt", weekly, 320, steps, []string{"Stadtgeschichte", "Heimatkunde"}},
	{"1.03", "Erben und Vererben", single, 500, evenings, []string{"Recht", "Erbrecht"}},
	{"1.04", "Mietrecht im Alltag", single, 450, evenings, []string{"Recht", "Wohnen"}},
	{"1.05", "Philosophisches Café", weekly, 280, steps, []string{"Philosophie"}},
	{"1.06", "Klima und Garten", weekend, 420, steps, []string{"Umwelt", "Garten"}},
	{"1.07", "Vögel vor der Haustür", weekend, 380, steps, []string{"Natur", "Exkursion"}},
	{"1.08", "Balkonkraftwerk planen", single, 350, evenings, []string{"Energie", "Umwelt"}},
	{"1.09", "Gespräche führen, wenn es schwierig wird", weekend, 680, steps, []string{"Kommunikation", "Psychologie"}},
	{"2.01", "Deutsche Literatur der Gegenwart", weekly, 330, steps, []string{"Literatur", "Lesen"}},
	{"2.02", "Kreatives Schreiben", weekly, 480, steps, []string{"Schreiben"}},
	{"2.03", "Theater spielen", weekly, 420, steps, []string{"Theater", "Bühne"}},
	{"2.05", "Aquarellmalerei", weekly, 560, steps, []string{"Malen", "Aquarell"}},
	{"2.05", "Zeichnen nach der Natur", weekend, 590, steps, []string{"Zeichnen"}},
	{"2.06", "Holzschnitt und Linoldruck", weekend, 640, steps, []string{"Druckgrafik"}},
	{"2.07", "Töpfern an der Scheibe", weekly, 690, steps, []string{"Keramik", "Ton"}},
	{"2.08", "Nähen mit der Maschine", weekly, 570, steps, []string{"Nähen", "Mode"}},
	{"2.09", "Goldschmieden", weekend, 850, steps, []string{"Schmuck"}},
	{"2.11", "Fotografieren mit dem Smartphone", weekend, 560, steps, []string{"Fotografie"}},
	{"2.11", "Digitale Fotografie", weekly, 590, steps, []string{"Fotografie", "Bildbearbeitung"}},
	{"2.13", "Gitarre in der Gruppe", weekly, 720, steps, []string{"Musik", "Gitarre"}},
	{"2.13", "Singen ohne Noten", weekly, 390, steps, []string{"Musik", "Chor"}},
	{"2.14", "Tango Argentino", weekly, 610, steps, []string{"Tanz"}},
	{"3.01", "Hatha-Yoga", weekly, 520, moves, []string{"Yoga", "Entspannung", "GESUNDHEIT"}},
	{"3.01", "Yoga für den Rücken", weekly, 540, moves, []string{"Yoga", "Rücken", "GESUNDHEIT"}},
	{"3.01", "Qigong", weekly, 500, moves, []string{"Qigong", "Entspannung"}},
	{"3.01", "Progressive Muskelentspannung", weekly, 510, moves, []string{"Entspannung", "Stress"}},
	{"3.01", "Achtsamkeit im Beruf", block, 780, workSteps, []string{"Achtsamkeit", "Bildungsurlaub"}},
	{"3.02", "Pilates", weekly, 530, moves, []string{"Pilates", "Fitness"}},
	{"3.02", "Rückenfit", weekly, 480, moves, []string{"Rücken", "Fitness"}},
	{"3.02", "Aquafitness", weekly, 650, moves, []string{"Wasser", "Fitness"}},
	{"3.02", "Kickboxen und Fitness", weekly, 560, moves, []string{"Fitness"}},
	{"3.02", "Nordic Walking", weekly, 430, moves, []string{"Bewegung", "Natur"}},
	{"3.04", "Erste Hilfe am Kind", weekend, 520, steps, []string{"Erste Hilfe", "Familie"}},
	{"3.05", "Vegetarisch kochen", single, 750, steps, []string{"Kochen", "Ernährung"}},
	{"3.05", "Brot backen mit Sauerteig", single, 780, steps, []string{"Backen", "Brot"}},
	{"3.05", "Küche Süditaliens", single, 820, steps, []string{"Kochen", "Italien"}},
	{"4.01", "Arabisch", weekly, 460, languageLevels, []string{"Sprachen", "Arabisch"}},
	{"4.02", "Chinesisch", weekly, 480, languageLevels, []string{"Sprachen", "Chinesisch"}},
	{"4.04", "Deutsch als Fremdsprache", weekly, 290, languageLevels, []string{"Deutsch", "Integration"}},
	{"4.04", "Deutsch für den Beruf", weekly, 310, languageLevels, []string{"Deutsch", "Beruf"}},
	{"4.06", "Englisch", weekly, 420, languageLevels, []string{"Sprachen", "Englisch"}},
	{"4.06", "Englisch Konversation", weekly, 440, languageLevels, []string{"Sprachen", "Englisch"}},
	{"4.06", "Englisch intensiv", block, 520, languageLevels, []string{"Sprachen", "Bildungsurlaub"}},
	{"4.08", "Französisch", weekly, 430, languageLevels, []string{"Sprachen", "Französisch"}},
	{"4.09", "Italienisch", weekly, 430, languageLevels, []string{"Sprachen", "Italienisch"}},
	{"4.11", "Japanisch", weekly, 490, languageLevels, []string{"Sprachen", "Japanisch"}},
	{"4.17", "Polnisch", weekly, 430, languageLevels, []string{"Sprachen", "Polnisch"}},
	{"4.18", "Portugiesisch", weekly, 440, languageLevels, []string{"Sprachen", "Portugiesisch"}},
	{"4.20", "Schwedisch", weekly, 450, languageLevels, []string{"Sprachen", "Schwedisch"}},
	{"4.22", "Spanisch", weekly, 430, languageLevels, []string{"Sprachen", "Spanisch"}},
	{"4.22", "Spanisch intensiv", block, 520, languageLevels, []string{"Sprachen", "Bildungsurlaub"}},
	{"5.01", "Windows und Internet", weekly, 520, workSteps, []string{"EDV", "Internet"}},
	{"5.01", "Mein Smartphone sicher bedienen", weekend, 490, workSteps, []string{"EDV", "Smartphone"}},
	{"5.01", "Tabellenkalkulation", block, 690, workSteps, []string{"EDV", "Büro", "Bildungsurlaub"}},
	{"5.01", "Zehnfingerschreiben", alone, 320, workSteps, []string{"EDV", "Selbstlernen"}},
	{"5.02", "Lohn- und Gehaltsabrechnung", block, 720, workSteps, []string{"Rechnungswesen", "Xpert Business"}},
	{"5.02", "Finanzbuchführung", weekly, 680, workSteps, []string{"Rechnungswesen", "Xpert Business"}},
	{"5.03", "Programmieren mit Python", weekly, 740, workSteps, []string{"EDV", "Programmieren"}},
	{"5.03", "Eine eigene Website", weekend, 710, workSteps, []string{"EDV", "Web"}},
	{"5.04", "Künstliche Intelligenz im Büro", single, 690, workSteps, []string{"EDV", "KI"}},
	{"5.05", "Rhetorik und freies Sprechen", weekend, 790, workSteps, []string{"Rhetorik", "Beruf"}},
	{"5.06", "Bewerben mit Erfolg", single, 420, workSteps, []string{"Beruf", "Bewerbung"}},
	{"5.07", "Zeitmanagement", block, 760, workSteps, []string{"Beruf", "Bildungsurlaub"}},
	{"6.01", "Lesen und Schreiben von Anfang an", weekly, 0, steps, []string{"Grundbildung", "Alphabetisierung"}},
	{"6.01", "Rechnen im Alltag", weekly, 0, steps, []string{"Grundbildung", "Mathematik"}},
	{"6.02", "Vorbereitung auf den Hauptschulabschluss", weekly, 110, steps, []string{"Schulabschluss"}},
	{"6.02", "Vorbereitung auf den Realschulabschluss", weekly, 130, steps, []string{"Schulabschluss", "Mathematik"}},
}

// sentences of descriptions, by the programme area that a category code begins with.
var sentences = map[byte][]string{
	'1': {
		"Wir nähern uns dem Thema mit kurzen Impulsen und viel Raum für Ihre Fragen.",
		"An Beispielen aus der Region wird deutlich, wie Entscheidungen entstehen und wer sie trifft.",
		"Die Referentin stellt aktuelle Urteile und Regelungen verständlich vor.",
		"Eigene Unterlagen können mitgebracht werden; eine Rechtsberatung im Einzelfall findet nicht statt.",
		"Bei der Exkursion sehen wir uns das Besprochene vor Ort an.",
		"Unterschiedliche Meinungen sind ausdrücklich willkommen.",
		"Kurze Filme und Originaldokumente ergänzen den Vortrag.",
		"Auf Wunsch vertiefen wir einzelne Fragen in Arbeitsgruppen und tragen die Ergebnisse zusammen.",
		"Eine Literaturliste mit Titeln aus der Stadtbibliothek liegt zum Mitnehmen aus.",
		"Auch wer zum ersten Mal dabei ist, findet leicht in das Gespräch hinein.",
	},
	'2': {
		"Sie lernen die wichtigsten Techniken kennen und probieren sie an eigenen Motiven aus.",
		"Schritt für Schritt entsteht ein Werkstück, das Sie mit nach Hause nehmen.",
		"Im Gespräch über die Ergebnisse schärfen wir den Blick für Form, Farbe und Komposition.",
		"Vorkenntnisse sind nicht nötig, Neugier genügt.",
		"Werkzeug steht in der Werkstatt bereit, Verbrauchsmaterial wird nach Bedarf abgerechnet.",
		"Zum Abschluss zeigen wir die Arbeiten in einer kleinen Ausstellung im Foyer.",
		"Wir schauen uns Arbeiten bekannter Künstlerinnen und Künstler an und lassen uns davon anregen.",
		"Wer schon Erfahrung hat, arbeitet an einem eigenen Vorhaben und wird dabei einzeln begleitet.",
		"Auch kleine Fehler gehören dazu: Oft werden aus ihnen die besten Ideen.",
		"Bitte tragen Sie Kleidung, die Flecken verträgt.",
	},
	'3': {
		"Kräftigung, Dehnung und Entspannung wechseln sich ab und stärken Haltung und Ausdauer.",
		"Die Übungen werden in mehreren Varianten angeboten, so dass jede und jeder im eigenen Tempo mitmacht.",
		"Atmung und Wahrnehmung stehen ebenso im Mittelpunkt wie die Bewegung selbst.",
		"Alle Übungen lassen sich gut in den Alltag übernehmen.",
		"Bitte bringen Sie bequeme Kleidung, rutschfeste Socken, eine Decke und etwas zu trinken mit.",
		"Bitte sprechen Sie bei akuten Beschwerden vorab mit Ihrer Ärztin oder Ihrem Arzt.",
		"Zu Beginn jeder Stunde ist Zeit, über Erfahrungen und Fragen zu sprechen.",
		"Die Gruppe ist bewusst klein gehalten, damit auf Haltung und Ausführung geachtet werden kann.",
		"Sie erhalten eine Zusammenfassung der wichtigsten Übungen für zu Hause.",
		"Einige Krankenkassen beteiligen sich an den Kosten; bitte fragen Sie dort vor Beginn nach.",
	},
	'4': {
		"Hören, Sprechen, Lesen und Schreiben werden an Situationen aus Alltag, Reise und Beruf geübt.",
		"Die Grammatik wiederholen wir dort, wo sie gebraucht wird, und immer im Zusammenhang.",
		"In kleinen Gruppen kommen alle oft zu Wort.",
		"Der Kurs folgt dem Gemeinsamen Europäischen Referenzrahmen für Sprachen.",
		"Das Lehrwerk wird in der ersten Stunde vorgestellt; bitte kaufen Sie es erst danach.",
		"Wenn Sie unsicher sind, welche Stufe passt, nutzen Sie bitte unsere kostenlose Einstufungsberatung.",
		"Landeskunde, Lieder und kurze Filme bringen Abwechslung in den Unterricht.",
		"Zwischen den Terminen festigen kurze Aufgaben den Wortschatz; sie sind freiwillig.",
		"Zum Einstieg wiederholen wir gemeinsam, was im vorigen Kurs gelernt wurde.",
		"Auf Wunsch der Gruppe kann ein Besuch im Restaurant oder Kino den Kurs abschließen.",
	},
	'5': {
		"Nach einer kurzen Einführung arbeiten Sie an Aufgaben, wie sie im Büro täglich vorkommen.",
		"Jeder Platz ist mit einem aktuellen Rechner ausgestattet, eigene Geräte können mitgebracht werden.",
		"Sie erhalten ein Skript und alle Übungsdateien zum Mitnehmen.",
		"Datensicherheit und Datenschutz werden bei jedem Schritt mitgedacht.",
		"Der Kurs bereitet auf die bundesweit anerkannte Prüfung vor; die Teilnahme daran ist freiwillig.",
		"Grundkenntnisse im Umgang mit Maus, Tastatur und Dateien werden vorausgesetzt.",
		"Zwischenfragen sind jederzeit erwünscht, und schwierige Schritte werden in Ruhe wiederholt.",
		"Beispiele aus Ihrem eigenen Arbeitsalltag nehmen wir gern auf.",
		"Tipps zu Tastenkürzeln und Vorlagen sparen später viel Zeit.",
		"Am letzten Termin fassen wir alles an einem durchgehenden Beispiel zusammen.",
	},
	'6': {
		"Wir lernen in kleinen Gruppen, in Ruhe und ohne Noten.",
		"Der Einstieg ist nach einem Beratungsgespräch jederzeit möglich.",
		"Lernmaterial stellen wir kostenlos zur Verfügung.",
		"Gemeinsam üben wir, was im Alltag und im Beruf gebraucht wird.",
		"Auf die Prüfung bereiten wir mit Aufgaben der vergangenen Jahre vor.",
		"Auf Wunsch vermitteln wir eine Lernbegleitung.",
		"Niemand muss etwas vorlesen oder vorrechnen, wer das nicht möchte.",
		"Computer und Tablets helfen beim Üben und werden in Ruhe erklärt.",
		"Wer mag, bespricht die nächsten Schritte mit unserer Bildungsberatung.",
		"Ein späterer Wechsel in eine andere Gruppe ist möglich.",
	},
}

var commonSentences = []string{
	"Die Teilnahme ist nur nach vorheriger Anmeldung möglich.",
	"In den Schulferien und an Feiertagen findet kein Unterricht statt.",
	"Am Ende erhalten Sie auf Wunsch eine Teilnahmebescheinigung.",
	"Die Pausenzeiten werden in der Gruppe abgesprochen.",
	"Der Raum ist ab einer Viertelstunde vor Beginn geöffnet.",
	"Sollte ein Termin ausfallen, wird er am Ende angehängt.",
	"Fahrradständer befinden sich im Hof, Parkplätze nur in begrenzter Zahl in den Nebenstraßen.",
	"Bei Fragen zum Inhalt vermitteln wir gern den Kontakt zur Kursleitung.",
	"Das Haus ist mit den Buslinien 4 und 11 gut zu erreichen.",
	"Wer einmal verhindert ist, bekommt die Unterlagen nachgereicht.",
	"Getränke und eine kleine Stärkung gibt es im Café im Erdgeschoss.",
	"Eine Garderobe ist vorhanden, für Wertgegenstände gibt es Schließfächer.",
	"Wenn Sie Unterstützung brauchen, etwa beim Hören oder Sehen, sprechen Sie uns bitte an.",
	"Ist der Kurs belegt, setzen wir Sie gern auf die Warteliste.",
}

var extras = []string{
	"Bitte Schreibmaterial mitbringen.",
	"Materialkosten von etwa 8 € werden im Kurs abgerechnet.",
	"Bitte feste Schuhe und wetterfeste Kleidung mitbringen.",
	"Der Kurs findet auch bei geringer Teilnehmerzahl statt, dann mit weniger Terminen.",
	"Das Lehrbuch ist im Preis nicht enthalten.",
	"Der Zugangslink kommt einen Tag vor Beginn per E-Mail.",
}

var biographies = []string{
	"Ihre Kursleitung unterrichtet seit mehr als zehn Jahren in der Erwachsenenbildung und bildet sich regelmäßig fort. Wichtig ist ihr, dass alle mit dem nach Hause gehen, weswegen sie gekommen sind.",
	"Die Kursleitung hat ihr Fach studiert, lange in einem Betrieb der Region gearbeitet und gibt ihr Wissen heute mit Freude weiter: anschaulich, geduldig und immer an der Praxis entlang.",
	"Nach Stationen in Leipzig, Wien und Gdańsk lebt die Kursleitung seit einigen Jahren am See. In ihren Kursen verbindet sie gründliche Vorbereitung mit viel Platz für das, was die Gruppe mitbringt.",
	"Die Kursleitung ist ausgebildete Pädagogin und arbeitet freiberuflich. Sie erklärt auch Schwieriges so, dass es leicht wirkt, und nimmt sich in den Pausen Zeit für persönliche Fragen.",
}

var notices = []string{
	"Bitte melden Sie sich spätestens eine Woche vor Beginn an, damit wir rechtzeitig entscheiden können, ob der Kurs stattfindet.",
	"Ein kostenloser Rücktritt ist bis zum siebten Tag vor Beginn möglich; danach wird das halbe Entgelt fällig.",
	"Für Auszubildende, Studierende und Menschen mit geringem Einkommen gilt das ermäßigte Entgelt; bitte halten Sie den Nachweis bereit.",
	"Fällt ein Termin wegen Krankheit der Kursleitung aus, benachrichtigen wir Sie per E-Mail.",
	"Die Bestätigung mit allen Terminen kommt nach der Anmeldung per E-Mail.",
	"Minderjährige brauchen das Einverständnis der Eltern.",
}

var subtitles = []string{"Kleine Gruppe", "Neu im Programm", "Mit Exkursion", "In Kooperation mit der Stadtbibliothek", "Auch für Berufstätige geeignet", "Einstieg noch möglich"}

var targetGroups = []string{"Erwachsene", "Seniorinnen und Senioren", "Beschäftigte", "Eltern", "Jugendliche"}

const (
	town   = "Neuenburg am See"
	domain = "vhs-neuenburg.example"
)

type venue struct {
	areas                       string // first digits of what takes place there; none if only topicVenues leads there
	name, street, zip, district string
	accessible                  bool
	latitude, longitude         string
	rooms                       []string
}

var venues = []venue{
	{"1246", "Haus der Volkshochschule", "Marktplatz 3", "99098", "Altstadt", true, "50.984101", "11.032210", []string{"Raum 101", "Raum 102", "Raum 305", "Saal"}},
	{"5", "Haus der Volkshochschule", "Marktplatz 3", "99098", "Altstadt", true, "50.984101", "11.032210", []string{"Raum 204 (EDV)", "Raum 205 (EDV)"}},
	{"2", "Alte Seifenfabrik", "Uferstr. 18", "99098", "Hafen", true, "50.987420", "11.040873", []string{"Werkstatt 1", "Werkstatt 2", "Atelier"}},
	{"3", "Gesundheitszentrum am Park", "Parkallee 40", "99102", "Südhang", true, "50.961533", "11.027745", []string{"Gymnastikraum", "Raum der Stille"}},
	{"146", "Gymnasium am Seeufer", "Schulstr. 7", "99100", "Seeviertel", false, "50.992018", "11.051362", []string{"A 12", "A 14", "B 03"}},
	{"3", "Gymnasium am Seeufer", "Schulstr. 7", "99100", "Seeviertel", false, "50.992018", "11.051362", []string{"Turnhalle"}},
	{"246", "Grundschule Nordvorstadt", "Lindenweg 22", "99104", "Nordvorstadt", false, "51.003377", "11.029904", []string{"Raum 2", "Raum 5", "Aula"}},
	{"136", "Familienhaus Weststadt", "Kastanienallee 61", "99106", "Weststadt", true, "50.978265", "10.998716", []string{"Gruppenraum", "Saal"}},
	{"14", "Stadtbibliothek", "Klostergasse 1", "99098", "Altstadt", true, "50.985216", "11.034452", []string{"Lesesaal", "Studio"}},
	{"5", "Technologiehof", "Werftstr. 33", "99098", "Hafen", true, "50.988894", "11.044629", []string{"Labor 1", "Labor 2", "Seminarraum"}},
	{"23", "Nachbarschaftstreff Südhang", "Am Weinberg 12", "99102", "Südhang", false, "50.958810", "11.030157", []string{"Großer Raum", "Kleiner Raum"}},
	{"", "Familienhaus Weststadt", "Kastanienallee 61", "99106", "Weststadt", true, "50.978265", "10.998716", []string{"Küche"}},
	{"", "Hallenbad", "Badstr. 9", "99100", "Seeviertel", true, "50.990745", "11.047108", []string{"Lehrbecken"}},
}

// topicVenues tells which room a topic needs.
var topicVenues = map[string]string{
	"Aquafitness":               "Lehrbecken",
	"Vegetarisch kochen":        "Küche",
	"Brot backen mit Sauerteig": "Küche",
	"Küche Süditaliens":         "Küche",
}

var (
	firstNames = []string{"Anna", "Ayşe", "Birgit", "Carla", "Dagmar", "Elena", "Fatima", "Gisela", "Hanna", "Ines", "Jana", "Katharina", "Lena", "Małgorzata", "Nele",
		"Olga", "Petra", "Renate", "Sabine", "Ursula", "Andreas", "Bernd", "Christian", "Dmitri", "Emil", "Frank", "Georg", "Hakan", "Ingo", "Jörg", "Karl", "Luis",
		"Matthias", "Norbert", "Oliver", "Peter", "Rafael", "Stefan", "Thomas", "Uwe"}
	women     = 20 // the first so many of them
	lastNames = []string{"Albrecht", "Bauer", "Çelik", "Dietrich", "Engel", "Fuchs", "Günther", "Hoffmann", "Iwanow", "Jansen", "Köhler", "Lehmann", "Müller",
		"Neumann", "Öztürk", "Pohl", "Quandt", "Richter", "Schäfer", "Thiele", "Ullrich", "Vogel", "Weiß", "Yıldız", "Ziegler", "Bergmann", "Krämer", "Lindner",
		"Novák", "Schröder-Wolf", "van den Berg", "Winter"}
	titles = []string{"", "", "", "", "", "", "", "", "Dr.", "Prof. Dr."}
)
