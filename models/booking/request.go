package booking

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"kurso/models/audit"
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
		f := &facts{}
		c, err := lockCourse(ctx, tx, in.CourseID, lock, func(b *store.Batch) { f.read(b, tx, &in) })
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

// facts are what a new booking needs beside the course.
type facts struct {
	// BookingID is drawn from the sequence, because the booking's tokens are derived from it.
	BookingID     int64
	Tiers         []tier
	HeldByEmail   int
	HeldByNetwork int
	// Same… is the booking that this form has already made.
	SameID          *int64
	SameEmail       string
	SameRequestedAt *time.Time
	SameHold        *time.Time
}

// tier is a price that is offered.
type tier struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	AmountCents int64  `json:"amount_cents"`
	Currency    string `json:"currency"`
}

func (f *facts) read(b *store.Batch, tx *store.Tx, in *Input) {
	store.ReadOne(b, f, `
		SELECT nextval(pg_get_serial_sequence('bookings', 'id')) AS booking_id,
		       (SELECT json_agg(json_build_object('id', id, 'name', name, 'amount_cents', amount_cents, 'currency', currency)
		           ORDER BY position, id) FROM price_tiers WHERE course_id = $1 AND NOT archived) AS tiers,
		       (SELECT count(*) FROM bookings WHERE state = 'REQUESTED' AND hold_expires_at > $2
		           AND lower(email) = lower($3)) AS held_by_email,
		       (SELECT count(*) FROM bookings WHERE state = 'REQUESTED' AND hold_expires_at > $2
		           AND network_hash = $4 AND network_hash <> '') AS held_by_network,
		       s.id AS same_id, coalesce(s.email, '') AS same_email, s.requested_at AS same_requested_at, s.hold_expires_at AS same_hold
		FROM (SELECT 1) one LEFT JOIN bookings s ON s.form_nonce = $5 AND s.course_id = $1`,
		in.CourseID, tx.Now(), in.Email, networkHash(tx.Keys, in), in.FormNonce)
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
	places := c.Places
	if r := JudgeBookability(c.course(), places, now, c.zone()).Refused; r != nil {
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
	b := in.booking()
	b.ID, b.State, b.NetworkHash = f.BookingID, Requested, networkHash(tx.Keys, in)
	b.RequestedAt, b.UpdatedAt, b.Version = now, now, 1
	if err := price(b, f.Tiers, in); err != nil {
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

// booking is what the form itself says about a booking; price adds the participants.
func (in *Input) booking() *Booking {
	b := &Booking{
		CourseID: in.CourseID, Places: len(in.Participants), Locale: in.Locale, Origin: "portal", FormNonce: in.FormNonce,
		FirstName: in.FirstName, LastName: in.LastName, Email: in.Email, Phone: in.Phone,
		Street: in.Street, Zip: in.Zip, Town: in.Town, Country: in.Country, Note: in.Note,
	}
	if p := in.Payer; p != nil {
		b.PayerSeparate, b.PayerName, b.PayerEmail = true, p.Name, p.Email
		b.PayerStreet, b.PayerZip, b.PayerTown, b.PayerCountry = p.Street, p.Zip, p.Town, p.Country
	}
	return b
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
	mail := outbox.New(tx, b.mail(outbox.BookingVerify, b.VerifyVersion))
	rows := []any{b}
	for _, p := range b.Participants {
		rows = append(rows, p)
	}
	rows = append(rows, mail, audit.New(ctx, tx, Subject, b.ID, "booking.requested", audit.Change{Field: "state", New: b.State}))
	err := tx.Insert(ctx, rows...)
	if store.IsUnique(err, "bookings_form_nonce_key") {
		return store.ErrConflict // the nonce of another course's form
	}
	if err != nil {
		return err
	}
	return tx.Enqueue(ctx, outbox.SendMail{MailID: mail.ID}, nil)
}
