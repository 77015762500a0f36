// Package handlertest lets tests speak to the whole server, over a world of their own.
package handlertest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"

	"kurso/config"
	"kurso/handlers"
	"kurso/mail/dnscheck/dnstest"
	"kurso/models/accounts"
	"kurso/models/modeltest"
)

// Site is a running server and a browser without scripts that remembers cookies.
type Site struct {
	*modeltest.World
	URL     string
	Handler *handlers.Server
	Config  *config.Config
	Bucket  *blob.Bucket
	Client  *http.Client
	// UserAgent is what the browser says it is; Go's own if empty.
	UserAgent string

	users *atomic.Int64
	names *atomic.Pointer[dnstest.Service]
}

// New starts a server over a fresh world, for nobody in particular.
func New(t testing.TB) *Site {
	t.Helper()
	w := modeltest.New(t)
	cfg := &config.Config{PublicURL: "http://kurso.test", SMTPConnections: 1}
	bucket, err := fileblob.OpenBucket(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bucket.Close() })
	names := &atomic.Pointer[dnstest.Service]{}
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		if service := names.Load(); service != nil {
			return service.Dial(ctx, network)
		}
		return nil, errors.New("the test serves no names")
	}}
	h := handlers.New(handlers.Deps{Store: w.Store, Config: cfg, Bucket: bucket, Log: modeltest.Quiet(), Resolver: resolver})
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	cfg.PublicURL = srv.URL
	return &Site{World: w, URL: srv.URL, Handler: h, Config: cfg, Bucket: bucket, Client: newClient(t), users: &atomic.Int64{}, names: names}
}

// ServeNames lets the server ask a name service with this zone; without it, no name is answered.
func (s *Site) ServeNames(t testing.TB, zone dnstest.Zone) { s.names.Store(dnstest.Serve(t, zone)) }

// Another is another browser at the same server, without cookies.
func (s *Site) Another(t testing.TB, userAgent string) *Site {
	other := *s
	other.Client, other.UserAgent = newClient(t), userAgent
	return &other
}

func newClient(t testing.TB) *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Password is that of every user whom SignIn makes.
const Password = "correct horse"

// SignIn makes an administrator and signs the client in.
func (s *Site) SignIn(t testing.TB) *accounts.User { return s.SignInAs(t, accounts.Administration) }

// SignInAs makes a user with ready roles and signs the client in.
func (s *Site) SignInAs(t testing.TB, roles ...string) *accounts.User {
	t.Helper()
	email := fmt.Sprintf("%s%d@example.org", strings.ToLower(t.Name()[:4]), s.users.Add(1))
	u, err := accounts.Create(t.Context(), s.Store, email, "Erika Beispiel", Password, roles...)
	if err != nil {
		t.Fatal(err)
	}
	s.Enter(t, u)
	return u
}

// Enter signs the client in as a user that SignIn made.
func (s *Site) Enter(t testing.TB, u *accounts.User) {
	t.Helper()
	if a := s.Post(t, "/admin/session", "email", u.Email, "password", Password); a.Status != http.StatusSeeOther {
		t.Fatalf("signing in: %d", a.Status)
	}
}

// Answer is what the server said.
type Answer struct {
	Status int
	Header http.Header
	Body   string
	*goquery.Document
}

// Location is where a redirect leads.
func (a *Answer) Location() string { return a.Header.Get("Location") }

// Texts are the trimmed texts of all that match the selector.
func (a *Answer) Texts(selector string) []string {
	return a.Find(selector).Map(func(_ int, s *goquery.Selection) string {
		return strings.Join(strings.Fields(s.Text()), " ")
	})
}

// Get opens a page.
func (s *Site) Get(t testing.TB, path string) *Answer { return s.Do(t, http.MethodGet, path, nil) }

// Post sends a form; fields alternate name and value.
func (s *Site) Post(t testing.TB, path string, fields ...string) *Answer {
	v := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Add(fields[i], fields[i+1])
	}
	return s.Do(t, http.MethodPost, path, v)
}

// PostForm sends values.
func (s *Site) PostForm(t testing.TB, path string, values url.Values) *Answer {
	return s.Do(t, http.MethodPost, path, values)
}

// Do sends one request; values are the form, or nil. header alternates name and value.
func (s *Site) Do(t testing.TB, method, path string, values url.Values, header ...string) *Answer {
	t.Helper()
	var body io.Reader
	if values != nil {
		body = strings.NewReader(values.Encode())
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	if values != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if s.UserAgent != "" {
		req.Header.Set("User-Agent", s.UserAgent)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return s.Send(t, req)
}

// Send sends a request that the test made.
func (s *Site) Send(t testing.TB, req *http.Request) *Answer {
	t.Helper()
	res, err := s.Client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	return &Answer{Status: res.StatusCode, Header: res.Header, Body: string(b), Document: doc}
}

// Fields are the names and values that a browser would send for the form that matches, unchanged.
func (a *Answer) Fields(selector string) url.Values {
	v := url.Values{}
	form := a.Find(selector)
	form.Find("input[name], textarea[name]").Each(func(_ int, f *goquery.Selection) {
		name, _ := f.Attr("name")
		kind, _ := f.Attr("type")
		_, checked := f.Attr("checked")
		value := f.AttrOr("value", "")
		switch {
		case goquery.NodeName(f) == "textarea":
			value = strings.TrimPrefix(f.Text(), "\n")
		case (kind == "checkbox" || kind == "radio"):
			if !checked {
				return
			}
			value = f.AttrOr("value", "on")
		case kind == "submit" || kind == "button" || kind == "file":
			return
		}
		v.Add(name, value)
	})
	form.Find("select[name]").Each(func(_ int, f *goquery.Selection) {
		option := f.Find("option[selected]")
		if option.Length() == 0 {
			option = f.Find("option").First()
		}
		v.Add(f.AttrOr("name", ""), option.AttrOr("value", strings.TrimSpace(option.Text())))
	})
	return v
}
