package accounts

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"

	"github.com/go-webauthn/webauthn/webauthn"

	"kurso/models/audit"
	"kurso/models/outbox"
	"kurso/models/store"
	"kurso/models/throttle"
)

// Reasons why a second factor cannot be removed, or recovery codes not made.
var (
	ErrSecondFactorNeeded = &store.RuleError{Key: "error.second_factor_needed"}
	ErrNoSecondFactor     = &store.RuleError{Key: "error.no_second_factor"}
)

// SecondFactorInput is what somebody shows who has shown their password: a code of the app or a recovery
// code in one field, or a passkey's answer.
type SecondFactorInput struct {
	Code    string        `form:"code"`
	Passkey PasskeyAnswer `form:"passkey"`
}

// CheckSecondFactor checks the second factor of a user who has shown the password. rp may be nil where
// there are no passkeys. Errors: *store.ValidationError, *store.ThrottledError.
func CheckSecondFactor(ctx context.Context, st *store.Store, rp *webauthn.WebAuthn, userID int64, in SecondFactorInput, from Client) error {
	if !in.Passkey.Empty() {
		_, err := in.Passkey.check(ctx, st, rp, userID)
		return err
	}
	limits, err := attempts(ctx, st, "code", strconv.FormatInt(userID, 10), userID, from)
	if err != nil {
		return err
	}
	if err := throttle.Take(ctx, st, limits...); err != nil {
		return err
	}
	return checkCode(ctx, st, userID, in.Code)
}

// checkCode takes a code of the app, which has six digits, or else a recovery code.
func checkCode(ctx context.Context, st *store.Store, userID int64, code string) error {
	use := useRecoveryCode
	if len(strings.Join(strings.Fields(code), "")) <= 6 {
		use = useCode
	}
	ok, err := use(ctx, st, userID, code)
	if err != nil || ok {
		return err
	}
	v := &store.ValidationError{}
	v.Add("code", "error.wrong_code")
	return v
}

// isSecured reports whether a user has a second factor.
func isSecured(ctx context.Context, r store.Reader, userID int64) (has bool, err error) {
	err = r.NewRaw("SELECT "+secured("u.id")+" FROM users u WHERE u.id = ?", userID).Scan(ctx, &has)
	return has, err
}

// HasSecondFactor reports whether a user is asked for one after the password.
func HasSecondFactor(ctx context.Context, r store.Reader, userID int64) (bool, error) {
	return isSecured(ctx, r, userID)
}

// changedSecondFactor notes a change and tells the owner, who may know nothing of it.
func (u *User) changedSecondFactor(ctx context.Context, tx *store.Tx, action string, changes ...audit.Change) error {
	if err := audit.Write(ctx, tx, Subject, u.ID, action, changes...); err != nil {
		return err
	}
	return u.tell(ctx, tx, outbox.SecondFactorChanged)
}

// lostSecondFactor ends the removal of one: recovery codes without any are worth nothing.
func (u *User) lostSecondFactor(ctx context.Context, tx *store.Tx, action string, changes ...audit.Change) error {
	has, err := isSecured(ctx, tx, u.ID)
	if err != nil {
		return err
	}
	if !has {
		grants, err := LoadGrants(ctx, tx, u.ID)
		if err != nil {
			return err
		}
		if grants.SecondFactor {
			return ErrSecondFactorNeeded
		}
		if err := deleteRecoveryCodes(ctx, tx, u.ID); err != nil {
			return err
		}
	}
	return u.changedSecondFactor(ctx, tx, action, changes...)
}

// asUser acts on behalf of a user who is about to sign in.
func asUser(ctx context.Context, userID int64) context.Context {
	return store.WithActor(ctx, store.Actor{Kind: "user", UserID: userID, RequestID: store.ActorOf(ctx).RequestID})
}

// removed is store.ErrNotFound when a statement found no row.
func removed(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, store.ErrNotFound)
	}
	return nil
}

// isThrottled tells a *store.ThrottledError from other errors.
func isThrottled(err error) (bool, error) {
	var throttled *store.ThrottledError
	if errors.As(err, &throttled) {
		return true, nil
	}
	return false, err
}

func isNone(err error) bool { return errors.Is(err, sql.ErrNoRows) }
func isGone(err error) bool { return errors.Is(err, store.ErrNotFound) }
