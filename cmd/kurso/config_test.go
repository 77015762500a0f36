package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kurso/models/modeltest"
)

func TestConfigurationOnTheCommandLine(t *testing.T) {
	t.Parallel()
	database := modeltest.NewDatabase(t)
	file := filepath.Join(t.TempDir(), "kurso.json")
	if r := run(t, database, "config", "export", file); r.code != 0 {
		t.Fatal(r.err)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if r := run(t, database, "config", "import", file); r.code != 0 || !strings.Contains(r.out, "Nothing: the file describes exactly what is set.") {
		t.Errorf("its own file: %d %s %s", r.code, r.out, r.err)
	}
	changed := strings.Replace(string(before), `"hold_minutes": 60`, `"hold_minutes": 45`, 1)
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	// the test's standard input is empty: nobody agrees
	r := run(t, database, "config", "import", file)
	if r.code != 1 || !strings.Contains(r.out, `Hold a place: "60" -> "45"`) || !strings.Contains(r.err, "nothing was changed") {
		t.Errorf("not agreed: %d %s %s", r.code, r.out, r.err)
	}
	if r := run(t, database, "config", "export", "-"); r.out != string(before) {
		t.Error("it was changed all the same")
	}
	if r := run(t, database, "config", "import", "--yes", file); r.code != 0 || !strings.Contains(r.out, "Configuration applied.") {
		t.Errorf("agreed: %d %s %s", r.code, r.out, r.err)
	}
	if r := run(t, database, "config", "export", "-"); r.out != changed {
		t.Errorf("exported afterwards: %s", r.out)
	}
	if err := os.WriteFile(file, []byte(`{"format": "kurso-configuration", "version": 1, "provider": {"hold_minutes": 1, "salary": 1}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := run(t, database, "config", "import", "--yes", file); r.code != 1 || !strings.Contains(r.err, "There is no field “provider.salary”.") {
		t.Errorf("an unknown field: %d %s", r.code, r.err)
	}
	if r := run(t, database, "config", "import", "--yes", file+".gone"); r.code != 1 || !strings.Contains(r.err, "cannot be read") {
		t.Errorf("no file: %d %s", r.code, r.err)
	}
}
