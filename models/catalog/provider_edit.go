package catalog

import (
	"context"
	"strconv"
	"time"

	"kurso/models/store"
)

// ProviderInput is the form of the provider's settings, as typed.
type ProviderInput struct {
	Version          string `form:"version"`
	Name             string `form:"name"`
	Email            string `form:"email"`
	Phone            string `form:"phone"`
	Street           string `form:"street"`
	Zip              string `form:"zip"`
	Town             string `form:"town"`
	ImprintURL       string `form:"imprint_url"`
	PrivacyURL       string `form:"privacy_url"`
	TermsURL         string `form:"terms_url"`
	WithdrawalURL    string `form:"withdrawal_url"`
	TimeZone         string `form:"time_zone"`
	VATNote          string `form:"vat_note"`
	HoldMinutes      string `form:"hold_minutes"`
	HoldSharePercent string `form:"hold_share_percent"`
	CancellationDays string `form:"cancellation_days"`
}

// ProviderInputOf is the form of the provider as it is.
func ProviderInputOf(p *Provider) ProviderInput {
	return ProviderInput{
		Version: strconv.Itoa(p.Version), Name: p.Name, Email: p.Email, Phone: p.Phone, Street: p.Street, Zip: p.Zip, Town: p.Town,
		ImprintURL: p.ImprintURL, PrivacyURL: p.PrivacyURL, TermsURL: p.TermsURL, WithdrawalURL: p.WithdrawalURL,
		TimeZone: p.TimeZone, VATNote: p.VATNote, HoldMinutes: strconv.Itoa(p.HoldMinutes),
		HoldSharePercent: strconv.Itoa(p.HoldSharePercent), CancellationDays: strconv.Itoa(p.CancellationDays),
	}
}

// SaveProvider changes the provider's settings. It returns store.ErrConflict when somebody else changed them
// since the form was filled, or a *store.ValidationError.
func SaveProvider(ctx context.Context, st *store.Store, in ProviderInput) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		p := &Provider{}
		if err := tx.NewSelect().Model(p).Limit(1).For("UPDATE").Scan(ctx); err != nil {
			return err
		}
		if p.Version != version(in.Version) {
			return store.ErrConflict
		}
		t, d := &typed{}, diff{}
		in.read(t, &d, p)
		if err := t.OrNil(); err != nil || d.empty() {
			return err
		}
		p.Version++
		p.UpdatedAt = tx.Now()
		if _, err := tx.NewUpdate().Model(p).WherePK().ExcludeColumn("id").Exec(ctx); err != nil {
			return err
		}
		return d.write(ctx, tx, SubjectProvider, 1, "provider.changed")
	})
}

func (in ProviderInput) read(t *typed, d *diff, p *Provider) {
	d.text("name", &p.Name, t.name("name", in.Name, 200))
	if cleanLine(in.Email) == "" {
		t.Add("email", "invalid.required")
	}
	d.text("email", &p.Email, t.email("email", in.Email))
	d.text("phone", &p.Phone, t.line("phone", in.Phone, 50))
	d.text("street", &p.Street, t.line("street", in.Street, 150))
	d.text("zip", &p.Zip, t.line("zip", in.Zip, 20))
	d.text("town", &p.Town, t.line("town", in.Town, 100))
	d.text("imprint_url", &p.ImprintURL, t.web("imprint_url", in.ImprintURL))
	d.text("privacy_url", &p.PrivacyURL, t.web("privacy_url", in.PrivacyURL))
	d.text("terms_url", &p.TermsURL, t.web("terms_url", in.TermsURL))
	d.text("withdrawal_url", &p.WithdrawalURL, t.web("withdrawal_url", in.WithdrawalURL))
	zone := t.name("time_zone", in.TimeZone, 64)
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		t.Add("time_zone", "invalid.time_zone")
	}
	d.text("time_zone", &p.TimeZone, zone)
	d.text("vat_note", &p.VATNote, t.line("vat_note", in.VATNote, 300))
	d.count("hold_minutes", &p.HoldMinutes, t.required("hold_minutes", in.HoldMinutes, 5, 2880))
	d.count("hold_share_percent", &p.HoldSharePercent, t.required("hold_share_percent", in.HoldSharePercent, 1, 100))
	d.count("cancellation_days", &p.CancellationDays, t.required("cancellation_days", in.CancellationDays, 0, 365))
}
