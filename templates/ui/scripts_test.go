package ui_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/a-h/templ"
	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"kurso/handlers/browsertest"
	"kurso/templates/ui"
)

// parts puts components one below the other.
func parts(all ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for _, c := range all {
			if err := c.Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

// around renders a component with a child.
func around(c, child templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return c.Render(templ.WithChildren(ctx, child), w)
	})
}

func rows(titles ...string) templ.Component {
	var all []templ.Component
	for _, title := range titles {
		all = append(all, around(ui.Row(""), ui.CellLink("/courses/"+title, title, "")))
	}
	return around(ui.List(ui.Table{Caption: "Kurse", Columns: []ui.Column{{Label: "Kurs"}}}), parts(all...))
}

func filter() templ.Component {
	return ui.FilterBar(ui.Filter{
		Action: "/answer", Region: "courses", Search: ui.Search{Name: "q", Label: "Suche"},
		Selects: []ui.FilterSelect{{Name: "state", Label: "Status", Options: []ui.Option{{Label: "Alle"}, {Value: "draft", Label: "Entwurf"}}}},
	})
}

func press(t *testing.T, page *rod.Page, keys ...input.Key) {
	t.Helper()
	for _, k := range keys {
		if err := page.Keyboard.Type(k); err != nil {
			t.Fatal(err)
		}
	}
}

func TestOfficeByKeyboard(t *testing.T) {
	t.Parallel()
	url := office(t, parts(
		ui.Header(ui.PageHeader{Title: "Kurse", Main: &ui.Action{Label: "Neuer Kurs", Href: "/courses/new", Key: "n"}}),
		filter(), rows("Aquarell", "Yoga", "Englisch"),
	), nil)
	page := browsertest.Page(t, browsertest.Open(t), url, 1280)

	press(t, page, 'j')
	browsertest.Find(t, page, "tr:nth-child(1) [data-row]:focus")
	press(t, page, 'j', 'j', 'j')
	browsertest.Find(t, page, "tr:nth-child(3) [data-row]:focus")
	press(t, page, 'k')
	browsertest.Find(t, page, "tr:nth-child(2) [data-row]:focus")
	press(t, page, '/')
	browsertest.Find(t, page, "[data-search]:focus")
	press(t, page, 'j', 'n', '?') // letters in a field are text
	if got := browsertest.Find(t, page, "[data-search]").MustProperty("value").Str(); got != "jn?" {
		t.Errorf("the search field holds %q", got)
	}
	press(t, page, input.Tab, input.Tab)
	press(t, page, '?')
	browsertest.Find(t, page, "dialog#keys[open]")
	if got := browsertest.Find(t, page, "[data-go-list] dd").MustText(); got != "Kurse" {
		t.Errorf("the help says that g c leads to %q", got)
	}
	press(t, page, 'n') // an open dialog has the keyboard
	press(t, page, input.Escape)
	browsertest.Find(t, page, "dialog#keys:not([open])")
	press(t, page, 'g', 'c')
	if got := title(t, page, "/courses"); got != "/courses" {
		t.Errorf("g c led to %q", got)
	}
}

// title waits for the page whose heading is want.
func title(t *testing.T, page *rod.Page, want string) string {
	t.Helper()
	found, err := page.Timeout(patience).ElementR("h1", "^"+want+"$")
	if err != nil {
		return browsertest.Find(t, page, "h1").MustText()
	}
	return found.MustText()
}

func TestNewByKeyboard(t *testing.T) {
	t.Parallel()
	url := office(t, ui.Header(ui.PageHeader{Title: "Kurse", Main: &ui.Action{Label: "Neuer Kurs", Href: "/courses/new", Key: "n"}}), nil)
	page := browsertest.Page(t, browsertest.Open(t), url, 1280)
	press(t, page, 'n')
	if got := title(t, page, "/courses/new"); got != "/courses/new" {
		t.Errorf("n led to %q", got)
	}
}

func TestMenusAndDialogs(t *testing.T) {
	t.Parallel()
	page := browsertest.Page(t, browsertest.Open(t), office(t, ui.Gallery(), nil), 1280)

	browsertest.Click(t, page, ".k-pagehead summary")
	browsertest.Find(t, page, ".k-pagehead details[open]")
	press(t, page, input.Escape)
	browsertest.Find(t, page, ".k-pagehead details:not([open]) summary:focus")
	browsertest.Click(t, page, ".k-pagehead summary")
	browsertest.Click(t, page, "h1")
	browsertest.Find(t, page, ".k-pagehead details:not([open])")

	browsertest.Click(t, page, ".k-pagehead summary")
	browsertest.Click(t, page, ".k-pagehead [data-dialog=call-off]")
	browsertest.Find(t, page, "#call-off[open]")
	browsertest.Axe(t, page)
	press(t, page, input.Escape)
	browsertest.Find(t, page, "#call-off:not([open])")
}

func TestNavigationOnAPhone(t *testing.T) {
	t.Parallel()
	url := office(t, ui.Gallery(), nil)
	for name, options := range map[string][]browsertest.Option{"with scripts": nil, "without": {browsertest.NoScripts}} {
		t.Run(name, func(t *testing.T) {
			page := browsertest.Page(t, browsertest.Open(t), url, 360, options...)
			browsertest.Click(t, page, "[popovertarget=nav]")
			browsertest.Find(t, page, "#nav:popover-open")
			if options == nil { // axe waits for timers
				browsertest.Axe(t, page)
			}
			browsertest.Click(t, page, "#nav [data-go=c]")
			if got := title(t, page, "/courses"); got != "/courses" {
				t.Errorf("the navigation led to %q", got)
			}
		})
	}
}

func TestUnsavedChangesAsk(t *testing.T) {
	t.Parallel()
	form := around(ui.FormBox(ui.Form{Action: "/saved", Guard: true}), parts(
		ui.Input(ui.Field{Name: "title", Label: "Titel"}), ui.SaveBar(ui.Action{Label: "Kurs speichern"}, "/courses")))
	browser, url := browsertest.Open(t), office(t, form, nil)

	page := browsertest.Page(t, browser, url, 1280)
	browsertest.Fill(t, page, "#f-title", "Yoga")
	browsertest.Find(t, page, "form[data-changed]")
	wait, handle := page.HandleDialog()
	go func() { _ = browserClick(page, ".k-savebar a") }()
	asked := wait()
	if asked.Type != proto.PageDialogTypeBeforeunload {
		t.Errorf("leaving asked with %q", asked.Type)
	}
	if err := handle(&proto.PageHandleJavaScriptDialog{Accept: true}); err != nil {
		t.Fatal(err)
	}
	if got := title(t, page, "/courses"); got != "/courses" {
		t.Errorf("leaving led to %q", got)
	}

	page = browsertest.Page(t, browser, url, 1280)
	browsertest.Fill(t, page, "#f-title", "Yoga")
	browsertest.Click(t, page, ".k-savebar button") // saving does not ask: nobody answers here
	if got := title(t, page, "/saved"); got != "/saved" {
		t.Errorf("saving led to %q", got)
	}
}

func browserClick(page *rod.Page, selector string) error {
	e, err := page.Element(selector)
	if err != nil {
		return err
	}
	return e.Click(proto.InputMouseButtonLeft, 1)
}

func TestFilterReplacesTheList(t *testing.T) {
	t.Parallel()
	region := func(status int, text string) string {
		return fmt.Sprintf(`<div id="courses" data-status="%d">%s</div>`, status, text)
	}
	status := make(chan int, 1)
	url := office(t, parts(filter(), templ.Raw(region(0, ""))), func(w http.ResponseWriter, r *http.Request) {
		code := <-status
		w.WriteHeader(code)
		_, _ = io.WriteString(w, region(code, r.URL.RawQuery+" "+r.Header.Get("HX-Request")))
		_ = ui.FlashPartial(ui.Flash{Tone: ui.Success, Text: "Gefiltert."}).Render(r.Context(), w)
	})
	page := browsertest.Page(t, browsertest.Open(t), url, 1280)
	for _, code := range []int{http.StatusOK, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusTooManyRequests} {
		query := fmt.Sprint("yoga", code)
		status <- code
		browsertest.Fill(t, page, "[data-search]", query)
		list := browsertest.Find(t, page, fmt.Sprintf("#courses[data-status='%d']", code))
		if got, want := list.MustText(), "q="+query+" true"; got != want {
			t.Errorf("%d: asked with %q, want %q: empty filters stay away", code, got, want)
		}
		browsertest.Find(t, page, "[data-search]:focus")
	}
	if got := len(page.MustElements("#flash [data-flash]")); got != 4 {
		t.Errorf("%d flashes, want one for each answer", got)
	}
	if got := page.MustInfo().URL; got != url+"/answer?q=yoga429" {
		t.Errorf("the address is %s", got)
	}
}

// An error page is for the whole window: where htmx asked, its words become a flash and the list stays.
func TestFailedRequestsSaySo(t *testing.T) {
	t.Parallel()
	answers := map[string]string{"page": "<!doctype html><body><main><h1>Kurz nicht da</h1><p>Bitte versuchen Sie es gleich wieder.</p></main>"}
	url := office(t, parts(filter(), templ.Raw(`<div id="courses">Yoga</div>`)), func(w http.ResponseWriter, r *http.Request) {
		text, ok := answers[r.FormValue("q")]
		if !ok {
			panic(http.ErrAbortHandler) // the connection breaks
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, text)
	})
	page := browsertest.Page(t, browsertest.Open(t), url, 1280)
	for typed, says := range map[string]string{
		"page":    "Kurz nicht da · Bitte versuchen Sie es gleich wieder.",
		"nothing": "Die Verbindung ist unterbrochen. Bitte versuchen Sie es noch einmal.",
	} {
		browsertest.Fill(t, page, "[data-search]", typed)
		flash := browsertest.Find(t, page, "#flash [data-failed]")
		if got := flash.MustElement("p").MustText(); got != says {
			t.Errorf("it says %q", got)
		}
		if got := browsertest.Find(t, page, "#courses").MustText(); got != "Yoga" {
			t.Errorf("the list is now %q", got)
		}
		browsertest.Click(t, page, "#flash [data-close]")
		browsertest.Find(t, page, "#flash:not(:has([data-failed]))")
	}
}

func TestRefusedFormHasTheFocusAndIsUnsaved(t *testing.T) {
	t.Parallel()
	form := around(ui.FormBox(ui.Form{Action: "/saved", Guard: true}), parts(
		ui.ErrorSummary([]ui.FieldError{{Name: "title", Message: "Bitte geben Sie einen Titel an."}}),
		ui.Input(ui.Field{Name: "title", Label: "Titel", Error: "Bitte geben Sie einen Titel an."}),
	))
	page := browsertest.Page(t, browsertest.Open(t), office(t, form, nil), 1280)
	browsertest.Find(t, page, "form[data-changed] #errors:focus")
	browsertest.Click(t, page, "#errors a")
	browsertest.Find(t, page, "#f-title:focus, #f-title:target")
}
