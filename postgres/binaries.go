package postgres

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	embedded "github.com/fergusstrange/embedded-postgres"
)

// oldest is the oldest major version that is good enough.
const oldest = 14

// findBinaries returns the folder of initdb and postgres, of the given major version if one is given. Without an
// installed one it installs the system's package (as root on Debian and its kin) or downloads a build.
func findBinaries(ctx context.Context, h home, major string, o Options) (string, error) {
	downloaded := filepath.Join(h.root, "software")
	if !o.hideInstalled {
		if bin, ok := usable(ctx, h, major, installed(ctx)); ok {
			return bin, nil
		}
	}
	if bin, ok := usable(ctx, h, major, []string{filepath.Join(downloaded, "bin")}); ok {
		return bin, nil
	}
	if ctx.Err() != nil {
		return "", fmt.Errorf("starting PostgreSQL: %w", ctx.Err())
	}
	var tried []error
	if apt, err := exec.LookPath("apt-get"); err == nil && os.Geteuid() == 0 && !o.hideInstalled && !o.hideApt {
		err := aptInstall(ctx, o.Log, apt, major)
		if bin, ok := usable(ctx, h, major, installed(ctx)); ok {
			return bin, nil
		}
		tried = append(tried, err)
	}
	err := download(ctx, o.Log, downloaded, major)
	if bin, ok := usable(ctx, h, major, []string{filepath.Join(downloaded, "bin")}); ok {
		return bin, nil
	}
	tried = append(tried, err)
	wanted := fmt.Sprintf("PostgreSQL %d or newer", oldest)
	if major != "" {
		wanted = "PostgreSQL " + major + ", which wrote the data in " + h.data()
	}
	return "", fmt.Errorf("this machine lacks %s: install it, or set DATABASE_URL to a database elsewhere (%s)", wanted, sentence(tried))
}

// installed lists folders where PostgreSQL's programs may be, the best first.
func installed(ctx context.Context) []string {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*", "/usr/local/pgsql/bin",
		"/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin", "/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
		"/Applications/Postgres.app/Contents/Versions/*/bin", "/opt/local/lib/postgresql*/bin",
	} {
		found, _ := filepath.Glob(pattern)
		slices.SortFunc(found, func(a, b string) int { return number(b) - number(a) })
		dirs = append(dirs, found...)
	}
	return dirs
}

var digits = regexp.MustCompile(`\d+`)

// number is the version in a path, so that 18 comes before 9.
func number(path string) int {
	n, _ := strconv.Atoi(digits.FindString(path))
	return n
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// usable returns the first folder whose programs run as the cluster's user and have the version.
func usable(ctx context.Context, h home, major string, dirs []string) (string, bool) {
	for _, dir := range dirs {
		if !exists(filepath.Join(dir, "initdb")) {
			continue
		}
		out, err := h.command(exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version")).Output()
		m := versionLine.FindSubmatch(out)
		if err != nil || m == nil {
			continue
		}
		if v := string(m[1]); v == major || major == "" && number(v) >= oldest {
			return dir, true
		}
	}
	return "", false
}

// aptInstall installs the server without the cluster that the package would otherwise create and start.
func aptInstall(ctx context.Context, log *slog.Logger, apt, major string) error {
	const confDir = "/etc/postgresql-common/createcluster.d"
	if err := os.MkdirAll(confDir, 0o755); err != nil {
		return fmt.Errorf("apt-get install: %w", err)
	}
	conf := filepath.Join(confDir, "kurso.conf")
	if err := os.WriteFile(conf, []byte("create_main_cluster = false\n"), 0o644); err != nil {
		return fmt.Errorf("apt-get install: %w", err)
	}
	defer os.Remove(conf)
	pkg := "postgresql"
	if major != "" {
		pkg += "-" + major
	}
	install := []string{"install", "-y", "--no-install-recommends", pkg}
	var err error
	for _, args := range [][]string{install, {"update"}, install} {
		log.Info("fetching postgres", "command", "apt-get "+strings.Join(args, " "))
		cmd := exec.CommandContext(ctx, apt, append([]string{"-q", "-o", "DPkg::Lock::Timeout=120"}, args...)...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		var out []byte
		if out, err = cmd.CombinedOutput(); err != nil {
			err = fmt.Errorf("apt-get %s: %s", args[0], complaint(strings.ReplaceAll(string(out), "E: ", "error: ")))
		} else if args[0] == "install" {
			return nil
		}
	}
	return err
}

// builds are the versions that can be downloaded.
var builds = map[string]embedded.PostgresVersion{
	"": embedded.V18, "18": embedded.V18, "17": embedded.V17, "16": embedded.V16, "15": embedded.V15, "14": embedded.V14,
}

// download fetches a build for this system into the folder, whole or not at all.
func download(ctx context.Context, log *slog.Logger, into, major string) error {
	version, ok := builds[major]
	if !ok {
		return fmt.Errorf("no build of PostgreSQL %s to download", major)
	}
	free, err := freePort()
	if err != nil {
		return err
	}
	log.Info("fetching postgres", "version", string(version))
	work := into + ".new"
	if err := os.RemoveAll(work); err != nil {
		return fmt.Errorf("clearing an unfinished download: %w", err)
	}
	fetched := filepath.Join(work, "pgsql")
	// The library can only fetch as part of a start. Data below a file cannot be made, so this start ends
	// after the programs are there, as root too.
	cannot := filepath.Join(os.DevNull, "data")
	done := make(chan error, 1)
	go func() {
		done <- embedded.NewDatabase(embedded.DefaultConfig().Version(version).Port(free).Logger(nil).
			CachePath(filepath.Join(work, "cache")).RuntimePath(filepath.Join(work, "run")).
			BinariesPath(fetched).DataPath(cannot)).Start()
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err = <-done:
	}
	if !exists(filepath.Join(fetched, "bin", "initdb")) {
		return fmt.Errorf("downloading PostgreSQL, which needs the network and CA certificates: %w", err)
	}
	if err := readable(fetched); err != nil {
		return fmt.Errorf("unpacking PostgreSQL: %w", err)
	}
	if err := os.RemoveAll(into); err != nil {
		return fmt.Errorf("unpacking PostgreSQL: %w", err)
	}
	if err := os.Rename(fetched, into); err != nil {
		return fmt.Errorf("unpacking PostgreSQL: %w", err)
	}
	return os.RemoveAll(work)
}

// readable lets the cluster's user run what root unpacked.
func readable(root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Type()&fs.ModeSymlink != 0 {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm()
		return os.Chmod(path, mode|mode&0o500>>3|mode&0o500>>6)
	})
}

func freePort() (uint32, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return uint32(l.Addr().(*net.TCPAddr).Port), nil
}

// sentence joins what was tried in vain.
func sentence(errs []error) string {
	var parts []string
	for _, err := range errs {
		if err != nil {
			parts = append(parts, err.Error())
		}
	}
	return strings.Join(parts, "; ")
}
