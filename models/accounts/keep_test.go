package accounts_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"kurso/models/accounts"
	"kurso/models/modeltest"
	"kurso/models/outbox"
	"kurso/models/store"
)

// networks are many.
func networks(i int) string { return fmt.Sprintf("10.%d.%d.1", i/250, i%250) }

// A thousand guesses from a thousand networks are slowed down, and lock nobody out.
func TestAThousandWrongPasswords(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := create(t, w, "Erika")
	known := laptop
	known.Device = begin(t, w, u, laptop).DeviceToken
	throttled := 0
	for i := range 1000 {
		_, err := accounts.Authenticate(t.Context(), w.Store, u.Email, "wrong", accounts.Client{Network: networks(i)})
		var slow *store.ThrottledError
		switch {
		case errors.As(err, &slow):
			throttled++
		case !errors.Is(err, accounts.ErrWrongCredentials):
			t.Fatal(err)
		}
	}
	if throttled < 970 {
		t.Errorf("%d of 1000 guesses were throttled", throttled)
	}
	if _, err := accounts.Authenticate(t.Context(), w.Store, u.Email, password, known); err != nil {
		t.Errorf("the owner on a known device: %v", err)
	}
	// not even when the guesses come from the owner's own network
	for range 100 {
		_, _ = accounts.Authenticate(t.Context(), w.Store, u.Email, "wrong", laptop)
	}
	if _, err := accounts.Authenticate(t.Context(), w.Store, u.Email, password, known); err != nil {
		t.Errorf("the owner beside a guesser: %v", err)
	}
	// and a token that was made up knows nobody
	var slow *store.ThrottledError
	if _, err := accounts.Authenticate(t.Context(), w.Store, u.Email, password, accounts.Client{Network: networks(1), Device: "made up"}); !errors.As(err, &slow) {
		t.Errorf("a made-up device: %v", err)
	}
	// whoever reads their mail gets in from a new device, too
	secret := requestReset(t, w, u, known)
	home := accounts.Client{Network: networks(7), UserAgent: firefox}
	token, err := accounts.Reset(t.Context(), w.Store, secret, "vier ganz lose Worte", home)
	if err != nil {
		t.Fatal(err)
	}
	home.Device = token
	if _, err := accounts.Authenticate(t.Context(), w.Store, u.Email, "vier ganz lose Worte", home); err != nil {
		t.Errorf("after a reset: %v", err)
	}
}

func TestPasswordsThatWillNotDo(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	for _, c := range []struct{ password, key string }{
		{"1234567", "error.password_length"}, {strings.Repeat("ab", 65), "error.password_length"},
		{"password", "error.password_common"}, {"Passwort123", "error.password_common"}, {"Passwort!!", "error.password_common"},
		{"iloveyou", "error.password_common"}, {"12345678", "error.password_common"}, {"ääääääää", "error.password_common"},
		{"Volkshochschule1", "error.password_common"}, {"Sommer2026", "error.password_common"},
		{"erika.beispiel@example.org", "error.password_personal"}, {"Erika.Beispiel", "error.password_personal"},
		{"Beispiel1990", "error.password_personal"}, {"Erika Beispiel!", "error.password_personal"},
	} {
		_, err := accounts.Create(t.Context(), w.Store, "erika.beispiel@example.org", "Erika Beispiel", c.password)
		var v *store.ValidationError
		if !errors.As(err, &v) || v.Fields[0].Key != c.key {
			t.Errorf("%q: %v", c.password, err)
		}
	}
	for i, good := range []string{"drei lose Worte", "aB3$xy9!", "Straßenbahn fährt rückwärts", "correct horse", "日本語のパスワード"} {
		if _, err := accounts.Create(t.Context(), w.Store, fmt.Sprintf("e%d@example.org", i), "Erika Beispiel", good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

func TestChangingThePassword(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := create(t, w, "Erika")
	s := signIn(t, w, u)
	mobile := begin(t, w, u, phone)
	if err := accounts.ChangePassword(t.Context(), w.Store, s, accounts.PasswordInput{Current: "wrong", New: "vier ganz lose Worte"}); !isInvalid(err) {
		t.Errorf("without the present one: %v", err)
	}
	if err := accounts.ChangePassword(t.Context(), w.Store, s, accounts.PasswordInput{Current: password, New: "vier ganz lose Worte"}); err != nil {
		t.Fatal(err)
	}
	if r := reason(t, w, mobile); r != accounts.Password {
		t.Errorf("the phone: %q", r)
	}
	if again, err := accounts.Resume(t.Context(), w.Store, s.ID, s.Network); err != nil || again.EndedAt != nil {
		t.Errorf("one's own sign-in: %+v, %v", again, err)
	}
	if _, err := accounts.Authenticate(t.Context(), w.Store, u.Email, password, phone); !errors.Is(err, accounts.ErrWrongCredentials) {
		t.Errorf("the old one: %v", err)
	}
	if got := mails(t, w, u.Email); got[len(got)-1] != outbox.PasswordChanged {
		t.Errorf("the owner hears %v", got)
	}
}

// requestReset asks for a link and returns what it carries.
func requestReset(t *testing.T, w *modeltest.World, u *accounts.User, from accounts.Client) string {
	t.Helper()
	if err := accounts.RequestReset(t.Context(), w.Store, u.Email, from); err != nil {
		t.Fatal(err)
	}
	answer(t, w)
	return newest(t, w, u, accounts.PasswordReset)
}

// answer does what the job does for each request.
func answer(t *testing.T, w *modeltest.World) {
	t.Helper()
	var ids []int64
	if err := w.NewRaw("SELECT id FROM reset_requests").Scan(t.Context(), &ids); err != nil {
		t.Fatal(err)
	}
	for _, id := range append(ids, ids...) { // jobs may run twice
		if err := accounts.AnswerReset(t.Context(), w.Store, id); err != nil {
			t.Fatal(err)
		}
	}
}

// newest is what the newest link of a purpose carries, "" if there is none.
func newest(t *testing.T, w *modeltest.World, u *accounts.User, purpose string) string {
	t.Helper()
	var id int64
	if err := w.NewRaw("SELECT coalesce(max(id), 0) FROM account_tokens WHERE user_id = ? AND purpose = ?", u.ID, purpose).Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	if id == 0 {
		return ""
	}
	token, err := accounts.LoadToken(t.Context(), w, id)
	if err != nil {
		t.Fatal(err)
	}
	return token.Secret(w.Keys)
}

func TestReset(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := create(t, w, "Erika")
	a := begin(t, w, u, laptop)
	first := requestReset(t, w, u, laptop)
	secret := requestReset(t, w, u, laptop)
	if got := mails(t, w, u.Email); strings.Join(got, " ") != "password_reset password_reset" {
		t.Fatalf("%v", got)
	}
	if _, err := accounts.FindReset(t.Context(), w.Store, first); !errors.Is(err, store.ErrGone) {
		t.Errorf("the first link: %v", err)
	}
	if _, err := accounts.Reset(t.Context(), w.Store, secret, "password", laptop); !isInvalid(err) {
		t.Errorf("a common password: %v", err)
	}
	if reason(t, w, a) != "" {
		t.Error("a request alone ends a sign-in")
	}
	if _, err := accounts.Reset(t.Context(), w.Store, secret, "vier ganz lose Worte", laptop); err != nil {
		t.Fatal(err)
	}
	if r := reason(t, w, a); r != accounts.Password {
		t.Errorf("the sign-in goes on: %q", r)
	}
	if _, err := accounts.Reset(t.Context(), w.Store, secret, "fünf ganz lose Worte", laptop); !errors.Is(err, store.ErrGone) {
		t.Errorf("the link counts twice: %v", err)
	}
	if got := mails(t, w, u.Email); got[len(got)-1] != outbox.PasswordChanged {
		t.Errorf("the owner hears %v", got)
	}
	if _, err := accounts.Reset(t.Context(), w.Store, "made up", "fünf ganz lose Worte", laptop); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a made-up link: %v", err)
	}
	w.Clock.Advance(time.Hour)
	late := requestReset(t, w, u, laptop)
	w.Clock.Advance(accounts.ResetFor)
	if _, err := accounts.FindReset(t.Context(), w.Store, late); !errors.Is(err, store.ErrGone) {
		t.Errorf("after an hour: %v", err)
	}
}

// Whether there is an account shows in nothing that the asker sees or that is done while they wait.
func TestResetTellsNothing(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	create(t, w, "Erika")
	invited := create(t, w, "Otto")
	gone := create(t, w, "Uwe")
	if err := w.NewRaw("UPDATE users SET password_hash = '' WHERE id = ? RETURNING id", invited.ID).Scan(t.Context(), new(int64)); err != nil {
		t.Fatal(err)
	}
	if err := accounts.Deactivate(t.Context(), w.Store, gone.ID); err != nil {
		t.Fatal(err)
	}
	for i, email := range []string{"erika@example.org", "nobody@example.org", invited.Email, gone.Email} {
		if err := accounts.RequestReset(t.Context(), w.Store, email, accounts.Client{Network: networks(i)}); err != nil {
			t.Fatal(err)
		}
		var requests, jobs, sent int
		err := w.NewRaw("SELECT (SELECT count(*) FROM reset_requests), (SELECT count(*) FROM river_job WHERE kind = 'answer_reset'), (SELECT count(*) FROM mails)").
			Scan(t.Context(), &requests, &jobs, &sent)
		if err != nil || requests != i+1 || jobs != i+1 || sent != 0 {
			t.Errorf("%s: %d requests, %d jobs, %d mails, %v", email, requests, jobs, sent, err)
		}
	}
	answer(t, w)
	var letters, kept int
	if err := w.NewRaw("SELECT (SELECT count(*) FROM mails), (SELECT count(*) FROM reset_requests)").Scan(t.Context(), &letters, &kept); err != nil || letters != 1 || kept != 0 {
		t.Errorf("%d letters, %d addresses kept, %v", letters, kept, err)
	}
	// a stranger who asks again and again fills no mailbox, and keeps the owner from nothing
	for i := range 30 {
		if err := accounts.RequestReset(t.Context(), w.Store, "erika@example.org", accounts.Client{Network: networks(i)}); err != nil {
			t.Fatal(err)
		}
	}
	answer(t, w)
	if got := mails(t, w, "erika@example.org"); len(got) > 3 {
		t.Errorf("%d mails", len(got))
	}
	var slow *store.ThrottledError
	var err error
	for range 30 {
		err = accounts.RequestReset(t.Context(), w.Store, "other@example.org", accounts.Client{Network: "192.0.2.9"})
	}
	if !errors.As(err, &slow) {
		t.Errorf("30 requests from one network: %v", err)
	}
}

func TestChangingTheEmail(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := create(t, w, "Erika")
	create(t, w, "Otto")
	s := signIn(t, w, u)
	for _, bad := range []string{"", "erika", "ERIKA@example.org", "Otto@example.org", "a@b"} {
		if err := accounts.RequestEmailChange(t.Context(), w.Store, s, bad); !isInvalid(err) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if err := accounts.RequestEmailChange(t.Context(), w.Store, s, "neu@example.org"); err != nil {
		t.Fatal(err)
	}
	if old, fresh := mails(t, w, "erika@example.org"), mails(t, w, "neu@example.org"); strings.Join(append(old, fresh...), " ") != "email_old email_new" {
		t.Fatalf("%v, %v", old, fresh)
	}
	reset := requestReset(t, w, u, laptop)
	old, fresh := newest(t, w, u, accounts.EmailOld), newest(t, w, u, accounts.EmailNew)
	for range 2 { // reading changes nothing
		if token, err := accounts.FindEmailLink(t.Context(), w, w.Now(), fresh); err != nil || token.Email != "neu@example.org" {
			t.Fatal(token, err)
		}
	}
	email := func() string {
		now, err := accounts.Load(t.Context(), w, u.ID)
		if err != nil {
			t.Fatal(err)
		}
		return now.Email
	}
	if done, err := accounts.ConfirmEmail(t.Context(), w.Store, fresh); err != nil || done || email() != "erika@example.org" {
		t.Errorf("one address alone: %v, %v, %s", done, err, email())
	}
	if _, err := accounts.ConfirmEmail(t.Context(), w.Store, fresh); !errors.Is(err, store.ErrGone) {
		t.Errorf("the same address twice: %v", err)
	}
	if done, err := accounts.ConfirmEmail(t.Context(), w.Store, old); err != nil || !done || email() != "neu@example.org" {
		t.Errorf("both: %v, %v, %s", done, err, email())
	}
	if _, err := accounts.FindReset(t.Context(), w.Store, reset); !errors.Is(err, store.ErrGone) {
		t.Errorf("a reset that went to the old address: %v", err)
	}
	if c, err := accounts.OpenEmailChange(t.Context(), w, u.ID, w.Now()); c != nil || err != nil {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestEmailChangesThatComeToNothing(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := create(t, w, "Erika")
	s := signIn(t, w, u)
	request := func(email string) (old, fresh string) {
		if err := accounts.RequestEmailChange(t.Context(), w.Store, s, email); err != nil {
			t.Fatal(err)
		}
		return newest(t, w, u, accounts.EmailOld), newest(t, w, u, accounts.EmailNew)
	}
	old, fresh := request("neu@example.org")
	if err := accounts.CancelEmailChange(t.Context(), w.Store, u.ID); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{old, fresh} {
		if _, err := accounts.ConfirmEmail(t.Context(), w.Store, secret); !errors.Is(err, store.ErrGone) {
			t.Errorf("dropped: %v", err)
		}
	}
	// what was confirmed of one change does not count for the next
	_, fresh = request("neu@example.org")
	if _, err := accounts.ConfirmEmail(t.Context(), w.Store, fresh); err != nil {
		t.Fatal(err)
	}
	old, _ = request("anders@example.org")
	if done, err := accounts.ConfirmEmail(t.Context(), w.Store, old); err != nil || done {
		t.Errorf("%v, %v", done, err)
	}
	// somebody else has taken the address meanwhile
	old, fresh = request("begehrt@example.org")
	if _, err := accounts.ConfirmEmail(t.Context(), w.Store, old); err != nil {
		t.Fatal(err)
	}
	create(t, w, "Begehrt")
	var rule *store.RuleError
	if _, err := accounts.ConfirmEmail(t.Context(), w.Store, fresh); !errors.As(err, &rule) {
		t.Errorf("taken: %v", err)
	}
	old, _ = request("spaet@example.org")
	w.Clock.Advance(accounts.EmailChangeFor)
	if _, err := accounts.ConfirmEmail(t.Context(), w.Store, old); !errors.Is(err, store.ErrGone) {
		t.Errorf("too late: %v", err)
	}
}

func TestMailsAtSigningIn(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u := create(t, w, "Erika")
	known := laptop
	known.Device = begin(t, w, u, laptop).DeviceToken
	if got := mails(t, w, u.Email); len(got) != 0 {
		t.Errorf("the first sign-in of all: %v", got)
	}
	w.Clock.Advance(2 * time.Hour)
	begin(t, w, u, known)
	if got := mails(t, w, u.Email); len(got) != 0 {
		t.Errorf("a known device: %v", got)
	}
	begin(t, w, u, phone)
	if got := mails(t, w, u.Email); strings.Join(got, " ") != outbox.SignInNewDevice {
		t.Errorf("a new phone: %v", got)
	}
	begin(t, w, u, elsewhere)
	if got := mails(t, w, u.Email); strings.Join(got, " ") != outbox.SignInNewDevice+" "+outbox.SignInReplaced {
		t.Errorf("a second computer: %v", got)
	}
}

func TestEndingDevices(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	u, other := create(t, w, "Erika"), create(t, w, "Otto")
	s := signIn(t, w, u)
	mobile, his := begin(t, w, u, phone), begin(t, w, other, laptop)
	if err := accounts.EndSignIn(t.Context(), w.Store, s, his.ID); !errors.Is(err, store.ErrNotFound) || reason(t, w, his) != "" {
		t.Errorf("somebody else's: %v", err)
	}
	if err := accounts.EndSignIn(t.Context(), w.Store, s, mobile.ID); err != nil || reason(t, w, mobile) != accounts.Ended {
		t.Errorf("%v", err)
	}
	stolen := phone
	stolen.Device = mobile.DeviceToken
	if a := begin(t, w, u, stolen); a.DeviceToken == stolen.Device {
		t.Error("a device that was ended is still known")
	}
	if err := accounts.EndOtherSignIns(t.Context(), w.Store, s); err != nil {
		t.Fatal(err)
	}
	left, err := accounts.SignIns(t.Context(), w, u.ID, w.Now())
	if err != nil || len(left) != 1 || left[0].ID != s.ID {
		t.Errorf("%+v, %v", left, err)
	}
}
