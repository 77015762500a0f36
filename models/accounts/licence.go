package accounts

import (
	"context"
	"strconv"

	"kurso/models/audit"
	"kurso/models/store"
)

// Licence is how many persons may have an account, and how many have one: staff who are active or invited.
type Licence struct {
	Persons int
	// Limit is 0 when there is none.
	Limit int
}

// Full reports whether nobody more may have an account.
func (l Licence) Full() bool { return l.Limit > 0 && l.Persons >= l.Limit }

// LoadLicence counts.
func LoadLicence(ctx context.Context, r store.Reader) (Licence, error) {
	var l Licence
	err := r.NewRaw("SELECT (SELECT count(*) FROM users WHERE kind = 'staff' AND active), licensed_persons FROM provider").Scan(ctx, &l.Persons, &l.Limit)
	return l, err
}

// takePerson makes sure that the licence covers one person more, whom the transaction then writes. Those who
// ask at the same moment wait for each other. It returns a *store.RuleError.
func takePerson(ctx context.Context, tx *store.Tx) error {
	if _, err := tx.NewRaw("SELECT FROM provider FOR NO KEY UPDATE").Exec(ctx); err != nil {
		return err
	}
	l, err := LoadLicence(ctx, tx)
	if err == nil && l.Full() {
		return &store.RuleError{Key: "error.licence_full", Args: []any{"Limit", l.Limit}}
	}
	return err
}

// SetLicence says how many persons may have an account; 0: as many as like. Who has one keeps it.
func SetLicence(ctx context.Context, st *store.Store, persons int) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		var old int
		if err := tx.NewRaw("SELECT licensed_persons FROM provider FOR NO KEY UPDATE").Scan(ctx, &old); err != nil || old == persons {
			return err
		}
		if _, err := tx.NewRaw("UPDATE provider SET licensed_persons = ?", persons).Exec(ctx); err != nil {
			return err
		}
		return audit.Write(ctx, tx, "provider", 1, "provider.licensed",
			audit.Change{Field: "licensed_persons", Old: strconv.Itoa(old), New: strconv.Itoa(persons)})
	})
}
