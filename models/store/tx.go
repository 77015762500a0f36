package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river"
	"github.com/uptrace/bun"
)

// Tx is one open transaction at READ COMMITTED: queries by bun, jobs by River, committed together.
// It cannot begin another: a nested one of bun's could commit the outer. It is not safe for
// concurrent use and must not outlive the function it was given to.
type Tx struct {
	Keys
	tx   bun.Tx
	conn bun.Conn
	s    *Store
	now  time.Time
}

// InTx runs fn in one transaction and commits if it returns nil. Inside, use only tx: a second
// connection could wait for the pool that this one belongs to.
func (s *Store) InTx(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	return conn.RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
		return fn(ctx, &Tx{Keys: s.Keys, tx: tx, conn: conn, s: s, now: s.Now()})
	})
}

// Now is the moment the transaction began, by the store's clock.
func (t *Tx) Now() time.Time { return t.now }

// Refresh moves Now to the present, for use cases that have waited for a lock.
func (t *Tx) Refresh() time.Time { t.now = t.s.Now(); return t.now }

func (t *Tx) NewSelect() *bun.SelectQuery { return t.tx.NewSelect() }
func (t *Tx) NewInsert() *bun.InsertQuery { return t.tx.NewInsert() }
func (t *Tx) NewUpdate() *bun.UpdateQuery { return t.tx.NewUpdate() }
func (t *Tx) NewDelete() *bun.DeleteQuery { return t.tx.NewDelete() }
func (t *Tx) NewRaw(query string, args ...any) *bun.RawQuery {
	return t.tx.NewRaw(query, args...)
}

// Enqueue adds a job that starts after the commit, or never if the transaction is rolled back.
// Arguments are IDs only.
func (t *Tx) Enqueue(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) error {
	return t.WithPgx(func(tx pgx.Tx) error {
		_, err := t.s.jobs.InsertTx(ctx, tx, args, opts)
		return err
	})
}

// EnqueueMany adds several jobs with one statement.
func (t *Tx) EnqueueMany(ctx context.Context, jobs []river.InsertManyParams) error {
	if len(jobs) == 0 {
		return nil
	}
	return t.WithPgx(func(tx pgx.Tx) error {
		_, err := t.s.jobs.InsertManyFastTx(ctx, tx, jobs)
		return err
	})
}

// allQueues is River's name for all of them.
const allQueues = "*"

// PauseJobs keeps all workers from beginning a job, from the commit on until ResumeJobs. Queues that no worker
// has worked yet are not paused.
func (t *Tx) PauseJobs(ctx context.Context) error {
	return t.WithPgx(func(tx pgx.Tx) error { return t.s.jobs.QueuePauseTx(ctx, tx, allQueues, nil) })
}

// ResumeJobs undoes PauseJobs.
func (t *Tx) ResumeJobs(ctx context.Context) error {
	return t.WithPgx(func(tx pgx.Tx) error { return t.s.jobs.QueueResumeTx(ctx, tx, allQueues, nil) })
}

// WithPgx lends the transaction to code that speaks pgx: River's completion, CopyFrom. The lent
// transaction refuses Commit and Rollback; Begin makes a savepoint.
func (t *Tx) WithPgx(fn func(tx pgx.Tx) error) error {
	return t.conn.Raw(func(driverConn any) error {
		c, ok := driverConn.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("unexpected driver connection %T", driverConn)
		}
		return fn(lentTx{c.Conn()})
	})
}

var errLent = errors.New("a lent transaction is ended by store.InTx only")

// lentTx is the open transaction of a connection seen as pgx.Tx. Its queries use prepared statements:
// unlike bun, River sends few distinct ones, with arguments.
type lentTx struct{ conn *pgx.Conn }

func (l lentTx) Begin(ctx context.Context) (pgx.Tx, error) { return newSavepoint(ctx, l) }
func (l lentTx) Commit(context.Context) error              { return errLent }
func (l lentTx) Rollback(context.Context) error            { return errLent }
func (l lentTx) Conn() *pgx.Conn                           { return l.conn }
func (l lentTx) LargeObjects() pgx.LargeObjects            { panic("large objects are not used") }

func (l lentTx) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	return l.conn.CopyFrom(ctx, table, columns, rows)
}

func (l lentTx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	return l.conn.SendBatch(ctx, b)
}

func (l lentTx) Prepare(ctx context.Context, name, sql string) (*pgconn.StatementDescription, error) {
	return l.conn.Prepare(ctx, name, sql)
}

func (l lentTx) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return l.conn.Exec(ctx, sql, prepared(args)...)
}

func (l lentTx) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return l.conn.Query(ctx, sql, prepared(args)...)
}

func (l lentTx) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return l.conn.QueryRow(ctx, sql, prepared(args)...)
}

// prepared asks for the statement cache unless the caller chose a mode.
func prepared(args []any) []any {
	if len(args) > 0 {
		if _, chosen := args[0].(pgx.QueryExecMode); chosen {
			return args
		}
	}
	return append([]any{pgx.QueryExecModeCacheStatement}, args...)
}

// savepoint is a nested transaction of a lent one.
type savepoint struct {
	lentTx
	done bool
}

func newSavepoint(ctx context.Context, l lentTx) (pgx.Tx, error) {
	if _, err := l.conn.Exec(ctx, "SAVEPOINT lent"); err != nil {
		return nil, err
	}
	return &savepoint{lentTx: l}, nil
}

func (s *savepoint) Commit(ctx context.Context) error {
	return s.end(ctx, "RELEASE SAVEPOINT lent")
}

func (s *savepoint) Rollback(ctx context.Context) error {
	return s.end(ctx, "ROLLBACK TO SAVEPOINT lent")
}

func (s *savepoint) end(ctx context.Context, sql string) error {
	if s.done {
		return pgx.ErrTxClosed
	}
	s.done = true
	_, err := s.conn.Exec(ctx, sql)
	return err
}
