package demo_test

import (
	"testing"
	"time"

	"kurso/models/accounts"
	"kurso/models/demo"
	"kurso/models/modeltest"
)

func TestLoadFillsAnEmptyDatabaseOnce(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	counts := func() (courses, bookings, states int) {
		err := w.NewRaw("SELECT (SELECT count(*) FROM courses), (SELECT count(*) FROM bookings), (SELECT count(DISTINCT state) FROM bookings)").
			Scan(t.Context(), &courses, &bookings, &states)
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	for range 2 {
		if err := demo.Load(t.Context(), w.Store); err != nil {
			t.Fatal(err)
		}
		courses, bookings, states := counts()
		if courses < 100 || bookings < 150 || bookings > 700 || states < 5 {
			t.Fatalf("%d courses, %d bookings in %d states", courses, bookings, states)
		}
	}
	for what, query := range map[string]string{
		"mails that will be sent":       "SELECT count(*) FROM mails WHERE state <> 'kept'",
		"jobs":                          "SELECT count(*) FROM river_job WHERE kind <> 'keep_audit_head'",
		"no choices":                    "SELECT (count(*) = 0)::int FROM notification_choices",
		"no digest":                     "SELECT (count(*) = 0)::int FROM mails WHERE letter = 'staff_digest'",
		"roles without anybody":         "SELECT count(*) FROM roles WHERE NOT EXISTS (SELECT FROM user_roles WHERE role_id = roles.id)",
		"nobody was deactivated":        "SELECT (count(*) FILTER (WHERE NOT active) <> 1)::int FROM users",
		"the instructor has no courses": "SELECT (count(*) < 3)::int FROM course_instructors JOIN instructors i ON i.id = instructor_id JOIN users u ON u.id = i.user_id WHERE u.email = 'kursleitung@kurso.example'",
		"bookings of the future":        "SELECT count(*) FROM bookings WHERE requested_at > '2026-11-23 11:00Z'",
		"all running courses are empty": `SELECT (count(*) = 0)::int FROM courses c WHERE state = 'running' AND EXISTS (SELECT FROM bookings b WHERE b.course_id = c.id AND b.state = 'CONFIRMED')`,
	} {
		var n int
		if err := w.NewRaw(query).Scan(t.Context(), &n); err != nil {
			t.Fatal(err)
		}
		if n != 0 {
			t.Errorf("%s: %d", what, n)
		}
	}
	for _, email := range []string{demo.Email, demo.InstructorEmail} {
		if _, err := accounts.Authenticate(t.Context(), w.Store, email, demo.Password, accounts.Client{Network: "192.0.2.1"}); err != nil {
			t.Errorf("%s: %v", email, err)
		}
	}
}

// Whatever day and hour it is started, the demo holds together.
func TestLoadFitsAnyDay(t *testing.T) {
	t.Parallel()
	for _, moment := range []string{"2026-12-31T23:30:00Z", "2027-03-28T00:59:00Z", "2028-02-29T12:00:00Z"} {
		t.Run(moment, func(t *testing.T) {
			t.Parallel()
			w := modeltest.New(t)
			at, err := time.Parse(time.RFC3339, moment)
			if err != nil {
				t.Fatal(err)
			}
			w.Clock.Set(at)
			if err := demo.Load(t.Context(), w.Store); err != nil {
				t.Fatal(err)
			}
		})
	}
}
