// Package setup leads a new provider from an empty system to a published course: the steps of the set-up
// assistant, what it recommends to whom, and the example course at its end.
package setup

import (
	"context"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/catalog"
	"kurso/models/store"
)

// Steps of the assistant, as they stand in addresses and message keys.
const (
	Kind    = "kind"
	Contact = "contact"
	Legal   = "legal"
	Booking = "booking"
	Offer   = "offer"
	Example = "example"
)

// Steps lists them in their order.
var Steps = []string{Kind, Contact, Legal, Booking, Offer, Example}

// Progress is how far the assistant has come.
type Progress struct {
	bun.BaseModel `bun:"table:setup_assistant,alias:sa"`
	ID            bool `bun:",pk"`
	// Done are the steps that were saved or skipped.
	Done []string `bun:",array"`
	// ExampleCourseID and ExampleLocationID are what the assistant made, while it is there.
	ExampleCourseID   *int64
	ExampleLocationID *int64
}

// Load reads how far the assistant has come.
func Load(ctx context.Context, r store.Reader) (*Progress, error) {
	p := &Progress{}
	return p, r.NewSelect().Model(p).Limit(1).Scan(ctx)
}

// Has reports whether a step was saved or skipped.
func (p *Progress) Has(step string) bool { return slices.Contains(p.Done, step) }

// Next is the first step that was neither saved nor skipped; the last one when all were.
func (p *Progress) Next() string {
	for _, s := range Steps {
		if !p.Has(s) {
			return s
		}
	}
	return Steps[len(Steps)-1]
}

// After is the step that follows, or "" after the last.
func After(step string) string {
	if i := slices.Index(Steps, step); i+1 < len(Steps) {
		return Steps[i+1]
	}
	return ""
}

// Before is the step that comes before, or "" before the first.
func Before(step string) string {
	if i := slices.Index(Steps, step); i > 0 {
		return Steps[i-1]
	}
	return ""
}

// lock reads the progress and keeps others from changing it.
func lock(ctx context.Context, tx *store.Tx) (*Progress, error) {
	p := &Progress{}
	return p, tx.NewSelect().Model(p).Limit(1).For("UPDATE").Scan(ctx)
}

func (p *Progress) finish(ctx context.Context, tx *store.Tx, step string) error {
	if !p.Has(step) {
		p.Done = append(p.Done, step)
	}
	_, err := tx.NewUpdate().Model(p).WherePK().Exec(ctx)
	return err
}

// Skip notes that a step is left for later.
func Skip(ctx context.Context, st *store.Store, step string) error {
	if !slices.Contains(Steps, step) {
		return store.ErrNotFound
	}
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		p, err := lock(ctx, tx)
		if err != nil {
			return err
		}
		return p.finish(ctx, tx, step)
	})
}

// SaveKind says what kind of provider this is. It returns a *store.ValidationError.
func SaveKind(ctx context.Context, st *store.Store, kind string) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		p, err := lock(ctx, tx)
		if err != nil {
			return err
		}
		if kind == "" {
			v := &store.ValidationError{}
			v.Add("kind", "assistant.kind.required")
			return v
		}
		provider, err := catalog.LockProvider(ctx, tx)
		if err != nil {
			return err
		}
		in := catalog.ProfileInputOf(provider)
		in.Kind = kind
		if err := catalog.SaveSettingsIn(ctx, tx, in); err != nil {
			return err
		}
		return p.finish(ctx, tx, Kind)
	})
}

// Save changes settings as a step of the assistant. It returns what catalog.SaveSettings does.
func Save(ctx context.Context, st *store.Store, step string, in catalog.SettingsInput) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		p, err := lock(ctx, tx)
		if err != nil {
			return err
		}
		if err := catalog.SaveSettingsIn(ctx, tx, in); err != nil {
			return err
		}
		return p.finish(ctx, tx, step)
	})
}

// OfferInput is the form of categories and prices, as typed. A category of a code that exists is renamed;
// one without a name is left as it is.
type OfferInput struct {
	Categories []CategoryInput             `form:"categories"`
	Prices     []catalog.DefaultPriceInput `form:"prices"`
}

// CategoryInput is one row of categories.
type CategoryInput struct {
	Code string `form:"code"`
	Name string `form:"name"`
}

const mostCategories = 50

// SaveOffer adds and renames categories, and sets the prices that new courses begin with. It returns a
// *store.ValidationError.
func SaveOffer(ctx context.Context, st *store.Store, in OfferInput) error {
	err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := must(ctx, accounts.CatalogueWrite); err != nil {
			return err
		}
		p, err := lock(ctx, tx)
		if err != nil {
			return err
		}
		v := &store.ValidationError{}
		if err := in.categories(ctx, tx, v); err != nil {
			return err
		}
		provider, err := catalog.LockProvider(ctx, tx)
		if err != nil {
			return err
		}
		prices := catalog.PricesInputOf(provider)
		prices.Prices = in.Prices
		if err := collect(v, "", catalog.SaveSettingsIn(ctx, tx, prices)); err != nil {
			return err
		}
		if err := v.OrNil(); err != nil {
			return err
		}
		return p.finish(ctx, tx, Offer)
	})
	if store.IsUnique(err, "categories_code_key") { // somebody else added it just now
		return store.ErrConflict
	}
	return err
}

// must returns store.ErrForbidden unless ctx's actor may do all of it everywhere.
func must(ctx context.Context, permissions ...accounts.Permission) error {
	g := accounts.GrantsOf(ctx)
	for _, p := range permissions {
		if !g.Reach(p).All {
			return store.ErrForbidden
		}
	}
	return nil
}

func (in OfferInput) categories(ctx context.Context, tx *store.Tx, v *store.ValidationError) error {
	var there []*catalog.Category
	if err := tx.NewSelect().Model(&there).Order("position", "code").For("UPDATE").Scan(ctx); err != nil {
		return err
	}
	if len(in.Categories) > mostCategories {
		v.Add("categories", "invalid.too_many", "Max", mostCategories)
		return nil
	}
	for i, row := range in.Categories {
		if row.Name == "" {
			continue
		}
		c := &catalog.Category{}
		if j := slices.IndexFunc(there, func(c *catalog.Category) bool { return c.Code == row.Code }); j >= 0 {
			c = there[j]
		} else {
			c.Position = len(there) + 1
			there = append(there, c)
		}
		form := catalog.CategoryInput{Code: row.Code, Name: row.Name, Position: strconv.Itoa(c.Position)}
		var changes []audit.Change
		changes, err := form.Apply(c)
		if err == nil && len(changes) > 0 {
			err = catalog.WriteCategory(ctx, tx, c, changes)
		}
		if err := collect(v, "categories."+strconv.Itoa(i)+".", err); err != nil {
			return err
		}
	}
	return nil
}
