package openvhs

import (
	"regexp"
	"slices"
	"testing"
)

func TestSafeHTML(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text, want string
		removed          []string
	}{
		{name: "nothing", text: " \r\n", want: ""},
		{name: "plain", text: "Rock & Pop: 3 < 5, a <anna@example.org>", want: "<p>Rock &amp; Pop: 3 &lt; 5, a &lt;anna@example.org&gt;</p>"},
		{name: "lines", text: "eins\r\nzwei\r\n \r\n\r\ndrei\r\n", want: "<p>eins<br>zwei</p><p>drei</p>"},
		{name: "old Mac", text: "eins\rzwei", want: "<p>eins<br>zwei</p>"},
		{name: "entities only", text: "Müller &amp; S&ouml;hne", want: "<p>Müller &amp; Söhne</p>"},
		{name: "inline with lines", text: "<b>eins</b>\r\nzwei\n\ndrei", want: "<p><b>eins</b><br>zwei</p><p>drei</p>"},
		{name: "block", text: "<p>eins\nzwei</p><ul><li>drei</li></ul>", want: "<p>eins\nzwei</p><ul><li>drei</li></ul>"},
		{name: "text around blocks", text: "eins<p>zwei</p>drei<br>vier", want: "<p>eins</p><p>zwei</p><p>drei<br>vier</p>"},
		{name: "unbalanced", text: "<p><b>eins<ul><li>zwei", want: "<p><b>eins</b></p><ul><li><b>zwei</b></li></ul>"},
		{name: "divisions", text: "<div>eins</div><div>zwei <span style='color:red'>drei</span></div>", want: "<p>eins</p><p>zwei drei</p>"},
		{name: "nested divisions", text: "<div>eins<div>zwei</div>drei</div>", want: "<p>eins</p><p>zwei</p><p>drei</p>"},
		{name: "blank paragraphs", text: "<p>&nbsp;</p><p>eins</p><p><br></p>", want: "<p>eins</p>"},
		{name: "headings", text: "<h1>A</h1><h5>B</h5><h3>C</h3>", want: "<h3>A</h3><h4>B</h4><h3>C</h3>"},
		{name: "table", text: "<table><tr><td>Mo</td><td>9 Uhr</td></tr><tr><td>Di</td><td>10 Uhr</td></tr></table>", want: "<p>Mo 9 Uhr <br>Di 10 Uhr <br></p>"},
		{name: "attributes", text: `<p class="x" style="y">eins</p>`, want: "<p>eins</p>"},
		{name: "link", text: `<a href="https://example.org/?a=1&amp;b=2" target="_blank">hier</a>`, want: `<p><a href="https://example.org/?a=1&amp;b=2" rel="nofollow noopener">hier</a></p>`},
		{name: "mailbox", text: `<a href="mailto:vhs@example.org">Mail</a>`, want: `<p><a href="mailto:vhs@example.org" rel="nofollow noopener">Mail</a></p>`},
		{name: "evil link", text: `<a href=" jav&#x09;ascript:alert(1)">hier</a>`, want: "<p>hier</p>", removed: []string{"href"}},
		{name: "data link", text: `<a href="data:text/html,x">hier</a>`, want: "<p>hier</p>", removed: []string{"href"}},
		{name: "relative link", text: `<a href="/kurse">hier</a>`, want: "<p>hier</p>", removed: []string{"href"}},
		{name: "anchor", text: `<a name="oben">hier</a>`, want: "<p>hier</p>"},
		{name: "script", text: "<p>eins</p><script>alert(1)</script>", want: "<p>eins</p>", removed: []string{"script"}},
		{name: "only script", text: "<script>alert(1)</script>", want: "", removed: []string{"script"}},
		{name: "style and comment", text: "<style>p{}</style><!-- x --><p>eins</p>", want: "<p>eins</p>"},
		{name: "event", text: `<p onmouseover="x()">eins<img src=x onerror=alert(1)></p>`, want: "<p>eins</p>", removed: []string{"img", "onerror", "onmouseover"}},
		{name: "frame and form", text: `<iframe src="https://example.org"></iframe><form><input name=a>Text</form><p>eins</p>`, want: "<p>eins</p>", removed: []string{"form", "iframe"}},
		{name: "foreign", text: `<svg><script>alert(1)</script></svg><math><mtext><b>x</b></mtext></math>eins<b>!</b>`, want: "<p>eins<b>!</b></p>", removed: []string{"math", "svg"}},
		{name: "whole page", text: "<html><head><title>T</title></head><body><p>eins</p></body></html>", want: "<p>eins</p>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, removed := SafeHTML(c.text)
			if got != c.want {
				t.Errorf("\n got %s\nwant %s", got, c.want)
			}
			if !slices.Equal(removed, c.removed) {
				t.Errorf("removed %v, want %v", removed, c.removed)
			}
			if again, _ := SafeHTML(got); again != got {
				t.Errorf("made again: %s", again)
			}
		})
	}
}

var harmless = regexp.MustCompile(`^(?:[^<>]|</?(?:p|br|strong|em|b|i|ul|ol|li|h3|h4|a)>|<a href="(?i:https?|mailto):[^"<>]*" rel="nofollow noopener">)*$`)

func FuzzSafeHTML(f *testing.F) {
	for _, seed := range []string{
		"<p>a<script>b</p>", "<a href=javascript:x>", `<b><a href="https://a.example/"><p>x</a>`, "<svg><p><style><a id=\"</style><img src=1 onerror=x>\">",
		"<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1&gt;\">", "<table><p>x<tr><td><li>y", "<noscript><p title=\"</noscript><img>\">",
		"<select><option><style></select><p>", "&lt;script&gt;", "<template><p>x</template>", "<ul>a<li>b<p>c", "a\r\n\r\n<b>c</b>",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if clean, _ := SafeHTML(text); !harmless.MatchString(clean) {
			t.Errorf("%q became %q", text, clean)
		}
	})
}
