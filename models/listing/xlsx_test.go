package listing_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"kurso/models/listing"
)

func TestOldPartsOfSheetsAreSwept(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	old, young, other := filepath.Join(dir, "kurso-xlsx-1"), filepath.Join(dir, "kurso-xlsx-2"), filepath.Join(dir, "somebody-else")
	now := time.Now()
	for path, at := range map[string]time.Time{old: now.Add(-2 * time.Hour), young: now, other: now.Add(-2 * time.Hour)} {
		if err := os.Mkdir(path, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(path, "excelize-1"), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if err := listing.SweepTemporary(now.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{old: false, young: true, other: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
	}
}
