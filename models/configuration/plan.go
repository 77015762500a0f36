package configuration

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/catalog"
	"kurso/models/store"
)

// What happens to something.
const (
	Changed = "changed"
	Added   = "added"
	Removed = "removed"
	// Kept is what is not in the file, but in use.
	Kept = "kept"
)

// Change is what a file changes about one thing.
type Change struct {
	// Subject is catalog.SubjectProvider, catalog.SubjectCategory or accounts.SubjectRole.
	Subject string
	// Key is a ready role's, Name what the thing is called.
	Key, Name string
	// What is Changed, Added, Removed or Kept.
	What string
	// Fields are what changes of it, as audit entries say it.
	Fields []audit.Change
}

// Plan is what a file changes.
type Plan struct {
	Changes []Change
	// Base stands for the configuration that the plan was made for.
	Base string

	writes []func(ctx context.Context, tx *store.Tx) error
}

// Empty reports whether nothing changes.
func (p *Plan) Empty() bool {
	return !slices.ContainsFunc(p.Changes, func(c Change) bool { return c.What != Kept })
}

// Preview says what a file would change, field by field, and changes nothing. It returns a
// *store.ValidationError that names the fields that cannot be taken over, or a *store.RuleError for what
// ctx's actor may not change.
func Preview(ctx context.Context, r store.Reader, f *File) (*Plan, error) {
	s, err := load(ctx, r, false)
	if err != nil {
		return nil, err
	}
	return s.plan(ctx, r, f)
}

// Import takes a file over, all of it or nothing. base is that of the plan that was looked at: if the
// configuration is another by now, it returns store.ErrConflict. Else it returns what Preview does.
func Import(ctx context.Context, st *store.Store, f *File, base string) (*Plan, error) {
	var p *Plan
	err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		s, err := load(ctx, tx, true)
		if err != nil {
			return err
		}
		tx.Refresh()
		if p, err = s.plan(ctx, tx, f); err != nil {
			return err
		}
		if p.Base != base {
			return store.ErrConflict
		}
		for _, write := range p.writes {
			if err := write(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	for constraint, field := range map[string]string{"roles_name": "roles", "categories_code_key": "categories"} {
		if store.IsUnique(err, constraint) {
			v := &store.ValidationError{}
			v.Add(field, "invalid.taken")
			return nil, v
		}
	}
	return p, err
}

// planner collects what changes and what is wrong.
type planner struct {
	*state
	Plan
	store.ValidationError
	file *File
	// codes are the categories that there will be, by code.
	codes map[string]bool
	// staying are roles that the file does not mention and that stay.
	staying []*role
}

func (s *state) plan(ctx context.Context, r store.Reader, f *File) (*Plan, error) {
	p := &planner{state: s, file: f, codes: map[string]bool{}}
	var err error
	if p.Base, err = s.fingerprint(); err != nil {
		return nil, err
	}
	if f.Provider != nil {
		if err := p.planProvider(ctx, r, f.Provider); err != nil {
			return nil, err
		}
	}
	p.sortRoles()
	if err := p.planCategories(ctx, r); err != nil {
		return nil, err
	}
	p.planRoles()
	if err := p.OrNil(); err != nil {
		return nil, err
	}
	return &p.Plan, p.allowed(ctx)
}

// allowed refuses what the actor may not change. Whoever could import roles could give themselves every
// right: so it takes all of them.
func (p *planner) allowed(ctx context.Context) error {
	g := accounts.GrantsOf(ctx)
	for _, c := range p.Changes {
		switch {
		case c.What == Kept:
		case c.Subject == catalog.SubjectCategory && !g.May(accounts.CatalogueWrite):
			return &store.RuleError{Key: "config.categories_forbidden"}
		case c.Subject == accounts.SubjectRole && slices.ContainsFunc(accounts.Permissions, func(p accounts.Permission) bool { return !g.Reach(p).All }):
			return &store.RuleError{Key: "config.roles_forbidden"}
		}
	}
	return nil
}

// wrong takes complaints over, with the way to the field in the file before its name.
func (p *planner) wrong(err error, at string) error {
	var v *store.ValidationError
	if !errors.As(err, &v) {
		return err
	}
	for _, f := range v.Fields {
		p.Add(at+f.Field, f.Key, f.Args...)
	}
	return nil
}

func (p *planner) planProvider(ctx context.Context, r store.Reader, in *Provider) error {
	s := in.over(catalog.SettingsOf(p.provider))
	after := *p.provider
	changes, err := s.Apply(ctx, r, &after)
	if err := p.wrong(err, "provider."); err != nil || len(changes) == 0 {
		return err
	}
	p.Changes = append(p.Changes, Change{Subject: catalog.SubjectProvider, Name: after.Name, What: Changed, Fields: changes})
	p.writes = append(p.writes, func(ctx context.Context, tx *store.Tx) error {
		return catalog.WriteProvider(ctx, tx, &after, "provider.imported", changes)
	})
	return nil
}

// over are settings with what the file says in the place of what was.
func (in *Provider) over(s catalog.Settings) catalog.Settings {
	text := func(dst *string, v *string) {
		if v != nil {
			*dst = *v
		}
	}
	number := func(dst *string, v *int) {
		if v != nil {
			*dst = strconv.Itoa(*v)
		}
	}
	text(&s.Profile.Name, in.Name)
	text(&s.Profile.Kind, in.Kind)
	text(&s.Profile.Email, in.Email)
	text(&s.Profile.Phone, in.Phone)
	text(&s.Profile.Street, in.Street)
	text(&s.Profile.Zip, in.Zip)
	text(&s.Profile.Town, in.Town)
	text(&s.Legal.ImprintURL, in.ImprintURL)
	text(&s.Legal.PrivacyURL, in.PrivacyURL)
	text(&s.Legal.TermsURL, in.TermsURL)
	text(&s.Legal.WithdrawalURL, in.WithdrawalURL)
	if in.Languages != nil {
		s.Languages.Languages = *in.Languages
	}
	text(&s.Languages.DefaultLanguage, in.DefaultLanguage)
	text(&s.Languages.TimeZone, in.TimeZone)
	text(&s.Mail.SenderName, in.SenderName)
	text(&s.Mail.SenderEmail, in.SenderEmail)
	text(&s.Mail.ReplyTo, in.ReplyTo)
	text(&s.Mail.SignatureDe, in.SignatureDe)
	text(&s.Mail.SignatureEn, in.SignatureEn)
	if in.DKIMSelectors != nil {
		s.Mail.DKIMSelectors = strings.Join(*in.DKIMSelectors, ", ")
	}
	number(&s.Booking.HoldMinutes, in.HoldMinutes)
	number(&s.Booking.HoldSharePercent, in.HoldSharePercent)
	number(&s.Booking.CancellationDays, in.CancellationDays)
	text(&s.Booking.VATNote, in.VATNote)
	if in.Prices != nil {
		s.Prices.Prices = nil
		for _, tier := range *in.Prices {
			s.Prices.Prices = append(s.Prices.Prices, catalog.DefaultPrice(tier).Input())
		}
	}
	return s
}

// oneLine reports whether a text of at most limit characters has nothing in it that no field takes.
func oneLine(s string, limit int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= limit && s == strings.TrimSpace(s) &&
		!strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) })
}
