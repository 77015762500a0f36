package catalog

import (
	"context"

	"kurso/models/audit"
	"kurso/models/store"
)

// create writes the courses that are new. Staff look at them before they publish them.
func (b *importBatch) create(ctx context.Context) error {
	if len(b.fresh) == 0 {
		return nil
	}
	now, zone := b.tx.Now(), b.provider.Zone()
	courses := make([]*Course, len(b.fresh))
	for i, c := range b.fresh {
		c.course = &Course{State: Planned, PlacesTakenElsewhere: takenElsewhere(c.record), Version: 1, CreatedAt: now, UpdatedAt: now}
		if c.file.over(now, zone) {
			c.course.State = Finished
		}
		c.file.into(c.course)
		courses[i] = c.course
	}
	if _, err := b.tx.NewInsert().Model(&courses).Exec(ctx); err != nil {
		return err
	}
	var links []*CourseImport
	var sessions []*Session
	var tiers []*PriceTier
	var instructors []*CourseInstructor
	for _, c := range b.fresh {
		id := c.course.ID
		links = append(links, &CourseImport{CourseID: id, GUID: c.record.GUID, ImportID: &b.im.ID, Imported: c.file})
		for _, s := range c.file.Sessions {
			sessions = append(sessions, s.row(id))
		}
		for i, p := range c.file.Prices {
			tiers = append(tiers, p.row(id, i+1))
		}
		for _, instructor := range c.file.Instructors {
			instructors = append(instructors, &CourseInstructor{CourseID: id, InstructorID: instructor})
		}
		b.imported(id, nil)
	}
	if err := insertAll(ctx, b.tx, links); err != nil {
		return err
	}
	if err := insertAll(ctx, b.tx, sessions); err != nil {
		return err
	}
	if err := insertAll(ctx, b.tx, tiers); err != nil {
		return err
	}
	return insertAll(ctx, b.tx, instructors)
}

// imported notes that the import wrote into a course.
func (b *importBatch) imported(courseID int64, changes []audit.Change) {
	b.entries = append(b.entries, audit.Entry{SubjectType: SubjectCourse, SubjectID: courseID, Action: SubjectCourse + ".imported", Changes: changes})
}

// insertAll writes rows with few statements; their ids are not read back.
func insertAll[T any](ctx context.Context, tx *store.Tx, rows []*T) error {
	const most = 1000
	for len(rows) > 0 {
		part := rows[:min(len(rows), most)]
		rows = rows[len(part):]
		if _, err := tx.NewInsert().Model(&part).Returning("NULL").Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
