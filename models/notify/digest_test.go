package notify_test

import (
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/notify"
	"kurso/models/outbox"
	"kurso/models/store"
)

func itoa(n int) string { return strconv.Itoa(n) }

// digests writes what is due at a moment, given as in Berlin.
func (o *office) digests(t *testing.T, at string) {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	moment, err := time.ParseInLocation("2006-01-02 15:04", at, zone)
	if err != nil {
		t.Fatal(err)
	}
	o.MustNotify(t)
	o.Clock.Set(moment)
	if err := notify.SendDigests(t.Context(), o.Store); err != nil {
		t.Fatal(err)
	}
}

func (o *office) digestsOf(t *testing.T, u *accounts.User) int {
	t.Helper()
	return o.count(t, "SELECT count(*) FROM mails WHERE user_id = ? AND letter = ?", u.ID, outbox.StaffDigest)
}

func TestADigestADay(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for _, e := range []outbox.Event{outbox.EventBooking, outbox.EventCancellation} {
		o.choose(t, o.desk, e, notify.Mine, notify.Daily)
	}
	theirs := o.MustCreateCourse(t)
	o.MustBeResponsible(t, theirs, o.desk)
	o.cancel(t, o.book(t, o.course)) // Monday noon
	o.book(t, o.course)
	o.book(t, theirs)
	wants := func(at string, want int) {
		t.Helper()
		for range 2 {
			o.digests(t, at)
		}
		if n := o.digestsOf(t, o.desk); n != want {
			t.Fatalf("%s: %d digests, want %d", at, n, want)
		}
	}
	wants("2026-11-23 12:30", 0) // what came after seven waits until tomorrow
	wants("2026-11-24 06:59", 0)
	wants("2026-11-24 07:00", 1)
	o.book(t, o.course)
	wants("2026-11-24 23:59", 1)
	wants("2026-11-25 15:00", 2) // nothing ran before the afternoon
	wants("2026-11-26 07:00", 2) // nothing happened

	var id int64
	if err := o.NewRaw("SELECT min(subject_id) FROM mails WHERE letter = 'staff_digest'").Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	d, err := notify.LoadDigest(t.Context(), o.Store, id)
	if err != nil || len(d.Courses) != 2 || d.Events() != 4 || d.Day.Format(time.DateOnly) != "2026-11-24" {
		t.Fatalf("%+v, %v", d, err)
	}
	for _, c := range d.Courses {
		want := map[outbox.Event]int{outbox.EventBooking: 1}
		if c.ID == o.course.ID {
			want = map[outbox.Event]int{outbox.EventBooking: 2, outbox.EventCancellation: 1}
		}
		if len(c.Counts) != len(want) || c.Counts[outbox.EventBooking] != want[outbox.EventBooking] || c.Counts[outbox.EventCancellation] != want[outbox.EventCancellation] {
			t.Errorf("%s: %v", c.Name, c.Counts)
		}
	}
	if _, err := notify.LoadDigest(t.Context(), o.Store, 1<<40); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("no digest: %v", err)
	}
}

// Seven is seven by the provider's clocks, also on the days when they change.
func TestDigestsWhenClocksChange(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.choose(t, o.desk, outbox.EventBooking, notify.Mine, notify.Daily)
	for i, day := range []string{"2027-03-27", "2027-03-28", "2027-03-29", "2027-10-30", "2027-10-31", "2027-11-01"} {
		yesterday, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		o.Clock.Set(yesterday.AddDate(0, 0, -1).Add(20 * time.Hour))
		o.exec(t, "INSERT INTO notifications (user_id, event, booking_id, version, created_at) VALUES (?, 'booking', ?, ?, ?)",
			o.desk.ID, o.MustRequest(t, o.MustCreateCourse(t)).ID, i+1, o.Now())
		o.digests(t, day+" 06:59")
		if n := o.digestsOf(t, o.desk); n != i {
			t.Errorf("%s, before seven: %d", day, n)
		}
		o.digests(t, day+" 07:01")
		if n := o.digestsOf(t, o.desk); n != i+1 {
			t.Errorf("%s, after seven: %d", day, n)
		}
	}
}

func TestDigestsAreWrittenOnceByManyWorkers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.choose(t, o.desk, outbox.EventBooking, notify.Mine, notify.Daily)
	o.book(t, o.course)
	o.MustNotify(t)
	o.Clock.Advance(24 * time.Hour)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := notify.SendDigests(t.Context(), o.Store); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := o.digestsOf(t, o.desk); n != 1 {
		t.Errorf("%d digests", n)
	}
}

// Between an event and its digest a user may lose the right to see it, the account, or the wish.
func TestDigestsKeepToWhatOneMaySeeNow(t *testing.T) {
	t.Parallel()
	for what, change := range map[string]func(t *testing.T, o *office){
		"without the permission": func(t *testing.T, o *office) { o.exec(t, "DELETE FROM user_roles WHERE user_id = ?", o.desk.ID) },
		"without an account":     func(t *testing.T, o *office) { o.exec(t, "UPDATE users SET active = false WHERE id = ?", o.desk.ID) },
		"without the wish":       func(t *testing.T, o *office) { o.choose(t, o.desk, outbox.EventBooking, notify.Mine, notify.Off) },
		"out of reach": func(t *testing.T, o *office) {
			o.exec(t, "UPDATE roles SET reach = 'own' WHERE key = 'front_desk'")
			o.exec(t, "DELETE FROM course_staff")
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.choose(t, o.desk, outbox.EventBooking, notify.Mine, notify.Daily)
			o.book(t, o.course)
			o.MustNotify(t)
			change(t, o)
			o.digests(t, "2026-11-24 07:00")
			if n := o.digestsOf(t, o.desk); n != 0 {
				t.Errorf("%d digests", n)
			}
			if n := o.count(t, "SELECT count(*) FROM notifications"); n != 0 {
				t.Errorf("%d lines are left", n)
			}
		})
	}
}

// A mail may wait for days until the mail server takes it.
func TestAMailMayBeReadByWhoMaySeeItNow(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.choose(t, o.desk, outbox.EventCancellation, notify.Mine, notify.Daily)
	theirs := o.MustCreateCourse(t)
	o.MustBeResponsible(t, theirs, o.desk)
	o.cancel(t, o.book(t, o.course))
	o.cancel(t, o.book(t, theirs))
	o.digests(t, "2026-11-24 07:00")
	mail := func(letter string) *outbox.Mail {
		t.Helper()
		m, err := outbox.Load(t.Context(), o.Store, int64(o.count(t, "SELECT min(id) FROM mails WHERE letter = ?", letter)))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	may := func(what string, m *outbox.Mail, want bool) {
		t.Helper()
		if got, err := notify.MayRead(t.Context(), o.Store, m); err != nil || got != want {
			t.Errorf("%s: %s may be read: %t, %v", what, m.Letter, got, err)
		}
	}
	letters := []*outbox.Mail{mail(outbox.StaffBooking), mail(outbox.StaffDigest)}
	for _, m := range letters {
		may("at first", m, true)
	}
	o.exec(t, "UPDATE roles SET reach = 'own' WHERE key = 'front_desk'")
	o.exec(t, "DELETE FROM course_staff WHERE course_id = ?", o.course.ID)
	may("out of reach", letters[0], false)
	may("half of it out of reach", letters[1], true)
	if d, err := notify.LoadDigest(t.Context(), o.Store, letters[1].SubjectID); err != nil || len(d.Courses) != 1 || d.Courses[0].ID != theirs.ID {
		t.Errorf("%+v, %v", d, err)
	}
	o.exec(t, "UPDATE users SET active = false WHERE id = ?", o.desk.ID)
	for _, m := range letters {
		may("without an account", m, false)
	}
	may("to an applicant", mail(outbox.BookingVerify), true)
	o.exec(t, "DELETE FROM course_staff")
	o.book(t, theirs)
	o.MustNotify(t)
	provider := mail(outbox.StaffBooking)
	provider.UserID = nil
	may("to the provider", provider, true)
}

func TestTheLinkInALetterTurnsItOff(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.choose(t, o.desk, outbox.EventCancellation, notify.All, notify.Daily)
	o.choose(t, o.desk, outbox.EventCourseFull, notify.Mine, notify.Daily)
	cadence := func(e outbox.Event) string {
		t.Helper()
		s, err := notify.Load(o.as(t, o.desk), o.Store, o.desk)
		if err != nil {
			t.Fatal(err)
		}
		for _, set := range s.Events {
			if set.Kind.Event == e {
				return set.Choice.Scope + " " + set.Choice.Cadence
			}
		}
		t.Fatalf("%s is not offered", e)
		return ""
	}
	token := notify.OffToken(o.Keys, o.desk.ID, outbox.EventBooking)
	s, err := notify.LoadSubscription(t.Context(), o.Store, token)
	if err != nil || s.Off || s.Event != outbox.EventBooking || s.User.ID != o.desk.ID || cadence(outbox.EventBooking) != "mine now" {
		t.Fatalf("looking: %+v, %v", s, err)
	}
	for range 2 {
		if s, err = notify.TurnOff(t.Context(), o.Store, token); err != nil || !s.Off {
			t.Fatalf("%+v, %v", s, err)
		}
	}
	if s, err = notify.LoadSubscription(t.Context(), o.Store, token); err != nil || !s.Off {
		t.Errorf("afterwards: %+v, %v", s, err)
	}
	if cadence(outbox.EventBooking) != "mine off" || cadence(outbox.EventCancellation) != "all daily" || cadence(outbox.EventWaitlist) != "mine now" {
		t.Error("others were changed")
	}
	if _, err := notify.TurnOff(t.Context(), o.Store, notify.OffToken(o.Keys, o.desk.ID, notify.DigestEvent)); err != nil {
		t.Fatal(err)
	}
	if cadence(outbox.EventCancellation) != "all off" || cadence(outbox.EventCourseFull) != "mine off" || cadence(outbox.EventWaitlist) != "mine now" {
		t.Error("the digest is not off, or more than that")
	}
	entries, err := audit.History(t.Context(), o.Store, notify.Subject, o.desk.ID, 10)
	if err != nil || len(entries) != 4 || entries[0].ActorName != "Dora Desk" || entries[1].Changes[0] != (audit.Change{Field: "booking", Old: "mine now", New: "off"}) {
		t.Errorf("%+v, %v", entries, err)
	}
	o.book(t, o.course)
	o.hears(t, "who turned it off", o.desk)

	for _, wrong := range []string{"", "x", token + "x", o.Sign("another purpose", "1 booking"), notify.OffToken(o.Keys, o.desk.ID, "x"), notify.OffToken(o.Keys, 1<<40, outbox.EventBooking)} {
		if _, err := notify.TurnOff(t.Context(), o.Store, wrong); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
