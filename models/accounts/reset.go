package accounts

import (
	"context"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/uptrace/bun"

	"kurso/models/outbox"
	"kurso/models/store"
	"kurso/models/throttle"
)

// ResetFor is how long the link to a new password counts.
const ResetFor = time.Hour

// resetRequest is an address that asked for a new password, until the job answers.
type resetRequest struct {
	bun.BaseModel `bun:"table:reset_requests,alias:rr"`
	ID            int64 `bun:",pk,autoincrement"`
	Email         string
	CreatedAt     time.Time
}

// AnswerResetJob sends the link that somebody asked for.
type AnswerResetJob struct {
	RequestID int64 `json:"request_id"`
}

// Kind names the job.
func (AnswerResetJob) Kind() string { return "answer_reset" }

// RequestReset asks for a link to a new password. It does the same and takes as long whether there is such
// an account or not: a job finds out. Too many requests for one address are swallowed, too many from one
// network refused with *store.ThrottledError. Errors besides: *store.ValidationError.
func RequestReset(ctx context.Context, st *store.Store, email string, from Client) error {
	c := &checked{}
	email = c.email("email", email)
	if err := c.OrNil(); err != nil {
		return err
	}
	if err := throttle.Take(ctx, st, throttle.Limit{Key: "reset network " + from.Network, Every: 10 * time.Second, Burst: 20}); err != nil {
		return err
	}
	// a device that is known for the address has a bucket of its own: strangers cannot use it up
	account := strings.ToLower(email)
	var userID int64
	if err := st.NewRaw("SELECT coalesce(max(id), 0) FROM users WHERE lower(email) = ?", account).Scan(ctx, &userID); err != nil {
		return err
	}
	device, err := findDevice(ctx, st, userID, from)
	if err != nil {
		return err
	}
	limit := throttle.Limit{Key: "reset account " + account, Every: 10 * time.Minute, Burst: 3}
	if device != 0 {
		limit.Key = "reset device " + account + " " + from.Device
	}
	if throttled, err := isThrottled(throttle.Take(ctx, st, limit)); throttled || err != nil {
		return err
	}
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		r := &resetRequest{Email: email, CreatedAt: tx.Now()}
		if _, err := tx.NewInsert().Model(r).Exec(ctx); err != nil {
			return err
		}
		return tx.Enqueue(ctx, AnswerResetJob{RequestID: r.ID}, nil)
	})
}

// AnswerReset writes the mail for a request if there is such an account, and forgets the request. Whoever
// was invited and has not come has no password to forget.
func AnswerReset(ctx context.Context, st *store.Store, requestID int64) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		r := &resetRequest{}
		err := tx.NewRaw("DELETE FROM reset_requests WHERE id = ? RETURNING *", requestID).Scan(ctx, r)
		if isNone(err) {
			return nil
		}
		if err != nil {
			return err
		}
		u := &User{}
		err = tx.NewSelect().Model(u).Where("lower(email) = ? AND active AND password_hash <> ''", strings.ToLower(r.Email)).For("NO KEY UPDATE").Scan(ctx)
		if isNone(err) || err == nil && u.over(tx.Now()) {
			return nil
		}
		if err != nil {
			return err
		}
		t, err := NewToken(ctx, tx, u.ID, PasswordReset, "", ResetFor)
		if err != nil {
			return err
		}
		return t.send(ctx, tx, u, outbox.PasswordReset, u.Email)
	})
}

// send writes the mail with a link.
func (t *Token) send(ctx context.Context, tx *store.Tx, u *User, letter, recipient string) error {
	return outbox.Add(ctx, tx, &outbox.Mail{UserID: &u.ID, Subject: SubjectToken, SubjectID: t.ID, Letter: letter, Recipient: recipient, Locale: u.Locale})
}

// FindReset reads whose password a link resets. Errors: store.ErrNotFound, store.ErrGone.
func FindReset(ctx context.Context, st *store.Store, secret string) (*User, error) {
	t, err := FindToken(ctx, st, st.Now(), PasswordReset, secret)
	if err != nil {
		return nil, err
	}
	u, err := Load(ctx, st, t.UserID)
	if isGone(err) {
		return nil, store.ErrGone
	}
	return u, err
}

// Reset gives the owner of a link a new password and ends all their sign-ins. It signs nobody in: a second
// factor is asked as ever. The browser becomes a known device, whose token it returns: so its owner can sign
// in while strangers guess. Errors: *store.ValidationError, store.ErrNotFound, store.ErrGone.
func Reset(ctx context.Context, st *store.Store, secret, password string, from Client) (deviceToken string, err error) {
	u, err := FindReset(ctx, st, secret)
	if err != nil {
		return "", err
	}
	c := &checked{}
	c.password("new", password, u.Email, u.Name)
	if err := c.OrNil(); err != nil {
		return "", err
	}
	hash, err := argon2id.CreateHash(password, params)
	if err != nil {
		return "", err
	}
	err = st.InTx(asUser(ctx, u.ID), func(ctx context.Context, tx *store.Tx) error {
		if _, err := UseToken(ctx, tx, PasswordReset, secret); err != nil {
			return err
		}
		u, err := lock(ctx, tx, u.ID)
		if err != nil {
			return err
		}
		if err := setPassword(ctx, tx, u, hash, nil); err != nil {
			return err
		}
		_, deviceToken, _, err = knowDevice(ctx, tx, u.ID, from)
		return err
	})
	return deviceToken, err
}
