package catalog

import (
	"context"
	"database/sql"
	"errors"

	"github.com/uptrace/bun"

	"kurso/models/store"
)

// LoadPublic is a course with all that its page shows: type, category, location, sessions with their
// rooms, the prices offered and the instructors who agreed to be named. ErrNotFound if there is none or
// it was never published.
func LoadPublic(ctx context.Context, r store.Reader, id int64) (*Course, error) {
	c := &Course{}
	err := r.NewSelect().Model(c).Where("c.id = ?", id).
		Where("c.state NOT IN (?)", bun.List([]string{Draft, Planned})).
		Relation("CourseType").Relation("CourseType.Category").Relation("Location").
		Relation("Sessions", func(q *bun.SelectQuery) *bun.SelectQuery { return q.OrderExpr("ses.starts_at, ses.id") }).
		Relation("Sessions.Room").Relation("Sessions.Room.Location").
		Relation("PriceTiers", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("NOT pt.archived").OrderExpr("pt.position, pt.id")
		}).
		Relation("Instructors", func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("instructor.published").OrderExpr("instructor.last_name, instructor.id")
		}).
		Relation("Instructors.Instructor").
		Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	return c, err
}
