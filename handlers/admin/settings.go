package admin

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/catalog"
	"kurso/models/store"
	"kurso/templates/admin"
)

// settings answers the routes of one page of settings. In is its form, as typed.
type settings[In catalog.SettingsInput] struct {
	h     *Handlers
	topic string
	// of is the form as it is stored.
	of func(p *catalog.Provider) In
	// rebase lets a form be saved over what is stored now; it is given the stored one.
	rebase func(in *In, stored In)
	// extend adds what the button said to the form and names the field to go on with; nil: there is none.
	extend func(in *In, do string) (focus string)
	page   func(v admin.SettingsView, in In) templ.Component
}

// Show shows the form.
func (s settings[In]) Show(c echo.Context) error {
	provider, err := catalog.LoadProvider(c.Request().Context(), s.h.St)
	if err != nil {
		return err
	}
	in := s.of(provider)
	v := admin.SettingsView{FormState: opened(in)}
	if err := opensWithDraft(s.h, c, settingsDraft(s.topic), &v.FormState, &in); err != nil {
		return err
	}
	return s.form(c, http.StatusOK, v, in)
}

// Save changes the fields of the page. What somebody else changed meanwhile is shown beside what was typed.
func (s settings[In]) Save(c echo.Context) error {
	ctx := c.Request().Context()
	var in In
	if err := web.Bind(c, &in); err != nil {
		return err
	}
	v, shared := admin.SettingsView{FormState: posted(c)}, s.shared()
	if err := s.h.goesOnWithDraft(c, settingsDraft(s.topic), &v.FormState); err != nil {
		return err
	}
	if do := c.FormValue("do"); do != "" && s.extend != nil {
		if err := shared.again(c, &v.FormState, &in); err != nil {
			return err
		}
		v.Focus = s.extend(&in, do)
		return s.form(c, http.StatusOK, v, in)
	}
	err := shared.store(c, &v.FormState, &in)
	if errs, ok := web.FormErrors(ctx, err); ok {
		v.Errors = errs
		if err := shared.again(c, &v.FormState, &in); err != nil {
			return err
		}
		return s.form(c, http.StatusUnprocessableEntity, v, in)
	}
	if errors.Is(err, store.ErrConflict) {
		return s.form(c, http.StatusConflict, v, in)
	}
	if err != nil {
		return err
	}
	if err := s.h.saved(c, settingsDraft(s.topic)); err != nil {
		return err
	}
	web.Flash(c, locales.T(ctx, "settings.saved"))
	return web.SeeOther(c, admin.SettingsPath(s.topic))
}

// shared is the form as several people change it.
func (s settings[In]) shared() shared[In] {
	return shared[In]{
		h: s.h, subject: catalog.SubjectProvider, id: 1, rebase: s.rebase,
		load: func(ctx context.Context) (in In, err error) {
			provider, err := catalog.LoadProvider(ctx, s.h.St)
			if err != nil {
				return in, err
			}
			return s.of(provider), nil
		},
		save: func(ctx context.Context, in In) error { return catalog.SaveSettings(ctx, s.h.St, in) },
		show: func(ctx context.Context, _, _ In) (func(field, value string) string, error) {
			return func(field, value string) string { return admin.ProviderValue(ctx, field, value) }, nil
		},
	}
}

func (s settings[In]) form(c echo.Context, status int, v admin.SettingsView, in In) error {
	provider, err := catalog.LoadProvider(c.Request().Context(), s.h.St)
	if err != nil {
		return err
	}
	if v.History, err = s.history(c, provider); err != nil {
		return err
	}
	if err := s.h.settingsFrame(c, &v, s.topic, provider); err != nil {
		return err
	}
	return web.Render(c, status, s.page(v, in))
}

// olderSettings is how far back entries about the fields of a page are looked for.
const olderSettings = 500

// history is what was done to the fields of the page.
func (s settings[In]) history(c echo.Context, provider *catalog.Provider) (admin.HistoryView, error) {
	v, err := s.h.history(c, catalog.SubjectProvider, 1, provider.Zone())
	if err != nil {
		return v, err
	}
	all, err := audit.History(c.Request().Context(), s.h.St, catalog.SubjectProvider, 1, olderSettings)
	if err != nil {
		return v, err
	}
	var fields []string
	for f := range reflect.TypeFor[In]().Fields() {
		fields = append(fields, f.Tag.Get("form"))
	}
	v.Entries = nil
	for _, e := range all {
		e.Changes = slices.DeleteFunc(e.Changes, func(c audit.Change) bool { return !slices.Contains(fields, c.Field) })
		if len(e.Changes) > 0 && len(v.Entries) < recentHistory {
			v.Entries = append(v.Entries, e)
		}
	}
	return v, nil
}

// settingsFrame fills in what every page of settings shows.
func (h *Handlers) settingsFrame(c echo.Context, v *admin.SettingsView, topic string, provider *catalog.Provider) (err error) {
	ctx := c.Request().Context()
	v.Topic, v.Zone, v.Provider = topic, provider.Zone(), provider
	v.ReadOnly = !web.May(c, accounts.SettingsWrite)
	v.MailServer = h.Cfg.SMTPHost()
	v.Page, err = h.page(c, locales.T(ctx, "settings.topic."+topic), "settings")
	return err
}

// Profile answers the routes of who the provider is.
func (h *Handlers) Profile() settings[catalog.ProfileInput] {
	return settings[catalog.ProfileInput]{h: h, topic: admin.TopicProfile, of: catalog.ProfileInputOf, page: admin.Profile,
		rebase: func(in *catalog.ProfileInput, stored catalog.ProfileInput) { in.Version = stored.Version }}
}

// Legal answers the routes of the links that the law asks for.
func (h *Handlers) Legal() settings[catalog.LegalInput] {
	return settings[catalog.LegalInput]{h: h, topic: admin.TopicLegal, of: catalog.LegalInputOf, page: admin.Legal,
		rebase: func(in *catalog.LegalInput, stored catalog.LegalInput) { in.Version = stored.Version }}
}

// Languages answers the routes of languages and time zone.
func (h *Handlers) Languages() settings[catalog.LanguagesInput] {
	return settings[catalog.LanguagesInput]{h: h, topic: admin.TopicLanguages, of: catalog.LanguagesInputOf, page: admin.Languages,
		rebase: func(in *catalog.LanguagesInput, stored catalog.LanguagesInput) { in.Version = stored.Version }}
}

// MailSettings answers the routes of who mails come from.
func (h *Handlers) MailSettings() settings[catalog.MailInput] {
	return settings[catalog.MailInput]{h: h, topic: admin.TopicMail, of: catalog.MailInputOf, page: admin.MailSettings,
		rebase: func(in *catalog.MailInput, stored catalog.MailInput) { in.Version = stored.Version }}
}

// BookingRules answers the routes of the rules of booking.
func (h *Handlers) BookingRules() settings[catalog.BookingInput] {
	return settings[catalog.BookingInput]{h: h, topic: admin.TopicBooking, of: catalog.BookingInputOf, page: admin.BookingRules,
		rebase: func(in *catalog.BookingInput, stored catalog.BookingInput) { in.Version = stored.Version }}
}

// Prices answers the routes of the prices that new courses begin with.
func (h *Handlers) Prices() settings[catalog.PricesInput] {
	return settings[catalog.PricesInput]{h: h, topic: admin.TopicPrices, of: catalog.PricesInputOf, page: admin.Prices,
		rebase: func(in *catalog.PricesInput, stored catalog.PricesInput) { in.Version = stored.Version },
		extend: func(in *catalog.PricesInput, _ string) string {
			in.Prices = append(in.Prices, catalog.DefaultPriceInput{})
			return "prices." + strconv.Itoa(len(in.Prices)-1) + ".name"
		}}
}

// Settings shows what is set and what is missing, page by page.
func (h *Handlers) Settings(c echo.Context) error {
	ctx := c.Request().Context()
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	v := admin.SettingsOverviewView{}
	categories, err := catalog.Categories(ctx, h.St)
	if err != nil {
		return err
	}
	for _, category := range categories {
		v.Categories = append(v.Categories, category.Name)
	}
	if v.Licence, err = accounts.LoadLicence(ctx, h.St); err != nil {
		return err
	}
	if err := h.settingsFrame(c, &v.SettingsView, admin.TopicOverview, provider); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.SettingsOverview(v))
}

// Persons shows how many people work with the system.
func (h *Handlers) Persons(c echo.Context) error {
	ctx := c.Request().Context()
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	v := admin.PersonsView{}
	if v.Licence, err = accounts.LoadLicence(ctx, h.St); err != nil {
		return err
	}
	if err := h.settingsFrame(c, &v.SettingsView, admin.TopicPersons, provider); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.Persons(v))
}
