package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kurso/handlers/handlertest"
	"kurso/models/accounts"
	"kurso/models/store"
)

const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0"

func TestSecondSignInEndsTheFirstAndBothAreTold(t *testing.T) {
	t.Parallel()
	first := handlertest.New(t)
	u := first.SignIn(t)
	second := first.Another(t, firefox)
	second.Enter(t, u)
	if a := second.Get(t, "/admin"); a.Status != http.StatusOK || !strings.Contains(strings.Join(a.Texts("#flash [data-flash]"), " "), "auf einem anderen Computer wurde beendet") {
		t.Errorf("the new one is not told: %d %v", a.Status, a.Texts("#flash [data-flash]"))
	}
	if a := second.Get(t, "/admin"); a.Find("#flash [data-flash]").Length() != 0 {
		t.Error("it is told twice")
	}
	a := first.Get(t, "/admin/courses")
	if a.Status != http.StatusSeeOther || a.Location() != "/admin/session?next=%2Fadmin%2Fcourses" {
		t.Fatalf("the first goes on: %d %s", a.Status, a.Location())
	}
	for range 2 { // also in its other windows
		if said := first.Get(t, a.Location()).Find("#ended").Text(); !strings.Contains(said, "Computer, Firefox 142, Windows") || !strings.Contains(said, "127.0.0.1") {
			t.Errorf("the old one is not told: %q", said)
		}
	}
	first.Enter(t, u)
	if a := first.Get(t, "/admin/session"); a.Status != http.StatusSeeOther {
		t.Errorf("signed in again: %d", a.Status)
	}
}

func TestWhyOneIsSignedOut(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	u := s.SignIn(t)
	s.Clock.Advance(61 * time.Minute)
	a := s.Get(t, "/admin")
	if a.Status != http.StatusSeeOther || !strings.Contains(s.Get(t, a.Location()).Find("#ended").Text(), "eine Stunde lang nicht aktiv") {
		t.Errorf("idle: %d", a.Status)
	}
	s.Enter(t, u)
	other := s.Another(t, "")
	v := other.SignIn(t)
	ctx := store.WithActor(t.Context(), store.Actor{Kind: "user", UserID: v.ID})
	if err := accounts.Deactivate(ctx, s.Store, u.ID); err != nil {
		t.Fatal(err)
	}
	// htmx is led there too
	a = s.Do(t, http.MethodGet, "/admin/courses", nil, "HX-Request", "true")
	if to := a.Header.Get("HX-Redirect"); to == "" || !strings.Contains(s.Get(t, to).Find("#ended").Text(), "deaktiviert") {
		t.Errorf("deactivated: %d %s", a.Status, to)
	}
	if a := other.Get(t, "/admin"); a.Status != http.StatusOK {
		t.Errorf("somebody else: %d", a.Status)
	}
}

// A session that somebody planted before the sign-in is worth nothing after it.
func TestSessionsAreNewAfterSigningIn(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	u := s.SignIn(t)
	cookie := func() string {
		for _, c := range s.Client.Jar.Cookies(address(t, s.URL+"/admin")) {
			if c.Name == "kurso_session" {
				return c.Value
			}
		}
		return ""
	}
	planted := cookie()
	s.Enter(t, u)
	if cookie() == planted || planted == "" {
		t.Fatal("the session keeps its id")
	}
	thief := s.Another(t, "")
	if a := thief.Do(t, http.MethodGet, "/admin", nil, "Cookie", "kurso_session="+planted); a.Status != http.StatusSeeOther {
		t.Errorf("the planted session: %d", a.Status)
	}
	if a := thief.Do(t, http.MethodGet, "/admin", nil, "Cookie", "kurso_session="+cookie()); a.Status != http.StatusOK {
		t.Errorf("the new session: %d", a.Status)
	}
}

func TestCookies(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	u := s.SignIn(t)
	a := s.Another(t, "").Post(t, "/admin/session", "email", u.Email, "password", handlertest.Password)
	cookies := a.Header.Values("Set-Cookie")
	if len(cookies) != 2 {
		t.Fatalf("%q", cookies)
	}
	for _, c := range cookies {
		if !strings.Contains(c, "Path=/admin;") || !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") {
			t.Error(c)
		}
	}
}

func address(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestConfirmation(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	const path = "/admin/session/confirmation"
	if a := s.Get(t, path+"?next=/admin/courses"); a.Status != http.StatusSeeOther || a.Location() != "/admin/courses" {
		t.Errorf("fresh from signing in: %d %s", a.Status, a.Location())
	}
	s.Clock.Advance(accounts.ConfirmedFor)
	a := s.Get(t, path+"?next=//evil.example")
	if got := a.Find("input[name=next]").AttrOr("value", ""); a.Status != http.StatusOK || got != "/admin" {
		t.Errorf("asked: %d, to go on to %q", a.Status, got)
	}
	a = s.Post(t, path, "next", "/admin/courses", "confirm_password", "wrong")
	if a.Status != http.StatusUnprocessableEntity || a.Find("#f-confirm_password-error").Length() != 1 || a.Find("input[name=next]").AttrOr("value", "") != "/admin/courses" {
		t.Errorf("wrong: %d", a.Status)
	}
	if a := s.Post(t, path, "next", "/admin/courses", "confirm_password", handlertest.Password); a.Status != http.StatusSeeOther || a.Location() != "/admin/courses" {
		t.Errorf("right: %d %s", a.Status, a.Location())
	}
	if a := s.Get(t, path); a.Status != http.StatusSeeOther {
		t.Errorf("afterwards: %d", a.Status)
	}
	s.Clock.Advance(accounts.ConfirmedFor)
	for range 12 {
		a = s.Post(t, path, "confirm_password", "wrong")
	}
	if a.Status != http.StatusTooManyRequests {
		t.Errorf("guessing: %d", a.Status)
	}
}
