package admin_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"kurso/handlers/handlertest"
	"kurso/models/accounts"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// role finds a ready role by its key.
func role(t *testing.T, s *handlertest.Site, key string) string {
	t.Helper()
	var id int64
	if err := s.NewRaw("SELECT id FROM roles WHERE key = ?", key).Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	return itoa(id)
}

// invited invites somebody and returns the account's id.
func invited(t *testing.T, s *handlertest.Site, name, roleID string) string {
	t.Helper()
	a := s.Post(t, "/admin/users", "name", name, "email", strings.ToLower(name)+"@example.org", "locale", "de", "roles", roleID)
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location(), "/admin/users/") {
		t.Fatalf("inviting %s: %d %v", name, a.Status, a.Texts("#errors"))
	}
	return strings.TrimPrefix(a.Location(), "/admin/users/")
}

func TestUsers(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	boss := s.SignIn(t)
	a := s.Get(t, "/admin/users/new")
	status(t, "the form", a, http.StatusOK)
	if n := a.Find("input[name=roles]").Length(); n != 6 {
		t.Errorf("%d roles are offered", n)
	}
	a = s.Post(t, "/admin/users", "name", "", "email", "nonsense", "locale", "de")
	status(t, "nothing", a, http.StatusUnprocessableEntity)
	if a.Find("#errors li").Length() != 3 || a.Find("input[name=email]").AttrOr("value", "") != "nonsense" {
		t.Errorf("%v", a.Texts("#errors li"))
	}

	mira := invited(t, s, "Mira", role(t, s, "planning"))
	a = s.Get(t, "/admin/users/"+mira)
	want(t, "invited", a.Texts(".k-pagehead .k-state"), []string{"Eingeladen"})
	if a.Find("form[action='/admin/users/"+mira+"/invitations']").Length() != 1 || a.Find("a[href='/admin/users/"+mira+"/withdrawal']").Length() != 1 {
		t.Error("an invitation cannot be sent again or withdrawn")
	}
	a = s.Post(t, "/admin/users/"+mira+"/invitations")
	status(t, "again", a, http.StatusSeeOther)
	want(t, "the list", s.Get(t, "/admin/users").Texts(first), []string{boss.Name, "Mira"})
	want(t, "searched", s.Get(t, "/admin/users?q=mir&state=invited&role="+role(t, s, "planning")).Texts(first), []string{"Mira"})
	if a := s.Get(t, "/admin/users?q=nobody"); a.Find(".k-empty a[href='/admin/users?all=1']").Length() != 1 {
		t.Error("nothing found says nothing")
	}
	if a := s.Do(t, http.MethodGet, "/admin/users?q=mira", nil, "HX-Request", "true"); a.Find("nav.k-side").Length() != 0 || a.Find("#list tbody tr").Length() != 1 {
		t.Error("htmx does not get the list alone")
	}

	fields := s.Get(t, "/admin/users/"+mira).Fields("form.k-form")
	fields.Set("name", "Mira Weber")
	fields["roles"] = []string{role(t, s, "front_desk")}
	stale := url.Values{"version": fields["version"], "name": {"Mira W."}, "roles": fields["roles"]}
	status(t, "saving", s.PostForm(t, "/admin/users/"+mira, fields), http.StatusSeeOther)
	a = s.Get(t, "/admin/users/"+mira)
	if a.Find("h1").Text() != "Mira Weber" || !strings.Contains(strings.Join(a.Texts(".k-timeline li"), "\n"), "Rolle entfernt: Programmplanung") {
		t.Errorf("%q %v", a.Find("h1").Text(), a.Texts(".k-timeline li"))
	}
	a = s.PostForm(t, "/admin/users/"+mira, stale)
	status(t, "a second editor", a, http.StatusConflict)
	if !strings.Contains(a.Find(".k-notice").Text(), "Mira Weber") {
		t.Errorf("the conflict does not show both: %s", a.Find(".k-notice").Text())
	}
	a = s.Get(t, "/admin/users/"+mira+"/withdrawal")
	status(t, "asking to withdraw", a, http.StatusOK)
	status(t, "withdrawing", s.Post(t, "/admin/users/"+mira+"/withdrawal"), http.StatusSeeOther)
	status(t, "withdrawn", s.Get(t, "/admin/users/"+mira), http.StatusNotFound)
}

func TestAccountsAreDeactivatedAndCounted(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	boss := s.SignIn(t)
	self := "/admin/users/" + itoa(boss.ID)
	a := s.Post(t, self+"/deactivation")
	status(t, "oneself", a, http.StatusConflict)
	if a.Find("#errors").Length() != 1 {
		t.Error("nothing says why")
	}
	a = s.PostForm(t, self, url.Values{"version": {"1"}, "name": {"Boss"}, "roles": {role(t, s, "planning")}})
	status(t, "the last administrator", a, http.StatusUnprocessableEntity)

	u, err := accounts.Create(t.Context(), s.Store, "lea@example.org", "Lea", handlertest.Password, "planning")
	if err != nil {
		t.Fatal(err)
	}
	lea := itoa(u.ID)
	if q := s.Get(t, "/admin/users/"+lea+"/deactivation"); q.Status != http.StatusOK || q.Find("form[action='/admin/users/"+lea+"/deactivation']").Length() != 1 {
		t.Errorf("asking: %d", q.Status)
	}
	status(t, "deactivating", s.Post(t, "/admin/users/"+lea+"/deactivation"), http.StatusSeeOther)
	a = s.Get(t, "/admin/users/"+lea)
	want(t, "deactivated", a.Texts(".k-pagehead .k-state"), []string{"Deaktiviert"})
	if a.Find("form[action='/admin/users/"+lea+"/reactivation']").Length() != 1 {
		t.Error("the account cannot be reactivated")
	}
	if err := accounts.SetLicence(t.Context(), s.Store, 1); err != nil {
		t.Fatal(err)
	}
	want(t, "the licence", s.Get(t, "/admin/users").Texts("#licence span"), []string{"Lizenz", "1 von 1 Person"})
	a = s.Post(t, "/admin/users/"+lea+"/reactivation")
	status(t, "beyond the licence", a, http.StatusConflict)
	a = s.Post(t, "/admin/users", "name", "N", "email", "n@example.org", "locale", "de", "roles", role(t, s, "planning"))
	status(t, "inviting beyond it", a, http.StatusUnprocessableEntity)
	if !strings.Contains(a.Find("#errors").Text(), "Lizenz") {
		t.Errorf("%v", a.Texts("#errors"))
	}
	if err := accounts.SetLicence(t.Context(), s.Store, 2); err != nil {
		t.Fatal(err)
	}
	status(t, "reactivating", s.Post(t, "/admin/users/"+lea+"/reactivation"), http.StatusSeeOther)
}

// Whoever may only look sees no button, and whoever may manage accounts cannot touch those who may do more.
func TestAccountsShowWhatOneMayDo(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	boss := s.SignIn(t)
	page := "/admin/users/" + itoa(boss.ID)
	give := func(permissions ...string) {
		t.Helper()
		id, err := accounts.SaveRole(t.Context(), s.Store, 0, accounts.RoleInput{Name: strings.Join(permissions, ", "), Reach: accounts.ReachAll, Permissions: permissions})
		if err != nil {
			t.Fatal(err)
		}
		u := s.SignInAs(t)
		if err := accounts.SaveUser(t.Context(), s.Store, u.ID, accounts.UserInput{Version: "1", Name: u.Name, Roles: []string{itoa(id)}}); err != nil {
			t.Fatal(err)
		}
	}
	give("accounts.read")
	a := s.Get(t, "/admin/users")
	if a.Find("a[href='/admin/users/new'], a[href='/admin/support-access']").Length() != 0 {
		t.Error("a reader is offered to invite")
	}
	if a := s.Get(t, page); a.Status != http.StatusOK || a.Find("main form").Length() != 0 {
		t.Errorf("a reader is offered to change: %d", a.Status)
	}
	give("accounts.write")
	if a := s.Get(t, page); a.Find("main form").Length() != 0 || a.Find(".k-notice").Length() != 1 {
		t.Error("the form of somebody who may do more is shown")
	}
	status(t, "deactivating somebody who may do more", s.Post(t, page+"/deactivation"), http.StatusConflict)
	if a := s.Get(t, "/admin/users/new"); a.Find("input[name=roles]").Length() != 2 {
		t.Errorf("%v are offered", a.Texts("main .k-choice"))
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a := o.Get(t, "/admin/roles")
	status(t, "the matrix", a, http.StatusOK)
	want(t, "columns", a.Texts(".k-matrix thead th"), []string{"Recht", "Verwaltung", "Buchhaltung", "Programmplanung", "Anmeldung", "Kursleitung", "Nur lesen"})
	if n := a.Find(".k-matrix tbody tr:not(.k-matrix-area)").Length(); n != 3+len(accounts.Permissions) {
		t.Errorf("%d rows", n)
	}
	a = o.Get(t, "/admin/roles/new?from="+role(t, o.Site, "planning"))
	fields := a.Fields("form.k-form")
	if fields.Get("name") != "Kopie von Programmplanung" || len(fields["permissions"]) != 10 {
		t.Errorf("the copy: %v", fields)
	}
	fields.Set("name", "Programm <Süd>")
	fields.Set("reach", accounts.ReachCategories)
	a = o.PostForm(t, "/admin/roles", fields)
	status(t, "no category", a, http.StatusUnprocessableEntity)
	if a.Find("#f-categories[aria-invalid]").Length() != 1 || a.Fields("form.k-form").Get("name") != "Programm <Süd>" {
		t.Errorf("%v", a.Texts("#errors"))
	}
	fields.Set("categories", itoa(o.category))
	status(t, "creating", o.PostForm(t, "/admin/roles", fields), http.StatusSeeOther)
	a = o.Get(t, "/admin/roles")
	link := a.Find(".k-matrix thead th a").Last()
	want(t, "reach", a.Texts(".k-matrix tbody:nth-of-type(1) tr:first-child td:last-child"), []string{"Sprachen"})
	made := strings.TrimPrefix(link.AttrOr("href", ""), "/admin/roles/")
	path := "/admin/roles/" + made
	if link.Text() != "Programm <Süd>" {
		t.Fatalf("%q", link.Text())
	}
	fields = o.Get(t, path).Fields("form.k-form")
	stale := url.Values{"version": fields["version"], "name": {"Anders"}, "reach": {"all"}}
	fields["permissions"] = []string{"bookings.read"}
	status(t, "saving", o.PostForm(t, path, fields), http.StatusSeeOther)
	a = o.PostForm(t, path, stale)
	status(t, "a second editor", a, http.StatusConflict)
	if !strings.Contains(a.Find(".k-notice").Text(), "Bestimmte Fachbereiche") {
		t.Errorf("%s", a.Find(".k-notice").Text())
	}
	if !strings.Contains(strings.Join(a.Texts(".k-timeline"), ""), "Recht entfernt: Kurse löschen") {
		t.Errorf("%v", a.Texts(".k-timeline"))
	}
	status(t, "asking to delete", o.Get(t, "/admin/roles/"+made+"/deletion"), http.StatusOK)
	status(t, "deleting", o.Post(t, "/admin/roles/"+made+"/deletion?version=2"), http.StatusSeeOther)

	fixed := "/admin/roles/" + role(t, o.Site, accounts.Administration)
	a = o.Get(t, fixed)
	if a.Find("main form").Length() != 0 || a.Find("fieldset[disabled] input[name=permissions][checked]").Length() != len(accounts.Permissions) {
		t.Error("the administration can be changed")
	}
	status(t, "changing the administration", o.PostForm(t, fixed, url.Values{"version": {"1"}, "reach": {"all"}}), http.StatusUnprocessableEntity)
	status(t, "deleting a role in use", o.Post(t, fixed+"/deletion?version=1"), http.StatusUnprocessableEntity)
}

func TestSupportAccess(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	if a := s.Get(t, "/admin/support-access"); a.Find(".k-empty").Length() != 1 {
		t.Error("the empty list says nothing")
	}
	fields := s.Get(t, "/admin/support-access/new").Fields("form.k-form")
	fields.Set("name", "Sam Support")
	fields.Set("email", "sam@kurso.example")
	fields.Set("roles", role(t, s, "read_only"))
	a := s.PostForm(t, "/admin/support-access", fields)
	status(t, "no reason", a, http.StatusUnprocessableEntity)
	fields.Set("reason", "Der Import hängt")
	status(t, "granting", s.PostForm(t, "/admin/support-access", fields), http.StatusSeeOther)
	a = s.Get(t, "/admin")
	want(t, "the banner", a.Texts(".k-banner p"), []string{"Supportzugang aktiv: Sam Support, bis 24.11.2026, 12:00 Uhr Verwalten"})
	if a.Find(".k-banner a[href='/admin/support-access']").Length() != 1 {
		t.Error("the banner leads nowhere")
	}
	end := s.Get(t, "/admin/support-access").Find("main a[href$='/end']").AttrOr("href", "")
	if a := s.Get(t, end); a.Status != http.StatusOK || a.Find("form[action='"+end+"']").Length() != 1 {
		t.Errorf("asking at %q: %d", end, a.Status)
	}
	boss := s.Client
	s.SignInAs(t, "read_only")
	if a := s.Get(t, "/admin"); a.Find(".k-banner").Length() != 1 || a.Find(".k-banner a").Length() != 0 {
		t.Error("the banner is not for everybody, or leads those on who may not")
	}
	s.Client = boss
	s.SignIn(t)
	status(t, "ending at /admin/support-access/:id/end", s.Post(t, end), http.StatusSeeOther)
	a = s.Get(t, "/admin/support-access")
	want(t, "the list", a.Texts("main .k-state"), []string{"Beendet"})
	if a.Find(".k-banner").Length() != 0 {
		t.Error("the banner stays")
	}
}

// What support does can be told from what staff does.
func TestHistoriesNameSupport(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	_, err := accounts.GrantSupport(t.Context(), s.Store, accounts.SupportInput{Name: "Sam", Email: "sam@kurso.example", Locale: "de", Reason: "R",
		Until: s.Now().Add(48 * time.Hour).Format("2006-01-02T15:04"), Roles: []string{role(t, s, accounts.Administration)}})
	if err != nil {
		t.Fatal(err)
	}
	var user int64
	if err := s.NewRaw("SELECT id FROM users WHERE kind = 'support'").Scan(t.Context(), &user); err != nil {
		t.Fatal(err)
	}
	link, err := accounts.OpenInvitation(t.Context(), s.Store, user)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.AcceptInvitation(t.Context(), s.Store, link.Secret(s.Keys), "Sam", handlertest.Password); err != nil {
		t.Fatal(err)
	}
	status(t, "signing in as support", s.Post(t, "/admin/session", "email", "sam@kurso.example", "password", handlertest.Password), http.StatusSeeOther)
	status(t, "changing as support", s.Post(t, "/admin/categories", "name", "Neu", "code", "9"), http.StatusSeeOther)
	category := s.Get(t, "/admin/categories").Find("a[data-row]").AttrOr("href", "")
	if by := s.Get(t, category).Find(".k-timeline .k-sub").Text(); !strings.Contains(by, "Sam (Support)") {
		t.Errorf("done by %q", by)
	}
	s.Clock.Advance(49 * time.Hour)
	if a := s.Get(t, "/admin"); a.Status != http.StatusSeeOther {
		t.Errorf("after its end support gets %d", a.Status)
	}
}
