package accounts

import (
	"context"

	"kurso/models/audit"
	"kurso/models/store"
)

// ProfileInput is the form of what users say of themselves, as typed.
type ProfileInput struct {
	Name   string `form:"name"`
	Locale string `form:"locale"`
}

// SaveProfile changes a user's own name and language. Errors: *store.ValidationError, store.ErrNotFound.
func SaveProfile(ctx context.Context, st *store.Store, userID int64, in ProfileInput) error {
	c := &checked{}
	name, locale := c.required("name", in.Name, maxName), c.choice("locale", in.Locale, "de", "en")
	if err := c.OrNil(); err != nil {
		return err
	}
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := lock(ctx, tx, userID)
		if err != nil {
			return err
		}
		var changes []audit.Change
		if u.Name != name {
			changes = append(changes, audit.Personal("name", u.Name, name))
		}
		if u.Locale != locale {
			changes = append(changes, audit.Change{Field: "locale", Old: u.Locale, New: locale})
		}
		if len(changes) == 0 {
			return nil
		}
		u.Name, u.Locale = name, locale
		u.Version++
		if _, err := tx.NewUpdate().Model(u).Column("name", "locale", "version").WherePK().Exec(ctx); err != nil {
			return err
		}
		return audit.Write(ctx, tx, Subject, userID, "user.changed", changes...)
	})
}

// Account is what the page of one's own account shows besides the user.
type Account struct {
	SignIns       []*SignIn
	Authenticator *Authenticator
	Passkeys      []*Passkey
	RecoveryLeft  int
	EmailChange   *EmailChange
}

// Secured: there is a second factor.
func (a *Account) Secured() bool { return a.Authenticator != nil || len(a.Passkeys) > 0 }

// LoadAccount reads it.
func LoadAccount(ctx context.Context, st *store.Store, userID int64) (a *Account, err error) {
	a = &Account{}
	now := st.Now()
	if a.SignIns, err = SignIns(ctx, st, userID, now); err != nil {
		return nil, err
	}
	if a.Passkeys, err = Passkeys(ctx, st, userID); err != nil {
		return nil, err
	}
	if a.EmailChange, err = OpenEmailChange(ctx, st, userID, now); err != nil {
		return nil, err
	}
	au := &Authenticator{}
	if err = st.NewSelect().Model(au).Where("user_id = ?", userID).Scan(ctx); err == nil {
		a.Authenticator = au
	} else if !isNone(err) {
		return nil, err
	}
	err = st.NewRaw("SELECT count(*) FROM recovery_codes WHERE user_id = ? AND used_at IS NULL", userID).Scan(ctx, &a.RecoveryLeft)
	return a, err
}
