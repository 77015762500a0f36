package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"kurso/handlers/handlertest"
	"kurso/models/booking"
	"kurso/models/catalog"
)

// filled is the form of a course as somebody has filled it in, a while after opening it.
func filled(t *testing.T, s *handlertest.Site, c *catalog.Course) (path string, v url.Values) {
	t.Helper()
	path = "/courses/" + itoa(c.ID) + "/booking"
	a := s.Get(t, path)
	if a.Status != http.StatusOK {
		t.Fatalf("the form answers %d", a.Status)
	}
	v = a.Fields("#booking")
	for name, value := range map[string]string{
		"first_name": "Erika", "last_name": "Mustermann", "email": "erika@example.org", "phone": "030 1234567",
		"street": "Lindenstraße 1", "zip": "10969", "town": "Berlin",
	} {
		v.Set(name, value)
	}
	s.Clock.Advance(10 * time.Second)
	return path, v
}

func with(v url.Values, pairs ...string) url.Values {
	out := url.Values{}
	for k, list := range v {
		out[k] = append([]string(nil), list...)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

func count(t *testing.T, s *handlertest.Site, sql string) int {
	t.Helper()
	var n int
	if err := s.NewRaw("SELECT count(*) FROM "+sql).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// mailedToken is the token of the newest link that verifies.
func mailedToken(t *testing.T, s *handlertest.Site) string {
	t.Helper()
	var id int64
	if err := s.NewRaw("SELECT max(id) FROM bookings").Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	b, err := booking.Load(t.Context(), s.Store, id)
	if err != nil {
		t.Fatal(err)
	}
	return s.VerifyToken(b)
}

func TestACourseIsBookedWithoutCookies(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	c := s.MustCreateCourse(t)
	var cookies int
	open := func(a *handlertest.Answer, status int) *handlertest.Answer {
		t.Helper()
		cookies += len(a.Header.Values("Set-Cookie"))
		if a.Status != status {
			t.Fatalf("status %d, want %d: %s", a.Status, status, a.Texts("main"))
		}
		return a
	}
	list := open(s.Get(t, "/courses"), 200)
	page := open(s.Get(t, list.Find(".k-offer a").AttrOr("href", "")), 200)
	form := page.Find(".k-course-box a.btn").AttrOr("href", "")
	open(s.Get(t, form), 200)
	path, v := filled(t, s, c)
	if path != form {
		t.Errorf("the form is at %s", form)
	}
	review := open(s.PostForm(t, path, with(v, "do", "review")), 200)
	if got := review.Texts("#review .btn-primary"); len(got) != 1 || got[0] != "zahlungspflichtig buchen" {
		t.Errorf("the button says %q", got)
	}
	if got := strings.Join(review.Texts(".k-total-sum dd"), ""); got != "82,80 €" {
		t.Errorf("the sum is %q", got)
	}
	sent := open(s.PostForm(t, path, with(review.Fields("#review"), "do", "book")), 303)
	receipt := open(s.Get(t, sent.Location()), 200)
	if strings.Contains(receipt.Body, "erika@example.org") || strings.Contains(receipt.Body, "Mustermann") {
		t.Error("the receipt holds personal data")
	}
	token := strings.TrimPrefix(sent.Location(), "/booking-requests/")
	s.Clock.Advance(2 * time.Minute)
	open(s.Post(t, "/booking-requests/"+token+"/mails"), 303)
	link := "/bookings/" + mailedToken(t, s) + "/confirmation"
	confirm := open(s.Get(t, link), 200)
	if got := confirm.Texts("#confirm button"); len(got) != 1 || got[0] != "zahlungspflichtig buchen" {
		t.Errorf("the button says %q", got)
	}
	done := open(s.Post(t, link), 303)
	token = strings.TrimPrefix(done.Location(), "/bookings/")
	isState(t, open(s.Get(t, "/bookings/"+token), 200), "Bestätigt")
	calendar := open(s.Get(t, "/bookings/"+token+"/calendar"), 200)
	if !strings.HasPrefix(calendar.Body, "BEGIN:VCALENDAR") {
		t.Error("the calendar is none")
	}
	cancel := open(s.Get(t, "/bookings/"+token+"/cancellation"), 200)
	gone := open(s.Post(t, cancel.Find("#cancel").AttrOr("action", "")), 303)
	isState(t, open(s.Get(t, gone.Location()), 200), "Storniert")
	if cookies != 0 {
		t.Errorf("%d cookies", cookies)
	}
}

func isState(t *testing.T, a *handlertest.Answer, want string) {
	t.Helper()
	if got := a.Texts(".k-booking-head .k-state"); len(got) != 1 || got[0] != want {
		t.Errorf("the booking is %q, want %q", got, want)
	}
}
