package openvhs

import (
	"os"
	"regexp"
	"sync"
	"testing"

	"github.com/BurntSushi/toml"
)

var sentences = sync.OnceValues(func() (map[string]map[string]any, error) {
	all := map[string]map[string]any{}
	for _, lang := range []string{"de", "en"} {
		text, err := os.ReadFile("../../../locales/" + lang + ".toml")
		if err != nil {
			return nil, err
		}
		texts := map[string]any{}
		if err := toml.Unmarshal(text, &texts); err != nil {
			return nil, err
		}
		all[lang] = texts
	}
	return all, nil
})

var placeholder = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

// mustHaveSentence sees to it that what the sentences of a key name is among the arguments.
func mustHaveSentence(t *testing.T, key string, args map[string]any) {
	t.Helper()
	all, err := sentences()
	if err != nil {
		t.Fatal(err)
	}
	for lang, texts := range all {
		text, ok := texts[key].(string)
		if !ok {
			t.Errorf("%s.toml lacks %q", lang, key)
		}
		for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
			if _, ok := args[m[1]]; !ok {
				t.Errorf("%s.toml: %q names %s, arguments are %v", lang, key, m[1], args)
			}
		}
	}
}
