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

// How long a sign-in lasts, and how long after showing password or second factor a user need not show one
// again.
const (
	IdleAfter    = time.Hour
	ExpiresAfter = 12 * time.Hour
	ConfirmedFor = 10 * time.Minute
	seenEach     = time.Minute
)

// Reasons why a sign-in ended.
const (
	SignedOut   = "signed_out"
	Replaced    = "replaced" // by a further one on the same kind of device
	Ended       = "ended"    // from another device of the same user
	Idle        = "idle"
	Expired     = "expired"
	Password    = "password" // it was changed
	Deactivated = "deactivated"
	AccessOver  = "access_over" // of support
)

// SignIn is one user in one browser, from signing in to the end.
type SignIn struct {
	bun.BaseModel `bun:"table:sign_ins,alias:si"`
	ID            int64 `bun:",pk,autoincrement"`
	UserID        int64
	// Device is Computer or Phone; Browser and System are words, empty where the browser does not tell.
	Device, Browser, System string
	Network                 string
	KnownDeviceID           *int64
	EarlierNetwork          string
	EarlierAt               *time.Time
	StartedAt               time.Time
	// LastSeenAt is exact to a minute.
	LastSeenAt time.Time
	// ConfirmedAt is when password or second factor were last asked.
	ConfirmedAt time.Time
	EndedAt     *time.Time
	EndReason   string `bun:",nullzero"`
	ReplacedBy  *int64

	User *User `bun:"rel:belongs-to,join:user_id=id"`
	// Secured: the user has a second factor.
	Secured bool `bun:",scanonly"`
}

// Confirmed reports whether the user has shown password or second factor a short time ago.
func (s *SignIn) Confirmed(now time.Time) bool { return now.Before(s.ConfirmedAt.Add(ConfirmedFor)) }

// over is the reason why a sign-in that was not ended is over by itself, or "".
func (s *SignIn) over(now time.Time) string {
	switch {
	case !now.Before(s.StartedAt.Add(ExpiresAfter)):
		return Expired
	case !now.Before(s.LastSeenAt.Add(IdleAfter)):
		return Idle
	}
	return ""
}

// Arrival is what became of signing in.
type Arrival struct {
	*SignIn
	// Replaced is the sign-in on another device that ended for it, or nil.
	Replaced *SignIn
	// DeviceToken is what the cookie of the device must hold.
	DeviceToken string
}

// Begin signs a user in who has shown all that is asked of them. It ends the sign-in on another device of
// the same kind, and tells the user by mail of that or of a new device. Errors: store.ErrNotFound for
// somebody who may not sign in any more.
func Begin(ctx context.Context, st *store.Store, userID int64, from Client) (*Arrival, error) {
	ctx = asUser(ctx, userID)
	a := &Arrival{SignIn: &SignIn{UserID: userID, Network: from.Network}}
	return a, st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := lock(ctx, tx, userID)
		if err != nil {
			return err
		}
		now := tx.Refresh() // after those who signed in at the same moment
		if !u.Active || u.over(now) {
			return store.ErrNotFound
		}
		a.Device, a.Browser, a.System = from.device()
		a.StartedAt, a.LastSeenAt, a.ConfirmedAt = now, now, now
		device, token, isNew, err := knowDevice(ctx, tx, userID, from)
		if err != nil {
			return err
		}
		a.KnownDeviceID, a.DeviceToken = &device, token
		if err := a.insert(ctx, tx); err != nil {
			return err
		}
		if a.Replaced != nil {
			if err := a.judge(ctx, tx); err != nil {
				return err
			}
		}
		if err := a.tell(ctx, tx, u, isNew && u.LastSignInAt != nil); err != nil {
			return err
		}
		u.LastSignInAt = &now
		if _, err := tx.NewUpdate().Model(u).Column("last_sign_in_at").WherePK().Exec(ctx); err != nil {
			return err
		}
		return audit.Write(ctx, tx, Subject, userID, "user.signed_in")
	})
}

// insert writes the sign-in in the place of the one that the user has on the same kind of device.
func (a *Arrival) insert(ctx context.Context, tx *store.Tx) error {
	if err := tx.NewRaw("SELECT nextval(pg_get_serial_sequence('sign_ins', 'id'))").Scan(ctx, &a.ID); err != nil {
		return err
	}
	old := &SignIn{}
	err := tx.NewSelect().Model(old).Where("user_id = ? AND device = ? AND ended_at IS NULL", a.UserID, a.Device).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if err == nil {
		reason, by := old.over(a.StartedAt), (*int64)(nil)
		switch {
		case reason != "":
		case old.KnownDeviceID != nil && *old.KnownDeviceID == *a.KnownDeviceID:
			reason = SignedOut // the same browser, signed in again
		default:
			reason, by, a.Replaced = Replaced, &a.ID, old
		}
		_, err := tx.NewUpdate().Model(old).Set("ended_at = ?", a.StartedAt).Set("end_reason = ?", reason).Set("replaced_by = ?", by).WherePK().Exec(ctx)
		if err != nil {
			return err
		}
	}
	_, err = tx.NewRaw(`INSERT INTO sign_ins (id, user_id, device, browser, system, network, known_device_id, started_at, last_seen_at, confirmed_at)
		OVERRIDING SYSTEM VALUE VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, a.UserID, a.Device, a.Browser, a.System, a.Network, a.KnownDeviceID, a.StartedAt, a.LastSeenAt, a.ConfirmedAt).Exec(ctx)
	return err
}

// tell writes to the owner if something happened that they may know nothing of.
func (a *Arrival) tell(ctx context.Context, tx *store.Tx, u *User, strange bool) error {
	letter := outbox.SignInReplaced
	switch {
	case a.Replaced != nil:
	case strange:
		letter = outbox.SignInNewDevice
	default:
		return nil
	}
	return outbox.Add(ctx, tx, &outbox.Mail{UserID: &u.ID, Subject: SubjectSignIn, SubjectID: a.ID, Letter: letter, Recipient: u.Email, Locale: u.Locale})
}

// Resume reads the sign-in of a request with its user, and notes that it was seen. EndedAt is set if it is
// over: then the request is nobody's. Errors: store.ErrNotFound.
func Resume(ctx context.Context, st *store.Store, id int64, network string) (*SignIn, error) {
	s, err := Glance(ctx, st, id)
	if err != nil || s.EndedAt != nil || st.Now().Sub(s.LastSeenAt) < seenEach && s.Network == network {
		return s, err
	}
	return s, st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return s.see(ctx, tx, network) })
}

// Glance is Resume for a request that a page makes by itself: it is no sign that somebody is there.
func Glance(ctx context.Context, st *store.Store, id int64) (*SignIn, error) {
	s := &SignIn{}
	err := st.NewSelect().Model(s).ColumnExpr("si.*").ColumnExpr(secured("si.user_id")+" AS secured").Relation("User").Where("si.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	if err != nil || s.EndedAt != nil {
		return s, err
	}
	now := st.Now()
	reason := s.over(now)
	switch {
	case !s.User.Active:
		reason = Deactivated
	case s.User.over(now):
		reason = AccessOver
	}
	if reason != "" {
		s.EndedAt, s.EndReason = &now, reason
		return s, st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return end(ctx, tx, reason, "id = ?", id) })
	}
	return s, nil
}

// see notes that the sign-in was used, from a network.
func (s *SignIn) see(ctx context.Context, tx *store.Tx, network string) error {
	before := *s
	s.LastSeenAt = tx.Now()
	if network != s.Network {
		s.EarlierNetwork, s.EarlierAt, s.Network = s.Network, &before.LastSeenAt, network
		if before.wanders(network, tx.Now()) {
			if err := note(ctx, tx, s.UserID, SignNetworks, before.Network, network); err != nil {
				return err
			}
		}
	}
	_, err := tx.NewUpdate().Model(s).Column("last_seen_at", "network", "earlier_network", "earlier_at").Where("id = ? AND ended_at IS NULL", s.ID).Exec(ctx)
	return err
}

// end ends the sign-ins that fit a condition and are not over yet.
func end(ctx context.Context, tx *store.Tx, reason, condition string, args ...any) error {
	_, err := tx.NewUpdate().Model((*SignIn)(nil)).Set("ended_at = ?", tx.Now()).Set("end_reason = ?", reason).
		Where("ended_at IS NULL").Where(condition, args...).Exec(ctx)
	return err
}

// SignOut ends a sign-in on behalf of its user; one that is over stays as it is.
func SignOut(ctx context.Context, st *store.Store, id int64) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		s := &SignIn{}
		err := tx.NewRaw("UPDATE sign_ins SET ended_at = ?, end_reason = ? WHERE id = ? AND ended_at IS NULL RETURNING user_id", tx.Now(), SignedOut, id).Scan(ctx, &s.UserID)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		ctx = asUser(ctx, s.UserID)
		return audit.Write(ctx, tx, Subject, s.UserID, "user.signed_out")
	})
}

// LoadSignIn reads a sign-in with its user. Errors: store.ErrNotFound.
func LoadSignIn(ctx context.Context, r store.Reader, id int64) (*SignIn, error) {
	s := &SignIn{}
	err := r.NewSelect().Model(s).Relation("User").Where("si.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	return s, err
}

// secured is an SQL condition: the user, a column, has a second factor.
func secured(column string) string {
	return "(EXISTS (SELECT FROM authenticators WHERE user_id = " + column + ")" +
		" OR EXISTS (SELECT FROM passkeys WHERE user_id = " + column + "))"
}

// lock reads a user, active or not, and keeps others from changing the account until the transaction ends.
// Errors: store.ErrNotFound.
func lock(ctx context.Context, tx *store.Tx, id int64) (*User, error) {
	u := &User{}
	err := tx.NewSelect().Model(u).Where("id = ?", id).For("NO KEY UPDATE").Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	return u, err
}

// SignIns lists a user's sign-ins that are not over, the newest first.
func SignIns(ctx context.Context, r store.Reader, userID int64, now time.Time) ([]*SignIn, error) {
	var all []*SignIn
	err := r.NewSelect().Model(&all).Where("user_id = ? AND ended_at IS NULL AND started_at > ? AND last_seen_at > ?", userID, now.Add(-ExpiresAfter), now.Add(-IdleAfter)).
		Order("id DESC").Scan(ctx)
	return all, err
}

// EndSignIn ends another sign-in of the same user at its next request; its device becomes a strange one.
// One that is over stays as it is. Errors: store.ErrNotFound for somebody else's.
func EndSignIn(ctx context.Context, st *store.Store, own *SignIn, id int64) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		s := &SignIn{}
		err := tx.NewSelect().Model(s).Where("id = ? AND user_id = ?", id, own.UserID).For("UPDATE").Scan(ctx)
		if isNone(err) {
			return store.ErrNotFound
		}
		if err != nil || s.EndedAt != nil {
			return err
		}
		if err := end(ctx, tx, Ended, "id = ?", id); err != nil {
			return err
		}
		if s.KnownDeviceID != nil {
			if _, err := tx.NewDelete().Model((*knownDevice)(nil)).Where("id = ?", *s.KnownDeviceID).Exec(ctx); err != nil {
				return err
			}
		}
		return audit.Write(ctx, tx, Subject, own.UserID, "user.sign_in_ended")
	})
}

// EndOtherSignIns ends all sign-ins of a user but this one, and makes all other devices strange ones.
func EndOtherSignIns(ctx context.Context, st *store.Store, own *SignIn) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := end(ctx, tx, Ended, "user_id = ? AND id <> ?", own.UserID, own.ID); err != nil {
			return err
		}
		if err := forgetDevices(ctx, tx, own.UserID, own.device()); err != nil {
			return err
		}
		return audit.Write(ctx, tx, Subject, own.UserID, "user.sign_ins_ended")
	})
}

// device is the id of the known device, or 0.
func (s *SignIn) device() int64 {
	if s == nil || s.KnownDeviceID == nil {
		return 0
	}
	return *s.KnownDeviceID
}
