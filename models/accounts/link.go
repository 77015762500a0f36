package accounts

import (
	"context"

	"kurso/models/store"
)

// MayLink reports whether ctx's actor may say whose account an instructor's is. The link lets a person see
// the instructor's courses, so it takes what giving roles takes.
func MayLink(ctx context.Context) bool { return GrantsOf(ctx).May(AccountsWrite) }

// LockForLink reads an account whose link to an instructor is made or ended, and keeps others from changing it
// until the transaction ends. It returns store.ErrNotFound, or a *store.RuleError for those who may not change
// accounts or may do less than this one, or ErrUnconfirmed.
func LockForLink(ctx context.Context, tx *store.Tx, id int64) (*User, error) {
	if !MayLink(ctx) {
		return nil, &store.RuleError{Key: "error.link_account"}
	}
	if err := MustConfirm(ctx, tx.Now()); err != nil {
		return nil, err
	}
	return lockUser(ctx, tx, id)
}
