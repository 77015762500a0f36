package accounts

import (
	"bytes"
	"compress/gzip"
	"context"
	_ "embed"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/alexedwards/argon2id"

	"kurso/models/audit"
	"kurso/models/outbox"
	"kurso/models/store"
)

// Length of a password in characters.
const (
	MinPassword = 8
	MaxPassword = 128
)

// Breached and common passwords, sorted, a line each; passwords/LICENSES.txt says where they come from.
//
//go:embed passwords/common.txt.gz
var packed []byte

var common = sync.OnceValue(func() []string {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		panic(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		panic(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
})

// ours are what people think of first in a house like this.
var ours = []string{"kurso", "volkshochschule", "vhs", "willkommen", "anmeldung", "buchhaltung", "verwaltung", "geheim", "sommer", "winter", "herbst", "frühling"}

// password notes why a password will not do for a user with that e-mail and name.
func (c *checked) password(field, password, email, name string) {
	if n := len([]rune(password)); n < MinPassword || n > MaxPassword {
		c.Add(field, "error.password_length", "Min", MinPassword, "Max", MaxPassword)
		return
	}
	typed := strings.ToLower(password)
	stem := bare(typed)
	switch mailbox, _, _ := strings.Cut(strings.ToLower(email), "@"); {
	case slices.Contains([]string{strings.ToLower(email), mailbox, strings.ToLower(name)}, typed),
		stem != "" && slices.ContainsFunc(append(strings.Fields(strings.ToLower(name)), mailbox, strings.ToLower(name)), func(s string) bool { return bare(s) == stem }):
		c.Add(field, "error.password_personal")
	case listed(typed), listed(strings.TrimRightFunc(typed, isDecoration)), slices.Contains(ours, stem), strings.Trim(typed, string([]rune(typed)[:1])) == "":
		c.Add(field, "error.password_common")
	}
}

func listed(password string) bool {
	_, found := slices.BinarySearch(common(), password)
	return found
}

// bare is a word without what is put around it to make it a password.
func bare(s string) string {
	return strings.Map(func(r rune) rune {
		if isDecoration(r) {
			return -1
		}
		return r
	}, s)
}

func isDecoration(r rune) bool { return !unicode.IsLetter(r) }

// PasswordInput is the form of a new password, as typed.
type PasswordInput struct {
	Current string `form:"current"`
	New     string `form:"new"`
}

// ChangePassword gives a signed-in user a new password: all their other sign-ins end, and other devices
// become strange ones. Errors: *store.ValidationError, *store.ThrottledError.
func ChangePassword(ctx context.Context, st *store.Store, s *SignIn, in PasswordInput) error {
	if err := takeConfirmation(ctx, st, s); err != nil {
		return err
	}
	c := &checked{}
	if !fits(in.Current, s.User.PasswordHash) {
		c.Add("current", "error.wrong_password")
	}
	c.password("new", in.New, s.User.Email, s.User.Name)
	if err := c.OrNil(); err != nil {
		return err
	}
	hash, err := argon2id.CreateHash(in.New, params)
	if err != nil {
		return err
	}
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := lock(ctx, tx, s.UserID)
		if err != nil {
			return err
		}
		if u.PasswordHash != s.User.PasswordHash {
			return store.ErrConflict
		}
		if err := s.confirm(ctx, tx); err != nil {
			return err
		}
		return setPassword(ctx, tx, u, hash, s)
	})
}

// setPassword changes the password of a locked user and ends their sign-ins but keep, which may be nil.
func setPassword(ctx context.Context, tx *store.Tx, u *User, hash string, keep *SignIn) error {
	now := tx.Now()
	u.PasswordHash, u.PasswordChangedAt = hash, &now
	if _, err := tx.NewUpdate().Model(u).Column("password_hash", "password_changed_at").WherePK().Exec(ctx); err != nil {
		return err
	}
	id := int64(0)
	if keep != nil {
		id = keep.ID
	}
	if err := end(ctx, tx, Password, "user_id = ? AND id <> ?", u.ID, id); err != nil {
		return err
	}
	if err := forgetDevices(ctx, tx, u.ID, keep.device()); err != nil {
		return err
	}
	if err := voidTokens(ctx, tx, u.ID, PasswordReset); err != nil {
		return err
	}
	if err := audit.Write(ctx, tx, Subject, u.ID, "user.password_changed"); err != nil {
		return err
	}
	return u.tell(ctx, tx, outbox.PasswordChanged)
}

// voidTokens makes the open links of a purpose useless; "" means all.
func voidTokens(ctx context.Context, tx *store.Tx, userID int64, purpose string) error {
	q := tx.NewUpdate().Model((*Token)(nil)).Set("used_at = ?", tx.Now()).Where("user_id = ? AND used_at IS NULL", userID)
	if purpose != "" {
		q = q.Where("purpose = ?", purpose)
	}
	_, err := q.Exec(ctx)
	return err
}

// tell writes a letter to a locked user about something that happened to the account just now.
func (u *User) tell(ctx context.Context, tx *store.Tx, letter string) error {
	return outbox.AddAgain(ctx, tx, &outbox.Mail{UserID: &u.ID, Subject: Subject, SubjectID: u.ID, Letter: letter, Recipient: u.Email, Locale: u.Locale})
}
