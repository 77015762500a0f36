package admin_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"kurso/handlers/browsertest"
	"kurso/handlers/handlertest"
	"kurso/models/catalog"
	"kurso/models/catalog/openvhs/generate"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// send uploads a file as a browser does.
func send(t *testing.T, s *handlertest.Site, name string, file io.Reader) *handlertest.Answer {
	t.Helper()
	r, w := io.Pipe()
	form := multipart.NewWriter(w)
	go func() {
		part, err := form.CreateFormFile("file", name)
		if err == nil {
			_, err = io.Copy(part, file)
		}
		if err == nil {
			err = form.Close()
		}
		w.CloseWithError(err)
	}()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/admin/imports", r)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	return s.Send(t, req)
}

func sample(t *testing.T) *bytes.Reader {
	t.Helper()
	b, err := os.ReadFile("../../models/catalog/openvhs/testdata/openvhs-1.2-sample.xml")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b)
}

// imported is a site where a file was uploaded and imported, and the address of its page.
func imported(t *testing.T, file io.Reader) (s *handlertest.Site, path string) {
	t.Helper()
	s = handlertest.New(t)
	s.SignIn(t)
	a := send(t, s, "kurse.xml", file)
	if a.Status != http.StatusSeeOther {
		t.Fatalf("the upload is answered by %d: %s", a.Status, a.Texts(".k-error"))
	}
	work(t, s)
	return s, a.Location()
}

// work does the imports that are open.
func work(t *testing.T, s *handlertest.Site) {
	t.Helper()
	for {
		id, err := catalog.NextImport(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		if id == 0 {
			return
		}
		if err := catalog.RunImport(t.Context(), s.Store, s.Bucket, id, nil); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCatalogueIsUploadedAndReported(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	a := s.Get(t, "/admin/imports")
	if a.Find(".k-empty").Length() != 1 || a.Find("form[action='/admin/imports'][enctype='multipart/form-data'] input[type=file][name=file]").Length() != 1 {
		t.Error("no empty state, or no form")
	}
	a = send(t, s, "kurse.xml", sample(t))
	path := a.Location()
	if a.Status != http.StatusSeeOther || path != "/admin/imports/1" {
		t.Fatalf("the upload is answered by %d %s", a.Status, path)
	}

	a = s.Get(t, path)
	if a.Find("#import[hx-get='"+path+"']").Length() != 1 || a.Find("progress").Length() != 1 || a.Texts(".k-pagehead .k-state")[0] != "Wartet" {
		t.Error("a queued import does not show its progress")
	}
	if a.Find("a[href='"+path+"']").Length() != 1 || a.Find("form[action='"+path+"/cancellation']").Length() != 1 {
		t.Error("it cannot be looked at without scripts, or not cancelled")
	}
	fragment := s.Do(t, http.MethodGet, path, nil, "HX-Request", "true", "HX-Target", "div#import")
	if fragment.Find("body > #import").Length() != 1 || fragment.Find("nav").Length() != 0 || fragment.Header.Get("HX-Reswap") != "" {
		t.Errorf("the answer to a poll: %s", fragment.Body)
	}

	work(t, s)
	fragment = s.Do(t, http.MethodGet, path, nil, "HX-Request", "true", "HX-Target", "div#import")
	if fragment.Find("#import[hx-get]").Length() != 0 || fragment.Header.Get("HX-Reswap") != "outerHTML" {
		t.Error("polling never ends")
	}
	a = s.Get(t, path)
	if a.Texts(".k-pagehead .k-state")[0] != "Abgeschlossen" || strings.Join(a.Texts("#import dl dd"), " ") != "4 0 0 0" {
		t.Fatal(a.Body)
	}
	rows := a.Find("#problems > ol > li")
	if rows.Length() != 4 || rows.Find("li").Length() != 13 {
		t.Fatalf("%d lines of %d courses", rows.Find("li").Length(), rows.Length())
	}
	last := strings.Join(append(a.Texts("#problems > ol > li:last-child > div"), a.Texts("#problems > ol > li:last-child li > *")...), " | ")
	if want := "Arabisch für Anfänger (A2) T58130 · Nr. 4 in der Datei | Hinweis | Die Kursnummer „T58130“ hat auch Kurs Nr. 3 der Datei." +
		" | Warnung | Die Höchstzahl der Plätze fehlt. Der Kurs nimmt so beliebig viele Buchungen an. | Warnung | Der Kurs hat keine Termine." +
		" | Warnung | Der Preis fehlt. Bitte ergänzen Sie ihn: Ohne Preis lässt sich der Kurs nicht veröffentlichen."; last != want {
		t.Errorf("the last course: %s", last)
	}
	if rows.First().Find("a[href='/admin/courses/1']").Length() != 1 {
		t.Error("no way to the course")
	}
	for severity, n := range map[string]int{"error": 0, "warning": 10, "note": 3, "nonsense": 13} {
		if a := s.Get(t, path+"?severity="+severity); a.Find("#problems li li").Length() != n {
			t.Errorf("%s: %d lines", severity, a.Find("#problems li li").Length())
		}
	}
	filtered := s.Do(t, http.MethodGet, path+"?severity=note", nil, "HX-Request", "true", "HX-Target", "div#problems")
	if filtered.Find("body > #problems").Length() != 1 || filtered.Find("#import").Length() != 0 {
		t.Error("the filter gets more than the lines")
	}

	lines := filtered.Find("a[href^='/admin/import-problems?import=1']").AttrOr("href", "")
	if lines != "/admin/import-problems?import=1&severity=note" || filtered.Find("form[action='/admin/exports'] input[name=query]").AttrOr("value", "") != "import=1&severity=note" {
		t.Errorf("the lines are listed at %q", lines)
	}
	if list, all := s.Get(t, lines), s.Get(t, "/admin/import-problems?import=1"); list.Find("#list tbody tr").Length() != filtered.Find("#problems ol ul > li").Length() || list.Find(".k-chips .k-chip").Length() != 2 || all.Find("#list tbody tr").Length() <= list.Find("#list tbody tr").Length() {
		t.Errorf("the list of problems: %d, %v, %d of %d", list.Status, list.Texts(".k-chips .k-chip"), list.Find("#list tbody tr").Length(), all.Find("#list tbody tr").Length())
	}

	row := strings.Join(s.Get(t, "/admin/imports").Texts("tbody td"), " | ")
	if row != "kurse.xml | Abgeschlossen | 4 | 4 | 0 | 0 | 0 | 23.11.2026, 12:00 Uhr | Erika Beispiel" {
		t.Errorf("the list: %q", row)
	}
	if a := s.Get(t, "/admin/imports/999"); a.Status != http.StatusNotFound {
		t.Errorf("an unknown import: %d", a.Status)
	}
}

func TestKeptFieldsAreToldInWords(t *testing.T) {
	t.Parallel()
	s, _ := imported(t, sample(t))
	s.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE courses SET name = 'Windows', delivery = 'blended', start_date = '2027-02-01', level = '' WHERE id = 1").Exec(ctx)
		if err != nil {
			return err
		}
		_, err = tx.NewRaw("UPDATE price_tiers SET amount_cents = 9000 WHERE course_id = 1 AND position = 1").Exec(ctx)
		return err
	})
	path := send(t, s, "kurse.xml", sample(t)).Location()
	work(t, s)
	got := s.Get(t, path).Texts("#problems li li p")
	for _, want := range []string{
		"„Titel“ wurde hier geändert und bleibt: Windows. In der Datei steht: Windows und Internet - Basiswissen Teil 1.",
		"„Niveau“ wurde hier geändert und bleibt: keine Angabe. In der Datei steht: Einsteiger.",
		"„Durchführung“ wurde hier geändert und bleibt: Vor Ort und online. In der Datei steht: Online.",
		"„Beginn“ wurde hier geändert und bleibt: 01.02.2027. In der Datei steht: 03.02.2027.",
		"„Preise“ wurde hier geändert und bleibt: Normalpreis 90,00 €, ermäßigt 47,00 €. In der Datei steht: Normalpreis 82,80 €, ermäßigt 47,00 €.",
	} {
		if !slices.Contains(got, want) {
			t.Errorf("the report lacks %q:\n%s", want, strings.Join(got, "\n"))
		}
	}
}

func TestLongReportsHavePages(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	if err := generate.XML(&file, generate.Options{Courses: 250, Start: modeltest.Start, Oddities: 1}); err != nil {
		t.Fatal(err)
	}
	s, path := imported(t, &file)
	lines, pages := 0, 0
	for next := path + "?severity=warning"; next != ""; pages++ {
		a := s.Get(t, next)
		lines += a.Find("#problems li li").Length()
		next = a.Find("a[rel=next]").AttrOr("href", "")
	}
	var want int
	if err := s.NewRaw("SELECT count(*) FROM import_problems WHERE severity = 'warning'").Scan(t.Context(), &want); err != nil {
		t.Fatal(err)
	}
	if lines != want || pages != (want+99)/100 || pages < 2 {
		t.Errorf("%d lines on %d pages, want %d", lines, pages, want)
	}
}

func TestUploadsThatAreRefused(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	for name, c := range map[string]struct {
		file     io.Reader
		sentence string
	}{
		"":         {strings.NewReader(""), "Bitte wählen Sie eine Datei."},
		"leer.xml": {strings.NewReader(""), "Die Datei ist leer. Bitte exportieren Sie den Katalog noch einmal."},
		"groß.xml": {io.LimitReader(zeros{}, 200<<20), "Die Datei ist größer als 100 MB. Bitte teilen Sie den Katalog auf mehrere Dateien auf."},
	} {
		a := send(t, s, name, c.file)
		if got := a.Texts("#f-file-error"); a.Status != http.StatusUnprocessableEntity || !slices.Equal(got, []string{c.sentence}) {
			t.Errorf("%q: %d %q", name, a.Status, got)
		}
	}
	if a := s.Post(t, "/admin/imports", "file", "x"); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a form without a file: %d", a.Status)
	}
	if a := s.Get(t, "/admin/imports"); a.Find("tbody tr").Length() != 0 {
		t.Error("a refused file is listed")
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestFailedAndCancelledImports(t *testing.T) {
	t.Parallel()
	s, path := imported(t, strings.NewReader("PK\x03\x04 an archive"))
	a := s.Get(t, path)
	if a.Texts(".k-pagehead .k-state")[0] != "Gescheitert" || !strings.Contains(a.Find(".k-notice").Text(), "Das ist ein ZIP-Archiv") {
		t.Error(a.Texts(".k-main"))
	}
	path = send(t, s, "kurse.xml", sample(t)).Location()
	if a := s.Post(t, path+"/cancellation"); a.Status != http.StatusSeeOther || a.Location() != path {
		t.Fatalf("%d %s", a.Status, a.Location())
	}
	if a := s.Get(t, path); a.Texts(".k-pagehead .k-state")[0] != "Abgebrochen" || a.Find("progress").Length() != 0 {
		t.Error("a cancelled import goes on")
	}
	if a := s.Post(t, "/admin/imports/999/cancellation"); a.Status != http.StatusNotFound {
		t.Errorf("cancelling nothing: %d", a.Status)
	}
}

// The page follows the import by itself, keeps the focus meanwhile, and rests afterwards.
func TestProgressIsFollowed(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	path := send(t, s, "kurse.xml", sample(t)).Location()
	page := open(t, s, path, 1280)
	browsertest.Find(t, page, "form[action$=cancellation] button").MustFocus()
	s.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE imports SET state = 'running', records_total = 4, records_done = 2").Exec(ctx)
		return err
	})
	browsertest.Find(t, page, "progress[value='2']")
	if !page.MustEval(`() => document.activeElement.closest("form[action$=cancellation]") !== null`).Bool() {
		t.Error("the focus is lost while the progress is followed")
	}
	s.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE imports SET state = 'queued', records_total = 0, records_done = 0").Exec(ctx)
		return err
	})
	work(t, s)
	browsertest.Find(t, page, "#problems li")
	if page.MustHas("#import[hx-get]") {
		t.Error("the page goes on asking")
	}
}

func TestImportsAreAccessible(t *testing.T) {
	t.Parallel()
	s, path := imported(t, sample(t))
	failed := send(t, s, "archiv.xml", strings.NewReader("PK\x03\x04")).Location()
	work(t, s)
	queued := send(t, s, "noch-einer.xml", sample(t)).Location()
	for _, width := range []int{1280, 360} {
		for name, path := range map[string]string{"imports": "/admin/imports", "import": path, "failed": failed, "queued": queued} {
			for shade, options := range map[string][]browsertest.Option{"light": nil, "dark": {browsertest.Dark}} {
				page := open(t, s, path, width, options...)
				browsertest.Axe(t, page)
				if dir := os.Getenv("KURSO_SCREENSHOTS"); dir != "" {
					browsertest.Screenshot(t, page, fmt.Sprintf("%s/%s_%d_%s.png", dir, name, width, shade))
				}
			}
		}
	}
}
