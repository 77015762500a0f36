package catalog_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/store"
)

func settingsOf(t *testing.T, w *modeltest.World) catalog.Settings {
	t.Helper()
	p, err := catalog.LoadProvider(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	return catalog.SettingsOf(p)
}

func TestSettingsNameWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	s := settingsOf(t, w)
	s.Profile.Name, s.Profile.Email, s.Profile.Kind = "", "", "bakery"
	s.Legal.ImprintURL = "example.org"
	s.Languages.Languages, s.Languages.TimeZone = nil, "Local"
	s.Mail.SenderEmail, s.Mail.ReplyTo, s.Mail.DKIMSelectors = "a@[127.0.0.1]", "nobody", "s1, no selector"
	s.Mail.SignatureDe, s.Mail.SignatureEn = strings.Repeat("x\n", 9)+"y", strings.Repeat("x", 700)
	s.Booking.HoldMinutes, s.Booking.CancellationDays = "4", ""
	s.Prices.Prices = []catalog.DefaultPriceInput{{Amount: "1.234"}}
	for _, c := range []struct {
		in   catalog.SettingsInput
		want []string
	}{
		{s.Profile, []string{"name: invalid.required", "kind: invalid.choice", "email: invalid.required"}},
		{s.Legal, []string{"imprint_url: invalid.url"}},
		{s.Languages, []string{"languages: invalid.no_language", "time_zone: invalid.time_zone"}},
		{s.Mail, []string{"sender_email: invalid.email", "reply_to: invalid.choice", "signature_de: invalid.too_many_lines",
			"signature_en: invalid.too_long", "dkim_selectors: invalid.selector"}},
		{s.Booking, []string{"hold_minutes: invalid.range", "cancellation_days: invalid.required"}},
		{s.Prices, []string{"prices.0.name: invalid.required", "prices.0.amount: invalid.amount"}},
	} {
		got := wrong(t, catalog.SaveSettings(t.Context(), w.Store, c.in))
		if !slices.Equal(got, c.want) {
			t.Errorf("%T: got %q, want %q", c.in, got, c.want)
		}
	}
	one := settingsOf(t, w).Languages
	one.Languages, one.DefaultLanguage = []string{"en"}, "de"
	if got := wrong(t, catalog.SaveSettings(t.Context(), w.Store, one)); !slices.Equal(got, []string{"default_language: invalid.default_language"}) {
		t.Errorf("got %q", got)
	}
}

// A zone must be one that Go and Postgres both know: days are computed by either.
func TestTimeZones(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	for zone, good := range map[string]bool{
		"Europe/Vienna": true, "UTC": true, "America/Sao_Paulo": true,
		"Mars/Olympus": false, "europe/vienna": false, "../etc/passwd": false, "Local": false, "": false, "<+03>-3": false,
	} {
		in := settingsOf(t, w).Languages
		in.TimeZone = zone
		err := catalog.SaveSettings(t.Context(), w.Store, in)
		if (err == nil) != good {
			t.Errorf("%q: %v", zone, err)
		}
	}
}

// Each page saves its own fields, and two people who save different pages do not get in each other's way.
func TestEachPageSavesItsFields(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	ctx := t.Context()
	before := settingsOf(t, w)
	booking := before.Booking
	booking.HoldMinutes = "90"
	if err := catalog.SaveSettings(ctx, w.Store, booking); err != nil {
		t.Fatal(err)
	}
	legal := before.Legal
	legal.ImprintURL = "https://example.org/impressum"
	if err := catalog.SaveSettings(ctx, w.Store, legal); err != nil {
		t.Errorf("another page is in the way: %v", err)
	}
	if err := catalog.SaveSettings(ctx, w.Store, booking); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a stale form: %v", err)
	}
	after := settingsOf(t, w)
	if after.Booking.HoldMinutes != "90" || after.Legal.ImprintURL != legal.ImprintURL || after.Profile != before.Profile || after.Mail != before.Mail {
		t.Errorf("%+v", after)
	}
	h := history(t, w, "provider", 1)
	if len(h) != 2 || h[1].Action != "provider.changed" || len(h[1].Changes) != 1 || h[1].Changes[0].Field != "hold_minutes" || h[1].Changes[0].New != "90" {
		t.Errorf("history: %+v", h)
	}
	again := after.Booking
	if err := catalog.SaveSettings(ctx, w.Store, again); err != nil || len(history(t, w, "provider", 1)) != 2 {
		t.Errorf("saving nothing new: %v", err)
	}
}

// A new course begins with the provider's prices; one without an amount is not kept unless somebody fills it in.
func TestNewCoursesBeginWithThePrices(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	in := settingsOf(t, w).Prices
	in.Prices = []catalog.DefaultPriceInput{{Name: "Normalpreis"}, {Name: "Ermäßigt", Amount: "12,50", Note: "mit Nachweis"}, {}, {Name: "weg", Remove: true}}
	if err := catalog.SaveSettings(t.Context(), w.Store, in); err != nil {
		t.Fatal(err)
	}
	if h := history(t, w, "provider", 1); h[0].Changes[0].New != "Normalpreis, Ermäßigt 12.50 EUR (mit Nachweis)" {
		t.Errorf("history: %+v", h[0].Changes)
	}
	p, err := catalog.LoadProvider(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	form := catalog.NewCourseInput(nil, nil, p)
	if len(form.Prices) != 2 || form.Prices[1].Amount != "12,50" || form.Prices[1].Note != "mit Nachweis" {
		t.Fatalf("%+v", form.Prices)
	}
	form.Name = "Yoga"
	id, err := catalog.CreateCourse(t.Context(), w.Store, form)
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalog.LoadCourse(t.Context(), w, id)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.PriceTiers) != 1 || c.PriceTiers[0].AmountCents != 1250 {
		t.Errorf("prices: %+v", c.PriceTiers)
	}
	copied := catalog.NewCourseInput(c, nil, p)
	if len(copied.Prices) != 1 || copied.Prices[0].Suggested {
		t.Errorf("a copy has the prices of its course: %+v", copied.Prices)
	}
}
