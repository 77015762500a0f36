package main

import (
	"os"
	"strings"
	"testing"

	"kurso/config"
	"kurso/models/audit"
	"kurso/models/modeltest"
)

func TestVerifyOnTheCommandLine(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	for range 3 {
		w.MustRequest(t, w.MustCreateCourse(t))
	}
	if _, err := audit.Seal(t.Context(), w.Store, 100); err != nil {
		t.Fatal(err)
	}
	r := run(t, w.URL, "audit", "verify")
	if r.code != 0 || !strings.HasPrefix(r.out, "3 entries, 0 personal values and 0 kept heads checked in ") || !strings.Contains(r.out, "\nHead: seal 3, entry 3, ") {
		t.Errorf("exit %d\n%s\n%s", r.code, r.out, r.err)
	}
	w.AsOwner(t, "ALTER TABLE audit_entries DISABLE TRIGGER ALL", "UPDATE audit_entries SET subject_id = 77 WHERE id = 2")
	r = run(t, w.URL, "audit", "verify")
	if r.code != 1 || !strings.Contains(r.out, "✗ Entry 2 was changed: it is not what seal 2 covers.\n") || !strings.Contains(r.err, "the audit log has 1 faults") {
		t.Errorf("exit %d\n%s\n%s", r.code, r.out, r.err)
	}
}

// Each kind of fault is a sentence.
func TestFaultsAreSentences(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{audit.EntryChanged, audit.EntryMissing, audit.SealChanged, audit.EitherChanged, audit.SealMissing, audit.NotSealed,
		audit.Vanished, audit.Stuck, audit.ValueChanged, audit.ValueStray, audit.HeadCut, audit.HeadDiffers, audit.HeadUnreadable} {
		if s := faultSentence(audit.Fault{Kind: kind}); !strings.Contains(s, " ") {
			t.Errorf("%s: %q", kind, s)
		}
	}
}

// The private Postgres gives the application a role that cannot change what is recorded.
func TestThePrivatePostgresHasTwoRoles(t *testing.T) {
	t.Parallel()
	// the server's user must be able to enter it, which a test's own folder forbids
	dir, err := os.MkdirTemp("", "kurso-roles-")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cfg := &config.Config{DataDir: dir, BucketURL: "mem://", BackupBucketURL: "mem://", DatabaseMaxConns: 4}
	cluster, err := database(t.Context(), cfg, modeltest.Quiet())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cluster.Stop() }()
	if err := migrateDatabase(t.Context(), cfg, modeltest.Quiet()); err != nil {
		t.Fatal(err)
	}
	if f := checkDatabase(t.Context(), cfg); f.wrong != nil || strings.Contains(f.good, "role") {
		t.Errorf("doctor: %q, %v", f.good, f.wrong)
	}
	if f := checkAudit(t.Context(), cfg); f.wrong != nil || !strings.Contains(f.good, "0 sealed entries") {
		t.Errorf("doctor: %q, %v", f.good, f.wrong)
	}
}
