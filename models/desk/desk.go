// Package desk is the work of staff beside each other: who has a record open, and what somebody typed into a
// form and has not saved.
package desk

import (
	"context"

	"kurso/models/store"
)

// Record is what somebody works on. Subject is that of its audit entries; ID 0 is a record still to be created.
// A form that shows only a part of its record has a subject of its own, such as "provider.legal".
type Record struct {
	Subject string
	ID      int64
}

// Sweep forgets who is gone and drafts that nobody came back to.
func Sweep(ctx context.Context, st *store.Store) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.NewRaw("DELETE FROM presences WHERE seen_at <= ?", tx.Now().Add(-PresentFor)).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewRaw("DELETE FROM drafts WHERE updated_at <= ?", tx.Now().Add(-KeptFor)).Exec(ctx)
		return err
	})
}
