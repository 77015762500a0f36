package postgres

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// StopKept shuts down the server that a Start with Keep left running in dir. It does nothing when there
// is none, and refuses while a process uses it.
func StopKept(dir string) error {
	if _, err := os.Stat(dir); err != nil {
		return nil
	}
	ctx := context.Background()
	dir, err := prepareDir(dir)
	if err != nil {
		return err
	}
	starting, err := lock(ctx, filepath.Join(dir, "lock"), syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer func() { _ = starting.Close() }()
	users, err := lock(ctx, filepath.Join(dir, "users"), syscall.LOCK_SH)
	if err != nil {
		return err
	}
	defer func() { _ = users.Close() }()
	if !onlyUser(users) {
		return fmt.Errorf("the PostgreSQL in %s is in use", dir)
	}
	home, err := findHome(dir)
	if err != nil {
		return err
	}
	found, running, err := adopt(ctx, home)
	if err != nil || !running {
		return err
	}
	return found.stop()
}
