package postgres

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/jackc/pgx/v5"
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
