package catalog

import (
	"context"
	"slices"

	"github.com/uptrace/bun"
)

// update brings known courses up to date: only rows that change are written.
func (b *importBatch) update(ctx context.Context) error {
	if len(b.known) == 0 {
		return nil
	}
	var changed []*importedCourse
	ids := make([]int64, len(b.known))
	for i, c := range b.known {
		ids[i] = c.course.ID
		c.merged, c.written, c.changed, c.kept = merge(c.current, c.link.Imported, c.file)
		taken := takenElsewhere(c.record)
		c.taken = taken != c.course.PlacesTakenElsewhere
		if len(c.changed) == 0 && !c.taken {
			b.unchanged++
			continue
		}
		c.takenBefore = c.course.PlacesTakenElsewhere
		c.merged.into(c.course)
		c.course.PlacesTakenElsewhere = taken
		c.course.Version++
		c.course.UpdatedAt = b.tx.Now()
		changed = append(changed, c)
	}
	if err := b.noteKept(ctx); err != nil {
		return err
	}
	if err := b.noteChanged(ctx, changed); err != nil {
		return err
	}
	if err := b.updateCourses(ctx, changed); err != nil {
		return err
	}
	if err := b.updateSessions(ctx, changed); err != nil {
		return err
	}
	if err := b.updatePrices(ctx, changed); err != nil {
		return err
	}
	if err := b.updateInstructors(ctx, changed); err != nil {
		return err
	}
	return b.updateLinks(ctx, ids)
}

// courseColumns are those that an import may change.
var courseColumns = []string{"course_type_id", "number", "name", "subtitle", "description", "level", "target_groups", "keywords", "certificate",
	"delivery", "start_date", "end_date", "location_id", "min_places", "max_places", "places_taken_elsewhere", "teaching_units", "website_url",
	"image_url", "version", "updated_at"}

func (b *importBatch) updateCourses(ctx context.Context, changed []*importedCourse) error {
	if len(changed) == 0 {
		return nil
	}
	courses := make([]*Course, len(changed))
	for i, c := range changed {
		courses[i] = c.course
	}
	_, err := b.tx.NewUpdate().Model(&courses).Column(courseColumns...).Bulk().Exec(ctx)
	return err
}

// updateSessions keeps the rows of sessions that only move, so that calendar entries follow them.
func (b *importBatch) updateSessions(ctx context.Context, changed []*importedCourse) error {
	var added, moved []*Session
	var gone []int64
	for _, c := range changed {
		if !c.has("sessions") {
			continue
		}
		wanted := slices.Clone(c.merged.Sessions)
		var rest []*Session
		for _, have := range c.sessions {
			v := have.values()
			v.StartsAt, v.EndsAt = v.StartsAt.UTC(), v.EndsAt.UTC()
			if i := slices.Index(wanted, v); i >= 0 {
				wanted = slices.Delete(wanted, i, i+1)
				continue
			}
			rest = append(rest, have)
		}
		for i, v := range wanted {
			row := v.row(c.course.ID)
			if i < len(rest) {
				row.ID = rest[i].ID
				moved = append(moved, row)
			} else {
				added = append(added, row)
			}
		}
		for _, have := range rest[min(len(wanted), len(rest)):] {
			gone = append(gone, have.ID)
		}
	}
	if len(gone) > 0 {
		if _, err := b.tx.NewDelete().Model((*Session)(nil)).Where("id IN (?)", bun.List(gone)).Exec(ctx); err != nil {
			return err
		}
	}
	if len(moved) > 0 {
		if _, err := b.tx.NewUpdate().Model(&moved).Column("starts_at", "ends_at", "all_day", "room_id", "note").Bulk().Exec(ctx); err != nil {
			return err
		}
	}
	return insertAll(ctx, b.tx, added)
}

// updatePrices replaces prices that changed. One that somebody booked at is archived, for the booking
// points to it.
func (b *importBatch) updatePrices(ctx context.Context, changed []*importedCourse) error {
	var added, moved []*PriceTier
	var gone []int64
	for _, c := range changed {
		if !c.has("prices") {
			continue
		}
		have := slices.Clone(c.tiers)
		for i, v := range c.merged.Prices {
			same := slices.IndexFunc(have, func(t *PriceTier) bool { return t.values() == v })
			if same < 0 {
				added = append(added, v.row(c.course.ID, i+1))
				continue
			}
			if have[same].Position != i+1 {
				have[same].Position = i + 1
				moved = append(moved, have[same])
			}
			have = slices.Delete(have, same, same+1)
		}
		for _, t := range have {
			gone = append(gone, t.ID)
		}
	}
	if len(gone) > 0 {
		_, err := b.tx.NewUpdate().Model((*PriceTier)(nil)).Set("archived = true").Where("id IN (?)", bun.List(gone)).
			Where("EXISTS (SELECT FROM participants WHERE price_tier_id = pt.id)").Exec(ctx)
		if err != nil {
			return err
		}
		if _, err := b.tx.NewDelete().Model((*PriceTier)(nil)).Where("id IN (?) AND NOT archived", bun.List(gone)).Exec(ctx); err != nil {
			return err
		}
	}
	if len(moved) > 0 {
		if _, err := b.tx.NewUpdate().Model(&moved).Column("position").Bulk().Exec(ctx); err != nil {
			return err
		}
	}
	return insertAll(ctx, b.tx, added)
}

func (b *importBatch) updateInstructors(ctx context.Context, changed []*importedCourse) error {
	var rows []*CourseInstructor
	var ids []int64
	for _, c := range changed {
		if !c.has("instructors") {
			continue
		}
		ids = append(ids, c.course.ID)
		for _, instructor := range c.merged.Instructors {
			rows = append(rows, &CourseInstructor{CourseID: c.course.ID, InstructorID: instructor})
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if _, err := b.tx.NewDelete().Model((*CourseInstructor)(nil)).Where("course_id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
		return err
	}
	return insertAll(ctx, b.tx, rows)
}

// updateLinks notes that this import has seen the courses, and what it wrote into them.
func (b *importBatch) updateLinks(ctx context.Context, ids []int64) error {
	_, err := b.tx.NewUpdate().Model((*CourseImport)(nil)).Set("import_id = ?", b.im.ID).Where("course_id IN (?)", bun.List(ids)).Exec(ctx)
	if err != nil {
		return err
	}
	var links []*CourseImport
	for _, c := range b.known {
		if slices.ContainsFunc(importFields, func(f importField) bool { return !f.same(&c.written, c.link.Imported) }) {
			links = append(links, &CourseImport{CourseID: c.course.ID, Imported: &c.written})
		}
	}
	if len(links) == 0 {
		return nil
	}
	_, err = b.tx.NewUpdate().Model(&links).Column("imported").Bulk().Exec(ctx)
	return err
}

func (c *importedCourse) has(field string) bool {
	return slices.ContainsFunc(c.changed, func(f importField) bool { return f.name == field })
}
