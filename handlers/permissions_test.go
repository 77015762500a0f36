package handlers_test

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"kurso/handlers"
	"kurso/handlers/handlertest"
	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/models/store"
)

// ofOneself are the routes that need no permission: about one's own account, or showing no more than one's
// other permissions allow. A new one is added here on purpose only.
var ofOneself = []string{"/admin", "/admin/search", "/admin/session/locale", "/admin/session/confirmation", "/admin/presences/:subject/:id", "/admin/notifications",
	// what one typed and did not save; the permission to change the record is asked for inside
	"/admin/drafts/:form/:id", "/admin/drafts/:form/:id/deletion",
	// what one keeps of lists; the permission of the list is asked for inside
	"/admin/views", "/admin/views/:id/deletion", "/admin/exports", "/admin/exports/new", "/admin/exports/:id", "/admin/exports/:id/file",
	"/admin/exports/:id/cancellation", "/admin/export-presets/:id/deletion", "/admin/export-schedules/:id/resumption", "/admin/export-schedules/:id/deletion",
	"/admin/account", "/admin/account/password", "/admin/account/email", "/admin/account/email/cancellation",
	"/admin/account/authenticator", "/admin/account/authenticator/removal", "/admin/account/passkeys", "/admin/account/passkeys/new",
	"/admin/account/passkeys/:id/removal", "/admin/account/recovery-codes", "/admin/account/devices/end", "/admin/account/devices/:id/end",
}

// Every route of the office names a permission that exists, or is one of those about oneself.
func TestEveryRouteNeedsAPermission(t *testing.T) {
	t.Parallel()
	for _, r := range handlertest.New(t).Handler.Routes() {
		switch r.Access.Who {
		case handlers.Permitted:
			if !slices.Contains(accounts.Permissions, r.Access.Permission) {
				t.Errorf("%s %s needs %q, which is no permission", r.Method, r.Path, r.Access.Permission)
			}
			if r.Access.Record != "" && !strings.Contains(r.Path, ":id") {
				t.Errorf("%s %s names no record", r.Method, r.Path)
			}
		case handlers.User:
			if !slices.Contains(ofOneself, r.Path) {
				t.Errorf("%s %s needs no permission", r.Method, r.Path)
			}
		default:
			if strings.HasPrefix(r.Path, "/admin") && !strings.HasPrefix(r.Path, "/admin/session") && r.Path != "/admin/setup" {
				t.Errorf("%s %s is open to everybody", r.Method, r.Path)
			}
		}
	}
}

// reaching are roles of the provider's own, of everything that has a reach.
var reaching = []string{accounts.ReachOwn, accounts.ReachCategories}

// Every route, called as every role, for a record within and one outside the role's reach: allowed, or 403,
// or not found.
func TestEveryRouteAsEveryRole(t *testing.T) {
	t.Parallel()
	for _, role := range append([]string{"", accounts.Administration, "bookkeeping", "planning", "front_desk", "instructor", "read_only"}, reaching...) {
		t.Run("as "+role, func(t *testing.T) {
			t.Parallel()
			s := handlertest.New(t)
			w := newReachWorld(t, s, role)
			for _, r := range s.Handler.Routes() {
				if r.Access.Who != handlers.Permitted {
					continue
				}
				allowed := role == accounts.Administration || slices.Contains(w.permissions, r.Access.Permission)
				for _, mine := range []bool{true, false} {
					path := w.path(r, mine)
					a := s.Do(t, r.Method, path, nil)
					want := "allowed"
					switch {
					case !allowed:
						want = "403"
					case r.Access.Record != "" && !mine && w.limited:
						want = "404"
					}
					if got := outcome(a.Status, want); got != want {
						t.Errorf("%s %s: %d, want %s", r.Method, path, a.Status, want)
					}
				}
			}
		})
	}
}

// outcome is what a status means for who may do what: a form that lacks values was let through.
func outcome(status int, want string) string {
	switch {
	case status == http.StatusForbidden, status >= 500:
		return strconv.Itoa(status)
	case status == http.StatusNotFound && want == "404":
		return "404"
	}
	return "allowed"
}

// reachWorld has two courses with a booking and a mail each; one of them is the user's in every way.
type reachWorld struct {
	permissions  []accounts.Permission
	limited      bool
	mine, others map[accounts.Record]int64
	category     int64
}

func newReachWorld(t *testing.T, s *handlertest.Site, role string) *reachWorld {
	t.Helper()
	w := &reachWorld{limited: slices.Contains(append(reaching, "instructor"), role)}
	var keys []string
	if role != "" && !slices.Contains(reaching, role) {
		keys = []string{role}
	}
	u := s.SignInAs(t, keys...)
	my, other := s.MustCreateCourse(t), s.MustCreateCourse(t)
	w.mine, w.others = records(t, s, my), records(t, s, other)
	s.Must(t, func(ctx context.Context, tx *store.Tx) error {
		i := &catalog.Instructor{LastName: "Beispiel", Version: 1, CreatedAt: s.Now(), UpdatedAt: s.Now()}
		if _, err := tx.NewInsert().Model(i).Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.NewRaw("UPDATE instructors SET user_id = ? WHERE id = ?", u.ID, i.ID).Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.NewRaw("INSERT INTO course_instructors (course_id, instructor_id) VALUES (?, ?)", my.ID, i.ID).Exec(ctx); err != nil {
			return err
		}
		if err := tx.NewRaw("INSERT INTO categories (code, name) VALUES ('x', 'X') RETURNING id").Scan(ctx, &w.category); err != nil {
			return err
		}
		if _, err := tx.NewRaw("UPDATE course_types SET category_id = ? WHERE id = ?", w.category, my.CourseTypeID).Exec(ctx); err != nil {
			return err
		}
		if !slices.Contains(reaching, role) {
			return nil
		}
		var id int64
		if err := tx.NewRaw("INSERT INTO roles (name, reach, created_at, updated_at) VALUES ('Eigene', ?, now(), now()) RETURNING id", role).Scan(ctx, &id); err != nil {
			return err
		}
		for _, p := range accounts.Permissions {
			if area, _, _ := strings.Cut(string(p), "."); slices.Contains([]string{"courses", "participants", "bookings", "outbox"}, area) {
				if _, err := tx.NewRaw("INSERT INTO role_permissions VALUES (?, ?)", id, p).Exec(ctx); err != nil {
					return err
				}
			}
		}
		if role == accounts.ReachCategories {
			if _, err := tx.NewRaw("INSERT INTO role_categories VALUES (?, ?)", id, w.category).Exec(ctx); err != nil {
				return err
			}
		}
		_, err := tx.NewRaw("INSERT INTO user_roles VALUES (?, ?)", u.ID, id).Exec(ctx)
		return err
	})
	err := s.NewRaw("SELECT permission FROM role_permissions JOIN user_roles USING (role_id) WHERE user_id = ?", u.ID).Scan(t.Context(), &w.permissions)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// records are a course, its booking and that booking's mail.
func records(t *testing.T, s *handlertest.Site, c *catalog.Course) map[accounts.Record]int64 {
	t.Helper()
	b := s.MustConfirm(t, s.MustRequest(t, c))
	var mail, person int64
	// of their own, not the same as the one of the other course
	s.Must(t, func(ctx context.Context, tx *store.Tx) error {
		return tx.NewRaw(`WITH p AS (INSERT INTO persons (last_name, created_at, updated_at) VALUES ('Eigen', now(), now()) RETURNING id)
			UPDATE bookings SET person_id = p.id FROM p WHERE bookings.id = ? RETURNING person_id`, b.ID).Scan(ctx, &person)
	})
	if err := s.NewRaw("SELECT min(id) FROM mails WHERE booking_id = ?", b.ID).Scan(t.Context(), &mail); err != nil {
		t.Fatal(err)
	}
	return map[accounts.Record]int64{accounts.RecordCourse: c.ID, accounts.RecordBooking: b.ID, accounts.RecordMail: mail, accounts.RecordPerson: person}
}

func (w *reachWorld) path(r handlers.Route, mine bool) string {
	id := int64(1)
	if r.Access.Record != "" {
		if id = w.mine[r.Access.Record]; !mine {
			id = w.others[r.Access.Record]
		}
	}
	return parameter.ReplaceAllString(strings.Replace(r.Path, ":id", strconv.FormatInt(id, 10), 1), "1")
}

// Lists show what lies within the reach of the permission, and nothing else.
func TestListsEndAtTheReach(t *testing.T) {
	t.Parallel()
	for _, role := range append([]string{"instructor", "front_desk"}, reaching...) {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			s := handlertest.New(t)
			w := newReachWorld(t, s, role)
			s.Must(t, func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.NewRaw("UPDATE bookings SET state = 'WAITLISTED', waitlisted_at = now()").Exec(ctx)
				return err
			})
			for _, c := range []struct {
				permission accounts.Permission
				path, rows string
				record     accounts.Record
			}{
				{accounts.CoursesRead, "/admin/courses", "/admin/courses", accounts.RecordCourse},
				{accounts.BookingsRead, "/admin/bookings", "/admin/bookings", accounts.RecordBooking},
				{accounts.BookingsRead, "/admin/participants", "/admin/bookings", accounts.RecordBooking},
				{accounts.BookingsRead, "/admin/waiting-list", "/admin/bookings", accounts.RecordBooking},
				{accounts.BookingsRead, "/admin/persons", "/admin/persons", accounts.RecordPerson},
				{accounts.OutboxRead, "/admin/outbox", "/admin/outbox", accounts.RecordMail},
			} {
				if !slices.Contains(w.permissions, c.permission) {
					continue
				}
				a := s.Do(t, http.MethodGet, c.path+"?all=1", nil, echo.HeaderAccept, "text/html")
				for id, want := range map[int64]bool{w.mine[c.record]: true, w.others[c.record]: !w.limited} {
					link := `a[href="` + c.rows + "/" + strconv.FormatInt(id, 10) + `"]`
					if got := a.Find(link).Length() > 0; got != want {
						t.Errorf("%s as %s: %d is shown: %t", c.path, role, id, got)
					}
				}
			}
		})
	}
}
