package main

import (
	"strings"
	"testing"

	"kurso/config"
	"kurso/models/modeltest"
)

// One role for everything is told; a superuser is one, whoever owns the tables.
func TestDoctorSaysWhoCanChangeTheAuditLog(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	w.AsOwner(t, "ALTER TABLE audit_entries OWNER TO pg_monitor")
	f := checkDatabase(t.Context(), &config.Config{DatabaseURL: w.OwnerURL})
	if f.wrong != nil || !strings.Contains(f.good, "one role") {
		t.Errorf("%q, %v", f.good, f.wrong)
	}
	if f := checkDatabase(t.Context(), &config.Config{DatabaseURL: w.URL}); w.URL != w.OwnerURL && (f.wrong != nil || strings.Contains(f.good, "role")) {
		t.Errorf("two roles: %q, %v", f.good, f.wrong)
	}
}
