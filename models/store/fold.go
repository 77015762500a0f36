package store

import "strings"

// Fold is the database's function of that name: lower case, umlauts spelled out, accents left away.
func Fold(s string) string { return folder.Replace(strings.ToLower(s)) }

var folder = func() *strings.Replacer {
	pairs := []string{"ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss"}
	to := []rune("aaaaaceeeeiiiinooooouuuyyszcclnszzaeou")
	for i, from := range []rune("áàâãåçéèêëíìîïñóòôõøúùûýÿšžčćłńśźżąęőű") {
		pairs = append(pairs, string(from), string(to[i]))
	}
	return strings.NewReplacer(pairs...)
}()
