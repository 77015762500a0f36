package catalog

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/audit"
	"kurso/models/catalog/openvhs"
	"kurso/models/store"
)

// importBatch writes some records in one transaction, with a number of statements that does not depend on
// how many they are.
type importBatch struct {
	tx       *store.Tx
	im       *Import
	provider *Provider
	masters  *masters

	fresh, known []*importedCourse
	problems     []*ImportProblem
	entries      []audit.Entry
	unchanged    int
	skipped      int
}

// importedCourse is a record and the course it becomes.
type importedCourse struct {
	record *openvhs.Record
	course *Course
	file   *importValues // what the file says
	link   *CourseImport // nil for a new course

	// of a known course
	current         *importValues
	sessions        []*Session
	tiers           []*PriceTier // offered ones
	merged, written importValues
	changed, kept   []importField
	taken           bool // places taken elsewhere have changed
	takenBefore     int
}

// run imports the records: those already known by guid are updated under a lock, since bookings depend on
// what they say; new ones are created.
func (b *importBatch) run(ctx context.Context, records []*openvhs.Record) error {
	var good []*openvhs.Record
	for _, r := range records {
		if r.Rejected() {
			b.skipped++
			b.report(r, nil)
			continue
		}
		good = append(good, r)
	}
	if len(good) > 0 {
		if err := b.apply(ctx, good); err != nil {
			return err
		}
	}
	return b.writeReport(ctx)
}

func (b *importBatch) apply(ctx context.Context, records []*openvhs.Record) (err error) {
	if b.masters, err = resolveMasters(ctx, b.tx, records); err != nil {
		return err
	}
	known, err := b.lockKnown(ctx, records)
	if err != nil {
		return err
	}
	for _, r := range records {
		file := b.masters.values(r, b.provider)
		c := known[r.GUID]
		if c == nil {
			b.fresh = append(b.fresh, &importedCourse{record: r, file: file})
			continue
		}
		c.record, c.file = r, file
		b.known = append(b.known, c)
	}
	if err := b.create(ctx); err != nil {
		return err
	}
	if err := b.update(ctx); err != nil {
		return err
	}
	for _, c := range append(b.fresh, b.known...) {
		b.report(c.record, &c.course.ID)
	}
	return nil
}

// lockKnown reads the courses that the records were imported into before, by guid, with all that an import
// compares. They are locked in the order of their ids.
func (b *importBatch) lockKnown(ctx context.Context, records []*openvhs.Record) (map[string]*importedCourse, error) {
	guids := make([]string, len(records))
	for i, r := range records {
		guids[i] = r.GUID
	}
	var links []*CourseImport
	if err := b.tx.NewSelect().Model(&links).Where("guid IN (?)", bun.List(guids)).Scan(ctx); err != nil {
		return nil, err
	}
	if len(links) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(links))
	byID := make(map[int64]*importedCourse, len(links))
	for i, link := range links {
		ids[i] = link.CourseID
		link.Imported.normalise()
		byID[link.CourseID] = &importedCourse{link: link, current: &importValues{}}
	}
	var courses []*Course
	err := b.tx.NewSelect().Model(&courses).Where("c.id IN (?)", bun.List(ids)).OrderExpr("c.id").For("NO KEY UPDATE OF c").Scan(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range courses {
		byID[c.ID].course = c
	}
	if err := b.readParts(ctx, ids, byID); err != nil {
		return nil, err
	}
	known := make(map[string]*importedCourse, len(links))
	for _, c := range byID {
		if c.course == nil { // deleted by staff since the first statement
			continue
		}
		c.current.course(c.course)
		c.current.normalise()
		known[c.link.GUID] = c
	}
	return known, nil
}

// readParts reads what belongs to the locked courses.
func (b *importBatch) readParts(ctx context.Context, ids []int64, byID map[int64]*importedCourse) error {
	var sessions []*Session
	if err := b.tx.NewSelect().Model(&sessions).Where("course_id IN (?)", bun.List(ids)).OrderExpr("starts_at, id").Scan(ctx); err != nil {
		return err
	}
	for _, s := range sessions {
		c := byID[s.CourseID]
		c.sessions = append(c.sessions, s)
		c.current.Sessions = append(c.current.Sessions, s.values())
	}
	var tiers []*PriceTier
	err := b.tx.NewSelect().Model(&tiers).Where("course_id IN (?) AND NOT archived", bun.List(ids)).OrderExpr("position, id").Scan(ctx)
	if err != nil {
		return err
	}
	for _, t := range tiers {
		c := byID[t.CourseID]
		c.tiers = append(c.tiers, t)
		c.current.Prices = append(c.current.Prices, t.values())
	}
	var instructors []*CourseInstructor
	if err := b.tx.NewSelect().Model(&instructors).Where("course_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return err
	}
	for _, i := range instructors {
		c := byID[i.CourseID]
		c.current.Instructors = append(c.current.Instructors, i.InstructorID)
	}
	return nil
}

func (s *Session) values() importSession {
	v := importSession{StartsAt: s.StartsAt, EndsAt: s.EndsAt, AllDay: s.AllDay, Note: s.Note}
	if s.RoomID != nil {
		v.Room = *s.RoomID
	}
	return v
}

func (v importSession) row(courseID int64) *Session {
	s := &Session{CourseID: courseID, StartsAt: v.StartsAt, EndsAt: v.EndsAt, AllDay: v.AllDay, Note: v.Note}
	if v.Room != 0 {
		s.RoomID = &v.Room
	}
	return s
}

func (t *PriceTier) values() importPrice {
	return importPrice{Name: t.Name, AmountCents: t.AmountCents, Currency: t.Currency, Note: t.Note}
}

func (v importPrice) row(courseID int64, position int) *PriceTier {
	return &PriceTier{CourseID: courseID, Name: v.Name, AmountCents: v.AmountCents, Currency: v.Currency, Note: v.Note, Position: position}
}

// course reads the values that stand in the course's own row.
func (v *importValues) course(c *Course) {
	v.CourseType, v.Number, v.Name, v.Subtitle, v.Description = c.CourseTypeID, c.Number, c.Name, c.Subtitle, c.Description
	v.Level, v.TargetGroups, v.Keywords, v.Certificate, v.Delivery = c.Level, c.TargetGroups, c.Keywords, c.Certificate, c.Delivery
	v.StartDate, v.EndDate, v.MinPlaces, v.MaxPlaces, v.TeachingUnits = c.StartDate, c.EndDate, c.MinPlaces, c.MaxPlaces, c.TeachingUnits
	v.WebsiteURL, v.ImageURL = c.WebsiteURL, c.ImageURL
	if c.LocationID != nil {
		v.Location = *c.LocationID
	}
}

// into writes them there.
func (v *importValues) into(c *Course) {
	c.CourseTypeID, c.Number, c.Name, c.Subtitle, c.Description = v.CourseType, v.Number, v.Name, v.Subtitle, v.Description
	c.Level, c.TargetGroups, c.Keywords, c.Certificate, c.Delivery = v.Level, v.TargetGroups, v.Keywords, v.Certificate, v.Delivery
	c.StartDate, c.EndDate, c.MinPlaces, c.MaxPlaces, c.TeachingUnits = v.StartDate, v.EndDate, v.MinPlaces, v.MaxPlaces, v.TeachingUnits
	c.WebsiteURL, c.ImageURL = v.WebsiteURL, v.ImageURL
	c.LocationID = nil
	if v.Location != 0 {
		c.LocationID = &v.Location
	}
}

// takenElsewhere is -1 where the file does not know.
func takenElsewhere(r *openvhs.Record) int {
	if r.TakenPlaces == nil {
		return -1
	}
	return *r.TakenPlaces
}

// over reports whether the last day the file tells is past.
func (v *importValues) over(now time.Time, zone *time.Location) bool {
	today := now.In(zone).Format(time.DateOnly)
	last := v.EndDate
	if last == nil {
		last = v.StartDate
	}
	if n := len(v.Sessions); n > 0 && v.Sessions[n-1].EndsAt.After(now) {
		return false
	}
	return last != nil && last.Format(time.DateOnly) < today
}
