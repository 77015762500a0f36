package accounts

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/store"
)

// Purposes of a link in a mail to staff.
const (
	Invitation    = "invitation"
	PasswordReset = "password_reset"
	// EmailOld and EmailNew confirm a change of e-mail, at both addresses.
	EmailOld = "email_old"
	EmailNew = "email_new"
)

// Token is a link in a mail to staff. What travels in the mail is derived from it and never stored.
type Token struct {
	bun.BaseModel `bun:"table:account_tokens,alias:at"`
	ID            int64 `bun:",pk,autoincrement"`
	UserID        int64
	Purpose       string
	Email         string
	Nonce         string
	Hash          []byte
	CreatedAt     time.Time
	ExpiresAt     time.Time
	UsedAt        *time.Time
}

// tokenPurpose keeps links of staff apart from those of applicants.
func tokenPurpose(purpose string) string { return "account " + purpose }

// Secret is what the link carries.
func (t *Token) Secret(k store.Keys) string { return k.Token(tokenPurpose(t.Purpose), t.ID, t.Nonce) }

// NewToken writes a link for a user and voids the earlier ones of the same purpose.
func NewToken(ctx context.Context, tx *store.Tx, userID int64, purpose, email string, lifetime time.Duration) (*Token, error) {
	if _, err := tx.NewUpdate().Model((*Token)(nil)).Set("used_at = ?", tx.Now()).
		Where("user_id = ? AND purpose = ? AND used_at IS NULL", userID, purpose).Exec(ctx); err != nil {
		return nil, err
	}
	t := &Token{UserID: userID, Purpose: purpose, Email: email, Nonce: store.Nonce(), CreatedAt: tx.Now(), ExpiresAt: tx.Now().Add(lifetime)}
	// the id is part of what is hashed
	if err := tx.NewRaw("SELECT nextval(pg_get_serial_sequence('account_tokens', 'id'))").Scan(ctx, &t.ID); err != nil {
		return nil, err
	}
	t.Hash = store.HashToken(t.Secret(tx.Keys))
	_, err := tx.NewRaw(`INSERT INTO account_tokens (id, user_id, purpose, email, nonce, hash, created_at, expires_at)
		OVERRIDING SYSTEM VALUE VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, t.ID, t.UserID, t.Purpose, t.Email, t.Nonce, t.Hash, t.CreatedAt, t.ExpiresAt).Exec(ctx)
	return t, err
}

// FindToken reads the link that carries secret; it changes nothing. Errors: store.ErrNotFound for a wrong
// one, store.ErrGone for one that was used, replaced or has expired.
func FindToken(ctx context.Context, r store.Reader, now time.Time, purpose, secret string) (*Token, error) {
	t := &Token{}
	err := r.NewSelect().Model(t).Where("hash = ? AND purpose = ?", store.HashToken(secret), purpose).Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, store.ErrNotFound
	case err != nil:
		return nil, err
	case t.UsedAt != nil || !now.Before(t.ExpiresAt):
		return nil, store.ErrGone
	}
	return t, nil
}

// UseToken is FindToken that uses the link up, once even if two ask at the same moment.
func UseToken(ctx context.Context, tx *store.Tx, purpose, secret string) (*Token, error) {
	t, err := FindToken(ctx, tx, tx.Now(), purpose, secret)
	if err != nil {
		return nil, err
	}
	res, err := tx.NewUpdate().Model(t).Set("used_at = ?", tx.Now()).Where("id = ? AND used_at IS NULL", t.ID).Exec(ctx)
	if err != nil {
		return nil, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return nil, errors.Join(err, store.ErrGone)
	}
	return t, nil
}

// LoadToken reads a link by its id, for the job that writes it into a mail.
func LoadToken(ctx context.Context, r store.Reader, id int64) (*Token, error) {
	t := &Token{}
	err := r.NewSelect().Model(t).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	return t, err
}
