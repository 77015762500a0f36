package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"kurso/handlers/handlertest"
	"kurso/static"
)

func TestHealth(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	for _, path := range []string{"/healthz", "/readyz"} {
		if a := s.Get(t, path); a.Status != http.StatusOK {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	s.MustRequest(t, s.MustCreateCourse(t))
	if a := s.Get(t, "/metrics"); a.Status != http.StatusOK || !strings.Contains(a.Body, `kurso_mails{state="queued"} 1`) || !strings.Contains(a.Body, `kurso_request_seconds_count{method="GET",route="/readyz",status="2xx"}`) {
		t.Errorf("metrics: %d", a.Status)
	}
	if a := s.Do(t, http.MethodGet, "/metrics", nil, "X-Forwarded-For", "192.0.2.1"); a.Status != http.StatusForbidden {
		t.Errorf("metrics for a stranger, through a proxy on this machine that nobody named: %d", a.Status)
	}
	s.Do(t, "BREW", "/readyz", nil)
	if a := s.Get(t, "/metrics"); strings.Contains(a.Body, "BREW") || !strings.Contains(a.Body, `method="other"`) {
		t.Error("a method that a stranger made up became a figure of its own")
	}
	s.Config.MetricsToken = "secret"
	if a := s.Get(t, "/metrics"); a.Status != http.StatusUnauthorized {
		t.Errorf("metrics without the token: %d", a.Status)
	}
	if a := s.Do(t, http.MethodGet, "/metrics", nil, "Authorization", "Bearer secret"); a.Status != http.StatusOK {
		t.Errorf("metrics with the token: %d", a.Status)
	}
}

func TestNotReadyWithoutTheDatabase(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.Pool().Close()
	if a := s.Get(t, "/readyz"); a.Status != http.StatusServiceUnavailable {
		t.Errorf("ready without a database: %d", a.Status)
	}
	if a := s.Get(t, "/healthz"); a.Status != http.StatusOK {
		t.Errorf("alive: %d", a.Status)
	}
}

func TestStaticFiles(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	a := s.Get(t, static.Path("app.css"))
	if a.Status != http.StatusOK || !strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("%d %s", a.Status, a.Header.Get("Cache-Control"))
	}
	if a := s.Get(t, "/static/../go.mod"); a.Status == http.StatusOK {
		t.Error("files outside are served")
	}
}

func TestUnknownPagesSayWhatToDo(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	a := s.Do(t, http.MethodGet, "/nowhere", nil, "Accept-Language", "en")
	if a.Status != http.StatusNotFound || a.Find("h1").Text() != "Not found" || a.Find("html").AttrOr("lang", "") != "en" {
		t.Errorf("%d %q", a.Status, a.Find("h1").Text())
	}
	if a := s.Do(t, http.MethodDelete, "/admin/session", nil); a.Status != http.StatusMethodNotAllowed {
		t.Errorf("wrong method: %d", a.Status)
	}
}
