package booking

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"kurso/models/store"
)

// Terms are what a booking is about: the course and the provider as they were at a moment. Prices are the
// participants' own.
type Terms struct {
	At       time.Time `json:"at"`
	Number   string    `json:"number"`
	Name     string    `json:"name"`
	Delivery string    `json:"delivery"`
	// StartDate and EndDate are "2027-02-03", or empty.
	StartDate string        `json:"start_date"`
	EndDate   string        `json:"end_date"`
	Location  Address       `json:"location"`
	Sessions  []SessionTime `json:"sessions"`
	Provider  Address       `json:"provider"`
}

// Address is of a location or of the provider; all of it may be empty.
type Address struct {
	Name    string `json:"name"`
	Street  string `json:"street"`
	Zip     string `json:"zip"`
	Town    string `json:"town"`
	Country string `json:"country"`
}

// SessionTime is one session. Without times, AllDay spans the day.
type SessionTime struct {
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at"`
	AllDay   bool      `json:"all_day"`
	Room     string    `json:"room"`
}

// Agreement is what was agreed, beside how the same is now.
type Agreement struct {
	// Then is nil as long as nothing is agreed, and for bookings from before terms were kept.
	Then   *Terms
	Now    Terms
	Prices []PriceChange
}

// Agreed are the terms that hold for the booking: those agreed, or as long as there are none, today's.
func (a *Agreement) Agreed() Terms {
	if a.Then != nil {
		return *a.Then
	}
	return a.Now
}

// Gone are the sessions agreed that do not take place any more, and New those that take their place.
func (a *Agreement) Gone() []SessionTime { return missing(a.Agreed().Sessions, a.Now.Sessions) }

// New are the sessions that nobody had told the booker of.
func (a *Agreement) New() []SessionTime { return missing(a.Now.Sessions, a.Agreed().Sessions) }

func missing(from, in []SessionTime) []SessionTime {
	var out []SessionTime
	for _, s := range from {
		if !slices.ContainsFunc(in, func(o SessionTime) bool {
			return o.StartsAt.Equal(s.StartsAt) && o.EndsAt.Equal(s.EndsAt) && o.AllDay == s.AllDay && o.Room == s.Room
		}) {
			out = append(out, s)
		}
	}
	return out
}

// PriceChange is a price of the booking that costs something else now.
type PriceChange struct {
	Name string
	Then int64 `bun:"agreed"`
	// Now is nil when the price is no longer offered.
	Now *int64 `bun:"today"`
}

// agree keeps the terms of this moment, which the letter that follows tells the booker.
func agree(ctx context.Context, tx *store.Tx, b *Booking) error {
	_, err := tx.NewRaw("UPDATE bookings SET terms = booking_terms(course_id, ?) WHERE id = ?", tx.Now(), b.ID).Exec(ctx)
	return err
}

// LoadAgreement reads what was agreed with a booking, and how that is now. store.ErrNotFound.
func LoadAgreement(ctx context.Context, r store.Reader, id int64, now time.Time) (*Agreement, error) {
	var row struct {
		Agreed *Terms `bun:"type:jsonb"`
		Today  Terms  `bun:"type:jsonb"`
	}
	err := r.NewRaw(`SELECT terms AS agreed, booking_terms(course_id, ?) AS today FROM bookings WHERE id = ?`, now, id).Scan(ctx, &row)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	a := &Agreement{Then: row.Agreed, Now: row.Today}
	return a, r.NewRaw(`
		SELECT DISTINCT par.price_name AS name, par.amount_cents AS agreed,
		       CASE WHEN NOT pt.archived THEN pt.amount_cents END AS today
		FROM participants par JOIN price_tiers pt ON pt.id = par.price_tier_id
		WHERE par.booking_id = ? AND (pt.archived OR pt.amount_cents <> par.amount_cents)
		ORDER BY name, agreed`, id).Scan(ctx, &a.Prices)
}
