package handlers_test

import (
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"

	"kurso/handlers/browsertest"
	"kurso/handlers/handlertest"
	"kurso/models/accounts"
)

// A real browser makes a passkey, signs in with it alone, and with password and app.
func TestPasskeyAndAppInABrowser(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	u := s.SignIn(t)
	s.Post(t, "/admin/session/end")
	// passkeys need a name and a safe place: localhost is both
	s.Config.PublicURL = strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
	page := browsertest.Page(t, browsertest.Open(t), s.Config.PublicURL+"/admin/session", 1280)
	if err := (proto.WebAuthnEnable{}).Call(page); err != nil {
		t.Fatal(err)
	}
	_, err := proto.WebAuthnAddVirtualAuthenticator{Options: &proto.WebAuthnVirtualAuthenticatorOptions{
		Protocol: proto.WebAuthnAuthenticatorProtocolCtap2, Transport: proto.WebAuthnAuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}}.Call(page)
	if err != nil {
		t.Fatal(err)
	}
	open := func(path, selector string) {
		t.Helper()
		if err := page.Navigate(s.Config.PublicURL + path); err != nil {
			t.Fatal(err)
		}
		browsertest.Find(t, page, selector)
	}
	browsertest.Axe(t, page)
	signIn := func(selector string) {
		t.Helper()
		browsertest.Fill(t, page, "#f-email", u.Email)
		browsertest.Fill(t, page, "#f-password", handlertest.Password)
		browsertest.Click(t, page, "form[action='/admin/session'] [type=submit]")
		browsertest.Find(t, page, selector)
	}
	signOut := func() {
		t.Helper()
		open("/admin/account", ".k-things")
		browsertest.Axe(t, page)
		if _, err := page.Eval(`() => document.querySelector("form[action='/admin/session/end']").submit()`); err != nil {
			t.Fatal(err)
		}
		browsertest.Find(t, page, "form[data-passkey=get]:not([hidden])")
	}
	signIn("main.k-main")

	open("/admin/account/passkeys/new", "form[data-passkey=create]:not([hidden])")
	browsertest.Axe(t, page)
	browsertest.Click(t, page, "form[data-passkey] [type=submit]")
	browsertest.Find(t, page, "#codes li")
	browsertest.Axe(t, page)
	signOut()
	browsertest.Click(t, page, "form[data-passkey=get] [type=submit]")
	browsertest.Find(t, page, "main.k-main")

	open("/admin/account/authenticator", "img.k-qr")
	browsertest.Axe(t, page)
	key := strings.ReplaceAll(text(t, page, "#key"), " ", "")
	browsertest.Fill(t, page, "#f-code", code(t, s, key))
	browsertest.Click(t, page, ".k-savebar [type=submit]")
	browsertest.Find(t, page, ".k-things")
	signOut()
	signIn("#f-code")
	browsertest.Axe(t, page)
	s.Clock.Advance(time.Minute)
	browsertest.Fill(t, page, "#f-code", code(t, s, key))
	browsertest.Click(t, page, "form[action='/admin/session/second-factor']:not([data-passkey]) [type=submit]")
	browsertest.Find(t, page, "main.k-main")

	account, err := accounts.LoadAccount(t.Context(), s.Store, u.ID)
	if err != nil || account.Authenticator == nil || len(account.Passkeys) != 1 || account.Passkeys[0].LastUsedAt == nil {
		t.Errorf("%+v, %v", account, err)
	}
}

func text(t *testing.T, page *rod.Page, selector string) string {
	t.Helper()
	s, err := browsertest.Find(t, page, selector).Text()
	if err != nil {
		t.Fatal(err)
	}
	return s
}
