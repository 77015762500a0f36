package mail

import (
	"testing"

	"kurso/config"
	"kurso/models/accounts"
	"kurso/models/outbox"
)

// The letters about an account say what happened and lead where it can be mended, in both languages.
func TestSecurityLetters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u, err := accounts.Create(t.Context(), w.Store, "erika@example.org", "Erika Beispiel", "drei lose Worte")
	if err != nil {
		t.Fatal(err)
	}
	laptop := accounts.Client{Network: "192.0.2.1", UserAgent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0"}
	a, err := accounts.Begin(t.Context(), w.Store, u.ID, laptop)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.Begin(t.Context(), w.Store, u.ID, accounts.Client{Network: "198.51.100.7", UserAgent: laptop.UserAgent}); err != nil {
		t.Fatal(err)
	}
	phone := accounts.Client{Network: "203.0.113.5", UserAgent: "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0.0.0 Mobile Safari/537.36"}
	if _, err := accounts.Begin(t.Context(), w.Store, u.ID, phone); err != nil {
		t.Fatal(err)
	}
	s, err := accounts.LoadSignIn(t.Context(), w.Store, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := accounts.RequestEmailChange(t.Context(), w.Store, s, "neu@example.org"); err != nil {
		t.Fatal(err)
	}
	if err := accounts.RequestReset(t.Context(), w.Store, u.Email, laptop); err != nil {
		t.Fatal(err)
	}
	var request int64
	if err := w.NewRaw("SELECT id FROM reset_requests").Scan(t.Context(), &request); err != nil {
		t.Fatal(err)
	}
	if err := accounts.AnswerReset(t.Context(), w.Store, request); err != nil {
		t.Fatal(err)
	}
	if err := accounts.ChangePassword(t.Context(), w.Store, s, accounts.PasswordInput{Current: "drei lose Worte", New: "vier ganz lose Worte"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ letter, to, de, en, path string }{
		{outbox.SignInReplaced, u.Email, "auf einem anderen Computer angemeldet", "on another computer", "/admin/account"},
		{outbox.SignInNewDevice, u.Email, "auf einem Telefon angemeldet", "on a phone", "/admin/account"},
		{outbox.EmailOld, u.Email, "neu@example.org", "neu@example.org", "/admin/session/email/"},
		{outbox.EmailNew, "neu@example.org", "an beiden Adressen", "at both addresses", "/admin/session/email/"},
		{outbox.PasswordReset, u.Email, "und nur einmal", "once only", "/admin/session/password/"},
		{outbox.PasswordChanged, u.Email, "ist ein anderes", "another one now", "/admin/session/password"},
	} {
		for locale, says := range map[string]string{"de": c.de, "en": c.en} {
			l := w.security(t, c.letter, locale)
			l.says(t, "Erika Beispiel", says)
			if l.To.Address != c.to || l.UserID != u.ID {
				t.Errorf("%s: to %s, of %d", c.letter, l.To.Address, l.UserID)
			}
			if href, _ := l.html(t).Find("a.button").Attr("href"); len(href) < len(publicURL+c.path) || href[:len(publicURL+c.path)] != publicURL+c.path {
				t.Errorf("%s leads to %s", c.letter, href)
			}
		}
	}
}

// security renders the newest mail of a letter about an account.
func (w *world) security(t *testing.T, name, locale string) *Letter {
	t.Helper()
	m := &outbox.Mail{}
	if err := w.NewSelect().Model(m).Where("letter = ?", name).OrderExpr("id DESC").Limit(1).Scan(t.Context()); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	m.Locale = locale
	l, err := Render(t.Context(), w.Store, &config.Config{PublicURL: publicURL}, m)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return l
}
