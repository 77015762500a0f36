package catalog

import (
	"context"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/accounts"
	"kurso/models/store"
)

// Orders of the list of courses.
const (
	ByStart  = "start"
	ByName   = "name"
	ByNumber = "number"
)

// Conditions on the places of a course.
const (
	PlacesFree    = "free"
	PlacesFull    = "full"
	PlacesWaiting = "waiting"
)

// Times of courses, by their last day in the provider's zone. Courses without days are current.
const (
	Current = "current"
	Past    = "past"
)

// CourseFilter chooses courses of the office's list. Empty fields choose all.
type CourseFilter struct {
	// Q is searched in number, name and subtitle, each of its words.
	Q            string
	State        string
	CategoryID   int64
	CourseTypeID int64
	// When is Current or Past.
	When string
	// From leaves out courses that start before this day, "2027-02-03". Courses without a day stay.
	From string
	// Places is PlacesFree, PlacesFull or PlacesWaiting.
	Places string
	Sort   string
	// After is the cursor of the page before.
	After string
	Limit int
}

// CourseRow is one line of the list: of the course, what a line shows.
type CourseRow struct {
	Course       `bun:",extend"`
	LocationName string
	Taken        int
	Waiting      int
	Key          string
}

func (r *CourseRow) position() (string, int64) { return r.Key, r.ID }

// courseKeys are what the orders sort by; courses without a start come last.
var courseKeys = map[string]string{
	ByStart:  "coalesce(c.start_date, 'infinity'::date)::text",
	ByName:   "fold(c.name)",
	ByNumber: "c.number",
}

// Courses lists the courses within the actor's reach with the places taken now.
func Courses(ctx context.Context, st *store.Store, f CourseFilter) (*List[*CourseRow], error) {
	key, ok := courseKeys[f.Sort]
	if !ok {
		key = courseKeys[ByStart]
	}
	now := st.Now()
	// OFFSET 0 keeps the planner from counting the bookings of all courses first
	q := st.NewSelect().TableExpr("courses AS c")
	f.apply(q, now)
	accounts.Within(ctx, q, accounts.CoursesRead, "c.id")
	return list[*CourseRow](ctx, st, q, key, "c.id", f.After, f.Limit, `
		SELECT page.key, c.id, c.course_type_id, c.number, c.name, c.state, c.delivery, c.start_date, c.end_date, c.location_id,
		       c.min_places, c.max_places, c.places_taken_elsewhere, c.version,
		       coalesce(l.name, '') AS location_name, coalesce(p.taken, 0) AS taken, coalesce(p.waiting, 0) AS waiting
		FROM page JOIN courses c USING (id) LEFT JOIN locations l ON l.id = c.location_id
		LEFT JOIN LATERAL (SELECT * FROM course_places(?) WHERE course_id = page.id OFFSET 0) p ON true
		ORDER BY page.key, page.id`, now)
}

func (f CourseFilter) apply(q *bun.SelectQuery, now time.Time) {
	for _, word := range searchWords(f.Q) {
		q.Where("c.search LIKE '%' || fold(?) || '%'", word)
	}
	if slices.Contains(States, f.State) {
		q.Where("c.state = ?", f.State)
	}
	if f.CourseTypeID > 0 {
		q.Where("c.course_type_id = ?", f.CourseTypeID)
	}
	if f.CategoryID > 0 {
		q.Where("c.course_type_id IN (SELECT id FROM course_types WHERE category_id = ?)", f.CategoryID)
	}
	if from, err := time.Parse(time.DateOnly, f.From); err == nil {
		q.Where("(c.start_date >= ? OR c.start_date IS NULL)", from)
	}
	const over = `coalesce(c.end_date, c.start_date, 'infinity') < (SELECT (?::timestamptz AT TIME ZONE time_zone)::date FROM provider)`
	switch f.When {
	case Current:
		q.Where("NOT "+over, now)
	case Past:
		q.Where(over, now)
	}
	const free = "(c.max_places IS NULL OR c.max_places - greatest(c.places_taken_elsewhere, 0) - coalesce(pl.taken, 0) > 0)"
	conditions := map[string]string{PlacesFree: free, PlacesFull: "NOT " + free, PlacesWaiting: "pl.waiting > 0"}
	if condition, ok := conditions[f.Places]; ok {
		q.Join("LEFT JOIN LATERAL (SELECT * FROM course_places(?) WHERE course_id = c.id OFFSET 0) pl ON true", now).Where(condition)
	}
}

// searchWords are the words of a search, as patterns that match themselves.
func searchWords(q string) []string { return words(likeEscaper.Replace(cleanLine(q))) }

// LoadCourse reads a course with all that belongs to it; sessions by time, prices in their order, archived
// ones last. Returns store.ErrNotFound.
func LoadCourse(ctx context.Context, r store.Reader, id int64) (*Course, error) {
	c := &Course{}
	err := r.NewSelect().Model(c).Where("c.id = ?", id).
		Relation("CourseType").Relation("CourseType.Category").Relation("Location").
		Relation("Sessions", func(q *bun.SelectQuery) *bun.SelectQuery { return q.OrderExpr("ses.starts_at, ses.id") }).
		Relation("Sessions.Room").Relation("Sessions.Room.Location").
		Relation("PriceTiers", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.OrderExpr("pt.archived, pt.position, pt.id")
		}).
		Relation("Instructors", func(q *bun.SelectQuery) *bun.SelectQuery { return q.OrderExpr("ci.instructor_id") }).
		Relation("Instructors.Instructor").
		Scan(ctx)
	return c, found(err)
}

// CourseStaffIDs are the users responsible for a course.
func CourseStaffIDs(ctx context.Context, r store.Reader, courseID int64) ([]int64, error) {
	var ids []int64
	err := r.NewSelect().Table("course_staff").Column("user_id").Where("course_id = ?", courseID).Order("user_id").Scan(ctx, &ids)
	return ids, err
}
