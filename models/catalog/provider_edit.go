package catalog

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"kurso/models/audit"
	"kurso/models/store"
)

// Settings are all pages of the provider's settings.
type Settings struct {
	Profile   ProfileInput
	Legal     LegalInput
	Languages LanguagesInput
	Mail      MailInput
	Booking   BookingInput
	Prices    PricesInput
}

// SettingsOf are the settings of the provider as they are.
func SettingsOf(p *Provider) Settings {
	return Settings{Profile: ProfileInputOf(p), Legal: LegalInputOf(p), Languages: LanguagesInputOf(p),
		Mail: MailInputOf(p), Booking: BookingInputOf(p), Prices: PricesInputOf(p)}
}

// Apply takes all settings over into p and returns what that changes, without writing it. Versions do not
// count. It returns a *store.ValidationError.
func (s Settings) Apply(ctx context.Context, r store.Reader, p *Provider) ([]audit.Change, error) {
	t, d := &typed{}, &diff{}
	for _, in := range []SettingsInput{s.Profile, s.Legal, s.Languages, s.Mail, s.Booking, s.Prices} {
		if err := in.read(ctx, r, t, d, p); err != nil {
			return nil, err
		}
	}
	return d.changes, t.OrNil()
}

// LockProvider reads the provider and keeps others from changing it until the transaction ends.
func LockProvider(ctx context.Context, tx *store.Tx) (*Provider, error) {
	p := &Provider{}
	return p, tx.NewSelect().Model(p).Limit(1).For("UPDATE").Scan(ctx)
}

// WriteProvider writes a provider that was locked, and the entry about what changed.
func WriteProvider(ctx context.Context, tx *store.Tx, p *Provider, action string, changes []audit.Change) error {
	p.Version++
	p.UpdatedAt = tx.Now()
	if _, err := tx.NewUpdate().Model(p).WherePK().ExcludeColumn("id").Exec(ctx); err != nil {
		return err
	}
	return audit.Write(ctx, tx, SubjectProvider, 1, action, changes...)
}

// SettingsInput is one page of the provider's settings, as typed: ProfileInput, LegalInput and so on.
type SettingsInput interface {
	// versions are the one that the form was filled from and the present one.
	versions(p *Provider) (form, stored string)
	read(ctx context.Context, r store.Reader, t *typed, d *diff, p *Provider) error
}

// SaveSettings changes the fields of one page. It returns store.ErrConflict when somebody else changed some of
// them since the form was filled, or a *store.ValidationError.
func SaveSettings(ctx context.Context, st *store.Store, in SettingsInput) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return SaveSettingsIn(ctx, tx, in) })
}

// SaveSettingsIn is SaveSettings as a part of a use case.
func SaveSettingsIn(ctx context.Context, tx *store.Tx, in SettingsInput) error {
	p, err := LockProvider(ctx, tx)
	if err != nil {
		return err
	}
	if form, stored := in.versions(p); form != stored {
		return store.ErrConflict
	}
	t, d := &typed{}, &diff{}
	if err := in.read(ctx, tx, t, d, p); err != nil {
		return err
	}
	if err := t.OrNil(); err != nil || d.empty() {
		return err
	}
	return WriteProvider(ctx, tx, p, "provider.changed", d.changes)
}

// fingerprint tells whether the fields of a page are what they were when its form was filled; the row's own
// version would also tell of other pages. in has no version yet.
func fingerprint(in any) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%#v", in))
	return hex.EncodeToString(sum[:8])
}

// timeZone is a zone that both this machine and Postgres know by the same name.
func (t *typed) timeZone(ctx context.Context, r store.Reader, field, s, stored string) (string, error) {
	zone := t.name(field, s, 64)
	if zone == stored || zone == "" {
		return zone, nil
	}
	known := false
	if _, err := time.LoadLocation(zone); err == nil {
		if err := r.NewRaw("SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = ?)", zone).Scan(ctx, &known); err != nil {
			return zone, err
		}
	}
	if !known {
		t.Add(field, "invalid.time_zone")
	}
	return zone, nil
}
