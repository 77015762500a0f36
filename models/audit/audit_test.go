package audit_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"kurso/models/audit"
	"kurso/models/modeltest"
	"kurso/models/store"
)

func write(t testing.TB, w *modeltest.World, subject string, id int64, action string, changes ...audit.Change) {
	t.Helper()
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		return audit.Write(ctx, tx, subject, id, action, changes...)
	})
}

func history(t testing.TB, w *modeltest.World, subject string, id int64) []*audit.Entry {
	t.Helper()
	entries, err := audit.History(t.Context(), w.Store, subject, id, 100)
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// The database refuses each way to change the log: to the application's role and to the owner's alike. Personal
// values can be deleted, and nothing else done to them.
func TestTheDatabaseRefusesToChangeTheLog(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	write(t, w, "course", 1, "course.changed", audit.Personal("email", "a@example.org", "b@example.org"))
	seal(t, w)
	for role, address := range map[string]string{"application": w.URL, "owner": w.OwnerURL} {
		conn, err := pgx.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close(context.Background()) }()
		if role == "owner" {
			if _, err := conn.Exec(t.Context(), "SET session_replication_role = replica"); err != nil {
				t.Fatal(err)
			}
		}
		for _, sql := range []string{
			"UPDATE audit_entries SET action = 'x'", "UPDATE audit_entries SET action = 'x' WHERE false", "DELETE FROM audit_entries",
			"TRUNCATE audit_entries CASCADE", "UPDATE audit_seals SET hash = hash", "DELETE FROM audit_seals", "TRUNCATE audit_seals",
			"UPDATE audit_values SET old = ''", "TRUNCATE audit_values",
			"INSERT INTO audit_seals SELECT * FROM audit_seals ON CONFLICT (seq) DO UPDATE SET hash = excluded.hash",
			"MERGE INTO audit_entries e USING audit_seals s ON e.id = s.entry_id WHEN MATCHED THEN DELETE",
		} {
			var refused *pgconn.PgError
			if _, err := conn.Exec(t.Context(), sql); !errors.As(err, &refused) || refused.Code != "42501" {
				t.Errorf("%s: %s: %v", role, sql, err)
			}
		}
	}
	if w.URL == w.OwnerURL {
		t.Skip("this server gives one role only")
	}
	for _, sql := range []string{
		"INSERT INTO audit_unsealed VALUES (99)", "ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_refuse",
		"DROP TRIGGER audit_entries_refuse ON audit_entries", "DROP TABLE audit_values", "SET session_replication_role = replica",
		"CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
	} {
		if _, err := w.Pool().Exec(t.Context(), sql); err == nil {
			t.Errorf("the application may %s", sql)
		}
	}
}

// Entries hold commitments to personal values; the values stand beside them, and go when they are erased.
func TestPersonalValuesStandBesideTheEntry(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	write(t, w, "instructor", 7, "instructor.changed",
		audit.Change{Field: "published", Old: "false", New: "true"},
		audit.Personal("first_name", "", "Vorname-eins"), audit.Personal("last_name", "Name-alt", "Name-neu"))
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		return audit.WriteMany(ctx, tx, []audit.Entry{
			{SubjectType: "instructor", SubjectID: 8, Action: "instructor.changed", Changes: []audit.Change{audit.Personal("email", "acht@example.org", "")}},
			{SubjectType: "instructor", SubjectID: 9, Action: "instructor.created"},
			{SubjectType: "instructor", SubjectID: 7, Action: "instructor.changed", Changes: []audit.Change{audit.Personal("email", "", "sieben@example.org")}},
		})
	})
	seal(t, w)
	shown := func(id int64) string {
		var out string
		for _, e := range history(t, w, "instructor", id) {
			out += e.Action + ":"
			for _, c := range e.Changes {
				before, after, erased := c.Values()
				out += fmt.Sprintf(" %s %q %q %t", c.Field, before, after, erased)
			}
			out += "; "
		}
		return out
	}
	want(t, "history", shown(7), `instructor.changed: email "" "sieben@example.org" false; `+
		`instructor.changed: published "false" "true" false first_name "" "Vorname-eins" false last_name "Name-alt" "Name-neu" false; `)
	want(t, "of another", shown(8), `instructor.changed: email "acht@example.org" "" false; `)
	want(t, "nothing changed", shown(9), `instructor.created:; `)
	for _, text := range []string{"Vorname-eins", "Name-alt", "Name-neu", "example.org"} {
		if n := number(t, w, "SELECT count(*) FROM audit_entries WHERE changes::text LIKE ?", "%"+text+"%"); n != 0 {
			t.Errorf("%d entries hold %q", n, text)
		}
	}

	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		n, err := audit.Erase(ctx, tx, "instructor", 7)
		want(t, "erased", n, 3)
		return err
	})
	want(t, "erased history", shown(7), `values.erased:; instructor.changed: email "" "" true; `+
		`instructor.changed: published "false" "true" false first_name "" "" true last_name "" "" true; `)
	want(t, "the other's stay", shown(8), `instructor.changed: email "acht@example.org" "" false; `)
	seal(t, w)
	r := verified(t, w)
	want(t, "values and erased ones", fmt.Sprint(r.Values, r.Erased), "1 3")
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		n, err := audit.Erase(ctx, tx, "instructor", 7)
		want(t, "erased again", n, 0)
		return err
	})
	want(t, "entries of erasing", number(t, w, "SELECT count(*) FROM audit_entries WHERE action = 'values.erased'"), 1)
}

func TestNewTakesNoPersonalValues(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	defer func() {
		if recover() == nil {
			t.Error("personal values were taken and would be lost")
		}
	}()
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		audit.New(ctx, tx, "course", 1, "course.changed", audit.Personal("email", "", "x"))
		return nil
	})
}

func want[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func number(t testing.TB, w *modeltest.World, query string, args ...any) (n int) {
	t.Helper()
	if err := w.NewRaw(query, args...).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}
