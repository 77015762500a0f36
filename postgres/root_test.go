package postgres

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

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
