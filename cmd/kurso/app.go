package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // file:// buckets
	_ "gocloud.dev/blob/s3blob"   // s3:// buckets

	"kurso/config"
	"kurso/models/store"
	"kurso/postgres"
)

// app is what every command that touches data opens, and closes in reverse.
type app struct {
	cfg     *config.Config
	log     *slog.Logger
	st      *store.Store
	bucket  *blob.Bucket
	backups *blob.Bucket
	cluster *postgres.Cluster
}

func newLogger(cfg *config.Config) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.LogLevel))
	o := &slog.HandlerOptions{Level: level}
	var h slog.Handler = slog.NewTextHandler(os.Stderr, o)
	if cfg.LogFormat == "json" {
		h = slog.NewJSONHandler(os.Stderr, o)
	}
	log := slog.New(h)
	slog.SetDefault(log)
	return log
}

// database makes DATABASE_URL usable: a private Postgres is started or adopted when none is set. It has two
// roles, so that the application cannot change what it has recorded.
func database(ctx context.Context, cfg *config.Config, log *slog.Logger) (*postgres.Cluster, error) {
	if cfg.DatabaseURL != "" {
		return nil, nil
	}
	cluster, err := postgres.Start(ctx, postgres.Options{Dir: filepath.Join(cfg.DataDir, "postgres"), Log: log})
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL is empty and no private Postgres could be started: %w", err)
	}
	if err := errors.Join(cluster.CreateDatabase(ctx, "kurso"), cluster.CreateRole(ctx, "kurso")); err != nil {
		_ = cluster.Stop()
		return nil, err
	}
	cfg.DatabaseURL, cfg.DatabaseOwnerURL = cluster.URLAs("kurso", "kurso"), cluster.URL("kurso")
	return cluster, nil
}

// open connects to everything. With migrate, the database is brought up to date first.
func open(ctx context.Context, cfg *config.Config, log *slog.Logger, migrate bool) (*app, error) {
	a := &app{cfg: cfg, log: log}
	var err error
	defer func() {
		if err != nil {
			a.close()
		}
	}()
	if a.cluster, err = database(ctx, cfg, log); err != nil {
		return nil, err
	}
	if migrate {
		if err = migrateDatabase(ctx, cfg, log); err != nil {
			return nil, err
		}
	}
	secret, err := cfg.Secret()
	if err != nil {
		return nil, err
	}
	if a.st, err = store.Open(ctx, store.Options{DatabaseURL: cfg.DatabaseURL, SecretKey: secret, MaxConns: cfg.DatabaseMaxConns, Log: log}); err != nil {
		err = fmt.Errorf("the database that DATABASE_URL names does not answer: %w", err)
		return nil, err
	}
	if a.bucket, err = blob.OpenBucket(ctx, cfg.BucketURL); err != nil {
		err = fmt.Errorf("the bucket that BUCKET_URL names cannot be opened: %w", err)
		return nil, err
	}
	if a.backups, err = blob.OpenBucket(ctx, cfg.BackupBucketURL); err != nil {
		err = fmt.Errorf("the bucket that BACKUP_BUCKET_URL names cannot be opened: %w", err)
		return nil, err
	}
	return a, nil
}

func (a *app) close() {
	for _, bucket := range []*blob.Bucket{a.bucket, a.backups} {
		if bucket != nil {
			_ = bucket.Close()
		}
	}
	if a.st != nil {
		a.st.Close()
	}
	if a.cluster != nil {
		if err := a.cluster.Stop(); err != nil {
			a.log.Error("stopping Postgres", "error", err)
		}
	}
}

func migrateDatabase(ctx context.Context, cfg *config.Config, log *slog.Logger) error {
	url := cfg.DatabaseURL
	if cfg.DatabaseOwnerURL != "" {
		url = cfg.DatabaseOwnerURL
	}
	if err := store.Migrate(ctx, url, log); err != nil {
		return fmt.Errorf("the database could not be brought up to date: %w", err)
	}
	if cfg.DatabaseOwnerURL != "" {
		return store.GrantTo(ctx, cfg.DatabaseOwnerURL, cfg.DatabaseURL)
	}
	return nil
}

type migrateCmd struct{}

func (migrateCmd) Run(ctx context.Context, cfg *config.Config, log *slog.Logger) error {
	cluster, err := database(ctx, cfg, log)
	if err != nil {
		return err
	}
	if cluster != nil {
		defer func() { err = errors.Join(err, cluster.Stop()) }()
	}
	return migrateDatabase(ctx, cfg, log)
}
