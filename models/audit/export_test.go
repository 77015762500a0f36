package audit

import (
	"context"

	"github.com/jackc/pgx/v5"

	"kurso/models/store"
)

// SealIn seals in a transaction that goes on.
func SealIn(ctx context.Context, tx *store.Tx, limit int) error {
	return tx.WithPgx(func(pg pgx.Tx) error {
		_, _, err := sealIn(ctx, pg, limit)
		return err
	})
}
