package booking

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"kurso/models/store"
)

// Load reads a booking with its participants and its course, the course with location, sessions and rooms.
func Load(ctx context.Context, r store.Reader, id int64) (*Booking, error) {
	return load(ctx, r, "b.id = ?", id)
}

// LoadByVerifyToken is Load for the page behind the link that verifies; it changes nothing. An expired
// link of a booking not verified is store.ErrGone.
func LoadByVerifyToken(ctx context.Context, st *store.Store, token string) (*Booking, error) {
	b, err := load(ctx, st, "b.verify_hash = ?", store.HashToken(token))
	if err == nil && (b.State == Requested || b.State == Expired) && !st.Now().Before(b.VerifyExpiresAt) {
		return nil, store.ErrGone
	}
	return b, err
}

// LoadByManageToken is Load for the pages behind the link in later mails; it changes nothing.
func LoadByManageToken(ctx context.Context, r store.Reader, token string) (*Booking, error) {
	return load(ctx, r, "b.manage_hash = ?", store.HashToken(token))
}

func load(ctx context.Context, r store.Reader, where string, arg any) (*Booking, error) {
	b := &Booking{}
	err := r.NewSelect().Model(b).
		Relation("Course").Relation("Course.Location").
		Relation("Course.Sessions", func(q *bun.SelectQuery) *bun.SelectQuery { return q.OrderExpr("ses.starts_at, ses.id") }).
		Relation("Course.Sessions.Room").
		Relation("Participants", func(q *bun.SelectQuery) *bun.SelectQuery { return q.OrderExpr("par.position") }).
		Where(where, arg).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	return b, err
}
