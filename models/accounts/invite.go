package accounts

import (
	"context"
	"time"

	"github.com/alexedwards/argon2id"

	"kurso/models/audit"
	"kurso/models/outbox"
	"kurso/models/store"
)

// InvitationLifetime is how long the link in an invitation holds.
const InvitationLifetime = 7 * 24 * time.Hour

// SubjectToken is what mails about a link are about.
const SubjectToken = "account_token"

// InvitationInput is the form that invites somebody, as typed.
type InvitationInput struct {
	Name   string   `form:"name"`
	Email  string   `form:"email"`
	Locale string   `form:"locale"`
	Roles  []string `form:"roles"`
}

// Invite adds an account without a password and sends its owner a link to set one. It returns a
// *store.ValidationError, or a *store.RuleError when the licence covers nobody more and for roles that allow
// more than the actor has.
func Invite(ctx context.Context, st *store.Store, in InvitationInput) (int64, error) {
	c := &checked{}
	u := &User{Kind: Staff, Active: true, Version: 1, Name: c.required("name", in.Name, maxName),
		Email: c.email("email", in.Email), Locale: c.choice("locale", in.Locale, "de", "en")}
	err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		roles, err := chosenRoles(ctx, tx, c, in.Roles)
		if err != nil {
			return err
		}
		if err := c.OrNil(); err != nil {
			return err
		}
		if err := takePerson(ctx, tx); err != nil {
			return err
		}
		u.CreatedAt = tx.Now()
		if _, err := tx.NewInsert().Model(u).Exec(ctx); err != nil {
			return err
		}
		changes, err := setRoles(ctx, tx, u.ID, roles)
		if err != nil {
			return err
		}
		if err := sendInvitation(ctx, tx, u); err != nil {
			return err
		}
		return audit.Write(ctx, tx, Subject, u.ID, "user.invited", changes...)
	})
	return u.ID, emailTaken(err)
}

// emailTaken makes the violation of the unique e-mail a complaint about the field.
func emailTaken(err error) error {
	if !store.IsUnique(err, "users_email") {
		return err
	}
	c := &checked{}
	c.Add("email", "error.email_taken")
	return c.OrNil()
}

// sendInvitation makes a link, which voids the earlier ones, and the mail with it.
func sendInvitation(ctx context.Context, tx *store.Tx, u *User) error {
	t, err := NewToken(ctx, tx, u.ID, Invitation, u.Email, InvitationLifetime)
	if err != nil {
		return err
	}
	return outbox.Add(ctx, tx, &outbox.Mail{Subject: SubjectToken, SubjectID: t.ID, Letter: outbox.AccountInvitation, Recipient: u.Email, Locale: u.Locale})
}

// errNotInvited: the invitation was used or withdrawn meanwhile.
var errNotInvited = &store.RuleError{Key: "error.not_invited"}

// lockInvited reads the account of somebody who was invited and has not come yet.
func lockInvited(ctx context.Context, tx *store.Tx, id int64) (*User, error) {
	u, err := lockUser(ctx, tx, id)
	if err == nil && u.State() != StateInvited {
		return nil, errNotInvited
	}
	return u, err
}

// InviteAgain sends another link, which replaces the earlier ones. It returns store.ErrNotFound or a
// *store.RuleError.
func InviteAgain(ctx context.Context, st *store.Store, id int64) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := lockInvited(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := sendInvitation(ctx, tx, u); err != nil {
			return err
		}
		return audit.Write(ctx, tx, Subject, id, "user.invited_again")
	})
}

// WithdrawInvitation deletes the account of somebody who never came, with what refers to it and the mails
// that have not gone out. It returns store.ErrNotFound or a *store.RuleError.
func WithdrawInvitation(ctx context.Context, st *store.Store, id int64) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := lockInvited(ctx, tx, id)
		if err != nil {
			return err
		}
		for _, sql := range []string{
			"DELETE FROM mails WHERE subject = 'account_token' AND subject_id IN (SELECT id FROM account_tokens WHERE user_id = ?) AND state IN ('queued', 'retrying', 'failed')",
			"DELETE FROM account_tokens WHERE user_id = ?",
			"DELETE FROM user_roles WHERE user_id = ?",
			"DELETE FROM course_staff WHERE user_id = ?",
			"UPDATE instructors SET user_id = NULL, version = version + 1 WHERE user_id = ?",
			"UPDATE mails SET user_id = NULL WHERE user_id = ?",
			"DELETE FROM users WHERE id = ?",
		} {
			if _, err := tx.NewRaw(sql, u.ID).Exec(ctx); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, Subject, id, "user.invitation_withdrawn")
	})
}

// Invited reads whom a link invites; it changes nothing. Errors: store.ErrNotFound, store.ErrGone for a link
// that was used, replaced or has expired.
func Invited(ctx context.Context, st *store.Store, secret string) (*User, error) {
	t, err := FindToken(ctx, st, st.Now(), Invitation, secret)
	if err != nil {
		return nil, err
	}
	u, err := Find(ctx, st, t.UserID)
	if err == nil && (!u.Active || u.over(st.Now())) {
		return nil, store.ErrGone
	}
	return u, err
}

// AcceptInvitation sets name and password of whom a link invites, once. Errors as Invited, and a
// *store.ValidationError.
func AcceptInvitation(ctx context.Context, st *store.Store, secret, name, password string) (*User, error) {
	c := &checked{}
	name = c.required("name", name, maxName)
	var u *User
	err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		t, err := UseToken(ctx, tx, Invitation, secret)
		if err != nil {
			return err
		}
		c.password("password", password, t.Email, name)
		if err := c.OrNil(); err != nil {
			return err
		}
		hash, err := argon2id.CreateHash(password, params)
		if err != nil {
			return err
		}
		ctx = store.WithActor(ctx, store.Actor{Kind: "user", UserID: t.UserID, RequestID: store.ActorOf(ctx).RequestID})
		if u, err = lockUser(ctx, tx, t.UserID); err != nil {
			return err
		}
		if !u.Active || u.over(tx.Now()) {
			return store.ErrGone
		}
		u.Name, u.PasswordHash = name, hash
		return saveUser(ctx, tx, u, "user.joined")
	})
	return u, err
}

// OpenInvitation reads the link of an invitation that was neither used nor replaced, or store.ErrNotFound.
func OpenInvitation(ctx context.Context, r store.Reader, userID int64) (*Token, error) {
	t := &Token{}
	return t, found(r.NewSelect().Model(t).Where("user_id = ? AND purpose = ? AND used_at IS NULL", userID, Invitation).Scan(ctx))
}
