// Package accounts is the staff: who may sign in.
package accounts

import (
	"time"

	"github.com/uptrace/bun"
)

// Kinds of user.
const (
	Staff   = "staff"
	Support = "support"
)

// SubjectSignIn is what mails about a sign-in are about.
const SubjectSignIn = "sign_in"

// User is a member of staff with an account of their own.
type User struct {
	bun.BaseModel `bun:"table:users,alias:u"`
	ID            int64 `bun:",pk,autoincrement"`
	// Kind is Staff or Support.
	Kind  string
	Email string
	Name  string
	// PasswordHash is empty for somebody who was invited and has not come yet.
	PasswordHash string
	Locale       string
	Active       bool
	// AccessEndsAt is when support's access ends; nil for staff.
	AccessEndsAt  *time.Time
	LastSignInAt  *time.Time
	CreatedAt     time.Time
	DeactivatedAt *time.Time
	// PasswordChangedAt is nil while it is the first one.
	PasswordChangedAt *time.Time
	Version           int
}

// over reports whether the account of support has ended.
func (u *User) over(now time.Time) bool { return u.AccessEndsAt != nil && !now.Before(*u.AccessEndsAt) }
