package admin_test

import (
	"fmt"
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
	for _, part := range []string{"2 Buchungen werden storniert", "2 E-Mails gehen an die Personen", "1 ausgewählte Buchung bleibt"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not said: %s", part, text)
		}
	}
	want(t, "what it asks for", a.Find("main form input[name=bookings]").Map(boxes), []string{ids[0] + "," + ids[1]})
	if all := o.Get(t, "/admin/booking-cancellations?query=state%3DCONFIRMED&select=all").Find("main form input[name=bookings]").AttrOr("value", ""); len(strings.Split(all, ",")) < 2 {
		t.Errorf("all that were found cannot be cancelled: %q", all)
	}
	a = o.Post(t, "/admin/booking-cancellations", "bookings", strings.Join(append(ids, gone, "999999"), ","))
	status(t, "cancelling", a, http.StatusSeeOther)
	path := a.Location()
	page := o.Get(t, path)
	if page.Find("#bulk-cancellation[hx-get='"+path+"'] progress").Length() != 1 || page.Find("form[action='"+path+"/end']").Length() != 1 || !strings.Contains(page.Find("main").Text(), "0 von 3") {
		t.Fatalf("no progress: %s", page.Find("main").Text())
	}
	if o.Get(t, "/admin/bookings").Find("main .k-notice a[href='"+path+"']").Length() != 1 {
		t.Error("the list does not lead to what is under way")
	}
	want(t, "sent again", []string{o.Post(t, "/admin/booking-cancellations", "bookings", ids[0]).Location()}, []string{path})
	var id int64
	if _, err := fmt.Sscanf(path, "/admin/booking-cancellations/%d", &id); err != nil {
		t.Fatal(err)
	}
	if err := booking.WorkBulkCancellation(t.Context(), o.Store, id); err != nil {
		t.Fatal(err)
	}
	done := o.Do(t, http.MethodGet, path, nil, "HX-Request", "true")
	if done.Find("#bulk-cancellation").Length() != 1 || done.Find("[hx-get], form").Length() != 0 {
		t.Errorf("not done: %s", done.Body)
	}
	a = o.Get(t, path)
	want(t, "done", a.Texts("main [role=status]"), []string{"2 Buchungen sind storniert."})
	want(t, "not possible", a.Find("main .k-lines a").Map(hrefs), []string{"/admin/bookings/" + gone})
	want(t, "which and why", a.Texts("main .k-lines li > span"), []string{"Buchung #" + gone + " " + booker(t, o, gone), "war schon beendet"})
	if o.Get(t, "/admin/bookings").Find("main .k-notice").Length() != 0 {
		t.Error("the list still leads to it")
	}
	if entry := o.Get(t, o.Get(t, "/admin/audit?action=bulk_cancellation.finished").Find(row+" td:first-child a").AttrOr("href", "")); entry.Find("main p a[href='"+path+"']").Length() != 1 {
		t.Errorf("the entry does not lead to it: %s", entry.Find("main").Text())
	}
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
	for what, bookings := range map[string]string{"nothing": "", "no numbers": "all", "unknown": "999999"} {
		a := o.Post(t, "/admin/booking-cancellations", "bookings", bookings)
		status(t, what, a, http.StatusUnprocessableEntity)
		if a.Find("#errors").Length() != 1 {
			t.Errorf("%s: nothing says why", what)
		}
	}
	end := fmt.Sprintf("/admin/booking-cancellations/%d/end", id)
	status(t, "the end of one that has ended", o.Post(t, end), http.StatusSeeOther)
	o.SignIn(t)
	status(t, "somebody else looks", o.Get(t, path), http.StatusNotFound)
	status(t, "somebody else stops it", o.Post(t, end), http.StatusNotFound)
}

func booker(t *testing.T, o *office, id string) (name string) {
	t.Helper()
	if err := o.NewRaw("SELECT first_name || ' ' || last_name FROM bookings WHERE id = ?", id).Scan(t.Context(), &name); err != nil {
		t.Fatal(err)
	}
	return name
}

// More than a page of the list is cancelled together, and stopped when it was too much.
func TestManyBookingsAreCancelledTogether(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fillBookings(t, 250)
	o.AsOwner(t, "UPDATE bookings SET state = 'CONFIRMED', confirmed_at = now(), closed_at = NULL")
	question := o.Get(t, "/admin/booking-cancellations?query=&select=all")
	status(t, "the question", question, http.StatusOK)
	a := o.Post(t, "/admin/booking-cancellations", "bookings", question.Find("main form input[name=bookings]").AttrOr("value", ""))
	status(t, "start", a, http.StatusSeeOther)
	status(t, "stop", o.Post(t, a.Location()+"/end"), http.StatusSeeOther)
	page := o.Get(t, a.Location())
	want(t, "stopped", page.Texts("main .k-notice strong"), []string{"Stornierung angehalten"})
	if n := page.Find("main .k-lines li").Length(); n != 100 {
		t.Errorf("%d are listed", n)
	}
	next := o.Get(t, page.Find("main .k-pager a").Last().AttrOr("href", ""))
	if next.Find("main .k-lines li").Length() != 100 || next.Find("main .k-lines a").First().Text() == page.Find("main .k-lines a").First().Text() {
		t.Error("there are no other pages")
	}
}

// What is too much for once is said before it is ordered.
func TestTooManyBookingsAreNotCancelledTogether(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fillBookings(t, booking.MostAtOnce+1)
	a := o.Get(t, "/admin/booking-cancellations?query=&select=all")
	status(t, "too many", a, http.StatusUnprocessableEntity)
	if !strings.Contains(a.Find("#errors").Text(), "höchstens 10\u202f000 Buchungen") || a.Find("main form input[name=bookings]").Length() != 0 {
		t.Error(a.Find("main").Text())
	}
}
