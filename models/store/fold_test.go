package store_test

import (
	"testing"

	"kurso/models/modeltest"
	"kurso/models/store"
)

// Keys of imported rows are folded here, those of rows made by hand in the database: they must agree.
func TestFoldIsTheDatabases(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	for _, text := range []string{"Grüße aus ÄÖÜ-Straße 5", "Œuvre d’Àçéèêñ", "Łódź, Kraków, Ťřinec", "ÁÀÂÃÅÇÉÈÊËÍÌÎÏÑÓÒÔÕØÚÙÛÝŸŠŽČĆŁŃŚŹŻĄĘŐŰ", "", "a|b '\"\\ 日本"} {
		var want string
		if err := w.NewRaw("SELECT fold(?)", text).Scan(t.Context(), &want); err != nil {
			t.Fatal(err)
		}
		if got := store.Fold(text); got != want {
			t.Errorf("Fold(%q) is %q, the database says %q", text, got, want)
		}
	}
}
