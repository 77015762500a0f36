package accounts

import (
	"context"

	"kurso/models/audit"
	"kurso/models/store"
)

// SetLocale chooses the language in which the office speaks to a user, "de" or "en".
// Errors: *store.ValidationError for another one; store.ErrNotFound.
func SetLocale(ctx context.Context, st *store.Store, id int64, locale string) error {
	if locale != "de" && locale != "en" {
		v := &store.ValidationError{}
		v.Add("locale", "error.locale.invalid")
		return v
	}
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		u := &User{ID: id, Locale: locale}
		var old string
		if err := tx.NewSelect().Model(u).Column("locale").WherePK().For("NO KEY UPDATE").Scan(ctx, &old); err != nil {
			return err
		}
		if old == locale {
			return nil
		}
		u.Locale = locale
		if _, err := tx.NewUpdate().Model(u).Column("locale").WherePK().Exec(ctx); err != nil {
			return err
		}
		return audit.Write(ctx, tx, "user", id, "user.changed", audit.Change{Field: "locale", Old: old, New: locale})
	})
}
