package setup_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"kurso/models/accounts"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/setup"
	"kurso/models/store"
)

var texts = setup.Texts{Number: "BEISPIEL", Name: "Beispiel: Englisch", Subtitle: "Dies ist ein Beispielkurs", Description: "Er findet nicht statt.", TargetGroup: "Erwachsene", Price: "Normalpreis"}

func progress(t *testing.T, w *modeltest.World) *setup.Progress {
	t.Helper()
	p, err := setup.Load(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func provider(t *testing.T, w *modeltest.World) *catalog.Provider {
	t.Helper()
	p, err := catalog.LoadProvider(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func count(t *testing.T, w *modeltest.World, sql string) (n int) {
	t.Helper()
	if err := w.NewRaw(sql).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// From an empty system to a published course: each step saves what it is about and is remembered.
func TestTheWholeWay(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	ctx := t.Context()
	if next := progress(t, w).Next(); next != setup.Kind {
		t.Fatalf("begins with %q", next)
	}
	var v *store.ValidationError
	for _, kind := range []string{"", "bakery"} {
		if err := setup.SaveKind(ctx, w.Store, kind); !errors.As(err, &v) || progress(t, w).Has(setup.Kind) {
			t.Errorf("kind %q: %v", kind, err)
		}
	}
	if err := setup.SaveKind(ctx, w.Store, catalog.Club); err != nil {
		t.Fatal(err)
	}
	contact := catalog.ProfileInputOf(provider(t, w))
	contact.Name, contact.Email, contact.Street, contact.Zip, contact.Town = "Turnverein", "tv@example.org", "Am Platz 1", "12345", "Ulm"
	if err := setup.Save(ctx, w.Store, setup.Contact, contact); err != nil {
		t.Fatal(err)
	}
	if err := setup.Save(ctx, w.Store, setup.Contact, contact); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a stale form: %v", err)
	}
	if err := setup.Skip(ctx, w.Store, setup.Legal); err != nil {
		t.Fatal(err)
	}
	if err := setup.Skip(ctx, w.Store, "nonsense"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a step that is none: %v", err)
	}
	rules := catalog.BookingInputOf(provider(t, w))
	rules.CancellationDays = "3"
	if err := setup.Save(ctx, w.Store, setup.Booking, rules); err != nil {
		t.Fatal(err)
	}
	offer := setup.OfferInput{Categories: []setup.CategoryInput{{Code: "1", Name: "Sport"}, {Code: "2"}, {Code: "3", Name: "Tanz"}},
		Prices: []catalog.DefaultPriceInput{{Name: "Mitglieder"}, {Name: "Gäste", Amount: "80"}}}
	if err := setup.SaveOffer(ctx, w.Store, offer); err != nil {
		t.Fatal(err)
	}
	offer.Categories[0].Name = "Sport und Spiel"
	if err := setup.SaveOffer(ctx, w.Store, offer); err != nil || count(t, w, "SELECT count(*) FROM categories") != 2 {
		t.Errorf("once more: %v", err)
	}
	if next := progress(t, w).Next(); next != setup.Example {
		t.Errorf("goes on with %q", next)
	}
	id, err := setup.CreateExample(ctx, w.Store, texts, true)
	if err != nil {
		t.Fatal(err)
	}
	c, err := catalog.LoadCourse(ctx, w, id)
	if err != nil {
		t.Fatal(err)
	}
	if c.State != catalog.Published || len(c.Sessions) != 6 || c.StartDate.Weekday().String() != "Wednesday" || c.Location.Town != "Ulm" || c.CourseType.CategoryID == nil {
		t.Errorf("%+v", c)
	}
	if len(c.PriceTiers) != 2 || c.PriceTiers[0].AmountCents != 4500 || c.PriceTiers[1].AmountCents != 8000 {
		t.Errorf("prices: %+v", c.PriceTiers)
	}
	if _, err := setup.CreateExample(ctx, w.Store, texts, true); !errors.Is(err, setup.ErrExampleExists) {
		t.Errorf("a second one: %v", err)
	}
	b := w.MustConfirm(t, w.MustRequest(t, c))
	if b.State != booking.Confirmed {
		t.Errorf("it cannot be booked: %s", b.State)
	}
}

// The example goes with all that came with it, also after somebody tried it out, and nothing else goes.
func TestTheExampleGoesInOneClick(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	other := w.MustConfirm(t, w.MustRequest(t, w.MustCreateCourse(t)))
	before := count(t, w, "SELECT count(*) FROM mails")
	if err := setup.DeleteExample(t.Context(), w.Store); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("without one: %v", err)
	}
	contact := catalog.ProfileInputOf(provider(t, w))
	contact.Street = "Am Platz 1"
	if err := setup.Save(t.Context(), w.Store, setup.Contact, contact); err != nil {
		t.Fatal(err)
	}
	id, err := setup.CreateExample(t.Context(), w.Store, texts, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := setup.PublishExample(t.Context(), w.Store); err != nil {
		t.Fatal(err)
	}
	c, n, err := setup.LoadExample(t.Context(), w, progress(t, w))
	if err != nil || c.ID != id || n != 0 {
		t.Fatal(c, n, err)
	}
	w.MustConfirm(t, w.MustRequest(t, c))
	w.MustRequest(t, c)
	if err := setup.DeleteExample(t.Context(), w.Store); err != nil {
		t.Fatal(err)
	}
	for sql, want := range map[string]int{"SELECT count(*) FROM courses": 1, "SELECT count(*) FROM course_types": 1, "SELECT count(*) FROM locations": 0,
		"SELECT count(*) FROM bookings": 1, "SELECT count(*) FROM mails": before} {
		if got := count(t, w, sql); got != want {
			t.Errorf("%s: %d, want %d", sql, got, want)
		}
	}
	if p := progress(t, w); p.ExampleCourseID != nil || p.ExampleLocationID != nil || !p.Has(setup.Example) {
		t.Errorf("%+v", p)
	}
	if _, err := booking.Load(t.Context(), w, other.ID); err != nil {
		t.Error(err)
	}
	if _, err := setup.CreateExample(t.Context(), w.Store, texts, true); err != nil {
		t.Errorf("another one afterwards: %v", err)
	}
}

// Wrong rows are named as the form calls them, and nothing is saved.
func TestWrongOffer(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	err := setup.SaveOffer(t.Context(), w.Store, setup.OfferInput{
		Categories: []setup.CategoryInput{{Code: "1", Name: "Sport"}, {Code: "", Name: "Ohne"}, {Code: "2", Name: strings.Repeat("x", 300)}},
		Prices:     []catalog.DefaultPriceInput{{Name: "", Amount: "5"}},
	})
	var v *store.ValidationError
	if !errors.As(err, &v) {
		t.Fatal(err)
	}
	var fields []string
	for _, f := range v.Fields {
		fields = append(fields, f.Field)
	}
	if want := []string{"categories.1.code", "categories.2.name", "prices.0.name"}; !slices.Equal(fields, want) {
		t.Errorf("got %q", fields)
	}
	if count(t, w, "SELECT count(*) FROM categories") != 0 || progress(t, w).Has(setup.Offer) {
		t.Error("a part was saved")
	}
}

// Whoever may change settings only cannot make or publish courses by way of the assistant.
func TestTheAssistantGivesNoRights(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	user := w.MustCreateUser(t, "Erika Beispiel")
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw(`WITH r AS (INSERT INTO roles (name, reach, created_at, updated_at) VALUES ('Einstellungen', 'all', now(), now()) RETURNING id),
			p AS (INSERT INTO role_permissions SELECT id, unnest(ARRAY['settings.read', 'settings.write']) FROM r)
			INSERT INTO user_roles SELECT ?, id FROM r`, user.ID).Exec(ctx)
		return err
	})
	g, err := accounts.LoadGrants(t.Context(), w, user.ID)
	if err != nil {
		t.Fatal(err)
	}
	ctx := accounts.WithGrants(t.Context(), g)
	if _, err := setup.CreateExample(ctx, w.Store, texts, true); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("creating: %v", err)
	}
	if err := setup.SaveOffer(ctx, w.Store, setup.OfferInput{}); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("categories: %v", err)
	}
	if _, err := setup.CreateExample(t.Context(), w.Store, texts, false); err != nil {
		t.Fatal(err)
	}
	if err := setup.PublishExample(ctx, w.Store); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("publishing: %v", err)
	}
	if err := setup.DeleteExample(ctx, w.Store); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("deleting: %v", err)
	}
}

// Every kind of provider has a recommendation.
func TestRecommendations(t *testing.T) {
	t.Parallel()
	for _, kind := range catalog.Kinds {
		r, ok := setup.Recommend(kind)
		if !ok || r.Categories == 0 || r.Prices == 0 || len(r.Amounts) != r.Prices || r.HoldMinutes < 5 || r.HoldSharePercent < 1 {
			t.Errorf("%s: %+v", kind, r)
		}
	}
	if _, ok := setup.Recommend(""); ok {
		t.Error("who has not said gets a recommendation")
	}
}
