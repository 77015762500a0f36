package accounts

import (
	"context"

	"github.com/alexedwards/argon2id"

	"kurso/models/audit"
	"kurso/models/store"
)

// Create adds a user with a password and the ready roles of these keys. *store.ValidationError names what
// is wrong; a *store.RuleError says that the licence covers nobody more.
func Create(ctx context.Context, st *store.Store, email, name, password string, roles ...string) (*User, error) {
	c := &checked{}
	email, name = c.email("email", email), c.required("name", name, maxName)
	c.password("password", password, email, name)
	if err := c.OrNil(); err != nil {
		return nil, err
	}
	hash, err := argon2id.CreateHash(password, params)
	if err != nil {
		return nil, err
	}
	u := &User{Kind: Staff, Email: email, Name: name, PasswordHash: hash, Locale: "de", Active: true, Version: 1}
	err = st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := takePerson(ctx, tx); err != nil {
			return err
		}
		u.CreatedAt = tx.Now()
		if _, err := tx.NewInsert().Model(u).Exec(ctx); err != nil {
			return err
		}
		if err := giveRoles(ctx, tx, u.ID, roles...); err != nil {
			return err
		}
		return audit.Write(ctx, tx, Subject, u.ID, "user.created")
	})
	return u, emailTaken(err)
}
