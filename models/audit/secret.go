package audit

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"

	"github.com/uptrace/bun"

	"kurso/models/store"
)

// Secret is an old and a new value that tell about a person. The entry, and with it the chain, holds commitments
// only: SHA-256 of a random salt and the value. Values and salts stand in a table of their own, from which they can
// be erased; without the salt nobody can try values out. An empty value has no commitment.
type Secret struct {
	Old []byte `json:"old,omitempty"`
	New []byte `json:"new,omitempty"`

	before, after    string
	oldSalt, newSalt []byte
	erased           bool
}

// Personal is a change of a field that tells about a person.
func Personal(field, before, after string) Change {
	s := &Secret{before: before, after: after, oldSalt: salt(), newSalt: salt()}
	s.Old, s.New = commitment(s.oldSalt, before), commitment(s.newSalt, after)
	return Change{Field: field, Secret: s}
}

func salt() []byte {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return b
}

func commitment(salt []byte, value string) []byte {
	if value == "" {
		return nil
	}
	h := sha256.New()
	h.Write(salt)
	h.Write([]byte(value))
	return h.Sum(nil)
}

// secretsIn counts the secrets in changes as Postgres writes them; inside a text the quotes would be escaped.
func secretsIn(changes []byte) int { return bytes.Count(changes, []byte(`"secret": {`)) }

// value is a row of personal values, that of the change at Position of its entry.
type value struct {
	bun.BaseModel `bun:"table:audit_values,alias:av"`
	EntryID       int64 `bun:",pk"`
	Position      int   `bun:",pk"`
	Old           string
	OldSalt       []byte
	New           string
	NewSalt       []byte
}

// values are the rows of a written entry.
func (e *Entry) values() []*value {
	var rows []*value
	for i, c := range e.Changes {
		if s := c.Secret; s != nil {
			rows = append(rows, &value{EntryID: e.ID, Position: i, Old: s.before, OldSalt: s.oldSalt, New: s.after, NewSalt: s.newSalt})
		}
	}
	return rows
}

// reveal fills in the personal values of entries that were read.
func reveal(ctx context.Context, r store.Reader, entries []*Entry) error {
	var ids []int64
	secrets := map[[2]int64]*Secret{}
	for _, e := range entries {
		for i, c := range e.Changes {
			if c.Secret != nil {
				c.Secret.erased = true
				secrets[[2]int64{e.ID, int64(i)}] = c.Secret
				ids = append(ids, e.ID)
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	var rows []*value
	if err := r.NewSelect().Model(&rows).Where("entry_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return err
	}
	for _, v := range rows {
		if s := secrets[[2]int64{v.EntryID, int64(v.Position)}]; s != nil {
			s.before, s.after, s.erased = v.Old, v.New, false
		}
	}
	return nil
}

// Erase deletes all personal values that entries about a record keep, and notes that it did. The chain still
// holds, and histories say that the values are gone. It returns how many changes lost their values.
func Erase(ctx context.Context, tx *store.Tx, subjectType string, subjectID int64) (int, error) {
	res, err := tx.NewDelete().Model((*value)(nil)).
		Where("entry_id IN (SELECT id FROM audit_entries WHERE subject_type = ? AND subject_id = ?)", subjectType, subjectID).Exec(ctx)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	if err != nil || n == 0 {
		return 0, err
	}
	return int(n), Write(ctx, tx, subjectType, subjectID, ErasedAction)
}

// ErasedAction is the action of Erase's own entry.
const ErasedAction = "values.erased"
