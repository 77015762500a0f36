package admin

import (
	"context"
	"strings"
	"time"

	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/templates/layout"
	"kurso/templates/ui"
)

// Pages of settings, as they stand in addresses and message keys.
const (
	TopicOverview      = "overview"
	TopicProfile       = "profile"
	TopicLegal         = "legal"
	TopicLanguages     = "languages"
	TopicMail          = "mail"
	TopicBooking       = "booking"
	TopicPrices        = "prices"
	TopicPersons       = "persons"
	TopicConfiguration = "configuration"
)

var topics = []string{TopicOverview, TopicProfile, TopicLegal, TopicLanguages, TopicMail, TopicBooking, TopicPrices, TopicPersons, TopicConfiguration}

// SettingsPath is where a page of settings is.
func SettingsPath(topic string) string {
	if topic == TopicOverview {
		return settingsPath
	}
	return settingsPath + "/" + topic
}

// SettingsView is what surrounds a page of settings.
type SettingsView struct {
	Page     layout.OfficePage
	Topic    string
	Provider *catalog.Provider
	// ReadOnly: the reader may look, not change.
	ReadOnly bool
	// MailServer is the mail server's name, empty without one.
	MailServer string
	FormState
	Focus   string
	History HistoryView
	Zone    *time.Location
}

func (v SettingsView) tabs(ctx context.Context) []ui.Tab {
	var out []ui.Tab
	for _, topic := range topics {
		out = append(out, ui.Tab{Label: locales.T(ctx, "settings.topic."+topic), Href: SettingsPath(topic), Here: topic == v.Topic})
	}
	return out
}

// field is an optional field that explains itself by "settings.help.<name>".
func (v SettingsView) field(ctx context.Context, name, value string) ui.Field {
	f := v.FormState.field(ctx, catalog.SubjectProvider, name, value, "settings.help."+name)
	f.Disabled = v.ReadOnly
	return f
}

func suffixed(f ui.Field, suffix string) ui.Field {
	f.Suffix = suffix
	return f
}

// ProviderValue is a value of a field of the provider as people read it.
func ProviderValue(ctx context.Context, field, value string) string {
	if value == "" {
		return ""
	}
	switch field {
	case "kind":
		return locales.T(ctx, "provider.kind."+value)
	case "default_language", "languages":
		var out []string
		for lang := range strings.SplitSeq(value, ", ") {
			out = append(out, locales.Name(lang))
		}
		return strings.Join(out, ", ")
	case "reply_to":
		return locales.T(ctx, "settings.reply_to."+value)
	}
	return value
}

func (v SettingsView) kinds(ctx context.Context) []ui.Option {
	out := []ui.Option{{Label: locales.T(ctx, "provider.kind.none")}}
	for _, k := range catalog.Kinds {
		out = append(out, ui.Option{Value: k, Label: locales.T(ctx, "provider.kind."+k)})
	}
	return out
}

func languageOptions() []ui.Option {
	var out []ui.Option
	for _, l := range catalog.Languages {
		out = append(out, ui.Option{Value: l, Label: locales.Name(l)})
	}
	return out
}

func replyToOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, r := range []string{catalog.ReplyToResponsible, catalog.ReplyToProvider} {
		out = append(out, ui.Option{Value: r, Label: locales.T(ctx, "settings.reply_to."+r), Help: locales.T(ctx, "settings.reply_to."+r+".help")})
	}
	return out
}

// zones are suggested; any other that exists is taken as well.
var zones = []string{
	"Europe/Berlin", "Europe/Vienna", "Europe/Zurich", "Europe/Luxembourg", "Europe/Brussels", "Europe/Amsterdam", "Europe/Copenhagen",
	"Europe/Paris", "Europe/Rome", "Europe/Madrid", "Europe/Lisbon", "Europe/Prague", "Europe/Warsaw", "Europe/Budapest", "Europe/Stockholm",
	"Europe/Oslo", "Europe/Helsinki", "Europe/Athens", "Europe/Bucharest", "Europe/Istanbul", "Europe/London", "Europe/Dublin",
	"Atlantic/Canary", "America/New_York", "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Dubai", "Asia/Tokyo", "Australia/Sydney", "UTC",
}

// SettingsOverviewView says page by page what is set and what is missing.
type SettingsOverviewView struct {
	SettingsView
	Categories []string
	Licence    accounts.Licence
}

// topicState is one line of the overview: what is set, as people read it, and the labels of what is missing.
type topicState struct {
	topic, href  string
	set, missing []string
}

func (t topicState) badge(ctx context.Context) ui.State {
	if len(t.missing) > 0 {
		return ui.State{Tone: ui.Warning, Label: locales.N(ctx, "settings.missing", len(t.missing))}
	}
	return ui.State{Tone: ui.Success, Label: locales.T(ctx, "settings.complete")}
}

func (v SettingsOverviewView) states(ctx context.Context) []topicState {
	p := v.Provider
	label := func(name string) string { return locales.T(ctx, "field.provider."+name) }
	profile := topicState{topic: TopicProfile}
	profile.add(label("name"), unless(p.Name, catalog.UnnamedProvider))
	profile.add(label("kind"), ProviderValue(ctx, "kind", p.Kind))
	profile.add(label("email"), unless(p.Email, catalog.UnnamedEmail))
	profile.add(label("phone"), p.Phone)
	profile.add(locales.T(ctx, "location.address"), strings.Trim(p.Street+", "+strings.TrimSpace(p.Zip+" "+p.Town), ", "))

	legal := topicState{topic: TopicLegal}
	for _, l := range []struct{ name, url string }{{"imprint_url", p.ImprintURL}, {"privacy_url", p.PrivacyURL},
		{"terms_url", p.TermsURL}, {"withdrawal_url", p.WithdrawalURL}} {
		if l.url == "" {
			legal.missing = append(legal.missing, label(l.name))
		} else {
			legal.set = append(legal.set, label(l.name))
		}
	}

	languages := topicState{topic: TopicLanguages}
	languages.set = []string{ProviderValue(ctx, "languages", strings.Join(p.Languages, ", ")), p.TimeZone}

	mail := topicState{topic: TopicMail}
	name, email := p.Sender()
	mail.set = []string{name + " <" + email + ">", locales.T(ctx, "settings.reply_to."+p.ReplyTo)}
	mail.add(locales.T(ctx, "settings.mail_server"), v.MailServer)

	booking := topicState{topic: TopicBooking}
	booking.set = []string{
		locales.N(ctx, "settings.hold", p.HoldMinutes), locales.T(ctx, "settings.share", "Percent", p.HoldSharePercent),
		locales.N(ctx, "settings.cancellation", p.CancellationDays),
	}
	booking.add(label("vat_note"), p.VATNote)

	prices := topicState{topic: TopicPrices}
	for _, tier := range p.PriceTiers {
		prices.set = append(prices.set, tier.Name)
	}
	if len(prices.set) == 0 {
		prices.missing = []string{label("prices")}
	}

	categories := topicState{topic: "categories", href: categoriesPath, set: v.Categories}
	if len(v.Categories) == 0 {
		categories.missing = []string{locales.T(ctx, "office.categories")}
	}

	persons := topicState{topic: TopicPersons, set: []string{licenceText(ctx, v.Licence)}}
	return []topicState{profile, legal, languages, mail, booking, prices, categories, persons}
}

// add notes what a field is set to, or that it is missing.
func (t *topicState) add(label, value string) {
	if value == "" {
		t.missing = append(t.missing, label)
	} else {
		t.set = append(t.set, value)
	}
}

// unless is a value unless nobody has chosen it.
func unless(value, unset string) string {
	if value == unset {
		return ""
	}
	return value
}

func (t topicState) path() string {
	if t.href != "" {
		return t.href
	}
	return SettingsPath(t.topic)
}

const shownOfASetting = 6

// summary is what is set, in one line.
func (t topicState) summary(ctx context.Context) string {
	set := t.set
	if len(set) > shownOfASetting {
		rest := len(set) - shownOfASetting
		set = append(set[:shownOfASetting:shownOfASetting], locales.N(ctx, "settings.more", rest))
	}
	return strings.Join(set, " · ")
}

// PersonsView says how many people work with the system.
type PersonsView struct {
	SettingsView
	Licence accounts.Licence
}

// licenceText is "3 Personen arbeiten mit Kurso, vereinbart sind 5".
func licenceText(ctx context.Context, l accounts.Licence) string {
	if l.Limit == 0 {
		return locales.N(ctx, "settings.persons.active", l.Persons)
	}
	return locales.N(ctx, "settings.persons.of", l.Persons, "Limit", number(ctx, l.Limit))
}
