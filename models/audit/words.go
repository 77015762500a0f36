package audit

import "slices"

// Subjects are the kinds of records that entries are about; a kind's name is the message "audit.subject.<kind>".
var Subjects = []string{"booking", "bulk_cancellation", "course", "course_type", "category", "location", "instructor", "import", "mail", "user", "notifications", "provider", "role", "system", "export", "export_schedule", "saved_view", "export_preset"}

// Actions are all that is done to records; an action's words are the message "audit.<action>".
var Actions = []string{
	"booking.requested", "booking.verification_resent", "booking.confirmed", "booking.waitlisted", "booking.cancelled", "booking.expired",
	"bulk_cancellation.started", "bulk_cancellation.finished", "bulk_cancellation.stopped",
	"course.created", "course.changed", "course.draft", "course.planned", "course.published", "course.running", "course.finished", "course.called_off", "course.deleted", "course.imported",
	"course_type.created", "course_type.changed", "course_type.deleted",
	"category.created", "category.changed", "category.deleted",
	"location.created", "location.changed", "location.deleted",
	"instructor.created", "instructor.changed", "instructor.deleted",
	"import.started", "import.finished", "import.failed", "import.cancelled",
	"mail.retried",
	"user.signed_in", "user.signed_out", "user.created", "user.changed", "user.deactivated", "user.password_changed", "user.authenticator_added", "user.authenticator_removed", "user.passkey_added", "user.passkey_removed", "user.recovery_codes_renewed", "user.recovery_code_used", "user.email_change_requested", "user.email_change_cancelled", "user.email_changed", "user.sign_in_ended", "user.sign_ins_ended", "user.invited", "user.invited_again", "user.invitation_withdrawn", "user.joined", "user.set_up", "user.reactivated", "user.support_granted",
	"notifications.changed",
	"provider.changed", "provider.imported", "provider.licensed",
	"role.created", "role.changed", "role.deleted",
	"system.suspended", "system.resumed",
	"export.started", "export.finished", "export.failed", "export.cancelled", "export.downloaded", "export.deleted",
	"export_schedule.created", "export_schedule.resumed", "export_schedule.stopped", "export_schedule.deleted",
	"saved_view.saved", "saved_view.deleted",
	"export_preset.saved", "export_preset.deleted",
	"values.erased",
}

// fields are what changes name, by kind of record; their words are the messages "field.<kind>.<field>".
var fields = []string{
	"booking.state", "booking.places",
	"bulk_cancellation.bookings",
	"course.course_type", "course.number", "course.name", "course.subtitle", "course.description", "course.level", "course.target_groups", "course.keywords", "course.certificate", "course.state", "course.delivery", "course.start_date", "course.end_date", "course.location", "course.min_places", "course.max_places", "course.places_taken_elsewhere", "course.teaching_units", "course.booking_opens_at", "course.booking_closes_at", "course.website_url", "course.image_url", "course.instructors", "course.staff", "course.session", "course.sessions", "course.price", "course.prices",
	"course_type.name", "course_type.category", "course_type.description",
	"category.name", "category.code", "category.position",
	"location.name", "location.street", "location.zip", "location.town", "location.district", "location.country", "location.accessible", "location.latitude", "location.longitude", "location.room", "location.rooms",
	"instructor.name", "instructor.title", "instructor.first_name", "instructor.last_name", "instructor.email", "instructor.published", "instructor.account",
	"import.created", "import.updated", "import.unchanged", "import.skipped",
	"mail.state",
	"user.name", "user.locale", "user.email", "user.role", "user.roles", "user.access_ends_at",
	"notifications.booking", "notifications.cancellation", "notifications.waitlist", "notifications.place_free", "notifications.course_full", "notifications.below_minimum", "notifications.mail_failed", "notifications.import", "notifications.export", "notifications.categories",
	"provider.name", "provider.kind", "provider.email", "provider.phone", "provider.street", "provider.zip", "provider.town", "provider.imprint_url", "provider.privacy_url", "provider.terms_url", "provider.withdrawal_url", "provider.languages", "provider.default_language", "provider.time_zone", "provider.sender_name", "provider.sender_email", "provider.reply_to", "provider.signature_de", "provider.signature_en", "provider.dkim_selectors", "provider.vat_note", "provider.hold_minutes", "provider.hold_share_percent", "provider.cancellation_days", "provider.prices", "provider.licensed_persons",
	"role.name", "role.position", "role.description", "role.reach", "role.categories", "role.category", "role.second_factor", "role.permission", "role.permissions",
	"system.notice",
	"export.list", "export.filter", "export.rows",
	"export_schedule.list", "export_schedule.cadence",
	"saved_view.list", "saved_view.name",
	"export_preset.list", "export_preset.name", "export_preset.columns",
}

// coding says that values of fields are codes, and where their words are: in the messages with this prefix.
type coding struct {
	words         string
	codes, fields []string
}

// codings are those of all fields with codes. A value that joins several codes has ", " between them.
var codings = []coding{
	{"booking.state.", []string{"REQUESTED", "PENDING", "CONFIRMED", "WAITLISTED", "OFFERED", "CANCELLED", "REJECTED", "EXPIRED"}, []string{"booking.state"}},
	{"course.state.", []string{"draft", "planned", "published", "running", "finished", "called_off"}, []string{"course.state"}},
	{"mail.state.", []string{"queued", "sending", "sent", "retrying", "failed", "bounced", "kept"}, []string{"mail.state"}},
	{"delivery.", []string{"on_site", "online", "blended", "self_paced"}, []string{"course.delivery"}},
	{"course.elsewhere.", []string{"-1"}, []string{"course.places_taken_elsewhere"}},
	{"answer.", []string{"true", "false"}, []string{"location.accessible", "instructor.published", "role.second_factor"}},
	{"booking.locale.", []string{"de", "en"}, []string{"user.locale", "provider.languages", "provider.default_language"}},
	{"provider.kind.", []string{"adult_education", "academy", "club", "company", "church", "music_school"}, []string{"provider.kind"}},
	{"settings.reply_to.", []string{"responsible", "provider"}, []string{"provider.reply_to"}},
	{"role.", []string{"administration", "bookkeeping", "planning", "front_desk", "instructor", "read_only"}, []string{"user.role", "user.roles"}},
	{"reach.", []string{"all", "own", "categories"}, []string{"role.reach"}},
	{"permission.", []string{"courses.read", "courses.write", "courses.publish", "courses.delete", "participants.read", "bookings.read", "bookings.write", "outbox.read", "outbox.write", "catalogue.read", "catalogue.write", "imports.read", "imports.write", "settings.read", "settings.write", "accounts.read", "accounts.write", "roles.write", "audit.read", "exports.raw"}, []string{"role.permission", "role.permissions"}},
	{"list.", []string{"bookings", "courses", "sessions", "course_types", "locations", "rooms", "instructors", "users", "audit", "imports", "import_problems", "exports", "participants", "persons", "waiting", "mails"}, []string{"export.list", "export_schedule.list", "saved_view.list", "export_preset.list"}},
	{"export.cadence.", []string{"daily", "weekly", "monthly"}, []string{"export_schedule.cadence"}},
}

// WordOf is the message that words a code of a field, or "" for a value that is none.
func WordOf(subject, field, code string) string {
	for _, c := range codings {
		if slices.Contains(c.fields, subject+"."+field) && slices.Contains(c.codes, code) {
			return c.words + code
		}
	}
	return ""
}
