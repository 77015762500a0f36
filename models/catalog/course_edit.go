package catalog

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"kurso/models/accounts"
	"kurso/models/desk"
	"kurso/models/store"
)

// CreateCourse adds a draft and returns its id. Without a course type, one of the course's name is added
// too. It returns a *store.ValidationError with the form's field names.
func CreateCourse(ctx context.Context, st *store.Store, in CourseInput) (id int64, err error) {
	err = st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		id, err = CreateCourseIn(ctx, tx, in)
		return err
	})
	return id, err
}

// CreateCourseIn is CreateCourse as a part of a use case.
func CreateCourseIn(ctx context.Context, tx *store.Tx, in CourseInput) (int64, error) {
	c := &Course{State: Draft, TargetGroups: []string{}, Keywords: []string{}, Version: 1}
	e, err := newCourseEdit(ctx, tx, c)
	if err != nil {
		return 0, err
	}
	if err := e.read(ctx, in); err != nil {
		return 0, err
	}
	if err := e.OrNil(); err != nil {
		return 0, err
	}
	if c.CourseTypeID == 0 {
		if c.CourseTypeID, err = insertCourseType(ctx, tx, c.Name); err != nil {
			return 0, err
		}
	}
	c.CreatedAt, c.UpdatedAt = tx.Now(), tx.Now()
	if _, err := tx.NewInsert().Model(c).Exec(ctx); err != nil {
		return 0, err
	}
	if err := e.writeRows(ctx); err != nil {
		return 0, err
	}
	if err := keepWithinReach(ctx, tx, c.ID); err != nil {
		return 0, err
	}
	return c.ID, (&diff{}).write(ctx, tx, SubjectCourse, c.ID, "course.created")
}

// UpdateCourse changes a course to what the form says. It returns store.ErrNotFound, store.ErrConflict when
// somebody else changed it since the form was filled, or a *store.ValidationError.
func UpdateCourse(ctx context.Context, st *store.Store, id int64, in CourseInput) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		c := &Course{}
		if err := lock(ctx, tx, toChange, c, id, &c.Version, in.Version); err != nil {
			return err
		}
		tx.Refresh()
		e, err := newCourseEdit(ctx, tx, c)
		if err != nil {
			return err
		}
		if err := e.read(ctx, in); err != nil {
			return err
		}
		if err := e.OrNil(); err != nil || e.d.empty() {
			return err
		}
		if err := e.writeRows(ctx); err != nil {
			return err
		}
		c.Version++
		c.UpdatedAt = tx.Now()
		if _, err := tx.NewUpdate().Model(c).WherePK().ExcludeColumn("id", "created_at").Exec(ctx); err != nil {
			return err
		}
		if err := keepWithinReach(ctx, tx, id); err != nil {
			return err
		}
		return e.d.write(ctx, tx, SubjectCourse, id, "course.changed")
	})
}

// keepWithinReach refuses a course that its editor could not open any more: of another category, or no
// longer theirs.
func keepWithinReach(ctx context.Context, tx *store.Tx, id int64) error {
	err := accounts.MustReach(ctx, tx, accounts.CoursesWrite, accounts.RecordCourse, id)
	if errors.Is(err, store.ErrNotFound) {
		v := &store.ValidationError{}
		v.Add("", "error.course.out_of_reach")
		return v
	}
	return err
}

// DeleteCourse deletes a course that nobody ever booked; otherwise it returns a *store.RuleError.
func DeleteCourse(ctx context.Context, st *store.Store, id int64, formVersion string) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		c := &Course{}
		if err := lock(ctx, tx, toDelete, c, id, &c.Version, formVersion); err != nil {
			return err
		}
		if err := refused(ctx, tx, "course.delete.booked", `SELECT count(*) FROM bookings WHERE course_id = ?`, id); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model(c).WherePK().Exec(ctx); err != nil {
			return err
		}
		if err := desk.ForgetRecord(ctx, tx, desk.Record{Subject: SubjectCourse, ID: id}); err != nil {
			return err
		}
		d := &diff{}
		d.note("number", c.Number, "")
		d.note("name", c.Name, "")
		return d.write(ctx, tx, SubjectCourse, id, "course.deleted")
	})
}

// courseEdit reads a form over a course that is locked or new: it changes c and remembers which rows
// around it to write. Nothing is written before writeRows.
type courseEdit struct {
	typed
	d           diff
	tx          *store.Tx
	c           *Course
	sessions    rows[Session]
	prices      rows[PriceTier]
	instructors []int64
	staff       []int64
}

// rows are what to write of one kind; now is how they will be.
type rows[T any] struct {
	stored, now      []*T
	added, changed   []*T
	removed, archive []int64
}

func newCourseEdit(ctx context.Context, tx *store.Tx, c *Course) (*courseEdit, error) {
	p, err := LoadProvider(ctx, tx)
	if err != nil {
		return nil, err
	}
	e := &courseEdit{typed: typed{zone: p.Zone()}, tx: tx, c: c}
	if c.ID == 0 {
		return e, nil
	}
	if err := tx.NewSelect().Model(&e.sessions.stored).Where("course_id = ?", c.ID).OrderExpr("starts_at, id").Scan(ctx); err != nil {
		return nil, err
	}
	if err := tx.NewSelect().Model(&e.prices.stored).Where("course_id = ?", c.ID).OrderExpr("position, id").Scan(ctx); err != nil {
		return nil, err
	}
	if err := tx.NewSelect().Table("course_instructors").Column("instructor_id").Where("course_id = ?", c.ID).
		Order("instructor_id").Scan(ctx, &e.instructors); err != nil {
		return nil, err
	}
	e.staff, err = CourseStaffIDs(ctx, tx, c.ID)
	return e, err
}

// read takes the form over into the course. What is wrong is collected; an error is the database's.
func (e *courseEdit) read(ctx context.Context, in CourseInput) error {
	c := e.c
	if err := e.readCourseType(ctx, in.CourseType); err != nil {
		return err
	}
	e.d.text("number", &c.Number, e.line("number", in.Number, 100))
	e.d.text("name", &c.Name, e.name("name", in.Name, maxLine))
	e.d.text("subtitle", &c.Subtitle, e.line("subtitle", in.Subtitle, maxLine))
	e.d.text("description", &c.Description, e.html("description", in.Description))
	e.d.text("level", &c.Level, e.line("level", in.Level, 100))
	e.d.texts("target_groups", &c.TargetGroups, e.list("target_groups", in.TargetGroups))
	e.d.texts("keywords", &c.Keywords, e.list("keywords", in.Keywords))
	e.d.text("certificate", &c.Certificate, e.line("certificate", in.Certificate, maxLine))
	e.d.text("delivery", &c.Delivery, e.choice("delivery", in.Delivery, Deliveries...))
	if err := e.readSessions(ctx, in.Sessions); err != nil {
		return err
	}
	e.readDays(in)
	location, err := e.reference(ctx, e.tx, "location", in.Location, "locations")
	if err != nil {
		return err
	}
	if err := e.d.named(ctx, e.tx, "location", "locations", c.LocationID, location); err != nil {
		return err
	}
	c.LocationID = location
	if err := e.readPlaces(ctx, in); err != nil {
		return err
	}
	e.d.number("teaching_units", &c.TeachingUnits, e.hundredths("teaching_units", in.TeachingUnits, 9999))
	opens, closes := e.moment("booking_opens_at", in.BookingOpens), e.moment("booking_closes_at", in.BookingCloses)
	if opens != nil && closes != nil && !closes.After(*opens) {
		e.Add("booking_closes_at", "invalid.closes_before_opens")
	}
	e.d.moment("booking_opens_at", &c.BookingOpensAt, opens, "2006-01-02 15:04", e.zone)
	e.d.moment("booking_closes_at", &c.BookingClosesAt, closes, "2006-01-02 15:04", e.zone)
	e.d.text("website_url", &c.WebsiteURL, e.web("website_url", in.WebsiteURL))
	e.d.text("image_url", &c.ImageURL, e.web("image_url", in.ImageURL))
	if err := e.readPeople(ctx, in); err != nil {
		return err
	}
	if err := e.readPrices(ctx, in.Prices); err != nil {
		return err
	}
	if c.State == Published || c.State == Running {
		e.publishable()
	}
	return nil
}

func (e *courseEdit) readCourseType(ctx context.Context, s string) error {
	id, err := e.courseType(ctx, e.tx, "course_type", s)
	if err != nil {
		return err
	}
	if id == 0 && e.c.ID != 0 && cleanLine(s) == "" {
		e.Add("course_type", "invalid.required")
	}
	if e.c.ID != 0 && id != 0 {
		if err := e.d.named(ctx, e.tx, "course_type", "course_types", &e.c.CourseTypeID, &id); err != nil {
			return err
		}
	}
	e.c.CourseTypeID = id
	return nil
}

// readDays takes over the first and the last day. They follow the sessions when left empty, and go on
// following them as long as nobody typed others.
func (e *courseEdit) readDays(in CourseInput) {
	c := e.c
	start, end := e.day("start_date", in.StartDate), e.day("end_date", in.EndDate)
	first, last := e.span(e.sessions.now)
	oldFirst, oldLast := e.span(e.sessions.stored)
	if first != nil {
		if start == nil || sameDay(start, c.StartDate) && sameDay(start, oldFirst) {
			start = first
		}
		if end == nil || sameDay(end, c.EndDate) && sameDay(end, oldLast) {
			end = last
		}
		touched := !sameDay(first, oldFirst) || !sameDay(last, oldLast) || !sameDay(start, c.StartDate) || !sameDay(end, c.EndDate)
		if touched && start.After(*first) {
			e.Add("start_date", "invalid.start_after_session")
		}
		if touched && end.Before(*last) && !end.Before(*start) {
			e.Add("end_date", "invalid.end_before_session")
		}
	}
	if start != nil && end != nil && end.Before(*start) {
		e.Add("end_date", "invalid.end_before_start")
	}
	e.d.day("start_date", &c.StartDate, start)
	e.d.day("end_date", &c.EndDate, end)
}

// span is the first and the last day of sessions, at midnight UTC.
func (e *courseEdit) span(sessions []*Session) (first, last *time.Time) {
	for _, s := range sessions {
		if day := dayOf(s.StartsAt, e.zone); first == nil || day.Before(*first) {
			first = &day
		}
		if day := dayOf(s.EndsAt.Add(-time.Second), e.zone); last == nil || day.After(*last) {
			last = &day
		}
	}
	return first, last
}

func dayOf(t time.Time, zone *time.Location) time.Time {
	t = t.In(zone)
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

func sameDay(a, b *time.Time) bool {
	return (a == nil) == (b == nil) && (a == nil || a.Equal(*b))
}

// readPlaces takes over the numbers. A new maximum is never below what is taken.
func (e *courseEdit) readPlaces(ctx context.Context, in CourseInput) error {
	c := e.c
	low, high := e.number("min_places", in.MinPlaces, 0, 100_000), e.number("max_places", in.MaxPlaces, 0, 100_000)
	elsewhere := e.numberOr("places_taken_elsewhere", in.TakenElsewhere, -1, 100_000, 0)
	if low != nil && high != nil && *low > *high {
		e.Add("min_places", "invalid.min_above_max")
	}
	if c.ID != 0 && high != nil && (c.MaxPlaces == nil || *high < *c.MaxPlaces) {
		var taken int
		if err := e.tx.NewRaw(`SELECT coalesce(sum(taken), 0) FROM course_places(?) WHERE course_id = ?`, e.tx.Now(), c.ID).
			Scan(ctx, &taken); err != nil {
			return err
		}
		if taken += max(elsewhere, 0); *high < taken {
			e.Add("max_places", "invalid.below_taken", "Taken", taken)
		}
	}
	e.d.number("min_places", &c.MinPlaces, low)
	e.d.number("max_places", &c.MaxPlaces, high)
	e.d.count("places_taken_elsewhere", &c.PlacesTakenElsewhere, elsewhere)
	return nil
}

// readPeople takes over who teaches and who is responsible. Entries name them by id.
func (e *courseEdit) readPeople(ctx context.Context, in CourseInput) error {
	var instructors, staff []int64
	for i, s := range in.Instructors {
		id, err := e.instructor(ctx, e.tx, "instructors."+strconv.Itoa(i), s)
		if err != nil {
			return err
		}
		if id != 0 {
			instructors = append(instructors, id)
		}
	}
	for _, s := range in.Staff {
		id, err := e.reference(ctx, e.tx, "staff", s, "users")
		if err != nil {
			return err
		}
		if id != nil {
			staff = append(staff, *id)
		}
	}
	e.ids("instructors", &e.instructors, instructors)
	e.ids("staff", &e.staff, staff)
	return nil
}

func (e *courseEdit) ids(field string, dst *[]int64, v []int64) {
	slices.Sort(v)
	v = slices.Compact(v)
	if !slices.Equal(*dst, v) {
		e.d.note(field, idList(*dst), idList(v))
		*dst = v
	}
}

func idList(ids []int64) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(out, ", ")
}
