package accounts

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"kurso/models/store"
	"kurso/models/throttle"
)

// ErrUnconfirmed says that what was asked for happens only after the user showed again who they are: see Confirm.
var ErrUnconfirmed = errors.New("the user must show again who they are")

type signInKey struct{}

// WithSignIn says by which sign-in ctx's actor acts.
func WithSignIn(ctx context.Context, s *SignIn) context.Context {
	return context.WithValue(ctx, signInKey{}, s)
}

// MustConfirm returns ErrUnconfirmed unless ctx's user showed a short time ago who they are. What acts without a
// sign-in, such as a job, has nobody to ask.
func MustConfirm(ctx context.Context, now time.Time) error {
	if s, ok := ctx.Value(signInKey{}).(*SignIn); ok && !s.Confirmed(now) {
		return ErrUnconfirmed
	}
	return nil
}

// Proof is what a signed-in user shows to confirm that it is still them: one of the three is enough.
type Proof struct {
	Password string        `form:"confirm_password"`
	Code     string        `form:"confirm_code"`
	Passkey  PasskeyAnswer `form:"confirm_passkey"`
}

// Empty: nothing was shown.
func (p Proof) Empty() bool { return p.Password == "" && p.Code == "" && p.Passkey.Empty() }

// Confirm checks a proof and notes when it was shown. rp may be nil where there are no passkeys. Errors:
// *store.ValidationError, *store.ThrottledError, ErrPasskey.
func Confirm(ctx context.Context, st *store.Store, rp *webauthn.WebAuthn, s *SignIn, p Proof) error {
	if err := takeConfirmation(ctx, st, s); err != nil {
		return err
	}
	if err := p.check(ctx, st, rp, s.User); err != nil {
		return err
	}
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return s.confirm(ctx, tx) })
}

func (p Proof) check(ctx context.Context, st *store.Store, rp *webauthn.WebAuthn, u *User) error {
	v := &store.ValidationError{}
	switch {
	case !p.Passkey.Empty():
		_, err := p.Passkey.check(ctx, st, rp, u.ID)
		return err
	case p.Code != "" && p.Password == "":
		if ok, err := useCode(ctx, st, u.ID, p.Code); ok || err != nil {
			return err
		}
		v.Add("confirm_code", "error.wrong_code")
	case !fits(p.Password, u.PasswordHash):
		v.Add("confirm_password", "error.wrong_password")
	}
	return v.OrNil()
}

func (s *SignIn) confirm(ctx context.Context, tx *store.Tx) error {
	s.ConfirmedAt = tx.Now()
	_, err := tx.NewUpdate().Model(s).Column("confirmed_at").Where("id = ? AND ended_at IS NULL", s.ID).Exec(ctx)
	return err
}

// takeConfirmation slows down whoever guesses on an open screen: the bucket is the sign-in's own.
func takeConfirmation(ctx context.Context, st *store.Store, s *SignIn) error {
	return throttle.Take(ctx, st, throttle.Limit{Key: "confirm " + strconv.FormatInt(s.ID, 10), Every: time.Minute, Burst: 10})
}
