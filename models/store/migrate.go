package store

import (
	"context"
	"embed"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/migrate"
)

// Migrations are the SQL files, in the order of their names.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Advisory locks that one migrating, and one granting process holds.
const (
	migrationLock = 7_2026_1123
	grantLock     = 7_2026_1125
)

// Migrate brings the database up to date: bun's migrations, then River's. Parallel starts wait for one
// another by polling: a process that waits inside Postgres for the lock would hold a snapshot that
// CREATE INDEX CONCURRENTLY waits for in turn.
func Migrate(ctx context.Context, databaseURL string, log *slog.Logger) error {
	config, err := pgxpool.ParseConfig(databaseURL)
	if err != nil {
		return fmt.Errorf("database address: %w", err)
	}
	config.ConnConfig.RuntimeParams["lock_timeout"] = "5s"
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return err
	}
	defer pool.Close()

	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	for {
		var got bool
		if err := conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", int64(migrationLock)).Scan(&got); err != nil {
			return err
		}
		if got {
			break
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	defer func() {
		_, _ = conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migrationLock))
	}()

	sqldb := stdlib.OpenDBFromPool(pool)
	defer func() { _ = sqldb.Close() }()
	migrations := migrate.NewMigrations()
	if err := migrations.Discover(Migrations); err != nil {
		return err
	}
	migrator := migrate.NewMigrator(bun.NewDB(sqldb, pgdialect.New()), migrations, migrate.WithMarkAppliedOnSuccess(true))
	if err := migrator.Init(ctx); err != nil {
		return err
	}
	group, err := migrator.Migrate(ctx)
	if err != nil {
		return err
	}
	riverMigrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	result, err := riverMigrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	if err != nil {
		return err
	}
	if !group.IsZero() || len(result.Versions) > 0 {
		log.InfoContext(ctx, "database migrated", "schema", len(group.Migrations), "river", len(result.Versions))
	}
	return nil
}

// GrantTo lets the application's role read and write what the owner's migrations made, all at once: at no
// moment can it change the audit log. The role is the user of applicationURL.
func GrantTo(ctx context.Context, ownerURL, applicationURL string) error {
	app, err := pgx.ParseConfig(applicationURL)
	if err != nil {
		return fmt.Errorf("database address: %w", err)
	}
	conn, err := pgx.Connect(ctx, ownerURL)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		// parallel starts wait for one another
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(grantLock)); err != nil {
			return err
		}
		for _, sql := range Grants(app.User) {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return err
			}
		}
		return nil
	})
}

// Grants are the statements that give a role what the application needs.
func Grants(user string) []string {
	role := pgx.Identifier{user}.Sanitize()
	return []string{
		"GRANT USAGE ON SCHEMA public TO " + role,
		"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO " + role,
		"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO " + role,
		"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO " + role,
		// who did what is appended and never changed; personal values may be erased; a trigger fills the queue
		"REVOKE UPDATE, DELETE, TRUNCATE ON audit_entries, audit_seals FROM " + role,
		"REVOKE UPDATE, TRUNCATE ON audit_values FROM " + role,
		"REVOKE INSERT, UPDATE, TRUNCATE ON audit_unsealed FROM " + role,
	}
}
