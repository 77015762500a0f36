package handlers_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"kurso/handlers/handlertest"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	if a := s.Get(t, "/admin/gallery?x=1"); a.Status != http.StatusSeeOther || a.Location() != "/admin/session?next=%2Fadmin%2Fgallery%3Fx%3D1" {
		t.Fatalf("a stranger got %d %s", a.Status, a.Location())
	}
	u := s.SignIn(t)
	if a := s.Get(t, "/admin/session?next=/admin/courses"); a.Status != http.StatusSeeOther || a.Location() != "/admin/courses" {
		t.Errorf("signed in already: %d %s", a.Status, a.Location())
	}
	if a := s.Post(t, "/admin/session/end"); a.Status != http.StatusSeeOther {
		t.Errorf("signing out: %d", a.Status)
	}
	if a := s.Get(t, "/admin/gallery"); a.Status != http.StatusSeeOther {
		t.Errorf("after signing out: %d", a.Status)
	}
	for _, c := range []struct{ email, password string }{
		{u.Email, "wrong password"}, {"nobody@example.org", handlertest.Password}, {"", ""}, {u.Email, strings.Repeat("x", 100_000)},
	} {
		a := s.Post(t, "/admin/session", "email", c.email, "password", c.password, "next", "/admin/courses")
		if a.Status != http.StatusUnprocessableEntity || a.Find("#errors").Length() != 1 {
			t.Errorf("%.20q: %d", c.email, a.Status)
		}
		if got := a.Find("input[name=email]").AttrOr("value", "-"); got != c.email {
			t.Errorf("the e-mail typed is lost: %q", got)
		}
		if a.Find("input[name=password]").AttrOr("value", "") != "" {
			t.Error("the password is sent back")
		}
	}
}

func TestSignInNeverLeadsElsewhere(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	for _, next := range []string{"https://evil.example/", "//evil.example/", "/\\evil.example", "/courses", "javascript:alert(1)", "/admin\r\nSet-Cookie: a=b"} {
		if a := s.Get(t, "/admin/session?next="+url.QueryEscape(next)); a.Location() != "/admin" {
			t.Errorf("%q leads to %q", next, a.Location())
		}
	}
}

func TestGuessesAreThrottledAndTheOwnerIsNotLockedOut(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	u := s.SignIn(t)
	s.Post(t, "/admin/session/end")
	throttled := false
	for range 40 {
		if s.Post(t, "/admin/session", "email", u.Email, "password", "a guess").Status == http.StatusTooManyRequests {
			throttled = true
			break
		}
	}
	if !throttled {
		t.Fatal("40 guesses were not throttled")
	}
	s.Clock.Advance(2 * 60 * 1e9)
	if a := s.Post(t, "/admin/session", "email", u.Email, "password", handlertest.Password); a.Status != http.StatusSeeOther {
		t.Errorf("the owner, two minutes later: %d", a.Status)
	}
}

// However many strangers guess from however many addresses, the owner signs in at once where they did before.
func TestAThousandGuessesFromEverywhere(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	u := s.SignIn(t)
	s.Post(t, "/admin/session/end")
	signIn := func(address, password string) int {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/admin/session", strings.NewReader(url.Values{"email": {u.Email}, "password": {password}}.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.RemoteAddr = address + ":4711"
		answer := httptest.NewRecorder()
		s.Handler.ServeHTTP(answer, req)
		return answer.Code
	}
	throttled := 0
	for i := range 1000 {
		switch status := signIn(fmt.Sprintf("203.%d.%d.7", i/250, i%250), "a guess"); status {
		case http.StatusTooManyRequests:
			throttled++
		case http.StatusUnprocessableEntity:
		default:
			t.Fatalf("guess %d: %d", i, status)
		}
	}
	if throttled < 980 {
		t.Errorf("%d of 1000 guesses were throttled", throttled)
	}
	if status := signIn("198.51.100.1", handlertest.Password); status != http.StatusTooManyRequests {
		t.Errorf("the right password on a strange device: %d", status)
	}
	s.Enter(t, u)
}

func TestForeignPagesCannotWrite(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	for _, header := range [][]string{
		{"Origin", "https://evil.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Origin", "null"}, {"Sec-Fetch-Site", "same-site"},
	} {
		a := s.Do(t, http.MethodPost, "/admin/session", url.Values{"email": {"a"}}, header...)
		if a.Status != http.StatusForbidden {
			t.Errorf("%v: %d", header, a.Status)
		}
	}
	if a := s.Do(t, http.MethodPost, "/admin/session", url.Values{"email": {"a"}}, "Origin", s.URL, "Sec-Fetch-Site", "same-origin"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("our own page: %d", a.Status)
	}
}

// Whatever a client sends as the request's id, entries and pages have one of ours.
func TestRequestsAreNumberedHere(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	u := s.SignIn(t)
	for _, id := range []string{"\xff\xfe", "forged"} {
		a := s.Do(t, http.MethodPost, "/admin/session", url.Values{"email": {u.Email}, "password": {handlertest.Password}}, "X-Request-ID", id)
		if got := a.Header.Get("X-Request-ID"); a.Status != http.StatusSeeOther || got == "" || got == id {
			t.Errorf("%q: %d %q", id, a.Status, got)
		}
	}
	var forged int
	if err := s.NewRaw("SELECT count(*) FROM audit_entries WHERE request_id IN ('forged', '')").Scan(t.Context(), &forged); err != nil || forged != 1 {
		t.Errorf("%d entries, %v", forged, err) // one is of SignIn, which makes the user without a request
	}
}

func TestTheOfficeSpeaksTheUsersLanguage(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	page := s.Get(t, "/admin/bookings?q=x")
	if page.Find("html").AttrOr("lang", "") != "de" {
		t.Fatal("the office does not begin in German")
	}
	form := page.Find("form[action^='/admin/session/locale']")
	if form.Length() != 1 {
		t.Fatalf("%d ways to change the language", form.Length())
	}
	if a := s.Post(t, form.AttrOr("action", ""), "locale", "en"); a.Status != http.StatusSeeOther || a.Location() != "/admin/bookings?q=x" {
		t.Errorf("%d %s", a.Status, a.Location())
	}
	page = s.Get(t, "/admin/bookings?q=x")
	if page.Find("html").AttrOr("lang", "") != "en" || page.Find("nav[aria-label] a[aria-current=page]").Text() == "Buchungen" {
		t.Error("the office still speaks German")
	}
	if a := s.Post(t, "/admin/session/locale", "locale", "fr"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("another language: %d", a.Status)
	}
	if a := s.Post(t, "/admin/session/locale?next=//evil.example", "locale", "de"); a.Location() != "/admin" {
		t.Errorf("it leads to %s", a.Location())
	}
}
