package catalog

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/store"
)

// Provider is the education provider itself: one row, with the rules that hold for all courses.
type Provider struct {
	bun.BaseModel `bun:"table:provider,alias:prov"`
	ID            bool `bun:",pk"`
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
	// TimeZone is an IANA name; days and times of day are meant in it.
	TimeZone string
	// VATNote says what the prices contain, such as "umsatzsteuerfrei nach § 4 Nr. 22 UStG".
	VATNote string
	// HoldMinutes is how long an unverified booking holds its place.
	HoldMinutes int
	// HoldSharePercent limits the free places of one course that unverified bookings may hold together.
	HoldSharePercent int
	// CancellationDays before the start, applicants can no longer cancel by themselves.
	CancellationDays int
	Version          int
	UpdatedAt        time.Time
}

// Zone is the provider's time zone; UTC if the name is unknown to this machine.
func (p *Provider) Zone() *time.Location {
	zone, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// LoadProvider reads the provider.
func LoadProvider(ctx context.Context, r store.Reader) (*Provider, error) {
	p := &Provider{}
	return p, r.NewSelect().Model(p).Limit(1).Scan(ctx)
}
