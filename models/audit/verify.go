package audit

import (
	"context"
	"encoding/base64"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"kurso/models/store"
)

// What can be wrong with the log.
const (
	// EntryChanged: an entry is not what was sealed.
	EntryChanged = "entry_changed"
	// EntryMissing: an entry that was sealed is not there.
	EntryMissing = "entry_missing"
	// SealChanged: a seal's own hash was changed.
	SealChanged = "seal_changed"
	// EitherChanged: an entry or its seal was changed, and what follows cannot tell which.
	EitherChanged = "either_changed"
	// SealMissing: the seals from Seq to LastSeq are not there.
	SealMissing = "seal_missing"
	// NotSealed: an entry older than SealedWithin is neither sealed nor waiting.
	NotSealed = "not_sealed"
	// Vanished: an entry waits to be sealed and is not there.
	Vanished = "vanished"
	// Stuck: Count entries older than SealedWithin still wait, EntryID the first of them.
	Stuck = "stuck"
	// ValueChanged: a personal value is not the one its entry commits to.
	ValueChanged = "value_changed"
	// ValueStray: there is a personal value, but no change of an entry that commits to one.
	ValueStray = "value_stray"
	// HeadCut: the chain ends before a head that was kept.
	HeadCut = "head_cut"
	// HeadDiffers: the chain holds something else where a head was kept.
	HeadDiffers = "head_differs"
	// HeadUnreadable: what was kept is no head.
	HeadUnreadable = "head_unreadable"
)

// Fault is one thing that is wrong. Its Kind says which of the other fields count.
type Fault struct {
	Kind         string
	EntryID      int64
	Seq, LastSeq int64
	Position     int
	Count        int
	Head         string
}

// MaxFaults is how many faults a Report names.
const MaxFaults = 20

// SealedWithin is the age beyond which every entry must be sealed.
const SealedWithin = time.Minute

// Report is what Verify found.
type Report struct {
	// Head is the end of the chain; its Seq is the number of seals when none is missing.
	Head Head
	// Sealed entries were compared with their seals, Values with their commitments. Erased values are gone, as they
	// may be. Waiting entries are not sealed yet. Heads were kept.
	Sealed, Values, Erased, Waiting, Heads int
	// Faults are the first MaxFaults of FaultCount.
	Faults     []Fault
	FaultCount int
}

func (r *Report) add(f Fault) {
	if r.FaultCount++; len(r.Faults) < MaxFaults {
		r.Faults = append(r.Faults, f)
	}
}

// Verify reads the whole log as it is at one moment, without keeping anybody waiting, and compares every seal with
// its entry, every personal value with its commitment, and the chain with the heads that were kept.
func Verify(ctx context.Context, st *store.Store, heads []Head) (*Report, error) {
	v := &verifier{kept: map[int64][]Head{}, linked: true}
	v.Heads = len(heads)
	for _, h := range heads {
		if h.Unreadable {
			v.add(Fault{Kind: HeadUnreadable, Head: h.Name})
		} else {
			v.kept[h.Seq] = append(v.kept[h.Seq], h)
		}
	}
	err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		now := tx.Now()
		return tx.WithPgx(func(pg pgx.Tx) error {
			v.pg = pg
			if _, err := pg.Exec(ctx, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"); err != nil {
				return err
			}
			if err := v.chain(ctx); err != nil {
				return err
			}
			for _, h := range heads {
				if !h.Unreadable && h.Seq > v.Head.Seq {
					v.add(Fault{Kind: HeadCut, Seq: h.Seq, LastSeq: v.Head.Seq, Head: h.Name})
				}
			}
			return v.unsealed(ctx, now)
		})
	})
	return &v.Report, err
}

type verifier struct {
	Report
	pg   pgx.Tx
	kept map[int64][]Head

	// linked: the seal before is known, so that the next can be computed from it.
	linked bool
	// doubt is a seal that does not fit its entry, until the one behind it tells which of the two was changed:
	// should is what the entry as it is would have got.
	doubt  *Fault
	should hash
}

// chunk is how many seals are in memory at once.
const chunk = 10_000

type seal struct {
	Seq, EntryID int64
	Hash         []byte
}

func (v *verifier) chain(ctx context.Context) error {
	var found entries
	for {
		rows, err := v.pg.Query(ctx, "SELECT seq, entry_id, hash FROM audit_seals WHERE seq > $1 ORDER BY seq LIMIT $2", v.Head.Seq, chunk)
		if err != nil {
			return err
		}
		seals, err := pgx.CollectRows(rows, pgx.RowToStructByPos[seal])
		if err != nil {
			return err
		}
		if len(seals) == 0 {
			v.settle(EitherChanged)
			return nil
		}
		ids := make([]int64, len(seals))
		for i, s := range seals {
			ids[i] = s.EntryID
		}
		if err := found.read(ctx, v.pg, ids); err != nil {
			return err
		}
		for i := range seals {
			v.check(&seals[i], &found)
		}
		values, err := v.values(ctx, "v.entry_id = ANY($1)", ids)
		if err != nil {
			return err
		}
		v.Erased += found.secrets - values
	}
}

// check compares one seal with its entry, with the seal before, and with the heads kept of it.
func (v *verifier) check(s *seal, found *entries) {
	if s.Seq != v.Head.Seq+1 {
		v.settle(EitherChanged)
		v.add(Fault{Kind: SealMissing, Seq: v.Head.Seq + 1, LastSeq: s.Seq - 1})
		v.linked = false
	}
	stored := hash(s.Hash)
	entry, ok := found.of(s.EntryID)
	switch {
	case !ok:
		v.settle(EitherChanged)
		v.add(Fault{Kind: EntryMissing, Seq: s.Seq, EntryID: s.EntryID})
	case v.linked:
		v.Sealed++
		computed := v.Head.Hash.after(entry)
		switch {
		case computed == stored:
			v.settle(EntryChanged)
		case v.doubt != nil && v.should.after(entry) == stored:
			v.settle(SealChanged)
		default:
			v.settle(EitherChanged)
			v.doubt, v.should = &Fault{Seq: s.Seq, EntryID: s.EntryID}, computed
		}
	}
	v.linked = true
	v.Head.Seq, v.Head.EntryID, v.Head.Hash = s.Seq, s.EntryID, stored
	for _, h := range v.kept[s.Seq] {
		if h.Hash != stored || h.EntryID != s.EntryID {
			v.add(Fault{Kind: HeadDiffers, Seq: s.Seq, Head: h.Name})
		}
	}
}

// settle says what the doubt was about, if there is one.
func (v *verifier) settle(kind string) {
	if v.doubt != nil {
		v.doubt.Kind = kind
		v.add(*v.doubt)
		v.doubt = nil
	}
}

// values compares the personal values that where chooses with their commitments, and returns how many have one.
func (v *verifier) values(ctx context.Context, where string, args ...any) (n int, err error) {
	rows, err := v.pg.Query(ctx, `
		SELECT v.entry_id, v.position, v.old, v.old_salt, v.new, v.new_salt, (e.changes->v.position->'secret') IS NOT NULL,
		       coalesce(e.changes->v.position->'secret'->>'old', ''), coalesce(e.changes->v.position->'secret'->>'new', '')
		FROM audit_values v LEFT JOIN audit_entries e ON e.id = v.entry_id WHERE `+where+" ORDER BY v.entry_id, v.position", args...)
	if err != nil {
		return 0, err
	}
	for rows.Next() {
		var row value
		var secret bool
		var before, after string
		if err := rows.Scan(&row.EntryID, &row.Position, &row.Old, &row.OldSalt, &row.New, &row.NewSalt, &secret, &before, &after); err != nil {
			return 0, err
		}
		if !secret {
			v.add(Fault{Kind: ValueStray, EntryID: row.EntryID, Position: row.Position})
			continue
		}
		n++
		encode := base64.StdEncoding.EncodeToString
		if before != encode(commitment(row.OldSalt, row.Old)) || after != encode(commitment(row.NewSalt, row.New)) {
			v.add(Fault{Kind: ValueChanged, EntryID: row.EntryID, Position: row.Position})
		}
	}
	v.Values += n
	return n, rows.Err()
}

// unsealed looks at what the chain does not reach yet, and whether it should.
func (v *verifier) unsealed(ctx context.Context, now time.Time) error {
	const notSealed = "NOT EXISTS (SELECT FROM audit_seals s WHERE s.entry_id = e.id)"
	rows, err := v.pg.Query(ctx, `SELECT e.id, e.at, EXISTS (SELECT FROM audit_unsealed u WHERE u.entry_id = e.id)
		FROM audit_entries e WHERE `+notSealed+" ORDER BY e.id")
	if err != nil {
		return err
	}
	stuck := Fault{Kind: Stuck}
	for rows.Next() {
		var id int64
		var at time.Time
		var queued bool
		if err := rows.Scan(&id, &at, &queued); err != nil {
			return err
		}
		old := at.Before(now.Add(-SealedWithin))
		switch {
		case !queued && old:
			v.add(Fault{Kind: NotSealed, EntryID: id})
		case old:
			if stuck.Count++; stuck.Count == 1 {
				stuck.EntryID = id
			}
			v.Waiting++
		default:
			v.Waiting++
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if stuck.Count > 0 {
		v.add(stuck)
	}
	if err := v.vanished(ctx); err != nil {
		return err
	}
	_, err = v.values(ctx, strings.ReplaceAll(notSealed, "e.id", "v.entry_id"))
	return err
}

func (v *verifier) vanished(ctx context.Context) error {
	rows, err := v.pg.Query(ctx, `SELECT entry_id FROM audit_unsealed u
		WHERE NOT EXISTS (SELECT FROM audit_entries e WHERE e.id = u.entry_id) ORDER BY entry_id`)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	for _, id := range ids {
		v.add(Fault{Kind: Vanished, EntryID: id})
	}
	return err
}
