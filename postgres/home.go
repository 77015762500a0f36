package postgres

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// home is where the cluster lies and as whom it runs.
type home struct {
	root string
	as   *account // nil: as this process's own user
}

// account is the unprivileged user the server runs as when Kurso is root, which PostgreSQL refuses to be.
type account struct {
	name     string
	uid, gid uint32
}

// noteName is the file in Dir that says where the cluster is when it is not there.
const noteName = "LOCATION.txt"

// socketLimit is what fits into sockaddr_un on every system.
const socketLimit = 103

func (h home) data() string { return filepath.Join(h.root, "data") }

// version is the major version that wrote the data, or "" when there is none yet.
func (h home) version() (string, error) {
	b, err := os.ReadFile(filepath.Join(h.data(), "PG_VERSION"))
	if err == nil {
		return strings.TrimSpace(string(b)), nil
	}
	if entries, dirErr := os.ReadDir(h.data()); errors.Is(dirErr, fs.ErrNotExist) || dirErr == nil && len(entries) == 0 {
		return "", nil
	}
	return "", fmt.Errorf("%s holds no readable PostgreSQL data: move it away, or set DATABASE_URL (%w)", h.data(), err)
}

// command runs the program as the cluster's user, with nothing of our environment that could change what it does.
func (h home) command(cmd *exec.Cmd) *exec.Cmd {
	cmd.Dir = h.root
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=" + systemLocale, "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if h.as != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: h.as.uid, Gid: h.as.gid}
	}
	return cmd
}

// reachable tells whether the cluster's user can enter the home.
func (h home) reachable() error {
	return h.command(exec.Command("/bin/sh", "-c", ":")).Run()
}

// mkdir makes a folder that only the cluster's user may enter. One that belongs to somebody else is an error.
func (h home) mkdir(path string) error {
	err := os.Mkdir(path, 0o700)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	want := os.Geteuid()
	if h.as != nil {
		want = int(h.as.uid)
	}
	switch owner := ownerOf(info); {
	case !info.IsDir():
		return fmt.Errorf("%s is not a folder", path)
	case owner != want && (h.as == nil || owner != 0):
		return fmt.Errorf("%s belongs to another user (uid %d)", path, owner)
	case owner != want:
		if err := os.Lchown(path, int(h.as.uid), int(h.as.gid)); err != nil {
			return err
		}
	}
	return os.Chmod(path, 0o700)
}

// socketDir makes the folder of the socket: in the home, or in the folder for temporary files when the path is too
// long for a socket.
func (h home) socketDir() (string, error) {
	dir := filepath.Join(h.root, "socket")
	for _, short := range []string{os.TempDir(), "/tmp"} {
		if len(dir)+len("/.s.PGSQL."+port) <= socketLimit {
			break
		}
		dir = filepath.Join(short, "kurso-"+digest(h.root))
	}
	if err := h.mkdir(dir); err != nil {
		return "", fmt.Errorf("PostgreSQL cannot have its socket in %s: %w", dir, err)
	}
	return dir, nil
}

// findHome chooses the account and the place for the cluster of dir. The same dir has the same home every time.
func findHome(dir string) (home, error) {
	here := home{root: dir}
	if os.Geteuid() != 0 {
		return here, nil
	}
	var err error
	if here.as, err = findAccount(here.data()); err != nil {
		return home{}, err
	}
	note, noteErr := os.ReadFile(filepath.Join(dir, noteName))
	if errors.Is(noteErr, fs.ErrNotExist) {
		if here.reachable() == nil {
			return here, nil
		}
		if exists(here.data()) {
			return home{}, fmt.Errorf("the user %s cannot reach the PostgreSQL data in %s any more: let it enter the folders above", here.as.name, here.data())
		}
	} else if noteErr != nil {
		return home{}, noteErr
	}
	there := home{as: here.as}
	if there.root, err = elsewhere(dir); err != nil {
		return home{}, err
	}
	if noteErr == nil {
		if !slices.Contains(strings.Split(string(note), "\n"), there.root) {
			return home{}, fmt.Errorf("%s was moved or copied: %s tells where its PostgreSQL data are; move them to %s and name that there, or delete the note to start anew",
				dir, filepath.Join(dir, noteName), there.root)
		}
		if there.as, err = findAccount(there.data()); err != nil {
			return home{}, err
		}
		return there, settle(there)
	}
	if err := setAside(there); err != nil {
		return home{}, err
	}
	if err := settle(there); err != nil {
		return home{}, err
	}
	text := fmt.Sprintf("The PostgreSQL data of\n%s\nare in\n%s\nbecause the server's user (%s) cannot enter this folder.\nWhoever deletes one should delete the other.\n",
		dir, there.root, there.as.name)
	return there, os.WriteFile(filepath.Join(dir, noteName), []byte(text), 0o644)
}

// elsewhere names the place for the cluster of a folder that the server's user cannot reach.
func elsewhere(dir string) (string, error) {
	var errs []error
	for _, parent := range []string{"/var/lib/kurso", "/var/tmp/kurso"} {
		err := os.Mkdir(parent, 0o755)
		if errors.Is(err, fs.ErrExist) {
			err = nil
		}
		if err == nil {
			info, statErr := os.Lstat(parent)
			if statErr == nil && info.IsDir() && ownerOf(info) == 0 && os.Chmod(parent, 0o755) == nil {
				return filepath.Join(parent, digest(dir)), nil
			}
			err = fmt.Errorf("%s is not a folder of root's", parent)
		}
		errs = append(errs, err)
	}
	return "", fmt.Errorf("no place for PostgreSQL's data outside %s: %s", dir, sentence(errs))
}

// settle makes the place of a cluster that lies elsewhere.
func settle(h home) error {
	err := h.mkdir(h.root)
	if err == nil {
		err = h.reachable()
	}
	if err != nil {
		return fmt.Errorf("the user %s cannot keep PostgreSQL's data in %s: %w", h.as.name, h.root, err)
	}
	return nil
}

// setAside renames what a deleted folder of the same name left behind, so that a new folder begins with a new
// cluster and nothing is lost.
func setAside(h home) error {
	if !exists(h.root) {
		return nil
	}
	if left, ok := running(h); ok {
		if err := left.stop(); err != nil {
			return err
		}
	}
	for i := 1; ; i++ {
		old := fmt.Sprintf("%s.old%d", h.root, i)
		if !exists(old) {
			return os.Rename(h.root, old)
		}
	}
}

// findAccount is the owner of the data if there are any, else PostgreSQL's own user, else nobody. PostgreSQL needs a
// user that is known by name.
func findAccount(data string) (*account, error) {
	if info, err := os.Stat(data); err == nil && ownerOf(info) != 0 {
		u, err := user.LookupId(strconv.Itoa(ownerOf(info)))
		if err != nil {
			return nil, fmt.Errorf("the owner of %s is unknown on this machine: %w", data, err)
		}
		return newAccount(u)
	}
	for _, name := range []string{"postgres", "_postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			return newAccount(u)
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody: create one, or set DATABASE_URL")
}

func newAccount(u *user.User) (*account, error) {
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &account{name: u.Username, uid: uint32(uid), gid: uint32(gid)}, nil
}

func ownerOf(info fs.FileInfo) int { return int(info.Sys().(*syscall.Stat_t).Uid) }

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// digest is a short name for a path.
func digest(path string) string {
	sum := sha256.Sum256([]byte(path))
	return hex.EncodeToString(sum[:6])
}
