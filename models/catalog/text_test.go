package catalog

import "testing"

func TestDescriptionsGoThroughTheFormUnchanged(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ typed, stored, shown string }{
		{"Zeile eins\nZeile zwei\n\nAbsatz", "<p>Zeile eins<br>Zeile zwei</p><p>Absatz</p>", "Zeile eins\nZeile zwei\n\nAbsatz"},
		{"A & B, \"so\"", "<p>A &amp; B, &#34;so&#34;</p>", "A & B, \"so\""},
		{"<p>Ein <b>Wort</b></p>\n\n<ul>\n<li>eins</li>\n<li>zwei</li>\n</ul>", "<p>Ein <b>Wort</b></p><ul><li>eins</li><li>zwei</li></ul>",
			"<p>Ein <b>Wort</b></p>\n<ul>\n<li>eins</li>\n<li>zwei</li>\n</ul>"},
		{"&lt;b&gt; heißt fett", "<p>&lt;b&gt; heißt fett</p>", "<p>&lt;b&gt; heißt fett</p>"},
		{`<a href="javascript:alert(1)">x</a><img src=x onerror=alert(1)>`, "<p>x</p>", "x"},
		{"", "", ""},
	} {
		stored := cleanHTML(c.typed)
		if stored != c.stored {
			t.Errorf("%q is stored as %q, want %q", c.typed, stored, c.stored)
		}
		if shown := editableHTML(stored); shown != c.shown {
			t.Errorf("%q is shown as %q, want %q", stored, shown, c.shown)
		}
		if again := cleanHTML(editableHTML(stored)); again != stored {
			t.Errorf("%q becomes %q", stored, again)
		}
	}
}
