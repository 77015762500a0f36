package browsertest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/go-rod/rod/lib/launcher"
	"github.com/go-rod/rod/lib/utils"
)

// binVariable names the browser when the machine's own choice is not the right one.
const binVariable = "KURSO_CHROMIUM"

// find searches once for all tests of a process.
var find = sync.OnceValues(search)

// search returns a browser that runs. It looks at KURSO_CHROMIUM, the usual places and what an earlier call fetched;
// with none there it installs the system's package (as root on Debian and its kin) or downloads a build.
func search() (string, error) {
	if bin := os.Getenv(binVariable); bin != "" {
		if err := runs(bin); err != nil {
			return "", unusable(bin, err)
		}
		return bin, nil
	}
	if bin := installed(); bin != "" {
		return bin, nil
	}
	unlock, err := lock()
	if err != nil {
		return "", err
	}
	defer unlock()
	if bin := installed(); bin != "" { // another test's process was first
		return bin, nil
	}
	tried := "apt-get: not on this machine, or not for this user"
	if apt, err := exec.LookPath("apt-get"); err == nil && os.Geteuid() == 0 {
		err := aptInstall(apt)
		if bin := installed(); bin != "" {
			return bin, nil
		}
		tried = "apt-get: its chromium does not run"
		if err != nil {
			tried = err.Error()
		}
	}
	_, err = builds().Get()
	if bin := installed(); bin != "" {
		return bin, nil
	}
	return "", fmt.Errorf("browser tests need Chromium: install it, or name it in %s (%s; download: %w)", binVariable, tried, err)
}

func installed() string {
	candidates := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}
	if bin, ok := launcher.LookPath(); ok {
		candidates = append(candidates, bin)
	}
	for _, name := range append(candidates, builds().BinPath()) {
		if bin, err := exec.LookPath(name); err == nil && runs(bin) == nil {
			return bin
		}
	}
	return ""
}

// runs tells apart a browser from a script that only says how to install one.
func runs(bin string) error {
	out, err := exec.Command(bin, "--version").CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, lastLine(out))
	}
	return nil
}

func unusable(bin string, err error) error {
	return fmt.Errorf("browser tests need Chromium, and %s does not run: mend it, or name another in %s (%w)", bin, binVariable, err)
}

// builds are rod's downloads.
func builds() *launcher.Browser {
	b := launcher.NewBrowser()
	b.Logger = utils.LoggerQuiet
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	b.RootDir = filepath.Join(cache, "rod", "browser")
	return b
}

func aptInstall(apt string) error {
	install := []string{"install", "-y", "--no-install-recommends", "chromium"}
	var err error
	for _, args := range [][]string{install, {"update"}, install} {
		cmd := exec.Command(apt, append([]string{"-q", "-o", "DPkg::Lock::Timeout=120"}, args...)...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		var out []byte
		if out, err = cmd.CombinedOutput(); err != nil {
			err = fmt.Errorf("apt-get %s: %s", args[0], lastLine(out))
		} else if args[0] == "install" {
			return nil
		}
	}
	return err
}

// lock lets one process at a time fetch a browser.
func lock() (unlock func(), err error) {
	path := filepath.Join(os.TempDir(), fmt.Sprintf("kurso-browser-%d.lock", os.Geteuid()))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
