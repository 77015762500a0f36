package accounts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"kurso/models/store"
)

// Reaches of a role.
const (
	ReachAll        = "all"
	ReachOwn        = "own"
	ReachCategories = "categories"
)

// Administration is the key of the role that may do everything.
const Administration = "administration"

// ReadyRoles are the keys of the roles that every provider begins with, in their order.
var ReadyRoles = []string{Administration, "bookkeeping", "planning", "front_desk", "instructor", "read_only"}

// Grants is what a user may do by all of their roles together. The zero value is nothing.
type Grants struct {
	UserID int64
	// SecondFactor: one of the roles demands a second factor.
	SecondFactor bool
	// unlimited are jobs and applicants: they are bound by the rules of their use cases only.
	unlimited bool
	reach     map[Permission]Reach
}

// May reports whether a permission is granted, as far as it may reach.
func (g Grants) May(p Permission) bool {
	_, ok := g.reach[p]
	return ok || g.unlimited
}

// Any reports whether anything at all is granted.
func (g Grants) Any() bool { return g.unlimited || len(g.reach) > 0 }

// Reach is how far a permission goes: nowhere if it is not granted.
func (g Grants) Reach(p Permission) Reach {
	if g.unlimited {
		return Reach{All: true}
	}
	r := g.reach[p]
	r.UserID = g.UserID
	return r
}

// LoadGrants reads what a user may do now.
func LoadGrants(ctx context.Context, r store.Reader, userID int64) (Grants, error) {
	roles, err := rolesWith(ctx, r, "r.id IN (SELECT role_id FROM user_roles WHERE user_id = ?)", userID)
	return grantsOf(userID, roles...), err
}

// grantsOf is what roles allow together.
func grantsOf(userID int64, roles ...*Role) Grants {
	g := Grants{UserID: userID, reach: map[Permission]Reach{}}
	for _, role := range roles {
		g.SecondFactor = g.SecondFactor || role.SecondFactor
		if role.Key == Administration {
			for _, p := range Permissions {
				g.reach[p] = Reach{All: true}
			}
			continue
		}
		for _, p := range role.Permissions {
			reach := g.reach[p]
			switch role.Reach {
			case ReachAll:
				reach.All = true
			case ReachOwn:
				reach.Own = true
			case ReachCategories:
				reach.Categories = append(reach.Categories, role.Categories...)
			}
			g.reach[p] = reach
		}
	}
	return g
}

// Cover reports whether g allows all that others allow, as far as that reaches: nobody gives or takes more
// than they have.
func (g Grants) Cover(others Grants) bool {
	for p, theirs := range others.reach {
		mine, ok := g.reach[p]
		switch {
		case g.unlimited:
		case !ok:
			return false
		case !p.Reaches() || mine.All:
		case theirs.All, theirs.Own && !mine.Own:
			return false
		case slices.ContainsFunc(theirs.Categories, func(id int64) bool { return !slices.Contains(mine.Categories, id) }):
			return false
		}
	}
	return !others.unlimited || g.unlimited
}

type grantsKey struct{}

// WithGrants says what ctx's actor may do.
func WithGrants(ctx context.Context, g Grants) context.Context {
	return context.WithValue(ctx, grantsKey{}, g)
}

// Act is ctx for a job that does what a user has asked for: it acts in their name, and may what they may now, which is
// nothing once their account is deactivated.
func Act(ctx context.Context, r store.Reader, userID int64) (context.Context, error) {
	ctx = store.WithActor(ctx, store.Actor{Kind: "user", UserID: userID})
	grants := Grants{UserID: userID}
	var active bool
	err := r.NewRaw("SELECT active FROM users WHERE id = ?", userID).Scan(ctx, &active)
	if err == nil && active {
		grants, err = LoadGrants(ctx, r, userID)
	}
	return WithGrants(ctx, grants), err
}

// GrantsOf tells what ctx's actor may do: what WithGrants said, as it does for every request of a user;
// else, for jobs and applicants, all that the rules of a use case allow.
func GrantsOf(ctx context.Context) Grants {
	if g, ok := ctx.Value(grantsKey{}).(Grants); ok {
		return g
	}
	return Grants{unlimited: true}
}

// Within narrows a query to the rows whose column, a course's id, lies within what ctx's actor may do by p.
func Within(ctx context.Context, q *bun.SelectQuery, p Permission, column string) *bun.SelectQuery {
	if condition, args := GrantsOf(ctx).Reach(p).Courses(column); condition != "" {
		q = q.Where(condition, args...)
	}
	return q
}

// Condition is Within for a query that is written in SQL: it stands where a condition stands.
func Condition(ctx context.Context, p Permission, column string) schema.QueryWithArgs {
	condition, args := GrantsOf(ctx).Reach(p).Courses(column)
	return bun.SafeQuery(cmp.Or(condition, "true"), args...)
}

// Reach is a set of courses; bookings, participants and mails belong to it by their course. The zero value
// is empty.
type Reach struct {
	All bool
	// Own are the courses that the user is responsible for or teaches.
	Own        bool
	Categories []int64
	UserID     int64
}

// Courses is an SQL condition on a column with a course's id, and its arguments. "" means all courses.
func (r Reach) Courses(column string) (condition string, args []any) {
	if r.All {
		return "", nil
	}
	condition = column + " IN (SELECT NULL::bigint"
	if r.Own {
		condition += " UNION ALL SELECT course_id FROM course_staff WHERE user_id = ?" +
			" UNION ALL SELECT ci.course_id FROM course_instructors ci JOIN instructors i ON i.id = ci.instructor_id WHERE i.user_id = ?"
		args = append(args, r.UserID, r.UserID)
	}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(r.Categories))) {
		condition += " UNION ALL SELECT c.id FROM courses c JOIN course_types ct ON ct.id = c.course_type_id WHERE ct.category_id = ?"
		args = append(args, id)
	}
	return condition + ")", args
}

// Record is a kind of record that belongs to a course and so lies within a reach or not.
type Record string

// The records whose routes carry their id.
const (
	RecordCourse  Record = "course"
	RecordBooking Record = "booking"
	RecordMail    Record = "mail"
	// RecordPerson belongs to all courses that the person booked.
	RecordPerson Record = "person"
)

// courseOf finds the course of a record by its id; one of several is enough.
var courseOf = map[Record]string{
	RecordCourse:  "SELECT id FROM courses WHERE id = ?",
	RecordBooking: "SELECT course_id FROM bookings WHERE id = ?",
	RecordPerson:  "SELECT course_id FROM bookings WHERE person_id = ?",
	RecordMail:    "SELECT b.course_id FROM mails m JOIN bookings b ON b.id = m.booking_id WHERE m.id = ?",
}

// MustReach returns store.ErrNotFound when the record lies outside what ctx's actor may do by p: whoever
// may not see a record must not learn that it exists. It says nothing about records that are not there.
func MustReach(ctx context.Context, r store.Reader, p Permission, record Record, id int64) error {
	g := GrantsOf(ctx)
	if !g.May(p) {
		return store.ErrForbidden
	}
	condition, args := g.Reach(p).Courses("course.id")
	if condition == "" {
		return nil
	}
	var within bool
	err := r.NewRaw("SELECT EXISTS (SELECT FROM ("+courseOf[record]+") AS course (id) WHERE "+condition+")", append([]any{id}, args...)...).Scan(ctx, &within)
	if err == nil && !within {
		return store.ErrNotFound
	}
	return err
}

// GrantsAt is what ctx's actor may do to one record: permissions that do not reach it are left out.
func GrantsAt(ctx context.Context, r store.Reader, record Record, id int64) (Grants, error) {
	g := GrantsOf(ctx)
	here := Grants{UserID: g.UserID, SecondFactor: g.SecondFactor, unlimited: g.unlimited, reach: map[Permission]Reach{}}
	asked := map[string]error{}
	for p, reach := range g.reach {
		key := fmt.Sprint(reach)
		if _, ok := asked[key]; !ok && p.Reaches() {
			asked[key] = MustReach(ctx, r, p, record, id)
		}
		switch err := asked[key]; {
		case !p.Reaches(), err == nil:
			here.reach[p] = reach
		case !errors.Is(err, store.ErrNotFound):
			return Grants{}, err
		}
	}
	return here, nil
}
