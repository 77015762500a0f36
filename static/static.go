// Package static holds the built style sheet, scripts, font and icons and serves them under names that
// carry a hash of their content, so that browsers keep them for good.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed dist
var dist embed.FS

// Prefix is the path below which Handler serves.
const Prefix = "/static/"

var types = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
}

type file struct {
	mime   string
	body   []byte
	packed func() []byte // gzip, made at the first request; nil where it saves nothing
}

var (
	paths = map[string]string{} // name in dist → path with hash
	files = map[string]*file{}  // path with hash → file
)

func init() {
	// fonts first: the style sheet names them
	for _, font := range []bool{true, false} {
		entries, err := fs.ReadDir(dist, "dist")
		if err != nil {
			panic(err)
		}
		for _, e := range entries {
			if (path.Ext(e.Name()) == ".woff2") == font && path.Ext(e.Name()) != ".sha256" {
				add(e.Name())
			}
		}
	}
}

func add(name string) {
	body, err := dist.ReadFile("dist/" + name)
	if err != nil {
		panic(err)
	}
	ext := path.Ext(name)
	if ext == ".css" {
		for plain, hashed := range paths {
			body = bytes.ReplaceAll(body, []byte("url("+plain+")"), []byte("url("+hashed+")"))
		}
	}
	sum := sha256.Sum256(body)
	hashed := Prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext
	f := &file{mime: types[ext], body: body}
	if ext != ".woff2" {
		f.packed = sync.OnceValue(func() []byte { return pack(body) })
	}
	paths[name], files[hashed] = hashed, f
}

func pack(body []byte) []byte {
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid
	_, _ = w.Write(body)                                  // a bytes.Buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// Path is where the file called name in dist is served: "app.css" → "/static/app.5d41402abc4b.css".
// It panics for a name that was not built: a template that names one is wrong on every request.
func Path(name string) string {
	p, ok := paths[name]
	if !ok {
		panic(fmt.Sprintf("static: there is no %s", name))
	}
	return p
}

// Handler answers GET and HEAD below Prefix; anything it does not know is 404.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, http.StatusText(http.StatusMethodNotAllowed), http.StatusMethodNotAllowed)
			return
		}
		body, h := f.body, w.Header()
		if f.packed != nil {
			h.Set("Vary", "Accept-Encoding")
			if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				body = f.packed()
				h.Set("Content-Encoding", "gzip")
			}
		}
		h.Set("Content-Type", f.mime)
		h.Set("Content-Length", strconv.Itoa(len(body)))
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("X-Content-Type-Options", "nosniff")
		if r.Method == http.MethodGet {
			_, _ = w.Write(body) // the client went away
		}
	})
}
