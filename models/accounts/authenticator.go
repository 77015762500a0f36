package accounts

import (
	"bytes"
	"context"
	"encoding/base64"
	"image/png"
	"strconv"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"
	"github.com/uptrace/bun"

	"kurso/models/store"
)

// Authenticator is an app that shows a code of six digits, a new one every 30 seconds.
type Authenticator struct {
	bun.BaseModel `bun:"table:authenticators,alias:au"`
	UserID        int64 `bun:",pk"`
	// Secret is sealed.
	Secret    []byte
	LastStep  int64
	CreatedAt time.Time
}

const (
	sealAuthenticator = "authenticator"
	period            = 30  // seconds
	qrSize            = 240 // pixels
)

// AuthenticatorKey is what an app is set up with, before the first code was shown.
type AuthenticatorKey struct {
	// URL is what the QR code says, Secret what is typed instead.
	URL, Secret string
	// State comes back with the first code.
	State string
}

// NewAuthenticatorKey makes a key. Nothing is kept: it travels with the form.
func NewAuthenticatorKey(k store.Keys, u *User, issuer string) (*AuthenticatorKey, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: u.Email})
	if err != nil {
		return nil, err
	}
	return authenticatorKey(k, u, key), nil
}

func authenticatorKey(k store.Keys, u *User, key *otp.Key) *AuthenticatorKey {
	return &AuthenticatorKey{URL: key.URL(), Secret: key.Secret(), State: k.Sign(sealAuthenticator, strconv.FormatInt(u.ID, 10)+" "+key.URL())}
}

// Picture is the QR code, as an address that holds the whole PNG.
func (k *AuthenticatorKey) Picture() (string, error) {
	key, err := otp.NewKeyFromURL(k.URL)
	if err != nil {
		return "", err
	}
	picture, err := key.Image(qrSize, qrSize)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		return "", err
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

// OpenAuthenticatorKey is the key that a form brought back, or false if we never made it for this user.
func OpenAuthenticatorKey(k store.Keys, u *User, state string) (*AuthenticatorKey, bool) {
	payload, ok := k.Unsign(sealAuthenticator, state)
	id, url, _ := strings.Cut(payload, " ")
	if !ok || id != strconv.FormatInt(u.ID, 10) {
		return nil, false
	}
	key, err := otp.NewKeyFromURL(url)
	if err != nil {
		return nil, false
	}
	return authenticatorKey(k, u, key), true
}

// AddAuthenticator sets the app up whose first code was shown, in the place of an earlier one. It returns
// recovery codes if the user had no second factor before. Errors: *store.ValidationError,
// *store.ThrottledError.
func AddAuthenticator(ctx context.Context, st *store.Store, s *SignIn, key *AuthenticatorKey, code string) (codes []string, err error) {
	if err := takeConfirmation(ctx, st, s); err != nil {
		return nil, err
	}
	step, ok := stepOf(code, key.Secret, 0, st.Now())
	if !ok {
		v := &store.ValidationError{}
		v.Add("code", "error.wrong_code")
		return nil, v
	}
	err = st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := lock(ctx, tx, s.UserID)
		if err != nil {
			return err
		}
		sealed, err := tx.Seal(sealAuthenticator, u.ID, []byte(key.Secret))
		if err != nil {
			return err
		}
		if codes, err = firstRecoveryCodes(ctx, tx, u.ID); err != nil {
			return err
		}
		a := &Authenticator{UserID: u.ID, Secret: sealed, LastStep: step, CreatedAt: tx.Now()}
		if _, err := tx.NewInsert().Model(a).On("CONFLICT (user_id) DO UPDATE").Exec(ctx); err != nil {
			return err
		}
		return u.changedSecondFactor(ctx, tx, "user.authenticator_added")
	})
	return codes, err
}

// RemoveAuthenticator removes the user's app. Errors: store.ErrNotFound, ErrSecondFactorNeeded.
func RemoveAuthenticator(ctx context.Context, st *store.Store, userID int64) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := lock(ctx, tx, userID)
		if err != nil {
			return err
		}
		if err := removed(tx.NewDelete().Model((*Authenticator)(nil)).Where("user_id = ?", userID).Exec(ctx)); err != nil {
			return err
		}
		return u.lostSecondFactor(ctx, tx, "user.authenticator_removed")
	})
}

// HasAuthenticator reports whether a user has an app.
func HasAuthenticator(ctx context.Context, r store.Reader, userID int64) (has bool, err error) {
	err = r.NewRaw("SELECT EXISTS (SELECT FROM authenticators WHERE user_id = ?)", userID).Scan(ctx, &has)
	return has, err
}

// useCode reports whether a code of the user's app is right, and counts it once even if two show it at the
// same moment.
func useCode(ctx context.Context, st *store.Store, userID int64, code string) (bool, error) {
	a := &Authenticator{}
	err := st.NewSelect().Model(a).Where("user_id = ?", userID).Scan(ctx)
	if isNone(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	secret, err := st.Unseal(sealAuthenticator, userID, a.Secret)
	if err != nil {
		return false, err
	}
	step, ok := stepOf(code, string(secret), a.LastStep, st.Now())
	if !ok {
		return false, nil
	}
	used := false
	err = st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		err := removed(tx.NewUpdate().Model(a).Set("last_step = ?", step).Where("user_id = ? AND last_step < ?", userID, step).Exec(ctx))
		if isGone(err) {
			return nil
		}
		used = err == nil
		return err
	})
	return used, err
}

// stepOf finds the step of a code among those around now, later than the last one that counted.
func stepOf(code, secret string, last int64, now time.Time) (int64, bool) {
	code = strings.Join(strings.Fields(code), "")
	this := now.Unix() / period
	for _, step := range []int64{this, this - 1, this + 1} {
		ok, err := hotp.ValidateCustom(code, uint64(step), secret, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && ok && step > last {
			return step, true
		}
	}
	return 0, false
}
