package browsertest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/go-rod/rod"
)

// Axe fails the test for each thing axe-core finds wrong on the page, with the rule and the elements.
func Axe(t testing.TB, page *rod.Page) {
	t.Helper()
	violations, err := axe(page)
	if err != nil {
		t.Fatalf("axe: %v", err)
	}
	for _, v := range violations {
		t.Errorf("axe: %s", v)
	}
}

func axe(page *rod.Page) ([]string, error) {
	source, err := axeSource()
	if err != nil {
		return nil, err
	}
	// The protocol evaluates outside the page's content security policy, so that need not be weakened.
	page = page.Timeout(patience)
	defer page.CancelTimeout()
	if _, err := page.Eval("() => {" + source + "\n}"); err != nil {
		return nil, err
	}
	result, err := page.Eval(`() => axe.run(document, {resultTypes: ["violations"]}).then(result => result.violations.map(v => ({
		rule: v.id, help: v.help,
		nodes: v.nodes.map(n => n.target.join(" ") + " (" + n.failureSummary.replace(/\s+/g, " ") + ")"),
	})))`)
	if err != nil {
		return nil, err
	}
	var found []struct {
		Rule, Help string
		Nodes      []string
	}
	if err := result.Value.Unmarshal(&found); err != nil {
		return nil, err
	}
	var violations []string
	for _, v := range found {
		violations = append(violations, fmt.Sprintf("%s: %s: %s", v.Rule, v.Help, strings.Join(v.Nodes, "; ")))
	}
	return violations, nil
}

// axeSource reads handlers/testdata/axe.min.js, from the folder of whichever package is tested.
var axeSource = sync.OnceValues(func() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			source, err := os.ReadFile(filepath.Join(dir, "handlers", "testdata", "axe.min.js"))
			return string(source), err
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("no go.mod above the test's folder")
		}
		dir = parent
	}
})
