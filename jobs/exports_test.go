package jobs

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"gocloud.dev/blob/fileblob"

	"kurso/config"
	"kurso/models/modeltest"
)

// What a killed worker left in the bucket is deleted by the clock.
func TestLeftoversOfExportsAreSwept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bucket, err := fileblob.OpenBucket(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = bucket.Close() })
	half := filepath.Join(dir, "exports", "half.18c0ffee.tmp")
	if err := os.Mkdir(filepath.Dir(half), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(half, []byte("Müller;"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := modeltest.New(t)
	yesterday := w.Now().Add(-24 * time.Hour)
	if err := os.Chtimes(half, yesterday, yesterday); err != nil {
		t.Fatal(err)
	}
	startWith(t, Deps{Store: w.Store, Bucket: bucket, Log: modeltest.Quiet(), Config: &config.Config{SMTPConnections: 1, JobRescueAfter: 2 * time.Minute, JobWorkers: 1}})
	eventually(t, "the half file is gone", func() bool {
		_, err := os.Stat(half)
		return os.IsNotExist(err)
	})
}
