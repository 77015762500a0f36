// Package people is the persons a provider knows: those who booked with a verified e-mail.
package people

import (
	"time"

	"github.com/uptrace/bun"
)

// Person is somebody known. Bookings keep copies of their own.
type Person struct {
	bun.BaseModel `bun:"table:persons,alias:per"`
	ID            int64 `bun:",pk,autoincrement"`
	FirstName     string
	LastName      string
	Email         string
	Phone         string
	Street        string
	Zip           string
	Town          string
	Country       string
	CreatedAt     time.Time
	UpdatedAt     time.Time
}
