package admin_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"kurso/handlers/handlertest"
	"kurso/models/accounts"
	"kurso/models/store"
)

const configurationPath = "/admin/settings/configuration"

// uploadConfiguration sends a file to be compared.
func uploadConfiguration(t *testing.T, s *handlertest.Site, text string) *handlertest.Answer {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", "kurso.json")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write([]byte(text))
	_ = w.Close()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/admin/settings/configuration/preview", &body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", w.FormDataContentType())
	return s.Send(t, req)
}

// A configuration is downloaded, changed, compared field by field, and applied after a second look.
func TestConfiguration(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a := o.Get(t, configurationPath)
	status(t, "page", a, http.StatusOK)
	a = o.Get(t, a.Find("a[href='/admin/settings/configuration/file']").AttrOr("href", ""))
	status(t, "file", a, http.StatusOK)
	if got := a.Header.Get("Content-Disposition"); !strings.Contains(got, "kurso-configuration.json") {
		t.Errorf("downloaded as %q", got)
	}
	file := a.Body
	a = uploadConfiguration(t, o.Site, file)
	status(t, "its own file", a, http.StatusOK)
	if a.Find("[data-change]").Length() != 0 || a.Find("main form .btn-primary").Length() != 0 {
		t.Error("a system differs from its own file")
	}
	changed := strings.NewReplacer(`"hold_minutes": 60`, `"hold_minutes": 45`, `"name": "Sprachen"`, `"name": "Sprachen & <Welt>"`,
		`"vat_note": ""`, `"vat_note": "umsatzsteuerfrei"`).Replace(file)
	a = uploadConfiguration(t, o.Site, changed)
	status(t, "preview", a, http.StatusOK)
	want(t, "what", a.Texts("[data-change] h3"), []string{"Einstellungen", "Fachbereich „Sprachen & <Welt>“"})
	want(t, "fields", a.Texts("[data-change] .k-facts > div"), []string{"Platz haltenbisher 60 → künftig 45", "Hinweis zur Umsatzsteuerbisher – keine Angabe → künftig umsatzsteuerfrei", "Namebisher Sprachen → künftig Sprachen & <Welt>"})
	if got := o.Get(t, "/admin/settings/booking").Find("#f-hold_minutes").AttrOr("value", ""); got != "60" {
		t.Errorf("the preview changed something: %s", got)
	}
	form := a.Fields("main form.k-savebar")
	o.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE provider SET cancellation_days = 3").Exec(ctx)
		return err
	})
	a = o.PostForm(t, configurationPath, form)
	status(t, "changed meanwhile", a, http.StatusConflict)
	want(t, "the differences now", a.Texts("[data-change] .k-facts > div")[:2], []string{"Platz haltenbisher 60 → künftig 45", "Stornieren bisbisher 3 → künftig 7"})
	status(t, "applied", o.PostForm(t, configurationPath, a.Fields("main form.k-savebar")), http.StatusSeeOther)
	if got := o.Get(t, configurationPath+"/file").Body; got != changed {
		t.Errorf("afterwards:\n%s", got)
	}
	if text := o.Get(t, "/admin/settings/booking").Find(".k-timeline").Text(); !strings.Contains(text, "Konfiguration übernommen") || !strings.Contains(text, "Platz halten: 60 → 45") {
		t.Errorf("history: %s", text)
	}
}

func TestConfigurationThatIsRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for text, says := range map[string]string{
		"":       "Die Datei ist leer.",
		"<html>": "Zeile 1 ist kein gültiges JSON",
		`{"format": "kurso-configuration", "version": 7}`:                                           "Die Datei hat die Version 7; diese Installation liest Version 1.",
		`{"format": "kurso-configuration", "version": 1, "portals": []}`:                            "Das Feld „portals“ gibt es nicht.",
		`{"format": "kurso-configuration", "version": 1, "provider": {"hold_minutes": 1}}`:          "provider.hold_minutes: Bitte geben Sie eine Zahl von 5 bis 2880 ein.",
		`{"format": "kurso-configuration", "version": 1, "roles": [{"name": "A", "reach": "far"}]}`: "roles.0.reach: Die Reichweite „far“ geht nicht.",
		strings.Repeat("x", 1<<20+10):                                                               "Die Datei ist größer als 1024 kB.",
	} {
		a := uploadConfiguration(t, o.Site, text)
		status(t, says, a, http.StatusUnprocessableEntity)
		if got := a.Find("#errors").Text(); !strings.Contains(got, says) {
			t.Errorf("says %q, want %q", got, says)
		}
		if len(text) < 1000 {
			status(t, says, o.Post(t, configurationPath, "file", text), http.StatusUnprocessableEntity)
		}
	}
	status(t, "no file", o.Post(t, "/admin/settings/configuration/preview"), http.StatusUnprocessableEntity)
}

// Roles can be changed by whoever may do everything, and not on a forgotten screen.
func TestConfigurationAsksWhoIsThere(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	file := strings.Replace(o.Get(t, configurationPath+"/file").Body, `"hold_minutes": 60`, `"hold_minutes": 45`, 1)
	form := uploadConfiguration(t, o.Site, file).Fields("main form.k-savebar")
	o.Clock.Advance(accounts.ConfirmedFor)
	a := o.PostForm(t, configurationPath, form)
	status(t, "asked again", a, http.StatusUnprocessableEntity)
	again := a.Fields("main form")
	again.Set("confirm_password", handlertest.Password)
	status(t, "answered", o.PostForm(t, configurationPath, again), http.StatusSeeOther)
	if got := o.Get(t, configurationPath+"/file").Body; got != file {
		t.Error("the file was lost on the way")
	}
}
