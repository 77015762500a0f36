package catalog

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/store"
)

const (
	publicPageSize = 25
	// publicCountCap is where counting ends: "more than 1000" tells a person as much as the figure does.
	publicCountCap = 1000
	// maxWords limits what one search costs.
	maxWords = 8
)

// PublicFilter narrows the public catalogue; its zero value narrows nothing.
type PublicFilter struct {
	// Query holds words that must all be found in number, name, subtitle, keywords, category or a
	// published instructor's name.
	Query      string
	CategoryID int64
	LocationID int64
	// Weekday of at least one session in the provider's zone, 1 is Monday.
	Weekday int
	// Free leaves out courses that are full or no longer take bookings.
	Free   bool
	Online bool
	// After and Before are cursors of another page.
	After, Before string
}

// PublicList is one page of the public catalogue.
type PublicList struct {
	Offers []*Offer
	// Count is how many there are on all pages; with More, there are more than that.
	Count int
	More  bool
	// Next and Previous are cursors, empty at the ends.
	Next, Previous string
}

// Offer is a course as a list shows it. Of the course, CourseType with its Category, Location and the
// first session are loaded, the description is not.
type Offer struct {
	Course *Course
	Prices PriceRange
	Dates  Dates
}

// PriceRange is what one place costs, from the cheapest tier to the dearest.
type PriceRange struct {
	CourseID int64
	// Tiers is 0 when no price was set.
	Tiers     int
	FromCents int64
	ToCents   int64
	Currency  string
}

// Dates sum up a course's sessions.
type Dates struct {
	CourseID int64
	Count    int
	// Weekdays in the provider's zone, 1 is Monday.
	Weekdays []int `bun:",array"`
	// Alike: all sessions have the times of day of the first.
	Alike    bool
	StartsAt time.Time
	EndsAt   time.Time
	AllDay   bool
}

// cursor is a course's place in the catalogue's order: "2027-02-03.12", or "infinity.12" without a date.
func (c *Course) cursor() string {
	day := "infinity"
	if c.StartDate != nil {
		day = c.StartDate.Format(time.DateOnly)
	}
	return day + "." + strconv.FormatInt(c.ID, 10)
}

// parseCursor is false for anything that cursor did not make: the list then begins at its start.
func parseCursor(s string) (day string, id int64, ok bool) {
	day, digits, _ := strings.Cut(s, ".")
	id, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || id <= 0 {
		return "", 0, false
	}
	if day != "infinity" {
		// Postgres has no year 0
		if d, err := time.Parse(time.DateOnly, day); err != nil || d.Year() == 0 {
			return "", 0, false
		}
	}
	return day, id, true
}

// offered is the condition of the public catalogue: published, not over, and not begun either unless it
// still takes bookings: nobody looks for a course that can no longer be joined.
func offered(q *bun.SelectQuery, now time.Time, zone *time.Location) *bun.SelectQuery {
	today := now.In(zone).Format(time.DateOnly)
	return q.Where("c.state IN (?, ?)", bun.Safe("'published'"), bun.Safe("'running'")).
		Where("c.start_date IS NULL OR c.start_date >= ? OR c.booking_closes_at > ?", today, now).
		Where("coalesce(c.end_date, c.start_date, 'infinity') >= ?", today)
}

func (f *PublicFilter) apply(q *bun.SelectQuery, now time.Time, zone *time.Location) *bun.SelectQuery {
	offered(q, now, zone)
	for _, word := range words(f.Query) {
		like := "%" + likeEscaper.Replace(word) + "%"
		q.Where(`c.search LIKE fold(?)
			OR c.course_type_id IN (SELECT ct.id FROM course_types ct JOIN categories cat ON cat.id = ct.category_id WHERE fold(cat.name) LIKE fold(?))
			OR c.id IN (SELECT ci.course_id FROM course_instructors ci JOIN instructors ins ON ins.id = ci.instructor_id
				WHERE ins.published AND fold(ins.title || ' ' || ins.first_name || ' ' || ins.last_name) LIKE fold(?))`,
			like, like, like)
	}
	if f.CategoryID != 0 {
		q.Where("c.course_type_id IN (SELECT id FROM course_types WHERE category_id = ?)", f.CategoryID)
	}
	if f.LocationID != 0 {
		q.Where("c.location_id = ?", f.LocationID)
	}
	if f.Weekday != 0 {
		q.Where("EXISTS (SELECT FROM course_sessions s WHERE s.course_id = c.id AND extract(isodow FROM s.starts_at AT TIME ZONE ?) = ?)", zone.String(), f.Weekday)
	}
	if f.Free {
		q.Where("c.booking_closes_at IS NULL OR c.booking_closes_at > ?", now).
			Where(`c.max_places IS NULL OR c.max_places - greatest(c.places_taken_elsewhere, 0) >
				(SELECT coalesce(sum(p.taken + p.waiting), 0) FROM course_places(?) p WHERE p.course_id = c.id)`, now)
	}
	if f.Online {
		q.Where("c.delivery <> 'on_site'")
	}
	return q
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func words(query string) []string {
	list := strings.Fields(query)
	return list[:min(len(list), maxWords)]
}

const offeredOrder = "coalesce(c.start_date, 'infinity')"

// ListPublic is a page of the courses on offer, by their start. The number of statements does not depend
// on the number of courses.
func ListPublic(ctx context.Context, st *store.Store, f PublicFilter, zone *time.Location) (*PublicList, error) {
	now := st.Now()
	list := &PublicList{}
	counted := f.apply(st.NewSelect().TableExpr("courses AS c").ColumnExpr("1"), now, zone).Limit(publicCountCap + 1)
	if err := st.NewSelect().TableExpr("(?) AS counted", counted).ColumnExpr("count(*)").Scan(ctx, &list.Count); err != nil {
		return nil, err
	}
	if list.Count > publicCountCap {
		list.Count, list.More = publicCountCap, true
	}

	var courses []*Course
	q := f.apply(st.NewSelect().Model(&courses), now, zone).ExcludeColumn("description").
		Relation("CourseType", withoutDescription).Relation("CourseType.Category").Relation("Location").
		Limit(publicPageSize + 1)
	after, back := f.turn(q)
	if err := q.Scan(ctx); err != nil {
		return nil, err
	}
	more := len(courses) > publicPageSize
	courses = courses[:min(len(courses), publicPageSize)]
	if back {
		slices.Reverse(courses)
	}
	if n := len(courses); n > 0 {
		if more || back {
			list.Next = courses[n-1].cursor()
		}
		if more && back || after {
			list.Previous = courses[0].cursor()
		}
	}
	var err error
	list.Offers, err = offers(ctx, st, courses, zone)
	return list, err
}

// turn makes q the page that f asks for: the one after a course, the one before it in reverse order, or
// the first.
func (f *PublicFilter) turn(q *bun.SelectQuery) (after, back bool) {
	day, id, after := parseCursor(f.After)
	if !after {
		day, id, back = parseCursor(f.Before)
	}
	switch {
	case after:
		q.Where("("+offeredOrder+", c.id) > (?::date, ?)", day, id)
	case back:
		q.Where("("+offeredOrder+", c.id) < (?::date, ?)", day, id)
		q.OrderExpr(offeredOrder + " DESC, c.id DESC")
		return after, back
	}
	q.OrderExpr(offeredOrder + ", c.id")
	return after, back
}

func withoutDescription(q *bun.SelectQuery) *bun.SelectQuery { return q.ExcludeColumn("description") }

// offers adds prices and dates to courses.
func offers(ctx context.Context, r store.Reader, courses []*Course, zone *time.Location) ([]*Offer, error) {
	if len(courses) == 0 {
		return nil, nil
	}
	byID, list := make(map[int64]*Offer, len(courses)), make([]*Offer, len(courses))
	ids := make([]int64, len(courses))
	for i, c := range courses {
		list[i] = &Offer{Course: c}
		byID[c.ID], ids[i] = list[i], c.ID
	}
	var prices []PriceRange
	err := r.NewRaw(`
		SELECT course_id, count(*) AS tiers, min(amount_cents) AS from_cents, max(amount_cents) AS to_cents, min(currency) AS currency
		FROM price_tiers WHERE course_id IN (?) AND NOT archived GROUP BY course_id`, bun.List(ids)).Scan(ctx, &prices)
	if err != nil {
		return nil, err
	}
	for _, p := range prices {
		byID[p.CourseID].Prices = p
	}
	var dates []Dates
	err = r.NewRaw(`
		SELECT course_id, count(*) AS count, array_agg(DISTINCT extract(isodow FROM starts)::int) AS weekdays,
		       count(DISTINCT (starts::time, ends::time)) = 1 AS alike,
		       (array_agg(starts_at ORDER BY starts_at))[1] AS starts_at,
		       (array_agg(ends_at ORDER BY starts_at))[1] AS ends_at, bool_or(all_day) AS all_day
		FROM course_sessions, LATERAL (SELECT starts_at AT TIME ZONE ? AS starts, ends_at AT TIME ZONE ? AS ends) AS local
		WHERE course_id IN (?) GROUP BY course_id`, zone.String(), zone.String(), bun.List(ids)).Scan(ctx, &dates)
	if err != nil {
		return nil, err
	}
	for _, d := range dates {
		o := byID[d.CourseID]
		o.Dates = d
		o.Course.Sessions = []*Session{{CourseID: d.CourseID, StartsAt: d.StartsAt, EndsAt: d.EndsAt, AllDay: d.AllDay}}
	}
	return list, nil
}

// PublicChoices are the categories and locations that courses on offer have, in the order of a list.
func PublicChoices(ctx context.Context, st *store.Store, zone *time.Location) ([]*Category, []*Location, error) {
	now := st.Now()
	var categories []*Category
	types := offered(st.NewSelect().TableExpr("courses AS c").ColumnExpr("c.course_type_id"), now, zone)
	err := st.NewSelect().Model(&categories).
		Where("cat.id IN (SELECT category_id FROM course_types WHERE id IN (?))", types).
		OrderExpr("cat.position, cat.name, cat.id").Scan(ctx)
	if err != nil {
		return nil, nil, err
	}
	var locations []*Location
	places := offered(st.NewSelect().TableExpr("courses AS c").ColumnExpr("c.location_id"), now, zone)
	err = st.NewSelect().Model(&locations).Where("loc.id IN (?)", places).OrderExpr("loc.name, loc.town, loc.id").Scan(ctx)
	return categories, locations, err
}
