package admin_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"kurso/handlers/handlertest"
	"kurso/models/booking"
)

func bookingPath(id int64) string { return "/admin/bookings/" + strconv.FormatInt(id, 10) }

func TestBookingList(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a := o.Get(t, "/admin/bookings")
	want(t, "newest first", a.Texts(first), []string{"Kim Beispiel 3", "Kim Beispiel 2", "Kim Beispiel 1", "Kim Beispiel 0", "Jonas Weber", "Mira Schmidt"})
	want(t, "how many", a.Texts(".k-chips [role=status]"), []string{"6 Buchungen"})
	want(t, "by state", o.Get(t, "/admin/bookings?state=WAITLISTED").Texts(first), []string{"Jonas Weber"})
	want(t, "by name", o.Get(t, "/admin/bookings?q=schmi").Texts(first), []string{"Mira Schmidt"})
	want(t, "by number", o.Get(t, "/admin/bookings?q="+strconv.FormatInt(o.waiting, 10)).Texts(first), []string{"Jonas Weber"})
	a = o.Get(t, "/admin/bookings?course="+strconv.FormatInt(o.full.ID, 10)+"&state=CONFIRMED")
	want(t, "by course", a.Texts(first), []string{"Mira Schmidt"})
	want(t, "chips", a.Texts(".k-chips .k-chip"), []string{"Status ist Bestätigt", "Kurs ist " + o.full.Number + " " + o.full.Name})
	if a := o.Get(t, "/admin/bookings?q=nichts"); a.Find(".k-empty").Length() != 1 {
		t.Error("nothing found says nothing")
	}
	fragment := o.Do(t, http.MethodGet, "/admin/bookings?q=weber", nil, "HX-Request", "true")
	if fragment.Find("nav.k-side").Length() != 0 || fragment.Find("#list tbody tr").Length() != 1 {
		t.Error("htmx does not get the list alone")
	}
	if a := o.Get(t, "/admin/bookings?course=999"); a.Status != http.StatusOK || a.Find("tbody tr").Length() != 0 {
		t.Errorf("an unknown course: %d", a.Status)
	}
	for _, query := range []string{"course=x", "state=x", "after=x", "sort=x", "columns=x", "requested=x", "total=x", "q=" + strings.Repeat("x", 300)} {
		a := o.Get(t, "/admin/bookings?"+query)
		if a.Status != http.StatusUnprocessableEntity || a.Find("#errors li").Length() == 0 {
			t.Errorf("%s: %d %s", query, a.Status, a.Find("#errors").Text())
		}
	}
}

func TestBookingsOfAnEmptyOffice(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	if a := s.Get(t, "/admin/bookings"); a.Find(".k-empty a[href='/admin/courses']").Length() != 1 {
		t.Error("an empty office does not say how bookings come")
	}
}

func TestBookingPage(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a := o.Get(t, bookingPath(o.waiting))
	status(t, "booking", a, http.StatusOK)
	want(t, "state", a.Texts(".k-pagehead .k-state"), []string{"Warteliste"})
	text := strings.Join(a.Texts("main"), " ")
	for _, part := range []string{"Jonas Weber 0", "Jonas Weber 1", "165,60 €", "Normalpreis", "person@example.org", "0731 12345", "Buchung eingegangen", "Buchende Person"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing", part)
		}
	}
	if a.Find("a[href^='/admin/outbox/']").Length() != 1 {
		t.Error("the mail is missing")
	}
	status(t, "unknown", o.Get(t, "/admin/bookings/999"), http.StatusNotFound)
	for _, path := range []string{"/admin/bookings/999/cancellation", "/admin/bookings/999/confirmation"} {
		status(t, path, o.Get(t, path), http.StatusNotFound)
		status(t, path, o.Post(t, path), http.StatusNotFound)
	}
}

func TestAPlaceFromTheWaitingList(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a := o.Get(t, bookingPath(o.waiting)+"/confirmation")
	if text := strings.Join(a.Texts("form.k-form"), " "); !strings.Contains(text, "nötig: 2, frei: 0") {
		t.Errorf("the question: %q", text)
	}
	if a.Find("form.k-form button").Length() != 0 || a.Find("form.k-form a[href='"+coursePath(o.full.ID)+"/edit#f-max_places']").Length() != 1 {
		t.Error("what cannot be done is offered")
	}
	a = o.Post(t, bookingPath(o.waiting)+"/confirmation?version=1")
	status(t, "a full course", a, http.StatusConflict)
	if a.Find("#errors").Length() != 1 || a.Find("h1").Text() != "Jonas Weber" {
		t.Error("the refusal does not show on the booking")
	}

	confirmed := o.Get(t, "/admin/bookings?q=schmidt").Find(first).AttrOr("href", "")
	a = o.Get(t, confirmed)
	if text := a.Find("#cancel").Text(); !strings.Contains(text, "4 Plätze in") || !strings.Contains(text, "2 Plätze sind auf der Warteliste") {
		t.Errorf("the question does not name what happens: %q", text)
	}
	status(t, "cancelling", o.Post(t, a.Find("#cancel form").AttrOr("action", "")), http.StatusSeeOther)
	a = o.Get(t, confirmed)
	want(t, "state", a.Texts(".k-pagehead .k-state"), []string{"Storniert"})
	if a.Find("[data-dialog=cancel]").Length() != 0 {
		t.Error("a cancelled booking can be cancelled")
	}
	if !strings.Contains(strings.Join(a.Texts(".k-timeline"), " "), "Buchung storniertStatus: Bestätigt → Storniert") {
		t.Errorf("history: %q", a.Texts(".k-timeline"))
	}

	status(t, "placing", o.Post(t, o.Get(t, bookingPath(o.waiting)).Find("#place form").AttrOr("action", "")), http.StatusSeeOther)
	a = o.Get(t, bookingPath(o.waiting))
	want(t, "state", a.Texts(".k-pagehead .k-state"), []string{"Bestätigt"})
	want(t, "flash", a.Texts("#flash p"), []string{"Platz vergeben."})
	places, err := booking.PlacesOf(t.Context(), o.Store, o.full.ID)
	if err != nil || places[o.full.ID].Taken != 2 {
		t.Errorf("taken: %+v, %v", places, err)
	}
	expired := o.Get(t, "/admin/bookings?state=EXPIRED").Find(first).AttrOr("href", "")
	status(t, "an expired booking", o.Post(t, expired+"/cancellation?version=1"), http.StatusConflict)
}
