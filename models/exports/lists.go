package exports

import (
	"context"
	"slices"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/listing"
	"kurso/models/store"
)

// Lists are all lists of the office.
var Lists = append(others, Mine)

// others are those that are not about exports themselves.
var others = []*listing.List{
	booking.Bookings, booking.Participants, booking.Waiting, booking.Persons, booking.Mails,
	catalog.Courses, catalog.Sessions, catalog.CourseTypes, catalog.Locations, catalog.Rooms, catalog.Instructors,
	accounts.Users, audit.Entries, catalog.Imports, catalog.ImportReports,
}

// Mine lists the exports of ctx's user, newest first.
var Mine = &listing.List{
	Name: "exports", Path: "/admin/exports", From: "exports AS ex", ID: "ex.id", Sort: "-created_at",
	Within: func(ctx context.Context) (string, []any) { return "ex.user_id = ?", []any{store.ActorOf(ctx).UserID} },
	Columns: []listing.Column{
		{Key: "list", Kind: listing.Choice, SQL: "ex.list", Codes: append(names(others), "exports"), Words: "list.", Shown: true},
		{Key: "format", Kind: listing.Choice, SQL: "ex.format", Codes: formats, Words: "export.format.", Shown: true},
		{Key: "rows", Kind: listing.Number, SQL: "greatest(ex.rows_done, ex.rows_total)", Shown: true, Sort: []string{"greatest(ex.rows_done, ex.rows_total)"}},
		{Key: "created_at", Kind: listing.Moment, SQL: "ex.created_at", Shown: true, Sort: []string{"ex.created_at"}, Index: true},
		{Key: "state", Kind: listing.Choice, SQL: "ex.state", Codes: States, Words: "export.state.", Shown: true},
		{Key: "until", Kind: listing.Moment, SQL: "CASE WHEN " + available + " THEN ex.expires_at END", Href: "/admin/exports/%d/file", HrefID: "CASE WHEN " + available + " THEN ex.id END", Shown: true},
		{Key: "size", Kind: listing.Number, SQL: "nullif(ex.size_bytes, 0)"},
		{Key: "finished_at", Kind: listing.Moment, SQL: "ex.finished_at"},
	},
	Filters: []listing.Filter{
		{Key: "list", Kind: listing.Choice, SQL: "ex.list", Values: append(names(others), "exports"), Words: "list.", Bar: true},
		{Key: "state", Kind: listing.Choice, SQL: "ex.state", Values: States, Words: "export.state.", Bar: true},
		{Key: "created", Kind: listing.Moment, SQL: "ex.created_at", Bar: true},
		{Key: "format", Kind: listing.Choice, SQL: "ex.format", Values: formats, Words: "export.format."},
	},
}

// available is whether the file of an export can be fetched.
const available = "ex.file_key <> '' AND ex.expires_at > {now}"

// formats are the codes of listing.Formats.
var formats = []string{string(listing.GermanCSV), string(listing.CSV), string(listing.XLSX)}

func names(lists []*listing.List) []string {
	out := make([]string, len(lists))
	for i, l := range lists {
		out[i] = l.Name
	}
	return out
}

// May reports whether ctx's user may see a list.
func May(ctx context.Context, l *listing.List) bool {
	return l.Permission == "" || accounts.GrantsOf(ctx).May(accounts.Permission(l.Permission))
}

// List finds a list by its name; nil if there is none.
func List(name string) *listing.List {
	if i := slices.IndexFunc(Lists, func(l *listing.List) bool { return l.Name == name }); i >= 0 {
		return Lists[i]
	}
	return nil
}
