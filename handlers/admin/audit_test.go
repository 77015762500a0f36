package admin_test

import (
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
	"kurso/models/audit"
	"kurso/models/booking"
	"kurso/models/catalog"
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
		at, "Erika Beispiel", "Kursleitung geändert", "Kursleitung", strconv.FormatInt(o.instructor, 10), "Titel: Dr. → –; Nachname: Demir → Demir-Wolf; Öffentlich genannt: true → false",
		at, "Erika Beispiel", "Buchung storniert", "Buchung", strconv.FormatInt(o.waiting, 10), "Status: WAITLISTED → CANCELLED",
		at, "Erika Beispiel", "Kurs geändert", "Kurs", strconv.FormatInt(o.open.ID, 10), "Zuständig: 1 → –; Preis: Normalpreis 82.80 EUR → Normalpreis 90.00 EUR",
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
	for what, known := range map[string][]string{"audit": audit.Actions, "field": audit.Entries.Column("changes").Codes, "subject": audit.Subjects} {
		known = slices.Sorted(slices.Values(known))
		slices.Sort(words[what])
		if !slices.Equal(known, words[what]) {
			t.Errorf("%s: models/audit/words.go has %v, the words are %v", what, known, words[what])
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
