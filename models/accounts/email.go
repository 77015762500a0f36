package accounts

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/audit"
	"kurso/models/outbox"
	"kurso/models/store"
)

// EmailChangeFor is how long both addresses may take to confirm a change of e-mail.
const EmailChangeFor = 24 * time.Hour

// EmailChange is a change that waits for one address or both.
type EmailChange struct {
	bun.BaseModel  `bun:"table:email_changes,alias:ec"`
	UserID         int64 `bun:",pk"`
	Email          string
	CreatedAt      time.Time
	ExpiresAt      time.Time
	OldConfirmedAt *time.Time
	NewConfirmedAt *time.Time
}

// RequestEmailChange asks the user's address and the new one to confirm; an earlier change is forgotten.
// Errors: *store.ValidationError, *store.ThrottledError.
func RequestEmailChange(ctx context.Context, st *store.Store, s *SignIn, email string) error {
	if err := takeConfirmation(ctx, st, s); err != nil {
		return err
	}
	c := &checked{}
	email = c.email("email", email)
	var taken bool
	if err := st.NewRaw("SELECT EXISTS (SELECT FROM users WHERE lower(email) = lower(?))", email).Scan(ctx, &taken); err != nil {
		return err
	}
	switch {
	case strings.EqualFold(email, s.User.Email):
		c.Add("email", "error.email_same")
	case taken:
		c.Add("email", "error.email_taken")
	}
	if err := c.OrNil(); err != nil {
		return err
	}
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := lock(ctx, tx, s.UserID)
		if err != nil {
			return err
		}
		c := &EmailChange{UserID: u.ID, Email: email, CreatedAt: tx.Now(), ExpiresAt: tx.Now().Add(EmailChangeFor)}
		if _, err := tx.NewInsert().Model(c).On("CONFLICT (user_id) DO UPDATE").Exec(ctx); err != nil {
			return err
		}
		for _, l := range []struct{ purpose, letter, recipient string }{{EmailOld, outbox.EmailOld, u.Email}, {EmailNew, outbox.EmailNew, email}} {
			t, err := NewToken(ctx, tx, u.ID, l.purpose, email, EmailChangeFor)
			if err != nil {
				return err
			}
			if err := t.send(ctx, tx, u, l.letter, l.recipient); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, Subject, u.ID, "user.email_change_requested", audit.Personal("email", u.Email, email))
	})
}

// CancelEmailChange forgets a change that waits, if there is one.
func CancelEmailChange(ctx context.Context, st *store.Store, userID int64) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := lock(ctx, tx, userID); err != nil {
			return err
		}
		err := removed(tx.NewDelete().Model((*EmailChange)(nil)).Where("user_id = ?", userID).Exec(ctx))
		if isGone(err) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, purpose := range []string{EmailOld, EmailNew} {
			if err := voidTokens(ctx, tx, userID, purpose); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, Subject, userID, "user.email_change_cancelled")
	})
}

// OpenEmailChange is the change that waits, or nil.
func OpenEmailChange(ctx context.Context, r store.Reader, userID int64, now time.Time) (*EmailChange, error) {
	c := &EmailChange{}
	err := r.NewSelect().Model(c).Where("user_id = ? AND expires_at > ?", userID, now).Scan(ctx)
	if isNone(err) {
		return nil, nil
	}
	return c, err
}

// FindEmailLink reads the link of one of the two mails. Errors: store.ErrNotFound, store.ErrGone.
func FindEmailLink(ctx context.Context, r store.Reader, now time.Time, secret string) (*Token, error) {
	t, err := FindToken(ctx, r, now, EmailOld, secret)
	if isGone(err) {
		return FindToken(ctx, r, now, EmailNew, secret)
	}
	return t, err
}

// ConfirmEmail confirms a change at one of the two addresses, and makes it when that was the second. done:
// it was. Errors: store.ErrNotFound, store.ErrGone, *store.RuleError if somebody else has the address by now.
func ConfirmEmail(ctx context.Context, st *store.Store, secret string) (done bool, err error) {
	t, err := FindEmailLink(ctx, st, st.Now(), secret)
	if err != nil {
		return false, err
	}
	err = st.InTx(asUser(ctx, t.UserID), func(ctx context.Context, tx *store.Tx) error {
		u, err := lock(ctx, tx, t.UserID)
		if err != nil {
			return err
		}
		if _, err := UseToken(ctx, tx, t.Purpose, secret); err != nil {
			return err
		}
		c, err := OpenEmailChange(ctx, tx, u.ID, tx.Now())
		if err != nil {
			return err
		}
		if c == nil || c.Email != t.Email || !u.Active {
			return store.ErrGone
		}
		now := tx.Now()
		if t.Purpose == EmailOld {
			c.OldConfirmedAt = &now
		} else {
			c.NewConfirmedAt = &now
		}
		if done = c.OldConfirmedAt != nil && c.NewConfirmedAt != nil; done {
			return u.setEmail(ctx, tx, c)
		}
		_, err = tx.NewUpdate().Model(c).WherePK().Exec(ctx)
		return err
	})
	if store.IsUnique(err, "users_email") {
		return false, &store.RuleError{Key: "error.email_taken"}
	}
	return done, err
}

// setEmail makes a change that both addresses have confirmed. Links that went to the old one are void.
func (u *User) setEmail(ctx context.Context, tx *store.Tx, c *EmailChange) error {
	old := u.Email
	u.Email = c.Email
	u.Version++
	if _, err := tx.NewUpdate().Model(u).Column("email", "version").WherePK().Exec(ctx); err != nil {
		return err
	}
	if _, err := tx.NewDelete().Model(c).WherePK().Exec(ctx); err != nil {
		return err
	}
	if err := voidTokens(ctx, tx, u.ID, PasswordReset); err != nil {
		return err
	}
	return audit.Write(ctx, tx, Subject, u.ID, "user.email_changed", audit.Personal("email", old, u.Email))
}
