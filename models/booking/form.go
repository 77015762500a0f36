package booking

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"kurso/models/store"
	"kurso/models/throttle"
)

// How long a form may lie open, and how long a person takes at least to fill it.
const (
	formLifetime = 2 * time.Hour
	minFillTime  = 3 * time.Second
)

const formPurpose = "booking.form"

// NewForm is the signed token of a new booking form: its course, when it was shown, and a nonce that makes
// all its submits one booking.
func NewForm(st *store.Store, courseID int64) string {
	return st.Sign(formPurpose, fmt.Sprintf("%d.%d.%s", courseID, st.Now().Unix(), store.Nonce()))
}

// OpenForm returns the nonce of a submitted form. A *store.ValidationError without a field says that the
// form is too old, or was filled in faster than people type; show it again with a new token then.
func OpenForm(st *store.Store, token string, courseID int64) (nonce string, err error) {
	payload, ok := st.Unsign(formPurpose, token)
	parts := strings.Split(payload, ".")
	if !ok || len(parts) != 3 || parts[0] != fmt.Sprint(courseID) {
		return "", formError(keyFormExpired)
	}
	var issued int64
	if _, err := fmt.Sscan(parts[1], &issued); err != nil {
		return "", err
	}
	switch age := st.Now().Sub(time.Unix(issued, 0)); {
	case age > formLifetime:
		return "", formError(keyFormExpired)
	case age < minFillTime:
		return "", formError("error.booking.form_too_fast")
	}
	return parts[2], nil
}

// IsExpiredForm reports whether err says that a form needs a new token.
func IsExpiredForm(err error) bool {
	var v *store.ValidationError
	return errors.As(err, &v) && len(v.Fields) == 1 && v.Fields[0].Key == keyFormExpired
}

const keyFormExpired = "error.booking.form_expired"

func formError(key string) error {
	return &store.ValidationError{Fields: []store.FieldError{{Key: key}}}
}

// Throttle counts one submit of the public form, or returns a *store.ThrottledError. The form's handler
// calls it before Request. network is throttle.Network of the client's address.
func Throttle(ctx context.Context, st *store.Store, network, email string) error {
	return throttle.Take(ctx, st,
		throttle.Limit{Key: "booking.network:" + network, Every: 20 * time.Second, Burst: 30},
		throttle.Limit{Key: "booking.email:" + strings.ToLower(strings.TrimSpace(email)), Every: 2 * time.Minute, Burst: 10},
	)
}
