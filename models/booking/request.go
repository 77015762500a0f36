package booking

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"time"

	"kurso/models/audit"
	"kurso/models/catalog"
	"kurso/models/outbox"
	"kurso/models/store"
)

const (
	// verifyLifetime is how long the link that verifies an e-mail works.
	verifyLifetime = 48 * time.Hour
	// An address and a network may hold places of so many unverified bookings. Further ones are accepted,
	// but get their place only when they are verified.
	maxHoldsPerEmail   = 5
	maxHoldsPerNetwork = 20
)

// Reasons why there is no place.
const (
	KeyFull      = "error.booking.full"
	KeyNotEnough = "error.booking.not_enough_places"
)

// IsFull reports whether err says that too few places are free, so that the waiting list can be offered.
func IsFull(err error) bool {
	var rule *store.RuleError
	return errors.As(err, &rule) && (rule.Key == KeyFull || rule.Key == KeyNotEnough)
}

// Request takes an applicant's booking: REQUESTED, with a place held if there is one to hold, and the mail
// that asks to verify the address. A form submitted again is the same booking with the same receipt.
//
// Errors: *store.ValidationError; *store.RuleError when the course is not open, or when it is full and
// in.Waitlist is not set; store.ErrNotFound without the course.
func Request(ctx context.Context, st *store.Store, in Input) (*Receipt, error) {
	return request(ctx, st, in, lockClause)
}

// request takes the lock clause, so that a test can show what happens without it.
func request(ctx context.Context, st *store.Store, in Input, lock string) (*Receipt, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if in.FormNonce == "" {
		in.FormNonce = store.Nonce()
	}
	var receipt *Receipt
	err := st.InTx(asApplicant(ctx), func(ctx context.Context, tx *store.Tx) error {
		c, err := lockCourse(ctx, tx, in.CourseID, lock)
		if err != nil {
			return err
		}
		f, err := loadFacts(ctx, tx, c, &in)
		if err != nil {
			return err
		}
		if f.SameID != nil {
			if !strings.EqualFold(f.SameEmail, in.Email) {
				return formError("error.booking.already_sent")
			}
			receipt = newReceipt(st, in.CourseID, in.FormNonce, *f.SameRequestedAt, f.SameHold)
			return nil
		}
		b, err := decide(tx, c, f, &in)
		if err != nil {
			return err
		}
		if err := insert(ctx, tx, b); err != nil {
			return err
		}
		receipt = newReceipt(st, in.CourseID, in.FormNonce, b.RequestedAt, b.HoldExpiresAt)
		return nil
	})
	return receipt, err
}

// facts are what the rules need beside the course, read after the lock was taken.
type facts struct {
	Taken, Waiting, Unverified int
	HeldByEmail, HeldByNetwork int
	SameID                     *int64
	SameEmail                  string
	SameRequestedAt, SameHold  *time.Time
}

func loadFacts(ctx context.Context, tx *store.Tx, c *lockedCourse, in *Input) (*facts, error) {
	f, now := &facts{}, tx.Now()
	return f, tx.NewRaw(`
		SELECT coalesce(p.taken, 0) AS taken, coalesce(p.waiting, 0) AS waiting, coalesce(p.unverified, 0) AS unverified,
		       (SELECT count(*) FROM bookings WHERE state = 'REQUESTED' AND hold_expires_at > ?
		           AND lower(email) = lower(?)) AS held_by_email,
		       (SELECT count(*) FROM bookings WHERE state = 'REQUESTED' AND hold_expires_at > ?
		           AND network_hash = ? AND network_hash <> '') AS held_by_network,
		       s.id AS same_id, coalesce(s.email, '') AS same_email, s.requested_at AS same_requested_at, s.hold_expires_at AS same_hold
		FROM (SELECT 1) one
		LEFT JOIN course_places(?) p ON p.course_id = ?
		LEFT JOIN bookings s ON s.form_nonce = ?`,
		now, in.Email, now, networkHash(tx.Keys, in), now, c.ID, in.FormNonce).Scan(ctx, f)
}

func networkHash(k store.Keys, in *Input) string {
	if in.Network == "" {
		return ""
	}
	return k.Blind("booking.network", in.Network)
}

// decide makes the booking that the rules allow.
func decide(tx *store.Tx, c *lockedCourse, f *facts, in *Input) (*Booking, error) {
	now := tx.Now()
	places := c.places(f.Taken, f.Waiting, f.Unverified)
	if r := JudgeBookability(c.course(), places, now, c.provider().Zone()).Refused; r != nil {
		return nil, r
	}
	n := len(in.Participants)
	if places.Limited() && n > *places.Max {
		return nil, &store.ValidationError{Fields: []store.FieldError{
			{Field: "participants", Key: "error.participants.too_many", Args: []any{"Max", *places.Max}},
		}}
	}
	fit := places.Fit(n)
	if !fit && !in.Waitlist {
		if open := places.Open(); open > 0 {
			return nil, &store.RuleError{Key: KeyNotEnough, Args: []any{"Free", open}}
		}
		return nil, &store.RuleError{Key: KeyFull}
	}
	b := &Booking{
		ID: c.BookingID, CourseID: c.ID, State: Requested, Places: n, Locale: in.Locale, Origin: "portal",
		FirstName: in.FirstName, LastName: in.LastName, Email: in.Email, Phone: in.Phone,
		Street: in.Street, Zip: in.Zip, Town: in.Town, Country: in.Country, Note: in.Note,
		FormNonce: in.FormNonce, NetworkHash: networkHash(tx.Keys, in),
		RequestedAt: now, UpdatedAt: now, Version: 1,
	}
	if p := in.Payer; p != nil {
		b.PayerSeparate, b.PayerName, b.PayerEmail = true, p.Name, p.Email
		b.PayerStreet, b.PayerZip, b.PayerTown, b.PayerCountry = p.Street, p.Zip, p.Town, p.Country
	}
	if err := price(b, c.Tiers, in); err != nil {
		return nil, err
	}
	if fit && f.HeldByEmail < maxHoldsPerEmail && f.HeldByNetwork < maxHoldsPerNetwork &&
		(!places.Limited() || places.Unverified+n <= places.holdable(c.HoldSharePercent)) {
		hold := now.Add(time.Duration(c.HoldMinutes) * time.Minute)
		b.HoldExpiresAt = &hold
	}
	b.ManageNonce = store.Nonce()
	b.ManageHash = store.HashToken(tx.Token(ManagePurpose, b.ID, b.ManageNonce))
	b.newVerification(tx)
	return b, nil
}

// newVerification makes a new link, which voids the one before.
func (b *Booking) newVerification(tx *store.Tx) {
	b.VerifyNonce = store.Nonce()
	b.VerifyHash = store.HashToken(tx.Token(VerifyPurpose, b.ID, b.VerifyNonce))
	b.VerifyVersion++
	b.VerifySentAt = tx.Now()
	b.VerifyExpiresAt = tx.Now().Add(verifyLifetime)
}

// price sets the participants and what they cost. A bill needs an address.
func price(b *Booking, tiers []tier, in *Input) error {
	v := &store.ValidationError{}
	b.Currency = "EUR"
	for i, p := range in.Participants {
		row := &Participant{BookingID: b.ID, Position: i + 1, FirstName: p.FirstName, LastName: p.LastName, Email: p.Email}
		b.Participants = append(b.Participants, row)
		t, ok := pick(tiers, p.PriceTierID)
		switch {
		case !ok:
			v.Add("participants."+strconv.Itoa(i)+".price_tier", "error.price_tier.unknown")
			continue
		case t == nil:
			continue
		case i > 0 && b.TotalCents > 0 && t.AmountCents > 0 && t.Currency != b.Currency:
			v.Add("participants."+strconv.Itoa(i)+".price_tier", "error.price_tier.currency")
			continue
		}
		if t.AmountCents > 0 || i == 0 {
			b.Currency = t.Currency
		}
		row.PriceTierID, row.PriceName, row.AmountCents = &t.ID, t.Name, t.AmountCents
		b.TotalCents += t.AmountCents
	}
	if b.TotalCents > 0 {
		prefix, street, zip, town := "", b.Street, b.Zip, b.Town
		if b.PayerSeparate {
			prefix, street, zip, town = "payer.", b.PayerStreet, b.PayerZip, b.PayerTown
		}
		for _, f := range []struct{ name, value string }{{"street", street}, {"zip", zip}, {"town", town}} {
			if f.value == "" {
				v.Add(prefix+f.name, "error."+f.name+".required")
			}
		}
	}
	if in.SeenTotalCents != nil && len(v.Fields) == 0 && *in.SeenTotalCents != b.TotalCents {
		v.Add("", "error.booking.price_changed")
	}
	return v.OrNil()
}

// pick finds the tier, or the first for id 0. A course without any costs nothing: nil.
func pick(tiers []tier, id int64) (*tier, bool) {
	if len(tiers) == 0 {
		return nil, id == 0
	}
	if id == 0 {
		return &tiers[0], true
	}
	for i := range tiers {
		if tiers[i].ID == id {
			return &tiers[i], true
		}
	}
	return nil, false
}

func insert(ctx context.Context, tx *store.Tx, b *Booking) error {
	if _, err := tx.NewInsert().Model(b).Exec(ctx); err != nil {
		if store.IsUnique(err, "bookings_form_nonce_key") {
			return store.ErrConflict // the nonce of another course's form
		}
		return err
	}
	if _, err := tx.NewInsert().Model(&b.Participants).Exec(ctx); err != nil {
		return err
	}
	if err := outbox.Add(ctx, tx, b.mail(outbox.BookingVerify, b.VerifyVersion)); err != nil {
		return err
	}
	return audit.Write(ctx, tx, Subject, b.ID, "booking.requested", audit.Change{Field: "state", New: b.State})
}

// lockClause serialises all who take places of a course.
const lockClause = "FOR NO KEY UPDATE OF c"

// lockedCourse is a course whose row this transaction holds, with the provider's rules and what it costs.
type lockedCourse struct {
	// BookingID is drawn from the sequence for the booking to come: its tokens are derived from it.
	BookingID            int64
	ID                   int64
	State                string
	MaxPlaces            *int
	PlacesTakenElsewhere int
	BookingOpensAt       *time.Time
	BookingClosesAt      *time.Time
	StartDate            *time.Time
	FirstSession         *time.Time
	Tiers                []tier `bun:"type:json"`
	TimeZone             string
	HoldMinutes          int
	HoldSharePercent     int
}

// tier is a price that is offered.
type tier struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	AmountCents int64  `json:"amount_cents"`
	Currency    string `json:"currency"`
}

// lockCourse waits for the course's row and moves the transaction's clock to the present. Statements that
// follow see what was committed until then.
func lockCourse(ctx context.Context, tx *store.Tx, id int64, lock string) (*lockedCourse, error) {
	c := &lockedCourse{}
	err := tx.NewRaw(`
		SELECT nextval(pg_get_serial_sequence('bookings', 'id')) AS booking_id,
		       c.id, c.state, c.max_places, c.places_taken_elsewhere, c.booking_opens_at, c.booking_closes_at, c.start_date,
		       (SELECT min(starts_at) FROM course_sessions WHERE course_id = c.id) AS first_session,
		       (SELECT json_agg(json_build_object('id', id, 'name', name, 'amount_cents', amount_cents, 'currency', currency)
		               ORDER BY position, id) FROM price_tiers WHERE course_id = c.id AND NOT archived) AS tiers,
		       p.time_zone, p.hold_minutes, p.hold_share_percent
		FROM courses c CROSS JOIN provider p WHERE c.id = ? `+lock, id).Scan(ctx, c)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	tx.Refresh()
	return c, err
}

func (c *lockedCourse) places(taken, waiting, unverified int) Places {
	return Places{Max: c.MaxPlaces, Elsewhere: c.PlacesTakenElsewhere, Taken: taken, Waiting: waiting, Unverified: unverified}
}

func (c *lockedCourse) provider() *catalog.Provider { return &catalog.Provider{TimeZone: c.TimeZone} }

// course is what the pure rules need.
func (c *lockedCourse) course() *catalog.Course {
	out := &catalog.Course{State: c.State, BookingOpensAt: c.BookingOpensAt, BookingClosesAt: c.BookingClosesAt, StartDate: c.StartDate}
	if c.FirstSession != nil {
		out.Sessions = []*catalog.Session{{StartsAt: *c.FirstSession}}
	}
	return out
}
