package catalog

import (
	"context"

	"kurso/models/store"
)

// Names reads what the records of a subject are called, by id; those that are gone are left out.
func Names(ctx context.Context, r store.Reader, subject string, ids []int64) (map[int64]string, error) {
	return store.Names(ctx, r, map[string]string{
		SubjectCourse:     "SELECT id, concat_ws(' ', nullif(number, ''), name) AS name FROM courses WHERE id IN (?)",
		SubjectCourseType: "SELECT id, name FROM course_types WHERE id IN (?)",
		SubjectCategory:   "SELECT id, name FROM categories WHERE id IN (?)",
		SubjectLocation:   "SELECT id, name FROM locations WHERE id IN (?)",
		SubjectInstructor: "SELECT id, concat_ws(' ', nullif(title, ''), nullif(first_name, ''), last_name) AS name FROM instructors WHERE id IN (?)",
		SubjectImport:     "SELECT id, file_name AS name FROM imports WHERE id IN (?)",
	}[subject], ids)
}

// CoursesByNumber lists the ids of the courses with this number.
func CoursesByNumber(ctx context.Context, r store.Reader, number string) ([]int64, error) {
	var ids []int64
	return ids, r.NewSelect().Table("courses").Column("id").Where("number = ? AND number <> ''", number).OrderExpr("id").Limit(100).Scan(ctx, &ids)
}
