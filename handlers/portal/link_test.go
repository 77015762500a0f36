package portal_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"kurso/handlers/handlertest"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/modeltest"
)

func stateOf(t *testing.T, s *handlertest.Site, b *booking.Booking) string {
	t.Helper()
	now, err := booking.Load(t.Context(), s.Store, b.ID)
	if err != nil {
		t.Fatal(err)
	}
	return now.State
}

func TestOnlyTheButtonConfirms(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	b := s.MustRequest(t, s.MustCreateCourse(t))
	link := "/bookings/" + s.VerifyToken(b) + "/confirmation"
	for range 100 {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			if a := s.Do(t, method, link, nil); a.Status != http.StatusOK || a.Header.Get("Cache-Control") != "no-store" {
				t.Fatalf("%s: %d", method, a.Status)
			}
		}
	}
	if got := stateOf(t, s, b); got != booking.Requested || count(t, s, "persons") != 0 {
		t.Fatalf("opening the link made it %s", got)
	}
	first := s.Post(t, link)
	mails := count(t, s, "mails")
	second := s.Post(t, link)
	if first.Status != http.StatusSeeOther || second.Location() != first.Location() || stateOf(t, s, b) != booking.Confirmed {
		t.Errorf("the button: %d, then %d", first.Status, second.Status)
	}
	if n := count(t, s, "mails"); n != mails {
		t.Errorf("%d mails after one confirmation, %d after two", mails, n)
	}
	a := s.Get(t, link)
	if a.Find("form#confirm").Length() != 0 || a.Find("a.btn").AttrOr("href", "") != first.Location() {
		t.Error("a confirmed booking can be confirmed")
	}
	if a.Find("meta[name=robots]").AttrOr("content", "") != "noindex" || a.Find("script").Length() != 0 {
		t.Error("the page may be kept, or runs scripts")
	}
}

func TestLinksThatNoLongerWork(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	c := s.MustCreateCourse(t)
	path, v := filled(t, s, c)
	sent := book(t, s, path, v)
	old := "/bookings/" + mailedToken(t, s) + "/confirmation"
	s.Clock.Advance(2 * time.Minute)
	again := s.Post(t, sent.Location()+"/mails")
	if page := s.Get(t, again.Location()); len(page.Texts("[role=status] .k-tone-success")) != 1 {
		t.Errorf("another mail: %q", page.Texts("main"))
	}
	if a := s.Post(t, old); a.Status != http.StatusNotFound {
		t.Errorf("a link that a newer one replaced: %d", a.Status)
	}
	if a := s.Post(t, sent.Location()+"/mails"); a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") == "" ||
		!strings.Contains(strings.Join(a.Texts("[role=alert]"), ""), "erst ab") {
		t.Errorf("another mail at once: %d %q", a.Status, a.Texts("[role=alert]"))
	}
	newest := "/bookings/" + mailedToken(t, s) + "/confirmation"
	s.Clock.Advance(49 * time.Hour)
	for _, a := range []*handlertest.Answer{s.Get(t, newest), s.Post(t, newest)} {
		if a.Status != http.StatusGone || len(a.Texts("h1")) != 1 {
			t.Errorf("a link that expired: %d", a.Status)
		}
	}
	for _, path := range []string{"/bookings/x", "/bookings/x/confirmation", "/bookings/x/cancellation", "/bookings/x/calendar", "/booking-requests/x", "/booking-requests/x.y"} {
		if a := s.Get(t, path); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
}

func TestConfirmingLateGoesByThePlacesLeft(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	c := s.MustCreateCourse(t, modeltest.Places(1))
	b := s.MustRequest(t, c)
	s.Clock.Advance(2 * time.Hour)
	link := "/bookings/" + s.VerifyToken(b) + "/confirmation"
	if got := s.Get(t, link).Texts("#confirm button"); !slices.Equal(got, []string{"zahlungspflichtig buchen"}) {
		t.Errorf("while a place is free the button says %q", got)
	}
	s.MustConfirm(t, s.MustRequest(t, c))
	if got := s.Get(t, link).Texts("#confirm button"); !slices.Equal(got, []string{"Auf die Warteliste setzen"}) {
		t.Errorf("without one it says %q", got)
	}
	isState(t, s.Get(t, s.Post(t, link).Location()), "Warteliste")
}

func TestACourseCalledOffCannotBeConfirmed(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	b := s.MustRequest(t, s.MustCreateCourse(t))
	run(t, s, "UPDATE courses SET state = ?", catalog.CalledOff)
	link := "/bookings/" + s.VerifyToken(b) + "/confirmation"
	if a := s.Get(t, link); a.Status != http.StatusOK || a.Find("#confirm").Length() != 0 || len(a.Texts("[role=alert]")) != 1 {
		t.Errorf("%d %q", a.Status, a.Texts("main"))
	}
	if a := s.Post(t, link); a.Status != http.StatusConflict || stateOf(t, s, b) != booking.Requested {
		t.Errorf("the button: %d", a.Status)
	}
}

func TestPagesFromMailsSpeakTheMailsLanguage(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	b := s.MustRequest(t, s.MustCreateCourse(t), func(in *booking.Input) { in.Locale = "en" })
	link := "/bookings/" + s.VerifyToken(b) + "/confirmation"
	for path, want := range map[string]string{link: "en", link + "?lang=de": "de"} {
		a := s.Do(t, http.MethodGet, path, nil, "Accept-Language", "de")
		if got := a.Find("html").AttrOr("lang", ""); got != want || a.Header.Get("Content-Language") != want {
			t.Errorf("%s speaks %s", path, got)
		}
	}
	if got := s.Get(t, link).Texts("#confirm button"); !slices.Equal(got, []string{"Book with obligation to pay"}) {
		t.Errorf("the button says %q", got)
	}
}

func TestCancelling(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	c := s.MustCreateCourse(t) // begins on 23 December; seven days before, it is too late
	b := s.MustConfirm(t, s.MustRequest(t, c))
	late := s.MustConfirm(t, s.MustRequest(t, c))
	path := "/bookings/" + s.ManageToken(b)
	a := s.Get(t, path+"/cancellation")
	s.Do(t, http.MethodHead, path+"/cancellation", nil)
	if stateOf(t, s, b) != booking.Confirmed || a.Find("form#cancel").Length() != 1 {
		t.Fatal("opening the page cancels, or cannot")
	}
	if a := s.Post(t, path+"/cancellation"); a.Status != http.StatusSeeOther || a.Location() != path {
		t.Fatalf("%d", a.Status)
	}
	mails := count(t, s, "mails")
	if a := s.Post(t, path+"/cancellation"); a.Status != http.StatusSeeOther || count(t, s, "mails") != mails {
		t.Errorf("cancelling again: %d", a.Status)
	}
	state := s.Get(t, path)
	isState(t, state, "Storniert")
	if state.Find("a[href$='/cancellation'], a[href$='/calendar']").Length() != 0 {
		t.Error("a cancelled booking can be cancelled")
	}

	s.Clock.Set(time.Date(2026, 12, 16, 22, 30, 0, 0, time.UTC))
	path = "/bookings/" + s.ManageToken(late)
	if s.Get(t, path).Find("a[href$='/cancellation']").Length() != 1 {
		t.Error("on the last evening it is too late")
	}
	s.Clock.Advance(time.Hour)
	if a := s.Get(t, path); a.Find("a[href$='/cancellation']").Length() != 0 || !strings.Contains(strings.Join(a.Texts("main"), ""), "bis Mi., 16.12.2026") {
		t.Error("after the last evening it is not too late")
	}
	for _, a := range []*handlertest.Answer{s.Get(t, path+"/cancellation"), s.Post(t, path+"/cancellation")} {
		if a.Find("#cancel").Length() != 0 || !strings.Contains(strings.Join(a.Texts("[role=alert]"), ""), "wenden Sie sich an uns") {
			t.Errorf("%d %q", a.Status, a.Texts("main"))
		}
	}
	if stateOf(t, s, late) != booking.Confirmed {
		t.Error("it was cancelled too late")
	}
}

func TestLeavingTheWaitingList(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	c := s.MustCreateCourse(t, modeltest.Places(1))
	s.MustConfirm(t, s.MustRequest(t, c))
	b := s.MustConfirm(t, s.MustRequest(t, c, modeltest.Wait))
	path := "/bookings/" + s.ManageToken(b)
	if got := s.Get(t, path+"/cancellation").Texts("#cancel button"); !slices.Equal(got, []string{"Warteliste verlassen"}) {
		t.Errorf("the button says %q", got)
	}
	if a := s.Get(t, path+"/calendar"); a.Status != http.StatusNotFound {
		t.Errorf("the calendar: %d", a.Status)
	}
	isState(t, s.Get(t, s.Post(t, path+"/cancellation").Location()), "Storniert")
}

// The page of an expired booking says so, and nothing is left to cancel.
func TestAnExpiredBooking(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	b := s.MustRequest(t, s.MustCreateCourse(t))
	s.Clock.Advance(50 * time.Hour)
	if _, err := booking.ExpireHolds(t.Context(), s.Store, 10); err != nil {
		t.Fatal(err)
	}
	path := "/bookings/" + s.ManageToken(b)
	isState(t, s.Get(t, path), "Verfallen")
	if a := s.Post(t, path+"/cancellation"); a.Status != http.StatusConflict || a.Find("#cancel").Length() != 0 {
		t.Errorf("cancelling it: %d", a.Status)
	}
}
