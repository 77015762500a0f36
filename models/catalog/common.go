package catalog

import (
	"context"
	"database/sql"
	"errors"

	"kurso/models/audit"
	"kurso/models/desk"
	"kurso/models/store"
)

// found makes "no rows" the error that all use cases return for it.
func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return store.ErrNotFound
	}
	return err
}

// How lock locks: against other changes, or also against new rows that refer to the record.
const (
	toChange = "NO KEY UPDATE"
	toDelete = "UPDATE"
)

// lock reads a record and keeps others from changing it until the transaction ends. It returns
// store.ErrNotFound, and store.ErrConflict if its version is not the one that the form was filled from.
func lock(ctx context.Context, tx *store.Tx, strength string, record any, id int64, current *int, formVersion string) error {
	if err := tx.NewSelect().Model(record).Where("?TableAlias.id = ?", id).For(strength).Scan(ctx); err != nil {
		return found(err)
	}
	if *current != version(formVersion) {
		return store.ErrConflict
	}
	return nil
}

// save writes a record that was read from a form, if it is new or d says that it changed, and the entry
// about it. id and current are its id and version; it returns the id.
func save(ctx context.Context, tx *store.Tx, record any, id *int64, current *int, d diff, subject string) (int64, error) {
	if *id == 0 {
		*current = 1
		if _, err := tx.NewInsert().Model(record).Exec(ctx); err != nil {
			return 0, err
		}
		return *id, (&diff{}).write(ctx, tx, subject, *id, subject+".created")
	}
	if d.empty() {
		return *id, nil
	}
	*current++
	if _, err := tx.NewUpdate().Model(record).WherePK().ExcludeColumn("id").Exec(ctx); err != nil {
		return 0, err
	}
	return *id, d.write(ctx, tx, subject, *id, subject+".changed")
}

// remove deletes a record and what was typed into its form; the entry about it keeps its name, a change of a field
// to nothing.
func remove(ctx context.Context, tx *store.Tx, record any, subject string, id int64, name audit.Change) error {
	if _, err := tx.NewDelete().Model(record).WherePK().Exec(ctx); err != nil {
		return err
	}
	if err := desk.ForgetRecord(ctx, tx, desk.Record{Subject: subject, ID: id}); err != nil {
		return err
	}
	return audit.Write(ctx, tx, subject, id, subject+".deleted", name)
}

// saving makes the violation of a unique constraint a complaint about the field.
func saving(err error, constraint, field string) error {
	if store.IsUnique(err, constraint) {
		v := &store.ValidationError{}
		v.Add(field, "invalid.taken")
		return v
	}
	return err
}

// refused says by key and number why a record that others refer to cannot be deleted.
func refused(ctx context.Context, tx *store.Tx, key, query string, id int64) error {
	var n int
	if err := tx.NewRaw(query, id).Scan(ctx, &n); err != nil || n == 0 {
		return err
	}
	return &store.RuleError{Key: key, Args: []any{"Count", n}}
}
