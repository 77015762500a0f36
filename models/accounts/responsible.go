package accounts

import (
	"context"

	"kurso/models/store"
)

// Responsible lists the active users who look after a course, in the order of their accounts. Applicants' answers
// go to the first of them.
func Responsible(ctx context.Context, r store.Reader, courseID int64) ([]*User, error) {
	var users []*User
	err := r.NewSelect().Model(&users).Join("JOIN course_staff cs ON cs.user_id = u.id").
		Where("cs.course_id = ? AND u.active", courseID).OrderExpr("u.id").Scan(ctx)
	return users, err
}
