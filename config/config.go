// Package config reads the settings from the environment once, checks them, and hands them on as values.
package config

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/joho/godotenv"
)

// Config is every setting. docs/settings.md explains them to operators.
type Config struct {
	// Host and Port are where the web process listens.
	Host string `env:"HOST" envDefault:"127.0.0.1"`
	Port int    `env:"PORT" envDefault:"8080"`
	// PublicURL is how people reach it, without a trailing slash; links in mails begin with it.
	PublicURL string `env:"PUBLIC_URL"`
	// DataDir holds the private Postgres, the bucket folder and the generated secret.
	DataDir string `env:"DATA_DIR" envDefault:"var"`
	// SecretKey derives tokens and signatures and encrypts secrets; 32 characters or more. All processes
	// need the same one. Empty: made once and kept in DataDir.
	SecretKey string `env:"SECRET_KEY"`
	// DatabaseURL is the application's; empty: a private Postgres in DataDir.
	DatabaseURL string `env:"DATABASE_URL"`
	// DatabaseOwnerURL is used by migrations, when the application's role is a lesser one.
	DatabaseOwnerURL string `env:"DATABASE_OWNER_URL"`
	DatabaseMaxConns int32  `env:"DATABASE_MAX_CONNS" envDefault:"16"`
	// SMTPURL is smtp://user:password@host:port (STARTTLS if offered) or smtps://… (TLS from the start);
	// empty: mails are kept and shown in the office.
	SMTPURL         string `env:"SMTP_URL"`
	SMTPConnections int    `env:"SMTP_CONNECTIONS" envDefault:"4"`
	// BucketURL is where files go (gocloud.dev/blob); empty: a folder in DataDir.
	BucketURL string `env:"BUCKET_URL"`
	// BackupBucketURL is where backups go, and what proves that the database was not tampered with; empty: a
	// folder in DataDir.
	BackupBucketURL string `env:"BACKUP_BUCKET_URL"`
	// TrustedProxies are the networks whose X-Forwarded-For and -Proto are believed.
	TrustedProxies []string `env:"TRUSTED_PROXIES" envSeparator:","`
	// JobRescueAfter is when the job of a killed worker is taken over by another.
	JobRescueAfter time.Duration `env:"JOB_RESCUE_AFTER" envDefault:"2m"`
	JobWorkers     int           `env:"JOB_WORKERS" envDefault:"20"`
	// MetricsToken must be sent as a bearer token to read /metrics; empty: from the loopback address only.
	MetricsToken string `env:"METRICS_TOKEN"`
	LogFormat    string `env:"LOG_FORMAT" envDefault:"text"`
	LogLevel     string `env:"LOG_LEVEL" envDefault:"info"`

	proxies []netip.Prefix
}

// Load reads .env, if there is one, and the environment, which wins. Its error is one sentence for each
// wrong variable.
func Load() (*Config, error) {
	if err := godotenv.Load(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf(".env cannot be read: %w", err)
	}
	c := &Config{}
	if err := env.Parse(c); err != nil {
		return nil, sentence(err)
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	return c, nil
}

// sentence names the variable of each value that is not of its kind.
func sentence(err error) error {
	var all env.AggregateError
	if !errors.As(err, &all) {
		return err
	}
	var out []error
	for _, e := range all.Errors {
		var p env.ParseError
		if errors.As(e, &p) {
			e = fmt.Errorf("%s must be %s, not %q", variable(p.Name), kind(p.Type), os.Getenv(variable(p.Name)))
		}
		out = append(out, e)
	}
	return errors.Join(out...)
}

func kind(t reflect.Type) string {
	if t == reflect.TypeFor[time.Duration]() {
		return "a time such as 90s or 2m"
	}
	return "a whole number"
}

func (c *Config) check() error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }

	if c.Port < 0 || c.Port > 65535 {
		wrong("PORT must be between 0 and 65535, not %d", c.Port)
	}
	if c.PublicURL == "" {
		c.PublicURL = "http://localhost:" + strconv.Itoa(c.Port)
	}
	if u, err := url.Parse(c.PublicURL); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" {
		wrong("PUBLIC_URL must be an address such as https://kurse.example.org, not %q", c.PublicURL)
	}
	c.PublicURL = strings.TrimRight(c.PublicURL, "/")
	if c.SecretKey != "" && len(c.SecretKey) < 32 {
		wrong("SECRET_KEY must have at least 32 characters; `openssl rand -base64 32` makes one")
	}
	for name, value := range map[string]string{"DATABASE_URL": c.DatabaseURL, "DATABASE_OWNER_URL": c.DatabaseOwnerURL} {
		if value != "" && !strings.HasPrefix(value, "postgres://") && !strings.HasPrefix(value, "postgresql://") && !strings.Contains(value, "host=") {
			wrong("%s must begin with postgres://", name)
		}
	}
	if c.SMTPURL != "" {
		u, err := url.Parse(c.SMTPURL)
		if err != nil || u.Host == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
			wrong("SMTP_URL must look like smtp://user:password@mail.example.org:587 or smtps://…")
		}
	}
	if c.SMTPConnections < 1 || c.SMTPConnections > 100 {
		wrong("SMTP_CONNECTIONS must be between 1 and 100, not %d", c.SMTPConnections)
	}
	if c.JobRescueAfter < time.Second {
		wrong("JOB_RESCUE_AFTER must be at least 1s, not %s", c.JobRescueAfter)
	}
	if c.JobWorkers < 1 || c.JobWorkers > 1000 {
		wrong("JOB_WORKERS must be between 1 and 1000, not %d", c.JobWorkers)
	}
	if c.DatabaseMaxConns < 4 {
		wrong("DATABASE_MAX_CONNS must be at least 4, not %d", c.DatabaseMaxConns)
	}
	for _, p := range c.TrustedProxies {
		prefix, err := netip.ParsePrefix(strings.TrimSpace(p))
		if err != nil {
			var addr netip.Addr
			if addr, err = netip.ParseAddr(strings.TrimSpace(p)); err == nil {
				prefix = netip.PrefixFrom(addr, addr.BitLen())
			}
		}
		if err != nil {
			wrong("TRUSTED_PROXIES must list networks such as 10.0.0.0/8, not %q", p)
			continue
		}
		c.proxies = append(c.proxies, prefix)
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		wrong("LOG_FORMAT must be text or json, not %q", c.LogFormat)
	}
	switch c.LogLevel {
	case "debug", "info", "warn", "error":
	default:
		wrong("LOG_LEVEL must be debug, info, warn or error, not %q", c.LogLevel)
	}
	if abs, err := filepath.Abs(c.DataDir); err != nil {
		wrong("DATA_DIR must be a folder: %v", err)
	} else {
		c.DataDir = abs
	}
	if c.BucketURL == "" {
		c.BucketURL = "file://" + filepath.ToSlash(filepath.Join(c.DataDir, "files")) + "?create_dir=true&no_tmp_dir=true"
	}
	if c.BackupBucketURL == "" {
		c.BackupBucketURL = "file://" + filepath.ToSlash(filepath.Join(c.DataDir, "backups")) + "?create_dir=true&no_tmp_dir=true&metadata=skip"
	}
	return errors.Join(errs...)
}

// Origin is the scheme and host of PUBLIC_URL, as browsers send it.
func (c *Config) Origin() string {
	u, err := url.Parse(c.PublicURL)
	if err != nil {
		return c.PublicURL
	}
	return u.Scheme + "://" + u.Host
}

// SMTPHost is the mail server's name; empty without one.
func (c *Config) SMTPHost() string {
	u, err := url.Parse(c.SMTPURL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// Proxies are the networks of TRUSTED_PROXIES.
func (c *Config) Proxies() []netip.Prefix { return c.proxies }

// Secret is the secret key's bytes. Without SECRET_KEY, it is made once and kept in DATA_DIR/secret_key,
// readable by the owner only; two processes that start at once agree on one.
func (c *Config) Secret() ([]byte, error) {
	if c.SecretKey != "" {
		return []byte(c.SecretKey), nil
	}
	if err := os.MkdirAll(c.DataDir, 0o755); err != nil {
		return nil, fmt.Errorf("DATA_DIR cannot be made: %w", err)
	}
	path := filepath.Join(c.DataDir, "secret_key")
	random := make([]byte, 32)
	_, _ = rand.Read(random)
	made, err := os.CreateTemp(c.DataDir, ".secret_key-*")
	if err != nil {
		return nil, fmt.Errorf("DATA_DIR cannot be written: %w", err)
	}
	defer func() { _ = os.Remove(made.Name()) }()
	if _, err := made.WriteString(base64.RawURLEncoding.EncodeToString(random)); err != nil {
		return nil, err
	}
	if err := made.Close(); err != nil {
		return nil, err
	}
	// a hard link appears whole or not at all, and never replaces the key that is there
	if err := os.Link(made.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	key, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(key) < 32 {
		return nil, fmt.Errorf("%s is damaged: restore it from a backup, or delete it and accept that links in mails sent so far stop working", path)
	}
	return key, nil
}
