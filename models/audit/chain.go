package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"

	"context"

	"github.com/jackc/pgx/v5"
)

// hash is one link of the chain; that before the first is all zero.
type hash [sha256.Size]byte

// MarshalText writes a hash in hexadecimal.
func (h hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads it.
func (h *hash) UnmarshalText(b []byte) error {
	if len(b) != hex.EncodedLen(len(h)) {
		return errors.New("not a hash")
	}
	_, err := hex.Decode(h[:], b)
	return err
}

func (h hash) String() string { return hex.EncodeToString(h[:]) }

// after is the hash of an entry that follows this one.
func (h hash) after(entry []byte) (next hash) {
	d := sha256.New()
	d.Write(h[:])
	d.Write(entry)
	d.Sum(next[:0])
	return next
}

// columns are all that an entry has. What a later release adds must be appended, and only for entries that have it,
// so that old hashes stay.
const columns = "id, at, actor_kind, actor_id, subject_type, subject_id, action, changes::text, request_id"

// changesColumn is the place of the changes among the columns.
const changesColumn = 7

// binaryResults asks for every column in Postgres's binary form.
var binaryResults = pgx.QueryResultFormats{pgx.BinaryFormatCode}

// entries are the bytes that the chain covers, of some entries that were read together: for each column four bytes
// of length and its value in Postgres's binary form, that is numbers in eight bytes, the time in microseconds since
// 2000, texts in UTF-8; a null has the length −1.
type entries struct {
	at      map[int64][2]int // where the entry lies in bytes
	bytes   []byte
	secrets int // personal values that they commit to
}

// read reads entries by their ids; those that are missing are left out.
func (e *entries) read(ctx context.Context, pg pgx.Tx, ids []int64) error {
	rows, err := pg.Query(ctx, "SELECT "+columns+" FROM audit_entries WHERE id = ANY($1)", binaryResults, ids)
	if err != nil {
		return err
	}
	if e.at == nil {
		e.at = make(map[int64][2]int, len(ids))
	}
	clear(e.at)
	e.bytes, e.secrets = e.bytes[:0], 0
	for rows.Next() {
		from := len(e.bytes)
		values := rows.RawValues()
		for _, v := range values {
			if v == nil {
				e.bytes = binary.BigEndian.AppendUint32(e.bytes, ^uint32(0))
				continue
			}
			e.bytes = append(binary.BigEndian.AppendUint32(e.bytes, uint32(len(v))), v...)
		}
		e.secrets += secretsIn(values[changesColumn])
		e.at[int64(binary.BigEndian.Uint64(values[0]))] = [2]int{from, len(e.bytes)}
	}
	return rows.Err()
}

// of is one entry's; false: it is missing.
func (e *entries) of(id int64) ([]byte, bool) {
	at, ok := e.at[id]
	return e.bytes[at[0]:at[1]], ok
}
