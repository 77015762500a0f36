package audit

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"kurso/models/store"
)

// SealJob is the periodic job that runs Seal until nothing waits.
type SealJob struct{}

// Kind names the job.
func (SealJob) Kind() string { return "seal_audit" }

// sealLock is the advisory lock of the one that writes the chain.
const sealLock = 7_2026_1127

// Seal appends at most limit entries that wait to the chain, in the order of their ids, and returns how many. An
// entry that is committed after a later one was sealed comes behind it. It returns 0 while somebody else seals, so
// that any number may try. The first seal of all asks for the chain's head to be kept.
func Seal(ctx context.Context, st *store.Store, limit int) (n int, err error) {
	err = st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		var last Head
		err := tx.WithPgx(func(pg pgx.Tx) (err error) {
			n, last, err = sealIn(ctx, pg, limit)
			return err
		})
		if err != nil || n == 0 || last.Seq > int64(n) {
			return err
		}
		return tx.Enqueue(ctx, KeepHeadJob{}, nil)
	})
	return n, err
}

func sealIn(ctx context.Context, pg pgx.Tx, limit int) (n int, last Head, err error) {
	var mine bool
	if err := pg.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock($1)", int64(sealLock)).Scan(&mine); err != nil || !mine {
		return 0, last, err
	}
	if last, err = head(ctx, pg); err != nil {
		return 0, last, err
	}
	n, err = appendSeals(ctx, pg, &last, limit)
	return n, last, err
}

// appendSeals moves last on.
func appendSeals(ctx context.Context, pg pgx.Tx, last *Head, limit int) (int, error) {
	rows, err := pg.Query(ctx, "SELECT entry_id FROM audit_unsealed ORDER BY entry_id LIMIT $1", limit)
	if err != nil {
		return 0, err
	}
	waiting, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(waiting) == 0 {
		return 0, err
	}
	var found entries
	if err := found.read(ctx, pg, waiting); err != nil {
		return 0, err
	}
	// an entry that is not there any more goes on waiting, for Verify to tell
	seals, sealed := [][]any{}, []int64{}
	for _, id := range waiting {
		if entry, ok := found.of(id); ok {
			last.Seq++
			last.Hash = last.Hash.after(entry)
			hash := last.Hash
			seals, sealed = append(seals, []any{last.Seq, id, hash[:]}), append(sealed, id)
		}
	}
	if _, err := pg.CopyFrom(ctx, pgx.Identifier{"audit_seals"}, []string{"seq", "entry_id", "hash"}, pgx.CopyFromRows(seals)); err != nil {
		return 0, err
	}
	_, err = pg.Exec(ctx, "DELETE FROM audit_unsealed WHERE entry_id = ANY($1)", sealed)
	return len(sealed), err
}

// head is the last seal; the zero Head without any.
func head(ctx context.Context, pg pgx.Tx) (h Head, err error) {
	var sum []byte
	err = pg.QueryRow(ctx, "SELECT seq, entry_id, hash FROM audit_seals ORDER BY seq DESC LIMIT 1").Scan(&h.Seq, &h.EntryID, &sum)
	if errors.Is(err, pgx.ErrNoRows) {
		return h, nil
	}
	copy(h.Hash[:], sum)
	return h, err
}
