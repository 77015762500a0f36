package catalog

import (
	"context"
	"strconv"

	"kurso/models/audit"
	"kurso/models/store"
)

// CategoryInput is a category's form, as typed.
type CategoryInput struct {
	Version  string `form:"version"`
	Code     string `form:"code"`
	Name     string `form:"name"`
	Position string `form:"position"`
}

// CategoryRow is one line of the list, with how many course types belong to it.
type CategoryRow struct {
	Category    `bun:",extend"`
	CourseTypes int
}

// Categories lists all of them in their order.
func Categories(ctx context.Context, r store.Reader) ([]*CategoryRow, error) {
	var rows []*CategoryRow
	err := r.NewRaw(`SELECT cat.*, (SELECT count(*) FROM course_types ct WHERE ct.category_id = cat.id) AS course_types
		FROM categories cat ORDER BY position, code, id`).Scan(ctx, &rows)
	return rows, err
}

// LoadCategory reads one; store.ErrNotFound.
func LoadCategory(ctx context.Context, r store.Reader, id int64) (*Category, error) {
	c := &Category{}
	return c, found(r.NewSelect().Model(c).Where("cat.id = ?", id).Scan(ctx))
}

// CategoryInputOf is the form of a category as it is.
func CategoryInputOf(c *Category) CategoryInput {
	return CategoryInput{Version: strconv.Itoa(c.Version), Code: c.Code, Name: c.Name, Position: strconv.Itoa(c.Position)}
}

func (in CategoryInput) read(c *Category) (diff, error) {
	t, d := &typed{}, diff{}
	d.text("code", &c.Code, t.name("code", in.Code, 20))
	d.text("name", &c.Name, t.name("name", in.Name, 200))
	d.count("position", &c.Position, t.numberOr("position", in.Position, 0, 9999, 0))
	return d, t.OrNil()
}

// SaveCategory adds a category (id 0) or changes it, and returns its id. It returns store.ErrNotFound,
// store.ErrConflict or a *store.ValidationError.
func SaveCategory(ctx context.Context, st *store.Store, id int64, in CategoryInput) (int64, error) {
	return id, saving(st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		c := &Category{}
		if id != 0 {
			if err := lock(ctx, tx, toChange, c, id, &c.Version, in.Version); err != nil {
				return err
			}
		}
		d, err := in.read(c)
		if err != nil {
			return err
		}
		id, err = save(ctx, tx, c, &c.ID, &c.Version, d, SubjectCategory)
		return err
	}), "categories_code_key", "code")
}

// DeleteCategory deletes a category that no course type belongs to; otherwise a *store.RuleError.
func DeleteCategory(ctx context.Context, st *store.Store, id int64, formVersion string) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		c := &Category{}
		if err := lock(ctx, tx, toDelete, c, id, &c.Version, formVersion); err != nil {
			return err
		}
		if err := refused(ctx, tx, "category.delete.used", `SELECT count(*) FROM course_types WHERE category_id = ?`, id); err != nil {
			return err
		}
		return remove(ctx, tx, c, SubjectCategory, id, audit.Change{Field: "name", Old: c.Name})
	})
}

// Apply takes the form over into a category and returns what that changes, without writing it. It returns a
// *store.ValidationError.
func (in CategoryInput) Apply(c *Category) ([]audit.Change, error) {
	d, err := in.read(c)
	return d.changes, err
}

// WriteCategory adds a category (without an id) or writes the changes of a locked one, and the entry about it.
func WriteCategory(ctx context.Context, tx *store.Tx, c *Category, changes []audit.Change) error {
	_, err := save(ctx, tx, c, &c.ID, &c.Version, diff{changes: changes}, SubjectCategory)
	return err
}

// RemoveCategory deletes a locked category that no course type belongs to, and writes the entry about it.
func RemoveCategory(ctx context.Context, tx *store.Tx, c *Category) error {
	return remove(ctx, tx, c, SubjectCategory, c.ID, audit.Change{Field: "name", Old: c.Name})
}
