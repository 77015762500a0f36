package portal_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"kurso/handlers/browsertest"
	"kurso/handlers/handlertest"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// screenshots names a folder to write the pages to that TestPagesAreAccessible opens.
var screenshots = os.Getenv("KURSO_SCREENSHOTS")

// programme fills the catalogue with courses of every kind, and returns one that can be booked.
func programme(t *testing.T, s *handlertest.Site) *catalog.Course {
	t.Helper()
	now := s.Now()
	languages := &catalog.Category{Code: "4", Name: "Sprachen"}
	health := &catalog.Category{Code: "3", Name: "Gesundheit und Bewegung"}
	house := &catalog.Location{Name: "Haus am Markt", Street: "Marktplatz 3", Zip: "10115", Town: "Berlin", District: "Mitte", Version: 1, CreatedAt: now, UpdatedAt: now}
	school := &catalog.Location{Name: "Volkshochschule im Bildungszentrum an der Alten Ziegelei", Street: "Ziegeleiweg 17a", Zip: "12345", Town: "Königs Wusterhausen", Version: 1, CreatedAt: now, UpdatedAt: now}
	teacher := &catalog.Instructor{Title: "Dr.", FirstName: "Jörg", LastName: "Straßmann", Published: true, CreatedAt: now, UpdatedAt: now}
	s.Must(t, func(ctx context.Context, tx *store.Tx) error {
		for _, m := range []any{languages, health, house, school, teacher} {
			if _, err := tx.NewInsert().Model(m).Exec(ctx); err != nil {
				return err
			}
		}
		_, err := tx.NewRaw(`UPDATE provider SET name = 'Volkshochschule Musterstadt', email = 'info@vhs-musterstadt.example', phone = '030 555 12-0',
			imprint_url = 'https://vhs.example/impressum', privacy_url = 'https://vhs.example/datenschutz', terms_url = 'https://vhs.example/agb',
			withdrawal_url = 'https://vhs.example/widerruf', vat_note = 'umsatzsteuerfrei nach § 4 Nr. 22 UStG'`).Exec(ctx)
		return err
	})
	units, yes := 2667, true
	english := s.MustCreateCourse(t, func(c *catalog.Course) {
		c.Name, c.Subtitle, c.Number = "Englisch A1: Grundkurs am Abend", "Für alle, die neu beginnen", "26W-40601"
		c.Description = "<p>Sie lernen, sich vorzustellen, nach dem Weg zu fragen und einzukaufen. Wir sprechen viel und üben <strong>in kleinen Gruppen</strong>.</p><ul><li>Lehrbuch: Let’s start A1</li><li>Bitte Schreibzeug mitbringen</li></ul>"
		c.Level, c.TargetGroups, c.TeachingUnits, c.LocationID = "A1", []string{"Erwachsene", "Neuzugewanderte"}, &units, &house.ID
	})
	yoga := s.MustCreateCourse(t, func(c *catalog.Course) {
		c.Name, c.LocationID = "Yoga für den Rücken", &school.ID
	}, modeltest.Places(2))
	full := s.MustCreateCourse(t, func(c *catalog.Course) { c.Name, c.Delivery = "Excel für Fortgeschrittene", catalog.Online }, modeltest.Places(1))
	long := s.MustCreateCourse(t, func(c *catalog.Course) {
		c.Name = "Donaudampfschifffahrtsgesellschaftskapitänsmützenherstellung für Einsteigerinnen und Einsteiger mit und ohne Vorkenntnisse in der Hutmacherei"
		c.Subtitle, c.LocationID, c.Delivery = "Wochenendseminar in Zusammenarbeit mit dem Museumsverband Brandenburg", &school.ID, catalog.Blended
	})
	later := now.AddDate(0, 0, 14)
	s.MustCreateCourse(t, func(c *catalog.Course) { c.Name, c.BookingOpensAt = "Töpfern am Samstag", &later })
	s.MustCreateCourse(t, func(c *catalog.Course) {
		c.Name, c.StartDate, c.EndDate, c.MaxPlaces, c.Delivery = "Tippen lernen im eigenen Tempo", nil, nil, nil, catalog.SelfPaced
	})
	free := s.MustCreateCourse(t, func(c *catalog.Course) { c.Name = "Offene Sprechstunde: Behördenpost verstehen" })
	s.Must(t, func(ctx context.Context, tx *store.Tx) error {
		for _, sql := range []string{
			fmt.Sprintf("UPDATE course_types SET category_id = %d WHERE id IN (%d, %d)", languages.ID, english.CourseTypeID, free.CourseTypeID),
			fmt.Sprintf("UPDATE course_types SET category_id = %d WHERE id = %d", health.ID, yoga.CourseTypeID),
			fmt.Sprintf("INSERT INTO course_instructors VALUES (%d, %d)", english.ID, teacher.ID),
			fmt.Sprintf("UPDATE price_tiers SET amount_cents = 0 WHERE course_id = %d", free.ID),
			fmt.Sprintf("DELETE FROM price_tiers WHERE course_id = %d AND position = 2", free.ID),
			fmt.Sprintf("UPDATE price_tiers SET note = 'mit Nachweis, bitte zum ersten Termin mitbringen' WHERE course_id = %d AND position = 2", english.ID),
			fmt.Sprintf("UPDATE locations SET accessible = %t WHERE id = %d", yes, house.ID),
			fmt.Sprintf(`INSERT INTO course_sessions (course_id, starts_at, ends_at, note) SELECT course_id, starts_at + n * interval '7 days', ends_at + n * interval '7 days', '' FROM
				(SELECT * FROM course_sessions WHERE course_id = %d ORDER BY starts_at DESC LIMIT 1) s, generate_series(1, 8) n`, english.ID),
		} {
			if _, err := tx.NewRaw(sql).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	s.MustConfirm(t, s.MustRequest(t, full))
	s.MustConfirm(t, s.MustRequest(t, long, modeltest.For(8)))
	s.MustConfirm(t, s.MustRequest(t, yoga))
	return english
}

// Every public page, wide and narrow, in both languages, light and dark, has nothing that keeps people out.
func TestPagesAreAccessible(t *testing.T) {
	t.Parallel()
	empty := handlertest.New(t)
	s := handlertest.New(t)
	c := programme(t, s)
	full := courseNamed(t, s, "Excel für Fortgeschrittene")
	long := courseNamed(t, s, "Donau%")
	soon := courseNamed(t, s, "Töpfern%")
	free := courseNamed(t, s, "Offene%")
	requested := s.MustRequest(t, c, modeltest.For(2))
	unplaced := s.MustRequest(t, full, modeltest.Wait)
	confirmed := s.MustConfirm(t, s.MustRequest(t, c))
	waiting := s.MustConfirm(t, s.MustRequest(t, full, modeltest.Wait))
	receipt := booking.DecoyReceipt(s.Store, c.ID, 60).Token
	path := func(id int64, rest string) string { return s.URL + "/courses/" + itoa(id) + rest }
	browser := browsertest.Open(t)
	for _, p := range []struct {
		name, address string
		act           func(page *rod.Page)
	}{
		{"catalogue-empty", empty.URL + "/courses", nil},
		{"catalogue", s.URL + "/courses", nil},
		{"catalogue-filtered", s.URL + "/courses?q=en&weekday=3&places=free", nil},
		{"catalogue-none", s.URL + "/courses?q=quastenflosser", nil},
		{"course", path(c.ID, ""), nil},
		{"course-full", path(full.ID, ""), nil},
		{"course-long", path(long.ID, ""), nil},
		{"course-soon", path(soon.ID, ""), nil},
		{"form", path(c.ID, "/booking"), nil},
		{"form-full", path(full.ID, "/booking"), nil},
		{"form-free", path(free.ID, "/booking"), nil},
		{"form-people", path(c.ID, "/booking"), func(page *rod.Page) {
			browsertest.Click(t, page, "#f-self")
			browsertest.Click(t, page, "button[value=add]")
			browsertest.Find(t, page, "#person-2")
			browsertest.Click(t, page, "#f-payer_separate")
		}},
		{"form-errors", path(c.ID, "/booking"), func(page *rod.Page) {
			s.Clock.Advance(time.Minute)
			browsertest.Click(t, page, "#f-payer_separate")
			browsertest.Click(t, page, ".k-paybar .btn-primary")
			browsertest.Find(t, page, "#errors")
		}},
		{"review", path(c.ID, "/booking"), func(page *rod.Page) { fillIn(t, s, page) }},
		{"review-free", path(free.ID, "/booking"), func(page *rod.Page) { fillIn(t, s, page) }},
		{"review-waits", path(full.ID, "/booking"), func(page *rod.Page) { fillIn(t, s, page) }},
		{"receipt", s.URL + "/booking-requests/" + receipt, nil},
		{"receipt-again", s.URL + "/booking-requests/" + receipt + "?sent=1", nil},
		{"confirmation", s.URL + "/bookings/" + s.VerifyToken(requested) + "/confirmation", nil},
		{"confirmation-waits", s.URL + "/bookings/" + s.VerifyToken(unplaced) + "/confirmation", nil},
		{"confirmation-done", s.URL + "/bookings/" + s.VerifyToken(confirmed) + "/confirmation", nil},
		{"booking", s.URL + "/bookings/" + s.ManageToken(confirmed), nil},
		{"booking-waiting", s.URL + "/bookings/" + s.ManageToken(waiting), nil},
		{"cancellation", s.URL + "/bookings/" + s.ManageToken(confirmed) + "/cancellation", nil},
		{"gone", s.URL + "/bookings/unknown", nil},
	} {
		for _, lang := range []string{"de", "en"} {
			sep := "?"
			if strings.Contains(p.address, "?") {
				sep = "&"
			}
			page := browsertest.Page(t, browser, p.address+sep+"lang="+lang, 1280)
			if p.act != nil {
				p.act(page)
			}
			for _, how := range []struct {
				width     int
				dark, axe bool
			}{{1280, false, true}, {1280, true, false}, {360, true, true}, {360, false, false}, {320, false, false}} {
				see(t, page, how.width, how.dark)
				// both languages have the same elements and colours: one look at each theme and width is enough
				if lang == "de" && how.axe {
					browsertest.Axe(t, page)
				}
				if n := evaluate(t, page, `() => document.documentElement.scrollWidth - document.documentElement.clientWidth`).Value.Int(); n > 0 {
					t.Errorf("%s (%s) scrolls sideways by %d px at a width of %d", p.name, lang, n, how.width)
				}
				if small := evaluate(t, page, smallTargets).Value.Str(); small != "" {
					t.Errorf("%s (%s) has targets too small for fingers at a width of %d: %s", p.name, lang, how.width, small)
				}
				if screenshots != "" {
					browsertest.Screenshot(t, page, filepath.Join(screenshots, fmt.Sprintf("%s-%d-%s%s.png", p.name, how.width, lang, map[bool]string{true: "-dark"}[how.dark])))
				}
			}
			_ = page.Close()
		}
	}
}

// smallTargets lists what is to be pressed and lower than 44 px; links within a text may be as low as it.
const smallTargets = `() => [...(document.querySelector(".k-public") ?? document.createElement("p")).querySelectorAll("a, button, summary, select, textarea, input:not([type=hidden], [type=checkbox]), label:has([type=checkbox])")]
	.filter(e => e.checkVisibility() && !e.closest(".k-offscreen, .k-skip, p, li:not(.k-public-foot li), h2, dd, .k-chips > a"))
	.filter(e => (e.closest(".input") ?? e).getBoundingClientRect().height < 43.9).map(e => e.outerHTML.slice(0, 80)).join("; ")`

// see changes how an open page is seen.
func see(t *testing.T, page *rod.Page, width int, dark bool) {
	t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	for _, call := range []interface{ Call(proto.Client) error }{
		proto.EmulationSetDeviceMetricsOverride{Width: width, Height: 800, DeviceScaleFactor: 1, Mobile: width < 600},
		proto.EmulationSetEmulatedMedia{Features: []*proto.EmulationMediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}},
	} {
		if err := call.Call(page); err != nil {
			t.Fatal(err)
		}
	}
	evaluate(t, page, `() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))`)
}

func evaluate(t *testing.T, page *rod.Page, js string) *proto.RuntimeRemoteObject {
	t.Helper()
	v, err := page.Eval(js)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func fillIn(t *testing.T, s *handlertest.Site, page *rod.Page) {
	t.Helper()
	for _, f := range [][2]string{
		{"first_name", "Erika"}, {"last_name", "Mustermann"}, {"email", "erika@example.org"}, {"phone", "030 1234567"},
		{"street", "Lindenstraße 1"}, {"zip", "10969"}, {"town", "Berlin"},
	} {
		browsertest.Fill(t, page, "#f-"+f[0], f[1])
	}
	s.Clock.Advance(time.Minute)
	browsertest.Click(t, page, ".k-paybar .btn-primary")
	browsertest.Find(t, page, "#review")
}

func courseNamed(t *testing.T, s *handlertest.Site, like string) *catalog.Course {
	t.Helper()
	c := &catalog.Course{}
	if err := s.NewSelect().Model(c).Where("name LIKE ?", like).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	return c
}

// With scripts, the list follows the search and the sum the prices, without a new page.
func TestScriptsSpareAWayToTheServer(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	c := programme(t, s)
	browser := browsertest.Open(t)

	page := browsertest.Page(t, browser, s.URL+"/courses?lang=de", 1280)
	evaluate(t, page, `() => { window.same = true }`)
	browsertest.Fill(t, page, ".k-filter input[type=search]", "yoga")
	wait(t, page, `() => document.querySelectorAll(".k-offer").length == 1`)
	if got := evaluate(t, page, `() => [location.search, window.same, document.activeElement.name].join(" ")`).Value.Str(); got != "?lang=de&q=yoga true q" {
		t.Errorf("after the search: %s", got)
	}
	if err := page.NavigateBack(); err != nil {
		t.Fatal(err)
	}
	wait(t, page, `() => document.querySelectorAll(".k-offer").length == 7`)

	page = browsertest.Page(t, browser, s.URL+"/courses/"+itoa(c.ID)+"/booking?lang=de", 1280)
	evaluate(t, page, `() => { window.same = true }`)
	browsertest.Fill(t, page, "#f-first_name", "Erika")
	evaluate(t, page, `() => { const s = document.querySelector(".k-person select"); s.value = s.options[1].value; s.dispatchEvent(new Event("change", {bubbles: true})) }`)
	wait(t, page, `() => document.querySelector("#total strong").textContent.startsWith("47,00")`)
	if got := evaluate(t, page, `() => [window.same, document.querySelector("#f-first_name").value].join(" ")`).Value.Str(); got != "true Erika" {
		t.Errorf("after another price: %s", got)
	}

	// Back from the errors, what was typed is there.
	s.Clock.Advance(time.Minute)
	browsertest.Click(t, page, ".k-paybar .btn-primary")
	browsertest.Find(t, page, "#errors")
	if err := page.NavigateBack(); err != nil {
		t.Fatal(err)
	}
	wait(t, page, `() => document.readyState == "complete" && !document.querySelector("#errors")`)
	wait(t, page, `() => document.querySelector("#f-first_name").value == "Erika"`)

	// Enter in a field goes on; it takes nobody out.
	s.Clock.Advance(time.Minute)
	browsertest.Click(t, page, "button[value=add]")
	browsertest.Find(t, page, "#person-2")
	if err := browsertest.Find(t, page, "#f-first_name").Type(input.Enter); err != nil {
		t.Fatal(err)
	}
	browsertest.Find(t, page, "#errors")
	browsertest.Find(t, page, "#person-2")
}

func wait(t *testing.T, page *rod.Page, js string) {
	t.Helper()
	if err := page.Timeout(20 * time.Second).Wait(rod.Eval(js)); err != nil {
		t.Fatalf("%s: %v", js, err)
	}
}
