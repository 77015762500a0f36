package accounts

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"kurso/models/audit"
	"kurso/models/store"
)

// RecoveryCodes is how many there are at first.
const RecoveryCodes = 10

// recoveryCode stands for the second factor once. Of its 80 bits a keyed hash is kept.
type recoveryCode struct {
	bun.BaseModel `bun:"table:recovery_codes,alias:rc"`
	ID            int64 `bun:",pk,autoincrement"`
	UserID        int64
	Hash          string
}

// crockford leaves out letters that look like digits.
var crockford = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewRecoveryCodes makes ten new codes in the place of those that were left. They are shown once. Errors:
// ErrNoSecondFactor.
func NewRecoveryCodes(ctx context.Context, st *store.Store, userID int64) (codes []string, err error) {
	err = st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := lock(ctx, tx, userID); err != nil {
			return err
		}
		has, err := isSecured(ctx, tx, userID)
		if err != nil {
			return err
		}
		if !has {
			return ErrNoSecondFactor
		}
		if codes, err = renewRecoveryCodes(ctx, tx, userID); err != nil {
			return err
		}
		return audit.Write(ctx, tx, Subject, userID, "user.recovery_codes_renewed")
	})
	return codes, err
}

// firstRecoveryCodes are for a user who had no second factor so far; nil for others.
func firstRecoveryCodes(ctx context.Context, tx *store.Tx, userID int64) ([]string, error) {
	if has, err := isSecured(ctx, tx, userID); has || err != nil {
		return nil, err
	}
	return renewRecoveryCodes(ctx, tx, userID)
}

func renewRecoveryCodes(ctx context.Context, tx *store.Tx, userID int64) ([]string, error) {
	if err := deleteRecoveryCodes(ctx, tx, userID); err != nil {
		return nil, err
	}
	codes, rows := make([]string, RecoveryCodes), make([]recoveryCode, RecoveryCodes)
	for i := range codes {
		b := make([]byte, 10)
		_, _ = rand.Read(b)
		c := crockford.EncodeToString(b)
		codes[i] = c[:4] + "-" + c[4:8] + "-" + c[8:12] + "-" + c[12:]
		rows[i] = recoveryCode{UserID: userID, Hash: hashRecovery(tx.Keys, userID, codes[i])}
	}
	_, err := tx.NewInsert().Model(&rows).Exec(ctx)
	return codes, err
}

func deleteRecoveryCodes(ctx context.Context, tx *store.Tx, userID int64) error {
	_, err := tx.NewDelete().Model((*recoveryCode)(nil)).Where("user_id = ?", userID).Exec(ctx)
	return err
}

// hashRecovery forgives how a code was typed: dashes, capitals, and letters that look like digits.
func hashRecovery(k store.Keys, userID int64, code string) string {
	code = strings.Map(func(r rune) rune {
		switch {
		case r == 'o':
			return '0'
		case r == 'i' || r == 'l':
			return '1'
		case r >= '0' && r <= '9' || r >= 'a' && r <= 'z':
			return r
		}
		return -1
	}, strings.ToLower(code))
	return k.Blind("recovery code", strconv.FormatInt(userID, 10)+" "+code)
}

// useRecoveryCode reports whether a code is one of the user's, and uses it up.
func useRecoveryCode(ctx context.Context, st *store.Store, userID int64, code string) (used bool, err error) {
	err = st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		err := removed(tx.NewUpdate().Model((*recoveryCode)(nil)).Set("used_at = ?", tx.Now()).
			Where("user_id = ? AND hash = ? AND used_at IS NULL", userID, hashRecovery(tx.Keys, userID, code)).Exec(ctx))
		if isGone(err) {
			return nil
		}
		if err != nil {
			return err
		}
		used = true
		ctx = asUser(ctx, userID)
		u, err := lock(ctx, tx, userID)
		if err != nil {
			return err
		}
		return u.changedSecondFactor(ctx, tx, "user.recovery_code_used")
	})
	return used, err
}
