package admin_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/proto"

	"kurso/handlers/browsertest"
	"kurso/handlers/handlertest"
	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/models/store"
)

func TestParticipantList(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a := o.Get(t, fmt.Sprintf("/admin/courses/%d/participants", o.full.ID))
	status(t, "the list", a, http.StatusOK)
	want(t, "names", a.Texts(first), []string{"Schmidt 0, Mira", "Schmidt 1, Mira", "Schmidt 2, Mira", "Schmidt 3, Mira"})
	want(t, "days to sign on", a.Texts("thead .k-sign"), []string{"Mi. 23.12.", "Mi. 30.12."})
	if a.Find("tbody td.k-sign").Length() != 4*2 || a.Find(".k-sheet-wide").Length() != 0 {
		t.Error("there is no place to sign")
	}
	if text := a.Find("main").Text(); !strings.Contains(text, "person@example.org") || !strings.Contains(text, "0731 12345") || strings.Contains(text, "Weber") {
		t.Errorf("%s", text)
	}
	if a.Find("[data-print]").AttrOr("type", "") != "button" || a.Find(".k-sheet-hint p").Length() != 1 {
		t.Error("nothing says how to print")
	}
	a = o.Get(t, fmt.Sprintf("/admin/courses/%d/participants", o.draft))
	if a.Status != http.StatusOK || a.Find(".k-empty").Length() != 1 {
		t.Errorf("nobody: %d", a.Status)
	}
	status(t, "no course", o.Get(t, "/admin/courses/999999/participants"), http.StatusNotFound)

	// more sessions than a sheet has room for leave its columns empty
	o.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw(`INSERT INTO course_sessions (course_id, starts_at, ends_at)
			SELECT ?, now() + n * interval '1 day', now() + n * interval '1 day 1 hour' FROM generate_series(1, 7) n`, o.full.ID).Exec(ctx)
		return err
	})
	a = o.Get(t, fmt.Sprintf("/admin/courses/%d/participants", o.full.ID))
	want(t, "empty columns", a.Texts("thead .k-sign"), make([]string, 8))
	if a.Find(".k-sheet-wide").Length() != 1 {
		t.Error("eight columns stand upright")
	}
}

// On paper there is the table alone, with room to sign and without contact data, however dark the screen is.
func TestParticipantListOnPaper(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	page := browsertest.Page(t, o.signedIn(t), o.URL+fmt.Sprintf("/admin/courses/%d/participants", o.full.ID), 1280)
	shown := `["#nav", ".k-top", ".k-trail", "[data-print]", "thead .k-sign", "thead .print\\:hidden"]
		.filter(s => document.querySelector(s).checkVisibility()).join(" ")`
	if got := see(t, page, shown); got != `#nav .k-top .k-trail [data-print] thead .print\:hidden` {
		t.Errorf("on the screen: %s", got)
	}
	dark := []*proto.EmulationMediaFeature{{Name: "prefers-color-scheme", Value: "dark"}}
	if err := (proto.EmulationSetEmulatedMedia{Media: "print", Features: dark}).Call(page); err != nil {
		t.Fatal(err)
	}
	if got := see(t, page, shown); got != "thead .k-sign" {
		t.Errorf("on paper: %s", got)
	}
	if got := see(t, page, `getComputedStyle(document.body).backgroundColor + " " + getComputedStyle(document.querySelector("td")).color`); got != "rgb(255, 255, 255) rgb(0, 0, 0)" {
		t.Errorf("on paper it is %s", got)
	}
	pdf, err := page.PDF(&proto.PagePrintToPDF{PreferCSSPageSize: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pdf.Close() }()
	paper, err := io.ReadAll(pdf)
	if err != nil {
		t.Fatal(err)
	}
	if size := regexp.MustCompile(`/MediaBox \[0 0 59[45][.0-9]* 84[12]`); !size.Match(paper) {
		t.Error("it is no A4")
	}
}

// Who teaches sees names, and nothing that leads to somebody.
func TestParticipantListForWhoTeaches(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	boss := o.Site
	s := o.Another(t, "")
	u := s.SignInAs(t, "instructor")
	page := fmt.Sprintf("/admin/courses/%d/participants", o.open.ID)
	status(t, "before the link", s.Get(t, page), http.StatusNotFound)

	form := fmt.Sprintf("/admin/instructors/%d", o.instructor)
	fields := boss.Get(t, form).Fields("form.k-form")
	o.Clock.Advance(accounts.ConfirmedFor)
	status(t, "other changes", boss.PostForm(t, form, fields), http.StatusSeeOther)
	fields = boss.Get(t, form).Fields("form.k-form")
	fields.Set("account", itoa(u.ID))
	asked := boss.PostForm(t, form, fields)
	status(t, "linking on a forgotten screen", asked, http.StatusUnprocessableEntity)
	fields = asked.Fields("main form")
	fields.Set("confirm_password", handlertest.Password)
	status(t, "linking", boss.PostForm(t, form, fields), http.StatusSeeOther)
	a := boss.Get(t, form)
	if a.Find("select[name=account] option[selected]").AttrOr("value", "") != itoa(u.ID) ||
		!strings.Contains(a.Find(".k-timeline li").First().Text(), "Konto: "+u.Name) {
		t.Errorf("the form: %v", a.Texts(".k-timeline li"))
	}

	a = boss.PostForm(t, "/admin/instructors", url.Values{"last_name": {"Zweite"}, "account": {itoa(u.ID)}})
	status(t, "somebody else's account", a, http.StatusUnprocessableEntity)
	if a.Fields("form.k-form").Get("account") != itoa(u.ID) || !strings.Contains(a.Find("#f-account-error").Text(), "Dr. Aylin Demir") {
		t.Errorf("%v", a.Texts("form.k-form .k-field"))
	}

	a = s.Get(t, page)
	status(t, "after it", a, http.StatusOK)
	want(t, "names", a.Texts("tbody td:nth-child(2)"), []string{"Beispiel 0 0, Kim"})
	if text := a.Find("main").Text(); strings.Contains(text, "@") || strings.Contains(text, "0731") || a.Find("main a[href^='/admin/bookings']").Length() != 0 {
		t.Errorf("%s", text)
	}
	status(t, "another course", s.Get(t, fmt.Sprintf("/admin/courses/%d/participants", o.full.ID)), http.StatusNotFound)
	want(t, "the courses", s.Get(t, "/admin/courses?all=1").Texts(first), []string{o.open.Name})
}

// Those who edit instructors without managing accounts see the link and keep it.
func TestTheLinkIsForThoseWhoManageAccounts(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	anna, err := accounts.Create(t.Context(), s.Store, "anna@example.org", "Anna Muster", handlertest.Password, "instructor")
	if err != nil {
		t.Fatal(err)
	}
	id, err := catalog.SaveInstructor(t.Context(), s.Store, 0, catalog.InstructorInput{LastName: "Muster", Account: itoa(anna.ID)})
	if err != nil {
		t.Fatal(err)
	}
	s.SignInAs(t, "planning")
	page := fmt.Sprintf("/admin/instructors/%d", id)
	a := s.Get(t, page)
	if a.Find("select[name=account]").Length() != 0 || !strings.Contains(a.Find(".k-facts").Text(), "Anna Muster") {
		t.Errorf("%v", a.Texts("form.k-form"))
	}
	fields := a.Fields("form.k-form")
	fields.Set("last_name", "Beispiel")
	status(t, "another name", s.PostForm(t, page, fields), http.StatusSeeOther)
	fields = s.Get(t, page).Fields("form.k-form")
	fields.Set("last_name", "Anders")
	fields.Set("account", "")
	a = s.PostForm(t, page, fields)
	status(t, "ending the link", a, http.StatusUnprocessableEntity)
	if a.Fields("form.k-form").Get("last_name") != "Anders" || !strings.Contains(a.Find("#errors").Text(), "wer Konten verwaltet") {
		t.Errorf("%v", a.Texts("#errors"))
	}
	if i, err := catalog.LoadInstructor(t.Context(), s.Store, id); err != nil || i.UserID == nil || *i.UserID != anna.ID || i.LastName != "Beispiel" {
		t.Errorf("%+v, %v", i, err)
	}
}
