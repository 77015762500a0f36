package catalog

import (
	"context"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"kurso/models/store"
)

// ProfileInput is the form of who the provider is, as typed.
type ProfileInput struct {
	Version string `form:"version"`
	Name    string `form:"name"`
	Kind    string `form:"kind"`
	Email   string `form:"email"`
	Phone   string `form:"phone"`
	Street  string `form:"street"`
	Zip     string `form:"zip"`
	Town    string `form:"town"`
}

// ProfileInputOf is the form as it is stored.
func ProfileInputOf(p *Provider) ProfileInput {
	in := ProfileInput{Name: p.Name, Kind: p.Kind, Email: p.Email, Phone: p.Phone, Street: p.Street, Zip: p.Zip, Town: p.Town}
	in.Version = fingerprint(in)
	return in
}

func (in ProfileInput) versions(p *Provider) (form, stored string) {
	return in.Version, ProfileInputOf(p).Version
}

func (in ProfileInput) read(_ context.Context, _ store.Reader, t *typed, d *diff, p *Provider) error {
	d.text("name", &p.Name, t.name("name", in.Name, 200))
	d.text("kind", &p.Kind, t.choice("kind", in.Kind, append([]string{""}, Kinds...)...))
	if cleanLine(in.Email) == "" {
		t.Add("email", "invalid.required")
	}
	d.text("email", &p.Email, t.email("email", in.Email))
	d.text("phone", &p.Phone, t.line("phone", in.Phone, 50))
	d.text("street", &p.Street, t.line("street", in.Street, 150))
	d.text("zip", &p.Zip, t.line("zip", in.Zip, 20))
	d.text("town", &p.Town, t.line("town", in.Town, 100))
	return nil
}

// LegalInput is the form of the links that the law asks for, as typed.
type LegalInput struct {
	Version       string `form:"version"`
	ImprintURL    string `form:"imprint_url"`
	PrivacyURL    string `form:"privacy_url"`
	TermsURL      string `form:"terms_url"`
	WithdrawalURL string `form:"withdrawal_url"`
}

// LegalInputOf is the form as it is stored.
func LegalInputOf(p *Provider) LegalInput {
	in := LegalInput{ImprintURL: p.ImprintURL, PrivacyURL: p.PrivacyURL, TermsURL: p.TermsURL, WithdrawalURL: p.WithdrawalURL}
	in.Version = fingerprint(in)
	return in
}

func (in LegalInput) versions(p *Provider) (form, stored string) {
	return in.Version, LegalInputOf(p).Version
}

func (in LegalInput) read(_ context.Context, _ store.Reader, t *typed, d *diff, p *Provider) error {
	d.text("imprint_url", &p.ImprintURL, t.web("imprint_url", in.ImprintURL))
	d.text("privacy_url", &p.PrivacyURL, t.web("privacy_url", in.PrivacyURL))
	d.text("terms_url", &p.TermsURL, t.web("terms_url", in.TermsURL))
	d.text("withdrawal_url", &p.WithdrawalURL, t.web("withdrawal_url", in.WithdrawalURL))
	return nil
}

// LanguagesInput is the form of languages and time zone, as typed.
type LanguagesInput struct {
	Version         string   `form:"version"`
	Languages       []string `form:"languages"`
	DefaultLanguage string   `form:"default_language"`
	TimeZone        string   `form:"time_zone"`
}

// LanguagesInputOf is the form as it is stored.
func LanguagesInputOf(p *Provider) LanguagesInput {
	in := LanguagesInput{Languages: p.Languages, DefaultLanguage: p.DefaultLanguage, TimeZone: p.TimeZone}
	in.Version = fingerprint(in)
	return in
}

func (in LanguagesInput) versions(p *Provider) (form, stored string) {
	return in.Version, LanguagesInputOf(p).Version
}

func (in LanguagesInput) read(ctx context.Context, r store.Reader, t *typed, d *diff, p *Provider) error {
	languages := []string{}
	for _, l := range Languages {
		if slices.Contains(in.Languages, l) {
			languages = append(languages, l)
		}
	}
	for _, l := range in.Languages {
		if !slices.Contains(Languages, l) {
			t.Add("languages", "invalid.choice")
		}
	}
	first := t.choice("default_language", in.DefaultLanguage, Languages...)
	switch {
	case len(languages) == 0:
		t.Add("languages", "invalid.no_language")
	case !slices.Contains(languages, first):
		t.Add("default_language", "invalid.default_language")
	}
	d.texts("languages", &p.Languages, languages)
	d.text("default_language", &p.DefaultLanguage, first)
	zone, err := t.timeZone(ctx, r, "time_zone", in.TimeZone, p.TimeZone)
	d.text("time_zone", &p.TimeZone, zone)
	return err
}

// MailInput is the form of who mails come from, as typed.
type MailInput struct {
	Version       string `form:"version"`
	SenderName    string `form:"sender_name"`
	SenderEmail   string `form:"sender_email"`
	ReplyTo       string `form:"reply_to"`
	SignatureDe   string `form:"signature_de"`
	SignatureEn   string `form:"signature_en"`
	DKIMSelectors string `form:"dkim_selectors"`
}

// MailInputOf is the form as it is stored.
func MailInputOf(p *Provider) MailInput {
	in := MailInput{SenderName: p.SenderName, SenderEmail: p.SenderEmail, ReplyTo: p.ReplyTo, SignatureDe: p.SignatureDe,
		SignatureEn: p.SignatureEn, DKIMSelectors: joinList(p.DKIMSelectors)}
	in.Version = fingerprint(in)
	return in
}

// Lines of a signature.
const (
	maxSignature      = 600
	maxSignatureLines = 8
)

func (in MailInput) versions(p *Provider) (form, stored string) {
	return in.Version, MailInputOf(p).Version
}

func (in MailInput) read(_ context.Context, _ store.Reader, t *typed, d *diff, p *Provider) error {
	d.text("sender_name", &p.SenderName, t.line("sender_name", in.SenderName, 200))
	d.text("sender_email", &p.SenderEmail, t.senderEmail("sender_email", in.SenderEmail))
	d.text("reply_to", &p.ReplyTo, t.choice("reply_to", in.ReplyTo, ReplyToResponsible, ReplyToProvider))
	d.text("signature_de", &p.SignatureDe, t.lines("signature_de", in.SignatureDe, maxSignature, maxSignatureLines))
	d.text("signature_en", &p.SignatureEn, t.lines("signature_en", in.SignatureEn, maxSignature, maxSignatureLines))
	selectors := t.list("dkim_selectors", in.DKIMSelectors)
	for _, s := range selectors {
		if !DKIMSelector(s) {
			t.Add("dkim_selectors", "invalid.selector", "Name", s)
		}
	}
	if len(selectors) > maxSelectors {
		t.Add("dkim_selectors", "invalid.too_many", "Max", maxSelectors)
	}
	d.texts("dkim_selectors", &p.DKIMSelectors, selectors)
	return nil
}

const maxSelectors = 10

var selector = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$`)

// DKIMSelector reports whether a text can name a key in the name service.
func DKIMSelector(s string) bool { return len(s) <= 120 && selector.MatchString(s) }

// senderEmail is an address whose domain others can look up.
func (t *typed) senderEmail(field, s string) string {
	s = t.email(field, s)
	if _, err := netip.ParseAddr(strings.Trim(s[strings.LastIndexByte(s, '@')+1:], "[]")); err == nil {
		t.Add(field, "invalid.email")
	}
	return s
}

// BookingInput is the form of the rules of booking, as typed.
type BookingInput struct {
	Version          string `form:"version"`
	HoldMinutes      string `form:"hold_minutes"`
	HoldSharePercent string `form:"hold_share_percent"`
	CancellationDays string `form:"cancellation_days"`
	VATNote          string `form:"vat_note"`
}

// BookingInputOf is the form as it is stored.
func BookingInputOf(p *Provider) BookingInput {
	in := BookingInput{HoldMinutes: strconv.Itoa(p.HoldMinutes), HoldSharePercent: strconv.Itoa(p.HoldSharePercent),
		CancellationDays: strconv.Itoa(p.CancellationDays), VATNote: p.VATNote}
	in.Version = fingerprint(in)
	return in
}

func (in BookingInput) versions(p *Provider) (form, stored string) {
	return in.Version, BookingInputOf(p).Version
}

func (in BookingInput) read(_ context.Context, _ store.Reader, t *typed, d *diff, p *Provider) error {
	d.count("hold_minutes", &p.HoldMinutes, t.required("hold_minutes", in.HoldMinutes, 5, 2880))
	d.count("hold_share_percent", &p.HoldSharePercent, t.required("hold_share_percent", in.HoldSharePercent, 1, 100))
	d.count("cancellation_days", &p.CancellationDays, t.required("cancellation_days", in.CancellationDays, 0, 365))
	d.text("vat_note", &p.VATNote, t.line("vat_note", in.VATNote, 300))
	return nil
}

// PricesInput is the form of the prices that new courses begin with, as typed.
type PricesInput struct {
	Version string              `form:"version"`
	Prices  []DefaultPriceInput `form:"prices"`
}

// DefaultPriceInput is one row of them. Without an amount it is asked for in each course. A row without
// anything or a removed one is left out.
type DefaultPriceInput struct {
	Name   string `form:"name"`
	Amount string `form:"amount"`
	Note   string `form:"note"`
	Remove bool   `form:"remove"`
}

// PricesInputOf is the form as it is stored.
func PricesInputOf(p *Provider) PricesInput {
	in := PricesInput{}
	for _, tier := range p.PriceTiers {
		in.Prices = append(in.Prices, tier.Input())
	}
	in.Version = fingerprint(in)
	return in
}

// Input is the row of a default price.
func (p DefaultPrice) Input() DefaultPriceInput {
	in := DefaultPriceInput{Name: p.Name, Note: p.Note}
	if p.AmountCents != nil {
		in.Amount = centsText(*p.AmountCents)
	}
	return in
}

// text is "Normalpreis 82.80 EUR (Note)".
func (p DefaultPrice) text() string {
	text := p.Name
	if p.AmountCents != nil {
		text += fmt.Sprintf(" %d.%02d EUR", *p.AmountCents/100, *p.AmountCents%100)
	}
	if p.Note != "" {
		text += " (" + p.Note + ")"
	}
	return text
}

const maxDefaultPrices = 10

func (in PricesInput) versions(p *Provider) (form, stored string) {
	return in.Version, PricesInputOf(p).Version
}

func (in PricesInput) read(_ context.Context, _ store.Reader, t *typed, d *diff, p *Provider) error {
	tiers := []DefaultPrice{}
	for i, row := range in.Prices {
		if row.Remove || cleanLine(row.Name+row.Amount+row.Note) == "" {
			continue
		}
		at := "prices." + strconv.Itoa(i) + "."
		tier := DefaultPrice{Name: t.name(at+"name", row.Name, 100), Note: t.line(at+"note", row.Note, maxLine)}
		if cleanLine(row.Amount) != "" {
			cents := t.cents(at+"amount", row.Amount)
			tier.AmountCents = &cents
		}
		tiers = append(tiers, tier)
	}
	if len(tiers) > maxDefaultPrices {
		t.Add("prices", "invalid.too_many", "Max", maxDefaultPrices)
	}
	list := func(tiers []DefaultPrice) string {
		var out []string
		for _, tier := range tiers {
			out = append(out, tier.text())
		}
		return strings.Join(out, ", ")
	}
	if before, after := list(p.PriceTiers), list(tiers); before != after {
		d.note("prices", before, after)
		p.PriceTiers = tiers
	}
	return nil
}
