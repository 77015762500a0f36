// Package modeltest gives every test a world of its own: a migrated database, cloned from a template, on
// the Postgres that DATABASE_URL names or on a private one that all test processes share.
package modeltest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kurso/models/store"
	"kurso/postgres"
)

// Start is when every test's clock begins: a Monday noon in Berlin's winter.
var Start = time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)

// Secret is the secret key of tests.
var Secret = []byte("a secret key of tests, 32 bytes or more")

// World is a test's own database with a clock that the test moves.
type World struct {
	*store.Store
	Clock *store.TestClock
	// URL reaches the database from other processes and pools.
	URL string
}

// New makes a world; it is dropped when the test ends.
func New(t testing.TB) *World {
	t.Helper()
	clock := store.NewTestClock(Start)
	url := NewDatabase(t)
	st, err := store.Open(t.Context(), store.Options{
		DatabaseURL: url, SecretKey: Secret, Clock: clock, MaxConns: 16, Log: Quiet(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	return &World{Store: st, Clock: clock, URL: url}
}

// Quiet is a logger that says nothing.
func Quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// InTx is Store.InTx that fails the test.
func (w *World) Must(t testing.TB, fn func(ctx context.Context, tx *store.Tx) error) {
	t.Helper()
	if err := w.InTx(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// NewDatabase clones the migrated template and returns its address.
func NewDatabase(t testing.TB) string {
	t.Helper()
	server, err := ready()
	if err != nil {
		t.Fatalf("a Postgres for tests: %v", err)
	}
	name := "test_" + randomHex(8)
	if err := exec(server, fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s STRATEGY FILE_COPY`, name, templateName())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := exec(server, fmt.Sprintf(`DROP DATABASE IF EXISTS %s WITH (FORCE)`, name)); err != nil {
			t.Log(err)
		}
	})
	return withDatabase(server, name)
}

// NewEmptyDatabase makes a database without any migration.
func NewEmptyDatabase(t testing.TB) string {
	t.Helper()
	server, err := ready()
	if err != nil {
		t.Fatalf("a Postgres for tests: %v", err)
	}
	name := "test_" + randomHex(8)
	if err := exec(server, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = exec(server, fmt.Sprintf(`DROP DATABASE IF EXISTS %s WITH (FORCE)`, name)) })
	return withDatabase(server, name)
}

// ready starts or finds the server and makes the template, once a process.
var ready = sync.OnceValues(func() (string, error) {
	ctx := context.Background()
	server := os.Getenv("DATABASE_URL")
	if server == "" {
		root, err := moduleRoot()
		if err != nil {
			return "", err
		}
		cluster, err := postgres.Start(ctx, postgres.Options{Dir: filepath.Join(root, "var", "test"), Fast: true, Keep: true, Log: Quiet()})
		if err != nil {
			return "", err
		}
		server = cluster.URL("postgres")
	}
	return server, template(ctx, server)
})

// template makes the migrated database that tests clone. Processes wait for one another; a changed
// migration makes another template.
func template(ctx context.Context, server string) error {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(20261123)"); err != nil {
		return err
	}
	name := templateName()
	var there bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datistemplate)", name).Scan(&there); err != nil || there {
		return err
	}
	for _, sql := range []string{"DROP DATABASE IF EXISTS " + name, "CREATE DATABASE " + name} {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	if err := store.Migrate(ctx, withDatabase(server, name), Quiet()); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+name+" IS_TEMPLATE true")
	return err
}

var templateName = sync.OnceValue(func() string {
	h := sha256.New()
	_ = fs.WalkDir(store.Migrations, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			b, _ := store.Migrations.ReadFile(path)
			_, _ = fmt.Fprintf(h, "%s %d\n%s", path, len(b), b)
		}
		return err
	})
	return "kurso_template_" + hex.EncodeToString(h.Sum(nil)[:8])
})

func exec(server, sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, withDatabase(server, "postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, sql)
	return err
}

func withDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic(err)
	}
	u.Path = "/" + name
	return u.String()
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		return "", fmt.Errorf("no go.mod above the working folder")
	}
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
