package catalog

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/store"
)

// Kinds of provider; "" is one that has not said.
const (
	AdultEducation = "adult_education"
	Academy        = "academy"
	Club           = "club"
	Company        = "company"
	Church         = "church"
	MusicSchool    = "music_school"
)

// Kinds lists them in the order they are offered.
var Kinds = []string{AdultEducation, Academy, Club, Company, Church, MusicSchool}

// Languages are those that public pages can be offered in.
var Languages = []string{"de", "en"}

// Who gets the answers to mails that applicants get.
const (
	// ReplyToResponsible: the first of those responsible for the course, or the provider when there is nobody.
	ReplyToResponsible = "responsible"
	ReplyToProvider    = "provider"
)

// What a new database calls its provider. Whoever still has this has not said who they are.
const (
	UnnamedProvider = "Kurso"
	UnnamedEmail    = "office@localhost.example"
)

// Provider is the education provider itself: one row, with the rules that hold for all courses.
type Provider struct {
	bun.BaseModel `bun:"table:provider,alias:prov"`
	ID            bool `bun:",pk"`
	// Kind is one of Kinds or empty.
	Kind          string
	Name          string
	Email         string
	Phone         string
	Street        string
	Zip           string
	Town          string
	ImprintURL    string
	PrivacyURL    string
	TermsURL      string
	WithdrawalURL string
	// Languages are those that public pages are offered in, one of them DefaultLanguage.
	Languages       []string `bun:",array"`
	DefaultLanguage string
	// TimeZone is an IANA name; days and times of day are meant in it.
	TimeZone string
	// SenderName and SenderEmail are who mails come from; empty: Name and Email.
	SenderName  string
	SenderEmail string
	// ReplyTo is ReplyToResponsible or ReplyToProvider.
	ReplyTo string
	// SignatureDe and SignatureEn are lines at the end of what a mail says.
	SignatureDe string
	SignatureEn string
	// DKIMSelectors name the keys that the domain's mails are signed with.
	DKIMSelectors []string `bun:",array"`
	// VATNote says what the prices contain, such as "umsatzsteuerfrei nach § 4 Nr. 22 UStG".
	VATNote string
	// HoldMinutes is how long an unverified booking holds its place.
	HoldMinutes int
	// HoldSharePercent limits the free places of one course that unverified bookings may hold together.
	HoldSharePercent int
	// CancellationDays before the start, applicants can no longer cancel by themselves.
	CancellationDays int
	// PriceTiers are what the form of a new course begins with.
	PriceTiers []DefaultPrice `bun:"type:jsonb,nullzero:false"`
	Version    int
	UpdatedAt  time.Time
}

// DefaultPrice is a price tier that the form of a new course begins with.
type DefaultPrice struct {
	Name string `json:"name"`
	// AmountCents is nil when it differs from course to course.
	AmountCents *int64 `json:"amount_cents"`
	Note        string `json:"note"`
}

// Zone is the provider's time zone; UTC if the name is unknown to this machine.
func (p *Provider) Zone() *time.Location {
	zone, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// Offers reports whether public pages are offered in a language.
func (p *Provider) Offers(lang string) bool { return slices.Contains(p.Languages, lang) }

// Sender is who mails come from.
func (p *Provider) Sender() (name, email string) {
	if name = p.SenderName; name == "" {
		name = p.Name
	}
	if email = p.SenderEmail; email == "" {
		email = p.Email
	}
	return name, email
}

// Signature is what stands at the end of what a mail in a language says.
func (p *Provider) Signature(lang string) string {
	if lang == "en" {
		return p.SignatureEn
	}
	return p.SignatureDe
}

// LoadProvider reads the provider.
func LoadProvider(ctx context.Context, r store.Reader) (*Provider, error) {
	p := &Provider{}
	return p, r.NewSelect().Model(p).Limit(1).Scan(ctx)
}
