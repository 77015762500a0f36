package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"kurso/models/accounts"
	"kurso/models/desk"
)

// Access says who may call a route.
type Access struct {
	Who Who
	// Permission is what a user needs.
	Permission accounts.Permission
	// Record is what the path's :id names, when that must lie within the reach of the permission.
	Record accounts.Record
	// Confirmed routes ask again for password or second factor when the user showed none for ten minutes.
	Confirmed bool
	// SettingUp routes are open to those whose role demands a second factor that they have not set up yet.
	SettingUp bool
	// Unattended: pages that lie open ask by themselves; that is no sign that somebody is there.
	Unattended bool
}

// confirmed asks again who is there before something that must not happen on a forgotten screen.
func (a Access) confirmed() Access {
	a.Confirmed = true
	return a
}

// Who may call a route at all.
type Who string

// Everybody sets no cookie; Arriving has a session, but no user yet; User is signed in, Permitted is a user
// with a permission.
const (
	Everybody Who = "everybody"
	Arriving  Who = "arriving"
	User      Who = "user"
	Permitted Who = "permitted"
)

var (
	// public routes are for everybody.
	public = Access{Who: Everybody}
	// entrance routes sign staff in.
	entrance = Access{Who: Arriving}
	// self routes are about the user's own account and work: whoever is signed in.
	self = Access{Who: User}
	// settingUp routes are self routes that lead to a second factor.
	settingUp = Access{Who: User, SettingUp: true}
	// unattended routes are self routes that pages ask by themselves.
	unattended = Access{Who: User, Unattended: true}
)

// staff routes need a permission.
func staff(p accounts.Permission) Access { return Access{Who: Permitted, Permission: p} }

// course, booking, person and mail routes need a permission that reaches the record of the path's :id.
func course(p accounts.Permission) Access {
	return Access{Who: Permitted, Permission: p, Record: accounts.RecordCourse}
}

func booking(p accounts.Permission) Access {
	return Access{Who: Permitted, Permission: p, Record: accounts.RecordBooking}
}

func person(p accounts.Permission) Access {
	return Access{Who: Permitted, Permission: p, Record: accounts.RecordPerson}
}

func mail(p accounts.Permission) Access {
	return Access{Who: Permitted, Permission: p, Record: accounts.RecordMail}
}

// Route is one line of the table. A GET answers HEAD as well.
type Route struct {
	Method  string
	Path    string
	Access  Access
	Handler echo.HandlerFunc
	// Body is the most bytes a request may carry; 0 means 1 MB.
	Body int64
}

const (
	get  = http.MethodGet
	post = http.MethodPost
)

// Routes is the whole table.
func (s *Server) Routes() []Route {
	return []Route{
		{get, "/healthz", public, s.healthz, 0},
		{get, "/readyz", public, s.readyz, 0},
		{get, "/metrics", public, s.metrics, 0},
		{get, "/static/*", public, s.static, 0},

		{get, "/", public, s.portal.Home, 0},
		{get, "/courses", public, s.portal.Catalogue, 0},
		{get, "/courses/:id", public, s.portal.Course, 0},
		{get, "/courses/:id/booking", public, s.portal.BookingForm, 0},
		{post, "/courses/:id/booking", public, s.portal.Book, 0},
		{get, "/booking-requests/:receipt", public, s.portal.Receipt, 0},
		{post, "/booking-requests/:receipt/mails", public, s.portal.ResendVerification, 0},
		{get, "/bookings/:token", public, s.portal.Booking, 0},
		{get, "/bookings/:token/confirmation", public, s.portal.Confirmation, 0},
		{post, "/bookings/:token/confirmation", public, s.portal.Confirm, 0},
		{get, "/bookings/:token/cancellation", public, s.portal.Cancellation, 0},
		{post, "/bookings/:token/cancellation", public, s.portal.Cancel, 0},
		{get, "/bookings/:token/calendar", public, s.portal.Calendar, 0},
		{get, "/notifications/:token/off", public, s.portal.NotificationOff, 0},
		{post, "/notifications/:token/off", public, s.portal.TurnNotificationOff, 0},

		{get, "/invitations/:token", public, s.invitation, 0},
		{post, "/invitations/:token", public, s.join, 0},
		{get, "/admin/setup", entrance, s.setupForm, 0},
		{post, "/admin/setup", entrance, s.setUp, 0},
		{get, "/admin/session", entrance, s.signInForm, 0},
		{post, "/admin/session", entrance, s.signIn, 0},
		{post, "/admin/session/end", entrance, s.signOut, 0},
		{post, "/admin/session/passkey", entrance, s.signInByPasskey, 0},
		{get, "/admin/session/second-factor", entrance, s.secondFactorForm, 0},
		{post, "/admin/session/second-factor", entrance, s.secondFactor, 0},
		{get, "/admin/session/password", entrance, s.resetRequestForm, 0},
		{post, "/admin/session/password", entrance, s.requestReset, 0},
		{get, "/admin/session/password/:token", entrance, s.resetForm, 0},
		{post, "/admin/session/password/:token", entrance, s.reset, 0},
		{get, "/admin/session/email/:token", entrance, s.emailForm, 0},
		{post, "/admin/session/email/:token", entrance, s.confirmEmail, 0},
		{post, "/admin/session/locale", settingUp, s.setLocale, 0},
		{get, "/admin/session/confirmation", settingUp, s.confirmationForm, 0},
		{post, "/admin/session/confirmation", settingUp, s.confirm, 0},

		{get, "/admin/account", settingUp, s.admin.Account, 0},
		{post, "/admin/account", settingUp, s.admin.SaveProfile, 0},
		{get, "/admin/account/password", settingUp, s.admin.Password, 0},
		{post, "/admin/account/password", settingUp, s.admin.ChangePassword, 0},
		{get, "/admin/account/email", self.confirmed(), s.admin.Email, 0},
		{post, "/admin/account/email", self.confirmed(), s.admin.RequestEmailChange, 0},
		{post, "/admin/account/email/cancellation", self, s.admin.CancelEmailChange, 0},
		{get, "/admin/account/authenticator", settingUp.confirmed(), s.admin.Authenticator, 0},
		{post, "/admin/account/authenticator", settingUp.confirmed(), s.admin.AddAuthenticator, 0},
		{get, "/admin/account/authenticator/removal", self.confirmed(), s.admin.AuthenticatorRemoval, 0},
		{post, "/admin/account/authenticator/removal", self.confirmed(), s.admin.RemoveAuthenticator, 0},
		{get, "/admin/account/passkeys/new", settingUp.confirmed(), s.admin.NewPasskey, 0},
		{post, "/admin/account/passkeys", settingUp.confirmed(), s.admin.AddPasskey, 0},
		{get, "/admin/account/passkeys/:id/removal", self.confirmed(), s.admin.PasskeyRemoval, 0},
		{post, "/admin/account/passkeys/:id/removal", self.confirmed(), s.admin.RemovePasskey, 0},
		{get, "/admin/account/recovery-codes", self.confirmed(), s.admin.RecoveryCodes, 0},
		{post, "/admin/account/recovery-codes", self.confirmed(), s.admin.NewRecoveryCodes, 0},
		{post, "/admin/account/devices/end", settingUp, s.admin.EndOtherDevices, 0},
		{post, "/admin/account/devices/:id/end", settingUp, s.admin.EndDevice, 0},

		{get, "/admin/sharing", staff(accounts.AccountsRead), s.admin.Sharing, 0},
		{get, "/admin/outbox", staff(accounts.OutboxRead), s.admin.Outbox, 0},
		{get, "/admin/outbox/:id", mail(accounts.OutboxRead), s.admin.Mail, 0},
		{get, "/admin/outbox/:id/preview", mail(accounts.OutboxRead), s.admin.MailPreview, 0},
		{get, "/admin/outbox/:id/attachments/:number", mail(accounts.OutboxRead), s.admin.MailAttachment, 0},
		{post, "/admin/outbox/:id/attempts", mail(accounts.OutboxWrite), s.admin.RetryMail, 0},
		{get, "/admin/imports", staff(accounts.ImportsRead), s.admin.Imports, 0},
		{post, "/admin/imports", staff(accounts.ImportsWrite), s.admin.StartImport, 1 << 30}, // what is too large is read, to be answered
		{get, "/admin/imports/:id", staff(accounts.ImportsRead), s.admin.Import, 0},
		{get, "/admin/import-problems", staff(accounts.ImportsRead), s.admin.ImportReports, 0},
		{post, "/admin/imports/:id/cancellation", staff(accounts.ImportsWrite), s.admin.CancelImport, 0},
		{get, "/admin/gallery", staff(accounts.SettingsRead), s.admin.Gallery, 0},

		{get, "/admin", self, s.admin.Dashboard, 0},
		{post, "/admin/presences/:subject/:id", unattended, s.admin.Here, 1 << 10},
		// who types is there: unlike what a page asks by itself, a draft that is sent keeps the sign-in alive
		{post, "/admin/drafts/:form/:id", self, s.admin.KeepDraft, desk.MaxDraft},
		{post, "/admin/drafts/:form/:id/deletion", self, s.admin.DiscardDraft, 1 << 10},
		{get, "/admin/notifications", self, s.admin.Notifications, 0},
		{post, "/admin/notifications", self, s.admin.SaveNotifications, 0},
		{get, "/admin/audit", staff(accounts.AuditRead), s.admin.Audit, 0},
		{get, "/admin/audit/:id", staff(accounts.AuditRead), s.admin.AuditEntry, 0},
		{get, "/admin/settings", staff(accounts.SettingsRead), s.admin.Settings, 0},
		{get, "/admin/settings/profile", staff(accounts.SettingsRead), s.admin.Profile().Show, 0},
		{post, "/admin/settings/profile", staff(accounts.SettingsWrite), s.admin.Profile().Save, 0},
		{get, "/admin/settings/legal", staff(accounts.SettingsRead), s.admin.Legal().Show, 0},
		{post, "/admin/settings/legal", staff(accounts.SettingsWrite), s.admin.Legal().Save, 0},
		{get, "/admin/settings/languages", staff(accounts.SettingsRead), s.admin.Languages().Show, 0},
		{post, "/admin/settings/languages", staff(accounts.SettingsWrite), s.admin.Languages().Save, 0},
		{get, "/admin/settings/mail", staff(accounts.SettingsRead), s.admin.MailSettings().Show, 0},
		{post, "/admin/settings/mail", staff(accounts.SettingsWrite), s.admin.MailSettings().Save, 0},
		{get, "/admin/settings/mail/check", staff(accounts.SettingsRead), s.admin.MailCheck, 0},
		{get, "/admin/settings/booking", staff(accounts.SettingsRead), s.admin.BookingRules().Show, 0},
		{post, "/admin/settings/booking", staff(accounts.SettingsWrite), s.admin.BookingRules().Save, 0},
		{get, "/admin/settings/prices", staff(accounts.SettingsRead), s.admin.Prices().Show, 0},
		{post, "/admin/settings/prices", staff(accounts.SettingsWrite), s.admin.Prices().Save, 0},
		{get, "/admin/settings/configuration", staff(accounts.SettingsRead), s.admin.Configuration, 0},
		{get, "/admin/settings/configuration/file", staff(accounts.SettingsWrite), s.admin.ConfigurationFile, 0},
		{post, "/admin/settings/configuration/preview", staff(accounts.SettingsWrite), s.admin.PreviewConfiguration, 2 << 20},
		{post, "/admin/settings/configuration", staff(accounts.SettingsWrite).confirmed(), s.admin.ApplyConfiguration, 4 << 20},
		{get, "/admin/setup-assistant", staff(accounts.SettingsWrite), s.admin.SetupAssistant, 0},
		{get, "/admin/setup-assistant/:step", staff(accounts.SettingsWrite), s.admin.SetupStep, 0},
		{post, "/admin/setup-assistant/:step", staff(accounts.SettingsWrite), s.admin.SaveSetupStep, 0},
		{post, "/admin/setup-assistant/example/publication", staff(accounts.SettingsWrite), s.admin.PublishExample, 0},
		{post, "/admin/setup-assistant/example/deletion", staff(accounts.SettingsWrite), s.admin.DeleteExample, 0},
		{get, "/admin/settings/persons", staff(accounts.SettingsRead), s.admin.Persons, 0},

		{get, "/admin/search", self, s.admin.Search, 0},
		{post, "/admin/views", self, s.admin.SaveView, 0},
		{post, "/admin/views/:id/deletion", self, s.admin.DeleteView, 0},
		{get, "/admin/exports", self, s.admin.Exports, 0},
		{post, "/admin/exports", self, s.admin.StartExport, 0},
		{get, "/admin/exports/new", self, s.admin.NewExport, 0},
		{get, "/admin/exports/:id", self, s.admin.Export, 0},
		{get, "/admin/exports/:id/file", self, s.admin.ExportFile, 0},
		{post, "/admin/exports/:id/cancellation", self, s.admin.CancelExport, 0},
		{post, "/admin/export-presets/:id/deletion", self, s.admin.DeletePreset, 0},
		{post, "/admin/export-schedules/:id/resumption", self, s.admin.ResumeSchedule, 0},
		{post, "/admin/export-schedules/:id/deletion", self, s.admin.DeleteSchedule, 0},

		{get, "/admin/users", staff(accounts.AccountsRead), s.admin.Users, 0},
		{post, "/admin/users", staff(accounts.AccountsWrite).confirmed(), s.admin.Invite, 0},
		{get, "/admin/users/new", staff(accounts.AccountsWrite), s.admin.NewInvitation, 0},
		{get, "/admin/users/:id", staff(accounts.AccountsRead), s.admin.User().Edit, 0},
		{post, "/admin/users/:id", staff(accounts.AccountsWrite).confirmed(), s.admin.User().Update, 0},
		{post, "/admin/users/:id/invitations", staff(accounts.AccountsWrite), s.admin.InviteUserAgain, 0},
		{get, "/admin/users/:id/withdrawal", staff(accounts.AccountsWrite), s.admin.UserWithdrawal, 0},
		{post, "/admin/users/:id/withdrawal", staff(accounts.AccountsWrite), s.admin.WithdrawInvitation, 0},
		{get, "/admin/users/:id/deactivation", staff(accounts.AccountsWrite), s.admin.UserDeactivation, 0},
		{post, "/admin/users/:id/deactivation", staff(accounts.AccountsWrite), s.admin.DeactivateUser, 0},
		{post, "/admin/users/:id/reactivation", staff(accounts.AccountsWrite), s.admin.ReactivateUser, 0},
		{get, "/admin/support-access", staff(accounts.AccountsWrite), s.admin.SupportAccesses, 0},
		{post, "/admin/support-access", staff(accounts.AccountsWrite).confirmed(), s.admin.GrantSupportAccess, 0},
		{get, "/admin/support-access/new", staff(accounts.AccountsWrite), s.admin.NewSupportAccess, 0},
		{get, "/admin/support-access/:id/end", staff(accounts.AccountsWrite), s.admin.SupportEnd, 0},
		{post, "/admin/support-access/:id/end", staff(accounts.AccountsWrite), s.admin.EndSupportAccess, 0},

		{get, "/admin/roles", staff(accounts.RolesWrite), s.admin.Roles, 0},
		{post, "/admin/roles", staff(accounts.RolesWrite).confirmed(), s.admin.Role().Create, 0},
		{get, "/admin/roles/new", staff(accounts.RolesWrite), s.admin.NewRole, 0},
		{get, "/admin/roles/:id", staff(accounts.RolesWrite), s.admin.Role().Edit, 0},
		{post, "/admin/roles/:id", staff(accounts.RolesWrite).confirmed(), s.admin.Role().Update, 0},
		{get, "/admin/roles/:id/deletion", staff(accounts.RolesWrite), s.admin.Role().DeletionQuestion, 0},
		{post, "/admin/roles/:id/deletion", staff(accounts.RolesWrite).confirmed(), s.admin.Role().Delete, 0},

		{get, "/admin/participants", staff(accounts.BookingsRead), s.admin.AllParticipants, 0},
		{get, "/admin/waiting-list", staff(accounts.BookingsRead), s.admin.WaitingList, 0},
		{get, "/admin/persons", staff(accounts.BookingsRead), s.admin.AllPersons, 0},
		{get, "/admin/persons/:id", person(accounts.BookingsRead), s.admin.Person, 0},
		{get, "/admin/bookings", staff(accounts.BookingsRead), s.admin.Bookings, 0},
		{get, "/admin/booking-cancellations", staff(accounts.BookingsWrite), s.admin.BookingCancellations, 0},
		{post, "/admin/booking-cancellations", staff(accounts.BookingsWrite), s.admin.CancelBookings, 0},
		{get, "/admin/booking-cancellations/:id", staff(accounts.BookingsWrite), s.admin.BulkCancellation, 0},
		{post, "/admin/booking-cancellations/:id/end", staff(accounts.BookingsWrite), s.admin.EndBulkCancellation, 0},
		{get, "/admin/bookings/:id", booking(accounts.BookingsRead), s.admin.Booking, 0},
		{get, "/admin/bookings/:id/cancellation", booking(accounts.BookingsWrite), s.admin.BookingCancellation, 0},
		{post, "/admin/bookings/:id/cancellation", booking(accounts.BookingsWrite), s.admin.CancelBooking, 0},
		{get, "/admin/bookings/:id/confirmation", booking(accounts.BookingsWrite), s.admin.BookingPlacement, 0},
		{post, "/admin/bookings/:id/confirmation", booking(accounts.BookingsWrite), s.admin.PlaceBooking, 0},

		{get, "/admin/courses", staff(accounts.CoursesRead), s.admin.Courses, 0},
		{post, "/admin/courses", staff(accounts.CoursesWrite), s.admin.CreateCourse, 0},
		{get, "/admin/courses/new", staff(accounts.CoursesWrite), s.admin.NewCourse, 0},
		{get, "/admin/courses/:id", course(accounts.CoursesRead), s.admin.Course, 0},
		{post, "/admin/courses/:id", course(accounts.CoursesWrite), s.admin.UpdateCourse, 0},
		{get, "/admin/courses/:id/participants", course(accounts.ParticipantsRead), s.admin.Participants, 0},
		{get, "/admin/courses/:id/edit", course(accounts.CoursesWrite), s.admin.EditCourse, 0},
		{get, "/admin/courses/:id/state", course(accounts.CoursesPublish), s.admin.CourseStateQuestion, 0},
		{post, "/admin/courses/:id/state", course(accounts.CoursesPublish), s.admin.SetCourseState, 0},
		{get, "/admin/courses/:id/deletion", course(accounts.CoursesDelete), s.admin.CourseDeletionQuestion, 0},
		{post, "/admin/courses/:id/deletion", course(accounts.CoursesDelete), s.admin.DeleteCourse, 0},
		{get, "/admin/sessions", staff(accounts.CoursesRead), s.admin.Sessions, 0},
		{get, "/admin/suggestions/course-types", staff(accounts.CoursesWrite), s.admin.SuggestCourseTypes, 0},
		{get, "/admin/suggestions/instructors", staff(accounts.CoursesWrite), s.admin.SuggestInstructors, 0},

		{get, "/admin/course-types", staff(accounts.CatalogueRead), s.admin.CourseTypes, 0},
		{post, "/admin/course-types", staff(accounts.CatalogueWrite), s.admin.CourseType().Create, 0},
		{get, "/admin/course-types/new", staff(accounts.CatalogueWrite), s.admin.CourseType().New, 0},
		{get, "/admin/course-types/:id", staff(accounts.CatalogueRead), s.admin.CourseType().Edit, 0},
		{post, "/admin/course-types/:id", staff(accounts.CatalogueWrite), s.admin.CourseType().Update, 0},
		{get, "/admin/course-types/:id/deletion", staff(accounts.CatalogueWrite), s.admin.CourseType().DeletionQuestion, 0},
		{post, "/admin/course-types/:id/deletion", staff(accounts.CatalogueWrite), s.admin.CourseType().Delete, 0},

		{get, "/admin/categories", staff(accounts.CatalogueRead), s.admin.Categories, 0},
		{post, "/admin/categories", staff(accounts.CatalogueWrite), s.admin.Category().Create, 0},
		{get, "/admin/categories/new", staff(accounts.CatalogueWrite), s.admin.Category().New, 0},
		{get, "/admin/categories/:id", staff(accounts.CatalogueRead), s.admin.Category().Edit, 0},
		{post, "/admin/categories/:id", staff(accounts.CatalogueWrite), s.admin.Category().Update, 0},
		{get, "/admin/categories/:id/deletion", staff(accounts.CatalogueWrite), s.admin.Category().DeletionQuestion, 0},
		{post, "/admin/categories/:id/deletion", staff(accounts.CatalogueWrite), s.admin.Category().Delete, 0},

		{get, "/admin/locations", staff(accounts.CatalogueRead), s.admin.Locations, 0},
		{post, "/admin/locations", staff(accounts.CatalogueWrite), s.admin.Location().Create, 0},
		{get, "/admin/locations/new", staff(accounts.CatalogueWrite), s.admin.Location().New, 0},
		{get, "/admin/locations/:id", staff(accounts.CatalogueRead), s.admin.Location().Edit, 0},
		{post, "/admin/locations/:id", staff(accounts.CatalogueWrite), s.admin.Location().Update, 0},
		{get, "/admin/locations/:id/deletion", staff(accounts.CatalogueWrite), s.admin.Location().DeletionQuestion, 0},
		{post, "/admin/locations/:id/deletion", staff(accounts.CatalogueWrite), s.admin.Location().Delete, 0},

		{get, "/admin/rooms", staff(accounts.CatalogueRead), s.admin.Rooms, 0},

		{get, "/admin/instructors", staff(accounts.CatalogueRead), s.admin.Instructors, 0},
		{post, "/admin/instructors", staff(accounts.CatalogueWrite), s.admin.Instructor().Create, 0},
		{get, "/admin/instructors/new", staff(accounts.CatalogueWrite), s.admin.Instructor().New, 0},
		{get, "/admin/instructors/:id", staff(accounts.CatalogueRead), s.admin.Instructor().Edit, 0},
		{post, "/admin/instructors/:id", staff(accounts.CatalogueWrite), s.admin.Instructor().Update, 0},
		{get, "/admin/instructors/:id/deletion", staff(accounts.CatalogueWrite), s.admin.Instructor().DeletionQuestion, 0},
		{post, "/admin/instructors/:id/deletion", staff(accounts.CatalogueWrite), s.admin.Instructor().Delete, 0},
	}
}
