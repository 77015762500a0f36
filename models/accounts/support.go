package accounts

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/audit"
	"kurso/models/outbox"
	"kurso/models/store"
)

// How long support may have access.
const (
	MinSupport = time.Hour
	MaxSupport = 14 * 24 * time.Hour
)

// SubjectSupport is what mails about support's access are about.
const SubjectSupport = "support_access"

// SupportAccess is one time for which the provider let somebody help.
type SupportAccess struct {
	bun.BaseModel `bun:"table:support_accesses,alias:sa"`
	ID            int64 `bun:",pk,autoincrement"`
	UserID        int64
	Reason        string
	GrantedBy     *int64
	GrantedAt     time.Time
	EndsAt        time.Time
	EndedAt       *time.Time

	Name          string `bun:",scanonly"`
	Email         string `bun:",scanonly"`
	GrantedByName string `bun:",scanonly"`
}

// Open reports whether the access holds at a moment.
func (a *SupportAccess) Open(now time.Time) bool { return a.EndedAt == nil && now.Before(a.EndsAt) }

// End is when the access ended, or will.
func (a *SupportAccess) End() *time.Time {
	if a.EndedAt != nil {
		return a.EndedAt
	}
	return &a.EndsAt
}

// SupportAccesses lists the newest ones first.
func SupportAccesses(ctx context.Context, r store.Reader, limit int) ([]*SupportAccess, error) {
	return supportAccesses(ctx, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Limit(int64(limit)) })
}

// OpenSupport lists the accesses that hold now.
func OpenSupport(ctx context.Context, st *store.Store) ([]*SupportAccess, error) {
	return supportAccesses(ctx, st, func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("sa.ended_at IS NULL AND sa.ends_at > ?", st.Now())
	})
}

// LoadSupportAccess reads one, or store.ErrNotFound.
func LoadSupportAccess(ctx context.Context, r store.Reader, id int64) (*SupportAccess, error) {
	return one(supportAccesses(ctx, r, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("sa.id = ?", id) }))
}

func supportAccesses(ctx context.Context, r store.Reader, choose func(*bun.SelectQuery) *bun.SelectQuery) ([]*SupportAccess, error) {
	var list []*SupportAccess
	q := r.NewSelect().Model(&list).ColumnExpr("sa.*").ColumnExpr("u.name, u.email, coalesce(g.name, '') AS granted_by_name").
		Join("JOIN users u ON u.id = sa.user_id").Join("LEFT JOIN users g ON g.id = sa.granted_by").
		OrderExpr("sa.granted_at DESC, sa.id DESC")
	return list, choose(q).Scan(ctx)
}

// SupportInput is the form that gives somebody access, as typed.
type SupportInput struct {
	Name   string   `form:"name"`
	Email  string   `form:"email"`
	Locale string   `form:"locale"`
	Reason string   `form:"reason"`
	Until  string   `form:"until"`
	Roles  []string `form:"roles"`
}

// momentLayout is how browsers send a day and a time.
const momentLayout = "2006-01-02T15:04"

// GrantSupport gives somebody access for a time and sends them a mail. It is outside the licence. It returns
// a *store.ValidationError, or a *store.RuleError for roles that allow more than the actor has.
func GrantSupport(ctx context.Context, st *store.Store, in SupportInput) (int64, error) {
	a := &SupportAccess{}
	err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		c := &checked{}
		zone, err := providerZone(ctx, tx)
		if err != nil {
			return err
		}
		name, email, locale := c.required("name", in.Name, maxName), c.email("email", in.Email), c.choice("locale", in.Locale, "de", "en")
		a.Reason = c.required("reason", in.Reason, maxReason)
		a.EndsAt, err = time.ParseInLocation(momentLayout, in.Until, zone)
		if err != nil {
			c.Add("until", "invalid.moment")
		} else if d := a.EndsAt.Sub(tx.Now()); d < MinSupport-time.Minute || d > MaxSupport {
			c.Add("until", "error.support_until")
		}
		roles, err := chosenRoles(ctx, tx, c, in.Roles)
		if err != nil {
			return err
		}
		u, err := supporter(ctx, tx, c, email)
		if err != nil {
			return err
		}
		if err := c.OrNil(); err != nil {
			return err
		}
		u.Name, u.Locale, u.Active, u.DeactivatedAt, u.AccessEndsAt = name, locale, true, nil, &a.EndsAt
		if err := u.store(ctx, tx); err != nil {
			return err
		}
		changes, err := setRoles(ctx, tx, u.ID, roles)
		if err != nil {
			return err
		}
		if err := a.announce(ctx, tx, u); err != nil {
			return err
		}
		changes = append(changes, audit.Change{Field: "access_ends_at", New: a.EndsAt.Format("2006-01-02 15:04")})
		return audit.Write(ctx, tx, Subject, u.ID, "user.support_granted", changes...)
	})
	return a.ID, emailTaken(err)
}

func providerZone(ctx context.Context, r store.Reader) (*time.Location, error) {
	var name string
	if err := r.NewRaw("SELECT time_zone FROM provider").Scan(ctx, &name); err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC, nil //nolint:nilerr // a zone that this machine does not know
	}
	return zone, nil
}

// supporter is the account of support with an e-mail: a new one, or that of an access which has ended.
func supporter(ctx context.Context, tx *store.Tx, c *checked, email string) (*User, error) {
	u := &User{}
	err := tx.NewSelect().Model(u).Where("lower(email) = lower(?)", email).For("NO KEY UPDATE").Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return &User{Kind: Support, Email: email, CreatedAt: tx.Now()}, nil
	case err != nil:
		return nil, err
	case u.Kind == Staff:
		c.Add("email", "error.support_is_staff")
	case u.Active && !u.over(tx.Now()):
		c.Add("email", "error.support_running")
	}
	return u, nil
}

// store writes an account, new or not.
func (u *User) store(ctx context.Context, tx *store.Tx) (err error) {
	u.Version++
	if u.ID == 0 {
		_, err = tx.NewInsert().Model(u).Exec(ctx)
	} else {
		_, err = tx.NewUpdate().Model(u).WherePK().ExcludeColumn("id", "created_at").Exec(ctx)
	}
	return err
}

// announce writes the access and the mail about it, with a link for somebody who has no password yet.
func (a *SupportAccess) announce(ctx context.Context, tx *store.Tx, u *User) error {
	a.UserID, a.GrantedAt = u.ID, tx.Now()
	if by := store.ActorOf(ctx); by.Kind == "user" {
		a.GrantedBy = &by.UserID
	}
	// of an access that is over, but that nobody has noticed to be
	if err := closeSupport(ctx, tx, u.ID); err != nil {
		return err
	}
	if _, err := tx.NewInsert().Model(a).Exec(ctx); err != nil {
		return err
	}
	if u.PasswordHash == "" {
		if _, err := NewToken(ctx, tx, u.ID, Invitation, u.Email, min(InvitationLifetime, a.EndsAt.Sub(tx.Now()))); err != nil {
			return err
		}
	}
	return outbox.Add(ctx, tx, &outbox.Mail{Subject: SubjectSupport, SubjectID: a.ID, Letter: outbox.SupportAccess, Recipient: u.Email, Locale: u.Locale})
}

// closeSupport notes that the access of an account that is deactivated has ended.
func closeSupport(ctx context.Context, tx *store.Tx, userID int64) error {
	_, err := tx.NewRaw("UPDATE support_accesses SET ended_at = least(ends_at, ?) WHERE user_id = ? AND ended_at IS NULL", tx.Now(), userID).Exec(ctx)
	return err
}

// EndSupportJob is the periodic job that calls EndOverdueSupport.
type EndSupportJob struct{}

// Kind names the job.
func (EndSupportJob) Kind() string { return "end_support" }

// EndOverdueSupport deactivates the accounts of support whose time is over. They cannot be used from that
// moment on anyway; this notes it.
func EndOverdueSupport(ctx context.Context, st *store.Store) error {
	var ids []int64
	err := st.NewRaw("SELECT id FROM users WHERE kind = ? AND active AND access_ends_at <= ?", Support, st.Now()).Scan(ctx, &ids)
	for _, id := range ids {
		err = errors.Join(err, Deactivate(ctx, st, id))
	}
	return err
}
