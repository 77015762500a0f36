package portal_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"kurso/handlers/handlertest"
)

var tokens = regexp.MustCompile(`[A-Za-z0-9_-]{30,}(\.[A-Za-z0-9_-]+)?|request_id=\S+`)

func TestTheTrapLooksLikeSuccess(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	path, v := filled(t, s, s.MustCreateCourse(t))
	form := s.Get(t, path)
	trap := form.Find("input[name=website]")
	if trap.AttrOr("tabindex", "") != "-1" || trap.AttrOr("autocomplete", "") != "off" || trap.Closest("[aria-hidden=true].k-offscreen").Length() != 1 {
		t.Error("people meet the trap")
	}
	human, machine := book(t, s, path, v), book(t, s, path, with(v, "website", "http://spam.example"))
	if human.Status != machine.Status || machine.Status != http.StatusSeeOther {
		t.Fatalf("a machine gets %d, people %d", machine.Status, human.Status)
	}
	if n := count(t, s, "bookings"); n != 1 {
		t.Errorf("%d bookings", n)
	}
	a, b := s.Get(t, human.Location()), s.Get(t, machine.Location())
	if tokens.ReplaceAllString(a.Body, "") != tokens.ReplaceAllString(b.Body, "") {
		t.Error("the pages differ")
	}
	s.Clock.Advance(2 * time.Minute)
	a, b = s.Post(t, human.Location()+"/mails"), s.Post(t, machine.Location()+"/mails")
	if a.Status != http.StatusSeeOther || b.Status != a.Status {
		t.Errorf("asking for another mail: %d, %d", a.Status, b.Status)
	}
	if n := count(t, s, "mails"); n != 2 {
		t.Errorf("%d mails", n)
	}
}

func TestFasterThanPeopleType(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	path, v := filled(t, s, s.MustCreateCourse(t))
	v.Set("token", s.Get(t, path).Fields("#booking").Get("token"))
	s.Clock.Advance(2 * time.Second)
	for _, do := range []string{"review", "book"} {
		a := s.PostForm(t, path, with(v, "do", do))
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(strings.Join(a.Texts("[role=alert]"), ""), "ging sehr schnell") {
			t.Fatalf("%s: %d %q", do, a.Status, a.Texts("[role=alert]"))
		}
		if a.Fields("#booking, #review").Get("email") != "erika@example.org" {
			t.Errorf("%s: what was typed is gone", do)
		}
		if count(t, s, "bookings") != 0 {
			t.Error("it was booked all the same")
		}
	}
	s.Clock.Advance(2 * time.Second)
	if a := book(t, s, path, v); a.Status != http.StatusSeeOther {
		t.Errorf("a little later: %d", a.Status)
	}
}

func TestAFormThatWasOpenTooLong(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	other := s.MustCreateCourse(t)
	_, foreign := filled(t, s, other)
	path, v := filled(t, s, s.MustCreateCourse(t))
	s.Clock.Advance(3 * time.Hour)
	for name, token := range map[string]string{"old": v.Get("token"), "none": "", "nonsense": "x.y", "another course's": foreign.Get("token"), "tampered": v.Get("token") + "x"} {
		for _, do := range []string{"review", "book"} {
			a := s.PostForm(t, path, with(v, "do", do, "token", token))
			if a.Status != http.StatusUnprocessableEntity || !strings.Contains(strings.Join(a.Texts("[role=alert]"), ""), "zu lange geöffnet") {
				t.Fatalf("%s token, %s: %d %q", name, do, a.Status, a.Texts("[role=alert]"))
			}
			fresh := a.Fields("#booking, #review")
			if fresh.Get("email") != "erika@example.org" || fresh.Get("token") == token {
				t.Errorf("%s token, %s: the form cannot be sent again", name, do)
			}
		}
	}
	a := book(t, s, path, v)
	s.Clock.Advance(5 * time.Second)
	if a = book(t, s, path, a.Fields("#review")); a.Status != http.StatusSeeOther || count(t, s, "bookings") != 1 {
		t.Errorf("sent again: %d", a.Status)
	}
}

func TestWhoBooksTooOftenIsAskedToWait(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(v url.Values, i int) []string{
		"address": func(v url.Values, i int) []string {
			v.Set("first_name", fmt.Sprintf("Erika %d", i))
			return []string{"X-Forwarded-For", fmt.Sprintf("10.0.0.%d", i)}
		},
		"network": func(v url.Values, i int) []string {
			v.Set("email", fmt.Sprintf("erika%d@example.org", i))
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := handlertest.New(t)
			c := s.MustCreateCourse(t)
			run(t, s, "UPDATE courses SET max_places = NULL")
			path, v := filled(t, s, c)
			refused := (*handlertest.Answer)(nil)
			var n int
			for n = 0; n < 60 && refused == nil; n++ {
				header := change(v, n)
				a := s.Do(t, http.MethodPost, path, with(v, "do", "book"), header...)
				switch a.Status {
				case http.StatusSeeOther:
				case http.StatusTooManyRequests:
					refused = a
				default:
					t.Fatalf("booking %d: %d %q", n, a.Status, a.Texts("[role=alert]"))
				}
			}
			if refused == nil {
				t.Fatal("nobody is asked to wait")
			}
			if refused.Header.Get("Retry-After") == "" || !strings.Contains(strings.Join(refused.Texts("[role=alert]"), ""), "Uhr noch einmal") {
				t.Errorf("when to try again: %q", refused.Texts("[role=alert]"))
			}
			kept := refused.Fields("#review")
			if kept.Get("email") != v.Get("email") {
				t.Error("what was typed is gone")
			}
			if got := count(t, s, "bookings"); got != n-1 {
				t.Errorf("%d bookings after %d that were accepted", got, n-1)
			}
			s.Clock.Advance(10 * time.Minute)
			if a := book(t, s, path, kept); a.Status != http.StatusSeeOther {
				t.Errorf("later: %d", a.Status)
			}
		})
	}
}

// A stranger learns nothing about whom the provider knows.
func TestKnownAndUnknownAddressesGetTheSame(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	c := s.MustCreateCourse(t)
	known := s.MustConfirm(t, s.MustRequest(t, c))
	var bodies []string
	for _, email := range []string{known.Email, "nobody@example.org"} {
		path, v := filled(t, s, c)
		v.Set("email", email)
		v.Set("first_name", known.FirstName)
		v.Set("last_name", known.LastName)
		a := book(t, s, path, v)
		page := s.Get(t, a.Location())
		bodies = append(bodies, fmt.Sprint(a.Status, page.Status, tokens.ReplaceAllString(page.Body, "")))
		s.Clock.Set(s.Now().Add(-10 * time.Second))
	}
	if bodies[0] != bodies[1] {
		t.Errorf("known: %s\nunknown: %s", bodies[0], bodies[1])
	}
}
