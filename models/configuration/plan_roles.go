package configuration

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/store"
)

// mostRoles is how many a file may list.
const mostRoles = 200

// same reports whether a role of the file is a stored one.
func same(want Role, r *role) bool {
	if want.Key != "" || r.Key != "" {
		return want.Key == r.Key
	}
	return strings.EqualFold(want.Name, r.Name)
}

// sortRoles finds the roles that stay though the file does not list them: somebody has them, or one of them
// may do everything.
func (p *planner) sortRoles() {
	for _, r := range p.roles {
		listed := p.file.Roles != nil && slices.ContainsFunc(*p.file.Roles, func(want Role) bool { return same(want, r) })
		if !listed && (p.file.Roles == nil || r.People > 0 || r.Key == accounts.Administration) {
			p.staying = append(p.staying, r)
		}
	}
}

func (p *planner) planRoles() {
	if p.file.Roles == nil {
		return
	}
	if len(*p.file.Roles) > mostRoles {
		p.Add("roles", "invalid.too_many", "Max", mostRoles)
		return
	}
	for i, want := range *p.file.Roles {
		at := "roles." + strconv.Itoa(i) + "."
		if j := slices.IndexFunc((*p.file.Roles)[:i], func(other Role) bool { return same(want, &role{Key: other.Key, Name: other.Name}) }); j >= 0 {
			p.Add(at+"name", "config.twice", "Value", cmp.Or(want.Name, want.Key))
		}
		p.checkRole(at, want)
		before, action := &role{Reach: accounts.ReachAll}, Added
		if j := slices.IndexFunc(p.roles, func(r *role) bool { return same(want, r) }); j >= 0 {
			before, action = p.roles[j], Changed
		}
		after := *before
		changes := after.take(want)
		for k, c := range changes {
			if c.Field == "category" {
				changes[k].Old, changes[k].New = p.categoryName(c.Old), p.categoryName(c.New)
			}
		}
		if action == Changed && len(changes) == 0 {
			continue
		}
		p.Changes = append(p.Changes, Change{Subject: accounts.SubjectRole, Key: after.Key, Name: after.Name, What: action, Fields: changes})
		p.writes = append(p.writes, func(ctx context.Context, tx *store.Tx) error { return after.write(ctx, tx, changes) })
	}
	p.removeRoles()
}

// categoryName is what a category of a code is or will be called.
func (p *planner) categoryName(code string) string {
	if p.file.Categories != nil {
		for _, c := range *p.file.Categories {
			if c.Code == code {
				return c.Name
			}
		}
	}
	for _, c := range p.categories {
		if c.Code == code {
			return c.Name
		}
	}
	return code
}

// removeRoles takes away what the file does not list, unless it stays.
func (p *planner) removeRoles() {
	for _, r := range p.roles {
		if slices.ContainsFunc(*p.file.Roles, func(want Role) bool { return same(want, r) }) {
			continue
		}
		change := Change{Subject: accounts.SubjectRole, Key: r.Key, Name: r.Name, What: Removed}
		if slices.Contains(p.staying, r) {
			change.What = Kept
		} else {
			change.Fields = []audit.Change{{Field: "name", Old: cmp.Or(r.Name, r.Key)}}
			p.writes = append(p.writes, r.remove)
		}
		p.Changes = append(p.Changes, change)
	}
}

func (p *planner) checkRole(at string, want Role) {
	if want.Key != "" && !slices.Contains(accounts.ReadyRoles, want.Key) {
		p.Add(at+"key", "config.role_unknown", "Value", want.Key)
	}
	if want.Key == "" && want.Name == "" {
		p.Add(at+"name", "invalid.required")
	}
	for _, f := range []struct {
		name, value string
		limit       int
	}{{"name", want.Name, 100}, {"description", want.Description, 500}} {
		if !oneLine(f.value, f.limit) {
			p.Add(at+f.name, "config.line", "Max", f.limit)
		}
	}
	if !slices.Contains([]string{accounts.ReachAll, accounts.ReachOwn, accounts.ReachCategories}, want.Reach) ||
		want.Key == accounts.Administration && want.Reach != accounts.ReachAll {
		p.Add(at+"reach", "config.reach", "Value", want.Reach)
	}
	if want.Position < 0 || want.Position > 9999 {
		p.Add(at+"position", "invalid.range", "Min", 0, "Max", 9999)
	}
	for _, s := range want.Permissions {
		if !slices.Contains(accounts.Permissions, accounts.Permission(s)) {
			p.Add(at+"permissions", "config.permission_unknown", "Value", s)
		}
	}
	for _, code := range want.Categories {
		if !p.codes[code] {
			p.Add(at+"categories", "config.category_unknown", "Value", code)
		}
	}
}

// take makes the role what the file says, and returns what that changes.
func (r *role) take(want Role) []audit.Change {
	var out []audit.Change
	text := func(field string, dst *string, v string) {
		if *dst != v {
			out = append(out, audit.Change{Field: field, Old: *dst, New: v})
			*dst = v
		}
	}
	words := func(field string, dst *[]string, v []string) {
		v = slices.Compact(slices.Sorted(slices.Values(v)))
		for _, w := range *dst {
			if !slices.Contains(v, w) {
				out = append(out, audit.Change{Field: field, Old: w})
			}
		}
		for _, w := range v {
			if !slices.Contains(*dst, w) {
				out = append(out, audit.Change{Field: field, New: w})
			}
		}
		*dst = v
	}
	r.Key = want.Key
	text("name", &r.Name, want.Name)
	text("description", &r.Description, want.Description)
	text("reach", &r.Reach, want.Reach)
	if r.SecondFactor != want.SecondFactor {
		out = append(out, audit.Change{Field: "second_factor", Old: strconv.FormatBool(r.SecondFactor), New: strconv.FormatBool(want.SecondFactor)})
		r.SecondFactor = want.SecondFactor
	}
	if r.Position != want.Position {
		out = append(out, audit.Change{Field: "position", Old: strconv.Itoa(r.Position), New: strconv.Itoa(want.Position)})
		r.Position = want.Position
	}
	words("permission", &r.Permissions, want.Permissions)
	words("category", &r.Categories, want.Categories)
	return out
}

// write stores the role with its permissions and categories, and the entry about it.
func (r *role) write(ctx context.Context, tx *store.Tx, changes []audit.Change) error {
	action := "role.changed"
	if r.ID == 0 {
		action = "role.created"
		err := tx.NewRaw(`INSERT INTO roles (key, name, description, reach, second_factor, position, created_at, updated_at)
			VALUES (nullif(?, ''), ?, ?, ?, ?, ?, ?, ?) RETURNING id`, r.Key, r.Name, r.Description, r.Reach, r.SecondFactor, r.Position, tx.Now(), tx.Now()).Scan(ctx, &r.ID)
		if err != nil {
			return err
		}
	} else {
		_, err := tx.NewRaw(`UPDATE roles SET name = ?, description = ?, reach = ?, second_factor = ?, position = ?, version = version + 1, updated_at = ? WHERE id = ?`,
			r.Name, r.Description, r.Reach, r.SecondFactor, r.Position, tx.Now(), r.ID).Exec(ctx)
		if err != nil {
			return err
		}
	}
	for _, part := range []struct {
		clear, insert string
		words         []string
	}{
		{"DELETE FROM role_permissions WHERE role_id = ?", "INSERT INTO role_permissions (role_id, permission) SELECT ?, unnest(ARRAY[?]::text[])", r.Permissions},
		{"DELETE FROM role_categories WHERE role_id = ?", "INSERT INTO role_categories (role_id, category_id) SELECT ?, id FROM categories WHERE code IN (?)", r.Categories},
	} {
		if _, err := tx.NewRaw(part.clear, r.ID).Exec(ctx); err != nil {
			return err
		}
		if len(part.words) == 0 {
			continue
		}
		if _, err := tx.NewRaw(part.insert, r.ID, bun.List(part.words)).Exec(ctx); err != nil {
			return err
		}
	}
	return audit.Write(ctx, tx, accounts.SubjectRole, r.ID, action, changes...)
}

func (r *role) remove(ctx context.Context, tx *store.Tx) error {
	if _, err := tx.NewRaw("DELETE FROM roles WHERE id = ?", r.ID).Exec(ctx); err != nil {
		return err
	}
	return audit.Write(ctx, tx, accounts.SubjectRole, r.ID, "role.deleted", audit.Change{Field: "name", Old: cmp.Or(r.Name, r.Key)})
}
