package booking

import (
	"context"

	"kurso/models/accounts"
	"kurso/models/listing"
)

// Bookings lists the bookings, newest first.
var Bookings = &listing.List{
	Name: "bookings", Path: "/admin/bookings", From: "bookings AS b", ID: "b.id", Sort: "-requested_at", Search: "b.search", Prefix: "fold(b.last_name)", Numbered: true,
	Permission: string(accounts.BookingsRead),
	Within: func(ctx context.Context) (string, []any) {
		return accounts.GrantsOf(ctx).Reach(accounts.BookingsRead).Courses("b.course_id")
	},
	Joins: []listing.Join{
		{Alias: "c", SQL: "JOIN courses c ON c.id = b.course_id"},
		{Alias: "ct", SQL: "JOIN course_types ct ON ct.id = c.course_type_id", Needs: "c"},
		{Alias: "cat", SQL: "LEFT JOIN categories cat ON cat.id = ct.category_id", Needs: "ct"},
		{Alias: "loc", SQL: "LEFT JOIN locations loc ON loc.id = c.location_id", Needs: "c"},
		{Alias: "people", SQL: `LEFT JOIN LATERAL (SELECT string_agg(concat_ws(' ', nullif(par.first_name, ''), par.last_name), '; ' ORDER BY par.position) AS names
			FROM participants par WHERE par.booking_id = b.id) people ON true`},
		{Alias: "dates", SQL: `LEFT JOIN LATERAL (SELECT count(*) AS number, string_agg(to_char(ses.starts_at AT TIME ZONE (SELECT time_zone FROM provider), 'DD.MM.YYYY HH24:MI'), '; ' ORDER BY ses.starts_at) AS list
			FROM course_sessions ses WHERE ses.course_id = b.course_id) dates ON true`},
	},
	Columns: append([]listing.Column{
		{Key: "booker", Kind: listing.Text, SQL: "concat_ws(' ', nullif(b.first_name, ''), b.last_name)", Shown: true, Sort: []string{"fold(b.last_name)", "fold(b.first_name)"}, Index: true},
		{Key: "number", Kind: listing.Number, SQL: "b.id", Plain: true},
		{Key: "course", Kind: listing.Text, SQL: "c.name", Needs: "c", Shown: true, Href: "/admin/courses/%d", HrefID: "b.course_id", HrefPermission: string(accounts.CoursesRead), Sort: []string{"fold(c.name)"}, SortNeeds: "c"},
		{Key: "course_number", Kind: listing.Text, SQL: "c.number", Needs: "c", Shown: true, Sort: []string{"c.number"}, SortNeeds: "c"},
		{Key: "places", Kind: listing.Number, SQL: "b.places", Shown: true, Sort: []string{"b.places::bigint"}},
		{Key: "total", Kind: listing.Cents, SQL: "b.total_cents", Currency: "b.currency", Shown: true, Sort: []string{"b.total_cents"}, Index: true},
		{Key: "requested_at", Kind: listing.Moment, SQL: "b.requested_at", Shown: true, Sort: []string{"b.requested_at"}, Index: true},
		{Key: "state", Kind: listing.Choice, SQL: "b.state", Codes: States, Words: "booking.state.", Shown: true},
		{Key: "participants", Kind: listing.Text, SQL: "people.names", Needs: "people"},
	}, bookingColumns...),
	Filters: bookingFilters("b"),
}

// bookingColumns are what bookings and their participants can show besides.
var bookingColumns = []listing.Column{
	{Key: "confirmed_at", Kind: listing.Moment, SQL: "b.confirmed_at"},
	{Key: "closed_at", Kind: listing.Moment, SQL: "b.closed_at"},
	{Key: "origin", Kind: listing.Choice, SQL: "b.origin", Codes: []string{"portal", "staff"}, Words: "booking.origin."},
	{Key: "first_name", Kind: listing.Text, SQL: "b.first_name"},
	{Key: "last_name", Kind: listing.Text, SQL: "b.last_name"},
	{Key: "email", Kind: listing.Text, SQL: "b.email"},
	{Key: "phone", Kind: listing.Text, SQL: "b.phone"},
	{Key: "street", Kind: listing.Text, SQL: "b.street"},
	{Key: "zip", Kind: listing.Text, SQL: "b.zip"},
	{Key: "town", Kind: listing.Text, SQL: "b.town"},
	{Key: "country", Kind: listing.Text, SQL: "b.country"},
	{Key: "payer_name", Kind: listing.Text, SQL: "b.payer_name"},
	{Key: "payer_email", Kind: listing.Text, SQL: "b.payer_email"},
	{Key: "payer_street", Kind: listing.Text, SQL: "b.payer_street"},
	{Key: "payer_zip", Kind: listing.Text, SQL: "b.payer_zip"},
	{Key: "payer_town", Kind: listing.Text, SQL: "b.payer_town"},
	{Key: "payer_country", Kind: listing.Text, SQL: "b.payer_country"},
	{Key: "note", Kind: listing.Text, SQL: "b.note"},
	{Key: "category", Kind: listing.Text, SQL: "cat.name", Needs: "cat"},
	{Key: "location", Kind: listing.Text, SQL: "loc.name", Needs: "loc"},
	{Key: "start_date", Kind: listing.Day, SQL: "c.start_date", Needs: "c"},
	{Key: "end_date", Kind: listing.Day, SQL: "c.end_date", Needs: "c"},
	{Key: "session_count", Kind: listing.Number, SQL: "dates.number", Needs: "dates"},
	{Key: "sessions", Kind: listing.Text, SQL: "dates.list", Needs: "dates"},
}

func bookingFilters(alias string) []listing.Filter {
	ofCourses := alias + ".course_id IN (SELECT c.id FROM courses c WHERE {})"
	return []listing.Filter{
		{Key: "state", Kind: listing.Choice, SQL: alias + ".state", Values: States, Words: "booking.state.", Bar: true},
		{Key: "requested", Kind: listing.Moment, SQL: alias + ".requested_at", Bar: true},
		{Key: "course", Kind: listing.Record, SQL: alias + ".course_id", Records: "courses"},
		{Key: "category", Kind: listing.Record, Records: "categories", SQL: "ct.category_id",
			Around: alias + ".course_id IN (SELECT c.id FROM courses c JOIN course_types ct ON ct.id = c.course_type_id WHERE {})"},
		{Key: "location", Kind: listing.Record, Records: "locations", SQL: "c.location_id", Around: ofCourses},
		{Key: "start", Kind: listing.Day, SQL: "c.start_date", Around: ofCourses},
		{Key: "total", Kind: listing.Cents, SQL: alias + ".total_cents"},
		{Key: "places", Kind: listing.Number, SQL: alias + ".places"},
		{Key: "origin", Kind: listing.Choice, SQL: alias + ".origin", Values: []string{"portal", "staff"}, Words: "booking.origin."},
	}
}
