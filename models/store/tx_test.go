package store_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"kurso/models/modeltest"
	"kurso/models/store"
)

// note is a job that nobody works, unless a test does.
type note struct{ N int }

func (note) Kind() string { return "note" }

func count(t *testing.T, w *modeltest.World, what string) int {
	t.Helper()
	var n int
	if err := w.NewRaw("SELECT count(*) FROM "+what).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func write(ctx context.Context, tx *store.Tx) error {
	if _, err := tx.NewRaw("INSERT INTO categories (code, name) VALUES ('1', 'Sprachen')").Exec(ctx); err != nil {
		return err
	}
	return tx.Enqueue(ctx, note{}, nil)
}

func TestRowAndJobAreCommittedTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	changedMyMind := errors.New("changed my mind")
	err := w.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		if err := write(ctx, tx); err != nil {
			return err
		}
		return changedMyMind
	})
	if !errors.Is(err, changedMyMind) {
		t.Error(err)
	}
	func() {
		defer func() { _ = recover() }()
		_ = w.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			if err := write(ctx, tx); err != nil {
				t.Error(err)
			}
			panic("a bug")
		})
	}()
	if rows, jobs := count(t, w, "categories"), count(t, w, "river_job"); rows != 0 || jobs != 0 {
		t.Errorf("rolled back, but %d rows and %d jobs are there", rows, jobs)
	}
	w.Must(t, write)
	if rows, jobs := count(t, w, "categories"), count(t, w, "river_job"); rows != 1 || jobs != 1 {
		t.Errorf("committed, but %d rows and %d jobs are there", rows, jobs)
	}
}

// A transaction begun inside another one by bun can commit it: so there is no way to begin one.
func TestTxCannotBeginOrEndATransaction(t *testing.T) {
	t.Parallel()
	tx := reflect.TypeFor[*store.Tx]()
	for _, name := range []string{"Begin", "BeginTx", "RunInTx", "InTx", "Commit", "Rollback", "Conn", "Exec", "ExecContext"} {
		if _, ok := tx.MethodByName(name); ok {
			t.Errorf("store.Tx has a method %s", name)
		}
	}
	for _, f := range reflect.VisibleFields(tx.Elem()) {
		if f.IsExported() && f.Type != reflect.TypeFor[store.Keys]() {
			t.Errorf("store.Tx gives away %s %s", f.Name, f.Type)
		}
	}
	for i := range tx.NumMethod() {
		if m := tx.Method(i); m.Type.NumOut() > 0 && m.Type.Out(0).Kind() == reflect.Struct && m.Type.Out(0).NumMethod() > 0 {
			if _, ok := m.Type.Out(0).MethodByName("Commit"); ok {
				t.Errorf("%s returns what can commit", m.Name)
			}
		}
	}
}

func TestALentTransactionCannotBeEnded(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	stop := errors.New("stop")
	err := w.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.WithPgx(func(lent pgx.Tx) error {
			if err := lent.Commit(ctx); err == nil {
				t.Error("commits")
			}
			if err := lent.Rollback(ctx); err == nil {
				t.Error("rolls back")
			}
			add := func(tx pgx.Tx, code string) {
				t.Helper()
				if _, err := tx.Exec(ctx, "INSERT INTO categories (code, name) VALUES ($1, $1)", code); err != nil {
					t.Error(err)
				}
			}
			rest := func(want int) {
				t.Helper()
				var n int
				if err := lent.QueryRow(ctx, "SELECT count(*) FROM categories").Scan(&n); err != nil || n != want {
					t.Errorf("%d rows %v, want %d", n, err, want)
				}
			}
			kept, err := lent.Begin(ctx)
			if err != nil {
				return err
			}
			add(kept, "kept")
			dropped, err := kept.Begin(ctx)
			if err != nil {
				return err
			}
			add(dropped, "dropped")
			rest(2)
			if err := dropped.Rollback(ctx); err != nil {
				t.Error(err)
			}
			rest(1)
			if err := kept.Commit(ctx); err != nil {
				t.Error(err)
			}
			if err := kept.Commit(ctx); !errors.Is(err, pgx.ErrTxClosed) {
				t.Errorf("a savepoint released twice: %v", err)
			}
			rest(1)
			return stop
		})
	})
	if !errors.Is(err, stop) {
		t.Error(err)
	}
	if n := count(t, w, "categories"); n != 0 {
		t.Errorf("a savepoint's commit committed the transaction: %d rows", n)
	}
}

func TestEnqueueMany(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	w.Must(t, func(ctx context.Context, tx *store.Tx) error { return tx.EnqueueMany(ctx, nil) })
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		return tx.EnqueueMany(ctx, []river.InsertManyParams{{Args: note{1}}, {Args: note{2}}})
	})
	if n := count(t, w, "river_job"); n != 2 {
		t.Errorf("%d jobs, want 2", n)
	}
}

// bun writes its arguments into the statement, so what a backslash means is never left to the server's settings.
func TestBackslashesAreOnlyText(t *testing.T) {
	t.Parallel()
	url := modeltest.NewDatabase(t)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if _, err := conn.Exec(t.Context(), "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET standard_conforming_strings = off', current_database()); END $$"); err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), store.Options{DatabaseURL: url, SecretKey: modeltest.Secret, Log: modeltest.Quiet()})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	const typed = `\' OR true --`
	var got string
	if err := st.NewRaw("SELECT ?", typed).Scan(t.Context(), &got); err != nil || got != typed {
		t.Errorf("%q, %v", got, err)
	}
}
