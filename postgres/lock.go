package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// prepareDir creates the folder and returns its real, absolute path.
func prepareDir(dir string) (string, error) {
	if dir == "" {
		return "", errors.New("the private PostgreSQL needs a folder for its data: none was named")
	}
	dir, err := filepath.Abs(dir)
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return "", fmt.Errorf("the private PostgreSQL cannot use the folder %s: %w", dir, err)
	}
	return dir, nil
}

// lock waits until it holds the lock on the file, which it creates. Closing the file, or the end of the process,
// gives the lock back.
func lock(ctx context.Context, path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the private PostgreSQL cannot use its folder as this user: %w", err)
	}
	for {
		err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if err != syscall.EWOULDBLOCK && err != syscall.EINTR {
			f.Close()
			return nil, fmt.Errorf("locking %s: %w", path, err)
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, fmt.Errorf("waiting for another process to start PostgreSQL (%s): %w", path, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// onlyUser tells whether no other process uses the server. It must be called while holding the start lock; when true,
// the lock on users is exclusive afterwards.
func onlyUser(users *os.File) bool {
	return syscall.Flock(int(users.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil
}
