package admin_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
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
