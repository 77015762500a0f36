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

var update = flag.Bool("update", false, "write src/classes.txt and src/icons.txt from the templates (make css does)")

var (
	attribute  = regexp.MustCompile(`\bclass="([^"]*)"`)
	expression = regexp.MustCompile(`(?s)\bclass=\{(.*?)\}[\s>/]`)
	classFunc  = regexp.MustCompile(`(?s)\nfunc (?:\([^)]*\) )?\w*[cC]lass\(.*?\n\}`)
	iconCall   = regexp.MustCompile(`\b(?:Icon|IconAlone|Menu|Empty|chip)\("([^"]+)"`)
	iconField  = regexp.MustCompile(`\bIcon:\s*"([^"]+)"`)
	iconFunc   = regexp.MustCompile(`(?s)\nfunc (?:\([^)]*\) )?\w*[iI]con\(.*?\n\}`)
	literal    = regexp.MustCompile(`"([^"]*)"`)
)

// sources calls use with each hand-written file of one of the endings below the folders.
func sources(t *testing.T, folders []string, endings []string, use func(text string)) {
	t.Helper()
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && d.Name() == "mail" {
				return fs.SkipDir // letters carry their styles themselves
			}
			if err != nil || !slices.Contains(endings, filepath.Ext(path)) || strings.HasSuffix(path, "_templ.go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			use(string(b))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// words are the distinct words of all texts, sorted.
func words(texts []string) []string {
	words := strings.Fields(strings.Join(texts, " "))
	slices.Sort(words)
	return slices.Compact(words)
}

func firstGroups(found [][]string) []string {
	var groups []string
	for _, m := range found {
		groups = append(groups, m[1])
	}
	return groups
}

// classes collects the class names of all templates: class attributes, and the strings of functions whose
// name ends in class.
func classes(t *testing.T) []string {
	t.Helper()
	var found []string
	sources(t, []string{"../templates"}, []string{".templ"}, func(text string) {
		found = append(found, firstGroups(attribute.FindAllStringSubmatch(text, -1))...)
		for _, code := range append(expression.FindAllString(text, -1), classFunc.FindAllString(text, -1)...) {
			found = append(found, firstGroups(literal.FindAllStringSubmatch(code, -1))...)
		}
	})
	return words(found)
}

// icons collects the names of all icons: calls of Icon and its like, fields called Icon, and the strings of
// functions whose name ends in icon.
func icons(t *testing.T) []string {
	t.Helper()
	var found []string
	sources(t, []string{"../templates", "../handlers"}, []string{".templ", ".go"}, func(text string) {
		found = append(found, firstGroups(iconCall.FindAllStringSubmatch(text, -1))...)
		found = append(found, firstGroups(iconField.FindAllStringSubmatch(text, -1))...)
		for _, code := range iconFunc.FindAllString(text, -1) {
			found = append(found, firstGroups(literal.FindAllStringSubmatch(code, -1))...)
		}
	})
	return words(found)
}

// The style sheet and the icons are built from lists of what the templates use. When the templates use
// something that is not listed, or no longer something that is, what was built is stale.
func TestListsAreThoseOfTheTemplates(t *testing.T) {
	for list, used := range map[string][]string{"src/classes.txt": classes(t), "src/icons.txt": icons(t)} {
		if *update {
			if err := os.WriteFile(list, []byte(strings.Join(used, "\n")+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		b, err := os.ReadFile(list)
		if err != nil {
			t.Fatal(err)
		}
		listed := strings.Fields(string(b))
		for _, name := range used {
			if !slices.Contains(listed, name) {
				t.Errorf("%q is not in %s: run make css and commit static", name, list)
			}
		}
		for _, name := range listed {
			if !slices.Contains(used, name) {
				t.Errorf("%q of %s is in no template any more: run make css and commit static", name, list)
			}
		}
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
	inputs := []string{"build.mjs", "package-lock.json"}
	for _, e := range entries {
		inputs = append(inputs, "src/"+e.Name())
	}
	slices.Sort(inputs)
	all := sha256.New()
	for _, path := range inputs {
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
