package catalog

import (
	"context"
	"strconv"

	"kurso/models/audit"
	"kurso/models/store"
)

// CourseTypeInput is a course type's form, as typed.
type CourseTypeInput struct {
	Version     string `form:"version"`
	Name        string `form:"name"`
	Category    string `form:"category"`
	Description string `form:"description"`
}

// FindCourseTypes lists course types whose names hold all words, by name.
func FindCourseTypes(ctx context.Context, r store.Reader, query string, limit int) ([]*CourseType, error) {
	var out []*CourseType
	q := r.NewSelect().Model(&out).Order("ct.name", "ct.id").Limit(int64(limit))
	for _, word := range searchWords(query) {
		q.Where("fold(ct.name) LIKE '%' || fold(?) || '%'", word)
	}
	return out, q.Scan(ctx)
}

// LoadCourseType reads one with its category; store.ErrNotFound.
func LoadCourseType(ctx context.Context, r store.Reader, id int64) (*CourseType, error) {
	ct := &CourseType{}
	return ct, found(r.NewSelect().Model(ct).Relation("Category").Where("ct.id = ?", id).Scan(ctx))
}

// CourseTypeInputOf is the form of a course type as it is.
func CourseTypeInputOf(ct *CourseType) CourseTypeInput {
	return CourseTypeInput{Version: strconv.Itoa(ct.Version), Name: ct.Name, Category: idText(ct.CategoryID), Description: editableHTML(ct.Description)}
}

// SaveCourseType adds a course type (id 0) or changes it, and returns its id. It returns store.ErrNotFound,
// store.ErrConflict or a *store.ValidationError.
func SaveCourseType(ctx context.Context, st *store.Store, id int64, in CourseTypeInput) (int64, error) {
	err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		ct := &CourseType{}
		if id != 0 {
			if err := lock(ctx, tx, toChange, ct, id, &ct.Version, in.Version); err != nil {
				return err
			}
		} else {
			ct.CreatedAt = tx.Now()
		}
		t, d := &typed{}, diff{}
		d.text("name", &ct.Name, t.name("name", in.Name, maxLine))
		category, err := t.reference(ctx, tx, "category", in.Category, "categories")
		if err != nil {
			return err
		}
		d.text("description", &ct.Description, t.html("description", in.Description))
		if err := t.OrNil(); err != nil {
			return err
		}
		if err := d.named(ctx, tx, "category", "categories", ct.CategoryID, category); err != nil {
			return err
		}
		ct.CategoryID, ct.UpdatedAt = category, tx.Now()
		id, err = save(ctx, tx, ct, &ct.ID, &ct.Version, d, SubjectCourseType)
		return err
	})
	return id, err
}

// insertCourseType adds a course type that came into being with something else.
func insertCourseType(ctx context.Context, tx *store.Tx, name string) (int64, error) {
	ct := &CourseType{Name: name, CreatedAt: tx.Now(), UpdatedAt: tx.Now()}
	return save(ctx, tx, ct, &ct.ID, &ct.Version, diff{}, SubjectCourseType)
}

// DeleteCourseType deletes a course type that has no courses; otherwise a *store.RuleError.
func DeleteCourseType(ctx context.Context, st *store.Store, id int64, formVersion string) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		ct := &CourseType{}
		if err := lock(ctx, tx, toDelete, ct, id, &ct.Version, formVersion); err != nil {
			return err
		}
		if err := refused(ctx, tx, "course_type.delete.used", `SELECT count(*) FROM courses WHERE course_type_id = ?`, id); err != nil {
			return err
		}
		return remove(ctx, tx, ct, SubjectCourseType, id, audit.Change{Field: "name", Old: ct.Name})
	})
}
