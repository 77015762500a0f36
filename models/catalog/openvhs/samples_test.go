package openvhs

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// The golden files hold every value and every problem of the samples.
func TestSamples(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"openvhs-1.2-sample.xml", "berlin-dialect-sample.json"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			checked, err := Check(bytes.NewReader(file))
			if err != nil {
				t.Fatalf("Check: %v", err)
			}
			summary, records := readAll(t, string(file))
			if summary.Records != len(records) || checked.Records != len(records) {
				t.Errorf("%d records, but summaries say %d (Check) and %d (Read)", len(records), checked.Records, summary.Records)
			}
			got, err := json.MarshalIndent(map[string]any{"Summary": summary, "Records": records}, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			golden := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("differs from %s; got\n%s", golden, got)
			}
		})
	}
}

// readAll reads a file that must be readable.
func readAll(t *testing.T, file string) (Summary, []Record) {
	t.Helper()
	var records []Record
	summary, err := Read(bytes.NewReader([]byte(file)), func(r Record) error {
		records = append(records, r)
		return nil
	})
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return summary, records
}
