package accounts

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/audit"
	"kurso/models/store"
)

// SubjectRole is how audit entries name a role.
const SubjectRole = "role"

// Role is a set of permissions that the provider gives to people, and how far they reach.
type Role struct {
	bun.BaseModel `bun:"table:roles,alias:r"`
	ID            int64 `bun:",pk,autoincrement"`
	// Key names a ready role, such as Administration; empty for one of the provider's own.
	Key string `bun:",nullzero"`
	// Name is empty for a ready role that the provider has not renamed.
	Name         string
	Description  string
	Reach        string
	SecondFactor bool
	Position     int
	Version      int
	CreatedAt    time.Time
	UpdatedAt    time.Time

	Permissions []Permission `bun:",array,scanonly"`
	Categories  []int64      `bun:",array,scanonly"`
	// People is how many accounts have the role.
	People int `bun:",scanonly"`
}

// Has reports whether the role allows p.
func (r *Role) Has(p Permission) bool {
	return r.Key == Administration || slices.Contains(r.Permissions, p)
}

// Grants is what the role allows by itself.
func (r *Role) Grants() Grants { return grantsOf(0, r) }

// Label is the role's name, or for a ready role without one its key: audit entries name roles so.
func (r *Role) Label() string {
	if r.Name == "" {
		return r.Key
	}
	return r.Name
}

// Roles lists all roles in their order.
func Roles(ctx context.Context, r store.Reader) ([]*Role, error) { return rolesWith(ctx, r, "true") }

// LoadRole reads one, or store.ErrNotFound.
func LoadRole(ctx context.Context, r store.Reader, id int64) (*Role, error) {
	return one(rolesWith(ctx, r, "r.id = ?", id))
}

func one[T any](list []*T, err error) (*T, error) {
	if err == nil && len(list) == 0 {
		err = store.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func rolesWith(ctx context.Context, r store.Reader, where string, args ...any) ([]*Role, error) {
	var roles []*Role
	err := r.NewSelect().Model(&roles).ColumnExpr("r.*").
		ColumnExpr("ARRAY(SELECT permission FROM role_permissions WHERE role_id = r.id) AS permissions").
		ColumnExpr("ARRAY(SELECT category_id FROM role_categories WHERE role_id = r.id ORDER BY 1) AS categories").
		ColumnExpr("(SELECT count(*) FROM user_roles WHERE role_id = r.id) AS people").
		Where(where, args...).OrderExpr("r.position, r.id").Scan(ctx)
	return roles, err
}

// giveRoles adds the ready roles with these keys to a user.
func giveRoles(ctx context.Context, tx *store.Tx, userID int64, keys ...string) error {
	if len(keys) == 0 {
		return nil
	}
	_, err := tx.NewRaw("INSERT INTO user_roles (user_id, role_id) SELECT ?, id FROM roles WHERE key IN (?)", userID, bun.List(keys)).Exec(ctx)
	return err
}

// RoleInput is a role's form, as typed.
type RoleInput struct {
	Version      string   `form:"version"`
	Name         string   `form:"name"`
	Description  string   `form:"description"`
	Reach        string   `form:"reach"`
	Categories   []string `form:"categories"`
	SecondFactor bool     `form:"second_factor"`
	Permissions  []string `form:"permissions"`
}

// RoleInputOf is the form of a role as it is.
func RoleInputOf(r *Role) RoleInput {
	in := RoleInput{Version: strconv.Itoa(r.Version), Name: r.Name, Description: r.Description, Reach: r.Reach, SecondFactor: r.SecondFactor}
	for _, p := range Permissions {
		if r.Has(p) {
			in.Permissions = append(in.Permissions, string(p))
		}
	}
	for _, id := range r.Categories {
		in.Categories = append(in.Categories, strconv.FormatInt(id, 10))
	}
	return in
}

// errRoleFixed: the administration may always do everything, or the provider could lock itself out.
var errRoleFixed = &store.RuleError{Key: "error.role.fixed"}

// errMore: a role, or a person's roles, hold more than the actor has.
var errMore = &store.RuleError{Key: "error.more_than_yours"}

// SaveRole adds a role (id 0) or changes one, and returns its id. What a permission needs to be of use is
// added to it. It returns store.ErrNotFound, store.ErrConflict, a *store.ValidationError, or a
// *store.RuleError for the administration and for more than the actor has.
func SaveRole(ctx context.Context, st *store.Store, id int64, in RoleInput) (int64, error) {
	err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		role := &Role{Version: 1, CreatedAt: tx.Now()}
		if id != 0 {
			var err error
			if role, err = lockRole(ctx, tx, id, in.Version); err != nil {
				return err
			}
		}
		changes, err := role.read(ctx, tx, in)
		if err != nil {
			return err
		}
		if !GrantsOf(ctx).Cover(role.Grants()) {
			return errMore
		}
		if id != 0 && len(changes) == 0 {
			return nil
		}
		action := "role.changed"
		if id == 0 {
			action = "role.created"
		}
		if err := role.write(ctx, tx); err != nil {
			return err
		}
		id = role.ID
		return audit.Write(ctx, tx, SubjectRole, id, action, changes...)
	})
	if store.IsUnique(err, "roles_name") {
		c := &checked{}
		c.Add("name", "invalid.taken")
		err = c.OrNil()
	}
	return id, err
}

// lockRole reads a role that the actor may change, and keeps others from changing it.
func lockRole(ctx context.Context, tx *store.Tx, id int64, formVersion string) (*Role, error) {
	var locked int64
	err := tx.NewRaw("SELECT id FROM roles WHERE id = ? FOR UPDATE", id).Scan(ctx, &locked)
	if err != nil {
		return nil, found(err)
	}
	role, err := LoadRole(ctx, tx, id)
	switch {
	case err != nil:
		return nil, err
	case role.Key == Administration:
		return nil, errRoleFixed
	case role.Version != version(formVersion):
		return nil, store.ErrConflict
	case !GrantsOf(ctx).Cover(role.Grants()):
		return nil, errMore
	}
	return role, nil
}

// read takes the form over into the role and returns what changed.
func (r *Role) read(ctx context.Context, tx *store.Tx, in RoleInput) ([]audit.Change, error) {
	c, old := &checked{}, *r
	r.Name = c.line("name", in.Name, 100)
	if r.Name == "" && r.Key == "" {
		c.Add("name", "invalid.required")
	}
	r.Description = c.line("description", in.Description, maxReason)
	r.Reach = c.choice("reach", in.Reach, ReachAll, ReachOwn, ReachCategories)
	r.SecondFactor = in.SecondFactor
	r.Permissions = nil
	for _, p := range Permissions {
		wanted := slices.ContainsFunc(in.Permissions, func(s string) bool { return Permission(s) == p || Permission(s).needs() == p })
		if wanted {
			r.Permissions = append(r.Permissions, p)
		}
	}
	names, err := r.readCategories(ctx, tx, c, in.Categories)
	if err != nil {
		return nil, err
	}
	return old.differences(r, names), c.OrNil()
}

// readCategories takes the categories over and returns the names of all, by id.
func (r *Role) readCategories(ctx context.Context, tx *store.Tx, c *checked, typed []string) (map[int64]string, error) {
	var all []struct {
		ID   int64
		Name string
	}
	if err := tx.NewRaw("SELECT id, name FROM categories ORDER BY id").Scan(ctx, &all); err != nil {
		return nil, err
	}
	names := map[int64]string{}
	r.Categories = nil
	for _, category := range all {
		names[category.ID] = category.Name
		if r.Reach == ReachCategories && slices.Contains(typed, strconv.FormatInt(category.ID, 10)) {
			r.Categories = append(r.Categories, category.ID)
		}
	}
	if r.Reach == ReachCategories && len(r.Categories) == 0 {
		c.Add("categories", "error.role.no_category")
	}
	return names, nil
}

// differences are what an entry says of a changed role.
func (r *Role) differences(now *Role, categories map[int64]string) []audit.Change {
	var out []audit.Change
	note := func(field, from, to string) {
		if from != to {
			out = append(out, audit.Change{Field: field, Old: from, New: to})
		}
	}
	note("name", r.Name, now.Name)
	note("description", r.Description, now.Description)
	note("reach", r.Reach, now.Reach)
	if r.SecondFactor != now.SecondFactor {
		note("second_factor", strconv.FormatBool(r.SecondFactor), strconv.FormatBool(now.SecondFactor))
	}
	for _, p := range Permissions {
		switch had, has := slices.Contains(r.Permissions, p), slices.Contains(now.Permissions, p); {
		case has && !had:
			note("permission", "", string(p))
		case had && !has:
			note("permission", string(p), "")
		}
	}
	for _, id := range slices.Sorted(maps.Keys(categories)) {
		name := categories[id]
		switch had, has := slices.Contains(r.Categories, id), slices.Contains(now.Categories, id); {
		case has && !had:
			note("category", "", name)
		case had && !has:
			note("category", name, "")
		}
	}
	return out
}

// write stores the role with its permissions and categories.
func (r *Role) write(ctx context.Context, tx *store.Tx) error {
	r.UpdatedAt = tx.Now()
	var err error
	if r.ID == 0 {
		if err := tx.NewRaw("SELECT coalesce(max(position), 0) + 1 FROM roles").Scan(ctx, &r.Position); err != nil {
			return err
		}
		_, err = tx.NewInsert().Model(r).Exec(ctx)
	} else {
		r.Version++
		_, err = tx.NewUpdate().Model(r).Column("name", "description", "reach", "second_factor", "version", "updated_at").WherePK().Exec(ctx)
	}
	if err != nil {
		return err
	}
	for _, part := range []struct {
		table, column string
		values        any
		empty         bool
	}{
		{"role_permissions", "permission", bun.List(r.Permissions), len(r.Permissions) == 0},
		{"role_categories", "category_id", bun.List(r.Categories), len(r.Categories) == 0},
	} {
		if _, err := tx.NewRaw("DELETE FROM ? WHERE role_id = ?", bun.Ident(part.table), r.ID).Exec(ctx); err != nil {
			return err
		}
		if part.empty {
			continue
		}
		_, err := tx.NewRaw("INSERT INTO ? (role_id, ?) SELECT ?, unnest(ARRAY[?])", bun.Ident(part.table), bun.Ident(part.column), r.ID, part.values).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// DeleteRole deletes a role that nobody has. It returns store.ErrNotFound, store.ErrConflict or a
// *store.RuleError.
func DeleteRole(ctx context.Context, st *store.Store, id int64, formVersion string) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		role, err := lockRole(ctx, tx, id, formVersion)
		if err != nil {
			return err
		}
		if role.People > 0 {
			return &store.RuleError{Key: "error.role.used", Args: []any{"Count", role.People}}
		}
		if _, err := tx.NewDelete().Model(role).WherePK().Exec(ctx); err != nil {
			return err
		}
		return audit.Write(ctx, tx, SubjectRole, id, "role.deleted", audit.Change{Field: "name", Old: role.Label()})
	})
}

// chosenRoles are the roles that a form names by their ids. It notes ids of no role, and none at all.
func chosenRoles(ctx context.Context, r store.Reader, c *checked, typed []string) ([]*Role, error) {
	all, err := Roles(ctx, r)
	chosen := slices.DeleteFunc(all, func(role *Role) bool { return !slices.Contains(typed, strconv.FormatInt(role.ID, 10)) })
	if err == nil && len(chosen) == 0 {
		c.Add("roles", "error.roles.none")
	}
	return chosen, err
}

// setRoles gives a user these roles and no others, and returns what changed. Nobody may give or take a role
// that allows more than they may do themselves: that is a *store.RuleError.
func setRoles(ctx context.Context, tx *store.Tx, userID int64, roles []*Role) ([]audit.Change, error) {
	before, err := rolesWith(ctx, tx, "r.id IN (SELECT role_id FROM user_roles WHERE user_id = ?)", userID)
	if err != nil {
		return nil, err
	}
	among := func(list []*Role, id int64) bool {
		return slices.ContainsFunc(list, func(r *Role) bool { return r.ID == id })
	}
	var changes []audit.Change
	grants := GrantsOf(ctx)
	for _, r := range before {
		if among(roles, r.ID) {
			continue
		}
		if !grants.Cover(r.Grants()) {
			return nil, errMore
		}
		changes = append(changes, audit.Change{Field: "role", Old: r.Label()})
		if _, err := tx.NewRaw("DELETE FROM user_roles WHERE user_id = ? AND role_id = ?", userID, r.ID).Exec(ctx); err != nil {
			return nil, err
		}
	}
	for _, r := range roles {
		if among(before, r.ID) {
			continue
		}
		if !grants.Cover(r.Grants()) {
			return nil, errMore
		}
		changes = append(changes, audit.Change{Field: "role", New: r.Label()})
		if _, err := tx.NewRaw("INSERT INTO user_roles (user_id, role_id) VALUES (?, ?)", userID, r.ID).Exec(ctx); err != nil {
			return nil, err
		}
	}
	return changes, nil
}
