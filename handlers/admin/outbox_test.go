package admin_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"

	"kurso/handlers/browsertest"
	"kurso/handlers/handlertest"
	"kurso/models/booking"
	"kurso/models/listing"
	"kurso/models/modeltest"
	"kurso/models/outbox"
	"kurso/models/store"
)

// mailed is a site with a confirmed booking and its three mails, in a state.
func mailed(t *testing.T, state string) (s *handlertest.Site, b *booking.Booking, mails map[string]*outbox.Mail) {
	t.Helper()
	s = handlertest.New(t)
	s.SignIn(t)
	b = s.MustConfirm(t, s.MustRequest(t, s.MustCreateCourse(t)))
	s.MustNotify(t)
	set(t, s, state)
	list, err := outbox.OfBooking(t.Context(), s, b.ID)
	if err != nil {
		t.Fatal(err)
	}
	mails = map[string]*outbox.Mail{}
	for _, m := range list {
		mails[m.Letter] = m
	}
	return s, b, mails
}

// set brings all mails into a state.
func set(t *testing.T, s *handlertest.Site, state string) {
	t.Helper()
	s.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw(`UPDATE mails SET state = ?, attempts = 1, last_reply = '451 4.7.1 later', next_try_at = ?, sent_at = ?`,
			state, s.Now(), s.Now()).Exec(ctx)
		return err
	})
}

func at(m *outbox.Mail, below string) string { return fmt.Sprintf("/admin/outbox/%d%s", m.ID, below) }

func TestOutboxList(t *testing.T) {
	t.Parallel()
	s, b, mails := mailed(t, outbox.Kept)
	a := s.Get(t, "/admin/outbox")
	if a.Status != http.StatusOK || a.Find("tbody tr").Length() != 3 {
		t.Fatalf("%d, %d rows", a.Status, a.Find("tbody tr").Length())
	}
	verify := a.Find(fmt.Sprintf("tr:has(a[href='%s'])", at(mails[outbox.BookingVerify], "")))
	for _, want := range []string{b.Email, "Bitte um Bestätigung", b.Course.Name, "Aufbewahrt", "23.11.2026, 12:00 Uhr"} {
		if !strings.Contains(verify.Text(), want) {
			t.Errorf("the row does not say %q: %s", want, verify.Text())
		}
	}
	if verify.Find(fmt.Sprintf("a[href='/admin/bookings/%d']", b.ID)).Length() != 1 {
		t.Error("no way to the booking")
	}
	if a.Find(".k-notice").Length() != 1 {
		t.Error("nothing says that no mail server is set")
	}
	if a := s.Get(t, "/admin/outbox?state=nonsense"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a state that there is not: %d", a.Status)
	}
	for state, rows := range map[string]int{outbox.Kept: 3, outbox.Failed: 0} {
		if a := s.Get(t, "/admin/outbox?state="+state); a.Status != http.StatusOK || a.Find("tbody tr").Length() != rows {
			t.Errorf("%s: %d, %d rows", state, a.Status, a.Find("tbody tr").Length())
		}
	}
	fragment := s.Do(t, http.MethodGet, "/admin/outbox?state=kept", nil, "HX-Request", "true")
	if fragment.Find("body > #list").Length() != 1 || fragment.Find("h1, nav.k-side").Length() != 0 {
		t.Error("htmx gets more than the list")
	}
}

func TestOutboxPages(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	if a := s.Get(t, "/admin/outbox"); a.Find(".k-empty").Length() != 1 {
		t.Error("nothing explains the empty list")
	}
	c := s.MustCreateCourse(t, modeltest.Places(100))
	for range listing.PageSize + 5 {
		s.MustRequest(t, c)
	}
	seen := map[string]bool{}
	path := "/admin/outbox?state=queued"
	for path != "" {
		a := s.Get(t, path)
		for _, href := range a.Find("tbody a[data-row]").Map(href) {
			seen[href] = true
		}
		path = a.Find("a[rel=next]").AttrOr("href", "")
		if path != "" && !strings.Contains(path, "state=queued") {
			t.Fatalf("the filter is lost: %s", path)
		}
	}
	if len(seen) != listing.PageSize+5 {
		t.Errorf("%d mails on all pages", len(seen))
	}
}

func TestMailPage(t *testing.T) {
	t.Parallel()
	s, b, mails := mailed(t, outbox.Kept)
	m := mails[outbox.BookingConfirmed]
	a := s.Get(t, at(m, ""))
	if a.Status != http.StatusOK || a.Texts("h1")[0] != "Gebucht: "+b.Course.Name {
		t.Fatalf("%d %v", a.Status, a.Texts("h1"))
	}
	facts := strings.Join(a.Texts(".k-facts"), " ")
	for _, want := range []string{b.Email, m.MessageID, "Kurso <office@localhost.example>", "termine.ics"} {
		if !strings.Contains(facts, want) {
			t.Errorf("the facts do not say %q: %s", want, facts)
		}
	}
	if text := a.Find("pre[data-text]").Text(); !strings.Contains(text, "Ihr Platz ist Ihnen sicher.") || !strings.Contains(text, s.URL+"/bookings/"+s.ManageToken(b)) {
		t.Errorf("the text: %s", text)
	}
	frame := a.Find("iframe")
	if frame.AttrOr("src", "") != at(m, "/preview") || frame.AttrOr("title", "") == "" || strings.Contains(frame.AttrOr("sandbox", ""), "allow-scripts") ||
		strings.Contains(frame.AttrOr("sandbox", ""), "allow-same-origin") {
		t.Error(frame.Html())
	}
	if a.Find("form[action$='/attempts']").Length() != 0 {
		t.Error("offers to send without a mail server")
	}

	p := s.Get(t, at(m, "/preview"))
	policy := p.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'self'", "sandbox allow-popups"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the preview's policy lacks %q: %s", want, policy)
		}
	}
	if p.Header.Get("X-Frame-Options") != "SAMEORIGIN" || p.Find("base").AttrOr("target", "") != "_blank" ||
		p.Find("a.button").AttrOr("href", "") != s.URL+"/bookings/"+s.ManageToken(b) {
		t.Error("the preview's links lead nowhere")
	}

	file := s.Get(t, at(m, "/attachments/1"))
	if file.Header.Get("Content-Disposition") != `attachment; filename="termine.ics"` || !strings.HasPrefix(file.Body, "BEGIN:VCALENDAR\r\n") ||
		!strings.HasPrefix(file.Header.Get("Content-Type"), "text/calendar") {
		t.Errorf("%v", file.Header)
	}
	for _, path := range []string{at(m, "/attachments/2"), at(m, "/attachments/0"), "/admin/outbox/999999", "/admin/outbox/999999/preview", "/admin/outbox/999999/attachments/1", "/admin/outbox/x"} {
		if a := s.Get(t, path); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
}

func TestRetryMail(t *testing.T) {
	t.Parallel()
	s, _, mails := mailed(t, outbox.Failed)
	s.Config.SMTPURL = "smtp://mail.example.org"
	m := mails[outbox.BookingVerify]
	a := s.Get(t, at(m, ""))
	if !strings.Contains(strings.Join(a.Texts(".k-notice"), ""), "451 4.7.1 later") || a.Find("form[action='"+at(m, "/attempts")+"']").Length() != 1 {
		t.Fatal("a failed mail does not say why, or cannot be sent again")
	}
	if a := s.Post(t, at(m, "/attempts")); a.Status != http.StatusSeeOther || a.Location() != at(m, "") {
		t.Fatalf("%d %s", a.Status, a.Location())
	}
	if a := s.Get(t, at(m, "")); !strings.Contains(a.Find("#flash").Text(), "wird jetzt gesendet") || a.Texts(".k-pagehead .k-state")[0] != "In der Warteschlange" {
		t.Error("nothing says that it is being sent")
	}
	set(t, s, outbox.Sent)
	if a := s.Get(t, at(m, "")); a.Find("form[action$='/attempts']").Length() != 0 {
		t.Error("a sent mail can be sent again")
	}
	if a := s.Post(t, at(m, "/attempts")); a.Status != http.StatusConflict {
		t.Errorf("sending a sent mail: %d", a.Status)
	}
	if a := s.Post(t, "/admin/outbox/999999/attempts"); a.Status != http.StatusNotFound {
		t.Errorf("sending nothing: %d", a.Status)
	}
}

func href(_ int, a *goquery.Selection) string { return a.AttrOr("href", "") }

// A newcomer without a mail server opens the mail that asks to confirm, and clicks its button.
func TestLinksOfAPreviewCanBeClicked(t *testing.T) {
	t.Parallel()
	s, b, mails := mailed(t, outbox.Kept)
	page := open(t, s, at(mails[outbox.BookingConfirmed], ""), 1280)
	frame, err := browsertest.Find(t, page, "iframe").Frame()
	if err != nil {
		t.Fatal(err)
	}
	opened := page.WaitOpen()
	browsertest.Click(t, frame.Context(page.GetContext()), "a.button")
	tab, err := opened()
	if err != nil {
		t.Fatal(err)
	}
	if err := tab.WaitLoad(); err != nil {
		t.Fatal(err)
	}
	info, err := tab.Info()
	if err != nil || info.URL != s.URL+"/bookings/"+s.ManageToken(b) {
		t.Errorf("the button leads to %s, %v", info.URL, err)
	}
}

// open shows a page of the office to a browser that is signed in as the site's client is.
func open(t *testing.T, s *handlertest.Site, path string, width int, options ...browsertest.Option) *rod.Page {
	t.Helper()
	site, err := url.Parse(s.URL + "/admin")
	if err != nil {
		t.Fatal(err)
	}
	browser := browsertest.Open(t)
	for _, c := range s.Client.Jar.Cookies(site) {
		if err := browser.SetCookies([]*proto.NetworkCookieParam{{Name: c.Name, Value: c.Value, URL: site.String()}}); err != nil {
			t.Fatal(err)
		}
	}
	page := browsertest.Page(t, browser, s.URL+path, width, options...)
	browsertest.Find(t, page, ".k-pagehead")
	return page
}

func TestOutboxIsAccessible(t *testing.T) {
	t.Parallel()
	s, _, mails := mailed(t, outbox.Retrying)
	for _, width := range []int{1280, 360} {
		for _, path := range []string{"/admin/outbox", at(mails[outbox.BookingConfirmed], "")} {
			for name, options := range map[string][]browsertest.Option{"light": nil, "dark": {browsertest.Dark}} {
				page := open(t, s, path, width, options...)
				browsertest.Axe(t, page)
				if dir := os.Getenv("KURSO_SCREENSHOTS"); dir != "" {
					browsertest.Screenshot(t, page, fmt.Sprintf("%s/outbox%d_%d_%s.png", dir, len(path), width, name))
				}
			}
		}
	}
}
