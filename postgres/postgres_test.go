package postgres

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
)

func TestStartAndStop(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := start(t, Options{Dir: dir})
	if c.Adopted {
		t.Error("a new cluster counts as adopted")
	}
	if group, err := syscall.Getpgid(c.server.pid); err != nil || group == syscall.Getpgrp() {
		t.Errorf("a Ctrl-C in the terminal reaches the server: %v", err)
	}
	for range 2 {
		if err := c.CreateDatabase(t.Context(), "Kurso Ü"); err != nil {
			t.Fatal(err)
		}
	}
	pool, err := pgxpool.New(t.Context(), c.URL("Kurso Ü"))
	if err != nil {
		t.Fatal(err)
	}
	var name string
	if err := pool.QueryRow(t.Context(), "SELECT current_database()").Scan(&name); err != nil || name != "Kurso Ü" {
		t.Fatalf("connected to %q: %v", name, err)
	}
	pool.Close()
	for range 2 {
		if err := c.CreateRole(t.Context(), "kurso_ü"); err != nil {
			t.Fatal(err)
		}
	}
	if got := query(t, c.URLAs("kurso_ü", "Kurso Ü"), "SELECT current_user || rolsuper || rolcreatedb || rolcreaterole FROM pg_roles WHERE rolname = current_user"); got != "kurso_üfalsefalsefalse" {
		t.Errorf("the lesser role is %s", got)
	}
	for setting, want := range map[string]string{
		"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "listen_addresses": "",
		"max_connections": "200", "TimeZone": "UTC", "server_encoding": "UTF8",
	} {
		if got := query(t, c.URL("postgres"), "SHOW "+setting); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	// Order by code point, case and letters by Unicode.
	if got := query(t, c.URL("Kurso Ü"), `SELECT string_agg(x, '' ORDER BY x) || upper('ä') FROM unnest('{b,ä,Z,a}'::text[]) x`); got != "ZabäÄ" {
		t.Errorf("order and case give %q", got)
	}
	if out, err := exec.Command("psql", "-XAtc", "SELECT 'libpq'", c.URL("Kurso Ü")).Output(); !errors.Is(err, exec.ErrNotFound) && string(out) != "libpq\n" {
		t.Errorf("psql: %q, %v", out, err)
	}
	for range 2 {
		if err := c.Stop(); err != nil {
			t.Fatal(err)
		}
	}
	if c.server.alive() {
		t.Error("the server outlives Stop")
	}
	if again := start(t, Options{Dir: dir}); again.Adopted {
		t.Error("a stopped server counts as adopted")
	} else if got := query(t, again.URL("postgres"), `SELECT datname FROM pg_database WHERE datname LIKE 'K%'`); got != "Kurso Ü" {
		t.Errorf("the database is gone: %q", got)
	}
}

func TestOnlyTheOwnerOpensTheSocket(t *testing.T) {
	t.Parallel()
	c := start(t, Options{Dir: openDir(t), Fast: true})
	for _, path := range []string{c.server.socket, filepath.Join(c.server.socket, ".s.PGSQL."+port)} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

func TestInterruptedStart(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ctx, Options{Dir: dir, Fast: true}); !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled: %v", err)
	}
	// What a killed initdb leaves.
	if err := os.MkdirAll(filepath.Join(dir, "data.new", "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	query(t, start(t, Options{Dir: dir, Fast: true}).URL("postgres"), "SELECT 'works'")
}

func TestLongPath(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(openDir(t), strings.Repeat("lang ", 30))
	c := start(t, Options{Dir: dir, Fast: true})
	if c.home.data() != filepath.Join(dir, "data") {
		t.Errorf("the data are in %s", c.home.data())
	}
	query(t, c.URL("postgres"), "SELECT 'works'")
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(c.server.socket); err != nil {
		t.Errorf("the socket's folder: %v", err)
	}
}

func TestUnusableFolders(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	garbage := openDir(t)
	if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Mkdir(filepath.Join(garbage, "data"), 0o700),
		os.WriteFile(filepath.Join(garbage, "data", "letter.txt"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	future := openDir(t)
	if err := errors.Join(os.Mkdir(filepath.Join(future, "data"), 0o700),
		os.WriteFile(filepath.Join(future, "data", "PG_VERSION"), []byte("9\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ dir, want string }{
		{"", "none was named"},
		{file, "cannot use the folder " + file},
		{filepath.Join(file, "below"), "cannot use the folder " + file},
		{garbage, "holds no readable PostgreSQL data"},
		{future, "this machine lacks PostgreSQL 9"},
	} {
		_, err := Start(t.Context(), Options{Dir: c.dir, hideApt: true})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", c.dir, err)
		}
	}
	if exists(filepath.Join(garbage, "data.new")) || !exists(filepath.Join(garbage, "data", "letter.txt")) {
		t.Error("somebody's files were touched")
	}
}
