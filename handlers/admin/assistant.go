package admin

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/catalog"
	"kurso/models/setup"
	"kurso/models/store"
	"kurso/templates/admin"
)

// SetupAssistant shows the three ways to set the system up, and how far the led one has come.
func (h *Handlers) SetupAssistant(c echo.Context) error {
	v, err := h.assistantView(c, "")
	if err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.SetupAssistant(v))
}

// assistantView is what every page of the assistant shows.
func (h *Handlers) assistantView(c echo.Context, step string) (v admin.AssistantView, err error) {
	ctx := c.Request().Context()
	if step != "" && !slices.Contains(setup.Steps, step) {
		return v, store.ErrNotFound
	}
	v.Step = step
	if v.Progress, err = setup.Load(ctx, h.St); err != nil {
		return v, err
	}
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return v, err
	}
	if err := h.settingsFrame(c, &v.SettingsView, admin.TopicOverview, provider); err != nil {
		return v, err
	}
	v.Recommended, v.HasRecommended = setup.Recommend(provider.Kind)
	v.Page.Title = locales.T(ctx, "assistant.title")
	return v, nil
}

// SetupStep shows one step: what is stored, or on the first visit what is recommended.
func (h *Handlers) SetupStep(c echo.Context) error {
	ctx := c.Request().Context()
	v, err := h.assistantView(c, c.Param("step"))
	if err != nil {
		return err
	}
	fresh := !v.Progress.Has(v.Step)
	s := catalog.SettingsOf(v.Provider)
	v.Profile, v.Legal, v.Booking = s.Profile, s.Legal, s.Booking
	switch v.Step {
	case setup.Contact:
		v.Profile = unnamed(v.Profile)
	case setup.Booking:
		if v.HasRecommended && (fresh || c.QueryParam("recommended") != "") {
			v.Booking = recommendedRules(ctx, v)
		}
	case setup.Offer:
		if v.Offer, v.Categories, err = h.offerInput(ctx, v, fresh); err != nil {
			return err
		}
	case setup.Example:
		if v.Example, v.ExampleBookings, err = setup.LoadExample(ctx, h.St, v.Progress); err != nil {
			return err
		}
	}
	return web.Render(c, http.StatusOK, admin.SetupStep(v))
}

// unnamed empties what a new system calls its provider.
func unnamed(in catalog.ProfileInput) catalog.ProfileInput {
	if in.Name == catalog.UnnamedProvider {
		in.Name = ""
	}
	if in.Email == catalog.UnnamedEmail {
		in.Email = ""
	}
	return in
}

// recommendedRules are the rules of booking as recommended, over what is stored.
func recommendedRules(ctx context.Context, v admin.AssistantView) catalog.BookingInput {
	in := v.Booking
	in.HoldMinutes = strconv.Itoa(v.Recommended.HoldMinutes)
	in.HoldSharePercent = strconv.Itoa(v.Recommended.HoldSharePercent)
	in.CancellationDays = strconv.Itoa(v.Recommended.CancellationDays)
	in.VATNote = v.RecommendedVAT(ctx)
	return in
}

// mostCategories is how many categories the assistant shows to be renamed.
const mostCategories = 12

// offerInput is the form of categories and prices: those there are and, on the first visit, those suggested.
// many is how many categories there are when they are too many to show.
func (h *Handlers) offerInput(ctx context.Context, v admin.AssistantView, fresh bool) (in setup.OfferInput, many int, err error) {
	ctx = locales.With(ctx, v.Provider.DefaultLanguage) // it becomes part of the public pages
	kind := v.Provider.Kind
	there, err := catalog.Categories(ctx, h.St)
	if err != nil {
		return in, 0, err
	}
	codes := map[string]bool{}
	for _, category := range there {
		codes[category.Code] = true
		in.Categories = append(in.Categories, setup.CategoryInput{Code: category.Code, Name: category.Name})
	}
	if len(there) > mostCategories {
		in.Categories, many = nil, len(there)
	} else {
		if fresh && len(there) == 0 {
			for n := range v.Recommended.Categories {
				code := strconv.Itoa(n + 1)
				codes[code] = true
				in.Categories = append(in.Categories, setup.CategoryInput{Code: code, Name: locales.T(ctx, "assistant.category."+kind+"."+code)})
			}
		}
		in.Categories = append(in.Categories, spareCategories(codes)...)
	}
	in.Prices = catalog.PricesInputOf(v.Provider).Prices
	if fresh && len(in.Prices) == 0 {
		for n := range v.Recommended.Prices {
			in.Prices = append(in.Prices, catalog.DefaultPriceInput{Name: locales.T(ctx, "assistant.price."+kind+"."+strconv.Itoa(n+1))})
		}
	}
	in.Prices = append(in.Prices, catalog.DefaultPriceInput{})
	return in, many, nil
}

// spareCategories are two rows to fill in, of codes that are free.
func spareCategories(taken map[string]bool) (out []setup.CategoryInput) {
	for n := 1; len(out) < 2; n++ {
		if code := strconv.Itoa(n); !taken[code] {
			out = append(out, setup.CategoryInput{Code: code})
		}
	}
	return out
}

// SaveSetupStep saves a step and goes on, or skips it.
func (h *Handlers) SaveSetupStep(c echo.Context) error {
	ctx := c.Request().Context()
	v, err := h.assistantView(c, c.Param("step"))
	if err != nil {
		return err
	}
	if c.FormValue("do") == "skip" {
		if err := setup.Skip(ctx, h.St, v.Step); err != nil {
			return err
		}
		return web.SeeOther(c, admin.SetupPath(setup.After(v.Step)))
	}
	v.Changed = true
	if err := h.saveStep(c, &v); err != nil {
		return h.refuseStep(c, v, err)
	}
	if v.Step == setup.Example {
		return web.SeeOther(c, admin.SetupPath(setup.Example))
	}
	return web.SeeOther(c, admin.SetupPath(setup.After(v.Step)))
}

func (h *Handlers) saveStep(c echo.Context, v *admin.AssistantView) error {
	ctx := c.Request().Context()
	switch v.Step {
	case setup.Kind:
		if err := web.Bind(c, &v.Profile); err != nil {
			return err
		}
		return setup.SaveKind(ctx, h.St, v.Profile.Kind)
	case setup.Contact:
		if err := web.Bind(c, &v.Profile); err != nil {
			return err
		}
		v.Profile.Kind = v.Provider.Kind
		return setup.Save(ctx, h.St, v.Step, v.Profile)
	case setup.Legal:
		if err := web.Bind(c, &v.Legal); err != nil {
			return err
		}
		return setup.Save(ctx, h.St, v.Step, v.Legal)
	case setup.Booking:
		if err := web.Bind(c, &v.Booking); err != nil {
			return err
		}
		return setup.Save(ctx, h.St, v.Step, v.Booking)
	case setup.Offer:
		if err := web.Bind(c, &v.Offer); err != nil {
			return err
		}
		return setup.SaveOffer(ctx, h.St, v.Offer)
	}
	publish := c.FormValue("publish") != ""
	_, err := setup.CreateExample(ctx, h.St, exampleTexts(ctx, v.Provider), publish)
	if err == nil && publish {
		web.Flash(c, locales.T(ctx, "assistant.example.published"))
	} else if err == nil {
		web.Flash(c, locales.T(ctx, "assistant.example.created"))
	}
	return err
}

// refuseStep shows the step again with what is wrong. Over what somebody else saved meanwhile, the same values
// can be saved once more.
func (h *Handlers) refuseStep(c echo.Context, v admin.AssistantView, err error) error {
	ctx := c.Request().Context()
	status := http.StatusUnprocessableEntity
	if errs, ok := web.FormErrors(ctx, err); ok {
		v.Errors = errs
	} else if errors.Is(err, store.ErrConflict) {
		status, v.Outrun = http.StatusConflict, true
		v.Profile.Version, v.Legal.Version = catalog.ProfileInputOf(v.Provider).Version, catalog.LegalInputOf(v.Provider).Version
		v.Booking.Version = catalog.BookingInputOf(v.Provider).Version
	} else {
		return err
	}
	if v.Step == setup.Example {
		if v.Example, v.ExampleBookings, err = setup.LoadExample(ctx, h.St, v.Progress); err != nil {
			return err
		}
	}
	return web.Render(c, status, admin.SetupStep(v))
}

// exampleTexts are what the example course says, in the language of the public pages.
func exampleTexts(ctx context.Context, p *catalog.Provider) setup.Texts {
	ctx = locales.With(ctx, p.DefaultLanguage)
	kind := p.Kind
	if kind == "" {
		kind = "none"
	}
	return setup.Texts{
		Number: locales.T(ctx, "assistant.example.number"), Name: locales.T(ctx, "assistant.example.name", "Name", locales.T(ctx, "assistant.example.title."+kind)),
		Subtitle: locales.T(ctx, "assistant.example.subtitle"), Description: locales.T(ctx, "assistant.example.description"),
		TargetGroup: locales.T(ctx, "assistant.example.target"), Price: locales.T(ctx, "assistant.price.none.1"),
	}
}

// PublishExample publishes the example course.
func (h *Handlers) PublishExample(c echo.Context) error {
	return h.example(c, setup.PublishExample, "assistant.example.published")
}

// DeleteExample deletes the example course with its trial bookings.
func (h *Handlers) DeleteExample(c echo.Context) error {
	return h.example(c, setup.DeleteExample, "assistant.example.deleted")
}

func (h *Handlers) example(c echo.Context, do func(context.Context, *store.Store) error, said string) error {
	ctx := c.Request().Context()
	err := do(ctx, h.St)
	var wrong *store.ValidationError
	var rule *store.RuleError
	if errors.As(err, &wrong) || errors.As(err, &rule) {
		v, viewing := h.assistantView(c, setup.Example)
		if viewing != nil {
			return viewing
		}
		return h.refuseStep(c, v, err)
	}
	if err != nil {
		return err
	}
	web.Flash(c, locales.T(ctx, said))
	return web.SeeOther(c, admin.SetupPath(setup.Example))
}
