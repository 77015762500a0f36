package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// Access says who may call a route.
type Access string

const (
	// Public routes are for everybody; they set no cookie.
	Public Access = "public"
	// Entrance routes sign staff in and out: a session, but no user yet.
	Entrance Access = "entrance"
	// Staff routes are for signed-in users.
	Staff Access = "staff"
)

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
		{get, "/healthz", Public, s.healthz, 0},
		{get, "/readyz", Public, s.readyz, 0},
		{get, "/metrics", Public, s.metrics, 0},
		{get, "/static/*", Public, s.static, 0},

		{get, "/", Public, s.portal.Home, 0},
		{get, "/courses", Public, s.portal.Catalogue, 0},
		{get, "/courses/:id", Public, s.portal.Course, 0},
		{get, "/courses/:id/booking", Public, s.portal.BookingForm, 0},
		{post, "/courses/:id/booking", Public, s.portal.Book, 0},
		{get, "/booking-requests/:receipt", Public, s.portal.Receipt, 0},
		{post, "/booking-requests/:receipt/mails", Public, s.portal.ResendVerification, 0},
		{get, "/bookings/:token", Public, s.portal.Booking, 0},
		{get, "/bookings/:token/confirmation", Public, s.portal.Confirmation, 0},
		{post, "/bookings/:token/confirmation", Public, s.portal.Confirm, 0},
		{get, "/bookings/:token/cancellation", Public, s.portal.Cancellation, 0},
		{post, "/bookings/:token/cancellation", Public, s.portal.Cancel, 0},
		{get, "/bookings/:token/calendar", Public, s.portal.Calendar, 0},

		{get, "/admin/session", Entrance, s.signInForm, 0},
		{post, "/admin/session", Entrance, s.signIn, 0},
		{post, "/admin/session/end", Entrance, s.signOut, 0},
		{post, "/admin/session/locale", Staff, s.setLocale, 0},
		{get, "/admin/outbox", Staff, s.admin.Outbox, 0},
		{get, "/admin/outbox/:id", Staff, s.admin.Mail, 0},
		{get, "/admin/outbox/:id/preview", Staff, s.admin.MailPreview, 0},
		{get, "/admin/outbox/:id/attachments/:number", Staff, s.admin.MailAttachment, 0},
		{post, "/admin/outbox/:id/attempts", Staff, s.admin.RetryMail, 0},
		{get, "/admin/imports", Staff, s.admin.Imports, 0},
		{post, "/admin/imports", Staff, s.admin.StartImport, 1 << 30}, // what is too large is read, to be answered
		{get, "/admin/imports/:id", Staff, s.admin.Import, 0},
		{post, "/admin/imports/:id/cancellation", Staff, s.admin.CancelImport, 0},
		{get, "/admin/gallery", Staff, s.admin.Gallery, 0},

		{get, "/admin", Staff, s.admin.Dashboard, 0},
		{get, "/admin/settings", Staff, s.admin.Settings, 0},
		{post, "/admin/settings", Staff, s.admin.SaveSettings, 0},

		{get, "/admin/bookings", Staff, s.admin.Bookings, 0},
		{get, "/admin/bookings/:id", Staff, s.admin.Booking, 0},
		{get, "/admin/bookings/:id/cancellation", Staff, s.admin.BookingCancellation, 0},
		{post, "/admin/bookings/:id/cancellation", Staff, s.admin.CancelBooking, 0},
		{get, "/admin/bookings/:id/confirmation", Staff, s.admin.BookingPlacement, 0},
		{post, "/admin/bookings/:id/confirmation", Staff, s.admin.PlaceBooking, 0},

		{get, "/admin/courses", Staff, s.admin.Courses, 0},
		{post, "/admin/courses", Staff, s.admin.CreateCourse, 0},
		{get, "/admin/courses/new", Staff, s.admin.NewCourse, 0},
		{get, "/admin/courses/:id", Staff, s.admin.Course, 0},
		{post, "/admin/courses/:id", Staff, s.admin.UpdateCourse, 0},
		{get, "/admin/courses/:id/edit", Staff, s.admin.EditCourse, 0},
		{get, "/admin/courses/:id/state", Staff, s.admin.CourseStateQuestion, 0},
		{post, "/admin/courses/:id/state", Staff, s.admin.SetCourseState, 0},
		{get, "/admin/courses/:id/deletion", Staff, s.admin.CourseDeletionQuestion, 0},
		{post, "/admin/courses/:id/deletion", Staff, s.admin.DeleteCourse, 0},
		{get, "/admin/suggestions/course-types", Staff, s.admin.SuggestCourseTypes, 0},
		{get, "/admin/suggestions/instructors", Staff, s.admin.SuggestInstructors, 0},

		{get, "/admin/course-types", Staff, s.admin.CourseTypes, 0},
		{post, "/admin/course-types", Staff, s.admin.CourseType().Create, 0},
		{get, "/admin/course-types/new", Staff, s.admin.CourseType().New, 0},
		{get, "/admin/course-types/:id", Staff, s.admin.CourseType().Edit, 0},
		{post, "/admin/course-types/:id", Staff, s.admin.CourseType().Update, 0},
		{get, "/admin/course-types/:id/deletion", Staff, s.admin.CourseType().DeletionQuestion, 0},
		{post, "/admin/course-types/:id/deletion", Staff, s.admin.CourseType().Delete, 0},

		{get, "/admin/categories", Staff, s.admin.Categories, 0},
		{post, "/admin/categories", Staff, s.admin.Category().Create, 0},
		{get, "/admin/categories/new", Staff, s.admin.Category().New, 0},
		{get, "/admin/categories/:id", Staff, s.admin.Category().Edit, 0},
		{post, "/admin/categories/:id", Staff, s.admin.Category().Update, 0},
		{get, "/admin/categories/:id/deletion", Staff, s.admin.Category().DeletionQuestion, 0},
		{post, "/admin/categories/:id/deletion", Staff, s.admin.Category().Delete, 0},

		{get, "/admin/locations", Staff, s.admin.Locations, 0},
		{post, "/admin/locations", Staff, s.admin.Location().Create, 0},
		{get, "/admin/locations/new", Staff, s.admin.Location().New, 0},
		{get, "/admin/locations/:id", Staff, s.admin.Location().Edit, 0},
		{post, "/admin/locations/:id", Staff, s.admin.Location().Update, 0},
		{get, "/admin/locations/:id/deletion", Staff, s.admin.Location().DeletionQuestion, 0},
		{post, "/admin/locations/:id/deletion", Staff, s.admin.Location().Delete, 0},

		{get, "/admin/instructors", Staff, s.admin.Instructors, 0},
		{post, "/admin/instructors", Staff, s.admin.Instructor().Create, 0},
		{get, "/admin/instructors/new", Staff, s.admin.Instructor().New, 0},
		{get, "/admin/instructors/:id", Staff, s.admin.Instructor().Edit, 0},
		{post, "/admin/instructors/:id", Staff, s.admin.Instructor().Update, 0},
		{get, "/admin/instructors/:id/deletion", Staff, s.admin.Instructor().DeletionQuestion, 0},
		{post, "/admin/instructors/:id/deletion", Staff, s.admin.Instructor().Delete, 0},
	}
}
