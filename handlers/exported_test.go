package handlers_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"kurso/handlers"
	"kurso/handlers/handlertest"
	"kurso/models/accounts"
	"kurso/models/exports"
	"kurso/models/store"
)

// notSearches are pages with a search that show no list of their own: the search over everything, which leads to
// the lists, and the samples of all parts.
var notSearches = []string{"/admin/search", "/admin/gallery"}

// Whatever the office searches, it exports: a page with a search or a filter offers files of the list that it
// shows.
func TestEverySearchPageExports(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	w := newReachWorld(t, s, accounts.Administration)
	w.busy(t, s)
	s.Must(t, func(ctx context.Context, tx *store.Tx) error {
		for _, sql := range []string{
			"INSERT INTO imports (file_name, file_key, size_bytes, state, records_total, records_done, created_at) VALUES ('kurse.xml', 'x', 1, 'finished', 1, 1, now())",
			"INSERT INTO import_problems (import_id, record_no, severity, key) SELECT max(id), 1, 'note', 'import.problem.missing_number' FROM imports",
			"INSERT INTO locations (name, created_at, updated_at) VALUES ('Haus am Markt', now(), now())",
			"INSERT INTO exports (user_id, list, query, format, created_at) SELECT id, 'bookings', '', 'csv', now() FROM users",
		} {
			if _, err := tx.NewRaw(sql).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	routes := s.Handler.Routes()
	next, seen, searched, offering := []string{"/admin"}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, r := range routes {
		if r.Method == http.MethodGet && strings.HasPrefix(r.Path, "/admin/") && !strings.Contains(r.Path, ":") && r.Access.Who == handlers.Permitted {
			next = append(next, r.Path)
		}
	}
	for _, l := range exports.Lists {
		next = append(next, l.Path)
	}
	for ; len(next) > 0; next = next[1:] {
		page, _, _ := strings.Cut(next[0], "?")
		if seen[page] || len(seen) > 300 || slices.Contains(notSearches, page) {
			continue
		}
		seen[page] = true
		a := s.Get(t, next[0])
		for n := 0; a.Status == http.StatusSeeOther && n < 3; n++ {
			a = s.Get(t, a.Location())
		}
		for _, o := range offers(a) {
			if path, _, _ := strings.Cut(o.address, "?"); o.method == http.MethodGet && strings.HasPrefix(path, "/admin/") && !seen[path] {
				next = append(next, o.address)
			}
		}
		form := a.Find("main form.k-filter, main form:has(input[type=search])")
		if a.Status != http.StatusOK || form.Length() == 0 {
			continue
		}
		searched[page] = true
		var shown []string
		a.Find("main form[action='/admin/exports'] input[name=list]").Each(func(_ int, in *goquery.Selection) { shown = append(shown, in.AttrOr("value", "")) })
		shown = slices.Compact(shown) // the bulk bar exports the same list
		if len(shown) != 1 || exports.List(shown[0]) == nil {
			t.Errorf("%s can be searched and exports %q", page, shown)
			continue
		}
		if l := exports.List(shown[0]); page == l.Path {
			offering[l.Name] = true
		} else if l.Name != "import_problems" {
			t.Errorf("%s exports %s, which is shown at %s", page, l.Name, l.Path)
		}
	}
	for _, l := range exports.Lists {
		if !offering[l.Name] {
			t.Errorf("the page of %s offers no export", l.Name)
		}
	}
	if len(seen) < 40 || !searched["/admin/imports/2"] {
		t.Errorf("%d pages were seen, %d of them searches", len(seen), len(searched))
	}
}
