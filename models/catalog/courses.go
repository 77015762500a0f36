package catalog

import (
	"context"

	"github.com/uptrace/bun"

	"kurso/models/store"
)

// AnyCourse reports whether there is a course at all.
func AnyCourse(ctx context.Context, r store.Reader) (any bool, err error) {
	return any, r.NewRaw("SELECT EXISTS (SELECT FROM courses)").Scan(ctx, &any)
}

// searchWords are the words of a search, as patterns that match themselves.
func searchWords(q string) []string { return words(likeEscaper.Replace(cleanLine(q))) }

// LoadCourse reads a course with all that belongs to it; sessions by time, prices in their order, archived
// ones last. Returns store.ErrNotFound.
func LoadCourse(ctx context.Context, r store.Reader, id int64) (*Course, error) {
	c := &Course{}
	err := r.NewSelect().Model(c).Where("c.id = ?", id).
		Relation("CourseType").Relation("CourseType.Category").Relation("Location").
		Relation("Sessions", func(q *bun.SelectQuery) *bun.SelectQuery { return q.OrderExpr("ses.starts_at, ses.id") }).
		Relation("Sessions.Room").Relation("Sessions.Room.Location").
		Relation("PriceTiers", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.OrderExpr("pt.archived, pt.position, pt.id")
		}).
		Relation("Instructors", func(q *bun.SelectQuery) *bun.SelectQuery { return q.OrderExpr("ci.instructor_id") }).
		Relation("Instructors.Instructor").
		Scan(ctx)
	return c, found(err)
}

// CourseStaffIDs are the users responsible for a course.
func CourseStaffIDs(ctx context.Context, r store.Reader, courseID int64) ([]int64, error) {
	var ids []int64
	err := r.NewSelect().Table("course_staff").Column("user_id").Where("course_id = ?", courseID).Order("user_id").Scan(ctx, &ids)
	return ids, err
}
