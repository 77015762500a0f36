// Package accounts is the staff: who may sign in.
package accounts

import (
	"time"

	"github.com/uptrace/bun"
)

// User is a member of staff with an account of their own.
type User struct {
	bun.BaseModel `bun:"table:users,alias:u"`
	ID            int64 `bun:",pk,autoincrement"`
	Email         string
	Name          string
	PasswordHash  string
	Locale        string
	Active        bool
	LastSignInAt  *time.Time
	CreatedAt     time.Time
}
