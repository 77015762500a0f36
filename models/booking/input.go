package booking

import (
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"kurso/models/store"
)

// MaxParticipants is how many people one form books for.
const MaxParticipants = 10

// Input is what an applicant's form says.
type Input struct {
	CourseID int64
	// FormNonce makes all submits of one form one booking; empty: a booking of its own.
	FormNonce string
	Locale    string
	// Network is throttle.Network of the client's address; it is only kept as a keyed hash.
	Network string

	FirstName string
	LastName  string
	Email     string
	Phone     string
	Street    string
	Zip       string
	Town      string
	Country   string
	Note      string

	// Payer is who the bill goes to; nil: the booker.
	Payer        *PayerInput
	Participants []ParticipantInput

	// Waitlist: accept to wait when there are not enough places.
	Waitlist bool
	// SeenTotalCents is the total that the applicant agreed to; another one is refused. Nil: not checked.
	SeenTotalCents *int64
}

// PayerInput is a person or a company.
type PayerInput struct {
	Name    string
	Email   string
	Street  string
	Zip     string
	Town    string
	Country string
}

// ParticipantInput takes one place. PriceTierID 0 means the course's first.
type ParticipantInput struct {
	FirstName   string
	LastName    string
	Email       string
	PriceTierID int64
}

// check cleans the input, without touching what it shares with the caller's, and returns a
// *store.ValidationError for what cannot be accepted. Keys are "error.<field>.required", ".invalid" and
// ".too_long".
func (in *Input) check() error {
	v := &store.ValidationError{}
	if in.Locale != "en" {
		in.Locale = "de"
	}
	line(v, "first_name", "error.first_name.", &in.FirstName, 100, true)
	line(v, "last_name", "error.last_name.", &in.LastName, 100, true)
	email(v, "email", &in.Email, true)
	line(v, "phone", "error.phone.", &in.Phone, 50, false)
	line(v, "street", "error.street.", &in.Street, 150, false)
	line(v, "zip", "error.zip.", &in.Zip, 20, false)
	line(v, "town", "error.town.", &in.Town, 100, false)
	line(v, "country", "error.country.", &in.Country, 100, false)
	in.Note = strings.TrimSpace(cleanText(in.Note))
	tooLong(v, "note", "error.note.", in.Note, 2000)

	if in.Payer != nil {
		p := new(*in.Payer)
		in.Payer = p
		line(v, "payer.name", "error.payer_name.", &p.Name, 200, true)
		email(v, "payer.email", &p.Email, false)
		line(v, "payer.street", "error.street.", &p.Street, 150, false)
		line(v, "payer.zip", "error.zip.", &p.Zip, 20, false)
		line(v, "payer.town", "error.town.", &p.Town, 100, false)
		line(v, "payer.country", "error.country.", &p.Country, 100, false)
	}

	switch n := len(in.Participants); {
	case n == 0:
		v.Add("participants", "error.participants.required")
	case n > MaxParticipants:
		v.Add("participants", "error.participants.too_many", "Max", MaxParticipants)
		return v
	}
	in.Participants = slices.Clone(in.Participants)
	for i := range in.Participants {
		p, at := &in.Participants[i], "participants."+strconv.Itoa(i)+"."
		line(v, at+"first_name", "error.first_name.", &p.FirstName, 100, true)
		line(v, at+"last_name", "error.last_name.", &p.LastName, 100, true)
		email(v, at+"email", &p.Email, false)
	}
	return v.OrNil()
}

func line(v *store.ValidationError, field, keys string, s *string, maxRunes int, required bool) {
	*s = cleanLine(*s)
	if required && *s == "" {
		v.Add(field, keys+"required")
		return
	}
	tooLong(v, field, keys, *s, maxRunes)
}

func tooLong(v *store.ValidationError, field, keys, s string, maxRunes int) {
	if utf8.RuneCountInString(s) > maxRunes {
		v.Add(field, keys+"too_long", "Max", maxRunes)
	}
}

func email(v *store.ValidationError, field string, s *string, required bool) {
	address, ok := cleanEmail(*s)
	switch {
	case address == "" && required:
		v.Add(field, "error.email.required")
	case address != "" && !ok:
		v.Add(field, "error.email.invalid")
	default:
		*s = address
	}
}

// cleanEmail trims an address and spells its domain in ASCII, and reports whether mail can go there.
func cleanEmail(s string) (string, bool) {
	s = strings.TrimSpace(s)
	at := strings.LastIndexByte(s, '@')
	if at < 1 || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == utf8.RuneError }) {
		return s, false
	}
	domain, err := idna.Lookup.ToASCII(s[at+1:])
	if err != nil {
		return s, false
	}
	address := s[:at] + "@" + domain
	parsed, err := mail.ParseAddress(address)
	ok := err == nil && parsed.Name == "" && parsed.Address == address && len(address) <= 254 && isASCII(address) &&
		strings.Contains(domain, ".") && !strings.HasSuffix(domain, ".") && !strings.HasPrefix(domain, "[")
	return address, ok
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}

// cleanLine makes one line of s: white space and control characters become single blanks, and what is no
// UTF-8 or turns the direction of writing is dropped.
func cleanLine(s string) string {
	return strings.Join(strings.FieldsFunc(strings.Map(harmless, s), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
}

// cleanText is cleanLine that keeps lines and tabs.
func cleanText(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return harmless(r)
	}, s)
}

func harmless(r rune) rune {
	if r == utf8.RuneError || unicode.Is(unicode.Bidi_Control, r) {
		return -1
	}
	return r
}
