package locales

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/BurntSushi/toml"
)

// messages reads a language's file: key → plural form (or "other") → text.
func messages(t *testing.T, lang string) map[string]map[string]string {
	t.Helper()
	raw := map[string]any{}
	if _, err := toml.DecodeFS(files, lang+".toml", &raw); err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]string{}
	for key, v := range raw {
		switch v := v.(type) {
		case string:
			out[key] = map[string]string{"other": v}
		case map[string]any:
			out[key] = map[string]string{}
			for form, text := range v {
				out[key][form], _ = text.(string)
			}
		default:
			t.Errorf("%s.toml: %s is neither text nor plural forms; keys with dots need quotes", lang, key)
		}
	}
	return out
}

var placeholder = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

func placeholders(text string) []string {
	var names []string
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func TestLanguagesSayTheSame(t *testing.T) {
	t.Parallel()
	de, en := messages(t, German), messages(t, English)
	for key, forms := range de {
		if _, ok := en[key]; !ok {
			t.Errorf("en.toml lacks %q", key)
			continue
		}
		if len(forms) > 1 != (len(en[key]) > 1) {
			t.Errorf("%q has plural forms in one language only", key)
		}
		if !slices.Equal(placeholders(forms["other"]), placeholders(en[key]["other"])) {
			t.Errorf("%q: placeholders differ: %v, %v", key, placeholders(forms["other"]), placeholders(en[key]["other"]))
		}
	}
	for key := range en {
		if _, ok := de[key]; !ok {
			t.Errorf("de.toml lacks %q", key)
		}
	}
	for lang, all := range map[string]map[string]map[string]string{German: de, English: en} {
		for key, forms := range all {
			for form, text := range forms {
				if strings.TrimSpace(text) == "" {
					t.Errorf("%s.toml: %q is empty", lang, key)
				}
				if strings.Contains(text, "!") {
					t.Errorf("%s.toml: %q shouts: %s", lang, key, text)
				}
				if form != "one" && form != "other" {
					t.Errorf("%s.toml: %q has the form %q; %s knows one and other", lang, key, form, lang)
				}
			}
			if len(forms) > 1 {
				if forms["one"] == "" || forms["other"] == "" {
					t.Errorf("%s.toml: %q needs both plural forms", lang, key)
				}
				if !slices.Contains(placeholders(forms["other"]), "Count") {
					t.Errorf("%s.toml: the plural of %q does not say {{.Count}}", lang, key)
				}
			} else if _, other := forms["other"]; !other {
				t.Errorf("%s.toml: %q has only one plural form", lang, key)
			}
		}
	}
}

// In code, a key is a literal, or begins with one that ends in a dot: "booking.state."+b.State.
var literal = regexp.MustCompile(`"([a-z][a-z0-9_]*(?:\.[A-Za-z0-9_]+)*\.?)"`)
var called = regexp.MustCompile(`locales\.(?:T|N)\([\w.()]+,\s*"([^"]+)"\s*[,)]`)
var stored = regexp.MustCompile(`"(import\.(?:problem|file)\.\w+)"`)
var recorded = regexp.MustCompile(`audit\.(?:Write|New)\([^\n]*?"([a-z_]+\.[a-z_]+)"`)
var found = regexp.MustCompile(`\.Add\("[^"]*",\s*"([^"]+)"`)

func TestEveryKeyUsedHasASentenceAndEverySentenceIsUsed(t *testing.T) {
	t.Parallel()
	de := messages(t, German)
	literals, prefixes := map[string]bool{}, []string{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{"node_modules", "var", ".git", "bin"}, d.Name()) {
			return filepath.SkipDir
		}
		code := strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_templ.go") && !strings.HasSuffix(path, "_test.go")
		if !code && !strings.HasSuffix(path, ".templ") {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text := string(b)
		for _, m := range literal.FindAllStringSubmatch(text, -1) {
			if strings.HasSuffix(m[1], ".") {
				prefixes = append(prefixes, m[1])
			} else {
				literals[m[1]] = true
			}
		}
		for _, m := range recorded.FindAllStringSubmatch(text, -1) {
			if _, ok := de["audit."+m[1]]; !ok {
				t.Errorf("%s records %q, which has no sentence", strings.TrimPrefix(path, "../"), m[1])
			}
		}
		for _, re := range []*regexp.Regexp{called, stored, found} {
			for _, m := range re.FindAllStringSubmatch(text, -1) {
				if _, ok := de[m[1]]; !ok && !strings.HasSuffix(m[1], ".") {
					t.Errorf("%s uses %q, which has no sentence", strings.TrimPrefix(path, "../"), m[1])
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for key := range de {
		if literals[key] || slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(key, p) }) {
			continue
		}
		t.Errorf("nothing uses %q", key)
	}
}

func TestFormats(t *testing.T) {
	t.Parallel()
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2027, 2, 3, 18, 30, 0, 0, berlin)
	to := from.Add(150 * time.Minute)
	midnight := time.Date(2027, 2, 3, 0, 0, 0, 0, berlin)
	first, last := midnight, midnight.AddDate(0, 1, 0)
	de, en := With(context.Background(), German), With(context.Background(), English)
	for _, c := range []struct{ got, want string }{
		{Span(de, from, to, false), "Mi., 03.02.2027, 18:30–21:00 Uhr"},
		{Span(en, from, to, false), "Wed, 3 Feb 2027, 18:30–21:00"},
		{Span(de, midnight, midnight.AddDate(0, 0, 1), true), "Mi., 03.02.2027"},
		{Span(de, from, to.AddDate(0, 0, 1), false), "Mi., 03.02.2027, 18:30 Uhr – Do., 04.02.2027, 21:00 Uhr"},
		{Amount(de, 8280, "EUR"), "82,80\u00a0€"},
		{Amount(en, 8280, "EUR"), "€82.80"},
		{Amount(de, 123456789, "EUR"), "1\u202f234\u202f567,89\u00a0€"},
		{Amount(de, 5, "CHF"), "0,05\u00a0CHF"},
		{Number(de, 9999), "9999"},
		{Number(de, 10000), "10\u202f000"},
		{Number(en, 1234567), "1,234,567"},
		{Number(de, -12345), "-12\u202f345"},
		{DateTime(de, from), "03.02.2027, 18:30 Uhr"},
		{Recent(de, from, to), "heute, 18:30 Uhr"},
		{Recent(en, from, to.AddDate(0, 0, 1)), "yesterday, 18:30"},
		{Recent(de, from, to.AddDate(0, 0, 2)), "03.02.2027, 18:30 Uhr"},
		{ShortDate(de, from), "03.02."},
		{ShortDate(en, from), "3 Feb"},
		{Period(de, &first, &last), "03.02.2027 – 03.03.2027"},
		{Period(de, &first, &first), "03.02.2027"},
		{Period(de, nil, nil), ""},
		{Match("en-GB,en;q=0.9,de;q=0.5", Supported, German), English},
		{Match("en-GB,en;q=0.9,de;q=0.5", []string{German}, German), German},
		{Match("en-GB,en;q=0.9", []string{German}, German), German},
		{Match("fr", Supported, German), German},
		{Match("fr", Supported, English), English},
		{Match("", Supported, English), English},
		{Match("de", []string{English}, English), English},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}
