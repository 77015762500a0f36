package browsertest

import (
	"fmt"
	"html"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-rod/rod"
)

// site serves a sound page, one with every fault the helpers are to find, and what they need.
func site(t *testing.T) string {
	t.Helper()
	const page = `<!doctype html><html lang="en"><head><meta name="viewport" content="width=device-width">
		<title>Page</title><link rel="icon" href="data:,"><script src="/page.js" defer></script></head><body><main>%s</main></body></html>`
	serve := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src data:; base-uri 'none'")
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			http.SetCookie(w, &http.Cookie{Name: "seen", Value: "yes", Path: "/"})
			_, sent := r.Cookie("seen")
			fmt.Fprintf(w, page, fmt.Sprintf(body, sent == nil))
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/sound", serve(`<h1>Course</h1><p id="cookie">%t</p>
		<form action="/answer"><label for="name">Name</label><input id="name" name="name"><button>Book</button></form>`))
	mux.HandleFunc("/answer", func(w http.ResponseWriter, r *http.Request) {
		serve(`<h1>Booked</h1><p id="cookie">%t</p><p id="answer">`+html.EscapeString(r.FormValue("name"))+`</p>`)(w, r)
	})
	mux.Handle("/faulty", serve(`<h1>Course</h1><p id="cookie">%t</p><input id="name"><script>document.title = "inline"</script>`))
	mux.Handle("/throws", serve(`<h1>Course</h1><p id="cookie">%t</p><script src="/throws.js"></script>`))
	mux.HandleFunc("/page.js", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `document.title += " scripted"`) })
	mux.HandleFunc("/throws.js", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `throw new Error("broken")`) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// recorder is a test that only notes how it fails.
type recorder struct {
	testing.TB
	failures []string
	cleanups []func()
}

func (r *recorder) Helper()          {}
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Errorf(format string, args ...any) {
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}
func (r *recorder) Fatal(args ...any) { panic(fmt.Sprint(args...)) }
func (r *recorder) Fatalf(format string, args ...any) {
	panic(fmt.Sprintf(format, args...))
}

func (r *recorder) end() []string {
	for _, f := range slices.Backward(r.cleanups) {
		f()
	}
	r.cleanups = nil
	return r.failures
}

func text(t *testing.T, page *rod.Page, selector string) string {
	t.Helper()
	s, err := Find(t, page, selector).Text()
	if err != nil {
		t.Fatalf("%s: %v", selector, err)
	}
	return s
}

func title(t *testing.T, page *rod.Page) string {
	t.Helper()
	info, err := page.Info()
	if err != nil {
		t.Fatal(err)
	}
	return info.Title
}

func TestPage(t *testing.T) {
	t.Parallel()
	url := site(t)
	browser := Open(t)
	for _, c := range []struct {
		width   int
		options []Option
		sees    string
	}{
		{360, nil, "360 light true true"},
		{1280, nil, "1280 light true false"},
		{1280, []Option{Dark}, "1280 dark true false"},
	} {
		page := Page(t, browser, url+"/sound", c.width, c.options...)
		seen, err := page.Eval(`() => [innerWidth, matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light",
			matchMedia("(prefers-reduced-motion: reduce)").matches, navigator.maxTouchPoints > 0].join(" ")`)
		if err != nil {
			t.Fatal(err)
		}
		if got := seen.Value.Str(); got != c.sees {
			t.Errorf("the page sees %q, want %q", got, c.sees)
		}
		if got := title(t, page); got != "Page scripted" {
			t.Errorf("its title is %q", got)
		}
		Axe(t, page)
	}
}

func TestNoScripts(t *testing.T) {
	t.Parallel()
	page := Page(t, Open(t), site(t)+"/sound", 1280, NoScripts)
	if got := title(t, page); got != "Page" {
		t.Errorf("a script ran: %q", got)
	}
	Fill(t, page, "#name", "Else")
	Fill(t, page, "#name", "Ada")
	Click(t, page, "button")
	if got := text(t, page, "#answer"); got != "Ada" {
		t.Errorf("the form sent %q", got)
	}
	if got := title(t, page); got != "Page" {
		t.Errorf("a script ran on the second page: %q", got)
	}
}

func TestCoveredElement(t *testing.T) {
	t.Parallel()
	page := Page(t, Open(t), site(t)+"/sound", 360)
	Fill(t, page, "#name", "Ada")
	_, err := page.Eval(`() => {
		const cover = document.createElement("div")
		cover.style.cssText = "position:fixed;inset:0;background:white"
		document.body.append(cover)
		setTimeout(() => cover.remove(), 500)
	}`)
	if err != nil {
		t.Fatal(err)
	}
	Click(t, page, "button") // waits until the cover is gone
	if got := text(t, page, "#answer"); got != "Ada" {
		t.Errorf("the form sent %q", got)
	}
}

func TestCookies(t *testing.T) {
	t.Parallel()
	url := site(t)
	for _, c := range []struct {
		options []Option
		want    string
	}{{nil, "true"}, {[]Option{NoCookies}, "false"}} {
		browser := Open(t, c.options...)
		if got := text(t, Page(t, browser, url+"/sound", 1280), "#cookie"); got != "false" {
			t.Errorf("%v: a new browser has a cookie", c.options)
		}
		if got := text(t, Page(t, browser, url+"/sound", 1280), "#cookie"); got != c.want {
			t.Errorf("%v: the second request has a cookie: %s", c.options, got)
		}
	}
}

func TestComplaints(t *testing.T) {
	t.Parallel()
	url := site(t)
	browser := Open(t)
	for path, want := range map[string]string{"/sound": "", "/faulty": "Content Security Policy", "/throws": "broken"} {
		r := &recorder{TB: t}
		Page(r, browser, url+path, 1280)
		if got := strings.Join(r.end(), "\n"); (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: the test says %q, want %q", path, got, want)
		}
	}
}

func TestAxeFindsFaults(t *testing.T) {
	t.Parallel()
	r := &recorder{TB: t}
	page := Page(r, Open(t), site(t)+"/faulty", 1280)
	before := len(r.failures)
	Axe(r, page)
	if got := strings.Join(r.failures[before:], "\n"); !strings.Contains(got, "label: ") || !strings.Contains(got, "#name") {
		t.Errorf("axe finds %q", got)
	}
	r.end()
}

func TestScreenshot(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "pictures", "phone.png")
	Screenshot(t, Page(t, Open(t), site(t)+"/sound", 360), file)
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil || picture.Bounds().Dx() != 720 {
		t.Errorf("the picture is %v: %v", picture.Bounds(), err)
	}
}

func TestMissingBrowser(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "chromium")
	t.Setenv(binVariable, missing)
	_, err := search()
	if err == nil || !strings.Contains(err.Error(), missing) || strings.Contains(err.Error(), "\n") {
		t.Errorf("the sentence is %v", err)
	}
}
