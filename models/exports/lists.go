package exports

import (
	"slices"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/listing"
)

// Lists are all lists of the office.
var Lists = []*listing.List{
	booking.Bookings,
	catalog.Courses, catalog.Sessions, catalog.CourseTypes, catalog.Locations, catalog.Rooms, catalog.Instructors,
	accounts.Users, audit.Entries,
}

// List finds a list by its name; nil if there is none.
func List(name string) *listing.List {
	if i := slices.IndexFunc(Lists, func(l *listing.List) bool { return l.Name == name }); i >= 0 {
		return Lists[i]
	}
	return nil
}
