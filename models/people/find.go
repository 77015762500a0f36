package people

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"kurso/models/store"
)

// FindOrCreate sets p.ID to the person with the same e-mail and name, or writes p as a new one. The
// e-mail must be verified. A person found stays as it is. Until the transaction ends, nobody else finds
// or creates by this e-mail.
func FindOrCreate(ctx context.Context, tx *store.Tx, p *Person) error {
	lock := tx.Blind("person", strings.ToLower(p.Email))
	if _, err := tx.NewRaw("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", lock).Exec(ctx); err != nil {
		return err
	}
	err := tx.NewSelect().Model((*Person)(nil)).Column("id").
		Where("lower(per.email) = lower(?) AND per.email <> ''", p.Email).
		Where("fold(per.first_name) = fold(?) AND fold(per.last_name) = fold(?)", p.FirstName, p.LastName).
		OrderExpr("per.id").Limit(1).Scan(ctx, &p.ID)
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	p.CreatedAt, p.UpdatedAt = tx.Now(), tx.Now()
	_, err = tx.NewInsert().Model(p).Exec(ctx)
	return err
}

// Load reads a person; store.ErrNotFound.
func Load(ctx context.Context, r store.Reader, id int64) (*Person, error) {
	p := &Person{}
	err := r.NewSelect().Model(p).Where("id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	return p, err
}
