package admin_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/uptrace/bun"

	"kurso/models/booking"
)

// Selected rows stay selected on the way to other pages and orders, and are exported without the others.
func TestSelectedRowsAreExported(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	one := strconv.FormatInt(o.waiting, 10)
	a := o.Get(t, "/admin/bookings?select="+one+",999999")
	want(t, "checked", a.Find("#list input[name=select][checked]").Map(boxes), []string{one})
	want(t, "elsewhere", a.Find("#bulk input[type=hidden][name=select]").Map(boxes), []string{"999999"})
	want(t, "count", a.Texts("#bulk [role=status]"), []string{"2 ausgewählt"})
	for _, href := range a.Find("#list thead a").Map(hrefs) {
		if !strings.Contains(href, "select="+one+"%2C999999") {
			t.Errorf("%s forgets what is selected", href)
		}
	}
	lines := func(pairs ...string) []string {
		t.Helper()
		a := o.Post(t, "/admin/exports", append([]string{"list", "bookings", "query", "columns=number&state=CONFIRMED", "format", "csv", "selection", "true"}, pairs...)...)
		status(t, strings.Join(pairs, " "), a, http.StatusOK)
		return strings.Fields(a.Body)
	}
	want(t, "one row", lines("select", one), []string{"Nummer", one})
	all := o.Get(t, "/admin/bookings?state=CONFIRMED&select=all")
	if n := all.Find("#list input[name=select][checked][disabled]").Length(); n == 0 || n != all.Find("#list tbody tr").Length() || len(lines("select", "all")) != n+1 {
		t.Errorf("all are not selected: %d", n)
	}
	for _, pairs := range [][]string{{}, {"select", "x"}, {"select", "-1"}} {
		a := o.Post(t, "/admin/exports", append([]string{"list", "bookings", "query", "", "format", "csv", "selection", "true"}, pairs...)...)
		status(t, "nothing", a, http.StatusUnprocessableEntity)
		if a.Find("#errors").Length() != 1 {
			t.Errorf("%v: nothing says why", pairs)
		}
	}
	status(t, "not a number", o.Get(t, "/admin/bookings?select=x"), http.StatusUnprocessableEntity)
	chosen := o.Get(t, "/admin/bookings?id="+one)
	want(t, "by number", chosen.Texts(".k-chips .k-chip"), []string{"1 ausgewählte Zeile"})
	if chosen.Find("#list tbody tr").Length() != 1 || chosen.Find("form.k-filter input[name=id][value='"+one+"']").Length() != 1 {
		t.Error("rows are not found by their ids")
	}
}

func boxes(_ int, s *goquery.Selection) string { return s.AttrOr("value", "") }

// Several bookings are cancelled together after a page that says how many, each with its entry and its mail.
func TestBookingsAreCancelledTogether(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var ids []string
	if err := o.NewRaw("SELECT id FROM bookings WHERE state = 'CONFIRMED' ORDER BY id LIMIT 2").Scan(t.Context(), &ids); err != nil || len(ids) != 2 {
		t.Fatalf("%v, %v", ids, err)
	}
	list := o.Get(t, "/admin/bookings")
	if list.Find("#bulk button[formaction='/admin/booking-cancellations'][formmethod=get]").Length() != 1 {
		t.Error("the list does not offer it")
	}
	if _, err := booking.CancelByStaff(o.asUser(t), o.Store, o.waiting, 0); err != nil {
		t.Fatal(err)
	}
	gone := strconv.FormatInt(o.waiting, 10)
	a := o.Get(t, "/admin/booking-cancellations?query=state%3DCONFIRMED&select="+ids[0]+"&select="+ids[1]+"&select="+gone)
	status(t, "the question", a, http.StatusOK)
	text := a.Find("main").Text()
	for _, part := range []string{"2 Buchungen werden storniert", "2 Personen bekommen eine E-Mail", "1 ausgewählte Buchung bleibt"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not said: %s", part, text)
		}
	}
	want(t, "what it asks for", a.Find("main form input[name=select]").Map(boxes), ids)
	if o.Get(t, "/admin/booking-cancellations?query=state%3DCONFIRMED&select=all").Find("main form input[name=select]").Length() < 2 {
		t.Error("all that were found cannot be cancelled")
	}
	a = o.Post(t, "/admin/booking-cancellations", "select", ids[0], "select", ids[1], "select", gone, "select", "999999")
	status(t, "cancelling", a, http.StatusOK)
	want(t, "done", a.Texts("main [role=status]"), []string{"2 Buchungen sind storniert."})
	want(t, "not possible", a.Find("main .k-lines a").Map(hrefs), []string{"/admin/bookings/" + gone, "/admin/bookings/999999"})
	var states, entries, mails int
	if err := o.NewRaw(`SELECT count(*) FILTER (WHERE state = 'CANCELLED'), (SELECT count(*) FROM audit_entries WHERE action = 'booking.cancelled' AND subject_type = 'booking' AND subject_id IN (?0)),
		(SELECT count(*) FROM mails WHERE letter = 'booking_cancelled' AND booking_id IN (?0)) FROM bookings WHERE id IN (?0)`, bun.List(ids)).Scan(t.Context(), &states, &entries, &mails); err != nil {
		t.Fatal(err)
	}
	if states != 2 || entries != 2 || mails != 2 {
		t.Errorf("%d cancelled, %d entries, %d mails", states, entries, mails)
	}
	for _, query := range []string{"", "select=x"} {
		status(t, query, o.Get(t, "/admin/booking-cancellations?"+query), http.StatusUnprocessableEntity)
	}
	status(t, "nothing", o.Post(t, "/admin/booking-cancellations"), http.StatusUnprocessableEntity)
	status(t, "all at once", o.Post(t, "/admin/booking-cancellations", "select", "all"), http.StatusUnprocessableEntity)
}
