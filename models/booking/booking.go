// Package booking is the life of a booking: requested, verified, confirmed or waiting, cancelled; and the
// rules that decide it.
package booking

import (
	"time"

	"github.com/uptrace/bun"

	"kurso/models/catalog"
)

// States of a booking.
const (
	// Requested: not verified yet; holds its place until HoldExpiresAt, or none when that is nil.
	Requested = "REQUESTED"
	// Pending: verified, waits for approval by staff.
	Pending = "PENDING"
	// Confirmed: has its place.
	Confirmed = "CONFIRMED"
	// Waitlisted: waits for a place.
	Waitlisted = "WAITLISTED"
	// Offered: a place is offered and held.
	Offered = "OFFERED"
	// Cancelled by the applicant or by staff.
	Cancelled = "CANCELLED"
	// Rejected by staff.
	Rejected = "REJECTED"
	// Expired: never verified in time.
	Expired = "EXPIRED"
)

// States lists them in the order in which they are shown.
var States = []string{Requested, Pending, Confirmed, Waitlisted, Offered, Cancelled, Rejected, Expired}

// Purposes of the derived tokens in a booking's mails.
const (
	VerifyPurpose = "booking.verify"
	ManagePurpose = "booking.manage"
)

// Booking is a row of bookings. Names and addresses are its own copy: they stay as they were when a
// person's record changes.
type Booking struct {
	bun.BaseModel `bun:"table:bookings,alias:b"`
	ID            int64 `bun:",pk,autoincrement"`
	CourseID      int64
	State         string
	Places        int
	TotalCents    int64
	Currency      string
	Locale        string
	// Origin is "portal" or "staff".
	Origin string

	FirstName string
	LastName  string
	Email     string
	Phone     string
	Street    string
	Zip       string
	Town      string
	Country   string
	Note      string
	PersonID  *int64

	PayerSeparate bool
	PayerName     string
	PayerEmail    string
	PayerStreet   string
	PayerZip      string
	PayerTown     string
	PayerCountry  string

	FormNonce   string
	NetworkHash string

	VerifyNonce     string
	VerifyHash      []byte
	VerifyExpiresAt time.Time
	// VerifyVersion rises with each letter that asks for verification; a new one voids the old link.
	VerifyVersion int
	VerifySentAt  time.Time
	ManageNonce   string
	ManageHash    []byte

	HoldExpiresAt *time.Time
	RequestedAt   time.Time
	ConfirmedAt   *time.Time
	WaitlistedAt  *time.Time
	ClosedAt      *time.Time
	Version       int
	UpdatedAt     time.Time

	Course       *catalog.Course `bun:"rel:belongs-to,join:course_id=id"`
	Participants []*Participant  `bun:"rel:has-many,join:id=booking_id"`
}

// Participant takes one place of a booking, at the price that was valid when it was booked.
type Participant struct {
	bun.BaseModel `bun:"table:participants,alias:par"`
	ID            int64 `bun:",pk,autoincrement"`
	BookingID     int64
	Position      int
	FirstName     string
	LastName      string
	Email         string
	PriceTierID   *int64
	PriceName     string
	AmountCents   int64
}
