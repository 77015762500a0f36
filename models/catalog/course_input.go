package catalog

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// CourseInput is a course's form, as typed. Row fields are named in errors as in forms: "sessions.0.date".
type CourseInput struct {
	Version        string   `form:"version"`
	CourseType     string   `form:"course_type"`
	Number         string   `form:"number"`
	Name           string   `form:"name"`
	Subtitle       string   `form:"subtitle"`
	Description    string   `form:"description"`
	Level          string   `form:"level"`
	TargetGroups   string   `form:"target_groups"`
	Keywords       string   `form:"keywords"`
	Certificate    string   `form:"certificate"`
	Delivery       string   `form:"delivery"`
	StartDate      string   `form:"start_date"`
	EndDate        string   `form:"end_date"`
	Location       string   `form:"location"`
	MinPlaces      string   `form:"min_places"`
	MaxPlaces      string   `form:"max_places"`
	TakenElsewhere string   `form:"places_taken_elsewhere"`
	TeachingUnits  string   `form:"teaching_units"`
	BookingOpens   string   `form:"booking_opens_at"`
	BookingCloses  string   `form:"booking_closes_at"`
	WebsiteURL     string   `form:"website_url"`
	ImageURL       string   `form:"image_url"`
	Instructors    []string `form:"instructors"`
	Staff          []string `form:"staff"`

	Sessions []SessionInput `form:"sessions"`
	Prices   []PriceInput   `form:"prices"`
	Series   SeriesInput    `form:"series"`
}

// SessionInput is one row of sessions. Without times the session takes the whole day. Until is its last
// day, when that is another. An empty row is left out, a removed one deleted.
type SessionInput struct {
	ID     string `form:"id"`
	Date   string `form:"date"`
	From   string `form:"from"`
	To     string `form:"to"`
	Until  string `form:"until"`
	Room   string `form:"room"`
	Note   string `form:"note"`
	Remove bool   `form:"remove"`
}

// PriceInput is one row of prices. One that was only suggested is left out while it has no amount.
type PriceInput struct {
	ID        string `form:"id"`
	Name      string `form:"name"`
	Amount    string `form:"amount"`
	Note      string `form:"note"`
	Remove    bool   `form:"remove"`
	Suggested bool   `form:"suggested"`
}

// SeriesInput makes several rows of sessions at once.
type SeriesInput struct {
	First string `form:"first"`
	Count string `form:"count"`
	Every string `form:"every"`
	From  string `form:"from"`
	To    string `form:"to"`
	Room  string `form:"room"`
}

// Steps of a series, in days.
var Steps = []string{"7", "14", "1"}

// MaxSessions is how many sessions a course can have.
const MaxSessions = 200

// AddSeries appends the series to the sessions, as rows to be looked at before they are saved, and empties
// it. It returns a *store.ValidationError.
func (in *CourseInput) AddSeries() error {
	t := &typed{zone: time.UTC}
	s := in.Series
	if s.First == "" {
		t.Add("series.first", "invalid.required")
	}
	first := t.day("series.first", s.First)
	count := t.numberOr("series.count", s.Count, 1, 100, 1)
	step, _ := strconv.Atoi(t.choice("series.every", s.Every, Steps...))
	from, to := t.clock("series.from", s.From), t.clock("series.to", s.To)
	t.times("series.from", "series.to", from, to, true)
	if len(in.Sessions)+count > MaxSessions {
		t.Add("series.count", "invalid.too_many", "Max", MaxSessions)
	}
	if err := t.OrNil(); err != nil {
		return err
	}
	in.Sessions = slices.DeleteFunc(in.Sessions, func(s SessionInput) bool { return s == SessionInput{} })
	for i := range count {
		in.Sessions = append(in.Sessions, SessionInput{
			Date: first.AddDate(0, 0, i*step).Format(time.DateOnly), From: clockText(from), To: clockText(to), Room: s.Room,
		})
	}
	in.Series = SeriesInput{}
	return nil
}

// times are both there or both missing, and in order on the same day.
func (t *typed) times(fromField, toField string, from, to *time.Duration, sameDay bool) {
	switch {
	case from == nil && to != nil:
		t.Add(fromField, "invalid.clock_missing")
	case from != nil && to == nil:
		t.Add(toField, "invalid.clock_missing")
	case from != nil && sameDay && *to <= *from:
		t.Add(toField, "invalid.end_before_start")
	}
}

func clockText(d *time.Duration) string {
	if d == nil {
		return ""
	}
	return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
}

// NewCourseInput is the form of a course still to be created, beginning from an existing one: everything
// but its number, days, sessions and places taken. from may be nil: then it begins with the provider's prices.
func NewCourseInput(from *Course, staff []int64, p *Provider) CourseInput {
	in := CourseInput{Delivery: OnSite, Series: SeriesInput{Every: Steps[0]}}
	if from == nil {
		for _, tier := range p.PriceTiers {
			row := tier.Input()
			in.Prices = append(in.Prices, PriceInput{Name: row.Name, Amount: row.Amount, Note: row.Note, Suggested: true})
		}
	} else {
		in = CourseInputOf(from, staff, p.Zone())
		in.Number, in.StartDate, in.EndDate, in.BookingOpens, in.BookingCloses, in.TakenElsewhere = "", "", "", "", "", ""
		in.Sessions = nil
		for i := range in.Prices {
			in.Prices[i].ID = ""
		}
	}
	in.Version = ""
	return in
}

// CourseInputOf is the form of a course as it is; c must be loaded with all that belongs to it.
func CourseInputOf(c *Course, staff []int64, zone *time.Location) CourseInput {
	in := CourseInput{
		Version: strconv.Itoa(c.Version), Number: c.Number, Name: c.Name, Subtitle: c.Subtitle,
		Description: editableHTML(c.Description), Level: c.Level, TargetGroups: joinList(c.TargetGroups), Keywords: joinList(c.Keywords),
		Certificate: c.Certificate, Delivery: c.Delivery, StartDate: dayText(c.StartDate), EndDate: dayText(c.EndDate),
		Location: idText(c.LocationID), MinPlaces: intText(c.MinPlaces), MaxPlaces: intText(c.MaxPlaces),
		TakenElsewhere: strconv.Itoa(c.PlacesTakenElsewhere), TeachingUnits: hundredthsText(c.TeachingUnits),
		BookingOpens: momentText(c.BookingOpensAt, zone), BookingCloses: momentText(c.BookingClosesAt, zone),
		WebsiteURL: c.WebsiteURL, ImageURL: c.ImageURL, Series: SeriesInput{Every: Steps[0]},
	}
	if c.CourseType != nil {
		in.CourseType = Pick(c.CourseType.Name, c.CourseType.ID)
	}
	for _, ci := range c.Instructors {
		in.Instructors = append(in.Instructors, Pick(ci.Instructor.Name(), ci.InstructorID))
	}
	for _, id := range staff {
		in.Staff = append(in.Staff, strconv.FormatInt(id, 10))
	}
	for _, s := range c.Sessions {
		in.Sessions = append(in.Sessions, sessionInput(s, zone))
	}
	for _, p := range c.PriceTiers {
		if !p.Archived {
			in.Prices = append(in.Prices, PriceInput{ID: strconv.FormatInt(p.ID, 10), Name: p.Name, Amount: centsText(p.AmountCents), Note: p.Note})
		}
	}
	return in
}

func sessionInput(s *Session, zone *time.Location) SessionInput {
	from, to := s.StartsAt.In(zone), s.EndsAt.In(zone)
	row := SessionInput{ID: strconv.FormatInt(s.ID, 10), Date: from.Format(time.DateOnly), Room: idText(s.RoomID), Note: s.Note}
	last := to
	if s.AllDay {
		last = to.Add(-time.Second)
	} else {
		row.From, row.To = from.Format("15:04"), to.Format("15:04")
	}
	if until := last.Format(time.DateOnly); until != row.Date {
		row.Until = until
	}
	return row
}

// Rebase lets a form that met a conflict be saved over what is stored now: it takes over the version, and
// rows that somebody else removed become new ones.
func (in *CourseInput) Rebase(stored CourseInput) {
	in.Version = stored.Version
	rebase(in.Sessions, stored.Sessions, func(r *SessionInput) *string { return &r.ID })
	rebase(in.Prices, stored.Prices, func(r *PriceInput) *string { return &r.ID })
}

func rebase[R any](rows, stored []R, id func(*R) *string) {
	there := map[string]bool{}
	for i := range stored {
		there[*id(&stored[i])] = true
	}
	for i := range rows {
		if at := id(&rows[i]); !there[*at] {
			*at = ""
		}
	}
}
