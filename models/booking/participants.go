package booking

import (
	"context"
	"errors"
	"strings"

	"kurso/models/accounts"
	"kurso/models/store"
)

// Attendee is somebody who takes part in a course.
type Attendee struct {
	BookingID int64
	FirstName string
	LastName  string
	// Email is their own, or that of who booked for them; Phone is the latter's.
	Email string
	Phone string
}

// Name is how lists by last name write it: "Muster, Anna".
func (a *Attendee) Name() string {
	return strings.TrimSuffix(a.LastName+", "+a.FirstName, ", ")
}

// Attendees lists who takes part in a course, by name: the participants of its confirmed bookings. contact tells
// whether ctx's actor may see the course's bookings; without, names are all that is read. Outside the reach of
// participants.read it returns store.ErrNotFound or store.ErrForbidden.
func Attendees(ctx context.Context, r store.Reader, courseID int64) (list []*Attendee, contact bool, err error) {
	if err := accounts.MustReach(ctx, r, accounts.ParticipantsRead, accounts.RecordCourse, courseID); err != nil {
		return nil, false, err
	}
	err = accounts.MustReach(ctx, r, accounts.BookingsRead, accounts.RecordCourse, courseID)
	if err != nil && !errors.Is(err, store.ErrForbidden) && !errors.Is(err, store.ErrNotFound) {
		return nil, false, err
	}
	contact = err == nil
	q := r.NewSelect().TableExpr("bookings AS b").Join("JOIN participants AS par ON par.booking_id = b.id").
		ColumnExpr("par.first_name, par.last_name").
		Where("b.course_id = ? AND b.state = ?", courseID, Confirmed).
		OrderExpr("par.name_key, par.id")
	if contact {
		q = q.ColumnExpr("b.id AS booking_id, coalesce(nullif(par.email, ''), b.email) AS email, b.phone")
	}
	return list, contact, q.Scan(ctx, &list)
}
