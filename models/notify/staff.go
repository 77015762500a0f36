package notify

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"kurso/models/accounts"
	"kurso/models/booking"
	"kurso/models/outbox"
	"kurso/models/store"
)

// Staff does the job: whoever wants to hear of its events and may gets a letter each, or a line in the next
// digest. Again, it adds nothing. What the record was about may be gone meanwhile: then there is nothing to tell.
func Staff(ctx context.Context, st *store.Store, job outbox.NotifyStaff) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		o, err := load(ctx, tx, job)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, e := range job.Events {
			if k, ok := kindOf(e); ok {
				if err := o.tell(ctx, tx, k); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// WorkOff does the jobs that wait, in a database that no worker serves: demo data, and tests.
func WorkOff(ctx context.Context, st *store.Store) error {
	var waiting []json.RawMessage
	err := st.NewRaw(`WITH due AS (DELETE FROM river_job WHERE kind = ? AND state = 'available' RETURNING id, args)
		SELECT args FROM due ORDER BY id`, outbox.NotifyStaff{}.Kind()).Scan(ctx, &waiting)
	for _, args := range waiting {
		var job outbox.NotifyStaff
		if err = errors.Join(err, json.Unmarshal(args, &job)); err == nil {
			err = Staff(ctx, st, job)
		}
		if err != nil {
			return err
		}
	}
	return err
}

// occasion is what happened, and to what.
type occasion struct {
	outbox.NotifyStaff
	// courseID is 0 when no course is concerned, onlyUser 0 when it concerns not just one user.
	courseID, onlyUser int64
}

func load(ctx context.Context, r store.Reader, job outbox.NotifyStaff) (*occasion, error) {
	o := &occasion{NotifyStaff: job}
	query, id := "", int64(0)
	switch {
	case job.BookingID != 0:
		query, id = "SELECT course_id, 0 FROM bookings WHERE id = ?", job.BookingID
	case job.NoticeID != 0:
		query, id = "SELECT course_id, 0 FROM minimum_notices WHERE id = ?", job.NoticeID
	case job.MailID != 0:
		query, id = "SELECT coalesce(b.course_id, 0), 0 FROM mails m LEFT JOIN bookings b ON b.id = m.booking_id WHERE m.id = ?", job.MailID
	case job.ExportID != 0:
		query, id = "SELECT 0, user_id FROM exports WHERE id = ?", job.ExportID
	default:
		query, id = "SELECT 0, user_id FROM imports WHERE id = ? AND user_id IS NOT NULL", job.ImportID
	}
	err := r.NewRaw(query, id).Scan(ctx, &o.courseID, &o.onlyUser)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, store.ErrNotFound
	}
	return o, err
}

func (o *occasion) tell(ctx context.Context, tx *store.Tx, k Kind) error {
	if k.Event == outbox.EventPlaceFree {
		places, err := booking.PlacesOf(ctx, tx, o.courseID)
		if err != nil {
			return err
		}
		if p := places[o.courseID]; p.Waiting == 0 || !p.FitWaiting(1) {
			return nil // somebody has given the place away already, or nobody waits
		}
	}
	readers, err := o.readers(ctx, tx, k)
	if err != nil {
		return err
	}
	for _, r := range readers {
		switch {
		case r.ID == o.ActorID && !k.Personal:
			continue
		case r.Cadence == Daily:
			err = o.keep(ctx, tx, k, r.ID)
		default:
			m := o.mail(k)
			m.UserID, m.Recipient, m.Locale = &r.ID, r.Email, r.Locale
			err = outbox.Add(ctx, tx, m)
		}
		if err != nil {
			return err
		}
	}
	if len(readers) > 0 || !k.ToProvider || o.ActorID != 0 {
		return nil
	}
	m := o.mail(k)
	if err := tx.NewRaw("SELECT email, default_language FROM provider").Scan(ctx, &m.Recipient, &m.Locale); err != nil {
		return err
	}
	return outbox.Add(ctx, tx, m)
}

// mail is the letter that is sent at once, to nobody yet.
func (o *occasion) mail(k Kind) *outbox.Mail {
	m := &outbox.Mail{Letter: k.Letter, Version: o.Version}
	switch {
	case o.BookingID != 0:
		m.BookingID = &o.BookingID
	case o.NoticeID != 0:
		m.Subject, m.SubjectID = outbox.SubjectNotice, o.NoticeID
	case o.MailID != 0:
		m.Subject, m.SubjectID = outbox.SubjectMail, o.MailID
	case o.ExportID != 0:
		m.Subject, m.SubjectID = outbox.SubjectExport, o.ExportID
	default:
		m.Subject, m.SubjectID = outbox.SubjectImport, o.ImportID
	}
	return m
}

// keep writes a line for the user's next digest.
func (o *occasion) keep(ctx context.Context, tx *store.Tx, k Kind, userID int64) error {
	_, err := tx.NewRaw(`INSERT INTO notifications (user_id, event, booking_id, notice_id, mail_id, import_id, export_id, version, created_at)
		VALUES (?, ?, nullif(?, 0), nullif(?, 0), nullif(?, 0), nullif(?, 0), nullif(?, 0), ?, ?) ON CONFLICT DO NOTHING`,
		userID, k.Event, o.BookingID, o.NoticeID, o.MailID, o.ImportID, o.ExportID, o.Version, tx.Now()).Exec(ctx)
	return err
}

// reader is a member of staff who wants to hear of an event.
type reader struct {
	ID            int64
	Email, Locale string
	Choice        `bun:",extend"`
	Administrator bool
	// Own and InCategories tell how the course concerns them.
	Own, InCategories bool
}

// readers are those who want to hear of it and may, the actor included.
func (o *occasion) readers(ctx context.Context, tx *store.Tx, k Kind) ([]*reader, error) {
	var all []*reader
	err := tx.NewRaw(`
		SELECT u.id, u.email, u.locale, coalesce(ch.scope, '') AS scope, coalesce(ch.cadence, '') AS cadence,
		       `+isAdministrator+` AS administrator,
		       EXISTS (SELECT FROM course_staff WHERE course_id = ?1 AND user_id = u.id)
		           OR EXISTS (SELECT FROM course_instructors ci JOIN instructors i ON i.id = ci.instructor_id
		               WHERE ci.course_id = ?1 AND i.user_id = u.id) AS own,
		       EXISTS (SELECT FROM courses c JOIN course_types ct ON ct.id = c.course_type_id
		           JOIN notification_categories nc ON nc.category_id = ct.category_id
		           WHERE c.id = ?1 AND nc.user_id = u.id) AS in_categories
		FROM users u LEFT JOIN notification_choices ch ON ch.user_id = u.id AND ch.event = ?0
		WHERE u.active AND u.kind = ?3 AND (?2 = 0 OR u.id = ?2) ORDER BY u.id`,
		k.Event, o.courseID, o.onlyUser, accounts.Staff).Scan(ctx, &all)
	if err != nil {
		return nil, err
	}
	var out []*reader
	for _, r := range all {
		if r.Cadence == "" {
			r.Choice = k.defaultFor(r.Administrator)
		}
		wants := k.Personal || r.Scope == All || r.Scope == Mine && r.Own || r.Scope == InCategories && r.InCategories
		if r.Cadence == Off || !wants {
			continue
		}
		may, err := o.may(ctx, tx, k, r.ID)
		if err != nil {
			return nil, err
		}
		if may {
			out = append(out, r)
		}
	}
	return out, nil
}

// isAdministrator is an SQL expression about the user u.
const isAdministrator = `EXISTS (SELECT FROM user_roles ur JOIN roles r ON r.id = ur.role_id WHERE ur.user_id = u.id AND r.key = 'administration')`

// may reports whether the roles that a user has now let them see what it is about.
func (o *occasion) may(ctx context.Context, r store.Reader, k Kind, userID int64) (bool, error) {
	grants, err := accounts.LoadGrants(ctx, r, userID)
	if err != nil || !k.open(grants) {
		return false, err
	}
	record, id := accounts.RecordCourse, o.courseID
	switch {
	case k.Personal:
		return o.onlyUser == userID, nil
	case o.MailID != 0: // it may be about no course
		record, id = accounts.RecordMail, o.MailID
	}
	err = accounts.MustReach(accounts.WithGrants(ctx, grants), r, k.Permission, record, id)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
