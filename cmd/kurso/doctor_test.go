package main

import (
	"strings"
	"testing"

	"kurso/config"
	"kurso/models/modeltest"
)

// A superuser can change everything, whoever owns it.
func TestDoctorSaysWhoCanChangeAuditEntries(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	if _, err := w.Pool().Exec(t.Context(), "ALTER TABLE audit_entries OWNER TO pg_monitor"); err != nil {
		t.Fatal(err)
	}
	f := checkDatabase(t.Context(), &config.Config{DatabaseURL: w.URL})
	if f.wrong != nil || !strings.Contains(f.good, "audit entries") {
		t.Errorf("%q, %v", f.good, f.wrong)
	}
}
