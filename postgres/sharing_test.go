package postgres

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

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
	conn, err := pgx.Connect(t.Context(), c.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	// A process of the killed server lingers with the data: nothing else may write them until it is gone.
	orphan := int(conn.PgConn().PID())
	if err := errors.Join(syscall.Kill(orphan, syscall.SIGSTOP), syscall.Kill(c.server.pid, syscall.SIGKILL)); err != nil {
		t.Fatal(err)
	}
	for c.server.alive() {
		time.Sleep(time.Millisecond)
	}
	const lingers = 700 * time.Millisecond
	began := time.Now()
	time.AfterFunc(lingers, func() {
		if err := syscall.Kill(orphan, syscall.SIGCONT); err != nil {
			t.Error(err)
		}
	})
	again := start(t, Options{Dir: dir, Fast: true})
	if again.Adopted || time.Since(began) < lingers {
		t.Errorf("adopted %v, started after %v", again.Adopted, time.Since(began))
	}
	query(t, again.URL("postgres"), "SELECT 'works'")
}

func TestStopKept(t *testing.T) {
	t.Parallel()
	dir := openDir(t)
	if err := StopKept(filepath.Join(dir, "none")); err != nil || exists(filepath.Join(dir, "none")) {
		t.Errorf("where nothing is: %v", err)
	}
	c := start(t, Options{Dir: dir, Fast: true, Keep: true})
	if err := StopKept(dir); err == nil || !c.server.alive() {
		t.Errorf("a server in use: %v", err)
	}
	if err := c.Stop(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := StopKept(dir); err != nil || c.server.alive() {
			t.Errorf("a kept server still runs: %v", err)
		}
	}
}
