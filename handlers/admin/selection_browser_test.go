package admin_test

import (
	"testing"
	"time"

	"github.com/go-rod/rod"

	"kurso/handlers/browsertest"
)

// eventually waits until an expression on the page has a value.
func eventually(t testing.TB, page *rod.Page, expression, want string) {
	t.Helper()
	got := ""
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		if value, err := page.Eval("() => String(" + expression + ")"); err == nil {
			if got = value.Value.Str(); got == want {
				return
			}
		}
	}
	t.Fatalf("%s is %q, not %q", expression, got, want)
}

// Rows are selected over pages, orders and searches, and go where the bar's form goes.
func TestSelectionOverPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fillBookings(t, 60)
	page := browsertest.Page(t, o.signedIn(t), o.URL+"/admin/bookings?sort=booker", 1280)
	const (
		sent    = `new FormData(document.getElementById("bulk")).getAll("select").length`
		bar     = `document.getElementById("bulk").classList.contains("hidden") ? "" : document.querySelector("#bulk [data-bulk-count]").textContent`
		checked = `document.querySelectorAll("#list tbody input:checked").length`
	)
	box := func(row string) string { return "#list tbody tr:nth-child(" + row + ") input[name=select]" }
	eventually(t, page, bar, "")
	browsertest.Click(t, page, box("1"))
	eventually(t, page, bar, "1")
	browsertest.Click(t, page, box("3"))
	eventually(t, page, bar, "2")

	browsertest.Click(t, page, ".k-pager a[rel=next]")
	eventually(t, page, `new URLSearchParams(location.search).has("after") + " " + `+checked, "true 0")
	eventually(t, page, sent, "2")
	browsertest.Click(t, page, box("2"))
	eventually(t, page, sent, "3")
	browsertest.Click(t, page, ".k-pager a[rel=prev]")
	eventually(t, page, checked, "2")
	eventually(t, page, sent, "3")

	browsertest.Fill(t, page, "form.k-filter [name=q]", "Schmidt")
	eventually(t, page, `document.querySelectorAll("#list tbody tr").length`, "1")
	eventually(t, page, sent, "3")
	browsertest.Click(t, page, box("1"))
	eventually(t, page, bar, "4")
	if err := page.Reload(); err != nil {
		t.Fatal(err)
	}
	eventually(t, page, sent, "4")
	eventually(t, page, checked, "1")

	browsertest.Fill(t, page, "form.k-filter [name=q]", "")
	eventually(t, page, `document.querySelectorAll("#list tbody tr").length`, "50")
	browsertest.Click(t, page, "#bulk a[href*='select=all']")
	eventually(t, page, sent+` + " " + new FormData(document.getElementById("bulk")).get("select")`, "1 all")
	browsertest.Click(t, page, "#bulk > a.k-link:last-of-type")
	eventually(t, page, bar, "")
}
