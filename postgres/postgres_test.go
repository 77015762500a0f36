package postgres

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The test binary is its own helper: with these in its environment it starts a cluster, tells about it in a line of
// JSON, and ends without stopping it when its input closes.
const (
	helperDir  = "KURSO_TEST_POSTGRES_DIR"
	helperStop = "KURSO_TEST_POSTGRES_STOP"
)

type told struct {
	PID     int
	Adopted bool
	URL     string
	Err     string
}

func TestMain(m *testing.M) {
	dir := os.Getenv(helperDir)
	if dir == "" {
		os.Exit(m.Run())
	}
	c, err := Start(context.Background(), Options{Dir: dir, Fast: true})
	var say told
	if err != nil {
		say.Err = err.Error()
	} else {
		say = told{PID: c.server.pid, Adopted: c.Adopted, URL: c.URL("postgres")}
	}
	_ = json.NewEncoder(os.Stdout).Encode(say)
	_, _ = io.Copy(io.Discard, os.Stdin)
	if err == nil && os.Getenv(helperStop) != "" {
		if err := c.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(0)
}

type helper struct {
	told
	cmd   *exec.Cmd
	stdin io.Closer
}

// runHelper starts the helper; wait, which it returns, reads what it tells.
func runHelper(t *testing.T, cmd *exec.Cmd, dir string, env ...string) (wait func() helper) {
	t.Helper()
	cmd.Env = append(append(os.Environ(), helperDir+"="+dir), env...)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return func() helper {
		t.Helper()
		h := helper{cmd: cmd, stdin: stdin}
		line, err := bufio.NewReader(stdout).ReadBytes('\n')
		if err == nil {
			err = json.Unmarshal(line, &h.told)
		}
		if err == nil && h.Err != "" {
			err = errors.New(h.Err)
		}
		if err != nil {
			t.Fatalf("helper: %v", err)
		}
		return h
	}
}

func (h helper) end(t *testing.T) {
	t.Helper()
	h.stdin.Close()
	if err := h.cmd.Wait(); err != nil {
		t.Fatalf("helper: %v", err)
	}
}

func self(t *testing.T) *exec.Cmd {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exec.Command(path)
}

// openDir is a new folder that every user may enter. What runs in it is stopped, and what it keeps elsewhere removed.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "kurso-pg")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return tidied(t, dir)
}

func tidied(t *testing.T, dir string) string {
	t.Helper()
	t.Cleanup(func() {
		home, err := findHome(dir)
		if err != nil {
			return // there is nothing
		}
		if s, ok := running(home); ok {
			if err := s.stop(); err != nil {
				t.Error(err)
			}
		}
		if home.root != dir {
			if err := os.RemoveAll(home.root); err != nil {
				t.Error(err)
			}
		}
	})
	return dir
}

func start(t *testing.T, o Options) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func query(t *testing.T, url, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	var answer string
	if err := conn.QueryRow(t.Context(), sql).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return answer
}

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

func TestAdoptsAfterTheParentWasKilled(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	killed := runHelper(t, self(t), dir)()
	if err := killed.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = killed.cmd.Wait()
	c := start(t, Options{Dir: dir, Fast: true})
	if !c.Adopted || c.server.pid != killed.PID || c.URL("postgres") != killed.URL {
		t.Fatalf("adopted %v, process %d instead of %d", c.Adopted, c.server.pid, killed.PID)
	}
	query(t, c.URL("postgres"), "SELECT 'works'")
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	if c.server.alive() {
		t.Error("an adopted server outlives Stop")
	}
}

func TestConcurrentProcessesShareOneServer(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	var waits []func() helper
	for range 5 {
		waits = append(waits, runHelper(t, self(t), dir, helperStop+"=1"))
	}
	var all []helper
	fresh := 0
	for _, wait := range waits {
		h := wait()
		if !h.Adopted {
			fresh++
		}
		all = append(all, h)
	}
	if fresh != 1 {
		t.Errorf("%d processes started a server of their own", fresh)
	}
	for _, h := range all {
		if h.PID != all[0].PID {
			t.Errorf("process %d beside %d", h.PID, all[0].PID)
		}
	}
	for i, h := range all {
		if !(server{pid: h.PID, data: filepath.Join(dir, "data")}).alive() {
			t.Fatalf("the server ended while %d processes used it", len(all)-i)
		}
		h.end(t)
	}
	if (server{pid: all[0].PID, data: filepath.Join(dir, "data")}).alive() {
		t.Error("the server outlives its last user")
	}
}

func TestKeepLeavesTheServerRunning(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	kept := start(t, Options{Dir: dir, Fast: true, Keep: true})
	if err := kept.Stop(); err != nil {
		t.Fatal(err)
	}
	c := start(t, Options{Dir: dir, Fast: true})
	if !c.Adopted || c.server.pid != kept.server.pid {
		t.Error("the server was not kept")
	}
	if got := query(t, c.URL("postgres"), "SHOW fsync"); got != "off" {
		t.Errorf("fsync is %s in fast mode", got)
	}
}

func TestSafeModeDoesNotAdoptAFastServer(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	fast := start(t, Options{Dir: dir, Fast: true, Keep: true})
	if _, err := Start(t.Context(), Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "stop that one first") {
		t.Errorf("beside another user: %v", err)
	}
	if err := fast.Stop(); err != nil {
		t.Fatal(err)
	}
	c := start(t, Options{Dir: dir})
	if got := query(t, c.URL("postgres"), "SHOW fsync"); got != "on" || c.Adopted {
		t.Errorf("fsync is %s, adopted %v", got, c.Adopted)
	}
}

func TestStalePidFile(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := start(t, Options{Dir: dir, Fast: true})
	pidFile := filepath.Join(c.home.data(), "postmaster.pid")
	left, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	// A living process of the server's own user, as after a restart of the machine: PostgreSQL would give up.
	other := c.home.command(exec.Command("sleep", "60"))
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = other.Process.Kill()
		_ = other.Wait()
	}()
	_, rest, _ := strings.Cut(string(left), "\n")
	for path, content := range map[string]string{
		pidFile: strconv.Itoa(other.Process.Pid) + "\n" + rest,
		filepath.Join(c.server.socket, ".s.PGSQL."+port+".lock"): strconv.Itoa(other.Process.Pid) + "\n" + rest,
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again := start(t, Options{Dir: dir, Fast: true})
	if again.Adopted {
		t.Error("adopted a process that is not PostgreSQL")
	}
	query(t, again.URL("postgres"), "SELECT 'works'")
	if err := other.Process.Signal(syscall.Signal(0)); err != nil {
		t.Errorf("the other process was harmed: %v", err)
	}
}

func TestServerKilled(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	c := start(t, Options{Dir: dir, Fast: true})
	if err := syscall.Kill(c.server.pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for c.server.alive() {
		time.Sleep(time.Millisecond)
	}
	again := start(t, Options{Dir: dir, Fast: true})
	if again.Adopted {
		t.Error("adopted a dead server")
	}
	query(t, again.URL("postgres"), "SELECT 'works'")
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

func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
}

func TestRootBelowAClosedParent(t *testing.T) {
	asRoot(t)
	t.Parallel()
	parent := openDir(t)
	dir := filepath.Join(parent, "var")
	if err := os.Chmod(parent, 0o700); err != nil {
		t.Fatal(err)
	}
	c := start(t, Options{Dir: tidied(t, dir), Fast: true})
	if strings.HasPrefix(c.home.root, dir) {
		t.Fatalf("the data are in %s", c.home.root)
	}
	note, err := os.ReadFile(filepath.Join(dir, noteName))
	if err != nil || !strings.Contains(string(note), c.home.root+"\n") {
		t.Fatalf("the note says %q: %v", note, err)
	}
	if err := c.CreateDatabase(t.Context(), "kept"); err != nil {
		t.Fatal(err)
	}
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	names := "SELECT string_agg(datname, ' ') FROM pg_database WHERE NOT datistemplate"
	c = start(t, Options{Dir: dir, Fast: true, Keep: true})
	if got := query(t, c.URL("postgres"), names); !strings.Contains(got, "kept") {
		t.Errorf("the second start finds %q", got)
	}
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}

	moved := dir + "2"
	if err := os.Rename(dir, moved); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), Options{Dir: moved}); err == nil || !strings.Contains(err.Error(), "was moved or copied") {
		t.Errorf("a moved folder: %v", err)
	}

	// The folder is gone, its server still runs: a new folder begins anew, and nothing is lost.
	old := c.home.root + ".old1"
	t.Cleanup(func() { os.RemoveAll(old) })
	fresh := start(t, Options{Dir: dir, Fast: true})
	if got := query(t, fresh.URL("postgres"), names); strings.Contains(got, "kept") || fresh.Adopted {
		t.Errorf("a new folder finds %q", got)
	}
	if !exists(filepath.Join(old, "data", "PG_VERSION")) {
		t.Error("the former data are lost")
	}
}

func TestAsAnotherUser(t *testing.T) {
	asRoot(t)
	t.Parallel()
	nobody, err := user.Lookup("nobody")
	if err != nil {
		t.Skip(err)
	}
	as, err := newAccount(nobody)
	if err != nil {
		t.Fatal(err)
	}
	base := openDir(t)
	dir := filepath.Join(base, "own")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.Chown(dir, int(as.uid), int(as.gid))); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(base, "helper")
	copyProgram(t, self(t).Path, program)
	run := func(dir string) func() helper {
		cmd := exec.Command(program)
		cmd.Dir = base
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: as.uid, Gid: as.gid}}
		return runHelper(t, cmd, dir, helperStop+"=1", "HOME=/nonexistent")
	}
	h := run(dir)()
	query(t, h.URL, "SELECT 'works'")
	info, err := os.Stat(filepath.Join(dir, "data"))
	if err != nil || ownerOf(info) != int(as.uid) {
		t.Errorf("the data belong to %v: %v", info, err)
	}
	h.end(t)
	if h.Adopted || exists(filepath.Join(dir, "data", "postmaster.pid")) {
		t.Error("not stopped by its own user")
	}

	// Root goes on with that user's data, as that user.
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	c := start(t, Options{Dir: dir, Fast: true})
	if c.home.as.uid != as.uid {
		t.Errorf("runs as %s", c.home.as.name)
	}
}

// TestDownload needs the network, so it runs only when asked for.
func TestDownload(t *testing.T) {
	if os.Getenv("KURSO_TEST_DOWNLOAD") == "" {
		t.Skip("KURSO_TEST_DOWNLOAD is empty")
	}
	t.Parallel()
	dir := openDir(t)
	for range 2 {
		c := start(t, Options{Dir: dir, Fast: true, hideInstalled: true})
		query(t, c.URL("postgres"), "SELECT 'works'")
		if !exists(filepath.Join(c.home.root, "software", "bin", "initdb")) {
			t.Error("another PostgreSQL runs")
		}
		if err := c.Stop(); err != nil {
			t.Fatal(err)
		}
	}
}

func copyProgram(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, content, fs.FileMode(0o755))
	}
	if err != nil {
		t.Fatal(err)
	}
}
