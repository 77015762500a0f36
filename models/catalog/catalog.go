// Package catalog is what a provider offers: course types, courses, sessions, places, rooms, instructors
// and prices; and the import that fills it.
package catalog

import (
	"time"

	"github.com/uptrace/bun"
)

// States of a course, in lower case as KURSO's interface has them.
const (
	Draft     = "draft"
	Planned   = "planned"
	Published = "published"
	Running   = "running"
	Finished  = "finished"
	CalledOff = "called_off"
)

// States lists them in the order of a course's life.
var States = []string{Draft, Planned, Published, Running, Finished, CalledOff}

// Ways a course is delivered.
const (
	OnSite    = "on_site"
	Online    = "online"
	Blended   = "blended"
	SelfPaced = "self_paced"
)

// Deliveries lists them.
var Deliveries = []string{OnSite, Online, Blended, SelfPaced}

// Category is a subject area (Fachbereich), such as 4 Sprachen.
type Category struct {
	bun.BaseModel `bun:"table:categories,alias:cat"`
	ID            int64 `bun:",pk,autoincrement"`
	Code          string
	Name          string
	Position      int
	Version       int
}

// Location is an address where courses take place.
type Location struct {
	bun.BaseModel `bun:"table:locations,alias:loc"`
	ID            int64 `bun:",pk,autoincrement"`
	Name          string
	Street        string
	Zip           string
	Town          string
	District      string
	Country       string
	// Accessible is nil when nobody has said.
	Accessible *bool
	Latitude   *float64
	Longitude  *float64
	ImportKey  *string
	Version    int
	CreatedAt  time.Time
	UpdatedAt  time.Time

	Rooms []*Room `bun:"rel:has-many,join:id=location_id"`
}

// Room is a room of a location.
type Room struct {
	bun.BaseModel `bun:"table:rooms,alias:room"`
	ID            int64 `bun:",pk,autoincrement"`
	LocationID    int64
	Name          string
	Capacity      *int

	Location *Location `bun:"rel:belongs-to,join:location_id=id"`
}

// Instructor teaches (Kursleitung). Only published ones are named in public.
type Instructor struct {
	bun.BaseModel `bun:"table:instructors,alias:ins"`
	ID            int64 `bun:",pk,autoincrement"`
	Title         string
	FirstName     string
	LastName      string
	Email         string
	// UserID is the account of an instructor who has one.
	UserID    *int64
	Published bool
	ImportKey *string
	Version   int
	CreatedAt time.Time
	UpdatedAt time.Time
}

// CourseType is what a provider offers again and again (Kursart); its courses are the bookable runs.
type CourseType struct {
	bun.BaseModel `bun:"table:course_types,alias:ct"`
	ID            int64 `bun:",pk,autoincrement"`
	Name          string
	CategoryID    *int64
	// Description is sanitised HTML.
	Description string
	ImportKey   *string
	Version     int
	CreatedAt   time.Time
	UpdatedAt   time.Time

	Category *Category `bun:"rel:belongs-to,join:category_id=id"`
}

// Course is one bookable run of a course type (Kurs).
type Course struct {
	bun.BaseModel `bun:"table:courses,alias:c"`
	ID            int64 `bun:",pk,autoincrement"`
	CourseTypeID  int64
	Number        string
	Name          string
	Subtitle      string
	// Description is sanitised HTML.
	Description  string
	Level        string
	TargetGroups []string `bun:",array"`
	Keywords     []string `bun:",array"`
	Certificate  string
	State        string
	Delivery     string
	// StartDate and EndDate are days in the provider's time zone, at midnight UTC.
	StartDate  *time.Time
	EndDate    *time.Time
	LocationID *int64
	MinPlaces  *int
	// MaxPlaces is nil when there is no limit.
	MaxPlaces *int
	// PlacesTakenElsewhere counts places booked in the system of origin; -1 means unknown.
	PlacesTakenElsewhere int
	// TeachingUnits are hundredths of a unit of 45 minutes.
	TeachingUnits   *int
	BookingOpensAt  *time.Time
	BookingClosesAt *time.Time
	WebsiteURL      string
	ImageURL        string
	Version         int
	CreatedAt       time.Time
	UpdatedAt       time.Time

	CourseType  *CourseType         `bun:"rel:belongs-to,join:course_type_id=id"`
	Location    *Location           `bun:"rel:belongs-to,join:location_id=id"`
	Sessions    []*Session          `bun:"rel:has-many,join:id=course_id"`
	PriceTiers  []*PriceTier        `bun:"rel:has-many,join:id=course_id"`
	Instructors []*CourseInstructor `bun:"rel:has-many,join:id=course_id"`
}

// CourseInstructor says who teaches which course.
type CourseInstructor struct {
	bun.BaseModel `bun:"table:course_instructors,alias:ci"`
	CourseID      int64       `bun:",pk"`
	InstructorID  int64       `bun:",pk"`
	Instructor    *Instructor `bun:"rel:belongs-to,join:instructor_id=id"`
}

// CourseStaff names the user responsible for a course, who gets its mails.
type CourseStaff struct {
	bun.BaseModel `bun:"table:course_staff,alias:cs"`
	CourseID      int64 `bun:",pk"`
	UserID        int64 `bun:",pk"`
}

// Session is one date of a course (Termin). An all-day one has no known times.
type Session struct {
	bun.BaseModel `bun:"table:course_sessions,alias:ses"`
	ID            int64 `bun:",pk,autoincrement"`
	CourseID      int64
	StartsAt      time.Time
	EndsAt        time.Time
	AllDay        bool
	RoomID        *int64
	Note          string

	Room *Room `bun:"rel:belongs-to,join:room_id=id"`
}

// PriceTier is what one place costs (Preisstufe), in cents of its currency.
type PriceTier struct {
	bun.BaseModel `bun:"table:price_tiers,alias:pt"`
	ID            int64 `bun:",pk,autoincrement"`
	CourseID      int64
	Name          string
	AmountCents   int64
	Currency      string
	Note          string
	Position      int
	Archived      bool
}
