package admin_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kurso/handlers/handlertest"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/exports"
	"kurso/models/store"
)

// What a list shows is what its file holds: same rows, same columns, same order.
func TestEveryListExportsWhatItShows(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, query := range []string{"", "state=WAITLISTED", "sort=booker", "columns=state,booker&sort=-total", "q=weber"} {
		page := o.Get(t, "/admin/bookings?"+query)
		a := o.Post(t, "/admin/exports", "list", "bookings", "query", page.Find("form[action='/admin/exports'] [name=query]").AttrOr("value", "missing"), "format", "csv")
		if a.Status != http.StatusOK || !strings.Contains(a.Header.Get("Content-Disposition"), "attachment; filename=\"bookings-") {
			t.Fatalf("%s: %d %s", query, a.Status, a.Header.Get("Content-Disposition"))
		}
		lines := strings.Split(strings.TrimSuffix(a.Body, "\r\n"), "\r\n")
		rows := page.Find("tbody tr").Length()
		if rows == 0 || len(lines) != rows+1 {
			t.Errorf("%s: %d lines for %d rows", query, len(lines), rows)
		}
		if heads := strings.Join(page.Texts("thead th"), ","); heads != lines[0] {
			t.Errorf("%s: the page has %q, the file %q", query, heads, lines[0])
		}
		for i, name := range page.Texts("tbody .k-cell-link") {
			if !strings.Contains(lines[i+1], name) {
				t.Errorf("%s: row %d is %q on the page and %q in the file", query, i+1, name, lines[i+1])
			}
		}
	}
}

func TestFieldsAreChosenKeptAndRunAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	page := o.Get(t, "/admin/exports/new?list=bookings&query="+url.QueryEscape("state=WAITLISTED"))
	if got := page.Find("input[name=columns][checked]").Length(); page.Status != http.StatusOK || got < 5 {
		t.Fatalf("%d, %d fields are chosen", page.Status, got)
	}
	form := url.Values{"list": {"bookings"}, "query": {"state=WAITLISTED"}, "columns": {"participants", "email"}, "format": {"csv"}, "do": {"preset"}}
	if a := o.PostForm(t, "/admin/exports", form); a.Status != http.StatusUnprocessableEntity || a.Find("input[value=participants][checked]").Length() != 1 || a.Find("[name=name][aria-invalid]").Length() != 1 {
		t.Errorf("without a name: %d", a.Status)
	}
	form.Set("name", "Für die Liste")
	if a := o.PostForm(t, "/admin/exports", form); a.Status != http.StatusSeeOther || a.Location() != "/admin/bookings?state=WAITLISTED" {
		t.Fatalf("keeping: %d %s", a.Status, a.Location())
	}
	list := o.Get(t, "/admin/bookings")
	preset := list.Find("button[name=preset]")
	if strings.TrimSpace(preset.Text()) != "Für die Liste" {
		t.Fatalf("the menu offers %q", preset.Text())
	}
	a := o.Post(t, "/admin/exports", "list", "bookings", "query", "state=WAITLISTED", "preset", preset.AttrOr("value", ""))
	if !strings.HasPrefix(a.Body, "Teilnehmende,E-Mail\r\n") || strings.Count(a.Body, "\r\n") != 2 {
		t.Errorf("%d %q", a.Status, a.Body)
	}
	form.Set("do", "schedule")
	form.Set("cadence", "never")
	if a := o.PostForm(t, "/admin/exports", form); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown cadence: %d", a.Status)
	}
	form.Set("cadence", "weekly")
	if a := o.PostForm(t, "/admin/exports", form); a.Status != http.StatusSeeOther {
		t.Fatalf("repeating: %d", a.Status)
	}
	mine := o.Get(t, "/admin/exports")
	if mine.Find("form[action^='/admin/export-presets/'], form[action^='/admin/export-schedules/']").Length() != 2 {
		t.Fatalf("kept: %s", mine.Find("main").Text())
	}
	for _, form := range []string{"form[action^='/admin/export-presets/']", "form[action^='/admin/export-schedules/']"} {
		action := mine.Find(form).AttrOr("action", "") // …/deletion
		if a := o.Post(t, action); a.Status != http.StatusSeeOther {
			t.Errorf("%s: %d", action, a.Status)
		}
		status(t, "again", o.Post(t, action), http.StatusNotFound)
	}
	status(t, "nothing to start again", o.Post(t, "/admin/export-schedules/999/resumption"), http.StatusNotFound)
}

func TestViewsAreKept(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a := o.Post(t, "/admin/views", "list", "bookings", "query", "state=WAITLISTED", "name", "Wer wartet", "default", "true")
	if a.Status != http.StatusSeeOther || a.Location() != "/admin/bookings?state=WAITLISTED" {
		t.Fatalf("%d %s", a.Status, a.Location())
	}
	if a := o.Get(t, "/admin/bookings"); a.Location() != "/admin/bookings?state=WAITLISTED" {
		t.Errorf("the list opens at %q", a.Location())
	}
	page := o.Get(t, "/admin/bookings?state=WAITLISTED")
	link := page.Find("a[href='/admin/bookings?state=WAITLISTED']")
	if !strings.Contains(link.Text(), "Wer wartet") {
		t.Errorf("the menu says %q", link.Text())
	}
	if a := o.Post(t, page.Find("form[action^='/admin/views/'][action$='/deletion']").AttrOr("action", "")); a.Status != http.StatusSeeOther {
		t.Errorf("deleting: %d", a.Status)
	}
	status(t, "the list", o.Get(t, "/admin/bookings"), http.StatusOK)
}

// Many persons leave only after somebody showed who they are, and then by a page that says where the file is.
func TestManyPersonsLeaveAfterShowingWhoOneIs(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	few := []string{"list", "bookings", "query", "", "format", "csv"}
	many := []string{"list", "bookings", "query", "", "format", "csv", "columns", "number", "columns", "email"}
	o.Clock.Advance(accounts.ConfirmedFor)
	status(t, "a few", o.Post(t, "/admin/exports", few...), http.StatusOK)
	a := o.Post(t, "/admin/exports", append(few, "do", "schedule", "name", "Jeden Tag", "cadence", "daily")...)
	status(t, "again and again", a, http.StatusUnprocessableEntity)
	if a.Find("main [name=confirm_password]").Length() != 1 || a.Fields("main form").Get("name") != "Jeden Tag" {
		t.Error("nothing asks for the password before a schedule, or what was typed is lost")
	}

	o.fillBookings(t, exports.Mass)
	a = o.Post(t, "/admin/exports", many...)
	status(t, "many", a, http.StatusUnprocessableEntity)
	form := a.Fields("main form")
	form.Set("confirm_password", "wrong")
	status(t, "wrongly answered", o.PostForm(t, "/admin/exports", form), http.StatusUnprocessableEntity)
	form.Set("confirm_password", handlertest.Password)
	a = o.PostForm(t, "/admin/exports", form)
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location(), "/admin/exports/") {
		t.Fatalf("answered: %d %s", a.Status, a.Location())
	}
	var query string
	if err := o.Store.NewRaw("SELECT query FROM exports ORDER BY id DESC LIMIT 1").Scan(t.Context(), &query); err != nil || query != "columns=number%2Cemail" {
		t.Errorf("the choice of fields became %q, %v", query, err)
	}
	status(t, "others than persons", o.Post(t, "/admin/exports", "list", "courses", "query", "", "format", "csv"), http.StatusOK)
}

func TestALargeExportShowsItsProgress(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.fillBookings(t, exports.AtOnce+1)
	a := o.Post(t, "/admin/exports", "list", "bookings", "query", "", "format", "csv_de")
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location(), "/admin/exports/") {
		t.Fatalf("%d %s", a.Status, a.Location())
	}
	path := a.Location()
	page := o.Get(t, path)
	if page.Find("#export[hx-get='"+path+"'] progress").Length() != 1 || page.Find("form[action='"+path+"/cancellation']").Length() != 1 {
		t.Fatalf("no progress: %s", page.Find("main").Text())
	}
	status(t, "the file, too early", o.Get(t, path+"/file"), http.StatusGone)
	var id int64
	if _, err := fmt.Sscanf(path, "/admin/exports/%d", &id); err != nil {
		t.Fatal(err)
	}
	if err := exports.Run(t.Context(), o.Store, o.Bucket, id, locales.Translator); err != nil {
		t.Fatal(err)
	}
	done := o.Do(t, http.MethodGet, path, nil, "HX-Request", "true")
	if done.Find("#export a[href='"+path+"/file']").Length() != 1 || done.Find("[hx-get]").Length() != 0 {
		t.Errorf("not done: %s", done.Body)
	}
	if file := o.Get(t, path+"/file"); file.Status != http.StatusOK || !strings.HasPrefix(file.Body, "\ufeffGebucht von;") || strings.Count(file.Body, "\r\n") < exports.AtOnce {
		t.Errorf("the file: %d", file.Status)
	}
	o.SignIn(t)
	for _, p := range []string{path, path + "/file"} {
		status(t, "as somebody else", o.Get(t, p), http.StatusNotFound)
	}
	status(t, "somebody else cancels", o.Post(t, path+"/cancellation"), http.StatusNotFound)
}

// A list that is not theirs is not exported either.
func TestExportsNeedThePermissionOfTheList(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.SignInAs(t, "instructor")
	for _, a := range []struct {
		what string
		got  int
	}{
		{"the file", o.Post(t, "/admin/exports", "list", "bookings", "format", "csv").Status},
		{"its fields", o.Get(t, "/admin/exports/new?list=bookings").Status},
		{"a view", o.Post(t, "/admin/views", "list", "bookings", "name", "x").Status},
	} {
		if a.got != http.StatusForbidden {
			t.Errorf("%s: %d", a.what, a.got)
		}
	}
	status(t, "an unknown list", o.Post(t, "/admin/exports", "list", "secrets", "format", "csv"), http.StatusNotFound)
	status(t, "their own, none", o.Get(t, "/admin/exports"), http.StatusOK)
}

// fillBookings writes so many bookings that an export is a job.
func (o *office) fillBookings(t *testing.T, n int) {
	t.Helper()
	o.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw(`INSERT INTO bookings (course_id, state, places, total_cents, first_name, last_name, email, form_nonce, verify_nonce, verify_hash,
			verify_expires_at, verify_sent_at, manage_nonce, manage_hash, requested_at, updated_at)
			SELECT ?, 'EXPIRED', 1, 100, 'A', 'B' || n, '', 'f' || n, '', decode(md5('v' || n), 'hex'), now(), now(), '', decode(md5('m' || n), 'hex'), now(), now()
			FROM generate_series(1, ?) n`, o.open.ID, n).Exec(ctx)
		return err
	})
}
