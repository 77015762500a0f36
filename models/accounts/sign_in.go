package accounts

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"kurso/models/store"
	"kurso/models/throttle"
)

// params are OWASP's minimum for argon2id: 19 MiB, two passes, one lane.
var params = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

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

// Authenticate checks e-mail and password; Begin signs in. Errors: ErrWrongCredentials,
// *store.ThrottledError.
func Authenticate(ctx context.Context, st *store.Store, email, password string, from Client) (*User, error) {
	account := strings.ToLower(strings.TrimSpace(email))
	u := &User{}
	err := st.NewSelect().Model(u).Where("lower(email) = ?", account).Where("active").Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	limits, err := attempts(ctx, st, "sign-in", account, u.ID, from)
	if err != nil {
		return nil, err
	}
	if err := throttle.Take(ctx, st, limits...); err != nil {
		return nil, err
	}
	hash := u.PasswordHash
	if hash == "" {
		hash = nobody
	}
	if !fits(password, hash) || u.ID == 0 || u.over(st.Now()) {
		return nil, ErrWrongCredentials
	}
	return u, nil
}

// fits compares a password with a hash. What is far too long is not even hashed.
func fits(password, hash string) bool {
	if len(password) > 4*MaxPassword {
		password = ""
	}
	match, err := argon2id.ComparePasswordAndHash(password, hash)
	return err == nil && match
}

// attempts are the buckets of something that can be guessed. A device from which the account was used
// before has one of its own, so that a stranger's guesses, from however many networks, never lock the owner
// out. account is what was typed; userID is 0 if there is nobody.
func attempts(ctx context.Context, r store.Reader, what, account string, userID int64, from Client) ([]throttle.Limit, error) {
	device, err := findDevice(ctx, r, userID, from)
	if err != nil {
		return nil, err
	}
	if device != 0 {
		return []throttle.Limit{{Key: what + " device " + strconv.FormatInt(device, 10), Every: 30 * time.Second, Burst: 10}}, nil
	}
	return []throttle.Limit{
		{Key: what + " network " + from.Network, Every: 2 * time.Second, Burst: 30},
		{Key: what + " network " + from.Network + " account " + account, Every: 30 * time.Second, Burst: 8},
		{Key: what + " account " + account, Every: time.Minute, Burst: 20},
	}, nil
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
