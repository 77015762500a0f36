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
	// URL reaches the database from other processes and pools, as the application does: with a role that
	// owns nothing. OwnerURL is for what only the owner may: DDL, ANALYZE, tampering. They are the same on a
	// server whose role may not create others.
	URL, OwnerURL string
}

// New makes a world; it is dropped when the test ends.
func New(t testing.TB) *World {
	t.Helper()
	clock := store.NewTestClock(Start)
	owner := NewDatabase(t)
	url := owner
	if s, _ := ready(); s.application != s.owner {
		url = withRole(owner, role)
	}
	st, err := store.Open(t.Context(), store.Options{
		DatabaseURL: url, SecretKey: Secret, Clock: clock, MaxConns: 16, Log: Quiet(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(st.Close)
	return &World{Store: st, Clock: clock, URL: url, OwnerURL: owner}
}

// AsOwner runs statements that the application's role may not.
func (w *World) AsOwner(t testing.TB, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), w.OwnerURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	for _, sql := range statements {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
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

// NewDatabase clones the migrated template and returns its owner's address.
func NewDatabase(t testing.TB) string {
	t.Helper()
	server, err := ready()
	if err != nil {
		t.Fatalf("a Postgres for tests: %v", err)
	}
	name := "test_" + randomHex(8)
	if err := exec(server.owner, fmt.Sprintf(`CREATE DATABASE %s TEMPLATE %s STRATEGY FILE_COPY`, name, templateName())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := exec(server.owner, fmt.Sprintf(`DROP DATABASE IF EXISTS %s WITH (FORCE)`, name)); err != nil {
			t.Log(err)
		}
	})
	return withDatabase(server.owner, name)
}

// NewEmptyDatabase makes a database without any migration.
func NewEmptyDatabase(t testing.TB) string {
	t.Helper()
	server, err := ready()
	if err != nil {
		t.Fatalf("a Postgres for tests: %v", err)
	}
	name := "test_" + randomHex(8)
	if err := exec(server.owner, "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = exec(server.owner, fmt.Sprintf(`DROP DATABASE IF EXISTS %s WITH (FORCE)`, name)) })
	return withDatabase(server.owner, name)
}

// server is the address of a Postgres for two roles: the one that makes databases, and the application's.
type server struct{ owner, application string }

// ready starts or finds the server and makes the template, once a process.
var ready = sync.OnceValues(func() (*server, error) {
	ctx := context.Background()
	s := &server{owner: os.Getenv("DATABASE_URL")}
	if s.owner == "" {
		root, err := moduleRoot()
		if err != nil {
			return nil, err
		}
		cluster, err := postgres.Start(ctx, postgres.Options{Dir: filepath.Join(root, "var", "test"), Fast: true, Keep: true, Log: Quiet()})
		if err != nil {
			return nil, err
		}
		s.owner = cluster.URL("postgres")
	}
	return s, s.prepare(ctx)
})

// prepare makes the application's role, and the migrated database that tests clone. Processes wait for one
// another; a changed migration makes another template.
func (s *server) prepare(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.owner)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock(20261123)"); err != nil {
		return err
	}
	if err := s.applicationRole(ctx, conn); err != nil {
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
	if err := store.Migrate(ctx, withDatabase(s.owner, name), Quiet()); err != nil {
		return err
	}
	if s.application != s.owner {
		if err := store.GrantTo(ctx, withDatabase(s.owner, name), withDatabase(s.application, name)); err != nil {
			return err
		}
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+name+" IS_TEMPLATE true")
	return err
}

const role = "kurso_test"

// applicationRole makes the role that owns nothing, where that is allowed.
func (s *server) applicationRole(ctx context.Context, conn *pgx.Conn) error {
	var there, may bool
	err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1), rolsuper OR rolcreaterole
		FROM pg_roles WHERE rolname = current_user`, role).Scan(&there, &may)
	if err != nil {
		return err
	}
	if !there && !may {
		s.application = s.owner
		return nil
	}
	s.application = withRole(s.owner, role)
	if !there {
		_, err = conn.Exec(ctx, "CREATE ROLE "+role+" LOGIN PASSWORD '"+role+"'")
	}
	return err
}

// withRole is the address for a role whose password is its name.
func withRole(address, role string) string {
	u, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	q := u.Query()
	q.Set("user", role)
	q.Set("password", role)
	u.User, u.RawQuery = nil, q.Encode()
	return u.String()
}

var templateName = sync.OnceValue(func() string {
	h := sha256.New()
	for _, sql := range store.Grants(role) {
		_, _ = fmt.Fprintln(h, sql)
	}
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
