package catalog

import (
	"context"

	"kurso/models/accounts"
	"kurso/models/listing"
)

// deliveries are the ways in which a course takes place.
var deliveries = []string{"on_site", "online", "blended", "self_paced"}

// PlaceJoins are what the SQL of places needs, up to "held"; c is the course.
var PlaceJoins = []listing.Join{
	{Alias: "counts", SQL: "LEFT JOIN course_counts counts ON counts.course_id = c.id"},
	{Alias: "held", SQL: `LEFT JOIN (SELECT course_id, sum(places) AS places FROM bookings WHERE state = 'REQUESTED' AND hold_expires_at > {now} GROUP BY 1) held
		ON held.course_id = c.id`, Needs: "counts"},
}

// courseJoins are what lists of courses and of their sessions show besides; c is the course.
var courseJoins = append([]listing.Join{
	{Alias: "ct", SQL: "JOIN course_types ct ON ct.id = c.course_type_id"},
	{Alias: "cat", SQL: "LEFT JOIN categories cat ON cat.id = ct.category_id", Needs: "ct"},
	{Alias: "loc", SQL: "LEFT JOIN locations loc ON loc.id = c.location_id"},
	{Alias: "people", SQL: `LEFT JOIN LATERAL (SELECT string_agg(concat_ws(' ', nullif(i.title, ''), nullif(i.first_name, ''), i.last_name), '; ' ORDER BY i.last_name, i.first_name, i.id) AS instructors
		FROM course_instructors ci JOIN instructors i ON i.id = ci.instructor_id WHERE ci.course_id = c.id) people ON true`},
	{Alias: "staff", SQL: `LEFT JOIN LATERAL (SELECT string_agg(u.name, '; ' ORDER BY u.name, u.id) AS names
		FROM course_staff cs JOIN users u ON u.id = cs.user_id WHERE cs.course_id = c.id) staff ON true`},
	{Alias: "dates", SQL: `LEFT JOIN LATERAL (SELECT count(*) AS number, string_agg(to_char(ses.starts_at AT TIME ZONE (SELECT time_zone FROM provider), 'DD.MM.YYYY HH24:MI'), '; ' ORDER BY ses.starts_at) AS list
		FROM course_sessions ses WHERE ses.course_id = c.id) dates ON true`},
	{Alias: "prices", SQL: `LEFT JOIN LATERAL (SELECT min(pt.amount_cents) AS lowest, max(pt.amount_cents) AS highest
		FROM price_tiers pt WHERE pt.course_id = c.id AND NOT pt.archived) prices ON true`},
}, PlaceJoins...)

const (
	// taken are the places that are surely taken or held now.
	taken = "(coalesce(counts.sure, 0) + coalesce(held.places, 0) + greatest(c.places_taken_elsewhere, 0))::bigint"
	// PlacesFree are those that nobody has; NULL without a maximum.
	PlacesFree = "CASE WHEN c.max_places IS NOT NULL THEN greatest(c.max_places - " + taken + ", 0) END"
	// HasFree is whether somebody could still have one.
	HasFree = "(c.max_places IS NULL OR c.max_places > " + taken + ")"
	// lastDay of a course without days is never over.
	lastDay = "coalesce(c.end_date, c.start_date, 'infinity'::date)"
)

// Courses lists the courses, the next ones to start first.
var Courses = &listing.List{
	Name: "courses", Path: "/admin/courses", From: "courses AS c", ID: "c.id", Sort: "start_date", Search: "c.search", Opens: "ends=from_today",
	Permission: string(accounts.CoursesRead), Within: reach(accounts.CoursesRead, "c.id"), Joins: courseJoins,
	Columns: []listing.Column{
		{Key: "name", Kind: listing.Text, SQL: "c.name", Shown: true, Sort: []string{"fold(c.name)"}, Index: true},
		{Key: "start_date", Kind: listing.Day, SQL: "c.start_date", Shown: true, Sort: []string{"coalesce(c.start_date, 'infinity'::date)"}, Index: true},
		{Key: "taken", Kind: listing.Number, SQL: taken, Whole: "c.max_places::bigint", Needs: "held", Shown: true, Sort: []string{taken}, SortNeeds: "held"},
		{Key: "waiting", Kind: listing.Number, SQL: "nullif(counts.waiting, 0)::bigint", Needs: "counts", Shown: true, Sort: []string{"coalesce(counts.waiting, 0)::bigint"}, SortNeeds: "counts"},
		{Key: "state", Kind: listing.Choice, SQL: "c.state", Codes: States, Words: "course.state.", Shown: true},
		{Key: "location", Kind: listing.Text, SQL: "loc.name", Needs: "loc", Shown: true, Sort: []string{"coalesce(fold(loc.name), '')"}, SortNeeds: "loc"},
		{Key: "number", Kind: listing.Text, SQL: "c.number", Shown: true, Sort: []string{"c.number"}, Index: true},
		{Key: "subtitle", Kind: listing.Text, SQL: "c.subtitle"},
		{Key: "course_type", Kind: listing.Text, SQL: "ct.name", Needs: "ct", Href: "/admin/course-types/%d", HrefID: "c.course_type_id", HrefPermission: string(accounts.CatalogueRead)},
		{Key: "category", Kind: listing.Text, SQL: "cat.name", Needs: "cat", Sort: []string{"coalesce(fold(cat.name), '')"}, SortNeeds: "cat"},
		{Key: "end_date", Kind: listing.Day, SQL: "c.end_date", Sort: []string{lastDay}},
		{Key: "free", Kind: listing.Number, SQL: PlacesFree, Needs: "held"},
		{Key: "min_places", Kind: listing.Number, SQL: "c.min_places::bigint"},
		{Key: "max_places", Kind: listing.Number, SQL: "c.max_places::bigint"},
		{Key: "elsewhere", Kind: listing.Number, SQL: "nullif(greatest(c.places_taken_elsewhere, 0), 0)::bigint"},
		{Key: "delivery", Kind: listing.Choice, SQL: "c.delivery", Codes: deliveries, Words: "delivery."},
		{Key: "instructors", Kind: listing.Text, SQL: "people.instructors", Needs: "people"},
		{Key: "staff", Kind: listing.Text, SQL: "staff.names", Needs: "staff"},
		{Key: "session_count", Kind: listing.Number, SQL: "dates.number", Needs: "dates"},
		{Key: "sessions", Kind: listing.Text, SQL: "dates.list", Needs: "dates"},
		{Key: "teaching_units", Kind: listing.Decimal, SQL: "c.teaching_units::bigint"},
		{Key: "price_from", Kind: listing.Cents, SQL: "prices.lowest", Needs: "prices"},
		{Key: "price_to", Kind: listing.Cents, SQL: "prices.highest", Needs: "prices"},
		{Key: "level", Kind: listing.Text, SQL: "c.level"},
		{Key: "keywords", Kind: listing.Text, SQL: "array_to_string(c.keywords, '; ')"},
		{Key: "booking_opens_at", Kind: listing.Moment, SQL: "c.booking_opens_at"},
		{Key: "booking_closes_at", Kind: listing.Moment, SQL: "c.booking_closes_at"},
		{Key: "website_url", Kind: listing.Text, SQL: "c.website_url"},
		{Key: "created_at", Kind: listing.Moment, SQL: "c.created_at"},
		{Key: "updated_at", Kind: listing.Moment, SQL: "c.updated_at"},
	},
	Filters: []listing.Filter{
		{Key: "ends", Kind: listing.Day, SQL: lastDay, Bar: true},
		{Key: "state", Kind: listing.Choice, SQL: "c.state", Values: States, Words: "course.state.", Bar: true},
		{Key: "free", Kind: listing.Flag, SQL: HasFree, Needs: "held", Bar: true},
		{Key: "category", Kind: listing.Record, Records: "categories", SQL: "ct.category_id", Needs: "ct", Bar: true},
		{Key: "start", Kind: listing.Day, SQL: "c.start_date"},
		{Key: "waiting", Kind: listing.Flag, SQL: "(coalesce(counts.waiting, 0) > 0)", Needs: "counts"},
		{Key: "below", Kind: listing.Flag, SQL: "(coalesce(c.min_places, 0) > coalesce(counts.sure, 0) + greatest(c.places_taken_elsewhere, 0))", Needs: "counts"},
		{Key: "location", Kind: listing.Record, Records: "locations", SQL: "c.location_id"},
		{Key: "delivery", Kind: listing.Choice, SQL: "c.delivery", Values: deliveries, Words: "delivery."},
		{Key: "staff", Kind: listing.Record, Records: "users", SQL: "cs.user_id", Around: "c.id IN (SELECT cs.course_id FROM course_staff cs WHERE {})"},
		{Key: "instructor", Kind: listing.Record, Records: "instructors", SQL: "ci.instructor_id", Around: "c.id IN (SELECT ci.course_id FROM course_instructors ci WHERE {})"},
		{Key: "type", Kind: listing.Record, Records: "course_types", SQL: "c.course_type_id"},
	},
}

// Sessions lists the sessions of all courses by time.
var Sessions = &listing.List{
	Name: "sessions", Path: "/admin/sessions", From: "course_sessions AS s", ID: "s.id", Sort: "starts_at", Opens: "when=from_today",
	Permission: string(accounts.CoursesRead), Within: reach(accounts.CoursesRead, "s.course_id"),
	Joins: append([]listing.Join{
		{Alias: "c", SQL: "JOIN courses c ON c.id = s.course_id"},
		{Alias: "r", SQL: "LEFT JOIN rooms r ON r.id = s.room_id", Needs: "c"},
		{Alias: "place", SQL: "LEFT JOIN locations place ON place.id = coalesce(r.location_id, c.location_id)", Needs: "r"},
	}, listing.Needing("c", courseJoins)...),
	Columns: []listing.Column{
		{Key: "starts_at", Kind: listing.Moment, SQL: "s.starts_at", Href: "/admin/courses/%d", HrefID: "s.course_id", Shown: true, Sort: []string{"s.starts_at"}, Index: true},
		{Key: "ends_at", Kind: listing.Moment, SQL: "s.ends_at"},
		{Key: "course", Kind: listing.Text, SQL: "c.name", Needs: "c", Shown: true, Sort: []string{"fold(c.name)"}, SortNeeds: "c"},
		{Key: "course_number", Kind: listing.Text, SQL: "c.number", Needs: "c"},
		{Key: "location", Kind: listing.Text, SQL: "place.name", Needs: "place", Shown: true},
		{Key: "room", Kind: listing.Text, SQL: "r.name", Needs: "r", Shown: true},
		{Key: "instructors", Kind: listing.Text, SQL: "people.instructors", Needs: "people", Shown: true},
		{Key: "course_state", Kind: listing.Choice, SQL: "c.state", Needs: "c", Codes: States, Words: "course.state."},
		{Key: "category", Kind: listing.Text, SQL: "cat.name", Needs: "cat"},
		{Key: "all_day", Kind: listing.Flag, SQL: "s.all_day"},
		{Key: "note", Kind: listing.Text, SQL: "s.note"},
	},
	Filters: []listing.Filter{
		{Key: "when", Kind: listing.Moment, SQL: "s.starts_at", Bar: true},
		{Key: "location", Kind: listing.Record, Records: "locations", SQL: "location_id", Bar: true,
			Around: `s.id IN (SELECT inside.id FROM course_sessions inside WHERE inside.room_id IN (SELECT r.id FROM rooms r WHERE {})
				UNION ALL SELECT elsewhere.id FROM course_sessions elsewhere WHERE elsewhere.room_id IS NULL AND elsewhere.course_id IN (SELECT c.id FROM courses c WHERE {}))`},
		{Key: "category", Kind: listing.Record, Records: "categories", SQL: "tc.category_id", Bar: true,
			Around: "s.course_id IN (SELECT cc.id FROM courses cc JOIN course_types tc ON tc.id = cc.course_type_id WHERE {})"},
		{Key: "course_state", Kind: listing.Choice, SQL: "cs.state", Values: States, Words: "course.state.", Bar: true, Around: "s.course_id IN (SELECT cs.id FROM courses cs WHERE {})"},
		{Key: "course_name", Kind: listing.Text, SQL: "cn.search", Folded: true, Around: "s.course_id IN (SELECT cn.id FROM courses cn WHERE {})"},
		{Key: "instructor", Kind: listing.Record, Records: "instructors", SQL: "ci.instructor_id", Around: "s.course_id IN (SELECT ci.course_id FROM course_instructors ci WHERE {})"},
		{Key: "course", Kind: listing.Record, Records: "courses", SQL: "s.course_id"},
		{Key: "room", Kind: listing.Record, Records: "rooms", SQL: "s.room_id"},
	},
}

// CourseTypes lists the course types by name.
var CourseTypes = &listing.List{
	Name: "course_types", Path: "/admin/course-types", From: "course_types AS ct", ID: "ct.id", Sort: "name", Search: "fold(ct.name)", Permission: string(accounts.CatalogueRead),
	Joins: []listing.Join{
		{Alias: "cat", SQL: "LEFT JOIN categories cat ON cat.id = ct.category_id"},
		{Alias: "used", SQL: "LEFT JOIN LATERAL (SELECT count(*) AS courses FROM courses c WHERE c.course_type_id = ct.id) used ON true"},
	},
	Columns: []listing.Column{
		{Key: "name", Kind: listing.Text, SQL: "ct.name", Shown: true, Sort: []string{"fold(ct.name)"}, Index: true},
		{Key: "category", Kind: listing.Text, SQL: "cat.name", Needs: "cat", Shown: true, Sort: []string{"coalesce(fold(cat.name), '')"}, SortNeeds: "cat"},
		{Key: "courses", Kind: listing.Number, SQL: "used.courses", Needs: "used", Shown: true, Sort: []string{"used.courses"}, SortNeeds: "used",
			Href: "/admin/courses?type=%d", HrefID: "ct.id", HrefPermission: string(accounts.CoursesRead)},
		{Key: "updated_at", Kind: listing.Moment, SQL: "ct.updated_at"},
	},
	Filters: []listing.Filter{
		{Key: "category", Kind: listing.Record, Records: "categories", SQL: "ct.category_id", Bar: true},
		{Key: "used", Kind: listing.Flag, SQL: "EXISTS (SELECT FROM courses c WHERE c.course_type_id = ct.id)"},
	},
}

// Locations lists the locations by name.
var Locations = &listing.List{
	Name: "locations", Path: "/admin/locations", From: "locations AS l", ID: "l.id", Sort: "name",
	Search: "fold(l.name || ' ' || l.street || ' ' || l.zip || ' ' || l.town || ' ' || l.district)", Permission: string(accounts.CatalogueRead),
	Joins: []listing.Join{
		{Alias: "inside", SQL: "LEFT JOIN LATERAL (SELECT count(*) AS number, string_agg(r.name, '; ' ORDER BY r.name, r.id) AS names FROM rooms r WHERE r.location_id = l.id) inside ON true"},
		{Alias: "used", SQL: "LEFT JOIN LATERAL (SELECT count(*) AS courses FROM courses c WHERE c.location_id = l.id) used ON true"},
	},
	Columns: []listing.Column{
		{Key: "name", Kind: listing.Text, SQL: "l.name", Shown: true, Sort: []string{"fold(l.name)"}, Index: true},
		{Key: "street", Kind: listing.Text, SQL: "l.street", Shown: true},
		{Key: "zip", Kind: listing.Text, SQL: "l.zip", Shown: true, Sort: []string{"l.zip"}},
		{Key: "town", Kind: listing.Text, SQL: "l.town", Shown: true, Sort: []string{"fold(l.town)"}},
		{Key: "district", Kind: listing.Text, SQL: "l.district", Sort: []string{"fold(l.district)"}},
		{Key: "country", Kind: listing.Text, SQL: "l.country"},
		{Key: "rooms", Kind: listing.Number, SQL: "inside.number", Needs: "inside", Shown: true, Sort: []string{"inside.number"}, SortNeeds: "inside",
			Href: "/admin/rooms?location=%d", HrefID: "l.id"},
		{Key: "room_names", Kind: listing.Text, SQL: "inside.names", Needs: "inside"},
		{Key: "accessible", Kind: listing.Flag, SQL: "l.accessible", Shown: true},
		{Key: "courses", Kind: listing.Number, SQL: "used.courses", Needs: "used", Shown: true, Sort: []string{"used.courses"}, SortNeeds: "used",
			Href: "/admin/courses?location=%d", HrefID: "l.id", HrefPermission: string(accounts.CoursesRead)},
		{Key: "updated_at", Kind: listing.Moment, SQL: "l.updated_at"},
	},
	Filters: []listing.Filter{
		{Key: "accessible", Kind: listing.Flag, SQL: "l.accessible", Bar: true},
		{Key: "town", Kind: listing.Text, SQL: "l.town"},
	},
}

// Rooms lists the rooms of all locations by name; a room is shown on its location's page.
var Rooms = &listing.List{
	Name: "rooms", Path: "/admin/rooms", From: "rooms AS r", ID: "r.id", Sort: "name", Search: "fold(r.name)", Permission: string(accounts.CatalogueRead),
	Joins: []listing.Join{
		{Alias: "l", SQL: "JOIN locations l ON l.id = r.location_id"},
		{Alias: "used", SQL: "LEFT JOIN LATERAL (SELECT count(*) AS sessions FROM course_sessions s WHERE s.room_id = r.id AND s.starts_at >= {now}) used ON true"},
	},
	Columns: []listing.Column{
		{Key: "name", Kind: listing.Text, SQL: "r.name", Shown: true, Sort: []string{"fold(r.name)"}, Index: true, Href: "/admin/locations/%d", HrefID: "r.location_id"},
		{Key: "location", Kind: listing.Text, SQL: "l.name", Needs: "l", Shown: true, Sort: []string{"fold(l.name)"}, SortNeeds: "l"},
		{Key: "capacity", Kind: listing.Number, SQL: "r.capacity::bigint", Shown: true, Sort: []string{"coalesce(r.capacity, 0)::bigint"}},
		{Key: "accessible", Kind: listing.Flag, SQL: "l.accessible", Needs: "l"},
		{Key: "sessions", Kind: listing.Number, SQL: "used.sessions", Needs: "used", Shown: true, Href: "/admin/sessions?when=from_today&room=%d", HrefID: "r.id", HrefPermission: string(accounts.CoursesRead)},
	},
	Filters: []listing.Filter{
		{Key: "location", Kind: listing.Record, Records: "locations", SQL: "r.location_id", Bar: true},
		{Key: "capacity", Kind: listing.Number, SQL: "r.capacity"},
		{Key: "accessible", Kind: listing.Flag, SQL: "l.accessible", Needs: "l"},
	},
}

// Instructors lists the instructors by name.
var Instructors = &listing.List{
	Name: "instructors", Path: "/admin/instructors", From: "instructors AS i", ID: "i.id", Sort: "name",
	Search: "fold(i.first_name || ' ' || i.last_name || ' ' || i.email)", Permission: string(accounts.CatalogueRead),
	Joins: []listing.Join{
		{Alias: "account", SQL: "LEFT JOIN users account ON account.id = i.user_id"},
		{Alias: "used", SQL: "LEFT JOIN LATERAL (SELECT count(*) AS courses FROM course_instructors ci WHERE ci.instructor_id = i.id) used ON true"},
	},
	Columns: []listing.Column{
		{Key: "name", Kind: listing.Text, SQL: "concat_ws(' ', nullif(i.title, ''), nullif(i.first_name, ''), i.last_name)", Shown: true, Sort: []string{"fold(i.last_name)", "fold(i.first_name)"}, Index: true},
		{Key: "email", Kind: listing.Text, SQL: "i.email", Shown: true, Sort: []string{"i.email"}},
		{Key: "published", Kind: listing.Flag, SQL: "i.published", Shown: true},
		{Key: "account", Kind: listing.Text, SQL: "account.name", Needs: "account", Shown: true},
		{Key: "courses", Kind: listing.Number, SQL: "used.courses", Needs: "used", Shown: true, Sort: []string{"used.courses"}, SortNeeds: "used",
			Href: "/admin/courses?instructor=%d", HrefID: "i.id", HrefPermission: string(accounts.CoursesRead)},
		{Key: "title", Kind: listing.Text, SQL: "i.title"},
		{Key: "first_name", Kind: listing.Text, SQL: "i.first_name"},
		{Key: "last_name", Kind: listing.Text, SQL: "i.last_name"},
		{Key: "updated_at", Kind: listing.Moment, SQL: "i.updated_at"},
	},
	Filters: []listing.Filter{
		{Key: "published", Kind: listing.Flag, SQL: "i.published", Bar: true},
		{Key: "account", Kind: listing.Flag, SQL: "(i.user_id IS NOT NULL)"},
	},
}

// reach narrows a list to the courses that a permission reaches, by a column with a course's id.
func reach(p accounts.Permission, column string) func(context.Context) (string, []any) {
	return func(ctx context.Context) (string, []any) { return accounts.GrantsOf(ctx).Reach(p).Courses(column) }
}
