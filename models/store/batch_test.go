package store_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/store"
)

func TestInsertWritesRowsAndFillsInTheirKeys(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	language, health := &catalog.Category{Code: "4", Name: "Sprachen"}, &catalog.Category{Code: "3", Name: "Gesundheit"}
	user := &accounts.User{Kind: accounts.Staff, Version: 1, Email: "a@example.org", Name: "A", PasswordHash: "-", Locale: "de", Active: true, CreatedAt: w.Now()}
	entry := &audit.Entry{At: w.Now(), ActorKind: "system", SubjectType: "x", SubjectID: 1, Action: "x", Changes: []audit.Change{{Field: "f", New: "'; ?"}}}
	w.Must(t, func(ctx context.Context, tx *store.Tx) error { return tx.Insert(ctx, language, health, user, entry) })
	if language.ID == 0 || health.ID <= language.ID || user.ID == 0 || entry.ID == 0 {
		t.Errorf("keys: %d %d %d %d", language.ID, health.ID, user.ID, entry.ID)
	}
	var got accounts.User
	if err := w.NewSelect().Model(&got).Where("id = ?", user.ID).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got.Name != "A" || got.LastSignInAt != nil || !got.CreatedAt.Equal(w.Now()) {
		t.Errorf("read back %+v", got)
	}
	history, err := audit.History(t.Context(), w.Store, "x", 1, 10)
	if err != nil || len(history) != 1 || history[0].Changes[0] != entry.Changes[0] || history[0].ActorID != nil {
		t.Errorf("read back %+v %v", history, err)
	}

	again := &catalog.Category{Code: "4", Name: "Sprachen"}
	err = w.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		return tx.Insert(ctx, &catalog.Category{Code: "5", Name: "Beruf"}, again)
	})
	if !store.IsUnique(err, "categories_code_key") {
		t.Errorf("a second of the same: %v", err)
	}
	if n := count(t, w, "categories"); n != 2 {
		t.Errorf("%d categories, want 2: the batch is part of the transaction", n)
	}
}

func TestReadOne(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	var first, second struct {
		N    int
		Text *string
	}
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		b := &store.Batch{}
		store.ReadOne(b, &first, "SELECT $1::int AS n, NULL AS text", 7)
		store.ReadOne(b, &second, "SELECT $1::int AS n, $2 AS text", 8, "a '?'")
		return tx.Send(ctx, b)
	})
	if first.N != 7 || first.Text != nil || second.N != 8 || *second.Text != "a '?'" {
		t.Errorf("read %+v %+v", first, second)
	}
	err := w.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
		b := &store.Batch{}
		store.ReadOne(b, &first, "SELECT 1 AS n, NULL AS text WHERE false")
		store.ReadOne(b, &second, "SELECT 1 AS n, NULL AS text")
		return tx.Send(ctx, b)
	})
	if !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("no row is %v", err)
	}
}

// A statement of a batch sees what others committed while the one before it waited for a lock.
func TestABatchSeesWhatWasCommittedDuringItsWait(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	locked, read := make(chan struct{}), make(chan int)
	var row, seen struct{ N int }
	go func() {
		<-locked
		err := w.InTx(context.WithoutCancel(t.Context()), func(ctx context.Context, tx *store.Tx) error {
			b := &store.Batch{}
			store.ReadOne(b, &row, "SELECT 1 AS n FROM courses WHERE id = $1 FOR NO KEY UPDATE", c.ID)
			store.ReadOne(b, &seen, "SELECT count(*) AS n FROM categories")
			return tx.Send(ctx, b)
		})
		if err != nil {
			t.Error(err)
		}
		read <- seen.N
	}()
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.NewRaw("SELECT 1 FROM courses WHERE id = ? FOR NO KEY UPDATE", c.ID).Exec(ctx); err != nil {
			return err
		}
		close(locked)
		until(t, "somebody waits", func() bool {
			return count(t, w, "pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 1
		})
		_, err := tx.NewRaw("INSERT INTO categories (code, name) VALUES ('1', 'x')").Exec(ctx)
		return err
	})
	if n := <-read; n != 1 {
		t.Errorf("it saw %d rows, want the one committed during its wait", n)
	}
}
