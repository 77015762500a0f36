package accounts

import (
	"context"

	"kurso/models/audit"
	"kurso/models/desk"
	"kurso/models/store"
)

// Reasons against a deactivation.
var (
	ErrOneself           = &store.RuleError{Key: "error.deactivate_oneself"}
	ErrLastAdministrator = &store.RuleError{Key: "error.last_administrator"}
)

// Deactivate ends an account that stays: nobody can sign in with it, all its sign-ins are over at their
// next request, its drafts are gone, and open links to it are void. An account that is not active stays as it is. Errors:
// store.ErrNotFound, ErrOneself, ErrLastAdministrator, a *store.RuleError for staff who may do more than the
// actor.
func Deactivate(ctx context.Context, st *store.Store, userID int64) error {
	if by := store.ActorOf(ctx); by.Kind == "user" && by.UserID == userID {
		return ErrOneself
	}
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := MustStayAdministered(ctx, tx, userID); err != nil {
			return err
		}
		u, err := lock(ctx, tx, userID)
		if err != nil || !u.Active {
			return err
		}
		if u.Kind == Staff {
			if err := mustCover(ctx, tx, u); err != nil {
				return err
			}
		}
		now := tx.Refresh()
		u.Active, u.DeactivatedAt = false, &now
		u.Version++
		if _, err := tx.NewUpdate().Model(u).Column("active", "deactivated_at", "version").WherePK().Exec(ctx); err != nil {
			return err
		}
		if err := end(ctx, tx, Deactivated, "user_id = ?", userID); err != nil {
			return err
		}
		if err := voidTokens(ctx, tx, userID, ""); err != nil {
			return err
		}
		if err := forgetDevices(ctx, tx, userID, 0); err != nil {
			return err
		}
		if err := closeSupport(ctx, tx, userID); err != nil {
			return err
		}
		if err := desk.ForgetUser(ctx, tx, userID); err != nil {
			return err
		}
		return audit.Write(ctx, tx, Subject, userID, "user.deactivated")
	})
}

// MustStayAdministered returns ErrLastAdministrator if nobody but this user could administer. It is asked
// before an account stops being an administrator, and makes everybody who asks wait for the transaction:
// two of them cannot rely on each other.
func MustStayAdministered(ctx context.Context, tx *store.Tx, userID int64) error {
	var role int64
	if err := tx.NewRaw("SELECT id FROM roles WHERE key = ? FOR NO KEY UPDATE", Administration).Scan(ctx, &role); err != nil {
		return err
	}
	// those invited may never come, and support leaves
	var is, others bool
	err := tx.NewRaw(`SELECT coalesce(bool_or(u.id = ?), false), coalesce(bool_or(u.id <> ?), false)
		FROM users u JOIN user_roles ur ON ur.user_id = u.id AND ur.role_id = ?
		WHERE u.active AND u.password_hash <> '' AND u.kind = ?`, userID, userID, role, Staff).Scan(ctx, &is, &others)
	if err == nil && is && !others {
		return ErrLastAdministrator
	}
	return err
}
