// Package million is the large database of the benchmarks: 10,000 courses, 500,000 persons and 1,000,000
// bookings. It is made once and kept in var/bench.
package million

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/jackc/pgx/v5"

	"kurso/models/store"
	"kurso/postgres"
)

//go:embed million.sql
var fill string

// Database is the large database.
type Database struct {
	// URL reaches it.
	URL     string
	cluster *postgres.Cluster
}

// Open starts the server and makes the database if it is not there yet, which takes some minutes.
func Open(ctx context.Context) (*Database, error) {
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	cluster, err := postgres.Start(ctx, postgres.Options{Dir: filepath.Join("var", "bench"), Log: quiet})
	if err != nil {
		return nil, err
	}
	d := &Database{URL: cluster.URL(name()), cluster: cluster}
	if err := d.make(ctx, quiet); err != nil {
		_ = cluster.Stop()
		return nil, err
	}
	return d, nil
}

// Close stops the server.
func (d *Database) Close() { _ = d.cluster.Stop() }

func (d *Database) make(ctx context.Context, log *slog.Logger) error {
	if err := d.cluster.CreateDatabase(ctx, name()); err != nil {
		return err
	}
	if err := store.Migrate(ctx, d.URL, log); err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, d.URL)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	var there bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM bookings)").Scan(&there); err != nil || there {
		return err
	}
	fmt.Fprintln(os.Stderr, "making the large database: some minutes, once")
	if _, err := conn.Exec(ctx, "BEGIN;"+fill+"COMMIT", pgx.QueryExecModeSimpleProtocol); err != nil {
		return err
	}
	// VACUUM takes rows for visible to all once their commit is on disk
	for _, command := range []string{"CHECKPOINT", "VACUUM ANALYZE"} {
		if _, err := conn.Exec(ctx, command, pgx.QueryExecModeSimpleProtocol); err != nil {
			return err
		}
	}
	return nil
}

// name tells databases of different contents apart; migrations that came since are run on what is there.
func name() string {
	sum := sha256.Sum256([]byte(fill))
	return "million_" + hex.EncodeToString(sum[:6])
}

// Report prints a figure as one JSON object on a line of its own.
func Report(name string, value float64, unit string) {
	b, _ := json.Marshal(map[string]any{"name": name, "value": value, "unit": unit})
	fmt.Println(string(b))
}
