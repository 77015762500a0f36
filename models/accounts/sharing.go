package accounts

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"kurso/models/store"
)

// Signs that several people use one account. A phone beside a computer is none, in whatever networks: most
// people have both.
const (
	// SignNetworks: used on the same kind of device in two networks within minutes.
	SignNetworks = "networks"
	// SignAlternation: sign-ins replaced one another several times within an hour.
	SignAlternation = "alternation"
)

// What counts as minutes, and as several times.
const (
	closeBy           = 10 * time.Minute
	alternationWithin = time.Hour
	alternations      = 3
)

// SharingSign is one kind of sign on one day, for administrators.
type SharingSign struct {
	bun.BaseModel `bun:"table:sharing_signs,alias:ss"`
	ID            int64 `bun:",pk,autoincrement"`
	UserID        int64
	Kind          string
	Day           time.Time `bun:"type:date"`
	Times         int
	FirstAt       time.Time
	LastAt        time.Time
	Networks      []string `bun:",array"`

	User *User `bun:"rel:belongs-to,join:user_id=id"`
}

// SharingSigns lists the newest signs with their users.
func SharingSigns(ctx context.Context, r store.Reader, limit int) ([]*SharingSign, error) {
	var signs []*SharingSign
	err := r.NewSelect().Model(&signs).Relation("User").OrderExpr("ss.last_at DESC, ss.id DESC").Limit(int64(limit)).Scan(ctx)
	return signs, err
}

// judge notes signs of sharing in a sign-in that replaced another.
func (a *Arrival) judge(ctx context.Context, tx *store.Tx) error {
	old := a.Replaced
	if old.Network != a.Network && sameFamily(old.Network, a.Network) && a.StartedAt.Sub(old.LastSeenAt) < closeBy {
		if err := note(ctx, tx, a.UserID, SignNetworks, old.Network, a.Network); err != nil {
			return err
		}
	}
	var n int
	err := tx.NewRaw("SELECT count(*) FROM sign_ins WHERE user_id = ? AND end_reason = ? AND ended_at > ?", a.UserID, Replaced, a.StartedAt.Add(-alternationWithin)).Scan(ctx, &n)
	if err != nil || n < alternations {
		return err
	}
	return note(ctx, tx, a.UserID, SignAlternation, old.Network, a.Network)
}

// wanders reports whether a computer comes back to a network that it left minutes ago: two of them use one
// cookie.
func (s *SignIn) wanders(network string, now time.Time) bool {
	return s.Device == Computer && s.EarlierNetwork == network && s.EarlierAt != nil && now.Sub(*s.EarlierAt) < closeBy &&
		sameFamily(s.Network, network)
}

func note(ctx context.Context, tx *store.Tx, userID int64, kind string, networks ...string) error {
	now := tx.Now()
	_, err := tx.NewRaw(`INSERT INTO sharing_signs AS s (user_id, kind, day, first_at, last_at, networks) VALUES (?, ?, ?::date, ?, ?, ?)
		ON CONFLICT (user_id, kind, day) DO UPDATE SET times = s.times + 1, last_at = excluded.last_at,
			networks = (SELECT array_agg(n) FROM (SELECT DISTINCT unnest(s.networks || excluded.networks) AS n LIMIT 10) AS all_of_them)`,
		userID, kind, now.UTC().Format(time.DateOnly), now, now, pgdialect.Array(slices.Compact(networks))).Exec(ctx)
	return err
}
