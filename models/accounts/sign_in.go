package accounts

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"kurso/models/audit"
	"kurso/models/store"
	"kurso/models/throttle"
)

// params are OWASP's minimum for argon2id: 19 MiB, two passes, one lane.
var params = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// Length of a password in characters.
const (
	MinPassword = 8
	MaxPassword = 128
)

// ErrWrongCredentials does not tell which of the two was wrong.
var ErrWrongCredentials = &store.RuleError{Key: "error.wrong_credentials"}

// nobody's hash is compared with when the e-mail is unknown, so that both answers take as long.
var nobody = func() string {
	hash, err := argon2id.CreateHash(store.Nonce(), params)
	if err != nil {
		panic(err)
	}
	return hash
}()

// SignIn checks e-mail and password. It is throttled by network and by the pair of network and account,
// so that a stranger's guesses never lock the owner out. Errors: ErrWrongCredentials,
// *store.ThrottledError.
func SignIn(ctx context.Context, st *store.Store, email, password, network string) (*User, error) {
	email = strings.TrimSpace(email)
	account := strings.ToLower(email)
	err := throttle.Take(ctx, st,
		throttle.Limit{Key: "sign-in " + network, Every: 2 * time.Second, Burst: 30},
		throttle.Limit{Key: "sign-in " + network + " " + account, Every: 30 * time.Second, Burst: 8})
	if err != nil {
		return nil, err
	}
	u := &User{}
	err = st.NewSelect().Model(u).Where("lower(email) = ?", account).Where("active").Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	hash := u.PasswordHash
	if hash == "" {
		hash = nobody
	}
	if len(password) > 4*MaxPassword {
		password = ""
	}
	match, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil || !match || u.ID == 0 {
		return nil, ErrWrongCredentials
	}
	ctx = store.WithActor(ctx, store.Actor{Kind: "user", UserID: u.ID, RequestID: store.ActorOf(ctx).RequestID})
	return u, st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		now := tx.Now()
		u.LastSignInAt = &now
		if _, err := tx.NewUpdate().Model(u).Column("last_sign_in_at").WherePK().Exec(ctx); err != nil {
			return err
		}
		return audit.Write(ctx, tx, "user", u.ID, "user.signed_in")
	})
}

// Load reads an active user. ErrNotFound for one who was deactivated.
func Load(ctx context.Context, r store.Reader, id int64) (*User, error) {
	u := &User{}
	err := r.NewSelect().Model(u).Where("id = ?", id).Where("active").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	return u, err
}

// Active lists the active users by name.
func Active(ctx context.Context, r store.Reader) ([]*User, error) {
	var users []*User
	return users, r.NewSelect().Model(&users).Where("active").Order("name", "id").Scan(ctx)
}

// Create adds a user with a password and the ready roles of these keys. *store.ValidationError names what
// is wrong.
func Create(ctx context.Context, st *store.Store, email, name, password string, roles ...string) (*User, error) {
	var v store.ValidationError
	email, name = strings.TrimSpace(email), strings.TrimSpace(name)
	if !strings.Contains(strings.Trim(email, "@"), "@") {
		v.Add("email", "error.email.invalid")
	}
	if name == "" {
		v.Add("name", "error.name.required")
	}
	if n := len([]rune(password)); n < MinPassword || n > MaxPassword {
		v.Add("password", "error.password_length", "Min", MinPassword, "Max", MaxPassword)
	}
	if err := v.OrNil(); err != nil {
		return nil, err
	}
	hash, err := argon2id.CreateHash(password, params)
	if err != nil {
		return nil, err
	}
	u := &User{Kind: Staff, Email: email, Name: name, PasswordHash: hash, Locale: "de", Active: true, Version: 1}
	err = st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		u.CreatedAt = tx.Now()
		if _, err := tx.NewInsert().Model(u).Exec(ctx); err != nil {
			return err
		}
		if err := giveRoles(ctx, tx, u.ID, roles...); err != nil {
			return err
		}
		return audit.Write(ctx, tx, "user", u.ID, "user.created")
	})
	if store.IsUnique(err, "users_email") {
		v.Add("email", "error.email_taken")
		return nil, v.OrNil()
	}
	return u, err
}
