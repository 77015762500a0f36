package configuration

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"kurso/models/catalog"
	"kurso/models/store"
)

// state is the configuration as it is in the database.
type state struct {
	provider   *catalog.Provider
	categories []*catalog.Category
	roles      []*role
}

type role struct {
	ID           int64
	Key          string
	Name         string
	Description  string
	Reach        string
	SecondFactor bool
	Position     int
	Version      int
	Permissions  []string `bun:",array"`
	// Categories are codes.
	Categories []string `bun:",array"`
	People     int
}

// load reads the configuration; with lock, nobody else changes it until the transaction ends.
func load(ctx context.Context, r store.Reader, lock bool) (*state, error) {
	s := &state{provider: &catalog.Provider{}}
	provider := r.NewSelect().Model(s.provider).Limit(1)
	categories := r.NewSelect().Model(&s.categories).Order("code")
	if lock {
		provider, categories = provider.For("UPDATE"), categories.For("UPDATE")
		if _, err := r.NewRaw("SELECT FROM roles FOR UPDATE").Exec(ctx); err != nil {
			return nil, err
		}
	}
	if err := provider.Scan(ctx); err != nil {
		return nil, err
	}
	if err := categories.Scan(ctx); err != nil {
		return nil, err
	}
	err := r.NewRaw(`SELECT r.id, coalesce(r.key, '') AS key, r.name, r.description, r.reach, r.second_factor, r.position, r.version,
			ARRAY(SELECT permission FROM role_permissions WHERE role_id = r.id ORDER BY permission) AS permissions,
			ARRAY(SELECT c.code FROM role_categories rc JOIN categories c ON c.id = rc.category_id WHERE rc.role_id = r.id ORDER BY c.code) AS categories,
			(SELECT count(*) FROM user_roles WHERE role_id = r.id) AS people
		FROM roles r`).Scan(ctx, &s.roles)
	slices.SortFunc(s.roles, func(a, b *role) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), strings.Compare(a.Key, b.Key), strings.Compare(a.Name, b.Name))
	})
	slices.SortFunc(s.categories, func(a, b *catalog.Category) int { return strings.Compare(a.Code, b.Code) })
	for _, one := range s.roles {
		slices.Sort(one.Permissions)
		slices.Sort(one.Categories)
	}
	return s, err
}

// file is the whole of it.
func (s *state) file() *File {
	f := &File{Format: Format, Version: Version, Provider: providerOf(s.provider), Categories: &[]Category{}, Roles: &[]Role{}}
	for _, c := range s.categories {
		*f.Categories = append(*f.Categories, Category{Code: c.Code, Name: c.Name, Position: c.Position})
	}
	for _, r := range s.roles {
		*f.Roles = append(*f.Roles, Role{Key: r.Key, Name: r.Name, Description: r.Description, Reach: r.Reach, SecondFactor: r.SecondFactor,
			Position: r.Position, Permissions: list(r.Permissions), Categories: list(r.Categories)})
	}
	return f
}

// list is never null in the file.
func list(words []string) []string { return append([]string{}, words...) }

func providerOf(p *catalog.Provider) *Provider {
	languages, selectors, prices := list(p.Languages), list(p.DKIMSelectors), []Price{}
	for _, tier := range p.PriceTiers {
		prices = append(prices, Price(tier))
	}
	return &Provider{
		Name: &p.Name, Kind: &p.Kind, Email: &p.Email, Phone: &p.Phone, Street: &p.Street, Zip: &p.Zip, Town: &p.Town,
		ImprintURL: &p.ImprintURL, PrivacyURL: &p.PrivacyURL, TermsURL: &p.TermsURL, WithdrawalURL: &p.WithdrawalURL,
		Languages: &languages, DefaultLanguage: &p.DefaultLanguage, TimeZone: &p.TimeZone,
		SenderName: &p.SenderName, SenderEmail: &p.SenderEmail, ReplyTo: &p.ReplyTo, SignatureDe: &p.SignatureDe, SignatureEn: &p.SignatureEn,
		DKIMSelectors: &selectors, HoldMinutes: &p.HoldMinutes, HoldSharePercent: &p.HoldSharePercent,
		CancellationDays: &p.CancellationDays, VATNote: &p.VATNote, Prices: &prices,
	}
}

// fingerprint tells whether the configuration is what it was.
func (s *state) fingerprint() (string, error) {
	b, err := s.file().bytes()
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), err
}

// Export is the configuration as a file. The same configuration always gives the same bytes.
func Export(ctx context.Context, r store.Reader) ([]byte, error) {
	s, err := load(ctx, r, false)
	if err != nil {
		return nil, err
	}
	return s.file().bytes()
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
