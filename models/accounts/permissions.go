package accounts

import (
	"slices"
	"strings"
)

// Permission is what a role allows, "area.verb".
type Permission string

// The permissions there are. Those of courses, participants, bookings and mails end where a role's reach
// ends; the others have no reach.
const (
	CoursesRead      Permission = "courses.read"
	CoursesWrite     Permission = "courses.write"
	CoursesPublish   Permission = "courses.publish" // publish, call off and every other change of state
	CoursesDelete    Permission = "courses.delete"
	ParticipantsRead Permission = "participants.read" // the list of a course's participants
	BookingsRead     Permission = "bookings.read"
	BookingsWrite    Permission = "bookings.write"
	OutboxRead       Permission = "outbox.read"
	OutboxWrite      Permission = "outbox.write"
	CatalogueRead    Permission = "catalogue.read" // course types, categories, locations, instructors
	CatalogueWrite   Permission = "catalogue.write"
	ImportsRead      Permission = "imports.read"
	ImportsWrite     Permission = "imports.write"
	SettingsRead     Permission = "settings.read"
	SettingsWrite    Permission = "settings.write"
	AccountsRead     Permission = "accounts.read"
	AccountsWrite    Permission = "accounts.write" // invite, deactivate, give roles, grant support access
	RolesWrite       Permission = "roles.write"
	AuditRead        Permission = "audit.read"
	ExportsRaw       Permission = "exports.raw" // files that keep formulas and codes as they are
)

// Permissions lists them in the order of the matrix.
var Permissions = []Permission{
	CoursesRead, CoursesWrite, CoursesPublish, CoursesDelete, ParticipantsRead, BookingsRead, BookingsWrite, OutboxRead, OutboxWrite,
	CatalogueRead, CatalogueWrite, ImportsRead, ImportsWrite, SettingsRead, SettingsWrite, AccountsRead, AccountsWrite, RolesWrite, AuditRead, ExportsRaw,
}

// Area is what the permission is about: "courses".
func (p Permission) Area() string {
	area, _, _ := strings.Cut(string(p), ".")
	return area
}

// Reaches reports whether the permission ends where a role's reach ends.
func (p Permission) Reaches() bool {
	return slices.Contains([]string{"courses", "participants", "bookings", "outbox"}, p.Area())
}

// needs is the permission without which this one leads nowhere: what one may change, one may see.
func (p Permission) needs() Permission {
	switch p {
	case ParticipantsRead:
		return CoursesRead
	case RolesWrite:
		return AccountsRead
	}
	return Permission(p.Area() + ".read")
}
