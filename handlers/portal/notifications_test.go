package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"kurso/handlers/handlertest"
	"kurso/models/notify"
	"kurso/models/outbox"
)

// The link in a letter asks, and its button turns the notification off; a mail program posts by itself.
func TestANotificationIsTurnedOff(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	u := s.MustCreateUser(t, "Dora Desk", "front_desk")
	path := "/notifications/" + notify.OffToken(s.Keys, u.ID, outbox.EventBooking) + "/off"
	choices := func() int { return count(t, s, "notification_choices WHERE cadence = 'off'") }

	for range 2 { // mail scanners open links
		a := s.Get(t, path)
		if a.Status != http.StatusOK || a.Find("#off button").Length() != 1 || !strings.Contains(a.Find("main").Text(), "Neue Buchung") ||
			a.Header.Get("Cache-Control") != "no-store" || strings.Contains(a.Body, u.Name) || choices() != 0 {
			t.Fatalf("looking: %d, %d off: %s", a.Status, choices(), a.Find("main").Text())
		}
	}
	action, _ := s.Get(t, path).Find("#off").Attr("action")
	if a := s.Do(t, http.MethodPost, action, nil, "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); a.Status != http.StatusForbidden || choices() != 0 {
		t.Errorf("another site's page: %d", a.Status)
	}
	// RFC 8058: no cookie, no Origin, no redirect followed
	for range 2 {
		a := s.Post(t, action, "List-Unsubscribe", "One-Click")
		if a.Status != http.StatusOK || a.Find("#off").Length() != 0 || a.Texts("h1")[0] != "Abbestellt" || choices() != 1 {
			t.Errorf("turning off: %d, %d off", a.Status, choices())
		}
	}
	if a := s.Get(t, path+"?lang=en"); a.Texts("h1")[0] != "Stopped" {
		t.Errorf("afterwards: %q", a.Texts("h1"))
	}
	digest := "/notifications/" + notify.OffToken(s.Keys, u.ID, notify.DigestEvent) + "/off"
	if a := s.Get(t, digest); a.Status != http.StatusOK || a.Find("#off").Length() != 0 {
		t.Errorf("there is no digest to turn off: %d", a.Status)
	}
	if a := s.Post(t, "/notifications/"+"x.y"+"/off"); a.Status != http.StatusNotFound {
		t.Errorf("a wrong link: %d", a.Status)
	}
}
