// Package store is the ground of the domain: the connection pools, the transaction that bun and River
// share, the clock, the actor, derived tokens, error kinds and the migrations.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// FetchCooldown and FetchPollInterval are River's, the same for clients that insert and that work:
// River limits its notifications by the cooldown too, so the default of 100 ms would delay jobs.
const (
	FetchCooldown     = 10 * time.Millisecond
	FetchPollInterval = 250 * time.Millisecond
)

// Options open a Store. Zero values mean: the real clock, 16 connections, the default logger.
type Options struct {
	DatabaseURL string
	// SecretKey derives every token and signature; at least 32 bytes.
	SecretKey []byte
	Clock     Clock
	MaxConns  int32
	Log       *slog.Logger
}

// Store reads the database and opens transactions. It is safe for concurrent use.
type Store struct {
	Keys
	Clock Clock

	pool  *pgxpool.Pool
	sqldb *sql.DB
	db    *bun.DB
	jobs  *river.Client[pgx.Tx]
	log   *slog.Logger
}

// Reader is what a query needs; Store and Tx both are one.
type Reader interface {
	NewSelect() *bun.SelectQuery
	NewRaw(query string, args ...any) *bun.RawQuery
}

// Open connects to Postgres. The database must have been migrated.
func Open(ctx context.Context, o Options) (*Store, error) {
	if len(o.SecretKey) < 32 {
		return nil, errors.New("the secret key must have at least 32 bytes")
	}
	if o.Clock == nil {
		o.Clock = SystemClock{}
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.MaxConns == 0 {
		o.MaxConns = 16
	}
	config, err := pgxpool.ParseConfig(o.DatabaseURL)
	if err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	config.MaxConns = o.MaxConns
	// bun writes its arguments into the statement, so a cache of prepared statements would only grow.
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	config.ConnConfig.RuntimeParams["standard_conforming_strings"] = "on"
	// to compile a query, or to start processes that share it, takes longer than most of ours run
	config.ConnConfig.RuntimeParams["jit"] = "off"
	config.ConnConfig.RuntimeParams["max_parallel_workers_per_gather"] = "0"
	// no disk of today seeks
	config.ConnConfig.RuntimeParams["random_page_cost"] = "1.1"
	if config.ConnConfig.RuntimeParams["application_name"] == "" {
		config.ConnConfig.RuntimeParams["application_name"] = "kurso"
	}
	return connect(ctx, config, &Store{Keys: Keys{secret: o.SecretKey}, Clock: o.Clock, log: o.Log})
}

// Hasty is the same store on connections of its own that do not wait for the disk: a crash may forget what
// was committed in the last moments, never a part of it. It is for loading what can be loaded again, and
// must be closed.
func (s *Store) Hasty(ctx context.Context) (*Store, error) {
	config := s.pool.Config()
	config.ConnConfig.RuntimeParams["synchronous_commit"] = "off"
	return connect(ctx, config, &Store{Keys: s.Keys, Clock: s.Clock, log: s.log})
}

// connect completes a store.
func connect(ctx context.Context, config *pgxpool.Config, s *Store) (*Store, error) {
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	s.jobs, err = river.NewClient(riverpgxv5.New(pool), &river.Config{
		FetchCooldown:       FetchCooldown,
		FetchPollInterval:   FetchPollInterval,
		Logger:              s.log,
		SkipUnknownJobCheck: true,
	})
	if err != nil {
		pool.Close()
		return nil, err
	}
	s.pool, s.sqldb = pool, stdlib.OpenDBFromPool(pool)
	s.db = bun.NewDB(s.sqldb, pgdialect.New())
	return s, nil
}

// Close ends all connections; transactions under way are waited for.
func (s *Store) Close() {
	_ = s.sqldb.Close()
	s.pool.Close()
}

// Pool is for libraries that speak pgx themselves (scs, COPY).
func (s *Store) Pool() *pgxpool.Pool { return s.pool }

// Now is the store's clock, to the microsecond that Postgres keeps.
func (s *Store) Now() time.Time { return s.Clock.Now().Truncate(time.Microsecond) }

// NewSelect starts a query outside any transaction.
func (s *Store) NewSelect() *bun.SelectQuery { return s.db.NewSelect() }

// NewRaw starts a query written in SQL, outside any transaction.
func (s *Store) NewRaw(query string, args ...any) *bun.RawQuery { return s.db.NewRaw(query, args...) }

// SQL renders a query to the statement that would be sent, for COPY and EXPLAIN.
func (s *Store) SQL(q *bun.SelectQuery) (string, error) {
	b, err := q.AppendQuery(s.db.QueryGen(), nil)
	return string(b), err
}

// Rows reads a query written in SQL row by row, for columns that are only known when it runs. The caller
// closes them.
func (s *Store) Rows(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return s.db.QueryContext(ctx, query, args...)
}

// Copy writes what a query finds as Postgres's COPY does, with these options: "FORMAT csv, DELIMITER ';'".
// It tells how many rows there were. Cancelling ctx stops the query.
func (s *Store) Copy(ctx context.Context, w io.Writer, options, query string, args ...any) (rows int64, err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return 0, err
	}
	defer conn.Release()
	tx, err := conn.Begin(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }() // it only reads
	// unlike a page, it may run for seconds, and gains from processes that share the work
	if _, err := tx.Exec(ctx, "SET LOCAL max_parallel_workers_per_gather = 2; SET LOCAL random_page_cost = 4", pgx.QueryExecModeSimpleProtocol); err != nil {
		return 0, err
	}
	// COPY takes no parameters, so they are written into the statement, escaped
	sql := "COPY (" + s.db.QueryGen().FormatQuery(query, args...) + ") TO STDOUT WITH (" + options + ")"
	tag, err := conn.Conn().PgConn().CopyTo(ctx, w, sql)
	return tag.RowsAffected(), err
}
