package accounts

import (
	"context"
	"strings"

	"github.com/alexedwards/argon2id"

	"kurso/models/audit"
	"kurso/models/store"
)

// Length of a password in characters.
const (
	MinPassword = 8
	MaxPassword = 128
)

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
