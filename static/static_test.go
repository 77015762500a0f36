package static

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func get(method, path, encoding string) *http.Response {
	r := httptest.NewRequest(method, path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestFilesAreServedForGood(t *testing.T) {
	for name, kind := range map[string]string{
		"app.css": "text/css; charset=utf-8", "office.js": "text/javascript; charset=utf-8", "passkeys.js": "text/javascript; charset=utf-8", "htmx.min.js": "text/javascript; charset=utf-8",
		"icons.svg": "image/svg+xml", "favicon.svg": "image/svg+xml", "inter-latin.woff2": "font/woff2",
	} {
		path := Path(name)
		stem, ext, _ := strings.Cut(name, ".")
		if !regexp.MustCompile(`^/static/` + stem + `\..*[0-9a-f]{12}\..*` + ext[strings.LastIndex(ext, ".")+1:] + `$`).MatchString(path) {
			t.Errorf("%s is served at %s", name, path)
		}
		plain := get(http.MethodGet, path, "")
		if plain.StatusCode != http.StatusOK || plain.Header.Get("Content-Type") != kind {
			t.Errorf("%s: %d %s", path, plain.StatusCode, plain.Header.Get("Content-Type"))
		}
		if got := plain.Header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
			t.Errorf("%s: Cache-Control %q", path, got)
		}
		text := body(t, plain.Body)
		if ext == "woff2" {
			continue
		}
		packed := get(http.MethodGet, path, "br, gzip")
		if packed.Header.Get("Content-Encoding") != "gzip" || packed.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%s is not compressed: %v", path, packed.Header)
			continue
		}
		unpacked, err := gzip.NewReader(packed.Body)
		if err != nil {
			t.Fatal(err)
		}
		if body(t, unpacked) != text {
			t.Errorf("%s differs when compressed", path)
		}
		head := get(http.MethodHead, path, "gzip")
		if head.ContentLength != packed.ContentLength || body(t, head.Body) != "" {
			t.Errorf("HEAD %s: %d bytes, GET %d", path, head.ContentLength, packed.ContentLength)
		}
	}
}

func TestTheRestIsNotServed(t *testing.T) {
	for _, path := range []string{"/static/", "/static/app.css", "/static/sources.sha256", "/static/../static.go", "/app.css"} {
		if got := get(http.MethodGet, path, "").StatusCode; got != http.StatusNotFound {
			t.Errorf("%s: %d", path, got)
		}
	}
	if got := get(http.MethodPost, Path("app.css"), "").StatusCode; got != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", got)
	}
}

// No page contacts another host, and the style sheet needs nothing that a strict policy forbids.
func TestTheStyleSheetStaysHere(t *testing.T) {
	css := body(t, get(http.MethodGet, Path("app.css"), "").Body)
	for _, m := range regexp.MustCompile(`url\(([^)]*)\)`).FindAllStringSubmatch(css, -1) {
		if get(http.MethodGet, m[1], "").StatusCode != http.StatusOK {
			t.Errorf("the style sheet asks for %s", m[1])
		}
	}
	if strings.Contains(css, "@import") {
		t.Error("the style sheet imports another")
	}
}
