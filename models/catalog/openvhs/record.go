package openvhs

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Record is one course of a file, with typed and cleaned values. What the file does not tell, or not legibly, is
// nil, zero or empty. Names are plain text on one line; only Text.HTML is HTML, and safe to show.
type Record struct {
	Index     int    // position in the file, from 1
	GUID      string // unique among the records that are not Rejected
	Number    string // not unique
	Name      string
	Subtitles []string
	Kind      string // "Kurs", "Bildungsurlaub" (Berlin only)
	District  string // Berlin only

	Category           Category
	Level              string
	Attributes         []Attribute // all of them, also those behind the next three
	Delivery           Delivery
	FreeOfCharge       bool
	AccessibleLearning bool
	Weekdays           []time.Weekday
	TargetGroups       []string
	Keywords           []string
	Certificates       []Certificate
	Texts              []Text

	MinPlaces     *int
	MaxPlaces     *int
	TakenPlaces   *int // nil also for the -1 that means unknown
	SessionCount  *int // as declared; Sessions may hold fewer
	TeachingUnits *int // in hundredths
	Begin         Date // taken from the first session if the file gives none
	End           Date
	Sessions      []Session // by date and time
	Location      *Location

	Price         *Price // nil is unknown, not free
	Instructors   []Person
	ContactPerson *Person
	Registration  *Contact
	WebAddresses  []WebAddress

	Problems []Problem
}

// Rejected tells that the record has an error and must not be imported.
func (r *Record) Rejected() bool {
	return slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.Severity == Error })
}

// Date is a day in the provider's time zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

func (d Date) IsZero() bool { return d == Date{} }

func (d Date) Before(other Date) bool { return d.At(0, time.UTC).Before(other.At(0, time.UTC)) }

func (d Date) Weekday() time.Weekday { return d.At(0, time.UTC).Weekday() }

// At returns the moment when a clock in that place shows this day and time.
func (d Date) At(c Clock, loc *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, int(c), 0, 0, loc)
}

// String returns the ISO form, and nothing for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// Clock is a time on the wall: minutes after midnight, up to 24:00.
type Clock int

func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", c/60, c%60) }

func (c Clock) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Session is one meeting. Without a Start only its day is known; an End comes after its Start.
type Session struct {
	Date     Date
	Start    *Clock
	End      *Clock
	Location *Location // nil: that of the course
}

// Location is a room or a house.
type Location struct {
	Name        string
	Room        string
	Street      string
	Zip         string
	Town        string
	Quarter     string
	Country     string
	Accessible  *bool
	Coordinates *Coordinates
}

type Coordinates struct{ Latitude, Longitude float64 }

// Price is in cents (euro).
type Price struct {
	Cents            int
	ReducedCents     *int
	DiscountPossible *bool
	Notes            []string // such as material to be paid for
}

type Attribute struct{ Name, Value string }

type Certificate struct{ Name, Text string }

// Text is a description. Property says which, as the file names it: "text", "Beschreibung", "Zusatzinformation".
type Text struct{ Property, HTML string }

// WebAddress has type website, website_mobile, attachment, picture or video, and an http or https URL.
type WebAddress struct{ Type, Name, URL string }

// Person has at least one of the names. A name that the file gives in one piece is the LastName.
type Person struct {
	Salutation, Title, FirstName, LastName string
	Phone, Mail                            string
}

type Contact struct{ Phone, Mail, Link string }

// Delivery says where a course takes place, in the words of package catalog.
type Delivery string

const (
	OnSite    Delivery = "on_site"
	Online    Delivery = "online"
	Blended   Delivery = "blended"
	SelfPaced Delivery = "self_paced"
)

// Category is a code of the DVV's classification, such as 4.06, and the version of that classification.
type Category struct{ Code, Version string }

// Top returns the code of the programme area, such as "4".
func (c Category) Top() string {
	top, _, _ := strings.Cut(c.Code, ".")
	return top
}

// CategoryName returns the DVV's name of a programme area, and nothing for codes that it does not define.
func CategoryName(top string) string { return categoryNames[top] }

var categoryNames = map[string]string{
	"1": "Politik, Gesellschaft, Umwelt",
	"2": "Kultur, Gestalten",
	"3": "Gesundheit",
	"4": "Sprachen",
	"5": "Arbeit, Beruf, IT",
	"6": "Grundbildung, Schulabschlüsse",
}
