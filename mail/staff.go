package mail

import (
	"context"
	"strconv"

	"kurso/locales"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/notify"
	"kurso/models/outbox"
	templates "kurso/templates/mail"
)

// staffBooking tells the responsible staff who has booked, or waits.
func staffBooking(ctx context.Context, s *subject) *templates.Content {
	if s.event() == outbox.EventWaitlist {
		return s.toStaff(ctx, "letter.staff_waitlisted.")
	}
	return s.toStaff(ctx, "letter.staff_booking.")
}

// staffCancellation tells them whose booking was cancelled.
func staffCancellation(ctx context.Context, s *subject) *templates.Content {
	return s.toStaff(ctx, "letter.staff_cancellation.")
}

func (s *subject) toStaff(ctx context.Context, keys string) *templates.Content {
	b := s.booking
	c := &templates.Content{
		Subject:  locales.T(ctx, keys+"subject", "Course", line(s.course.Name)),
		Heading:  locales.T(ctx, keys+"heading"),
		Greeting: locales.T(ctx, "letter.greeting"),
		Link:     templates.Link{Label: locales.T(ctx, "letter.open_booking"), URL: s.link(ctx, "/admin/bookings/"+strconv.FormatInt(b.ID, 10))},
	}
	c.Say(locales.N(ctx, keys+"intro", b.Places, "Name", line(b.FirstName+" "+b.LastName)))
	c.Tell(locales.T(ctx, "letter.fact.booker"), line(b.FirstName+" "+b.LastName), line(b.Email), line(b.Phone))
	s.tellParticipants(ctx, c)
	s.tellCourse(ctx, c)
	s.tellPrice(ctx, c)
	s.tellPayer(ctx, c)
	c.Tell(locales.T(ctx, "letter.fact.note"), lines(b.Note)...)
	return c
}

// event is what a letter to staff tells of; empty for every other letter.
func (s *subject) event() outbox.Event {
	if s.mail.Letter == outbox.StaffBooking && s.booking.WaitlistedAt != nil {
		return outbox.EventWaitlist
	}
	return notify.EventOf(s.mail.Letter)
}

// offer adds the links that change what a member of staff gets, and returns the one that turns this off.
func (s *subject) offer(ctx context.Context, c *templates.Content) (off string) {
	e := s.event()
	if e == "" || s.mail.UserID == nil {
		return ""
	}
	off = s.link(ctx, "/notifications/"+notify.OffToken(s.Keys, *s.mail.UserID, e)+"/off")
	label := locales.T(ctx, "letter.off")
	if e == notify.DigestEvent {
		label = locales.T(ctx, "letter.off.digest")
	}
	c.Options = []templates.Link{{Label: label, URL: off}, {Label: locales.T(ctx, "letter.options"), URL: s.link(ctx, "/admin/notifications")}}
	return off
}

// aboutCourse is for letters to staff about the course of a booking or a notice.
func aboutCourse(ctx context.Context, s *subject) error {
	id, err := notify.CourseOf(ctx, s.Store, s.mail)
	if err != nil {
		return err
	}
	if s.course, err = catalog.LoadCourse(ctx, s.Store, id); err != nil {
		return err
	}
	places, err := booking.PlacesOf(ctx, s.Store, id)
	s.taken = places[id]
	return err
}

// staffPlaceFree tells that somebody who waits can have a place.
func staffPlaceFree(ctx context.Context, s *subject) *templates.Content {
	c := s.onCourse(ctx, "letter.staff_place_free.")
	c.Say(locales.T(ctx, "letter.staff_place_free.intro"))
	if s.taken.Limited() {
		c.Tell(locales.T(ctx, "letter.fact.free"), count(ctx, s.taken.Free()))
	}
	c.Tell(locales.T(ctx, "letter.fact.waiting"), count(ctx, s.taken.Waiting))
	c.Link = templates.Link{Label: locales.T(ctx, "letter.open_waitlist"),
		URL: s.link(ctx, "/admin/bookings?course="+strconv.FormatInt(s.course.ID, 10)+"&state="+booking.Waitlisted)}
	return c
}

// staffCourseFull tells that the last place is gone.
func staffCourseFull(ctx context.Context, s *subject) *templates.Content {
	c := s.onCourse(ctx, "letter.staff_course_full.")
	c.Say(locales.T(ctx, "letter.staff_course_full.intro"))
	if s.taken.Limited() {
		c.Tell(locales.T(ctx, "letter.fact.places"), count(ctx, *s.taken.Max))
	}
	return c
}

// staffBelowMinimum tells that too few have booked so far.
func staffBelowMinimum(ctx context.Context, s *subject) *templates.Content {
	c := s.onCourse(ctx, "letter.staff_below_minimum.")
	c.Say(locales.T(ctx, "letter.staff_below_minimum.intro"))
	c.Tell(locales.T(ctx, "letter.fact.booked"), count(ctx, s.taken.Sure()))
	if s.course.MinPlaces != nil {
		c.Tell(locales.T(ctx, "letter.fact.minimum"), count(ctx, *s.course.MinPlaces))
	}
	return c
}

// onCourse begins a letter to staff about a course as a whole.
func (s *subject) onCourse(ctx context.Context, keys string) *templates.Content {
	c := &templates.Content{
		Subject:  locales.T(ctx, keys+"subject", "Course", line(s.course.Name)),
		Heading:  locales.T(ctx, keys+"heading"),
		Greeting: locales.T(ctx, "letter.greeting"),
		Link:     templates.Link{Label: locales.T(ctx, "letter.open_course"), URL: s.link(ctx, coursePath(s.course.ID))},
	}
	c.Tell(locales.T(ctx, "letter.fact.course"), numbered(s.course.Name, s.course.Number))
	if s.course.StartDate != nil {
		c.Tell(locales.T(ctx, "letter.fact.begin"), locales.Day(ctx, *s.course.StartDate))
	}
	return c
}

func aboutMail(ctx context.Context, s *subject) (err error) {
	if s.failed, err = outbox.Load(ctx, s.Store, s.mail.SubjectID); err != nil {
		return err
	}
	id, err := notify.CourseOf(ctx, s.Store, s.mail)
	if err == nil && id != 0 {
		s.course, err = catalog.LoadCourse(ctx, s.Store, id)
	}
	return err
}

// staffMailFailed tells which mail has not arrived, and why.
func staffMailFailed(ctx context.Context, s *subject) *templates.Content {
	name := locales.T(ctx, "letter."+s.failed.Letter)
	c := &templates.Content{
		Subject:  locales.T(ctx, "letter.staff_mail_failed.subject", "Letter", name),
		Heading:  locales.T(ctx, "letter.staff_mail_failed.heading"),
		Greeting: locales.T(ctx, "letter.greeting"),
		Link:     templates.Link{Label: locales.T(ctx, "letter.open_mail"), URL: s.link(ctx, "/admin/outbox/"+strconv.FormatInt(s.failed.ID, 10))},
	}
	c.Say(locales.T(ctx, "letter.staff_mail_failed.intro"))
	c.Tell(locales.T(ctx, "letter.fact.letter"), name)
	c.Tell(locales.T(ctx, "letter.fact.recipient"), line(s.failed.Recipient))
	if s.course != nil {
		c.Tell(locales.T(ctx, "letter.fact.course"), numbered(s.course.Name, s.course.Number))
	}
	c.Tell(locales.T(ctx, "letter.fact.reply"), line(s.failed.LastReply))
	return c
}

func aboutImport(ctx context.Context, s *subject) (err error) {
	s.imported, err = catalog.LoadImport(ctx, s.Store, s.mail.SubjectID)
	return err
}

// staffImport tells who started an import how it ended.
func staffImport(ctx context.Context, s *subject) *templates.Content {
	im := s.imported
	keys := "letter.staff_import." + im.State + "."
	c := &templates.Content{
		Subject:  locales.T(ctx, keys+"subject", "File", line(im.FileName)),
		Heading:  locales.T(ctx, keys+"heading"),
		Greeting: locales.T(ctx, "letter.greeting"),
		Link:     templates.Link{Label: locales.T(ctx, "letter.open_report"), URL: s.link(ctx, importPath(im.ID))},
	}
	c.Say(locales.T(ctx, keys+"intro", "File", line(im.FileName)))
	if im.State == catalog.ImportFailed {
		c.Tell(locales.T(ctx, "letter.fact.reason"), locales.Stored(ctx, im.ErrorKey, im.ErrorArgs))
	}
	for _, n := range []struct {
		label string
		count int
	}{
		{locales.T(ctx, "import.counts.created"), im.CreatedCount}, {locales.T(ctx, "import.counts.updated"), im.UpdatedCount},
		{locales.T(ctx, "import.counts.unchanged"), im.UnchangedCount}, {locales.T(ctx, "import.counts.skipped"), im.SkippedCount},
	} {
		c.Tell(n.label, count(ctx, n.count))
	}
	return c
}

func count(ctx context.Context, n int) string { return locales.Number(ctx, int64(n)) }

func coursePath(id int64) string { return "/admin/courses/" + strconv.FormatInt(id, 10) }

func importPath(id int64) string { return "/admin/imports/" + strconv.FormatInt(id, 10) }

// numbered is a course's name with its number.
func numbered(name, number string) string {
	if name = line(name); line(number) != "" {
		name += " (" + line(number) + ")"
	}
	return name
}
