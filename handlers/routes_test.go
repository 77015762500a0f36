package handlers_test

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kurso/handlers"
	"kurso/handlers/handlertest"
)

var parameter = regexp.MustCompile(`:\w+|\*`)

// Whoever is not signed in gets nowhere in the office; public pages set no cookie; nothing answers 500;
// every page carries the security headers.
func TestEveryRouteGuardsItself(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	for _, r := range s.Handler.Routes() {
		office := r.Access.Who == handlers.User || r.Access.Who == handlers.Permitted
		for _, value := range []string{"1", "999999999", "-1", "abc", "99999999999999999999", "%00", "a%2Fb"} {
			path := parameter.ReplaceAllString(r.Path, value)
			a := s.Do(t, r.Method, path, nil)
			switch {
			case a.Status >= 500:
				t.Errorf("%s %s: %d", r.Method, path, a.Status)
			case office && a.Status != http.StatusSeeOther && a.Status != http.StatusNotFound && a.Status != http.StatusBadRequest:
				t.Errorf("%s %s: a stranger got %d", r.Method, path, a.Status)
			case office && a.Status == http.StatusSeeOther && !strings.HasPrefix(a.Location(), "/admin/session"):
				t.Errorf("%s %s: a stranger is sent to %s", r.Method, path, a.Location())
			case r.Access.Who == handlers.Everybody && len(a.Header.Values("Set-Cookie")) > 0:
				t.Errorf("%s %s: a public page sets a cookie", r.Method, path)
			case !strings.Contains(a.Header.Get("Content-Security-Policy"), "frame-ancestors"):
				t.Errorf("%s %s: no policy", r.Method, path)
			case a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Referrer-Policy") == "":
				t.Errorf("%s %s: security headers are missing", r.Method, path)
			}
			if !strings.ContainsAny(r.Path, ":*") {
				break
			}
		}
	}
}

// A signed-in user who asks for nonsense gets an answer, never a fault.
func TestNoRouteFailsOnNonsense(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	nonsense := "q=%00%ff&state=nonsense&category=-1&location=x&weekday=99&after=%27%3B&page=-1&from=31.02.2027&before=" + strings.Repeat("9", 400)
	// cursors and days that can be read, but that Postgres does not know
	nowhere := []string{"after=0000-01-01.1&from=0000-01-01", "before=0000-01-01.1", "after=WyJcdTAwMDAiLDFd&sort=name", "after=9999-12-31.9223372036854775807"}
	for _, r := range s.Handler.Routes() {
		if r.Path == "/admin/session/end" {
			continue
		}
		for _, value := range []string{"1", "999999999", "-1", "abc", "%00", "99999999999999999999"} {
			path := parameter.ReplaceAllString(r.Path, value)
			a := s.Do(t, r.Method, path+"?"+nonsense, nil)
			if a.Status >= 500 {
				t.Errorf("%s %s: %d", r.Method, path, a.Status)
			}
			for _, query := range nowhere {
				if a := s.Do(t, r.Method, path+"?"+query, nil); a.Status >= 500 {
					t.Errorf("%s %s?%s: %d", r.Method, path, query, a.Status)
				}
			}
			if r.Method == http.MethodPost {
				form := map[string][]string{"name": {"\x00\xff"}, "email": {strings.Repeat("x", 5000)}, "version": {"x"}, "sessions.0.date": {"x"}, "state": {"x"}, "participants.0.last_name": {"\x00"}}
				if a := s.Do(t, r.Method, path, form); a.Status >= 500 {
					t.Errorf("%s %s with nonsense: %d", r.Method, path, a.Status)
				}
			}
		}
	}
}

// Every route is asked for by some test that names its path.
func TestEveryRouteIsTested(t *testing.T) {
	t.Parallel()
	var tests strings.Builder
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		tests.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	text := tests.String()
	for _, r := range handlertest.New(t).Handler.Routes() {
		if !mentions(text, r.Path) {
			t.Errorf("no test asks for %s %s", r.Method, r.Path)
		}
	}
}

// mentions looks for the path's fixed parts, in order, within one line.
func mentions(text, path string) bool {
	parts := parameter.Split(path, -1)
	for i := range parts {
		parts[i] = regexp.QuoteMeta(parts[i])
	}
	return regexp.MustCompile(strings.Join(parts, `[^\n]{0,120}?`)).MatchString(text)
}

// The proxy that the documentation sets up keeps every address with a token out of its log.
func TestTheProxysLogLeavesTokensOut(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	secret := regexp.MustCompile(`^(.*/):(token|receipt)\b`)
	found := 0
	for _, r := range handlertest.New(t).Handler.Routes() {
		if m := secret.FindStringSubmatch(r.Path); m != nil {
			found++
			if !strings.Contains(string(doc), "~^"+m[1]+" ") {
				t.Errorf("%s is logged with its %s", r.Path, m[2])
			}
		}
	}
	if found == 0 {
		t.Error("no route has a token any more")
	}
}
