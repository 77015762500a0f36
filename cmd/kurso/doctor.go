package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"gocloud.dev/blob"

	"kurso/config"
	"kurso/mail"
	"kurso/models/audit"
)

type doctorCmd struct{}

// finding is what one check found: nothing wrong, or a sentence that says what to do.
type finding struct {
	what, good string
	wrong      error
}

// Run prints a line a check and fails if one failed.
func (doctorCmd) Run(ctx context.Context, cfg *config.Config, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	cluster, err := database(ctx, cfg, log)
	if err != nil {
		return err
	}
	if cluster != nil {
		defer func() { _ = cluster.Stop() }()
	}
	failed := 0
	checks := []func(context.Context, *config.Config) finding{checkDatabase, checkClock, checkAudit, checkMail, checkBucket, checkBackups, checkPublicURL}
	for _, check := range checks {
		f := check(ctx, cfg)
		if f.wrong != nil {
			failed++
			fmt.Fprintf(os.Stdout, "✗ %-11s %s\n", f.what, f.wrong)
			continue
		}
		fmt.Fprintf(os.Stdout, "✓ %-11s %s\n", f.what, f.good)
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d checks failed", failed, len(checks))
	}
	return nil
}

func checkDatabase(ctx context.Context, cfg *config.Config) finding {
	f := finding{what: "Database"}
	conn, err := pgx.Connect(ctx, cfg.DatabaseURL)
	if err != nil {
		f.wrong = errors.New("does not answer. Check DATABASE_URL and that Postgres runs: " + err.Error())
		return f
	}
	defer func() { _ = conn.Close(ctx) }()
	var version int
	var schema, open bool
	err = conn.QueryRow(ctx, `SELECT current_setting('server_version_num')::int, to_regclass('bookings') IS NOT NULL,
		coalesce(pg_has_role((SELECT relowner FROM pg_class WHERE oid = to_regclass('audit_entries')), 'USAGE'), false)`).
		Scan(&version, &schema, &open)
	switch {
	case err != nil:
		f.wrong = err
	case version < 150000:
		f.wrong = fmt.Errorf("is PostgreSQL %d; 15 or newer is needed", version/10000)
	case !schema:
		f.wrong = errors.New("is empty. Run `kurso migrate`")
	default:
		f.good = fmt.Sprintf("PostgreSQL %d answers", version/10000)
		if open {
			f.good += "; there is one role for everything, so only triggers keep the audit log from being changed, and that role can switch them off: a second one, with DATABASE_OWNER_URL, protects it"
		}
	}
	return f
}

func checkClock(ctx context.Context, cfg *config.Config) finding {
	f := finding{what: "Clock"}
	conn, err := pgx.Connect(ctx, cfg.DatabaseURL)
	if err != nil {
		f.wrong = errors.New("cannot be compared: the database does not answer")
		return f
	}
	defer func() { _ = conn.Close(ctx) }()
	var theirs time.Time
	if err := conn.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&theirs); err != nil {
		f.wrong = err
		return f
	}
	if gap := time.Since(theirs).Abs(); gap > 2*time.Second {
		f.wrong = fmt.Errorf("differs from the database's by %s. Run a time service (NTP) on both machines", gap.Round(time.Second))
		return f
	}
	f.good = "agrees with the database's"
	return f
}

func checkMail(ctx context.Context, cfg *config.Config) finding {
	f := finding{what: "Mail server"}
	if cfg.SMTPURL == "" {
		f.good = "none: SMTP_URL is empty, so mails are kept and shown in the office"
		return f
	}
	sender, err := mail.NewSender(mail.SenderOptions{URL: cfg.SMTPURL, Connections: 1, Timeout: time.Minute})
	if err == nil {
		defer sender.Close()
		err = sender.Check(ctx)
	}
	if err != nil {
		f.wrong = fmt.Errorf("refuses. Check SMTP_URL (address, port, user, password, smtp or smtps): %w", err)
		return f
	}
	f.good = "takes our connection"
	return f
}

func checkBucket(ctx context.Context, cfg *config.Config) finding {
	f := finding{what: "Bucket"}
	err := tryBucket(ctx, cfg.BucketURL, func(err error) error { return err })
	if err != nil {
		f.wrong = fmt.Errorf("cannot be written and read. Check BUCKET_URL and its rights: %w", err)
		return f
	}
	f.good = "is written, read and cleared"
	return f
}

// checkBackups lets it be that nothing can be deleted there: so it should.
func checkBackups(ctx context.Context, cfg *config.Config) finding {
	f := finding{what: "Backups"}
	err := tryBucket(ctx, cfg.BackupBucketURL, func(error) error { return nil })
	if err != nil {
		f.wrong = fmt.Errorf("cannot be written and read. Check BACKUP_BUCKET_URL and its rights: %w", err)
		return f
	}
	f.good = "are written and read"
	if strings.HasPrefix(cfg.BackupBucketURL, "file://") {
		f.good += "; in a folder, so keep it on another disk than the database, or use an S3 bucket that refuses deletion"
	}
	return f
}

// tryBucket writes and reads an object and deletes it; deleted judges what came of that.
func tryBucket(ctx context.Context, address string, deleted func(error) error) error {
	bucket, err := blob.OpenBucket(ctx, address)
	if err != nil {
		return err
	}
	defer func() { _ = bucket.Close() }()
	const key = "doctor/check"
	if err := bucket.WriteAll(ctx, key, []byte("ok"), nil); err != nil {
		return err
	}
	if _, err := bucket.ReadAll(ctx, key); err != nil {
		return err
	}
	return deleted(bucket.Delete(ctx, key))
}

// checkAudit asks whether somebody seals what is written.
func checkAudit(ctx context.Context, cfg *config.Config) finding {
	f := finding{what: "Audit log"}
	conn, err := pgx.Connect(ctx, cfg.DatabaseURL)
	if err != nil {
		f.wrong = errors.New("cannot be read: the database does not answer")
		return f
	}
	defer func() { _ = conn.Close(ctx) }()
	var sealed, late int
	err = conn.QueryRow(ctx, `SELECT coalesce((SELECT max(seq) FROM audit_seals), 0), (SELECT count(*) FROM audit_unsealed u
		JOIN audit_entries e ON e.id = u.entry_id WHERE e.at < now() - make_interval(secs => $1))`, audit.SealedWithin.Seconds()).Scan(&sealed, &late)
	switch {
	case err != nil:
		f.wrong = fmt.Errorf("cannot be read. Run `kurso migrate`: %w", err)
	case late > 0:
		f.wrong = fmt.Errorf("has %d entries that should have been sealed by now. Start `kurso worker`", late)
	default:
		f.good = fmt.Sprintf("has %d sealed entries; `kurso audit verify` checks them all", sealed)
	}
	return f
}

func checkPublicURL(ctx context.Context, cfg *config.Config) finding {
	f := finding{what: "Public URL"}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, cfg.PublicURL+"/healthz", nil)
	if err != nil {
		f.wrong = err
		return f
	}
	res, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	if err != nil {
		f.wrong = fmt.Errorf("does not lead here. Start `kurso web`, and check PUBLIC_URL, name service and proxy: %w", err)
		return f
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		f.wrong = fmt.Errorf("answers %s. Check that the proxy leads /healthz here", res.Status)
		return f
	}
	f.good = cfg.PublicURL + " leads here"
	if !strings.HasPrefix(cfg.PublicURL, "https://") {
		f.good += "; without https, for trying out only"
	}
	return f
}
