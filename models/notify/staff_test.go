package notify_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"gocloud.dev/blob/memblob"

	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/exports"
	"kurso/models/listing"
	"kurso/models/modeltest"
	"kurso/models/notify"
	"kurso/models/outbox"
	"kurso/models/store"
)

func TestWithoutAChoiceTheResponsibleHearOfTheirCourses(t *testing.T) {
	t.Parallel()
	o := newOffice(t, modeltest.Places(1))
	teacher := o.MustCreateUser(t, "Tom Teaches", "instructor", "front_desk")
	instructor := &catalog.Instructor{LastName: "Teaches", Version: 1, CreatedAt: o.Now(), UpdatedAt: o.Now()}
	o.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewInsert().Model(instructor).Exec(ctx)
		return err
	})
	o.exec(t, "UPDATE instructors SET user_id = ? WHERE id = ?", teacher.ID, instructor.ID)
	o.exec(t, "INSERT INTO course_instructors (course_id, instructor_id) VALUES (?, ?)", o.course.ID, instructor.ID)

	placed, waits := o.book(t, o.course), o.book(t, o.course)
	if placed.State != booking.Confirmed || waits.State != booking.Waitlisted {
		t.Fatal(placed.State, waits.State)
	}
	o.MustNotify(t)
	o.cancel(t, placed)
	want := []string{outbox.StaffBooking, outbox.StaffBooking, outbox.StaffCancellation, outbox.StaffPlaceFree}
	o.hears(t, "who is responsible", o.desk, want...)
	o.hears(t, "who teaches", teacher, want...)
	o.hears(t, "who has nothing to do with it", o.other)
	o.hears(t, "an administrator", o.admin)
	o.hears(t, "the provider", nil)
}

func TestEachEvent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		event  outbox.Event
		letter string
		happen func(t *testing.T, o *office)
	}{
		{outbox.EventBooking, outbox.StaffBooking, func(t *testing.T, o *office) { o.book(t, o.course) }},
		{outbox.EventCancellation, outbox.StaffCancellation, func(t *testing.T, o *office) { o.cancel(t, o.book(t, o.course)) }},
		{outbox.EventWaitlist, outbox.StaffBooking, func(t *testing.T, o *office) { o.book(t, o.course); o.book(t, o.course); o.book(t, o.course) }},
		{outbox.EventPlaceFree, outbox.StaffPlaceFree, func(t *testing.T, o *office) {
			b := o.book(t, o.course)
			o.book(t, o.course)
			o.book(t, o.course)
			o.cancel(t, b)
		}},
		{outbox.EventCourseFull, outbox.StaffCourseFull, func(t *testing.T, o *office) { o.book(t, o.course); o.book(t, o.course); o.book(t, o.course) }},
		{outbox.EventBelowMinimum, outbox.StaffBelowMinimum, func(t *testing.T, o *office) {
			o.exec(t, "UPDATE courses SET min_places = 2")
			o.Clock.Advance(10 * 24 * time.Hour)
			for range 2 {
				if err := notify.CheckMinimum(t.Context(), o.Store); err != nil {
					t.Fatal(err)
				}
			}
		}},
		{outbox.EventMailFailed, outbox.StaffMailFailed, func(t *testing.T, o *office) {
			o.fail(t, o.count(t, "SELECT id FROM mails WHERE booking_id = ?", o.MustRequest(t, o.course).ID))
		}},
	} {
		t.Run(string(c.event), func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, modeltest.Places(2))
			o.silence(t, o.desk, o.other, o.admin)
			o.choose(t, o.admin, c.event, notify.All, notify.Now)
			o.choose(t, o.other, c.event, notify.All, notify.Daily)
			c.happen(t, o)
			o.hears(t, "who chose it", o.admin, c.letter)
			o.hears(t, "who wants a digest", o.other)
			o.hears(t, "who turned it off", o.desk)
			if n := o.count(t, "SELECT count(*) FROM notifications WHERE user_id = ? AND event = ? AND digest_id IS NULL", o.other.ID, c.event); n != 1 {
				t.Errorf("%d lines wait for the digest", n)
			}
			if n := o.count(t, "SELECT count(*) FROM mails WHERE user_id IS NOT NULL"); n != 1 {
				t.Errorf("%d mails to staff", n)
			}
			if n := o.count(t, "SELECT count(*) FROM notifications"); n != 1 {
				t.Errorf("%d lines for digests", n)
			}
		})
	}
}

// fail gives a mail up, as its job does.
func (o *office) fail(t *testing.T, id int) {
	t.Helper()
	m, err := outbox.Claim(t.Context(), o.Store, int64(id), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	o.Must(t, func(ctx context.Context, tx *store.Tx) error { return outbox.MarkFailed(ctx, tx, m, "550 no") })
}

func TestAnImportIsToldToWhoeverStartedIt(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	planner := o.MustCreateUser(t, "Paula Plans", "planning")
	for _, u := range []*accounts.User{planner, o.admin} {
		o.choose(t, u, outbox.EventImport, notify.All, notify.Now)
	}
	var ids []int64
	for _, by := range []*int64{&planner.ID, &planner.ID, &o.desk.ID, nil} {
		im := &catalog.Import{FileName: "kurse.xml", FileKey: "x", State: catalog.ImportRunning, ErrorArgs: map[string]any{}, UserID: by, CreatedAt: o.Now()}
		o.Must(t, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.NewInsert().Model(im).Exec(ctx)
			return err
		})
		ids = append(ids, im.ID)
	}
	for _, id := range ids[1:] {
		if err := catalog.GiveUpImport(t.Context(), o.Store, id); err != nil {
			t.Fatal(err)
		}
	}
	if err := catalog.CancelImport(o.as(t, planner), o.Store, ids[0]); err != nil {
		t.Fatal(err)
	}
	o.hears(t, "who started it", planner, outbox.StaffImport)
	o.hears(t, "another", o.admin)
	o.hears(t, "who may not see imports any more", o.desk)
}

func TestAnExportIsToldToWhoeverStartedIt(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.book(t, o.course)
	for _, u := range []*accounts.User{o.other, o.admin} {
		o.choose(t, u, outbox.EventExport, notify.All, notify.Now)
	}
	bucket := memblob.OpenBucket(nil)
	defer func() { _ = bucket.Close() }()
	for _, u := range []*accounts.User{o.other, o.desk} {
		e := &exports.Export{UserID: u.ID, List: "bookings", Format: listing.CSV, Locale: "de", State: exports.Queued, CreatedAt: o.Now()}
		o.Must(t, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.NewInsert().Model(e).Exec(ctx)
			return err
		})
		if err := exports.Run(t.Context(), o.Store, bucket, e.ID, locales.Translator); err != nil {
			t.Fatal(err)
		}
	}
	o.hears(t, "who started it", o.other, outbox.StaffExport)
	o.hears(t, "who did not choose to hear of it", o.desk, outbox.StaffBooking)
	o.hears(t, "another", o.admin)
}

func TestScopes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	theirs := o.MustCreateCourse(t)
	languages, health := o.category(t, "4", o.course), o.category(t, "3", theirs)
	for scope, want := range map[string][2]int{notify.Mine: {1, 0}, notify.InCategories: {0, 1}, notify.All: {1, 1}} {
		u := o.MustCreateUser(t, scope, "front_desk")
		o.MustBeResponsible(t, o.course, u)
		o.choose(t, u, outbox.EventBooking, scope, notify.Now, health)
		mine, other := o.book(t, o.course), o.book(t, theirs)
		o.MustNotify(t)
		for i, b := range []*booking.Booking{mine, other} {
			if n := o.count(t, "SELECT count(*) FROM mails WHERE user_id = ? AND booking_id = ?", u.ID, b.ID); n != want[i] {
				t.Errorf("%s, course %d: %d letters", scope, i, n)
			}
		}
		o.exec(t, "UPDATE users SET active = false WHERE id = ?", u.ID)
	}
	if languages == health {
		t.Error("one category")
	}
}

// category makes a course belong to a new category, whose id it returns.
func (o *office) category(t *testing.T, code string, c *catalog.Course) string {
	t.Helper()
	id := o.count(t, "INSERT INTO categories (code, name) VALUES (?, ?) RETURNING id", code, "Fachbereich "+code)
	o.exec(t, "UPDATE course_types SET category_id = ? WHERE id = ?", id, c.CourseTypeID)
	return itoa(id)
}

func TestNobodyHearsOfWhatTheyDoThemselves(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	b := o.book(t, o.course)
	o.choose(t, o.other, outbox.EventCancellation, notify.All, notify.Now)
	o.hears(t, "of what an applicant does", o.desk, outbox.StaffBooking)
	for range 2 {
		if _, err := booking.CancelByStaff(o.as(t, o.desk), o.Store, b.ID, 0); err != nil {
			t.Fatal(err)
		}
	}
	o.hears(t, "of one's own doing", o.desk, outbox.StaffBooking)
	o.hears(t, "of a colleague's doing", o.other, outbox.StaffCancellation)
	o.hears(t, "the provider", nil)
}

func TestTheProviderHearsWhenNobodyElseDoes(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.silence(t, o.desk)
	o.exec(t, "UPDATE provider SET languages = '{en}', default_language = 'en'")
	o.cancel(t, o.book(t, o.course))
	o.hears(t, "nobody is interested", nil, outbox.StaffBooking, outbox.StaffCancellation)
	if n := o.count(t, "SELECT count(*) FROM mails WHERE user_id IS NULL AND letter LIKE 'staff_%' AND locale = 'en'"); n != 2 {
		t.Errorf("%d mails speak the provider's language", n)
	}
	o.choose(t, o.desk, outbox.EventBooking, notify.Mine, notify.Daily)
	b := o.book(t, o.course)
	o.hears(t, "somebody reads it tomorrow", nil, outbox.StaffBooking, outbox.StaffCancellation)
	if _, err := booking.CancelByStaff(o.as(t, o.other), o.Store, b.ID, 0); err != nil {
		t.Fatal(err)
	}
	o.hears(t, "the office did it itself", nil, outbox.StaffBooking, outbox.StaffCancellation)
	o.exec(t, "DELETE FROM user_roles WHERE user_id = ?", o.desk.ID)
	o.book(t, o.course)
	o.hears(t, "who is interested may not see it", nil, outbox.StaffBooking, outbox.StaffCancellation, outbox.StaffBooking)
}

// A job that a killed worker leaves behind runs again.
func TestAJobThatRunsTwiceTellsOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.choose(t, o.other, outbox.EventBooking, notify.All, notify.Daily)
	b := o.book(t, o.course)
	job := outbox.NotifyStaff{Events: []outbox.Event{outbox.EventBooking, "forgotten"}, BookingID: b.ID, Version: b.Version}
	for range 2 {
		if err := notify.Staff(t.Context(), o.Store, job); err != nil {
			t.Fatal(err)
		}
	}
	o.hears(t, "at once", o.desk, outbox.StaffBooking)
	if n := o.count(t, "SELECT count(*) FROM notifications"); n != 1 {
		t.Errorf("%d lines", n)
	}
	for _, gone := range []outbox.NotifyStaff{{BookingID: 1 << 40}, {NoticeID: 1 << 40}, {MailID: 1 << 40}, {ImportID: 1 << 40}} {
		gone.Events = []outbox.Event{outbox.EventBooking}
		if err := notify.Staff(t.Context(), o.Store, gone); err != nil {
			t.Errorf("%+v: %v", gone, err)
		}
	}
}

func TestWhatIsToldStaysWithinWhatOneMaySee(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	theirs := o.MustCreateCourse(t)
	// a role of the provider's own, that reaches one's own courses
	role := o.count(t, "INSERT INTO roles (name, reach, created_at, updated_at) VALUES ('Eigene', 'own', now(), now()) RETURNING id")
	for _, p := range []accounts.Permission{accounts.BookingsRead, accounts.OutboxRead} {
		o.exec(t, "INSERT INTO role_permissions VALUES (?, ?)", role, p)
	}
	u := o.MustCreateUser(t, "Ole Own")
	o.exec(t, "INSERT INTO user_roles VALUES (?, ?)", u.ID, role)
	o.MustBeResponsible(t, o.course, u)
	for _, e := range []outbox.Event{outbox.EventBooking, outbox.EventMailFailed, outbox.EventCourseFull} {
		o.choose(t, u, e, notify.All, notify.Now)
	}
	o.book(t, theirs)
	o.hears(t, "a course out of reach", u)
	for _, c := range []*catalog.Course{o.course, theirs} {
		o.fail(t, o.count(t, "SELECT id FROM mails WHERE booking_id = ?", o.MustRequest(t, c).ID))
	}
	o.fail(t, o.count(t, `INSERT INTO mails (subject, subject_id, letter, recipient, message_id, created_at)
		VALUES ('account', 1, 'x', 'a@b.c', 'x', now()) RETURNING id`))
	o.hears(t, "mails about courses out of reach and about none", u, outbox.StaffMailFailed)
	support := o.MustCreateUser(t, "Sue Support", accounts.Administration)
	o.choose(t, support, outbox.EventBooking, notify.All, notify.Now)
	o.exec(t, "UPDATE users SET kind = 'support', access_ends_at = ? WHERE id = ?", o.Now().Add(time.Hour), support.ID)
	o.book(t, o.course)
	o.hears(t, "support", support)
	support.Kind = accounts.Support
	if s, err := notify.Load(o.as(t, support), o.Store, support); err != nil || len(s.Events) != 0 {
		t.Errorf("support is offered %+v, %v", s, err)
	}
}

func TestAMailThatFailsAgainIsToldAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.choose(t, o.admin, outbox.EventMailFailed, notify.All, notify.Now)
	id := o.count(t, "SELECT id FROM mails WHERE booking_id = ?", o.MustRequest(t, o.course).ID)
	o.fail(t, id)
	o.hears(t, "once", o.admin, outbox.StaffMailFailed)
	if err := outbox.Retry(o.as(t, o.other), o.Store, int64(id)); err != nil {
		t.Fatal(err)
	}
	o.fail(t, id)
	o.hears(t, "again", o.admin, outbox.StaffMailFailed, outbox.StaffMailFailed)
	// that letter fails too
	o.fail(t, o.count(t, "SELECT max(id) FROM mails"))
	o.hears(t, "not in circles", o.admin, outbox.StaffMailFailed, outbox.StaffMailFailed)
}

func TestPlacesOfEndedHoldsAreTold(t *testing.T) {
	t.Parallel()
	o := newOffice(t, modeltest.Places(2))
	o.silence(t, o.desk)
	o.choose(t, o.desk, outbox.EventPlaceFree, notify.Mine, notify.Now)
	o.exec(t, "UPDATE provider SET hold_share_percent = 100")
	nobodyWaits := o.MustCreateCourse(t)
	o.MustBeResponsible(t, nobodyWaits, o.desk)
	o.MustRequest(t, nobodyWaits)
	o.MustRequest(t, o.course)
	o.MustRequest(t, o.course)
	o.book(t, o.course)
	o.Clock.Advance(time.Hour)
	for range 2 {
		if _, err := booking.ExpireHolds(t.Context(), o.Store, 10); err != nil {
			t.Fatal(err)
		}
	}
	o.hears(t, "once a course", o.desk, outbox.StaffPlaceFree)
}

// What was free when it happened may be given away when the job runs.
func TestAPlaceGivenAwayMeanwhileIsNotTold(t *testing.T) {
	t.Parallel()
	o := newOffice(t, modeltest.Places(1))
	b, waits := o.book(t, o.course), o.book(t, o.course)
	o.MustNotify(t)
	o.cancel(t, b)
	if _, err := booking.ConfirmFromWaitlist(o.as(t, o.other), o.Store, waits.ID, 0); err != nil {
		t.Fatal(err)
	}
	o.choose(t, o.desk, outbox.EventCourseFull, notify.Mine, notify.Now)
	o.hears(t, "who is responsible", o.desk, outbox.StaffBooking, outbox.StaffBooking, outbox.StaffCancellation, outbox.StaffCourseFull)
}

func TestChoicesAreCheckedAndNoted(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ctx := o.as(t, o.desk)
	languages := o.category(t, "4", o.course)
	for _, c := range []struct {
		in    notify.Input
		field string
	}{
		{notify.Input{Events: []notify.EventInput{{"booking", "x", "now"}}}, "events.0.scope"},
		{notify.Input{Events: []notify.EventInput{{"booking", "mine", ""}}}, "events.0.cadence"},
		{notify.Input{Events: []notify.EventInput{{"booking", "categories", "now"}}}, "categories"},
		{notify.Input{Categories: []string{"999"}}, "categories"},
		{notify.Input{Categories: []string{"x"}}, "categories"},
	} {
		var v *store.ValidationError
		if err := notify.Save(ctx, o.Store, o.desk, c.in); !errors.As(err, &v) || v.Fields[0].Field != c.field {
			t.Errorf("%+v: %v", c.in, err)
		}
	}
	settings := func() *notify.Settings {
		t.Helper()
		s, err := notify.Load(ctx, o.Store, o.desk)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, e := range settings().Events {
		if e.Kind.Event == outbox.EventImport {
			t.Error("an event is offered that the role does not cover")
		}
	}
	// as it is, an event that is not offered, and one that there is not
	in := notify.InputOf(settings())
	in.Events = append(in.Events, notify.EventInput{"import", "all", "now"}, notify.EventInput{"x", "all", "now"})
	if err := notify.Save(ctx, o.Store, o.desk, in); err != nil {
		t.Fatal(err)
	}
	if n := o.count(t, "SELECT count(*) FROM notification_choices"); n != 0 {
		t.Errorf("%d rows for what has not changed", n)
	}
	o.choose(t, o.desk, outbox.EventBooking, notify.InCategories, notify.Daily, languages)
	o.choose(t, o.desk, outbox.EventBooking, notify.Mine, notify.Off, languages)
	entries, err := audit.History(ctx, o.Store, notify.Subject, o.desk.ID, 10)
	if err != nil || len(entries) != 2 || entries[0].ActorName != "Dora Desk" {
		t.Fatalf("%+v, %v", entries, err)
	}
	if !slices.Equal(entries[1].Changes, []audit.Change{{Field: "booking", Old: "mine now", New: "categories daily"}, {Field: "categories", New: languages}}) ||
		!slices.Equal(entries[0].Changes, []audit.Change{{Field: "booking", Old: "categories daily", New: "off"}}) {
		t.Errorf("%+v", entries)
	}
}

func TestMinimumIsNoticedTwiceAndOnlyBelow(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.exec(t, "UPDATE courses SET min_places = 2 WHERE id = ?", o.course.ID) // it begins in 30 days
	check := func(what string, days int, want int) {
		t.Helper()
		o.Clock.Set(o.course.StartDate.AddDate(0, 0, -days).Add(11 * time.Hour))
		for range 2 {
			if err := notify.CheckMinimum(t.Context(), o.Store); err != nil {
				t.Fatal(err)
			}
		}
		if n := o.count(t, "SELECT count(*) FROM minimum_notices"); n != want {
			t.Errorf("%s: %d notices, want %d", what, n, want)
		}
	}
	check("too early", 22, 0)
	o.Clock.Set(o.course.StartDate.AddDate(0, 0, -21).Add(4 * time.Hour)) // five in the morning in Berlin
	if err := notify.CheckMinimum(t.Context(), o.Store); err != nil || o.count(t, "SELECT count(*) FROM minimum_notices") != 0 {
		t.Error("at night", err)
	}
	check("three weeks before", 21, 1)
	check("in between", 8, 1)
	check("a week before", 7, 2)
	check("the day before", 1, 2)
	check("on the day", 0, 2)
	if n := o.count(t, "SELECT start_date - min(day) FROM minimum_notices, courses GROUP BY start_date"); n != 21 {
		t.Errorf("noticed for %d days before", n)
	}

	enough := newOffice(t)
	enough.exec(t, "UPDATE courses SET min_places = 2, places_taken_elsewhere = 1")
	enough.book(t, enough.course)
	enough.exec(t, "INSERT INTO courses (course_type_id, name, state, start_date, min_places, created_at, updated_at) SELECT course_type_id, 'Entwurf', 'draft', start_date, 2, now(), now() FROM courses")
	enough.Clock.Advance(20 * 24 * time.Hour)
	if err := notify.CheckMinimum(t.Context(), enough.Store); err != nil || enough.count(t, "SELECT count(*) FROM minimum_notices") != 0 {
		t.Error("not below, and not on offer", err)
	}
	held := newOffice(t)
	held.exec(t, "UPDATE courses SET min_places = 1")
	held.Clock.Advance(20 * 24 * time.Hour)
	held.MustRequest(t, held.course)
	if err := notify.CheckMinimum(t.Context(), held.Store); err != nil || held.count(t, "SELECT count(*) FROM minimum_notices") != 1 {
		t.Error("a place that is only held does not count", err)
	}
}
