package accounts

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/store"
)

// Role is a set of permissions that the provider gives to people, and how far they reach.
type Role struct {
	bun.BaseModel `bun:"table:roles,alias:r"`
	ID            int64 `bun:",pk,autoincrement"`
	// Key names a ready role, such as Administration; empty for one of the provider's own.
	Key string `bun:",nullzero"`
	// Name is empty for a ready role that the provider has not renamed.
	Name         string
	Description  string
	Reach        string
	SecondFactor bool
	Position     int
	Version      int
	CreatedAt    time.Time
	UpdatedAt    time.Time

	Permissions []Permission `bun:"-"`
	Categories  []int64      `bun:"-"`
}

// giveRoles adds the ready roles with these keys to a user.
func giveRoles(ctx context.Context, tx *store.Tx, userID int64, keys ...string) error {
	if len(keys) == 0 {
		return nil
	}
	_, err := tx.NewRaw("INSERT INTO user_roles (user_id, role_id) SELECT ?, id FROM roles WHERE key IN (?)", userID, bun.List(keys)).Exec(ctx)
	return err
}
