package mail

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	netmail "net/mail"

	"gocloud.dev/blob/memblob"

	"kurso/config"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/exports"
	"kurso/models/listing"
	"kurso/models/modeltest"
	"kurso/models/notify"
	"kurso/models/outbox"
	"kurso/models/store"
)

// staffed is a world in which an administrator is responsible for the course and hears of everything, at once
// or daily.
func staffed(t *testing.T, cadence string, opts ...modeltest.CourseOption) (*world, *accounts.User) {
	t.Helper()
	w := newWorld(t, opts...)
	u := w.MustCreateUser(t, "Ada Admin", accounts.Administration)
	w.MustBeResponsible(t, w.course, u)
	var in notify.Input
	for _, k := range notify.Kinds {
		in.Events = append(in.Events, notify.EventInput{Event: string(k.Event), Scope: notify.All, Cadence: cadence})
	}
	if err := notify.Save(t.Context(), w.Store, u, in); err != nil {
		t.Fatal(err)
	}
	return w, u
}

// newest renders the newest letter with that name to a user, in that language.
func (w *world) newest(t *testing.T, u *accounts.User, name, locale string) *Letter {
	t.Helper()
	w.MustNotify(t)
	m := &outbox.Mail{}
	err := w.NewSelect().Model(m).Where("user_id = ? AND letter = ?", u.ID, name).OrderExpr("id DESC").Limit(1).Scan(t.Context())
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	m.Locale = locale
	l, err := Render(t.Context(), w.Store, &config.Config{PublicURL: publicURL}, m)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (w *world) fail(t *testing.T, m *outbox.Mail) {
	t.Helper()
	m, err := outbox.Claim(t.Context(), w.Store, m.ID, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		return outbox.MarkFailed(ctx, tx, m, "550 5.1.1 no such user")
	})
}

// happen lets each event happen, and returns the mail that failed and the import that ended.
func (w *world) happen(t *testing.T, u *accounts.User) (*outbox.Mail, *catalog.Import) {
	t.Helper()
	first := w.MustConfirm(t, w.MustRequest(t, w.course))
	w.MustConfirm(t, w.MustRequest(t, w.course))                 // full
	w.MustConfirm(t, w.MustRequest(t, w.course, modeltest.Wait)) // waits
	if _, err := booking.Cancel(t.Context(), w.Store, w.ManageToken(first)); err != nil {
		t.Fatal(err)
	}
	mails, err := outbox.OfBooking(t.Context(), w, first.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.fail(t, mails[0])
	im := &catalog.Import{FileName: "kurse.xml", FileKey: "x", State: catalog.ImportRunning, ErrorArgs: map[string]any{}, UserID: &u.ID, CreatedAt: w.Now()}
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.NewInsert().Model(im).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewRaw("UPDATE courses SET min_places = 2").Exec(ctx)
		return err
	})
	if err := catalog.GiveUpImport(t.Context(), w.Store, im.ID); err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(25 * 24 * time.Hour)
	if err := notify.CheckMinimum(t.Context(), w.Store); err != nil {
		t.Fatal(err)
	}
	w.MustNotify(t)
	return mails[0], im
}

func TestLettersOfEachEvent(t *testing.T) {
	t.Parallel()
	w, u := staffed(t, notify.Now, modeltest.Places(2))
	failed, im := w.happen(t, u)
	course := publicURL + "/admin/courses/" + itoa(w.course.ID)
	exported := &exports.Export{UserID: u.ID, List: "bookings", Format: listing.CSV, Locale: "de", State: exports.Queued, CreatedAt: w.Now()}
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewInsert().Model(exported).Exec(ctx)
		return err
	})
	bucket := memblob.OpenBucket(nil)
	defer func() { _ = bucket.Close() }()
	if err := exports.Run(t.Context(), w.Store, bucket, exported.ID, locales.Translator); err != nil {
		t.Fatal(err)
	}
	w.MustNotify(t)
	for _, c := range []struct {
		letter         string
		event          outbox.Event
		de, deLabel    string
		en, enLabel    string
		url            string
		saysDe, saysEn []string
	}{
		{outbox.StaffPlaceFree, outbox.EventPlaceFree, "Platz frei: Spanisch A1", "Warteliste öffnen", "Place free: Spanisch A1", "Open waiting list",
			publicURL + "/admin/bookings?course=" + itoa(w.course.ID) + "&state=WAITLISTED",
			[]string{"Spanisch A1 (S101)", "Mi., 23.12.2026", "Freie Plätze 1", "Auf der Warteliste 1"}, []string{"Free places 1", "On the waiting list 1"}},
		{outbox.StaffCourseFull, outbox.EventCourseFull, "Ausgebucht: Spanisch A1", "Kurs öffnen", "Full: Spanisch A1", "Open course", course,
			[]string{"Der Kurs ist ausgebucht", "Plätze 2"}, []string{"The course is full", "Places 2"}},
		{outbox.StaffBelowMinimum, outbox.EventBelowMinimum, "Unter der Mindestzahl: Spanisch A1", "Kurs öffnen", "Below the minimum: Spanisch A1", "Open course", course,
			[]string{"Gebuchte Plätze 1", "Mindestzahl 2"}, []string{"Booked places 1", "Minimum 2"}},
		{outbox.StaffMailFailed, outbox.EventMailFailed, "Nicht zugestellt: Bitte um Bestätigung", "Mail öffnen", "Not delivered: Request to confirm", "Open mail",
			publicURL + "/admin/outbox/" + itoa(failed.ID), []string{failed.Recipient, "Spanisch A1 (S101)", "550 5.1.1 no such user"}, []string{"Recipient"}},
		{outbox.StaffImport, outbox.EventImport, "Import gescheitert: kurse.xml", "Bericht öffnen", "Import failed: kurse.xml", "Open report",
			publicURL + "/admin/imports/" + itoa(im.ID), []string{"Der Import ist gescheitert", "Grund"}, []string{"Reason", "Left out 0"}},
		{outbox.StaffExport, outbox.EventExport, "Export fertig: Buchungen", "Export öffnen", "Export ready: Bookings", "Open export",
			publicURL + "/admin/exports/" + itoa(exported.ID), []string{"„Buchungen“ mit 3 Zeilen"}, []string{"“Bookings” with 3 rows"}},
	} {
		de, en := w.newest(t, u, c.letter, "de"), w.newest(t, u, c.letter, "en")
		if de.Subject != c.de || en.Subject != c.en {
			t.Errorf("%s: %q, %q", c.letter, de.Subject, en.Subject)
		}
		de.leads(t, c.deLabel, c.url)
		en.leads(t, c.enLabel, c.url)
		w.says(t, de, c.saysDe...)
		w.says(t, en, c.saysEn...)
		if de.To.Address != u.Email || de.ReplyTo.Address != "vhs@example.org" || len(de.Attachments) != 0 {
			t.Errorf("%s: %+v", c.letter, de)
		}
		w.canBeTurnedOff(t, de, u, c.event, "Diese Benachrichtigung abbestellen", "")
		w.canBeTurnedOff(t, en, u, c.event, "Stop this notification", "?lang=en")
	}
	w.canBeTurnedOff(t, w.newest(t, u, outbox.StaffCancellation, "de"), u, outbox.EventCancellation, "Diese Benachrichtigung abbestellen", "")
	// one letter, two events
	w.canBeTurnedOff(t, w.newest(t, u, outbox.StaffBooking, "de"), u, outbox.EventWaitlist, "Diese Benachrichtigung abbestellen", "")
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("DELETE FROM mails WHERE user_id = ? AND letter = ? AND booking_id = (SELECT max(id) FROM bookings)", u.ID, outbox.StaffBooking).Exec(ctx)
		return err
	})
	w.canBeTurnedOff(t, w.newest(t, u, outbox.StaffBooking, "de"), u, outbox.EventBooking, "Diese Benachrichtigung abbestellen", "")
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// says is Letter.says for facts, whose label the text sets apart by a colon.
func (w *world) says(t *testing.T, l *Letter, facts ...string) {
	t.Helper()
	shown := strings.Join(strings.Fields(l.html(t).Find("body").Text()), " ")
	plain := strings.ReplaceAll(strings.Join(strings.Fields(l.Text), " "), ":", "")
	for _, f := range facts {
		if !strings.Contains(shown, f) || !strings.Contains(plain, strings.ReplaceAll(f, ":", "")) {
			t.Errorf("%s does not say %q:\n%s\n%s", l.Subject, f, shown, l.Text)
		}
	}
}

// canBeTurnedOff fails unless both parts and the headers lead to the page that turns the event off.
func (w *world) canBeTurnedOff(t *testing.T, l *Letter, u *accounts.User, e outbox.Event, label, query string) {
	t.Helper()
	off := publicURL + "/notifications/" + notify.OffToken(w.Keys, u.ID, e) + "/off" + query
	if l.Off != off || l.html(t).Find(`a[href="`+off+`"]`).Text() != label || !strings.Contains(l.Text, label+": "+off+"\n") {
		t.Errorf("%s: not turned off by %s:\n%s", l.Subject, off, l.Text)
	}
	if l.html(t).Find(`a[href="`+publicURL+`/admin/notifications"]`).Length() != 1 {
		t.Errorf("%s: no way to the settings", l.Subject)
	}
	var b bytes.Buffer
	if err := l.Write(&b, w.Now()); err != nil {
		t.Fatal(err)
	}
	m, err := netmail.ReadMessage(&b)
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.Get("List-Unsubscribe") != "<"+off+">" || m.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Errorf("%s: headers %q, %q", l.Subject, m.Header.Get("List-Unsubscribe"), m.Header.Get("List-Unsubscribe-Post"))
	}
}

func TestOnlyStaffCanTurnLettersOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("DELETE FROM course_staff").Exec(ctx)
		return err
	})
	b := w.MustConfirm(t, w.MustRequest(t, w.course))
	for _, name := range []string{outbox.BookingConfirmed, outbox.StaffBooking} { // to the applicant, to the provider
		if l := w.letter(t, b, name, "de"); l.Off != "" || strings.Contains(l.HTML+l.Text, "/notifications") {
			t.Errorf("%s can be turned off: %s", name, l.Text)
		}
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	w, u := staffed(t, notify.Daily, modeltest.Places(2))
	_, im := w.happen(t, u)
	about := &outbox.Mail{Subject: "account", SubjectID: 1, Letter: "x", Recipient: "a@example.org", Locale: "de"}
	w.Must(t, func(ctx context.Context, tx *store.Tx) error { return outbox.Add(ctx, tx, about) })
	w.fail(t, about)
	w.MustNotify(t)
	w.Clock.Advance(24 * time.Hour)
	if err := notify.SendDigests(t.Context(), w.Store); err != nil {
		t.Fatal(err)
	}
	de, en := w.newest(t, u, outbox.StaffDigest, "de"), w.newest(t, u, outbox.StaffDigest, "en")
	if de.Subject != "Zusammenfassung vom 19.12.2026: 10 Meldungen" || en.Subject != "Digest of 19 Dec 2026: 10 items" || de.To.Address != u.Email || de.ReplyTo.Address != "vhs@example.org" {
		t.Errorf("%q, %q, %+v", de.Subject, en.Subject, de.ReplyTo)
	}
	de.leads(t, "Büro öffnen", publicURL+"/admin")
	var lines []string
	summary, _, _ := strings.Cut(de.Text, "Büro öffnen")
	for _, l := range strings.Split(summary, "\n") {
		if said, ok := strings.CutPrefix(l, "- "); ok {
			lines = append(lines, said)
		}
	}
	want := "2 neue Buchungen|eine Stornierung|eine Buchung neu auf der Warteliste|ein Platz frei geworden, auf den Menschen warten|" +
		"ausgebucht|unter der Mindestzahl, Beginn in Sicht|eine Mail kam nicht an|eine Mail kam nicht an|Der Import ist gescheitert"
	if got := strings.Join(lines, "|"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for url, label := range map[string]string{
		"/admin/courses/" + itoa(w.course.ID): "Spanisch A1 (S101)", "/admin/outbox?state=failed": "Mails ohne Kurs", "/admin/imports/" + itoa(im.ID): "kurse.xml",
	} {
		if got := de.html(t).Find(`a[href="` + publicURL + url + `"]`).Text(); got != label || !strings.Contains(de.Text, publicURL+url) {
			t.Errorf("%s is called %q", url, got)
		}
	}
	en.says(t, "2 new bookings", "one mail did not arrive", "The import has failed")
	w.canBeTurnedOff(t, de, u, notify.DigestEvent, "Tägliche Zusammenfassung abbestellen", "")
}
