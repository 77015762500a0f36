// Package postgres runs the private PostgreSQL that Kurso uses when no DATABASE_URL is set: for trying it out, for
// developing and for tests. It listens on a Unix socket only, which nobody but its owner and root may open.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// superuser owns the cluster. Whoever may open the socket is any role, without a password.
const superuser = "postgres"

// port only names the socket file; no TCP port is opened.
const port = "5432"

// Options say where and how the cluster runs.
type Options struct {
	// Dir is a folder of the cluster's own; it is created when missing. As root, where the server's user cannot reach
	// it, the cluster lies below /var/lib/kurso or /var/tmp/kurso and Dir holds a note that says so.
	Dir string
	// Fast trades safety for speed: a crash of the machine may destroy the data. For tests.
	Fast bool
	// Keep leaves the server running after Stop, for whoever comes next.
	Keep bool
	// Log may be nil.
	Log *slog.Logger

	hideInstalled bool // download although PostgreSQL is installed, for tests
	hideApt       bool // install no package of the system, for tests
}

// Cluster is a running server.
type Cluster struct {
	// Adopted tells that the server ran already when Start found it.
	Adopted bool

	keep   bool
	dir    string
	home   home
	server server
	users  *os.File // a shared lock while this process uses the server
	stop   sync.Once
}

// Start returns the cluster of o.Dir, ready for connections. It creates it the first time, fetching PostgreSQL itself
// when the machine has none, and adopts a server left running. Processes that start the same folder at once share one
// server. The server is in a session of its own, so a Ctrl-C in the terminal does not reach it.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	dir, err := prepareDir(o.Dir)
	if err != nil {
		return nil, err
	}
	starting, err := lock(ctx, filepath.Join(dir, "lock"), syscall.LOCK_EX)
	if err != nil {
		return nil, err
	}
	defer starting.Close()
	users, err := lock(ctx, filepath.Join(dir, "users"), syscall.LOCK_SH)
	if err != nil {
		return nil, err
	}
	c := &Cluster{dir: dir, keep: o.Keep, users: users}
	if err := c.start(ctx, o); err != nil {
		users.Close()
		return nil, err
	}
	o.Log.Info("postgres runs", "data", c.home.data(), "pid", c.server.pid, "adopted", c.Adopted)
	return c, nil
}

func (c *Cluster) start(ctx context.Context, o Options) (err error) {
	if c.home, err = findHome(c.dir); err != nil {
		return err
	}
	found, ok, err := adopt(ctx, c.home)
	if err != nil {
		return err
	}
	if ok && found.fast && !o.Fast {
		// Data that should last must not lie in a server that does not write it down.
		if !onlyUser(c.users) {
			return fmt.Errorf("the PostgreSQL in %s runs in its fast, unsafe mode for another process: stop that one first", c.dir)
		}
		if err := found.stop(); err != nil {
			return err
		}
		if err := syscall.Flock(int(c.users.Fd()), syscall.LOCK_SH); err != nil {
			return fmt.Errorf("locking %s: %w", c.users.Name(), err)
		}
		ok = false
	}
	if ok {
		c.server, c.Adopted = found, true
		return nil
	}
	version, err := c.home.version()
	if err != nil {
		return err
	}
	bin, err := findBinaries(ctx, c.home, version, o)
	if err != nil {
		return err
	}
	if version == "" {
		if err := initialise(ctx, c.home, bin, o.Fast); err != nil {
			return err
		}
	}
	c.server, err = launch(ctx, c.home, bin, filepath.Join(c.dir, "postgres.log"), o.Fast)
	return err
}

// URL is a connection URL for pgx and libpq, to the named database, as its owner.
func (c *Cluster) URL(database string) string { return c.URLAs(superuser, database) }

// URLAs is the same for a role that CreateRole made.
func (c *Cluster) URLAs(role, database string) string {
	u := url.URL{Scheme: "postgres", Path: "/" + database, RawQuery: url.Values{
		"host": {c.server.socket}, "port": {port}, "user": {role},
	}.Encode()}
	return u.String()
}

// CreateRole creates a role that may sign in and owns nothing, unless it exists. It may be called by several
// processes at once.
func (c *Cluster) CreateRole(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return fmt.Errorf("connecting to the private PostgreSQL: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", name).Scan(&exists); err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE ROLE "+pgx.Identifier{name}.Sanitize()+" LOGIN")
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == pgerrcode.DuplicateObject || pg.Code == pgerrcode.UniqueViolation) {
		return nil
	}
	return err
}

// CreateDatabase creates the database unless it exists. It may be called by several processes at once.
func (c *Cluster) CreateDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return fmt.Errorf("connecting to the private PostgreSQL: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+" TEMPLATE template0")
	var pg *pgconn.PgError
	if errors.As(err, &pg) && (pg.Code == pgerrcode.DuplicateDatabase || pg.Code == pgerrcode.UniqueViolation) {
		return nil
	}
	return err
}

// Stop ends the use of the cluster. The last process that uses it shuts the server down and waits for it, unless it
// was started with Keep. A second Stop does nothing.
func (c *Cluster) Stop() (err error) {
	c.stop.Do(func() { err = c.release() })
	return err
}

func (c *Cluster) release() error {
	defer c.users.Close()
	if c.keep {
		return nil
	}
	starting, err := lock(context.Background(), filepath.Join(c.dir, "lock"), syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer starting.Close()
	if !onlyUser(c.users) {
		return nil
	}
	return c.server.stop()
}
