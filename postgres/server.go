package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// systemLocale is for the programs' own messages; the databases' locale is chosen by initialise.
var systemLocale = map[bool]string{true: "en_US.UTF-8", false: "C.UTF-8"}[runtime.GOOS == "darwin"]

// server is a running postmaster.
type server struct {
	pid    int
	data   string
	socket string // folder of its socket
	status string // as in postmaster.pid: starting, ready, stopping
	fast   bool
}

// running reads postmaster.pid and tells whether that process is alive and is the server of these data.
func running(h home) (server, bool) {
	b, err := os.ReadFile(filepath.Join(h.data(), "postmaster.pid"))
	if err != nil {
		return server{}, false
	}
	lines := strings.Split(string(b), "\n")
	if len(lines) < 2 || lines[1] != h.data() {
		return server{}, false
	}
	s := server{data: h.data()}
	if s.pid, err = strconv.Atoi(lines[0]); err != nil || !s.alive() {
		return server{}, false
	}
	if len(lines) > 4 {
		s.socket = lines[4]
	}
	if len(lines) > 7 {
		s.status = strings.TrimSpace(lines[7])
	}
	s.fast = slices.Contains(commandLine(s.pid), "fsync=off")
	return s, true
}

// alive tells whether the process still is this server, and not another one that got its number.
func (s server) alive() bool {
	return slices.Contains(commandLine(s.pid), s.data)
}

// commandLine is empty for a process that has ended, also for one that nobody has waited for.
func commandLine(pid int) []string {
	if runtime.GOOS == "linux" {
		b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
		return strings.Split(string(b), "\x00")
	}
	b, _ := exec.Command("ps", "-ww", "-o", "stat=,args=", "-p", strconv.Itoa(pid)).Output()
	if strings.HasPrefix(string(b), "Z") {
		return nil
	}
	// A path may hold spaces: cut at our own options instead.
	_, args, _ := strings.Cut(strings.TrimSpace(string(b)), " -D ")
	return strings.Split(args, " -c ")
}

// adopt waits until the running server is ready. It is false when none runs, or the one that did has ended meanwhile.
func adopt(ctx context.Context, h home) (server, bool, error) {
	for {
		s, ok := running(h)
		if !ok || s.status == "ready" && s.socket != "" {
			return s, ok, nil
		}
		select {
		case <-ctx.Done():
			return s, false, fmt.Errorf("waiting for the PostgreSQL in %s, which is %s: %w", h.data(), s.status, ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// initialise makes a new cluster. An interrupted one leaves nothing that looks like data.
func initialise(ctx context.Context, h home, bin string, fast bool) error {
	fresh := filepath.Join(h.root, "data.new")
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("clearing an unfinished PostgreSQL cluster: %w", err)
	}
	if err := h.mkdir(fresh); err != nil {
		return fmt.Errorf("PostgreSQL cannot keep its data in %s: %w", h.root, err)
	}
	args := []string{"-D", fresh, "-U", superuser, "-A", "trust", "--encoding=UTF8"}
	if runtime.GOOS == "darwin" {
		args = append(args, "--locale=C", "--lc-ctype=UTF-8") // sorts as C.UTF-8 does, which older systems lack
	} else {
		args = append(args, "--locale=C.UTF-8")
	}
	if fast {
		args = append(args, "--no-sync")
	}
	out, err := h.command(exec.CommandContext(ctx, filepath.Join(bin, "initdb"), args...)).CombinedOutput()
	if err != nil {
		return fmt.Errorf("PostgreSQL could not create its data in %s: %s (%w)", h.root, complaint(string(out)), err)
	}
	if err := os.Remove(h.data()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("PostgreSQL cannot keep its data in %s: %w", h.data(), err)
	}
	return os.Rename(fresh, h.data())
}

// orphansLeave is how long the processes of a server that was killed may take to notice and to end.
const orphansLeave = 15 * time.Second

var errOrphans = errors.New("processes of an earlier PostgreSQL still use the data")

// launch starts the server and waits until it is ready.
func launch(ctx context.Context, h home, bin, logFile string, fast bool) (server, error) {
	socket, err := h.socketDir()
	if err != nil {
		return server{}, err
	}
	args := serverArgs(h.data(), socket, fast)
	for end := time.Now().Add(orphansLeave); ; time.Sleep(50 * time.Millisecond) {
		if err := clearStale(h, socket); err != nil {
			return server{}, err
		}
		s, err := launchOnce(ctx, h, exec.Command(filepath.Join(bin, "postgres"), args...), logFile)
		if !errors.Is(err, errOrphans) || time.Now().After(end) {
			return s, err
		}
	}
}

func launchOnce(ctx context.Context, h home, cmd *exec.Cmd, logFile string) (server, error) {
	log, err := openLog(logFile)
	if err != nil {
		return server{}, fmt.Errorf("PostgreSQL cannot write its log: %w", err)
	}
	defer log.Close()
	began, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return server{}, err
	}
	cmd = h.command(cmd)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return server{}, fmt.Errorf("PostgreSQL does not start: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // its log tells why
		close(ended)
	}()
	for {
		select {
		case <-ended:
			said, _ := io.ReadAll(io.NewSectionReader(log, began, 1<<20))
			if strings.Contains(string(said), "pre-existing shared memory block") {
				return server{}, fmt.Errorf("%w (%s)", errOrphans, h.data())
			}
			return server{}, fmt.Errorf("PostgreSQL ended while starting: %s (its log is %s)", complaint(string(said)), logFile)
		case <-ctx.Done():
			_ = cmd.Process.Signal(syscall.SIGINT)
			<-ended
			return server{}, fmt.Errorf("starting PostgreSQL: %w", ctx.Err())
		case <-time.After(5 * time.Millisecond):
			if s, ok := running(h); ok && s.pid == cmd.Process.Pid && s.status == "ready" {
				return s, nil
			}
		}
	}
}

func serverArgs(data, socket string, fast bool) []string {
	args := []string{"-D", data}
	settings := []string{
		"listen_addresses=", "port=" + port, "unix_socket_permissions=0700",
		"max_connections=200", "shared_buffers=" + sharedBuffers(fast), "timezone=UTC", "log_timezone=UTC", "logging_collector=off",
		// Statements and the details of errors carry personal data: they stay out of the log.
		"log_min_error_statement=panic", "log_error_verbosity=terse", "cluster_name=kurso",
	}
	if fast {
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	} else {
		settings = append(settings, "fsync=on", "synchronous_commit=on", "full_page_writes=on")
	}
	for _, s := range settings {
		args = append(args, "-c", s)
	}
	return append(args, "-k", socket)
}

// sharedBuffers is how much memory the server keeps pages in: a quarter of what this process may use, as the
// PostgreSQL manual recommends, from 128 MB to 8 GB. It is taken page by page as it is needed. Tests, of which
// several run at once, take little.
func sharedBuffers(fast bool) string {
	megabytes := uint64(256)
	if memory, err := memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem)(); err == nil && !fast {
		megabytes = min(max(memory>>22, 128), 8<<10)
	}
	return strconv.FormatUint(megabytes, 10) + "MB"
}

// clearStale removes what a server that is gone left behind and PostgreSQL would not clear itself: lock files whose
// process number now belongs to another program, as after a restart of the machine or container. For a dead process
// postmaster.pid stays: PostgreSQL reads in it whether a process of the old server still uses the data.
func clearStale(h home, socket string) error {
	stale := []string{filepath.Join(socket, ".s.PGSQL."+port), filepath.Join(socket, ".s.PGSQL."+port+".lock")}
	pidFile := filepath.Join(h.data(), "postmaster.pid")
	if b, err := os.ReadFile(pidFile); err == nil {
		first, _, _ := strings.Cut(string(b), "\n")
		pid, err := strconv.Atoi(first)
		if err != nil || pid > 0 && syscall.Kill(pid, 0) != syscall.ESRCH {
			stale = append(stale, pidFile)
		}
	}
	for _, path := range stale {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("clearing what an earlier PostgreSQL left: %w", err)
		}
	}
	return nil
}

// openLog appends, and begins anew when the file has grown large.
func openLog(path string) (*os.File, error) {
	if info, err := os.Stat(path); err == nil && info.Size() > 10<<20 {
		if err := os.Rename(path, path+".old"); err != nil {
			return nil, err
		}
	}
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
}

// stop shuts the server down and waits: in order first, at once when that takes too long.
func (s server) stop() error {
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, 30 * time.Second}, {syscall.SIGQUIT, 10 * time.Second}} {
		if !s.alive() {
			return nil
		}
		if err := syscall.Kill(s.pid, step.signal); err != nil && err != syscall.ESRCH {
			return fmt.Errorf("stopping PostgreSQL (process %d): %w", s.pid, err)
		}
		for end := time.Now().Add(step.wait); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			if !s.alive() {
				return nil
			}
		}
	}
	return fmt.Errorf("PostgreSQL (process %d) does not stop", s.pid)
}

// complaint is the line of a program's output that says what went wrong.
func complaint(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	for _, mark := range []string{"FATAL:", "PANIC:", "error:", "ERROR:"} {
		for _, line := range slices.Backward(lines) {
			if _, text, found := strings.Cut(line, mark); found {
				return strings.TrimSpace(text)
			}
		}
	}
	return strings.TrimSpace(lines[len(lines)-1])
}
