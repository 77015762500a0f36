package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"kurso/handlers/handlertest"
	"kurso/mail/dnscheck/dnstest"
)

func setSender(t *testing.T, s *handlertest.Site, email, selectors string) {
	t.Helper()
	fields := s.Get(t, "/admin/settings/mail").Fields("form.k-form")
	fields.Set("sender_email", email)
	fields.Set("dkim_selectors", selectors)
	status(t, "sender", s.PostForm(t, "/admin/settings/mail", fields), http.StatusSeeOther)
}

// The page says for each of the three what it found, by icon and word, and which line mends it.
func TestMailCheck(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	s.Config.SMTPURL = "smtp://user:password@smtp.example.org:587"
	s.ServeNames(t, dnstest.Zone{
		"example.org TXT":               {"v=spf1 ip4:192.0.2.7 -all"},
		"smtp.example.org A":            {"192.0.2.7"},
		"s1._domainkey.example.org TXT": {"v=DKIM1; p="},
	})
	setSender(t, s, "kurse@example.org", "s1")
	if s.Get(t, "/admin/settings/mail").Find("a[href='/admin/settings/mail/check']").Length() != 1 {
		t.Error("the page of mail does not lead to the check")
	}
	a := s.Get(t, "/admin/settings/mail/check")
	status(t, "check", a, http.StatusOK)
	want(t, "states", a.Texts(".k-dns .k-state"), []string{"In Ordnung", "Handlungsbedarf", "Handlungsbedarf"})
	want(t, "names", a.Texts(".k-dns h3"), []string{"example.org", "s1._domainkey.example.org", "_dmarc.example.org"})
	want(t, "lines", a.Texts(".k-dns [data-line]"), []string{"v=DKIM1; k=rsa; p=", "v=DMARC1; p=none; rua=mailto:dmarc@example.org"})
	if n := a.Find(".k-dns .k-state .k-icon").Length(); n != 3 {
		t.Errorf("%d states have an icon", n)
	}
	if text := a.Find(".k-dns[data-kind=spf]").Text(); !strings.Contains(text, "Ihr Mailserver smtp.example.org darf senden.") || strings.Contains(text, "password") {
		t.Errorf("SPF: %s", text)
	}
	a = s.Get(t, "/admin/settings/mail/check?selectors=other,%20no+way%21")
	want(t, "other keys", a.Texts(".k-dns[data-kind=dkim] h3"), []string{"other._domainkey.example.org", "no._domainkey.example.org"})
	want(t, "a name that cannot be", a.Texts("#f-selectors-error"), []string{"„way!“ kann kein Selektor sein. Er steht in der Unterschrift Ihrer Mails hinter „s=“."})
}

func TestMailCheckOfWhatCannotBeChecked(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	a := s.Get(t, "/admin/settings/mail/check")
	want(t, "no answer", a.Texts(".k-dns .k-state"), []string{"Nicht prüfbar", "Nicht prüfbar", "Nicht prüfbar"})
	setSender(t, s, "verein@gmx.de", "")
	a = s.Get(t, "/admin/settings/mail/check")
	if !strings.Contains(a.Find(".k-notice").Text(), "gmx.de gehört einem Mailanbieter, nicht Ihnen") || a.Find(".k-dns").Length() != 0 {
		t.Error(a.Find("main").Text())
	}
}
