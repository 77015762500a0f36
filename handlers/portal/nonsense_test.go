package portal_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kurso/handlers/handlertest"
)

// nasty are values that forms do not send.
var nasty = []string{
	"", " ", "\x00", "a\x00b", "\xff\xfe", "\xed\xa0\x80", "-1", "0", "99999999999999999999", "1e9", "NaN", "0x10", "٣", "true", "false", "[]", "{}", "null",
	"' OR 1=1 --", "%", "_", `\`, "?", "??", "$1", "\r\nBcc: x@example.org", "a\nb", "\u202eabc", "😀", "e\u0301", "<b>", "{{.X}}", "../../etc/passwd",
	strings.Repeat("ä", 3000), strings.Repeat("9", 500), "x@y", "x@y.z\r\n", `"a b"@example.org`, "erika@exämple.org", "erika@example.org",
}

var fieldNames = []string{
	"token", "form", "do", "website", "total", "waitlist", "first_name", "last_name", "email", "phone", "street", "zip", "town", "country", "note", "payer_separate",
	"payer.name", "payer.email", "payer.street", "payer", "payer.", "self", "participants", "participants.0", "participants.0.first_name", "participants.0.last_name",
	"participants.0.price_tier", "participants.1.last_name", "participants.10.last_name", "participants.199.last_name", "participants.200.last_name", "participants.-1.last_name",
	"participants.x.last_name", "participants.0.0.last_name", "participants[", "participants]", "participants[0].first_name", "participants[].x", "", ".", "..", "\x00", "unknown",
}

// However a form is twisted, the answer is a page.
func TestNonsenseIsAnswered(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	c := s.MustCreateCourse(t)
	run(t, s, "UPDATE courses SET max_places = NULL")
	path, good := filled(t, s, c)
	sent := book(t, s, path, good)
	confirmation := "/bookings/" + mailedToken(t, s) + "/confirmation"
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(list []string) string { return list[random.IntN(len(list))] }
	for i := range 400 {
		v := with(good, "do", pick([]string{"review", "book", "add", "edit", "remove.0", "wait", "", "\x00"}))
		for range random.IntN(4) + 1 {
			v.Add(pick(fieldNames), pick(nasty))
			v.Set(pick(fieldNames), pick(nasty))
		}
		header := []string{}
		if random.IntN(8) == 0 {
			header = append(header, "HX-Request", "true")
		}
		target := pick([]string{path, path, path, path + "?lang=en", path + "?lang=%00", sent.Location() + "/mails", confirmation})
		if a := s.Do(t, http.MethodPost, target, v, header...); a.Status >= 500 {
			t.Fatalf("%d: %d for %q", i, a.Status, v)
		}
		query := url.Values{pick([]string{"q", "category", "location", "weekday", "places", "delivery", "after", "before", "lang", "sent"}): {pick(nasty)},
			pick([]string{"q", "after", "before"}): {pick(nasty)}}
		target = pick([]string{"/courses", "/courses/" + url.PathEscape(pick(nasty)), path, sent.Location(), confirmation, "/bookings/" + url.PathEscape(pick(nasty))})
		if a := s.Do(t, http.MethodGet, target+"?"+query.Encode(), nil, header...); a.Status >= 500 {
			t.Fatalf("%d: %d for %s?%s", i, a.Status, target, query.Encode())
		}
	}
}

func TestBodiesThatAreNoForms(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	path, good := filled(t, s, s.MustCreateCourse(t))
	for name, c := range map[string]struct {
		kind, body string
		status     int
	}{
		"a field of a megabyte": {"application/x-www-form-urlencoded", with(good, "do", "review", "note", strings.Repeat("x", 1<<20)).Encode(), http.StatusRequestEntityTooLarge},
		"a long field":          {"application/x-www-form-urlencoded", with(good, "do", "review", "note", strings.Repeat("x", 500_000)).Encode(), http.StatusUnprocessableEntity},
		"many fields":           {"application/x-www-form-urlencoded", strings.Repeat("participants.1.last_name=x&", 20_000), http.StatusBadRequest},
		"half an escape":        {"application/x-www-form-urlencoded", "do=book&email=%", http.StatusBadRequest},
		"nothing":               {"application/x-www-form-urlencoded", "", http.StatusUnprocessableEntity},
		"json":                  {"application/json", `{"do":"book"}`, http.StatusUnprocessableEntity},
		"a broken multipart":    {"multipart/form-data; boundary=x", "--x\r\nnonsense", http.StatusBadRequest},
		"a file as a field":     {"", "", http.StatusUnprocessableEntity},
	} {
		body, kind := []byte(c.body), c.kind
		if kind == "" {
			var b bytes.Buffer
			w := multipart.NewWriter(&b)
			f, err := w.CreateFormFile("email", "x.txt")
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprint(f, "x")
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			body, kind = b.Bytes(), w.FormDataContentType()
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", kind)
		if a := s.Send(t, req); a.Status != c.status {
			t.Errorf("%s: %d, want %d", name, a.Status, c.status)
		}
	}
	if n := count(t, s, "bookings"); n != 0 {
		t.Errorf("%d bookings", n)
	}
}
