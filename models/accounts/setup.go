package accounts

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"encoding/base32"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"kurso/models/audit"
	"kurso/models/store"
	"kurso/models/throttle"
)

// SetupLifetime is how long the code of the first administrator holds.
const SetupLifetime = 24 * time.Hour

// errSetUp: there is an account already, which can invite others.
var errSetUp = &store.RuleError{Key: "error.set_up"}

// NeedsSetup reports whether there is no account at all.
func NeedsSetup(ctx context.Context, r store.Reader) (bool, error) {
	var empty bool
	err := r.NewRaw("SELECT NOT EXISTS (SELECT FROM users)").Scan(ctx, &empty)
	return empty, err
}

// setupCode is what a person types: 100 bits in groups of five letters and digits that are hard to confuse.
func setupCode(k store.Keys, nonce string) string {
	text := base32.StdEncoding.EncodeToString(store.HashToken(k.Token("setup", 1, nonce)))
	return strings.Join([]string{text[:5], text[5:10], text[10:15], text[15:20]}, "-")
}

func hashSetupCode(code string) []byte {
	plain := strings.ToUpper(strings.Join(strings.FieldsFunc(code, func(r rune) bool { return r == '-' || r == ' ' }), ""))
	return store.HashToken(plain)
}

// setup is the code that holds now, as it is kept; the zero value is none.
type setup struct {
	SetupNonce     string
	SetupHash      []byte
	SetupExpiresAt time.Time
}

// lockSetup reads the code that holds now and keeps others from setting up meanwhile.
func lockSetup(ctx context.Context, tx *store.Tx) (setup, error) {
	var s setup
	if _, err := tx.NewRaw("SELECT FROM installation FOR UPDATE").Exec(ctx); err != nil {
		return s, err
	}
	empty, err := NeedsSetup(ctx, tx)
	if err == nil && !empty {
		err = errSetUp
	}
	if err != nil {
		return s, err
	}
	err = tx.NewRaw("SELECT setup_nonce, setup_hash, setup_expires_at FROM installation WHERE setup_expires_at > ?", tx.Now()).Scan(ctx, &s)
	if errors.Is(err, sql.ErrNoRows) {
		return setup{}, nil
	}
	return s, err
}

// SetupCode is the code that makes the first administrator, and until when it holds: the one that holds now,
// or a new one. Once there is an account it returns a *store.RuleError.
func SetupCode(ctx context.Context, st *store.Store) (code string, until time.Time, err error) {
	err = st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		s, err := lockSetup(ctx, tx)
		if err != nil {
			return err
		}
		if s.SetupNonce == "" {
			s = setup{SetupNonce: store.Nonce(), SetupExpiresAt: tx.Now().Add(SetupLifetime)}
			s.SetupHash = hashSetupCode(setupCode(tx.Keys, s.SetupNonce))
			_, err = tx.NewRaw("UPDATE installation SET setup_nonce = ?, setup_hash = ?, setup_expires_at = ?", s.SetupNonce, s.SetupHash, s.SetupExpiresAt).Exec(ctx)
		}
		code, until = setupCode(tx.Keys, s.SetupNonce), s.SetupExpiresAt
		return err
	})
	return code, until, err
}

// SetupInput is the form of the first administrator, as typed.
type SetupInput struct {
	Code     string `form:"code"`
	Name     string `form:"name"`
	Email    string `form:"email"`
	Password string `form:"password"`
	// Locale is that of the page.
	Locale string `form:"-"`
}

// SetUp makes the first administrator with the code that SetupCode printed, and uses the code up. It is
// throttled. It returns a *store.ValidationError, *store.ThrottledError, or a *store.RuleError once there is
// an account.
func SetUp(ctx context.Context, st *store.Store, in SetupInput, network string) (*User, error) {
	err := throttle.Take(ctx, st,
		throttle.Limit{Key: "setup", Every: time.Second, Burst: 60},
		throttle.Limit{Key: "setup " + network, Every: 20 * time.Second, Burst: 10})
	if err != nil {
		return nil, err
	}
	c := &checked{}
	u := &User{Kind: Staff, Active: true, Version: 1, Locale: c.choice("locale", in.Locale, "de", "en"),
		Name: c.required("name", in.Name, maxName), Email: c.email("email", in.Email)}
	c.password("password", in.Password, u.Email, u.Name)
	err = st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		s, err := lockSetup(ctx, tx)
		if err != nil {
			return err
		}
		if subtle.ConstantTimeCompare(hashSetupCode(in.Code), s.SetupHash) != 1 {
			c.Fields = slices.Insert(c.Fields, 0, store.FieldError{Field: "code", Key: "error.setup_code"})
		}
		if err := c.OrNil(); err != nil {
			return err
		}
		u.CreatedAt = tx.Now()
		if u.PasswordHash, err = argon2id.CreateHash(in.Password, params); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(u).Exec(ctx); err != nil {
			return err
		}
		if err := giveRoles(ctx, tx, u.ID, Administration); err != nil {
			return err
		}
		if _, err := tx.NewRaw("UPDATE installation SET setup_nonce = '', setup_hash = NULL, setup_expires_at = NULL").Exec(ctx); err != nil {
			return err
		}
		return audit.Write(ctx, tx, Subject, u.ID, "user.set_up")
	})
	return u, err
}
