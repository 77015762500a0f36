package admin_test

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
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

// Rows are selected over pages, orders and searches, also by Back and Forward, and go where the bar's form goes.
func TestSelectionOverPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fillBookings(t, 60)
	browser := o.signedIn(t)
	page := browsertest.Page(t, browser, o.URL+"/admin/bookings?sort=booker&columns=number,booker", 1280)
	const (
		ids     = `new FormData(document.getElementById("bulk")).getAll("select")`
		sent    = ids + `.length`
		bar     = `document.getElementById("bulk").classList.contains("hidden") ? "" : document.querySelector("#bulk [data-bulk-count]").textContent`
		checked = `document.querySelectorAll("#list tbody input:checked").length`
		second  = `new URLSearchParams(location.search).has("after") + " "`
	)
	box := func(row string) string { return "#list tbody tr:nth-child(" + row + ") input[name=select]" }
	travel := func(how func() error) {
		t.Helper()
		if err := how(); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, page, bar, "")
	browsertest.Click(t, page, box("1"))
	eventually(t, page, bar, "1")
	browsertest.Click(t, page, box("3"))
	eventually(t, page, bar, "2")

	browsertest.Click(t, page, ".k-pager a[rel=next]")
	eventually(t, page, second+" + "+checked, "true 0")
	eventually(t, page, bar, "2")
	browsertest.Click(t, page, box("2"))
	eventually(t, page, bar, "3")
	browsertest.Click(t, page, ".k-pager a[rel=prev]")
	eventually(t, page, checked, "2")
	eventually(t, page, sent, "3")

	// what was selected on the page that Back leaves is there on the one that it leads to
	travel(page.NavigateBack)
	eventually(t, page, second+" + "+checked, "true 1")
	browsertest.Click(t, page, box("4"))
	eventually(t, page, bar, "4")
	travel(page.NavigateBack)
	eventually(t, page, second+" + "+checked, "false 2")
	eventually(t, page, bar, "4")
	travel(page.NavigateForward)
	eventually(t, page, second+" + "+checked, "true 2")
	eventually(t, page, bar, "4")
	browsertest.Click(t, page, "#list tbody tr:first-child a[data-row]")
	browsertest.Find(t, page, "a[href^='/admin/bookings'].k-back")
	travel(page.NavigateBack)
	eventually(t, page, second+" + "+checked, "true 2")
	eventually(t, page, bar, "4")

	want(t, "the file", o.download(t, browser, page), strings.Fields(evaluate(t, page, ids+`.sort((a, b) => a - b).join(" ")`)))

	travel(page.NavigateBack)
	eventually(t, page, second+" + "+checked, "false 2")
	browsertest.Fill(t, page, "form.k-filter [name=q]", "Schmidt")
	eventually(t, page, `document.querySelectorAll("#list tbody tr").length`, "1")
	eventually(t, page, bar, "4")
	browsertest.Click(t, page, box("1"))
	eventually(t, page, bar, "5")
	if err := page.Reload(); err != nil {
		t.Fatal(err)
	}
	eventually(t, page, sent, "5")
	eventually(t, page, checked, "1")
	travel(page.NavigateBack)
	eventually(t, page, `document.querySelectorAll("#list tbody tr").length`, "50")
	eventually(t, page, bar, "5")

	// all that was found is not all that another search finds
	browsertest.Click(t, page, "#bulk a[href*='select=all']")
	eventually(t, page, ids+`.join()`, "all")
	var every []string
	if err := o.NewRaw("SELECT id FROM bookings ORDER BY id").Scan(t.Context(), &every); err != nil {
		t.Fatal(err)
	}
	want(t, "the file of all", o.download(t, browser, page), every)
	browsertest.Fill(t, page, "form.k-filter [name=q]", "Schmidt")
	eventually(t, page, `document.querySelectorAll("#list tbody tr").length + " " + `+checked, "1 0")
	browsertest.Click(t, page, box("1"))
	eventually(t, page, bar, "1")
	browsertest.Fill(t, page, "form.k-filter [name=q]", "")
	eventually(t, page, `document.querySelectorAll("#list tbody tr").length`, "50")
	eventually(t, page, bar, "1")
	browsertest.Click(t, page, "#bulk > a.k-link:last-of-type")
	eventually(t, page, bar, "")
}

func evaluate(t testing.TB, page *rod.Page, expression string) string {
	t.Helper()
	value, err := page.Eval("() => " + expression)
	if err != nil {
		t.Fatal(err)
	}
	return value.Value.Str()
}

// download exports what is selected, and returns the numbers of the bookings in the file.
func (o *office) download(t testing.TB, browser *rod.Browser, page *rod.Page) (numbers []string) {
	t.Helper()
	folder := t.TempDir()
	waiting := browser.Timeout(10 * time.Second).WaitDownload(folder)
	browsertest.Click(t, page, "#bulk button:not([formaction])")
	info := waiting()
	if info == nil {
		t.Fatal("no file came")
	}
	data, err := os.ReadFile(filepath.Join(folder, info.GUID))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\r\n")[1:] {
		number, _, _ := strings.Cut(line, ";")
		numbers = append(numbers, number)
	}
	slices.SortFunc(numbers, byNumber)
	return numbers
}

func byNumber(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }
