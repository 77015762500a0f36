package openvhs

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Severity says what a problem means for its record.
type Severity string

const (
	Note    Severity = "note"    // nothing is lost
	Warning Severity = "warning" // something is missing or was left out
	Error   Severity = "error"   // the record is not imported
)

// Problem is an oddity of one course. Key and Args make the sentence for people; Args hold strings and ints,
// and quote the file as it spells things (Field is the name of the element).
type Problem struct {
	Severity Severity
	Key      string
	Args     map[string]any
}

const (
	// Errors.
	MissingGUID   = "import.problem.missing_guid"
	DuplicateGUID = "import.problem.duplicate_guid" // GUID, First: position of the course that has it
	GUIDTooLong   = "import.problem.guid_too_long"  // Limit
	MissingName   = "import.problem.missing_name"

	// Who and what.
	MissingNumber    = "import.problem.missing_number"
	DuplicateNumber  = "import.problem.duplicate_number"  // Number, First: position of the first course with it
	CategoryUnknown  = "import.problem.category_unknown"  // Code; left out
	CategoryRegional = "import.problem.category_regional" // Code; kept
	EmptyInstructor  = "import.problem.empty_instructor"  // Count
	HTMLRemoved      = "import.problem.html_removed"      // Field, Removed: list of elements and attributes
	BadURL           = "import.problem.bad_url"           // Field, Value; only http and https are kept
	BadMail          = "import.problem.bad_mail"          // Field, Value

	// Places.
	MissingMaxPlaces = "import.problem.missing_max_places"
	ZeroMaxPlaces    = "import.problem.zero_max_places" // kept: nobody can book
	MinAboveMax      = "import.problem.min_above_max"   // Min, Max; the minimum is left out
	TakenAboveMax    = "import.problem.taken_above_max" // Taken, Max; both kept

	// Dates and times. Count, Sessions: how many, and the dates of the first few.
	MissingBegin          = "import.problem.missing_begin"
	BeginFromSession      = "import.problem.begin_from_session" // Date
	EndBeforeBegin        = "import.problem.end_before_begin"   // Begin, End; the end is left out
	NoSessions            = "import.problem.no_sessions"
	SessionCountDiffers   = "import.problem.session_count_differs"    // Declared, Found
	SessionWithoutDate    = "import.problem.session_without_date"     // Count; left out
	SessionWithoutTime    = "import.problem.session_without_time"     // Count, Sessions
	SessionWithoutEnd     = "import.problem.session_without_end"      // Count, Sessions
	SessionEndBeforeStart = "import.problem.session_end_before_start" // Count, Sessions; the end is left out
	SessionOutsideDates   = "import.problem.session_outside_dates"    // Count, Sessions, Begin, End (may be empty)
	SessionsCoverPart     = "import.problem.sessions_cover_part"      // Begin, End (may be empty), First, Last
	WeekdayDiffers        = "import.problem.weekday_differs"          // Count, Sessions, Weekday
	TimeZoneDiffers       = "import.problem.time_zone_differs"        // Count, Sessions; the time on the wall is taken
	AddressCountDiffers   = "import.problem.address_count_differs"    // Addresses, Found: sessions

	// Money.
	MissingPrice           = "import.problem.missing_price"
	FreeButPrice           = "import.problem.free_but_price"           // Price; the price counts
	ReducedAbovePrice      = "import.problem.reduced_above_price"      // Reduced, Price; the reduced one is left out
	ReducedWithoutDiscount = "import.problem.reduced_without_discount" // Reduced; kept

	// Spelling: Field, Value.
	UnreadableNumber  = "import.problem.unreadable_number"
	UnreadablePrice   = "import.problem.unreadable_price"
	UnreadableDate    = "import.problem.unreadable_date"
	UnreadableTime    = "import.problem.unreadable_time"
	UnreadableWeekday = "import.problem.unreadable_weekday"
	UnreadableBoolean = "import.problem.unreadable_boolean"
	MisspeltBoolean   = "import.problem.misspelt_boolean"   // also Meant: "true" or "false"
	GermanDate        = "import.problem.german_date"        // read all the same
	TooLong           = "import.problem.too_long"           // Field, Limit; cut
	ControlCharacters = "import.problem.control_characters" // Field; removed
)

// severities has all of the keys above.
var severities = map[string]Severity{
	MissingGUID:   Error,
	DuplicateGUID: Error,
	GUIDTooLong:   Error,
	MissingName:   Error,

	MissingNumber:         Warning,
	CategoryUnknown:       Warning,
	HTMLRemoved:           Warning,
	BadURL:                Warning,
	BadMail:               Warning,
	MissingMaxPlaces:      Warning,
	ZeroMaxPlaces:         Warning,
	MinAboveMax:           Warning,
	MissingBegin:          Warning,
	EndBeforeBegin:        Warning,
	NoSessions:            Warning,
	SessionCountDiffers:   Warning,
	SessionWithoutDate:    Warning,
	SessionWithoutTime:    Warning,
	SessionWithoutEnd:     Warning,
	SessionEndBeforeStart: Warning,
	SessionOutsideDates:   Warning,
	WeekdayDiffers:        Warning,
	AddressCountDiffers:   Warning,
	MissingPrice:          Warning,
	ReducedAbovePrice:     Warning,
	UnreadableNumber:      Warning,
	UnreadablePrice:       Warning,
	UnreadableDate:        Warning,
	UnreadableTime:        Warning,
	UnreadableWeekday:     Warning,
	UnreadableBoolean:     Warning,
	TooLong:               Warning,
	ControlCharacters:     Warning,

	DuplicateNumber:        Note,
	CategoryRegional:       Note,
	EmptyInstructor:        Note,
	TakenAboveMax:          Note,
	BeginFromSession:       Note,
	SessionsCoverPart:      Note,
	TimeZoneDiffers:        Note,
	FreeButPrice:           Note,
	ReducedWithoutDiscount: Note,
	MisspeltBoolean:        Note,
	GermanDate:             Note,
}

// ProblemKeys lists the keys above, for tests of completeness.
func ProblemKeys() []string { return slices.Sorted(maps.Keys(severities)) }

// problems collects those of one record; the same one is kept once.
type problems []Problem

// add takes a key and its arguments: name, value, name, value …
func (p *problems) add(key string, pairs ...any) {
	args := arguments(pairs)
	for name, value := range args {
		if text, ok := value.(string); ok {
			args[name] = shorten(text, 120)
		}
	}
	for _, known := range *p {
		if known.Key == key && maps.Equal(known.Args, args) {
			return
		}
	}
	*p = append(*p, Problem{Severity: severities[key], Key: key, Args: args})
}

// maxNamed is how many sessions a problem names by date.
const maxNamed = 5

// addSessions reports something about some of the sessions.
func (p *problems) addSessions(key string, dates []Date, pairs ...any) {
	if len(dates) == 0 {
		return
	}
	var named []string
	for _, date := range dates[:min(len(dates), maxNamed)] {
		named = append(named, date.String())
	}
	if len(dates) > maxNamed {
		named = append(named, "…")
	}
	p.add(key, append(pairs, "Count", len(dates), "Sessions", strings.Join(named, ", "))...)
}

// shorten cuts a text to at most limit bytes, the last of them an ellipsis, without splitting a character.
func shorten(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	cut := limit - len("…")
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}
