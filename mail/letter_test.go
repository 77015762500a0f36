package mail

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"kurso/config"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/outbox"
	"kurso/models/store"
)

const publicURL = "https://kurse.example.org"

// world is a provider with an address, a location with a room, a course there and its responsible person.
type world struct {
	*modeltest.World
	course *catalog.Course
}

func newWorld(t *testing.T, opts ...modeltest.CourseOption) *world {
	t.Helper()
	w := &world{World: modeltest.New(t)}
	loc := &catalog.Location{Name: "Haus der Bildung", Street: "Ring 1", Zip: "10115", Town: "Berlin", Version: 1, CreatedAt: w.Now(), UpdatedAt: w.Now()}
	user := w.MustCreateUser(t, "Eva Berger", "front_desk")
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.NewInsert().Model(loc).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewRaw(`UPDATE provider SET name = 'VHS Musterstadt', email = 'vhs@example.org', street = 'Markt 1', zip = '12345',
			town = 'Musterstadt', phone = '030 99', imprint_url = 'https://vhs.example.org/impressum', vat_note = 'umsatzsteuerfrei'`).Exec(ctx)
		return err
	})
	w.course = w.MustCreateCourse(t, append([]modeltest.CourseOption{func(c *catalog.Course) {
		c.Name, c.Number, c.LocationID = "Spanisch A1", "S101", &loc.ID
	}}, opts...)...)
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		room := &catalog.Room{LocationID: loc.ID, Name: "2.14"}
		if _, err := tx.NewInsert().Model(room).Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.NewRaw("UPDATE course_sessions SET room_id = ? WHERE course_id = ?", room.ID, w.course.ID).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewRaw("INSERT INTO course_staff VALUES (?, ?)", w.course.ID, user.ID).Exec(ctx)
		return err
	})
	return w
}

// letter renders the newest mail of a booking with that name, in that language.
func (w *world) letter(t *testing.T, b *booking.Booking, name, locale string) *Letter {
	t.Helper()
	w.MustNotify(t)
	mails, err := outbox.OfBooking(t.Context(), w, b.ID)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(mails) - 1; i >= 0; i-- {
		if m := mails[i]; m.Letter == name {
			m.Locale = locale
			l, err := Render(t.Context(), w.Store, &config.Config{PublicURL: publicURL}, m)
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
	}
	t.Fatalf("there is no mail %s", name)
	return nil
}

// html parses a letter's HTML.
func (l *Letter) html(t *testing.T) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(l.HTML))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// says fails unless both parts of the letter say each sentence.
func (l *Letter) says(t *testing.T, sentences ...string) {
	t.Helper()
	shown := strings.Join(strings.Fields(l.html(t).Find("body").Text()), " ")
	plain := strings.Join(strings.Fields(l.Text), " ")
	for _, s := range sentences {
		s = strings.Join(strings.Fields(s), " ")
		if !strings.Contains(shown, s) {
			t.Errorf("the HTML does not say %q: %s", s, shown)
		}
		if !strings.Contains(plain, s) {
			t.Errorf("the text does not say %q: %s", s, plain)
		}
	}
}

// leads fails unless the letter has one button, with that label and address, and the bare address once.
func (l *Letter) leads(t *testing.T, label, url string) {
	t.Helper()
	doc := l.html(t)
	button := doc.Find("a.button")
	if href, _ := button.Attr("href"); button.Length() != 1 || strings.TrimSpace(button.Text()) != label || href != url {
		t.Errorf("button %q to %q", button.Text(), href)
	}
	bare := doc.Find("a.link")
	if href, _ := bare.Attr("href"); bare.Length() != 1 || href != url || strings.TrimSpace(bare.Text()) != url {
		t.Errorf("bare link %q to %q", bare.Text(), href)
	}
	if !strings.Contains(l.Text, label+":\n"+url+"\n") {
		t.Errorf("the text does not lead to %s: %s", url, l.Text)
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.MustRequest(t, w.course, modeltest.For(2), func(in *booking.Input) {
		in.FirstName, in.Note = "Casino-Bonus http://spam.example", "Klick hier: http://spam.example"
	})
	url := publicURL + "/bookings/" + w.VerifyToken(b) + "/confirmation"

	de := w.letter(t, b, outbox.BookingVerify, "de")
	if de.Subject != "Bitte bestätigen: Spanisch A1" || de.From.String() != `"VHS Musterstadt" <vhs@example.org>` ||
		de.ReplyTo.Name != "Eva Berger" || de.To.Address != b.Email || len(de.Attachments) != 0 {
		t.Errorf("%+v", de)
	}
	de.leads(t, "E-Mail bestätigen und zahlungspflichtig buchen", url)
	de.says(t, "Ihre 2 Plätze sind bis 23.11.2026, 13:00 Uhr für Sie reserviert.", "Der Link gilt bis 25.11.2026, 12:00 Uhr.",
		"Spanisch A1 (S101)", "Mi., 23.12.2026, 18:30–21:00 Uhr", "Mi., 30.12.2026", "Haus der Bildung", "Ring 1", "10115 Berlin", "Raum: 2.14",
		"165,60 €", "umsatzsteuerfrei", "VHS Musterstadt")

	en := w.letter(t, b, outbox.BookingVerify, "en")
	en.leads(t, "Confirm e-mail and book with obligation to pay", url+"?lang=en")
	en.says(t, "Your 2 places are held for you until 23 Nov 2026, 13:00.", "Total price", "€165.60", "Wed, 23 Dec 2026, 18:30–21:00")

	// what a stranger typed must not reach a mailbox that nobody has shown to be theirs
	for _, l := range []*Letter{de, en} {
		if strings.Contains(l.HTML+l.Text+l.Subject, "spam.example") || strings.Contains(l.HTML+l.Text, b.LastName) {
			t.Error("the letter repeats the form")
		}
	}

	w.Clock.Advance(61 * time.Minute)
	w.letter(t, b, outbox.BookingVerify, "de").says(t, "Ihre 2 Plätze sind noch nicht reserviert")
}

func TestVerifyWithoutPrice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE price_tiers SET amount_cents = 0").Exec(ctx)
		return err
	})
	b := w.MustRequest(t, w.course)
	url := publicURL + "/bookings/" + w.VerifyToken(b) + "/confirmation"
	l := w.letter(t, b, outbox.BookingVerify, "de")
	l.leads(t, "Anmeldung bestätigen", url)
	l.says(t, "Ihr Platz ist bis 23.11.2026, 13:00 Uhr für Sie reserviert.", "kostenlos")
	if strings.Contains(l.Text, "zahlungspflichtig") || strings.Contains(l.Text, "€") {
		t.Error(l.Text)
	}
	l = w.letter(t, b, outbox.BookingVerify, "en")
	l.leads(t, "Confirm registration", url+"?lang=en")
	l.says(t, "free of charge")
}

func TestConfirmedWaitlistedCancelled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, modeltest.Places(2))
	b := w.MustConfirm(t, w.MustRequest(t, w.course, modeltest.For(2), func(in *booking.Input) {
		in.FirstName, in.LastName = "Jörg", "O'Neill & <Söhne>"
	}))
	url := publicURL + "/bookings/" + w.ManageToken(b)

	l := w.letter(t, b, outbox.BookingConfirmed, "de")
	l.leads(t, "Buchung ansehen", url)
	l.says(t, "Ihre Buchung ist bestätigt", "Guten Tag Jörg O'Neill & <Söhne>,", "Ihre 2 Plätze sind Ihnen sicher.", "Erika 1 Muster", "Normalpreis, 82,80 €",
		"165,60 €", "Kalenderdatei", "stornieren Sie die Buchung bis 16.12.2026.")
	if l.Subject != "Gebucht: Spanisch A1" || len(l.Attachments) != 1 || l.ReplyTo.Name != "Eva Berger" {
		t.Errorf("%+v", l)
	}
	en := w.letter(t, b, outbox.BookingConfirmed, "en")
	en.leads(t, "View booking", url+"?lang=en")
	en.says(t, "Your booking is confirmed", "Your 2 places are secured.")

	waits := w.MustConfirm(t, w.MustRequest(t, w.course, modeltest.Wait))
	l = w.letter(t, waits, outbox.BookingWaitlisted, "de")
	l.leads(t, "Buchung ansehen", publicURL+"/bookings/"+w.ManageToken(waits))
	l.says(t, "Sie stehen auf der Warteliste", "entstehen Ihnen keine Kosten")
	if len(l.Attachments) != 0 {
		t.Error("who waits has nothing in the calendar")
	}
	w.letter(t, waits, outbox.BookingWaitlisted, "en").says(t, "You are on the waiting list", "Waiting costs you nothing.")

	if _, err := booking.Cancel(t.Context(), w.Store, w.ManageToken(b)); err != nil {
		t.Fatal(err)
	}
	l = w.letter(t, b, outbox.BookingCancelled, "de")
	l.leads(t, "Buchung ansehen", url)
	l.says(t, "Ihre Buchung ist storniert", "nimmt die Termine aus Ihrem Kalender")
	if len(l.Attachments) != 1 || !strings.Contains(l.Attachments[0].ContentType, "method=CANCEL") {
		t.Errorf("%+v", l.Attachments)
	}
	w.letter(t, b, outbox.BookingCancelled, "en").says(t, "Your booking is cancelled")

	if _, err := booking.Cancel(t.Context(), w.Store, w.ManageToken(waits)); err != nil {
		t.Fatal(err)
	}
	if l := w.letter(t, waits, outbox.BookingCancelled, "de"); len(l.Attachments) != 0 || strings.Contains(l.Text, "Kalender") {
		t.Errorf("who only waited has nothing in the calendar: %s", l.Text)
	}
}

func TestStaffLetters(t *testing.T) {
	t.Parallel()
	w := newWorld(t, modeltest.Places(1))
	b := w.MustConfirm(t, w.MustRequest(t, w.course, func(in *booking.Input) {
		in.FirstName, in.LastName, in.Note = "Jörg", "Klein", "Ich komme später.\n\nViele Grüße"
		in.Payer = &booking.PayerInput{Name: "Firma GmbH", Street: "Weg 2", Zip: "1", Town: "Ort"}
	}))
	url := publicURL + "/admin/bookings/" + strconv.FormatInt(b.ID, 10)

	l := w.letter(t, b, outbox.StaffBooking, "de")
	l.leads(t, "Buchung öffnen", url)
	l.says(t, "Jörg Klein hat einen Platz gebucht.", b.Email, "030 1234567", "Firma GmbH", "Ich komme später.", "Viele Grüße", "82,80 €")
	if l.Subject != "Neue Buchung: Spanisch A1" || l.ReplyTo.Address != b.Email || l.ReplyTo.Name != "Jörg Klein" || !strings.HasPrefix(l.To.Address, "user") {
		t.Errorf("%+v", l)
	}
	w.letter(t, b, outbox.BookingConfirmed, "de").says(t, "Rechnung an", "Firma GmbH", "Weg 2")
	en := w.letter(t, b, outbox.StaffBooking, "en")
	en.leads(t, "Open booking", url)
	en.says(t, "Jörg Klein has booked one place.")

	waits := w.MustConfirm(t, w.MustRequest(t, w.course, modeltest.Wait))
	if l := w.letter(t, waits, outbox.StaffBooking, "de"); l.Subject != "Neu auf der Warteliste: Spanisch A1" {
		t.Errorf("%+v", l)
	}
	if _, err := booking.Cancel(t.Context(), w.Store, w.ManageToken(b)); err != nil {
		t.Fatal(err)
	}
	l = w.letter(t, b, outbox.StaffCancellation, "de")
	l.leads(t, "Buchung öffnen", url)
	l.says(t, "die Buchung von Jörg Klein über einen Platz ist storniert.")
	w.letter(t, b, outbox.StaffCancellation, "en").says(t, "The booking of one place by Jörg Klein is cancelled.")
}

func TestLettersAreReadableEverywhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.MustConfirm(t, w.MustRequest(t, w.course))
	for _, name := range []string{outbox.BookingVerify, outbox.BookingConfirmed, outbox.StaffBooking} {
		for _, locale := range []string{"de", "en"} {
			doc := w.letter(t, b, name, locale).html(t)
			if lang, _ := doc.Find("html").Attr("lang"); lang != locale {
				t.Errorf("%s: lang=%s", name, lang)
			}
			if n := doc.Find("img, script, link, form, input").Length(); n != 0 {
				t.Errorf("%s: %d elements that mails cannot have", name, n)
			}
			if doc.Find("h1").Length() != 1 || doc.Find(`meta[name="color-scheme"]`).Length() != 1 || doc.Find("[style*='max-width:600px']").Length() == 0 {
				t.Errorf("%s: layout", name)
			}
			if html, _ := doc.Html(); !strings.Contains(html, "prefers-color-scheme: dark") {
				t.Errorf("%s: no dark mode", name)
			}
			doc.Find("table").Each(func(_ int, s *goquery.Selection) {
				if role, _ := s.Attr("role"); role != "presentation" && s.Find("th[scope=row]").Length() == 0 {
					t.Errorf("%s: a table for layout says that it has data", name)
				}
			})
		}
	}
}

func TestNobodyResponsible(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("DELETE FROM course_staff").Exec(ctx)
		return err
	})
	b := w.MustConfirm(t, w.MustRequest(t, w.course))
	if l := w.letter(t, b, outbox.BookingConfirmed, "de"); l.ReplyTo.Address != "vhs@example.org" || l.ReplyTo.Name != "VHS Musterstadt" {
		t.Errorf("%+v", l.ReplyTo)
	}
	if l := w.letter(t, b, outbox.StaffBooking, "de"); l.To.Address != "vhs@example.org" {
		t.Errorf("%+v", l.To)
	}
}

// What the settings say about mails is in them.
func TestSenderReplyAndSignature(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.MustConfirm(t, w.MustRequest(t, w.course))
	l := w.letter(t, b, outbox.BookingConfirmed, "de")
	if l.From.Name != "VHS Musterstadt" || l.From.Address != "vhs@example.org" || l.ReplyTo.Name != "Eva Berger" {
		t.Errorf("by default from %v, answers to %v", l.From, l.ReplyTo)
	}
	p, err := catalog.LoadProvider(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	in := catalog.MailInputOf(p)
	in.SenderName, in.SenderEmail, in.ReplyTo = "Kursbüro", "kurse@mail.example.org", catalog.ReplyToProvider
	in.SignatureDe, in.SignatureEn = "Freundliche Grüße\nIhr <Kursbüro>", "Kind regards"
	if err := catalog.SaveSettings(t.Context(), w.Store, in); err != nil {
		t.Fatal(err)
	}
	l = w.letter(t, b, outbox.BookingConfirmed, "de")
	l.says(t, "Freundliche Grüße", "Ihr <Kursbüro>")
	if !strings.Contains(l.Text, "\n\nFreundliche Grüße\nIhr <Kursbüro>\n\n-- \nVHS Musterstadt\n") {
		t.Errorf("the text ends with %q", l.Text[len(l.Text)-300:])
	}
	if l.From.Name != "Kursbüro" || l.From.Address != "kurse@mail.example.org" || l.ReplyTo.Address != "vhs@example.org" {
		t.Errorf("from %v, answers to %v", l.From, l.ReplyTo)
	}
	w.letter(t, b, outbox.BookingConfirmed, "en").says(t, "Kind regards")
	if l := w.letter(t, b, outbox.StaffBooking, "de"); l.ReplyTo.Address != b.Email {
		t.Errorf("staff answer %v", l.ReplyTo)
	}
}

func TestUnknownLetter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.MustRequest(t, w.course)
	if _, err := Render(t.Context(), w.Store, &config.Config{}, &outbox.Mail{BookingID: &b.ID, Letter: "x"}); err == nil {
		t.Error("an unknown letter was written")
	}
}

// Every letter that can be written is one by which the outbox can be filtered.
func TestEveryLetterIsListed(t *testing.T) {
	t.Parallel()
	if written, listed := slices.Sorted(maps.Keys(letters)), slices.Sorted(slices.Values(outbox.AllLetters)); !slices.Equal(written, listed) {
		t.Errorf("written are %q, listed %q", written, listed)
	}
}
