package handlers_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp/totp"

	"kurso/handlers/handlertest"
	"kurso/models/accounts"
	"kurso/models/modeltest"
	"kurso/models/store"
)

const newPassword = "vier ganz lose Worte"

// run does what the job for requested resets does.
func run(t *testing.T, s *handlertest.Site) {
	t.Helper()
	var ids []int64
	if err := s.NewRaw("SELECT id FROM reset_requests").Scan(t.Context(), &ids); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if err := accounts.AnswerReset(t.Context(), s.Store, id); err != nil {
			t.Fatal(err)
		}
	}
}

// link is what the newest link of a purpose carries.
func link(t *testing.T, s *handlertest.Site, u *accounts.User, purpose string) string {
	t.Helper()
	var id int64
	if err := s.NewRaw("SELECT max(id) FROM account_tokens WHERE user_id = ? AND purpose = ?", u.ID, purpose).Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	token, err := accounts.LoadToken(t.Context(), s.Store, id)
	if err != nil {
		t.Fatal(err)
	}
	return token.Secret(s.Keys)
}

func said(a *handlertest.Answer) string { return strings.Join(a.Texts("#flash [data-flash] p"), " ") }

func TestProfile(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	u := s.SignIn(t)
	page := s.Get(t, "/admin/account")
	if page.Status != http.StatusOK || page.Find("input[name=name]").AttrOr("value", "") != u.Name || page.Find("a[href='/admin/account']").Length() == 0 {
		t.Fatalf("%d", page.Status)
	}
	if a := s.Post(t, "/admin/account", "name", " ", "locale", "fr"); a.Status != http.StatusUnprocessableEntity || a.Find("#errors li").Length() != 2 {
		t.Errorf("nothing: %d %v", a.Status, a.Texts("#errors li"))
	}
	if a := s.Post(t, "/admin/account", "name", "Erika  Neu", "locale", "en"); a.Status != http.StatusSeeOther {
		t.Fatalf("%d", a.Status)
	}
	page = s.Get(t, "/admin/account")
	if page.Find("input[name=name]").AttrOr("value", "") != "Erika Neu" || page.Find("html").AttrOr("lang", "") != "en" || said(page) != "Saved." {
		t.Errorf("%s %q", page.Find("input[name=name]").AttrOr("value", ""), said(page))
	}
}

func TestPasswordPage(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	u := s.SignIn(t)
	other := s.Another(t, "Mozilla/5.0 (iPhone) Mobile Safari")
	other.Enter(t, u)
	const path = "/admin/account/password"
	if a := s.Get(t, path); a.Status != http.StatusOK || a.Find("input[autocomplete=new-password]").Length() != 1 {
		t.Errorf("%d", a.Status)
	}
	a := s.Post(t, path, "current", "wrong", "new", "password")
	if a.Status != http.StatusUnprocessableEntity || a.Find("#f-current-error").Length() != 1 || a.Find("#f-new-error").Length() != 1 || strings.Contains(a.Body, `value="password"`) {
		t.Errorf("%d %v", a.Status, a.Texts("#errors li"))
	}
	if a := s.Post(t, path, "current", handlertest.Password, "new", newPassword); a.Status != http.StatusSeeOther || a.Location() != "/admin/account" {
		t.Errorf("%d %s", a.Status, a.Location())
	}
	if a := s.Get(t, "/admin/account"); a.Status != http.StatusOK {
		t.Errorf("here: %d", a.Status)
	}
	a = other.Get(t, "/admin")
	if a.Status != http.StatusSeeOther || !strings.Contains(other.Get(t, a.Location()).Find("#ended").Text(), "Passwort dieses Kontos wurde geändert") {
		t.Errorf("elsewhere: %d", a.Status)
	}
}

// What is typed survives the question who is there.
func TestEmailPages(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	u := s.SignIn(t)
	const path = "/admin/account/email"
	if a := s.Get(t, path); a.Status != http.StatusOK {
		t.Fatalf("fresh from signing in: %d", a.Status)
	}
	s.Clock.Advance(accounts.ConfirmedFor)
	if a := s.Get(t, path); a.Status != http.StatusSeeOther || a.Location() != "/admin/session/confirmation?next=%2Fadmin%2Faccount%2Femail" {
		t.Errorf("later: %d %s", a.Status, a.Location())
	}
	a := s.Post(t, path, "email", "neu@example.org")
	if a.Status != http.StatusUnprocessableEntity || a.Find("input[name=email]").AttrOr("value", "") != "neu@example.org" {
		t.Fatalf("the change asks: %d", a.Status)
	}
	form := a.Fields("form.k-form")
	form.Set("confirm_password", "wrong")
	if a = s.PostForm(t, path, form); a.Status != http.StatusUnprocessableEntity || a.Find("#f-confirm_password-error").Length() != 1 || len(a.Fields("form.k-form")["email"]) != 1 {
		t.Errorf("a wrong answer: %d", a.Status)
	}
	form.Set("confirm_password", handlertest.Password)
	if a = s.PostForm(t, path, form); a.Status != http.StatusSeeOther {
		t.Fatalf("the right answer: %d %s", a.Status, a.Body)
	}
	if a := s.Get(t, "/admin/account"); !strings.Contains(a.Find("main").Text(), "neu@example.org wartet") {
		t.Error("the change is not shown")
	}
	if a := s.Post(t, path, "email", "nonsense"); a.Status != http.StatusUnprocessableEntity || a.Find("#f-email-error").Length() != 1 {
		t.Errorf("no address: %d", a.Status)
	}
	stranger := s.Another(t, "")
	confirm := func(purpose, says string) {
		path := "/admin/session/email/" + link(t, s, u, purpose)
		for range 2 { // mail scanners open links
			if a := stranger.Get(t, path); a.Status != http.StatusOK || a.Find("main form[method=post] button").Length() != 1 {
				t.Errorf("%s: %d", purpose, a.Status)
			}
		}
		if a := stranger.Post(t, path); a.Status != http.StatusOK || !strings.Contains(a.Find("#confirmed").Text(), says) {
			t.Errorf("%s: %d %s", purpose, a.Status, a.Find("#confirmed").Text())
		}
		if a := stranger.Post(t, path); a.Status != http.StatusGone {
			t.Errorf("%s twice: %d", purpose, a.Status)
		}
	}
	confirm(accounts.EmailNew, "andere Adresse")
	confirm(accounts.EmailOld, "Ihre neue Adresse gilt")
	if a := s.Get(t, "/admin/account"); !strings.Contains(a.Find("main").Text(), "neu@example.org") || strings.Contains(a.Find("main .k-things").Text(), u.Email) {
		t.Error("the address is the old one")
	}
	if a := stranger.Get(t, "/admin/session/email/made-up"); a.Status != http.StatusNotFound {
		t.Errorf("a made-up link: %d", a.Status)
	}
	s.Post(t, path, "email", "anders@example.org")
	if a := s.Post(t, "/admin/account/email/cancellation"); a.Status != http.StatusSeeOther {
		t.Errorf("dropping: %d", a.Status)
	}
	if a := s.Get(t, "/admin/account"); strings.Contains(a.Find("main .k-things").Text(), "anders@example.org") {
		t.Error("a dropped change is shown")
	}
}

// addApp sets up an authenticator app through the pages; it returns the key and the recovery codes.
func addApp(t *testing.T, s *handlertest.Site) (key string, recovery []string) {
	t.Helper()
	const path = "/admin/account/authenticator"
	page := s.Get(t, path)
	if src := page.Find("img.k-qr").AttrOr("src", ""); page.Status != http.StatusOK || !strings.HasPrefix(src, "data:image/png;base64,") {
		t.Fatalf("%d %s", page.Status, src)
	}
	key = strings.ReplaceAll(page.Find("#key").Text(), " ", "")
	form := page.Fields("form.k-form")
	form.Set("code", "000000")
	page = s.PostForm(t, path, form)
	if page.Status != http.StatusUnprocessableEntity || strings.ReplaceAll(page.Find("#key").Text(), " ", "") != key {
		t.Fatalf("a wrong code: %d", page.Status)
	}
	form.Set("code", code(t, s, key))
	page = s.PostForm(t, path, form)
	if page.Status != http.StatusOK {
		t.Fatalf("the right code: %d", page.Status)
	}
	return key, page.Texts("#codes li")
}

func code(t *testing.T, s *handlertest.Site, key string) string {
	t.Helper()
	c, err := totp.GenerateCode(key, s.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAuthenticatorPages(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	u := s.SignIn(t)
	key, recovery := addApp(t, s)
	if len(recovery) != accounts.RecoveryCodes {
		t.Fatalf("%v", recovery)
	}
	if a := s.Get(t, "/admin/account"); strings.Contains(a.Body, recovery[0]) || !strings.Contains(a.Find("main").Text(), "Noch 10 Codes") {
		t.Error("the codes are shown again, or not counted")
	}
	if a := s.Post(t, "/admin/account/authenticator", "state", "forged", "code", code(t, s, key)); a.Status != http.StatusSeeOther {
		t.Errorf("a forged key: %d", a.Status)
	}

	s.Post(t, "/admin/session/end")
	const second = "/admin/session/second-factor"
	if a := s.Get(t, second); a.Status != http.StatusSeeOther || a.Location() != "/admin/session" {
		t.Errorf("without a password: %d %s", a.Status, a.Location())
	}
	password := func() {
		a := s.Post(t, "/admin/session", "email", u.Email, "password", handlertest.Password, "next", "/admin/courses")
		if a.Status != http.StatusSeeOther || a.Location() != second {
			t.Fatalf("the password: %d %s", a.Status, a.Location())
		}
	}
	password()
	if a := s.Get(t, "/admin"); a.Status != http.StatusSeeOther {
		t.Errorf("the password alone opens the office: %d", a.Status)
	}
	if a := s.Get(t, second); a.Status != http.StatusOK || a.Find("input[autocomplete=one-time-code]").Length() != 1 {
		t.Errorf("%d", a.Status)
	}
	if a := s.Post(t, second, "code", "123456"); a.Status != http.StatusUnprocessableEntity || a.Find("#f-code-error").Length() != 1 {
		t.Errorf("a wrong code: %d", a.Status)
	}
	s.Clock.Advance(time.Minute)
	right := code(t, s, key)
	if a := s.Post(t, second, "code", right); a.Status != http.StatusSeeOther || a.Location() != "/admin/courses" {
		t.Fatalf("the right code: %d %s", a.Status, a.Location())
	}
	s.Post(t, "/admin/session/end")
	password()
	if a := s.Post(t, second, "code", right); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("the code again: %d", a.Status)
	}
	if a := s.Post(t, second, "code", recovery[0]); a.Status != http.StatusSeeOther {
		t.Errorf("a recovery code: %d", a.Status)
	}
	s.Post(t, "/admin/session/end")
	password()
	if a := s.Post(t, second, "code", recovery[0]); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a recovery code again: %d", a.Status)
	}
	s.Clock.Advance(11 * time.Minute)
	if a := s.Post(t, second, "code", code(t, s, key)); a.Status != http.StatusSeeOther || a.Location() != "/admin/session" {
		t.Errorf("eleven minutes after the password: %d %s", a.Status, a.Location())
	}

	password()
	s.Post(t, second, "code", code(t, s, key))
	if a := s.Get(t, "/admin/account/recovery-codes"); a.Status != http.StatusOK || a.Find("main form[method=post]").Length() != 1 {
		t.Errorf("asking for new codes: %d", a.Status)
	}
	if a := s.Post(t, "/admin/account/recovery-codes"); a.Status != http.StatusOK || len(a.Texts("#codes li")) != 10 || a.Texts("#codes li")[0] == recovery[0] {
		t.Errorf("new codes: %d", a.Status)
	}
	if a := s.Get(t, "/admin/account/authenticator/removal"); a.Status != http.StatusOK {
		t.Errorf("asking: %d", a.Status)
	}
	if a := s.Post(t, "/admin/account/authenticator/removal"); a.Status != http.StatusSeeOther {
		t.Errorf("removing: %d", a.Status)
	}
	s.Post(t, "/admin/session/end")
	s.Enter(t, u)
	if a := s.Get(t, "/admin"); a.Status != http.StatusOK {
		t.Errorf("afterwards the password is enough: %d", a.Status)
	}
}

// A code confirms, too, where the question is asked again.
func TestConfirmingByCode(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	key, _ := addApp(t, s)
	s.Clock.Advance(accounts.ConfirmedFor)
	if a := s.Post(t, "/admin/session/confirmation", "next", "/admin/account", "confirm_code", code(t, s, key)); a.Status != http.StatusSeeOther {
		t.Errorf("%d", a.Status)
	}
}

func TestResetPages(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	u := s.SignIn(t)
	key, _ := addApp(t, s)
	visitor := s.Another(t, firefox)
	const path = "/admin/session/password"
	if a := visitor.Get(t, path); a.Status != http.StatusOK {
		t.Fatalf("%d", a.Status)
	}
	if a := visitor.Post(t, path, "email", "nonsense"); a.Status != http.StatusUnprocessableEntity || a.Find("input[name=email]").AttrOr("value", "") != "nonsense" {
		t.Errorf("no address: %d", a.Status)
	}
	known, unknown := visitor.Post(t, path, "email", u.Email), visitor.Post(t, path, "email", "nobody@example.org")
	if known.Status != http.StatusOK || unknown.Status != known.Status || strings.ReplaceAll(known.Body, u.Email, "nobody@example.org") != unknown.Body {
		t.Error("the answer tells who has an account")
	}
	run(t, s)
	page := "/admin/session/password/" + link(t, s, u, accounts.PasswordReset)
	for range 2 {
		if a := visitor.Get(t, page); a.Status != http.StatusOK || a.Find("input[name=new]").Length() != 1 {
			t.Errorf("the link: %d", a.Status)
		}
	}
	if a := visitor.Post(t, page, "new", "short"); a.Status != http.StatusUnprocessableEntity || a.Find("#f-new-error").Length() != 1 {
		t.Errorf("a short password: %d", a.Status)
	}
	if a := visitor.Post(t, page, "new", newPassword); a.Status != http.StatusSeeOther || a.Location() != "/admin/session" {
		t.Fatalf("%d %s", a.Status, a.Location())
	}
	if a := visitor.Get(t, "/admin/session"); !strings.Contains(a.Find("#said").Text(), "neues Passwort gilt") {
		t.Error("nobody says that it worked")
	}
	if a := visitor.Post(t, page, "new", newPassword+"!"); a.Status != http.StatusGone {
		t.Errorf("the link again: %d", a.Status)
	}
	if a := visitor.Get(t, path+"/made-up"); a.Status != http.StatusNotFound {
		t.Errorf("a made-up link: %d", a.Status)
	}
	if a := s.Get(t, "/admin"); a.Status != http.StatusSeeOther {
		t.Errorf("the earlier sign-in goes on: %d", a.Status)
	}

	// a reset opens nothing by itself, and the second factor is asked as ever
	if a := visitor.Get(t, "/admin"); a.Status != http.StatusSeeOther {
		t.Errorf("the reset signs in: %d", a.Status)
	}
	a := visitor.Post(t, "/admin/session", "email", u.Email, "password", newPassword)
	if a.Location() != "/admin/session/second-factor" || visitor.Get(t, "/admin").Status != http.StatusSeeOther {
		t.Errorf("the reset skips the second factor: %s", a.Location())
	}
	s.Clock.Advance(time.Minute)
	if a := visitor.Post(t, "/admin/session/second-factor", "code", code(t, s, key)); a.Status != http.StatusSeeOther || visitor.Get(t, "/admin").Status != http.StatusOK {
		t.Errorf("with it: %d", a.Status)
	}
}

// Between password and second factor, a new password makes the old one worth nothing.
func TestAPasswordThatWasReplacedMeanwhile(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	u := s.SignIn(t)
	key, _ := addApp(t, s)
	thief := s.Another(t, firefox)
	thief.Post(t, "/admin/session", "email", u.Email, "password", handlertest.Password)
	s.Clock.Advance(time.Minute)
	if a := s.Post(t, "/admin/account/password", "current", handlertest.Password, "new", newPassword); a.Status != http.StatusSeeOther {
		t.Fatal(a.Status)
	}
	if a := thief.Post(t, "/admin/session/second-factor", "code", code(t, s, key)); a.Location() != "/admin/session" {
		t.Errorf("%d %s", a.Status, a.Location())
	}
}

func TestARoleDemandsASecondFactor(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignInAs(t, accounts.Administration)
	s.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE roles SET second_factor = true WHERE key = ?", accounts.Administration).Exec(ctx)
		return err
	})
	for _, path := range []string{"/admin", "/admin/courses", "/admin/account/email"} {
		if a := s.Get(t, path); a.Status != http.StatusSeeOther || a.Location() != "/admin/account" {
			t.Errorf("%s: %d %s", path, a.Status, a.Location())
		}
	}
	if a := s.Post(t, "/admin/courses", "name", "x"); a.Status != http.StatusSeeOther || a.Location() != "/admin/account" {
		t.Errorf("a change: %d %s", a.Status, a.Location())
	}
	if a := s.Get(t, "/admin/account"); a.Status != http.StatusOK || a.Find("#demanded").Length() != 1 {
		t.Errorf("the account: %d", a.Status)
	}
	addApp(t, s)
	if a := s.Get(t, "/admin/courses?all=1"); a.Status != http.StatusOK {
		t.Errorf("afterwards: %d", a.Status)
	}
	if a := s.Post(t, "/admin/account/authenticator/removal"); a.Status != http.StatusConflict {
		t.Errorf("removing it again: %d", a.Status)
	}
}

func TestPasskeyPages(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	u := s.SignIn(t)
	if a := s.Get(t, "/admin/account/passkeys/new"); a.Status != http.StatusNotFound {
		t.Errorf("at an address without a name: %d", a.Status)
	}
	s.Config.PublicURL = strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	rp := virtualwebauthn.RelyingParty{ID: "localhost", Name: "Kurso", Origin: s.Config.PublicURL}

	page := s.Get(t, "/admin/account/passkeys/new")
	form := page.Fields("form[data-passkey=create]")
	made, err := virtualwebauthn.ParseAttestationOptions(page.Find("form[data-passkey]").AttrOr("data-options", ""))
	if err != nil || page.Find("form[data-passkey][hidden]").Length() != 1 {
		t.Fatal(err)
	}
	device := virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(made.UserID)})
	key := modeltest.MustCreatePasskey(t)
	if a := s.PostForm(t, "/admin/account/passkeys", form); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("without an answer: %d", a.Status)
	}
	page = s.Get(t, "/admin/account/passkeys/new")
	form = page.Fields("form[data-passkey=create]")
	if made, err = virtualwebauthn.ParseAttestationOptions(page.Find("form[data-passkey]").AttrOr("data-options", "")); err != nil {
		t.Fatal(err)
	}
	form.Set("name", "Mein Laptop")
	form.Set("passkey.answer", virtualwebauthn.CreateAttestationResponse(rp, device, key, *made))
	if a := s.PostForm(t, "/admin/account/passkeys", form); a.Status != http.StatusOK || len(a.Texts("#codes li")) != 10 {
		t.Fatalf("adding: %d %v", a.Status, a.Texts("#errors"))
	}
	device.AddCredential(key)
	show := func(page *handlertest.Answer, field string) url.Values {
		t.Helper()
		form := page.Fields("form[data-passkey=get]")
		asked, err := virtualwebauthn.ParseAssertionOptions(page.Find("form[data-passkey=get]").AttrOr("data-options", ""))
		if err != nil {
			t.Fatal(err)
		}
		key.Counter++
		form.Set(field+".answer", virtualwebauthn.CreateAssertionResponse(rp, device, key, *asked))
		return form
	}

	// the passkey alone
	s.Post(t, "/admin/session/end")
	page = s.Get(t, "/admin/session?next=/admin/courses")
	if a := s.PostForm(t, "/admin/session/passkey", show(page, "passkey")); a.Status != http.StatusSeeOther || a.Location() != "/admin/courses" {
		t.Fatalf("signing in: %d %s %v", a.Status, a.Location(), a.Texts("#errors"))
	}
	if a := s.Post(t, "/admin/session/passkey", "passkey.state", "x", "passkey.answer", "{}"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a forged answer: %d", a.Status)
	}
	// after the password
	s.Post(t, "/admin/session/end")
	s.Post(t, "/admin/session", "email", u.Email, "password", handlertest.Password)
	page = s.Get(t, "/admin/session/second-factor")
	if a := s.PostForm(t, "/admin/session/second-factor", show(page, "passkey")); a.Status != http.StatusSeeOther || a.Location() != "/admin" {
		t.Fatalf("as the second factor: %d %s", a.Status, a.Location())
	}
	// where the question is asked again
	s.Clock.Advance(accounts.ConfirmedFor)
	page = s.Get(t, "/admin/session/confirmation?next=/admin/account/email")
	if a := s.PostForm(t, "/admin/session/confirmation", show(page, "confirm_passkey")); a.Status != http.StatusSeeOther || a.Location() != "/admin/account/email" {
		t.Errorf("confirming: %d %s", a.Status, a.Location())
	}

	page = s.Get(t, "/admin/account")
	removal := page.Find("a[href^='/admin/account/passkeys/'][href$='/removal']").AttrOr("href", "")
	if a := s.Get(t, removal); a.Status != http.StatusOK || !strings.Contains(a.Find("h1").Text(), "Mein Laptop") {
		t.Errorf("asking: %d", a.Status)
	}
	if a := s.Get(t, "/admin/account/passkeys/4711/removal"); a.Status != http.StatusNotFound {
		t.Errorf("asking about somebody else's: %d", a.Status)
	}
	if a := s.Post(t, "/admin/account/passkeys/4711/removal"); a.Status != http.StatusNotFound {
		t.Errorf("removing somebody else's: %d", a.Status)
	}
	if a := s.Post(t, removal); a.Status != http.StatusSeeOther {
		t.Errorf("removing: %d", a.Status)
	}
}

func TestDevices(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	u := s.SignIn(t)
	mobile := s.Another(t, "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36")
	mobile.Enter(t, u)
	page := s.Get(t, "/admin/account")
	end := page.Find("form[action^='/admin/account/devices/'][action$='/end']:not([action='/admin/account/devices/end'])")
	if end.Length() != 1 || !strings.Contains(page.Find("main").Text(), "Chrome 142, Android") || strings.Count(page.Find("main").Text(), "Dieses Gerät") != 1 {
		t.Fatalf("%d devices to end: %s", end.Length(), page.Find("main").Text())
	}
	if a := s.Post(t, end.AttrOr("action", "")); a.Status != http.StatusSeeOther {
		t.Errorf("%d", a.Status)
	}
	if a := mobile.Get(t, "/admin"); a.Status != http.StatusSeeOther || !strings.Contains(mobile.Get(t, a.Location()).Find("#ended").Text(), "auf einem anderen Ihrer Geräte beendet") {
		t.Errorf("the phone: %d", a.Status)
	}
	if a := s.Post(t, "/admin/account/devices/4711/end"); a.Status != http.StatusNotFound {
		t.Errorf("somebody else's: %d", a.Status)
	}
	mobile.Enter(t, u)
	s.Post(t, "/admin/account/devices/end")
	if here, there := s.Get(t, "/admin"), mobile.Get(t, "/admin"); here.Status != http.StatusOK || there.Status != http.StatusSeeOther {
		t.Errorf("here %d, there %d", here.Status, there.Status)
	}
}

// Administrators see signs of sharing, and deactivate the account with two clicks.
func TestSharing(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	if a := s.Get(t, "/admin/sharing"); a.Status != http.StatusOK || a.Find(".k-empty").Length() != 1 {
		t.Fatalf("%d", a.Status)
	}
	one := s.Another(t, firefox)
	u := one.SignInAs(t, "planning")
	for range 3 {
		s.Another(t, firefox).Enter(t, u)
	}
	page := s.Get(t, "/admin/sharing")
	if !strings.Contains(page.Find("tbody").Text(), u.Email) || !strings.Contains(page.Find("tbody").Text(), "wechseln sich schnell ab") {
		t.Fatal(page.Find("tbody").Text())
	}
	if n := strings.Count(page.Find("tbody").Text(), "127.0.0.1"); n != 1 {
		t.Errorf("one network is named %d times", n)
	}
	question := s.Get(t, page.Find("tbody a.btn").AttrOr("href", ""))
	if question.Status != http.StatusOK || !strings.Contains(question.Find("h1").Text(), u.Name) {
		t.Fatalf("the question: %d", question.Status)
	}
	if a := s.Post(t, question.Find("form[action$='/deactivation']").AttrOr("action", "")); a.Status != http.StatusSeeOther {
		t.Errorf("%d", a.Status)
	}
	if page = s.Get(t, "/admin/sharing"); page.Find("tbody a.btn").Length() != 0 || !strings.Contains(page.Find("tbody").Text(), "Deaktiviert") {
		t.Error("a deactivated account can be deactivated")
	}
}

// No other site's page can do any of this in the name of somebody who is signed in.
func TestForeignPagesCannotChangeAccounts(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	for _, r := range s.Handler.Routes() {
		if r.Method != http.MethodPost || !strings.HasPrefix(r.Path, "/admin/account") && !strings.HasPrefix(r.Path, "/admin/session") {
			continue
		}
		for _, header := range [][]string{{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}} {
			if a := s.Do(t, r.Method, parameter.ReplaceAllString(r.Path, "1"), url.Values{"name": {"x"}}, header...); a.Status != http.StatusForbidden {
				t.Errorf("%s %v: %d", r.Path, header, a.Status)
			}
		}
	}
}
