package admin_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"kurso/handlers/handlertest"
	"kurso/models/audit"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/store"
)

// said are the sentences of the audit log, without their details.
const said = "#audit .k-timeline-body > p"

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
	want(t, "days", a.Texts("#audit h2"), []string{"Mi., 25.11.2026", "Mo., 23.11.2026"})
	want(t, "in words, newest first", a.Texts(said)[:8], []string{
		"Erika Beispiel hat Kurs #" + strconv.FormatInt(o.draft, 10) + " gelöscht", "Kursnummer entfernt: Y1 Titel entfernt: Yoga am Morgen",
		"Erika Beispiel hat Kursleitung „Aylin Demir-Wolf“ geändert", "Titel entfernt: Dr. Nachname: Demir → Demir-Wolf Öffentlich genannt: ja → nein",
		"Erika Beispiel hat Buchung „Jonas Weber“ storniert", "Status: Warteliste → Storniert",
		"Erika Beispiel hat Kurs „E4001 Englisch für den Beruf“ geändert", "Zuständig entfernt: Erika Beispiel Preis: Normalpreis 82,80 € → Normalpreis 90,00 €",
	})
	want(t, "links", a.Find(said + " a").Map(hrefs)[:3], []string{"/admin/instructors/" + strconv.FormatInt(o.instructor, 10), bookingPath(o.waiting), coursePath(o.open.ID)})
	details := a.Find("#audit li").First().Find("details").Text()
	for _, part := range []string{"12:00 Uhr · Einzelheiten", "25.11.2026, 12:00:00", "abcdefghijklmnopqrstuv", "alle Einträge von Erika Beispiel"} {
		if !strings.Contains(details, part) {
			t.Errorf("the details lack %q: %s", part, details)
		}
	}
	if a.Find("nav.k-side a[href='/admin/audit'][aria-current=page]").Length() != 1 {
		t.Error("the navigation does not lead here")
	}
	user := strconv.FormatInt(o.user, 10)
	for _, c := range []struct {
		query, first string
		count        string
		chips        []string
	}{
		{"who=" + user + "&subject=booking", "Erika Beispiel hat Buchung „Jonas Weber“ storniert", "1 Eintrag", []string{"Person ist Erika Beispiel", "Datensatz ist Buchung"}},
		{"who=applicant", "Die buchende Person hat Buchung „Kim Beispiel 3“ abgeschickt", "6 Einträge", []string{"Person ist Buchende Person"}},
		{"action=course.deleted", "Erika Beispiel hat Kurs #" + strconv.FormatInt(o.draft, 10) + " gelöscht", "1 Eintrag", []string{"Vorgang ist Kurs gelöscht"}},
		{"to=2026-11-23&subject=course", "Erika Beispiel hat Kurs #" + strconv.FormatInt(o.draft, 10) + " angelegt", "2 Einträge", []string{"Datensatz ist Kurs", "bis 23.11.2026"}},
		{"from=2026-11-25&to=2026-11-25", "Erika Beispiel hat Kurs #" + strconv.FormatInt(o.draft, 10) + " gelöscht", "6 Einträge", []string{"ab 25.11.2026", "bis 25.11.2026"}},
		{"record=course-" + strconv.FormatInt(o.open.ID, 10), "Erika Beispiel hat Kurs „E4001 Englisch für den Beruf“ geändert", "2 Einträge", []string{"Kurs „E4001 Englisch für den Beruf“"}},
		{"q=E4001", "Erika Beispiel hat Kurs „E4001 Englisch für den Beruf“ geändert", "2 Einträge", []string{"Nummer oder Anfrage ist „E4001“"}},
		{"q=%23" + strconv.FormatInt(o.waiting, 10) + "&subject=booking", "Erika Beispiel hat Buchung „Jonas Weber“ storniert", "2 Einträge", nil},
		{"q=abcdefghijklmnopqrstuv&subject=instructor", "Erika Beispiel hat Kursleitung „Aylin Demir-Wolf“ geändert", "1 Eintrag", nil},
		{"who=999&subject=x&action=x&record=x-1&from=x", "Erika Beispiel hat Kurs #" + strconv.FormatInt(o.draft, 10) + " gelöscht", "", []string{}},
	} {
		a := o.Get(t, "/admin/audit?"+c.query)
		if got := a.Texts(said); len(got) == 0 || got[0] != c.first {
			t.Errorf("%s: %q", c.query, got)
		}
		if count := a.Texts(".k-chips [role=status]"); c.count != "" && count[0] != c.count {
			t.Errorf("%s: %q", c.query, count)
		}
		if c.chips != nil {
			want(t, c.query, a.Texts(".k-chips .k-chip"), c.chips)
		}
	}
	if a := o.Get(t, "/admin/audit?q=nichts"); a.Find(".k-empty a[href='/admin/audit']").Length() != 1 {
		t.Error("nothing found says nothing")
	}
	fragment := o.Do(t, http.MethodGet, "/admin/audit?q=E4001", nil, "HX-Request", "true")
	if fragment.Find("nav.k-side").Length() != 0 || fragment.Find("#audit li").Length() != 2 {
		t.Error("htmx does not get the list alone")
	}
}

func TestAuditLogInPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for range 3 {
		o.Clock.Advance(time.Minute)
		o.Must(t, func(ctx context.Context, tx *store.Tx) error {
			var many []audit.Entry
			for i := range 40 {
				many = append(many, audit.Entry{SubjectType: "location", SubjectID: int64(i), Action: "location.changed"})
			}
			return audit.WriteMany(ctx, tx, many)
		})
	}
	seen := map[string]bool{}
	path, pages := "/admin/audit?subject=location", 0
	for path != "" {
		a := o.Get(t, path)
		status(t, path, a, http.StatusOK)
		a.Find("#audit li").Each(func(i int, s *goquery.Selection) {
			id := s.AttrOr("id", "")
			if seen[id] {
				t.Errorf("%s is shown twice", id)
			}
			seen[id] = true
		})
		path = a.Find("a[rel=next]").AttrOr("href", "")
		pages++
	}
	if len(seen) != 121 || pages != 3 {
		t.Errorf("%d entries on %d pages", len(seen), pages)
	}
}

func TestAuditLogOfAnEmptyOffice(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	a := s.Get(t, "/admin/audit")
	want(t, "the first sign-in", a.Texts(said), []string{"Erika Beispiel hat sich angemeldet", "Das System hat Konto „Erika Beispiel“ angelegt"})
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
			if a.Find("a[href^='/admin/audit?record="+c.record+"-']").Length() != 1 {
				t.Errorf("%s does not lead to all entries", c.path)
			}
			all := o.Get(t, a.Find("a[href^='/admin/audit?record=']").AttrOr("href", ""))
			if all.Find("#audit li").Length() < a.Find(".k-timeline li").Length() {
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
