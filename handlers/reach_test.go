package handlers_test

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"kurso/handlers"
	"kurso/handlers/handlertest"
	"kurso/models/accounts"
	"kurso/models/store"
)

// busy gives both courses what an overview shows: people who wait beside a free place, too few bookings, a
// hold that is about to end, mails that failed; and an import that failed.
func (w *reachWorld) busy(t *testing.T, s *handlertest.Site) {
	t.Helper()
	s.Must(t, func(ctx context.Context, tx *store.Tx) error {
		for _, sql := range []string{
			"UPDATE courses SET name = CASE id WHEN ?0 THEN 'Mein Kurs' ELSE 'Fremder Kurs' END, start_date = ?1::date, end_date = ?1::date, min_places = 9",
			"UPDATE bookings SET state = 'WAITLISTED', waitlisted_at = now(), last_name = CASE course_id WHEN ?0 THEN 'Meinig' ELSE 'Fremdling' END, email = CASE course_id WHEN ?0 THEN 'meinig@example.org' ELSE 'fremdling@example.org' END",
			"UPDATE mails SET state = 'failed', recipient = (SELECT email FROM bookings WHERE id = booking_id)",
			"INSERT INTO imports (file_name, file_key, size_bytes, state, error_key, created_at) VALUES ('fremd.xml', 'x', 1, 'failed', 'import.file.missing', now())",
		} {
			if _, err := tx.NewRaw(sql, w.mine[accounts.RecordCourse], s.Now().AddDate(0, 0, 3)).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// The overview shows what the permissions allow, as far as they reach, and nothing else.
func TestTheOverviewEndsAtTheReach(t *testing.T) {
	t.Parallel()
	for _, role := range append([]string{"", accounts.Administration, "planning", "front_desk", "instructor"}, reaching...) {
		t.Run("as "+role, func(t *testing.T) {
			t.Parallel()
			s := handlertest.New(t)
			w := newReachWorld(t, s, role)
			w.busy(t, s)
			all := role == accounts.Administration
			may := func(p accounts.Permission) bool { return all || slices.Contains(w.permissions, p) }
			a := s.Get(t, "/admin")
			if a.Status != http.StatusOK {
				t.Fatal(a.Status)
			}
			text := a.Find("main").Text()
			for what, c := range map[string]struct{ got, want bool }{
				"the own course":      {strings.Contains(text, "Mein Kurs"), may(accounts.CoursesRead)},
				"somebody's course":   {strings.Contains(text, "Fremder Kurs"), may(accounts.CoursesRead) && !w.limited},
				"who waits":           {a.Find("a[href*='state=WAITLISTED']").Length() > 0, may(accounts.BookingsRead)},
				"the chart":           {a.Find("#weeks-title").Length() > 0, may(accounts.BookingsRead)},
				"mails that failed":   {a.Find("main a[href^='/admin/outbox']").Length() > 0, may(accounts.OutboxRead)},
				"an import":           {strings.Contains(text, "fremd.xml"), may(accounts.ImportsRead)},
				"the way to begin":    {a.Find("main a[href='/admin/courses/new']").Length() > 0, false},
				"the list of courses": {a.Find("main a[href='/admin/courses']").Length() > 0, may(accounts.CoursesRead)},
			} {
				if c.got != c.want {
					t.Errorf("%s is shown: %t, want %t", what, c.got, c.want)
				}
			}
			for _, other := range a.Find("main a[href*='course=']").Map(func(_ int, l *goquery.Selection) string { return l.AttrOr("href", "") }) {
				if w.limited && strings.HasSuffix(other, "course="+strconv.FormatInt(w.others[accounts.RecordCourse], 10)) {
					t.Errorf("a link leads to %s", other)
				}
			}
		})
	}
}

// The page of a course shows its bookings, mails and history, and what can be done, to those who may.
func TestACoursePageShowsWhatOneMay(t *testing.T) {
	t.Parallel()
	for _, role := range append([]string{accounts.Administration, "planning", "front_desk", "instructor", "read_only"}, reaching...) {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			s := handlertest.New(t)
			w := newReachWorld(t, s, role)
			w.busy(t, s)
			may := func(p accounts.Permission) bool {
				return role == accounts.Administration || slices.Contains(w.permissions, p)
			}
			path := "/admin/courses/" + strconv.FormatInt(w.mine[accounts.RecordCourse], 10)
			a := s.Get(t, path)
			if a.Status != http.StatusOK {
				t.Fatal(a.Status)
			}
			for what, c := range map[string]struct{ got, want bool }{
				"bookings":             {strings.Contains(a.Find("main").Text(), "Meinig"), may(accounts.BookingsRead)},
				"mails":                {strings.Contains(a.Find("main").Text(), "meinig@example.org"), may(accounts.OutboxRead)},
				"history":              {slices.Contains(a.Texts("h2"), "Verlauf"), may(accounts.CoursesWrite) || may(accounts.AuditRead)},
				"editing":              {a.Find("main a[href='"+path+"/edit']").Length() > 0, may(accounts.CoursesWrite)},
				"copying":              {a.Find("main a[href^='/admin/courses/new']").Length() > 0, may(accounts.CoursesWrite)},
				"calling off":          {a.Find("main [href='"+path+"/state'], main form[action^='"+path+"/state']").Length() > 0, may(accounts.CoursesPublish)},
				"deleting":             {a.Find("main [href='"+path+"/deletion'], form[action^='"+path+"/deletion']").Length() > 0, may(accounts.CoursesDelete)},
				"the course type":      {a.Find("main a[href^='/admin/course-types/']").Length() > 0, may(accounts.CatalogueRead)},
				"the instructors page": {a.Find("main a[href^='/admin/instructors/']").Length() > 0, may(accounts.CatalogueRead)},
			} {
				if c.got != c.want {
					t.Errorf("%s: %t, want %t", what, c.got, c.want)
				}
			}
		})
	}
}

// What an address names beside the path lies within the reach as well.
func TestAddressesNameNothingBeyondTheReach(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	w := newReachWorld(t, s, accounts.ReachOwn)
	w.busy(t, s)
	mine, other := strconv.FormatInt(w.mine[accounts.RecordCourse], 10), strconv.FormatInt(w.others[accounts.RecordCourse], 10)
	if a := s.Get(t, "/admin/courses/new?from="+mine); a.Status != http.StatusOK || !strings.Contains(a.Body, "Mein Kurs") {
		t.Errorf("a copy of one's own course: %d", a.Status)
	}
	for _, path := range []string{"/admin/courses/new?from=" + other, "/admin/bookings?course=" + other} {
		if a := s.Get(t, path); strings.Contains(a.Body, "Fremder Kurs") {
			t.Errorf("%s names the course", path)
		}
	}
	if a := s.Get(t, "/admin/bookings?course="+mine); !strings.Contains(a.Find(".k-chips").Text(), "Mein Kurs") {
		t.Errorf("one's own course is not named: %s", a.Find(".k-chips").Text())
	}
}

// A course stays open when somebody responsible for it has left.
func TestACourseOutlivesTheAccountOfItsStaff(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	s.SignIn(t)
	c, u := s.MustCreateCourse(t), s.MustCreateUser(t, "Ute Gegangen")
	s.Must(t, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.NewRaw("INSERT INTO course_staff (course_id, user_id) VALUES (?, ?)", c.ID, u.ID).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewRaw("UPDATE users SET active = false, deactivated_at = now() WHERE id = ?", u.ID).Exec(ctx)
		return err
	})
	path := "/admin/courses/" + strconv.FormatInt(c.ID, 10)
	for _, p := range []string{path, path + "/edit"} {
		if a := s.Get(t, p); a.Status != http.StatusOK {
			t.Errorf("%s: %d", p, a.Status)
		}
	}
	if a := s.Get(t, path); !strings.Contains(a.Find("main").Text(), "Ute Gegangen") {
		t.Error("who was responsible is not told")
	}
}

// No page offers, by a link or a button, what the role refuses, and no link leads nowhere.
func TestPagesOfferOnlyWhatOneMay(t *testing.T) {
	t.Parallel()
	for _, role := range append([]string{"", "planning", "front_desk", "bookkeeping", "instructor", "read_only"}, reaching...) {
		t.Run("as "+role, func(t *testing.T) {
			t.Parallel()
			s := handlertest.New(t)
			w := newReachWorld(t, s, role)
			w.busy(t, s)
			routes := s.Handler.Routes()
			seen, offered := map[string]bool{"/admin": true}, 0
			for next := []string{"/admin"}; len(next) > 0; next = next[1:] {
				page := next[0]
				a := s.Get(t, page)
				if a.Status != http.StatusOK && a.Status != http.StatusSeeOther {
					t.Errorf("a link leads to %s: %d", page, a.Status)
				}
				for _, o := range offers(a) {
					offered++
					path, _, _ := strings.Cut(o.address, "?")
					r := routeOf(routes, o.method, path)
					switch {
					case r == nil:
						t.Errorf("%s offers %s %s, which is not there", page, o.method, path)
					case r.Access.Who == handlers.Permitted && !slices.Contains(w.permissions, r.Access.Permission):
						t.Errorf("%s offers %s %s, which needs %s", page, o.method, path, r.Access.Permission)
					case o.method == http.MethodGet && !seen[path] && len(seen) < 200 && strings.HasPrefix(path, "/admin/"):
						seen[path] = true
						next = append(next, o.address)
					}
				}
			}
			if offered < 5 {
				t.Errorf("only %d links and buttons were found", offered)
			}
		})
	}
}

type offer struct{ method, address string }

// offers are the links and forms of a page that lead into the application.
func offers(a *handlertest.Answer) []offer {
	var out []offer
	for _, kind := range []struct{ selector, attribute, method string }{
		{"a[href]", "href", http.MethodGet}, {"form[method=get]", "action", http.MethodGet}, {"form[method=post]", "action", http.MethodPost},
		{"button[formaction]", "formaction", http.MethodPost}, {"[hx-get]", "hx-get", http.MethodGet}, {"[hx-post]", "hx-post", http.MethodPost},
	} {
		a.Find(kind.selector).Each(func(_ int, e *goquery.Selection) {
			address, _, _ := strings.Cut(e.AttrOr(kind.attribute, ""), "#")
			idle := e.Is("form") && e.Find("button:not([disabled])").Length() == 0 && e.AttrOr("hx-trigger", "") == ""
			if strings.HasPrefix(address, "/") && !idle {
				out = append(out, offer{kind.method, address})
			}
		})
	}
	return out
}

// routeOf finds the route of a path: the one with the fewest parameters.
func routeOf(routes []handlers.Route, method, path string) *handlers.Route {
	var found *handlers.Route
	parts := strings.Split(path, "/")
	for i, r := range routes {
		names := strings.Split(r.Path, "/")
		fits := r.Method == method && len(names) == len(parts)
		for j := 0; fits && j < len(parts); j++ {
			fits = names[j] == parts[j] || strings.HasPrefix(names[j], ":") && parts[j] != ""
		}
		if fits && (found == nil || strings.Count(r.Path, ":") < strings.Count(found.Path, ":")) {
			found = &routes[i]
		}
	}
	return found
}

// Whoever reads every course and changes their own ones is offered changes of these only.
func TestACoursePageKeepsTheReachesOfSeveralRolesApart(t *testing.T) {
	t.Parallel()
	s := handlertest.New(t)
	w := newReachWorld(t, s, accounts.ReachOwn)
	s.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("INSERT INTO user_roles SELECT users.id, roles.id FROM users, roles WHERE key = 'read_only'").Exec(ctx)
		return err
	})
	for id, want := range map[int64]int{w.mine[accounts.RecordCourse]: 1, w.others[accounts.RecordCourse]: 0} {
		path := "/admin/courses/" + strconv.FormatInt(id, 10)
		a := s.Get(t, path)
		if a.Status != http.StatusOK {
			t.Fatal(a.Status)
		}
		if got := a.Find("main a[href='" + path + "/edit']").Length(); got != want {
			t.Errorf("%s offers editing %d times, want %d", path, got, want)
		}
	}
	booking := "/admin/bookings/" + strconv.FormatInt(w.others[accounts.RecordBooking], 10)
	if a := s.Get(t, booking); a.Status != http.StatusOK || a.Find("[href$='/cancellation'], form[action*='/cancellation']").Length() > 0 {
		t.Errorf("%s: %d, or it offers to cancel", booking, a.Status)
	}
}
