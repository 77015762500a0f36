package accounts

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"kurso/models/audit"
	"kurso/models/store"
)

// States of an account, as people see it.
const (
	// StateInvited: staff who have not set a password yet.
	StateInvited     = "invited"
	StateActive      = "active"
	StateDeactivated = "deactivated"
	// StateSupport: access for a time, which has not ended.
	StateSupport = "support"
)

// States lists them in the order in which they are shown.
var States = []string{StateActive, StateInvited, StateSupport, StateDeactivated}

// State is the account's.
func (u *User) State() string {
	switch {
	case !u.Active:
		return StateDeactivated
	case u.Kind == Support:
		return StateSupport
	case u.PasswordHash == "":
		return StateInvited
	}
	return StateActive
}

// RolesOf are the roles of users, by their ids, each in the roles' order.
func RolesOf(ctx context.Context, r store.Reader, userIDs ...int64) (map[int64][]*Role, error) {
	out := map[int64][]*Role{}
	if len(userIDs) == 0 {
		return out, nil
	}
	all, err := Roles(ctx, r)
	if err != nil {
		return nil, err
	}
	var given []struct{ UserID, RoleID int64 }
	err = r.NewRaw("SELECT user_id, role_id FROM user_roles WHERE user_id IN (?)", bun.List(userIDs)).Scan(ctx, &given)
	for _, role := range all {
		for _, g := range given {
			if g.RoleID == role.ID {
				out[g.UserID] = append(out[g.UserID], role)
			}
		}
	}
	return out, err
}

// Find reads an account in any state, or store.ErrNotFound.
func Find(ctx context.Context, r store.Reader, id int64) (*User, error) {
	u := &User{}
	return u, found(r.NewSelect().Model(u).Where("id = ?", id).Scan(ctx))
}

// found makes "no rows" the error that all use cases return for it.
func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return store.ErrNotFound
	}
	return err
}

// lockUser is lock for somebody else who changes the account: mustCover.
func lockUser(ctx context.Context, tx *store.Tx, id int64) (*User, error) {
	u, err := lock(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	return u, mustCover(ctx, tx, u)
}

// mustCover refuses, with a *store.RuleError, an account that may do more than the actor: it is out of the
// actor's hands.
func mustCover(ctx context.Context, tx *store.Tx, u *User) error {
	theirs, err := LoadGrants(ctx, tx, u.ID)
	if err == nil && !GrantsOf(ctx).Cover(theirs) {
		return errMore
	}
	return err
}

// Reactivate lets somebody who was deactivated sign in again. It returns store.ErrNotFound, or a
// *store.RuleError when the licence covers nobody more, for support and for who may do more than the actor.
func Reactivate(ctx context.Context, st *store.Store, id int64) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := lockUser(ctx, tx, id)
		if err != nil || u.Active {
			return err
		}
		if u.Kind == Support {
			return &store.RuleError{Key: "error.support_needs_access"}
		}
		if err := takePerson(ctx, tx); err != nil {
			return err
		}
		u.Active, u.DeactivatedAt = true, nil
		return saveUser(ctx, tx, u, "user.reactivated")
	})
}

// UserInput is the form of somebody's account, as typed.
type UserInput struct {
	Version string   `form:"version"`
	Name    string   `form:"name"`
	Roles   []string `form:"roles"`
}

// UserInputOf is the form of an account as it is.
func UserInputOf(u *User, roles []*Role) UserInput {
	in := UserInput{Version: strconv.Itoa(u.Version), Name: u.Name}
	for _, r := range roles {
		in.Roles = append(in.Roles, strconv.FormatInt(r.ID, 10))
	}
	return in
}

// SaveUser changes somebody's name and roles. It returns store.ErrNotFound, store.ErrConflict, a
// *store.ValidationError, or a *store.RuleError for the last administrator and for more than the actor has.
func SaveUser(ctx context.Context, st *store.Store, id int64, in UserInput) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		c := &checked{}
		name := c.required("name", in.Name, maxName)
		roles, err := chosenRoles(ctx, tx, c, in.Roles)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(roles, func(r *Role) bool { return r.Key == Administration }) {
			if err := MustStayAdministered(ctx, tx, id); err != nil {
				return err
			}
		}
		u, err := lockUser(ctx, tx, id)
		if err != nil {
			return err
		}
		if u.Version != version(in.Version) {
			return store.ErrConflict
		}
		if err := c.OrNil(); err != nil {
			return err
		}
		changes, err := setRoles(ctx, tx, id, roles)
		if err != nil {
			return err
		}
		if u.Name != name {
			changes = append(changes, audit.Personal("name", u.Name, name))
			u.Name = name
		}
		if len(changes) == 0 {
			return nil
		}
		return saveUser(ctx, tx, u, "user.changed", changes...)
	})
}

// saveUser stores what a use case changed in an account, and the entry about it.
func saveUser(ctx context.Context, tx *store.Tx, u *User, action string, changes ...audit.Change) error {
	u.Version++
	if _, err := tx.NewUpdate().Model(u).WherePK().ExcludeColumn("id", "created_at").Exec(ctx); err != nil {
		return err
	}
	return audit.Write(ctx, tx, Subject, u.ID, action, changes...)
}

// Responsibility is a course that somebody is responsible for.
type Responsibility struct {
	ID     int64
	Number string
	Name   string
}

// ResponsibleFor lists courses that somebody looks after and that are not over, the next ones first, as far as
// the actor may see them; total is how many there are.
func ResponsibleFor(ctx context.Context, r store.Reader, userID int64, limit int) (courses []Responsibility, total int, err error) {
	q := r.NewSelect().TableExpr("courses AS c").Column("c.id", "c.number", "c.name").
		Join("JOIN course_staff cs ON cs.course_id = c.id").
		Where("cs.user_id = ? AND c.state NOT IN ('finished', 'called_off')", userID).
		OrderExpr("c.start_date, c.id").Limit(int64(limit))
	q = Within(ctx, q, CoursesRead, "c.id")
	n, err := q.ScanAndCount(ctx, &courses)
	return courses, int(n), err
}
