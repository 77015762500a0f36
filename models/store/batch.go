package store

import (
	"context"
	"reflect"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun/schema"
)

// Batch is several statements that go to Postgres in one round trip, each prepared once for a connection.
// It is for the paths that all people share and where planning bun's inlined statements would cost more
// than running them. A later statement sees what was committed while an earlier one waited for a lock.
type Batch struct{ queued pgx.Batch }

// ReadOne adds a statement with parameters $1, $2 … and reads its one row into the fields of row that are
// named like its columns. No row is sql.ErrNoRows.
func ReadOne[T any](b *Batch, row *T, query string, args ...any) {
	b.queued.Queue(query, args...).Query(func(rows pgx.Rows) (err error) {
		*row, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[T])
		return err
	})
}

// Send runs the statements in their order, up to the first that fails.
func (t *Tx) Send(ctx context.Context, b *Batch) error {
	return t.WithPgx(func(tx pgx.Tx) error {
		for _, q := range b.queued.QueuedQueries {
			if _, err := tx.Conn().Prepare(ctx, q.SQL, q.SQL); err != nil {
				return err
			}
		}
		return tx.SendBatch(ctx, &b.queued).Close()
	})
}

// Insert writes new rows, pointers to bun models, in their order and as a Batch. A primary key that is
// zero is drawn by the database and filled in.
func (t *Tx) Insert(ctx context.Context, models ...any) error {
	b := &Batch{}
	for _, model := range models {
		row := reflect.ValueOf(model).Elem()
		query, args, key := insertion(t.s.db.Table(row.Type()), row)
		queued := b.queued.Queue(query, args...)
		if key != nil {
			queued.QueryRow(func(r pgx.Row) error { return r.Scan(key) })
		}
	}
	return t.Send(ctx, b)
}

// insertion is the statement that writes row, and where to put the key it returns, if any.
func insertion(table *schema.Table, row reflect.Value) (query string, args []any, key any) {
	var columns, values, returning strings.Builder
	for _, f := range table.Fields {
		value := f.Value(row)
		if f.AutoIncrement && value.IsZero() {
			key = value.Addr().Interface()
			returning.WriteString(" RETURNING " + string(f.SQLName))
			continue
		}
		if len(args) > 0 {
			columns.WriteString(", ")
			values.WriteString(", ")
		}
		if f.NullZero && value.IsZero() {
			args = append(args, nil)
		} else {
			args = append(args, value.Interface())
		}
		columns.WriteString(string(f.SQLName))
		values.WriteString("$" + strconv.Itoa(len(args)))
	}
	return "INSERT INTO " + string(table.SQLName) + " (" + columns.String() + ") VALUES (" + values.String() + ")" + returning.String(), args, key
}
