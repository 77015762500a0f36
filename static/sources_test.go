package static

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write src/classes.txt from the templates (make css does)")

const classList = "src/classes.txt"

var (
	attribute  = regexp.MustCompile(`\bclass="([^"]*)"`)
	expression = regexp.MustCompile(`(?s)\bclass=\{(.*?)\}[\s>/]`)
	function   = regexp.MustCompile(`(?s)\nfunc (?:\([^)]*\) )?\w*[cC]lass\(.*?\n\}`)
	literal    = regexp.MustCompile(`"([^"]*)"`)
)

// classes collects the class names of all templates: class attributes, and the strings of functions whose
// name ends in "class".
func classes(t *testing.T) []string {
	t.Helper()
	found := map[string]bool{}
	take := func(names string) {
		for _, name := range strings.Fields(names) {
			found[name] = true
		}
	}
	err := filepath.WalkDir("../templates", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".templ" || strings.Contains(path, "/mail/") {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		src := string(b)
		for _, m := range attribute.FindAllStringSubmatch(src, -1) {
			take(m[1])
		}
		for _, code := range append(expression.FindAllString(src, -1), function.FindAllString(src, -1)...) {
			for _, m := range literal.FindAllStringSubmatch(code, -1) {
				take(m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// The style sheet is built from a list of the templates' classes. When the templates use a class that is
// not on it, or no longer one that is, the committed style sheet is stale.
func TestClassesAreThoseOfTheTemplates(t *testing.T) {
	want := strings.Join(classes(t), "\n") + "\n"
	if *update {
		if err := os.WriteFile(classList, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(classList)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != want {
		listed := strings.Fields(string(have))
		for _, name := range strings.Fields(want) {
			if !slices.Contains(listed, name) {
				t.Errorf("class %q is new in a template", name)
			}
		}
		for _, name := range listed {
			if !slices.Contains(strings.Fields(want), name) {
				t.Errorf("class %q is in no template any more", name)
			}
		}
		t.Error("run make css and commit static")
	}
}

// A class that the style sheet does not know is a typing error.
func TestEveryClassHasAStyle(t *testing.T) {
	css, err := os.ReadFile("dist/app.css")
	if err != nil {
		t.Fatal(err)
	}
	escape := regexp.MustCompile(`[^\w-]`)
	for _, name := range classes(t) {
		if strings.HasPrefix(name, "group") || strings.HasPrefix(name, "peer") {
			continue // they only mark an element for others
		}
		selector := regexp.MustCompile(regexp.QuoteMeta("."+escape.ReplaceAllString(name, `\$0`)) + `(?:[^\w-]|$)`)
		if !selector.Match(css) {
			t.Errorf("class %q has no style", name)
		}
	}
}

// dist/sources.sha256 is what the build was made from.
func TestBuildMatchesItsSources(t *testing.T) {
	if *update {
		t.Skip("the build comes next")
	}
	entries, err := os.ReadDir("src")
	if err != nil {
		t.Fatal(err)
	}
	sources := []string{"build.mjs", "package-lock.json"}
	for _, e := range entries {
		sources = append(sources, "src/"+e.Name())
	}
	slices.Sort(sources)
	all := sha256.New()
	for _, path := range sources {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(all, "%s\n%x\n", path, sha256.Sum256(b))
	}
	have, err := os.ReadFile("dist/sources.sha256")
	if err != nil {
		t.Fatal(err)
	}
	if want := hex.EncodeToString(all.Sum(nil)); strings.TrimSpace(string(have)) != want {
		t.Error("dist was built from other sources: run make css and commit static")
	}
}
