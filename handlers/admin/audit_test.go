package admin_test

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kurso/handlers/handlertest"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/exports"
	"kurso/models/outbox"
	"kurso/models/store"
)

// row is a row of a list.
const row = "#list tbody tr"

func (o *office) asUser(t testing.TB) context.Context {
	return store.WithActor(t.Context(), store.Actor{Kind: "user", UserID: o.user, RequestID: "abcdefghijklmnopqrstuv"})
}

func TestAuditLog(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.Clock.Advance(48 * time.Hour)
	o.Post(t, "/admin/session", "email", o.email, "password", handlertest.Password)
	in := o.form(t, o.open.ID)
	in.Prices[0].Amount, in.Staff = "90,00", nil
	if err := catalog.UpdateCourse(o.asUser(t), o.Store, o.open.ID, in); err != nil {
		t.Fatal(err)
	}
	if _, err := booking.CancelByStaff(o.asUser(t), o.Store, o.waiting, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := catalog.SaveInstructor(o.asUser(t), o.Store, o.instructor, catalog.InstructorInput{Version: "1", FirstName: "Aylin", LastName: "Demir-Wolf", Email: "demir@example.org"}); err != nil {
		t.Fatal(err)
	}
	if err := catalog.DeleteCourse(o.asUser(t), o.Store, o.draft, "1"); err != nil {
		t.Fatal(err)
	}
	a := o.Get(t, "/admin/audit")
	status(t, "audit log", a, http.StatusOK)
	at := "25.11.2026, 12:00 Uhr"
	want(t, "newest first", a.Texts(row + " td")[:24], []string{
		at, "Erika Beispiel", "Kurs gelöscht", "Kurs", strconv.FormatInt(o.draft, 10), "Kursnummer: Y1 → –; Titel: Yoga am Morgen → –",
		at, "Erika Beispiel", "Kursleitung geändert", "Kursleitung", strconv.FormatInt(o.instructor, 10), "Titel: Dr. → –; Nachname: Demir → Demir-Wolf; Öffentlich genannt: ja → nein",
		at, "Erika Beispiel", "Buchung storniert", "Buchung", strconv.FormatInt(o.waiting, 10), "Status: Warteliste → Storniert",
		at, "Erika Beispiel", "Kurs geändert", "Kurs", strconv.FormatInt(o.open.ID, 10), "Zuständig: Erika Beispiel → –; Preis: Normalpreis 82,80 € → Normalpreis 90,00 €",
	})
	if a.Find("nav.k-side a[href='/admin/audit'][aria-current=page]").Length() != 1 {
		t.Error("the navigation does not lead here")
	}
	entries := a.Find("#list tbody td:first-child a").Map(hrefs)
	for i, c := range []struct {
		said, changed, link string
	}{
		{"Erika Beispiel hat Kurs #" + strconv.FormatInt(o.draft, 10) + " gelöscht", "Kursnummer entfernt: Y1 Titel entfernt: Yoga am Morgen", ""},
		{"Erika Beispiel hat Kursleitung „Aylin Demir-Wolf“ geändert", "Titel entfernt: Dr. Nachname: Demir → Demir-Wolf Öffentlich genannt: ja → nein", "/admin/instructors/" + strconv.FormatInt(o.instructor, 10)},
		{"Erika Beispiel hat Buchung „Jonas Weber“ storniert", "Status: Warteliste → Storniert", bookingPath(o.waiting)},
		{"Erika Beispiel hat Kurs „E4001 Englisch für den Beruf“ geändert", "Zuständig entfernt: Erika Beispiel Preis: Normalpreis 82,80 € → Normalpreis 90,00 €", coursePath(o.open.ID)},
	} {
		a := o.Get(t, entries[i])
		status(t, entries[i], a, http.StatusOK)
		want(t, entries[i], a.Texts("main .k-section > p"), []string{c.said, c.changed})
		if c.link != "" && a.Find("main p a[href='"+c.link+"']").Length() != 1 {
			t.Errorf("%s does not lead to %s", entries[i], c.link)
		}
		for _, part := range []string{"25.11.2026, 12:00:00", "abcdefghijklmnopqrstuv", "alle Einträge von Erika Beispiel"} {
			if !strings.Contains(a.Find("main dl").Text(), part) {
				t.Errorf("%s lacks %q", entries[i], part)
			}
		}
		for _, href := range a.Find("main dl a").Map(hrefs) {
			if list := o.Get(t, href); list.Status != http.StatusOK || list.Find("#list a[href='"+entries[i]+"']").Length() != 1 {
				t.Errorf("%s is not in %s", entries[i], href)
			}
		}
	}
	status(t, "no entry", o.Get(t, "/admin/audit/999999"), http.StatusNotFound)
	user, open := strconv.FormatInt(o.user, 10), strconv.FormatInt(o.open.ID, 10)
	for _, c := range []struct {
		query, count string
		chips        []string
	}{
		{"who=" + user + "&subject=booking", "1 Eintrag", []string{"Person ist Erika Beispiel", "Datensatz ist Buchung"}},
		{"by=applicant", "6 Einträge", []string{"Wer ist Buchende Person"}},
		{"action=course.deleted", "1 Eintrag", []string{"Vorgang ist Kurs gelöscht"}},
		{"at=..2026-11-23&subject=course", "2 Einträge", []string{"Zeit bis 23.11.2026", "Datensatz ist Kurs"}},
		{"at=2026-11-25", "6 Einträge", []string{"Zeit ist 25.11.2026"}},
		{"subject=course&record=" + open, "2 Einträge", []string{"Datensatz ist Kurs", "Nummer des Datensatzes ist " + open}},
		{"course=E4001", "2 Einträge", []string{"Kurs enthält „E4001“"}},
		{"request=abcdefghijklmnopqrstuv&subject=instructor", "1 Eintrag", []string{"Datensatz ist Kursleitung", "Anfrage ist „abcdefghijklmnopqrstuv“"}},
	} {
		a := o.Get(t, "/admin/audit?"+c.query)
		want(t, c.query, a.Texts("#list .k-chips [role=status]"), []string{c.count})
		want(t, c.query, a.Texts(".k-chips .k-chip"), c.chips)
	}
	old := o.Get(t, "/admin/audit?record=course-"+open)
	if old.Location() != "/admin/audit?record="+open+"&subject=course" {
		t.Errorf("an address of old leads to %s", old.Location())
	}
	if sub := o.Get(t, old.Location()).Find(".k-pagehead").Text(); !strings.Contains(sub, "Kurs „E4001 Englisch für den Beruf“") {
		t.Errorf("the record is not named: %s", sub)
	}
	for _, query := range []string{"subject=x", "action=x", "record=x", "who=x", "at=x"} {
		if a := o.Get(t, "/admin/audit?"+query); a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", query, a.Status)
		}
	}
}

func TestAuditLogOfAnEmptyOffice(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	a := s.Get(t, "/admin/audit")
	want(t, "the first sign-in", a.Texts("#list tbody td:nth-child(3)"), []string{"Angemeldet", "Konto angelegt"})
}

// What the list of entries can be narrowed to, and the fields that it words, are all that have words.
func TestTheAuditLogKnowsEveryAction(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../../locales/de.toml")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string][]string{}
	for _, m := range regexp.MustCompile(`(?m)^"(audit|field)\.(([a-z_]+)\.[a-z_0-9]+)" = `).FindAllStringSubmatch(string(file), -1) {
		if slices.Contains(audit.Subjects, m[3]) || m[1] == "audit" && m[3] == "values" {
			words[m[1]] = append(words[m[1]], m[2])
		}
		if m[1] == "audit" && m[3] == "subject" {
			words["subject"] = append(words["subject"], strings.TrimPrefix(m[2], "subject."))
		}
	}
	var fields []string
	for _, key := range audit.Entries.Column("changes").Codes {
		if !locales.Has(key) {
			t.Errorf("%s has no words", key)
		}
		if field, ok := strings.CutPrefix(key, "field."); ok {
			fields = append(fields, field)
		}
	}
	for what, known := range map[string][]string{"audit": audit.Actions, "field": fields, "subject": audit.Subjects} {
		known = slices.Sorted(slices.Values(known))
		slices.Sort(words[what])
		if !slices.Equal(known, words[what]) {
			t.Errorf("%s: models/audit/words.go has %v, the words are %v", what, known, words[what])
		}
	}
}

// The list, its files and the history say the same of a change; raw files keep the codes.
func TestTheAuditListSaysWhatTheHistorySays(t *testing.T) {
	t.Parallel()
	var lists []string
	for _, l := range exports.Lists {
		lists = append(lists, l.Name)
	}
	for subject, codes := range map[string][]string{
		"booking state": booking.States, "course state": catalog.States, "course delivery": catalog.Deliveries, "mail state": outbox.States,
		"provider kind": catalog.Kinds, "provider languages": catalog.Languages, "export list": lists, "export_schedule cadence": exports.Cadences,
	} {
		subject, field, _ := strings.Cut(subject, " ")
		for _, code := range codes {
			if audit.WordOf(subject, field, code) == "" {
				t.Errorf("%s %s: no words for %s", subject, field, code)
			}
		}
	}
	for _, p := range accounts.Permissions {
		if audit.WordOf("role", "permission", string(p)) == "" {
			t.Errorf("no words for %s", p)
		}
	}
	o := newOffice(t)
	instructor := strconv.FormatInt(o.instructor, 10)
	for i, c := range []struct {
		subject string
		change  audit.Change
		// raw is how the file has what was stored, the others what is said of it; a page of its own may say it otherwise
		raw, de, en, deOwn, enOwn string
	}{
		{"booking", audit.Change{Field: "state", Old: "REQUESTED", New: "EXPIRED"}, "booking.state: REQUESTED → EXPIRED", "Status: Unbestätigt → Verfallen", "Status: Unverified → Expired", "", ""},
		{"course", audit.Change{Field: "instructors", Old: "", New: instructor + ", 999999"}, "course.instructors: " + instructor + ", 999999", "Kursleitung: Dr. Aylin Demir, #999999", "Instructor: Dr. Aylin Demir, #999999", "", ""},
		{"course", audit.Change{Field: "places_taken_elsewhere", Old: "3", New: "-1"}, "course.places_taken_elsewhere: 3 → -1", "Anderswo vergebene Plätze: 3 → unbekannt", "Places taken elsewhere: 3 → unknown", "", ""},
		{"provider", audit.Change{Field: "languages", Old: "de", New: "de, en"}, "provider.languages: de → de, en", "Sprachen der öffentlichen Seiten: Deutsch → Deutsch, Englisch", "Languages of the public pages: German → German, English", "", ""},
		{"notifications", audit.Change{Field: "booking", Old: "mine now", New: "off"}, "notifications.booking: mine now → off", "Neue Buchung: meine Kurse, sofort → gar nicht", "New booking: my courses, at once → never", "", ""},
		{"user", audit.Change{Field: "role", New: "front_desk"}, "user.role: front_desk", "Rolle: Anmeldung", "Role: Front desk", "", ""},
		{"user", audit.Change{Field: "role", New: "Kasse"}, "user.role: Kasse", "Rolle: Kasse", "Role: Kasse", "", ""},
		{"role", audit.Change{Field: "permission", Old: "courses.write"}, "role.permission: courses.write → –", "Recht: Kurse bearbeiten → –", "Permission: Edit courses → –", "Recht entfernt: Kurse bearbeiten", "Permission removed: Edit courses"},
		{"course", audit.Change{Field: "description", Old: "a", New: "b"}, "course.description", "Beschreibung", "Description", "Beschreibung geändert", "Description changed"},
		{"export", audit.Change{Field: "list", New: "bookings"}, "export.list: bookings", "Liste: Buchungen", "List: Bookings", "", ""},
	} {
		request := fmt.Sprintf("request-%d", i)
		o.Must(t, func(ctx context.Context, tx *store.Tx) error {
			return audit.Write(store.WithActor(ctx, store.Actor{Kind: "system", RequestID: request}), tx, c.subject, 1, "values.erased", c.change)
		})
		for lang, said := range map[string][2]string{"de": {c.de, c.deOwn}, "en": {c.en, c.enOwn}} {
			o.Must(t, func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.NewRaw("UPDATE users SET locale = ?", lang).Exec(ctx)
				return err
			})
			a := o.Get(t, "/admin/audit?request="+request)
			want(t, "list", a.Texts(row+" td:last-child"), []string{said[0]})
			want(t, "history", o.Get(t, a.Find(row+" td:first-child a").AttrOr("href", "")).Texts("main .k-section > p")[1:], []string{cmp.Or(said[1], said[0])})
			for format, raw := range map[string]string{"csv_de": "", "csv": "true"} {
				file := o.Post(t, "/admin/exports", "list", "audit", "query", "columns=changes&request="+request, "format", format, "raw", raw)
				status(t, format, file, http.StatusOK)
				_, line, _ := strings.Cut(strings.TrimSpace(file.Body), "\r\n")
				want(t, format, []string{strings.Trim(line, `"`)}, []string{map[string]string{"": said[0], "true": c.raw}[raw]})
			}
		}
	}
}

// Days, amounts and units of changes are written as the reader does, and in files as the format does.
func TestTheAuditListWritesDaysAndAmounts(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.Must(t, func(ctx context.Context, tx *store.Tx) error {
		return audit.Write(store.WithActor(ctx, store.Actor{Kind: "system", RequestID: "written"}), tx, "course", 1, "course.changed",
			audit.Change{Field: "start_date", Old: "2027-02-03", New: "2027-02-10"}, audit.Change{Field: "price", Old: "Normalpreis 82.80 EUR", New: "Normalpreis 1090.00 CHF"},
			audit.Change{Field: "teaching_units", Old: "1350", New: "2000"})
	})
	const en = "Start: %s; Price: Normalpreis %s; Teaching units: 13.5 → 20"
	const de = "Beginn: 03.02.2027 → 10.02.2027; Preis: Normalpreis 82,80 € → Normalpreis 1090,00 CHF; Unterrichtseinheiten: 13,5 → 20"
	for lang, c := range map[string]struct{ page, german, international string }{
		"de": {de, de, "Beginn: 2027-02-03 → 2027-02-10; Preis: Normalpreis 82.80 EUR → Normalpreis 1090.00 CHF; Unterrichtseinheiten: 13,5 → 20"},
		"en": {
			fmt.Sprintf(en, "3 Feb 2027 → 10 Feb 2027", "€82.80 → Normalpreis CHF 1090.00"),
			fmt.Sprintf(en, "03.02.2027 → 10.02.2027", "82,80 € → Normalpreis 1090,00 CHF"),
			fmt.Sprintf(en, "2027-02-03 → 2027-02-10", "82.80 EUR → Normalpreis 1090.00 CHF"),
		},
	} {
		o.Must(t, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.NewRaw("UPDATE users SET locale = ?", lang).Exec(ctx)
			return err
		})
		a := o.Get(t, "/admin/audit?request=written")
		want(t, lang+" page", a.Texts(row+" td:last-child"), []string{c.page})
		want(t, lang+" history", o.Get(t, a.Find(row+" td:first-child a").AttrOr("href", "")).Texts("main .k-section > p")[1:], []string{strings.ReplaceAll(c.page, "; ", " ")})
		for _, f := range []struct{ format, raw, says string }{
			{"csv_de", "", c.german}, {"csv", "", c.international},
			{"csv_de", "true", "course.start_date: 2027-02-03 → 2027-02-10; course.price: Normalpreis 82.80 EUR → Normalpreis 1090.00 CHF; course.teaching_units: 1350 → 2000"},
		} {
			file := o.Post(t, "/admin/exports", "list", "audit", "query", "columns=changes&request=written", "format", f.format, "raw", f.raw)
			status(t, f.format, file, http.StatusOK)
			_, line, _ := strings.Cut(strings.TrimSpace(file.Body), "\r\n")
			want(t, lang+" "+f.format+" "+f.raw, []string{strings.ReplaceAll(strings.Trim(line, `"`), "\u00a0", " ")}, []string{f.says})
		}
	}
}

// Every kind of record tells its history in words, and leads on to all entries about it.
func TestEveryRecordTellsItsHistory(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := o.asUser(t)
	if _, err := catalog.SaveLocation(ctx, o.Store, o.location, catalog.LocationInput{Version: "1", Name: "Haus am Markt", Street: "Marktplatz 2", Zip: "89073", Town: "Ulm", Accessible: "no"}); err != nil {
		t.Fatal(err)
	}
	if _, err := catalog.SaveCategory(ctx, o.Store, o.category, catalog.CategoryInput{Version: "1", Code: "4", Name: "Sprachen der Welt", Position: "4"}); err != nil {
		t.Fatal(err)
	}
	if _, err := catalog.SaveCourseType(ctx, o.Store, o.open.CourseTypeID, catalog.CourseTypeInput{Version: "1", Name: "Englisch", Category: strconv.FormatInt(o.category, 10)}); err != nil {
		t.Fatal(err)
	}
	in := catalog.BookingInputOf(must(catalog.LoadProvider(ctx, o.Store)))
	in.HoldMinutes = "90"
	if err := catalog.SaveSettings(ctx, o.Store, in); err != nil {
		t.Fatal(err)
	}
	mail, im := int64(1), int64(1)
	o.Must(t, func(_ context.Context, tx *store.Tx) error {
		if err := audit.Write(ctx, tx, "mail", mail, "mail.retried", audit.Change{Field: "state", Old: "failed", New: "queued"}); err != nil {
			return err
		}
		if _, err := tx.NewRaw(`INSERT INTO imports (file_name, file_key, size_bytes, state, created_at) VALUES ('kurse.xml', 'x', 12000, 'finished', ?)`, tx.Now()).Exec(ctx); err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, catalog.SubjectImport, im, "import.started"); err != nil {
			return err
		}
		return audit.Write(ctx, tx, catalog.SubjectImport, im, "import.finished", audit.Change{Field: "created", New: "12000"})
	})
	for _, c := range []struct{ record, path, de, en string }{
		{"course", coursePath(o.open.ID), "Untertitel: Kompaktkurs", "Subtitle: Kompaktkurs"},
		{"booking", bookingPath(o.waiting), "Buchung eingegangen", "Booking received"},
		{"course_type", "/admin/course-types/" + fmt.Sprint(o.open.CourseTypeID), "Name: Englisch für den Beruf → Englisch", "Category: Sprachen der Welt"},
		{"category", "/admin/categories/" + fmt.Sprint(o.category), "Name: Sprachen → Sprachen der Welt", "Name: Sprachen → Sprachen der Welt"},
		{"location", "/admin/locations/" + fmt.Sprint(o.location), "Barrierefrei: ja → nein", "yes → no"},
		{"instructor", "/admin/instructors/" + fmt.Sprint(o.instructor), "Kursleitung angelegt", "Instructor"},
		{"provider", "/admin/settings/booking", "60 → 90", "60 → 90"},
		{"import", "/admin/imports/1", "Neu: 12\u202f000", "New: 12,000"},
		{"mail", "/admin/outbox/1", "Status: Fehlgeschlagen → In der Warteschlange", "Failed → Queued"},
	} {
		for lang, text := range map[string]string{"de": c.de, "en": c.en} {
			o.Must(t, func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.NewRaw("UPDATE users SET locale = ?", lang).Exec(ctx)
				return err
			})
			a := o.Get(t, c.path)
			status(t, c.path, a, http.StatusOK)
			if got := a.Find(".k-timeline").Text(); !strings.Contains(got, text) {
				t.Errorf("%s in %s does not say %q: %s", c.path, lang, text, got)
			}
			if a.Find("a[href^='/admin/audit?record='][href$='&subject="+c.record+"']").Length() != 1 {
				t.Errorf("%s does not lead to all entries", c.path)
			}
			all := o.Get(t, a.Find("a[href^='/admin/audit?record=']").AttrOr("href", ""))
			if all.Find(row).Length() < a.Find(".k-timeline li").Length() {
				t.Errorf("%s has more entries than the audit log", c.path)
			}
		}
	}
}

// Names stand in the history until they are erased; who may not see the audit log is not led there.
func TestHistoryOfAPerson(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	path := "/admin/instructors/" + fmt.Sprint(o.instructor)
	if _, err := catalog.SaveInstructor(o.asUser(t), o.Store, o.instructor, catalog.InstructorInput{Version: "1", Title: "Dr.", FirstName: "Aylin", LastName: "Wolf", Email: "demir@example.org", Published: true}); err != nil {
		t.Fatal(err)
	}
	want(t, "history", o.Get(t, path).Texts(".k-timeline-body > div.whitespace-pre-line"), []string{"Nachname: Demir → Wolf"})
	o.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := audit.Erase(ctx, tx, catalog.SubjectInstructor, o.instructor)
		return err
	})
	a := o.Get(t, path)
	want(t, "erased", a.Texts(".k-timeline-body > div.whitespace-pre-line"), []string{"Nachname geändert (Angaben gelöscht)"})
	want(t, "and said", a.Texts(".k-timeline-body > div.font-medium")[:1], []string{"Persönliche Angaben aus dem Verlauf gelöscht"})

	o.SignInAs(t, "planning")
	a = o.Get(t, path)
	status(t, "planning", a, http.StatusOK)
	if a.Find(".k-timeline li").Length() == 0 || a.Find("a[href^='/admin/audit']").Length() != 0 {
		t.Error("somebody without audit.read is led to the audit log")
	}
	status(t, "the audit log itself", o.Get(t, "/admin/audit"), http.StatusForbidden)
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
