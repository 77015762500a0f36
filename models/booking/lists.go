package booking

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/models/listing"
	"kurso/models/outbox"
)

// bookingJoins are what lists of bookings show besides; b is the booking.
var bookingJoins = []listing.Join{
	{Alias: "c", SQL: "JOIN courses c ON c.id = b.course_id"},
	{Alias: "ct", SQL: "JOIN course_types ct ON ct.id = c.course_type_id", Needs: "c"},
	{Alias: "cat", SQL: "LEFT JOIN categories cat ON cat.id = ct.category_id", Needs: "ct"},
	{Alias: "loc", SQL: "LEFT JOIN locations loc ON loc.id = c.location_id", Needs: "c"},
	{Alias: "people", SQL: `LEFT JOIN LATERAL (SELECT string_agg(concat_ws(' ', nullif(par.first_name, ''), par.last_name), '; ' ORDER BY par.position) AS names
		FROM participants par WHERE par.booking_id = b.id) people ON true`},
	{Alias: "dates", SQL: `LEFT JOIN LATERAL (SELECT count(*) AS number, string_agg(to_char(ses.starts_at AT TIME ZONE (SELECT time_zone FROM provider), 'DD.MM.YYYY HH24:MI'), '; ' ORDER BY ses.starts_at) AS list
		FROM course_sessions ses WHERE ses.course_id = b.course_id) dates ON true`},
}

// Bookings lists the bookings, newest first.
var Bookings = &listing.List{
	Name: "bookings", Personal: true, Path: "/admin/bookings", From: "bookings AS b", ID: "b.id", Sort: "-requested_at", Search: "b.search", Prefix: "b.name_key", Numbered: true,
	Permission: string(accounts.BookingsRead),
	Within: func(ctx context.Context) (string, []any) {
		return accounts.GrantsOf(ctx).Reach(accounts.BookingsRead).Courses("b.course_id")
	},
	Joins: bookingJoins,
	Columns: append([]listing.Column{
		{Key: "booker", Kind: listing.Text, SQL: "concat_ws(' ', nullif(b.first_name, ''), b.last_name)", Shown: true, Sort: []string{"b.name_key"}, Index: true},
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
		{Key: "person", Kind: listing.Record, SQL: alias + ".person_id", Records: "persons"},
		{Key: "category", Kind: listing.Record, Records: "categories", SQL: "ct.category_id",
			Around: alias + ".course_id IN (SELECT c.id FROM courses c JOIN course_types ct ON ct.id = c.course_type_id WHERE {})"},
		{Key: "location", Kind: listing.Record, Records: "locations", SQL: "c.location_id", Around: ofCourses},
		{Key: "start", Kind: listing.Day, SQL: "c.start_date", Around: ofCourses, EdgeOf: alias + ".requested_at",
			Edge: `SELECT {edge}(e.requested_at) FROM courses c CROSS JOIN LATERAL
				(SELECT eb.requested_at FROM bookings eb WHERE eb.course_id = c.id ORDER BY eb.requested_at {direction} LIMIT 1) e WHERE {}`},
		{Key: "total", Kind: listing.Cents, SQL: alias + ".total_cents"},
		{Key: "places", Kind: listing.Number, SQL: alias + ".places"},
		{Key: "origin", Kind: listing.Choice, SQL: alias + ".origin", Values: []string{"portal", "staff"}, Words: "booking.origin."},
	}
}

// Rows that belong to bookings.
const (
	ofParticipant = "par.booking_id IN (SELECT b.id FROM bookings b WHERE {})"
	// ofPerson looks at those bookings only that the actor may see: else a filter would tell of others.
	ofPerson = "p.id IN (SELECT b.person_id FROM bookings b WHERE {} AND {reach})"
)

// Participants lists those who take part, the newest first.
var Participants = &listing.List{
	Name: "participants", Personal: true, Path: "/admin/participants", From: "participants AS par", ID: "par.id", Sort: "-requested_at", Opens: "state=CONFIRMED",
	Search: "par.search", Prefix: "par.name_key",
	Permission: string(accounts.BookingsRead), Within: reached(ofParticipant, ""),
	Joins: append([]listing.Join{{Alias: "b", SQL: "JOIN bookings b ON b.id = par.booking_id"}}, listing.Needing("b", bookingJoins)...),
	Columns: append([]listing.Column{
		{Key: "name", Kind: listing.Text, SQL: "concat_ws(' ', nullif(par.first_name, ''), par.last_name)", Shown: true, Sort: []string{"par.name_key"}, Index: true,
			Href: "/admin/bookings/%d", HrefID: "par.booking_id"},
		{Key: "course", Kind: listing.Text, SQL: "c.name", Needs: "c", Shown: true, Href: "/admin/courses/%d", HrefID: "b.course_id", HrefPermission: string(accounts.CoursesRead), Sort: []string{"fold(c.name)"}, SortNeeds: "c"},
		{Key: "course_number", Kind: listing.Text, SQL: "c.number", Needs: "c", Sort: []string{"c.number"}, SortNeeds: "c"},
		{Key: "start_date", Kind: listing.Day, SQL: "c.start_date", Needs: "c", Shown: true, Sort: []string{"coalesce(c.start_date, 'infinity'::date)"}, SortNeeds: "c"},
		{Key: "booker", Kind: listing.Text, SQL: "concat_ws(' ', nullif(b.first_name, ''), b.last_name)", Needs: "b", Shown: true},
		{Key: "amount", Kind: listing.Cents, SQL: "par.amount_cents", Currency: "b.currency", Needs: "b", Shown: true, Sort: []string{"par.amount_cents"}},
		{Key: "state", Kind: listing.Choice, SQL: "b.state", Needs: "b", Codes: States, Words: "booking.state.", Shown: true},
		{Key: "participant_first_name", Kind: listing.Text, SQL: "par.first_name"},
		{Key: "participant_last_name", Kind: listing.Text, SQL: "par.last_name"},
		{Key: "participant_email", Kind: listing.Text, SQL: "par.email"},
		{Key: "price", Kind: listing.Text, SQL: "par.price_name"},
		{Key: "number", Kind: listing.Number, SQL: "par.id", Plain: true, Sort: []string{"par.id"}, Index: true},
		{Key: "booking", Kind: listing.Number, SQL: "par.booking_id", Plain: true},
		{Key: "requested_at", Kind: listing.Moment, SQL: "b.requested_at", Needs: "b", Sort: []string{"b.requested_at"}, SortNeeds: "b", Index: true},
	}, columnsOf("b", bookingColumns, "start_date")...),
	Filters: filtersOf("b", bookingFilters("b")),
}

// Persons lists those who booked and whose e-mail was verified, by name.
var Persons = &listing.List{
	Name: "persons", Personal: true, Path: "/admin/persons", From: "persons AS p", ID: "p.id", Sort: "name",
	Search: "p.search", Prefix: "p.name_key",
	Permission: string(accounts.BookingsRead), Within: reached("p.id IN (SELECT b.person_id FROM bookings b WHERE {})", ""), Reach: reached("{}", ""),
	Joins: []listing.Join{
		{Alias: "booked", SQL: "LEFT JOIN LATERAL (SELECT count(*) AS number, max(b.requested_at) AS last FROM bookings b WHERE b.person_id = p.id AND {reach}) booked ON true"},
	},
	Columns: []listing.Column{
		{Key: "name", Kind: listing.Text, SQL: "concat_ws(' ', nullif(p.first_name, ''), p.last_name)", Shown: true, Sort: []string{"p.name_key"}, Index: true},
		{Key: "email", Kind: listing.Text, SQL: "p.email", Shown: true},
		{Key: "phone", Kind: listing.Text, SQL: "p.phone", Shown: true},
		{Key: "town", Kind: listing.Text, SQL: "p.town", Shown: true},
		{Key: "bookings", Kind: listing.Number, SQL: "booked.number", Needs: "booked", Shown: true, Href: "/admin/bookings?person=%d", HrefID: "CASE WHEN booked.number > 0 THEN p.id END"},
		{Key: "last_booking", Kind: listing.Moment, SQL: "booked.last", Needs: "booked", Shown: true},
		{Key: "number", Kind: listing.Number, SQL: "p.id", Plain: true, Sort: []string{"p.id"}, Index: true},
		{Key: "first_name", Kind: listing.Text, SQL: "p.first_name"},
		{Key: "last_name", Kind: listing.Text, SQL: "p.last_name"},
		{Key: "street", Kind: listing.Text, SQL: "p.street"},
		{Key: "zip", Kind: listing.Text, SQL: "p.zip"},
		{Key: "country", Kind: listing.Text, SQL: "p.country"},
		{Key: "created_at", Kind: listing.Moment, SQL: "p.created_at", Sort: []string{"p.created_at"}, Index: true},
	},
	Filters: []listing.Filter{
		{Key: "booked", Kind: listing.Moment, SQL: "b.requested_at", Around: ofPerson, Bar: true},
		{Key: "category", Kind: listing.Record, Records: "categories", SQL: "ct.category_id", Bar: true,
			Around: "p.id IN (SELECT b.person_id FROM bookings b JOIN courses c ON c.id = b.course_id JOIN course_types ct ON ct.id = c.course_type_id WHERE {} AND {reach})"},
		{Key: "not_booked", Kind: listing.Moment, SQL: "b.requested_at", Around: "NOT EXISTS (SELECT 1 FROM bookings b WHERE b.person_id = p.id AND {} AND {reach})"},
		{Key: "course", Kind: listing.Record, Records: "courses", SQL: "b.course_id", Around: ofPerson},
		{Key: "town", Kind: listing.Text, SQL: "p.town"},
		{Key: "zip", Kind: listing.Text, SQL: "p.zip"},
		{Key: "created", Kind: listing.Moment, SQL: "p.created_at"},
	},
}

// Waiting lists the bookings on waiting lists, those who wait longest first.
var Waiting = &listing.List{
	Name: "waiting", Apart: true, Personal: true, Path: "/admin/waiting-list", From: "bookings AS b", ID: "b.id", Sort: "waitlisted_at", Search: "b.search", Prefix: "b.name_key", Numbered: true,
	Permission: string(accounts.BookingsRead), Within: reached("{}", "b.state = 'WAITLISTED'"),
	Joins: append(slices.Clone(bookingJoins), listing.Needing("c", catalog.PlaceJoins)...),
	Columns: append([]listing.Column{
		{Key: "booker", Kind: listing.Text, SQL: "concat_ws(' ', nullif(b.first_name, ''), b.last_name)", Shown: true, Sort: []string{"b.name_key"},
			Href: "/admin/bookings/%d", HrefID: "b.id"},
		{Key: "course", Kind: listing.Text, SQL: "c.name", Needs: "c", Shown: true, Href: "/admin/courses/%d", HrefID: "b.course_id", HrefPermission: string(accounts.CoursesRead),
			// the queue of each course, in its order
			Sort: []string{"fold(c.name)", "c.number", "to_char(b.waitlisted_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS')"}, SortNeeds: "c"},
		{Key: "course_number", Kind: listing.Text, SQL: "c.number", Needs: "c"},
		{Key: "places", Kind: listing.Number, SQL: "b.places", Shown: true, Sort: []string{"b.places::bigint"}},
		{Key: "free", Kind: listing.Number, SQL: catalog.PlacesFree, Needs: "held", Shown: true},
		{Key: "waitlisted_at", Kind: listing.Moment, SQL: "b.waitlisted_at", Shown: true, Sort: []string{"b.waitlisted_at"}, Index: true},
		{Key: "days", Kind: listing.Number, SQL: "greatest(floor(extract(epoch FROM {now} - b.waitlisted_at) / 86400), 0)::bigint", Shown: true},
		{Key: "number", Kind: listing.Number, SQL: "b.id", Plain: true},
	}, shown(columnsOf("", bookingColumns, "confirmed_at", "closed_at"), "start_date")...),
	Filters: []listing.Filter{
		{Key: "free", Kind: listing.Flag, SQL: catalog.HasFree, Needs: "held", Bar: true},
		{Key: "course", Kind: listing.Record, SQL: "b.course_id", Records: "courses"},
		{Key: "category", Kind: listing.Record, Records: "categories", SQL: "ct.category_id", Needs: "ct", Bar: true},
		{Key: "start", Kind: listing.Day, SQL: "c.start_date", Needs: "c", Bar: true},
		{Key: "waitlisted", Kind: listing.Moment, SQL: "b.waitlisted_at"},
		{Key: "places", Kind: listing.Number, SQL: "b.places"},
	},
}

// Mails lists the mails, newest first. Those that are about no booking belong to no course: only who reaches
// all of them sees them.
var Mails = &listing.List{
	Name: "mails", Apart: true, Personal: true, Path: "/admin/outbox", From: "mails AS m", ID: "m.id", Sort: "-created_at", Search: "fold(m.recipient)", Prefix: "fold(m.recipient)",
	Permission: string(accounts.OutboxRead),
	Within: func(ctx context.Context) (string, []any) {
		condition, args := accounts.GrantsOf(ctx).Reach(accounts.OutboxRead).Courses("b.course_id")
		if condition == "" {
			return "", nil
		}
		return "m.booking_id IN (SELECT b.id FROM bookings b WHERE " + condition + ")", args
	},
	Joins: []listing.Join{
		{Alias: "b", SQL: "LEFT JOIN bookings b ON b.id = m.booking_id"},
		{Alias: "c", SQL: "LEFT JOIN courses c ON c.id = b.course_id", Needs: "b"},
	},
	Columns: []listing.Column{
		{Key: "recipient", Kind: listing.Text, SQL: "m.recipient", Shown: true, Sort: []string{"fold(m.recipient)"}},
		{Key: "letter", Kind: listing.Choice, SQL: "m.letter", Codes: outbox.AllLetters, Words: "letter.", Shown: true},
		{Key: "course", Kind: listing.Text, SQL: "c.name", Needs: "c", Shown: true, Href: "/admin/bookings/%d", HrefID: "m.booking_id", HrefPermission: string(accounts.BookingsRead)},
		{Key: "booking", Kind: listing.Number, SQL: "m.booking_id", Plain: true, Href: "/admin/bookings/%d", HrefID: "m.booking_id", HrefPermission: string(accounts.BookingsRead)},
		{Key: "course_number", Kind: listing.Text, SQL: "c.number", Needs: "c"},
		{Key: "state", Kind: listing.Choice, SQL: "m.state", Codes: outbox.States, Words: "mail.state.", Shown: true},
		{Key: "created_at", Kind: listing.Moment, SQL: "m.created_at", Shown: true, Sort: []string{"m.created_at"}, Index: true},
		{Key: "sent_at", Kind: listing.Moment, SQL: "m.sent_at"},
		{Key: "next_try_at", Kind: listing.Moment, SQL: "m.next_try_at"},
		{Key: "attempts", Kind: listing.Number, SQL: "m.attempts::bigint"},
		{Key: "last_reply", Kind: listing.Text, SQL: "m.last_reply"},
		{Key: "message_id", Kind: listing.Text, SQL: "m.message_id"},
		{Key: "locale", Kind: listing.Choice, SQL: "m.locale", Codes: []string{"de", "en"}, Words: "booking.locale."},
	},
	Filters: []listing.Filter{
		{Key: "state", Kind: listing.Choice, SQL: "m.state", Values: outbox.States, Words: "mail.state.", Bar: true},
		{Key: "letter", Kind: listing.Choice, SQL: "m.letter", Values: outbox.AllLetters, Words: "letter.", Bar: true},
		{Key: "created", Kind: listing.Moment, SQL: "m.created_at", Bar: true},
		{Key: "course", Kind: listing.Record, Records: "courses", SQL: "b.course_id", Around: "m.booking_id IN (SELECT b.id FROM bookings b WHERE {})"},
	},
}

// reached narrows a list to what belongs to bookings within the reach of BookingsRead, with around holding
// the condition on b at its {}, and always to another condition.
func reached(around, always string) func(context.Context) (string, []any) {
	return func(ctx context.Context) (string, []any) {
		condition, args := accounts.GrantsOf(ctx).Reach(accounts.BookingsRead).Courses("b.course_id")
		if condition == "" {
			return always, nil
		}
		condition = strings.Replace(around, "{}", condition, 1)
		if always != "" {
			condition = always + " AND " + condition
		}
		return condition, args
	}
}

// filtersOf are filters that need a join.
func filtersOf(join string, filters []listing.Filter) []listing.Filter {
	for i := range filters {
		filters[i].Needs = join
	}
	return filters
}

// columnsOf are columns that need a join, without those named.
func columnsOf(join string, columns []listing.Column, without ...string) []listing.Column {
	var out []listing.Column
	for _, c := range columns {
		if !slices.Contains(without, c.Key) {
			c.Needs = cmp.Or(c.Needs, join)
			out = append(out, c)
		}
	}
	return out
}

// shown are columns of which some are shown unless others were chosen.
func shown(columns []listing.Column, keys ...string) []listing.Column {
	for i, c := range columns {
		columns[i].Shown = c.Shown || slices.Contains(keys, c.Key)
	}
	return columns
}
