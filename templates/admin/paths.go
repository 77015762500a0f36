package admin

// Where the office's resources are.
const (
	bookingsPath    = "/admin/bookings"
	courseTypesPath = "/admin/course-types"
	categoriesPath  = "/admin/categories"
	locationsPath   = "/admin/locations"
	instructorsPath = "/admin/instructors"
	settingsPath    = "/admin/settings"
	usersPath       = "/admin/users"
	rolesPath       = "/admin/roles"
	sharingPath     = "/admin/sharing"
	supportPath     = "/admin/support-access"
)
