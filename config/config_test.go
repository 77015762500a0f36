package config

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// load reads the settings as a process with just these variables would.
func load(t *testing.T, vars ...string) (*Config, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, name := range variables() {
		t.Setenv(name, "") // restores it after the test
		_ = os.Unsetenv(name)
	}
	for i := 0; i < len(vars); i += 2 {
		t.Setenv(vars[i], vars[i+1])
	}
	return Load()
}

func TestDefaults(t *testing.T) {
	c, err := load(t)
	if err != nil {
		t.Fatal(err)
	}
	if c.Host != "127.0.0.1" || c.PublicURL != "http://localhost:8080" || !filepath.IsAbs(c.DataDir) || filepath.Base(c.DataDir) != "var" {
		t.Errorf("defaults: %+v", c)
	}
	if !strings.HasPrefix(c.BucketURL, "file://") || !strings.HasPrefix(c.BackupBucketURL, "file://") || c.BucketURL == c.BackupBucketURL {
		t.Errorf("buckets: %s, %s", c.BucketURL, c.BackupBucketURL)
	}
}

func TestWrongSettingsNameTheirVariable(t *testing.T) {
	for _, c := range []struct{ name, value string }{
		{"PORT", "eighty"},
		{"PORT", "70000"},
		{"PUBLIC_URL", "kurse.example.org"},
		{"SECRET_KEY", "short"},
		{"DATABASE_URL", "mysql://x"},
		{"DATABASE_OWNER_URL", "nonsense"},
		{"DATABASE_MAX_CONNS", "1"},
		{"SMTP_URL", "mail.example.org:25"},
		{"SMTP_CONNECTIONS", "0"},
		{"TRUSTED_PROXIES", "10.0.0.0/8,everybody"},
		{"JOB_RESCUE_AFTER", "5"},
		{"JOB_WORKERS", "-1"},
		{"LOG_FORMAT", "xml"},
		{"LOG_LEVEL", "loud"},
	} {
		t.Run(c.name+"="+c.value, func(t *testing.T) {
			_, err := load(t, c.name, c.value)
			if err == nil || !strings.Contains(err.Error(), c.name) {
				t.Fatalf("the error does not name %s: %v", c.name, err)
			}
		})
	}
}

func TestDotEnvIsReadAndTheEnvironmentWins(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile(".env", []byte("PORT=9001\nHOST=0.0.0.0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	// Load sets what .env names in this process; Setenv restores it after the test
	t.Setenv("HOST", "")
	_ = os.Unsetenv("HOST")
	t.Setenv("PORT", "9002")
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if c.Port != 9002 || c.Host != "0.0.0.0" {
		t.Errorf("host %s, port %d", c.Host, c.Port)
	}
}

func TestSecretIsMadeOnceAndKept(t *testing.T) {
	c := &Config{DataDir: filepath.Join(t.TempDir(), "new")}
	keys := make([]string, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			k, err := c.Secret()
			if err != nil {
				t.Error(err)
			}
			keys[i] = string(k)
		})
	}
	wg.Wait()
	for _, k := range keys {
		if k != keys[0] || len(k) < 32 {
			t.Fatalf("starts at the same time got different keys: %q", keys)
		}
	}
	info, err := os.Stat(filepath.Join(c.DataDir, "secret_key"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("the key can be read by others: %v %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob(filepath.Join(c.DataDir, ".secret_key-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestEverySettingIsExplained(t *testing.T) {
	t.Parallel()
	docs, err := os.ReadFile("../docs/settings.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range variables() {
		if !strings.Contains(string(docs), "| `"+name+"` |") {
			t.Errorf("docs/settings.md does not explain %s", name)
		}
	}
}
