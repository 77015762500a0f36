package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/jackc/pgx/v5"
)

// hash is one link of the chain; that before the first is all zero.
type hash [sha256.Size]byte

// link is an entry as the chain covers it: every column.
type link struct {
	ID          int64
	At          time.Time
	ActorKind   string
	ActorID     *int64
	SubjectType string
	SubjectID   int64
	Action      string
	// Changes is the JSON as Postgres writes it.
	Changes   string
	RequestID string
}

// linkColumns are those of audit_entries AS e in the order of link's fields.
const linkColumns = "e.id, e.at, e.actor_kind, e.actor_id, e.subject_type, e.subject_id, e.action, e.changes::text, e.request_id"

func scanLink(row pgx.CollectableRow) (link, error) { return pgx.RowToStructByPos[link](row) }

// after is SHA-256 over the hash before, and for each column four bytes of length and its bytes: numbers in eight
// bytes, the time in microseconds, big-endian; a null has the length −1. What a later release adds to an entry
// must come behind, and only where it is not null, so that old hashes stay.
func (l *link) after(before hash, scratch []byte) hash {
	b := append(scratch[:0], before[:]...)
	number := func(n int64) {
		b = binary.BigEndian.AppendUint32(b, 8)
		b = binary.BigEndian.AppendUint64(b, uint64(n))
	}
	text := func(s string) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	number(l.ID)
	number(l.At.UnixMicro())
	text(l.ActorKind)
	if l.ActorID == nil {
		b = binary.BigEndian.AppendUint32(b, ^uint32(0))
	} else {
		number(*l.ActorID)
	}
	text(l.SubjectType)
	number(l.SubjectID)
	text(l.Action)
	text(l.Changes)
	text(l.RequestID)
	return sha256.Sum256(b)
}
