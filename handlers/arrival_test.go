package handlers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kurso/handlers/handlertest"
	"kurso/models/accounts"
	"kurso/models/system"
)

func TestTheFirstAdministratorSetsUp(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	code, _, err := accounts.SetupCode(t.Context(), s.Store)
	if err != nil {
		t.Fatal(err)
	}
	if a := s.Get(t, "/admin/setup"); a.Status != http.StatusOK {
		t.Fatalf("%d", a.Status)
	}
	a := s.Post(t, "/admin/setup", "code", "wrong", "name", "Erika", "email", "erika@example.org", "password", handlertest.Password)
	if a.Status != http.StatusUnprocessableEntity || a.Find("#f-code[aria-invalid]").Length() != 1 || a.Find("input[name=name]").AttrOr("value", "") != "Erika" {
		t.Errorf("a wrong code: %d %v", a.Status, a.Texts("#errors"))
	}
	if a.Find("input[name=password]").AttrOr("value", "") != "" {
		t.Error("the password is sent back")
	}
	a = s.Post(t, "/admin/setup", "code", code, "name", "Erika", "email", "erika@example.org", "password", handlertest.Password)
	if a.Status != http.StatusSeeOther || a.Location() != "/admin" {
		t.Fatalf("%d %v", a.Status, a.Texts("#errors"))
	}
	if a := s.Get(t, "/admin/roles"); a.Status != http.StatusOK {
		t.Errorf("the first administrator is not signed in: %d", a.Status)
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if a := s.Do(t, method, "/admin/setup", nil); method == http.MethodGet && a.Status != http.StatusNotFound || a.Status < 400 {
			t.Errorf("%s afterwards: %d", method, a.Status)
		}
	}
}

func TestSettingUpIsThrottled(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	for range 20 {
		if a := s.Post(t, "/admin/setup", "code", "guess"); a.Status == http.StatusTooManyRequests {
			return
		}
	}
	t.Error("20 guesses were not throttled")
}

func TestAnInvitationIsAccepted(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	var planning string
	if err := s.NewRaw("SELECT id::text FROM roles WHERE key = 'planning'").Scan(t.Context(), &planning); err != nil {
		t.Fatal(err)
	}
	id, err := accounts.Invite(t.Context(), s.Store, accounts.InvitationInput{Name: "Mira", Email: "mira@example.org", Locale: "en", Roles: []string{planning}})
	if err != nil {
		t.Fatal(err)
	}
	link, err := accounts.OpenInvitation(t.Context(), s.Store, id)
	if err != nil {
		t.Fatal(err)
	}
	path := "/invitations/" + link.Secret(s.Keys)
	for range 2 { // looking uses nothing up
		if a := s.Get(t, path); a.Status != http.StatusOK || a.Find("input[name=name]").AttrOr("value", "") != "Mira" || len(a.Header.Values("Set-Cookie")) != 0 {
			t.Fatalf("%d", a.Status)
		}
	}
	a := s.Post(t, path, "name", "Mira Weber", "password", "short")
	if a.Status != http.StatusUnprocessableEntity || a.Find("input[name=name]").AttrOr("value", "") != "Mira Weber" {
		t.Errorf("%d", a.Status)
	}
	a = s.Post(t, path, "name", "Mira Weber", "password", handlertest.Password)
	if a.Status != http.StatusOK || a.Find("a[href='/admin/session']").Length() != 1 {
		t.Fatalf("%d %v", a.Status, a.Texts("#errors"))
	}
	if a := s.Get(t, "/admin"); a.Status != http.StatusSeeOther {
		t.Errorf("accepting signed in: %d", a.Status)
	}
	if a := s.Get(t, path); a.Status != http.StatusGone {
		t.Errorf("the link again: %d", a.Status)
	}
	if a := s.Get(t, "/invitations/nonsense"); a.Status != http.StatusNotFound {
		t.Errorf("no link: %d", a.Status)
	}
	if a := s.Post(t, "/admin/session", "email", "mira@example.org", "password", handlertest.Password); a.Status != http.StatusSeeOther {
		t.Errorf("signing in: %d", a.Status)
	}
	if a := s.Get(t, "/admin/courses?all=1"); a.Status != http.StatusOK || a.Find("html").AttrOr("lang", "") != "en" {
		t.Errorf("the office: %d", a.Status)
	}
}

func TestSuspendedPagesSaySo(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	c := s.MustCreateCourse(t)
	if a := s.Get(t, "/courses"); a.Status != http.StatusOK {
		t.Fatalf("%d", a.Status)
	}
	if err := system.Suspend(t.Context(), s.Store, "Umzug bis Montag"); err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(2 * time.Second)
	for _, path := range []string{"/courses", "/admin", "/admin/session", "/nowhere"} {
		a := s.Get(t, path)
		if a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "" || !strings.Contains(a.Find("main").Text(), "Umzug bis Montag") || a.Find(".k-bare-brand").Text() != "Kurso" {
			t.Errorf("%s: %d %v", path, a.Status, a.Texts("main"))
		}
	}
	if a := s.Get(t, "/courses?lang=en"); a.Find("h1").Text() != "Closed for the moment" {
		t.Errorf("in English: %s", a.Find("h1").Text())
	}
	if a := s.Post(t, "/courses/1/booking", "course", c.Name); a.Status != http.StatusServiceUnavailable {
		t.Errorf("booking: %d", a.Status)
	}
	if a := s.Do(t, http.MethodGet, "/admin/courses?q=x", nil, "HX-Request", "true"); a.Header.Get("HX-Refresh") != "true" {
		t.Error("a list that is open does not notice")
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if a := s.Get(t, path); a.Status != http.StatusOK {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if err := system.Resume(t.Context(), s.Store); err != nil {
		t.Fatal(err)
	}
	s.Clock.Advance(2 * time.Second)
	if a := s.Get(t, "/courses"); a.Status != http.StatusOK {
		t.Errorf("resumed: %d", a.Status)
	}
}

// Letters that open accounts are not for everybody who may read the outbox.
func TestLettersAboutAccountsAreTheirOwners(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	var administration string
	if err := s.NewRaw("SELECT id::text FROM roles WHERE key = ?", accounts.Administration).Scan(t.Context(), &administration); err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.Invite(t.Context(), s.Store, accounts.InvitationInput{Name: "Mira", Email: "mira@example.org", Locale: "de", Roles: []string{administration}}); err != nil {
		t.Fatal(err)
	}
	open := func(want bool) {
		t.Helper()
		page, preview := s.Get(t, "/admin/outbox/1"), s.Get(t, "/admin/outbox/1/preview")
		if got := page.Find("iframe").Length() == 1 && preview.Find("a[href*='/invitations/']").Length() > 0; got != want || page.Status != http.StatusOK {
			t.Errorf("shown: %t, want %t; %d, %d", got, want, page.Status, preview.Status)
		}
		if !want && (strings.Contains(page.Body, "/invitations/") || preview.Status != http.StatusForbidden) {
			t.Errorf("the link is there all the same: %d", preview.Status)
		}
	}
	s.SignInAs(t, "front_desk")
	open(false)
	s.SignIn(t)
	open(true) // nobody sends it: the administrator must hand the link on
	s.Config.SMTPURL = "smtp://mail.example.org"
	open(false)
}
