package accounts_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/pquerna/otp/totp"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/modeltest"
	"kurso/models/outbox"
	"kurso/models/store"
)

func signIn(t *testing.T, w *modeltest.World, u *accounts.User) *accounts.SignIn {
	t.Helper()
	a := begin(t, w, u, laptop)
	s, err := accounts.Resume(t.Context(), w.Store, a.ID, a.Network)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// mails are the letters that went to an address, oldest first.
func mails(t *testing.T, w *modeltest.World, recipient string) (letters []string) {
	t.Helper()
	err := w.NewRaw("SELECT letter FROM mails WHERE recipient = ? ORDER BY id", recipient).Scan(t.Context(), &letters)
	if err != nil {
		t.Fatal(err)
	}
	return letters
}

// addApp sets up an authenticator app and returns its codes by time, and the recovery codes.
func addApp(t *testing.T, w *modeltest.World, s *accounts.SignIn) (code func(time.Time) string, recovery []string) {
	t.Helper()
	key, err := accounts.NewAuthenticatorKey(w.Keys, s.User, "Kurso")
	if err != nil {
		t.Fatal(err)
	}
	code = func(at time.Time) string {
		c, err := totp.GenerateCode(key.Secret, at)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if recovery, err = accounts.AddAuthenticator(t.Context(), w.Store, s, key, code(w.Now())); err != nil {
		t.Fatal(err)
	}
	return code, recovery
}

func showCode(t *testing.T, w *modeltest.World, u *accounts.User, code string) error {
	t.Helper()
	return accounts.CheckSecondFactor(t.Context(), w.Store, nil, u.ID, accounts.SecondFactorInput{Code: code}, laptop)
}

func isInvalid(err error) bool {
	var v *store.ValidationError
	return errors.As(err, &v)
}

func TestACodeCountsOnce(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := create(t, w, "Erika")
	code, _ := addApp(t, w, signIn(t, w, u))
	if has, err := accounts.HasSecondFactor(t.Context(), w, u.ID); !has || err != nil {
		t.Fatal(has, err)
	}
	if err := showCode(t, w, u, code(w.Now())); !isInvalid(err) {
		t.Errorf("the code that set the app up counts again: %v", err)
	}
	w.Clock.Advance(time.Minute)
	now := code(w.Now())
	var wg sync.WaitGroup
	var passed atomic.Int64
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		// all have found the code right before one of them counts it
		if _, err := tx.NewRaw("SELECT 1 FROM authenticators WHERE user_id = ? FOR UPDATE", u.ID).Exec(ctx); err != nil {
			return err
		}
		for range 3 {
			wg.Go(func() {
				if showCode(t, w, u, now[:3]+" "+now[3:]) == nil {
					passed.Add(1)
				}
			})
		}
		for waiting := 0; waiting < 3; time.Sleep(time.Millisecond) {
			err := w.NewRaw("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'UPDATE%authenticators%'").Scan(ctx, &waiting)
			if err != nil {
				return err
			}
		}
		return nil
	})
	wg.Wait()
	if n := passed.Load(); n != 1 {
		t.Errorf("a code counted %d times", n)
	}
	if err := showCode(t, w, u, code(w.Now().Add(-30*time.Second))); !isInvalid(err) {
		t.Errorf("a code before the newest counts: %v", err)
	}
	w.Clock.Advance(10 * time.Minute)
	for _, c := range []struct {
		off time.Duration
		ok  bool
	}{{-61 * time.Second, false}, {-30 * time.Second, true}, {30 * time.Second, true}, {91 * time.Second, false}} {
		w.Clock.Advance(10 * time.Minute)
		if err := showCode(t, w, u, code(w.Now().Add(c.off))); (err == nil) != c.ok {
			t.Errorf("a clock that is off by %s: %v", c.off, err)
		}
	}
}

func TestRecoveryCodesCountOnce(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := create(t, w, "Erika")
	s := signIn(t, w, u)
	_, codes := addApp(t, w, s)
	if len(codes) != accounts.RecoveryCodes {
		t.Fatalf("%v", codes)
	}
	if err := showCode(t, w, u, strings.ToUpper(strings.ReplaceAll(codes[3], "-", " "))); err != nil {
		t.Fatalf("typed another way: %v", err)
	}
	if err := showCode(t, w, u, codes[3]); !isInvalid(err) {
		t.Errorf("used twice: %v", err)
	}
	other := create(t, w, "Otto")
	addApp(t, w, signIn(t, w, other))
	if err := showCode(t, w, other, codes[4]); !isInvalid(err) {
		t.Errorf("of another account: %v", err)
	}
	account, err := accounts.LoadAccount(t.Context(), w.Store, u.ID)
	if err != nil || account.RecoveryLeft != 9 {
		t.Errorf("%d are left, %v", account.RecoveryLeft, err)
	}
	fresh, err := accounts.NewRecoveryCodes(t.Context(), w.Store, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := showCode(t, w, u, codes[5]); !isInvalid(err) {
		t.Errorf("one that was replaced: %v", err)
	}
	if err := showCode(t, w, u, fresh[0]); err != nil {
		t.Error(err)
	}
	var kept int
	if err := w.NewRaw("SELECT count(*) FROM recovery_codes WHERE hash = ?", codes[0]).Scan(t.Context(), &kept); err != nil || kept != 0 {
		t.Errorf("codes are stored as they are: %d, %v", kept, err)
	}
	if got := mails(t, w, u.Email); strings.Join(got, " ") != "second_factor_changed second_factor_changed second_factor_changed" {
		t.Errorf("the owner hears %v", got)
	}
}

func TestRemovingTheLastSecondFactor(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := create(t, w, "Erika", "planning")
	addApp(t, w, signIn(t, w, u))
	demand := func(yes bool) {
		if err := w.NewRaw("UPDATE roles SET second_factor = ? WHERE key = 'planning' RETURNING id", yes).Scan(t.Context(), new(int64)); err != nil {
			t.Fatal(err)
		}
	}
	demand(true)
	if err := accounts.RemoveAuthenticator(t.Context(), w.Store, u.ID); !errors.Is(err, accounts.ErrSecondFactorNeeded) {
		t.Errorf("against the role: %v", err)
	}
	demand(false)
	if err := accounts.RemoveAuthenticator(t.Context(), w.Store, u.ID); err != nil {
		t.Fatal(err)
	}
	if account, err := accounts.LoadAccount(t.Context(), w.Store, u.ID); err != nil || account.Secured() || account.RecoveryLeft != 0 {
		t.Errorf("%+v, %v", account, err)
	}
	if err := accounts.RemoveAuthenticator(t.Context(), w.Store, u.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("twice: %v", err)
	}
	if _, err := accounts.NewRecoveryCodes(t.Context(), w.Store, u.ID); !errors.Is(err, accounts.ErrNoSecondFactor) {
		t.Errorf("recovery codes for nothing: %v", err)
	}
}

// The secret of an app is of no use to whoever reads the database.
func TestSecretsAreSealed(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := create(t, w, "Erika")
	addApp(t, w, signIn(t, w, u))
	var sealed []byte
	if err := w.NewRaw("SELECT secret FROM authenticators WHERE user_id = ?", u.ID).Scan(t.Context(), &sealed); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Unseal("authenticator", u.ID, sealed); err != nil {
		t.Error(err)
	}
	if _, err := w.Unseal("authenticator", u.ID+1, sealed); err == nil {
		t.Error("it opens for another user")
	}
	if _, err := w.Unseal("other", u.ID, sealed); err == nil {
		t.Error("it opens for another purpose")
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := w.Unseal("authenticator", u.ID, sealed); err == nil {
		t.Error("it opens when it was changed")
	}
}

var site = virtualwebauthn.RelyingParty{ID: "kurse.example.org", Name: "Kurso", Origin: "https://kurse.example.org"}

func relyingParty(t *testing.T) *webauthn.WebAuthn {
	t.Helper()
	rp, err := accounts.RelyingParty(site.ID, site.Origin)
	if err != nil {
		t.Fatal(err)
	}
	return rp
}

// device is an authenticator with one key.
type device struct {
	virtualwebauthn.Authenticator
	key virtualwebauthn.Credential
}

// addPasskey makes a passkey for a user.
func addPasskey(t *testing.T, w *modeltest.World, u *accounts.User) device {
	t.Helper()
	rp := relyingParty(t)
	q, err := accounts.AskNewPasskey(t.Context(), w.Store, rp, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	options, err := virtualwebauthn.ParseAttestationOptions(q.Options)
	if err != nil {
		t.Fatal(err)
	}
	d := device{virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(options.UserID)}), modeltest.MustCreatePasskey(t)}
	answer := accounts.PasskeyAnswer{State: q.State, Answer: virtualwebauthn.CreateAttestationResponse(site, d.Authenticator, d.key, *options)}
	if _, err := accounts.AddPasskey(t.Context(), w.Store, rp, u.ID, "Laptop", answer); err != nil {
		t.Fatal(err)
	}
	d.AddCredential(d.key)
	return d
}

// answer is what the device says to a question; asked of a user, or of nobody in particular.
func (d *device) answer(t *testing.T, w *modeltest.World, userID int64) accounts.PasskeyAnswer {
	t.Helper()
	q, err := accounts.AskPasskey(t.Context(), w.Store, relyingParty(t), userID)
	if err != nil {
		t.Fatal(err)
	}
	return d.say(t, q)
}

func (d *device) say(t *testing.T, q *accounts.PasskeyQuestion) accounts.PasskeyAnswer {
	t.Helper()
	options, err := virtualwebauthn.ParseAssertionOptions(q.Options)
	if err != nil {
		t.Fatal(err)
	}
	d.key.Counter++
	return accounts.PasskeyAnswer{State: q.State, Answer: virtualwebauthn.CreateAssertionResponse(site, d.Authenticator, d.key, *options)}
}

func TestPasskeySignsIn(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := create(t, w, "Erika")
	d := addPasskey(t, w, u)
	rp := relyingParty(t)
	a := d.answer(t, w, 0)
	got, err := accounts.AuthenticatePasskey(t.Context(), w.Store, rp, a)
	if err != nil || got.ID != u.ID {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := accounts.AuthenticatePasskey(t.Context(), w.Store, rp, a); !errors.Is(err, accounts.ErrPasskey) {
		t.Errorf("an answer counts twice: %v", err)
	}
	old := d.answer(t, w, 0)
	w.Clock.Advance(6 * time.Minute)
	if _, err := accounts.AuthenticatePasskey(t.Context(), w.Store, rp, old); !errors.Is(err, accounts.ErrPasskey) {
		t.Errorf("after six minutes: %v", err)
	}
	// a copy of the device counts on its own
	copied := d
	if _, err := accounts.AuthenticatePasskey(t.Context(), w.Store, rp, d.answer(t, w, 0)); err != nil {
		t.Fatal(err)
	}
	copied.key.Counter -= 2
	if _, err := accounts.AuthenticatePasskey(t.Context(), w.Store, rp, copied.answer(t, w, 0)); !errors.Is(err, accounts.ErrPasskey) {
		t.Errorf("a copy: %v", err)
	}
	for _, a := range []accounts.PasskeyAnswer{{}, {State: "x.y", Answer: "{}"}, {State: d.answer(t, w, 0).State, Answer: "null"}} {
		if _, err := accounts.AuthenticatePasskey(t.Context(), w.Store, rp, a); !errors.Is(err, accounts.ErrPasskey) {
			t.Errorf("%+v: %v", a, err)
		}
	}
	if err := accounts.Deactivate(t.Context(), w.Store, u.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := accounts.AuthenticatePasskey(t.Context(), w.Store, rp, d.answer(t, w, 0)); !errors.Is(err, accounts.ErrPasskey) {
		t.Errorf("a deactivated user: %v", err)
	}
}

// A passkey of another account is no second factor, and neither is an answer to another question.
func TestPasskeyOfAnotherAccount(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	rp := relyingParty(t)
	erika, otto := create(t, w, "Erika"), create(t, w, "Otto")
	hers, his := addPasskey(t, w, erika), addPasskey(t, w, otto)
	check := func(userID int64, a accounts.PasskeyAnswer) error {
		return accounts.CheckSecondFactor(t.Context(), w.Store, rp, userID, accounts.SecondFactorInput{Passkey: a}, laptop)
	}
	q, err := accounts.AskPasskey(t.Context(), w.Store, rp, erika.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := check(erika.ID, his.say(t, q)); !errors.Is(err, accounts.ErrPasskey) {
		t.Errorf("his passkey for her: %v", err)
	}
	if err := check(erika.ID, his.answer(t, w, otto.ID)); !errors.Is(err, accounts.ErrPasskey) {
		t.Errorf("his answer to his question, for her: %v", err)
	}
	if err := check(erika.ID, hers.answer(t, w, 0)); !errors.Is(err, accounts.ErrPasskey) {
		t.Errorf("her answer to a question for anybody: %v", err)
	}
	if err := check(erika.ID, hers.answer(t, w, erika.ID)); err != nil {
		t.Errorf("her passkey: %v", err)
	}
	// another handle than the passkey's owner has
	forged := device{virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte("sixteen bytes...")}), his.key}
	if _, err := accounts.AuthenticatePasskey(t.Context(), w.Store, rp, forged.answer(t, w, 0)); !errors.Is(err, accounts.ErrPasskey) {
		t.Errorf("a forged handle: %v", err)
	}
	// another site's question
	evil := virtualwebauthn.RelyingParty{ID: site.ID, Name: "x", Origin: "https://evil.example"}
	q, err = accounts.AskPasskey(t.Context(), w.Store, rp, 0)
	if err != nil {
		t.Fatal(err)
	}
	options, err := virtualwebauthn.ParseAssertionOptions(q.Options)
	if err != nil {
		t.Fatal(err)
	}
	a := accounts.PasskeyAnswer{State: q.State, Answer: virtualwebauthn.CreateAssertionResponse(evil, hers.Authenticator, hers.key, *options)}
	if _, err := accounts.AuthenticatePasskey(t.Context(), w.Store, rp, a); !errors.Is(err, accounts.ErrPasskey) {
		t.Errorf("shown to another site: %v", err)
	}
	keys, err := accounts.Passkeys(t.Context(), w, otto.ID)
	if err != nil || len(keys) != 1 {
		t.Fatal(keys, err)
	}
	if err := accounts.RemovePasskey(t.Context(), w.Store, erika.ID, keys[0].ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("she removes his: %v", err)
	}
}

// A browser that names itself only in part still names a passkey.
func TestPasskeyNames(t *testing.T) {
	t.Parallel()
	for agent, name := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0":                                        "Firefox 142, Linux",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36": "Linux",
		"curl/7.88.1": "curl 7",
		"":            "",
	} {
		if got := accounts.PasskeyName(accounts.Client{UserAgent: agent}); got != name {
			t.Errorf("%q is called %q", agent, got)
		}
	}
}

// A passkey shows both factors, so it must ask its owner for something; one that does not is refused.
func TestPasskeyMustVerifyItsOwner(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := create(t, w, "Erika")
	d := addPasskey(t, w, u)
	d.Options.UserNotVerified = true
	if _, err := accounts.AuthenticatePasskey(t.Context(), w.Store, relyingParty(t), d.answer(t, w, 0)); !errors.Is(err, accounts.ErrPasskey) {
		t.Errorf("%v", err)
	}
}

func TestConfirming(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := create(t, w, "Erika")
	s := signIn(t, w, u)
	code, _ := addApp(t, w, s)
	d := addPasskey(t, w, u)
	rp := relyingParty(t)
	w.Clock.Advance(accounts.ConfirmedFor)
	if s.Confirmed(w.Now()) {
		t.Fatal("nobody asks again")
	}
	for name, proof := range map[string]accounts.Proof{
		"password": {Password: password}, "code": {Code: code(w.Now())}, "passkey": {Passkey: d.answer(t, w, u.ID)},
	} {
		if err := accounts.Confirm(t.Context(), w.Store, rp, s, proof); err != nil || !s.Confirmed(w.Now()) {
			t.Errorf("%s: %v", name, err)
		}
	}
	at := s.ConfirmedAt
	w.Clock.Advance(time.Minute)
	for name, proof := range map[string]accounts.Proof{"nothing": {}, "password": {Password: "wrong"}, "code": {Code: "000000"}} {
		if err := accounts.Confirm(t.Context(), w.Store, rp, s, proof); !isInvalid(err) || !s.ConfirmedAt.Equal(at) {
			t.Errorf("wrong %s: %v", name, err)
		}
	}
}

// Guesses of codes from elsewhere never lock the owner out on a device that is known.
func TestGuessedCodesLockNobodyOut(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := create(t, w, "Erika")
	a := begin(t, w, u, laptop)
	s, err := accounts.Resume(t.Context(), w.Store, a.ID, a.Network)
	if err != nil {
		t.Fatal(err)
	}
	code, _ := addApp(t, w, s)
	w.Clock.Advance(time.Minute)
	guess := func(from accounts.Client) error {
		return accounts.CheckSecondFactor(t.Context(), w.Store, nil, u.ID, accounts.SecondFactorInput{Code: "000000"}, from)
	}
	var throttled *store.ThrottledError
	for i := range 60 {
		err = guess(accounts.Client{Network: networks(i)})
	}
	if !errors.As(err, &throttled) {
		t.Fatalf("60 guesses from 60 networks: %v", err)
	}
	own := accounts.Client{Network: networks(0), Device: a.DeviceToken}
	if err := accounts.CheckSecondFactor(t.Context(), w.Store, nil, u.ID, accounts.SecondFactorInput{Code: code(w.Now())}, own); err != nil {
		t.Errorf("the owner: %v", err)
	}
}

func TestWhatChangesIsNoted(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := create(t, w, "Erika")
	ctx := store.WithActor(t.Context(), store.Actor{Kind: "user", UserID: u.ID})
	addPasskey(t, w, u)
	keys, err := accounts.Passkeys(ctx, w, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := accounts.RemovePasskey(ctx, w.Store, u.ID, keys[0].ID); err != nil {
		t.Fatal(err)
	}
	entries, err := audit.History(ctx, w, accounts.Subject, u.ID, 10)
	if err != nil || entries[0].Action != "user.passkey_removed" || entries[0].Changes[0].Old != "Laptop" || entries[1].Action != "user.passkey_added" {
		t.Errorf("%+v, %v", entries, err)
	}
	if got := mails(t, w, u.Email); len(got) != 2 || got[0] != outbox.SecondFactorChanged {
		t.Errorf("%v", got)
	}
}
