package admin_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"kurso/handlers/browsertest"
	"kurso/handlers/handlertest"
	"kurso/models/catalog"
	"kurso/models/store"
)

// Every page of the office, on a wide and on a narrow screen: nothing keeps people out, nothing scrolls
// sideways. KURSO_SCREENSHOTS names a folder to keep pictures in, in both languages.
func TestPagesInTheBrowser(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw(`UPDATE mails SET state = 'failed' WHERE id = 1`).Exec(ctx)
		if err == nil {
			_, err = tx.NewRaw(`UPDATE courses SET max_places = 7, start_date = '2026-12-01' WHERE id = ?`, o.full.ID).Exec(ctx)
		}
		return err
	})
	browser := o.signedIn(t)
	languages := []string{"de"}
	folder := os.Getenv("KURSO_SCREENSHOTS")
	if folder != "" {
		languages = append(languages, "en")
	}
	for _, lang := range languages {
		o.Must(t, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.NewRaw("UPDATE users SET locale = ?", lang).Exec(ctx)
			return err
		})
		for name, path := range o.pages() {
			for _, width := range []int{1280, 360} {
				page := browsertest.Page(t, browser, o.URL+path, width)
				if lang == "de" {
					browsertest.Axe(t, page)
				}
				wide, err := page.Eval(`() => document.documentElement.scrollWidth - document.documentElement.clientWidth`)
				if err != nil || wide.Value.Int() > 0 {
					t.Errorf("%s at %d scrolls sideways by %v, %v", path, width, wide, err)
				}
				if folder != "" {
					keep(t, page, filepath.Join(folder, fmt.Sprintf("%s-%s-%d.png", name, lang, width)))
				}
				if err := page.Close(); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

// With scripts, lists follow what is typed, fields suggest what exists, and questions are dialogs.
func TestScriptsMakeTheOfficeNicer(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	browser := o.signedIn(t)

	page := browsertest.Page(t, browser, o.URL+"/admin/courses", 1280)
	browsertest.Fill(t, page, "[name=q]", "yoga")
	browsertest.Find(t, page, ".k-chip-remove[aria-label*=yoga]")
	if got := see(t, page, `[document.querySelectorAll(".k-cell-link").length, location.pathname + location.search].join(" ")`); got != "1 /admin/courses?q=yoga&ends=from_today" {
		t.Errorf("after typing: %s", got)
	}

	page = browsertest.Page(t, browser, o.URL+"/admin/courses/"+strconv.FormatInt(o.draft, 10)+"/edit", 1280)
	browsertest.Fill(t, page, "[name='instructors.0']", "demi")
	browsertest.Find(t, page, "#instructors option")
	suggested := see(t, page, `document.querySelector("#instructors option").value`)
	if suggested != catalog.Pick("Dr. Aylin Demir", o.instructor) {
		t.Errorf("suggested %q", suggested)
	}
	browsertest.Fill(t, page, "[name='instructors.0']", suggested)
	browsertest.Click(t, page, ".k-row-session summary")
	browsertest.Fill(t, page, "[name='sessions.0.note']", "Bitte Matte mitbringen")
	if _, err := browsertest.Find(t, page, "[name=location]").Eval(`() => { this.selectedIndex = 1; this.dispatchEvent(new Event("change", {bubbles: true})) }`); err != nil {
		t.Fatal(err)
	}
	browsertest.Find(t, page, "[name='sessions.0.room'] option[value='1']")
	if note := see(t, page, `document.querySelector("[name='sessions.0.note']").value`); note != "Bitte Matte mitbringen" {
		t.Errorf("what was typed is lost: %q", note)
	}
	browsertest.Fill(t, page, "[name='sessions.0.note']", "")
	browsertest.Fill(t, page, "[name='prices.0.name']", "Normalpreis")
	browsertest.Fill(t, page, "[name='prices.0.amount']", "10")
	// Enter saves; it does not add a row
	if err := page.Keyboard.Type(input.Enter); err != nil {
		t.Fatal(err)
	}
	browsertest.Find(t, page, "#flash p")
	if text := see(t, page, `document.querySelector(".k-price").innerText`); text != "10,00\u00a0€" {
		t.Errorf("price %q", text)
	}

	page = browsertest.Page(t, browser, o.URL+"/admin/bookings/"+strconv.FormatInt(o.waiting, 10), 1280)
	browsertest.Click(t, page, "a[data-dialog=cancel]")
	browsertest.Click(t, page, "dialog[open] .btn-error")
	browsertest.Find(t, page, "#flash p")
	if state := see(t, page, `document.querySelector(".k-pagehead .k-state").innerText`); state != "Storniert" {
		t.Errorf("state %q", state)
	}
}

// Ctrl-K finds anything by the keyboard alone, on every page; / is the search of the list on it.
func TestSearchByKeyboard(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	page := browsertest.Page(t, o.signedIn(t), o.URL+"/admin", 1280)
	press := func(keys ...input.Key) {
		t.Helper()
		if err := page.KeyActions().Press(keys[:len(keys)-1]...).Type(keys[len(keys)-1]).Release(keys[:len(keys)-1]...).Do(); err != nil {
			t.Fatal(err)
		}
	}
	press(input.ControlLeft, input.KeyK)
	browsertest.Find(t, page, "#find [data-found][href='/admin/courses/new']")
	browsertest.Axe(t, page)
	if err := page.InsertText("yoga am"); err != nil {
		t.Fatal(err)
	}
	browsertest.Find(t, page, "#find [data-found][href='"+coursePath(o.draft)+"']")
	press(input.ArrowDown)
	if at := see(t, page, `document.activeElement.textContent`); !strings.Contains(at, "Yoga am Morgen") {
		t.Errorf("the arrow leads to %q", at)
	}
	press(input.ArrowUp)
	if at := see(t, page, `document.activeElement.name`); at != "q" {
		t.Errorf("back leads to %q", at)
	}
	press(input.Enter)
	browsertest.Find(t, page, ".k-pagehead")
	if title := see(t, page, `document.querySelector("h1").innerText`); !strings.Contains(title, "Yoga am Morgen") {
		t.Errorf("Enter opens %q", title)
	}
	page = browsertest.Page(t, o.signedIn(t), o.URL+"/admin/courses?all=1", 1280)
	press(input.Slash)
	if at := see(t, page, `document.activeElement.closest("form").className`); at != "k-filter" {
		t.Errorf("/ leads to %q", at)
	}
}

// see is the value of an expression on the page, as text.
func see(t testing.TB, page *rod.Page, expression string) string {
	t.Helper()
	value, err := page.Eval("() => " + expression)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(value.Value.Str())
}

// signedIn is a browser in which the office's user is signed in.
func (o *office) signedIn(t testing.TB) *rod.Browser { return o.signedInAs(t, o.email) }

// signedInAs is a browser of somebody else.
func (o *office) signedInAs(t testing.TB, email string) *rod.Browser {
	t.Helper()
	browser := browsertest.Open(t)
	page := browsertest.Page(t, browser, o.URL+"/admin/session", 1280)
	browsertest.Fill(t, page, "[name=email]", email)
	browsertest.Fill(t, page, "[name=password]", handlertest.Password)
	browsertest.Click(t, page, "button[type=submit]")
	browsertest.Find(t, page, ".k-main")
	return browser
}

func keep(t testing.TB, page *rod.Page, file string) {
	t.Helper()
	png, err := page.Screenshot(true, &proto.PageCaptureScreenshot{Format: proto.PageCaptureScreenshotFormatPng})
	if err == nil {
		err = os.WriteFile(file, png, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (o *office) pages() map[string]string {
	number := func(id int64) string { return strconv.FormatInt(id, 10) }
	return map[string]string{
		"dashboard":            "/admin",
		"courses":              "/admin/courses",
		"courses-none":         "/admin/courses?q=nichts&state=draft",
		"course":               "/admin/courses/" + number(o.open.ID),
		"course-full":          "/admin/courses/" + number(o.full.ID),
		"course-participants":  "/admin/courses/" + number(o.full.ID) + "/participants",
		"course-edit":          "/admin/courses/" + number(o.open.ID) + "/edit",
		"course-new":           "/admin/courses/new",
		"course-call-off":      "/admin/courses/" + number(o.full.ID) + "/state",
		"bookings":             "/admin/bookings",
		"booking":              "/admin/bookings/" + number(o.waiting),
		"booking-cancellation": "/admin/bookings/" + number(o.waiting) + "/cancellation",
		"course-types":         "/admin/course-types",
		"course-type":          "/admin/course-types/" + number(o.open.CourseTypeID),
		"categories":           "/admin/categories",
		"category":             "/admin/categories/" + number(o.category),
		"locations":            "/admin/locations",
		"location":             "/admin/locations/" + number(o.location),
		"instructors":          "/admin/instructors",
		"instructor":           "/admin/instructors/" + number(o.instructor),
		"audit":                "/admin/audit",
		"audit-filtered":       "/admin/audit?subject=course&who=" + number(o.user),
		"audit-none":           "/admin/audit?request=nichts",
		"settings":             "/admin/settings",
		"notifications":        "/admin/notifications",
		"settings-profile":     "/admin/settings/profile",
		"settings-legal":       "/admin/settings/legal",
		"settings-languages":   "/admin/settings/languages",
		"settings-mail":        "/admin/settings/mail",
		"settings-mail-check":  "/admin/settings/mail/check",
		"settings-booking":     "/admin/settings/booking",
		"settings-prices":      "/admin/settings/prices",
		"settings-persons":     "/admin/settings/persons",
		"settings-config":      "/admin/settings/configuration",
		"setup":                "/admin/setup-assistant",
		"setup-kind":           "/admin/setup-assistant/kind",
		"setup-contact":        "/admin/setup-assistant/contact",
		"setup-legal":          "/admin/setup-assistant/legal",
		"setup-booking":        "/admin/setup-assistant/booking",
		"setup-offer":          "/admin/setup-assistant/offer",
		"setup-example":        "/admin/setup-assistant/example",
	}
}
