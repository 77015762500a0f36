package accounts

import (
	"context"
	"strconv"
	"time"

	"kurso/models/store"
	"kurso/models/throttle"
)

// Proof is what a signed-in user shows to confirm that it is still them.
type Proof struct {
	Password string
}

// Confirm checks a proof and notes when it was shown. Guesses use up the sign-in's own bucket. Errors:
// *store.ValidationError, *store.ThrottledError.
func Confirm(ctx context.Context, st *store.Store, s *SignIn, p Proof) error {
	err := throttle.Take(ctx, st, throttle.Limit{Key: "confirm " + strconv.FormatInt(s.ID, 10), Every: time.Minute, Burst: 10})
	if err != nil {
		return err
	}
	if !fits(p.Password, s.User.PasswordHash) {
		v := &store.ValidationError{}
		v.Add("confirm_password", "error.wrong_password")
		return v
	}
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		s.ConfirmedAt = tx.Now()
		_, err := tx.NewUpdate().Model(s).Column("confirmed_at").Where("id = ? AND ended_at IS NULL", s.ID).Exec(ctx)
		return err
	})
}
