package jobs

import (
	"testing"
	"time"

	"gocloud.dev/blob/memblob"

	"kurso/config"
	"kurso/models/audit"
	"kurso/models/modeltest"
)

// Whatever is written is sealed within seconds, and the first head is kept at once.
func TestTheAuditLogIsSealedAndItsHeadKept(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	backups := memblob.OpenBucket(nil)
	t.Cleanup(func() { _ = backups.Close() })
	startWith(t, Deps{Store: w.Store, Backups: backups, Log: modeltest.Quiet(), Config: &config.Config{
		PublicURL: "https://kurse.example.org", SMTPConnections: 1, JobRescueAfter: 2 * time.Minute, JobWorkers: 4,
	}})
	c := w.MustCreateCourse(t)
	for range 3 {
		w.MustConfirm(t, w.MustRequest(t, c))
	}
	var report *audit.Report
	eventually(t, "all is sealed, and a head kept", func() bool {
		heads, err := audit.Heads(t.Context(), backups)
		if err != nil {
			t.Fatal(err)
		}
		if report, err = audit.Verify(t.Context(), w.Store, heads); err != nil {
			t.Fatal(err)
		}
		return report.Waiting == 0 && report.Heads == 1
	})
	if report.Sealed != 6 || report.FaultCount != 0 {
		t.Errorf("%+v", report)
	}
	w.MustRequest(t, c)
	eventually(t, "what comes later is sealed as well", func() bool {
		report, err := audit.Verify(t.Context(), w.Store, nil)
		if err != nil {
			t.Fatal(err)
		}
		return report.Sealed == 7
	})
}
