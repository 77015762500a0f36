package notify

import (
	"context"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/models/exports"
	"kurso/models/outbox"
	"kurso/models/store"
)

// SendDigestsJob is the periodic job that runs SendDigests. It may run twice and beside itself: a user gets
// one digest a day.
type SendDigestsJob struct{}

// Kind names the job.
func (SendDigestsJob) Kind() string { return "send_digests" }

// DigestHour is when the digest of the last day is written, in the provider's time zone.
const DigestHour = 7

// SendDigests writes today's digests of what came before seven in the morning, to whoever chose them and may
// still see what is in them. Before that hour it does nothing; a start later on that day makes up for it.
func SendDigests(ctx context.Context, st *store.Store) error {
	provider, err := catalog.LoadProvider(ctx, st)
	if err != nil {
		return err
	}
	now := st.Now().In(provider.Zone())
	due := time.Date(now.Year(), now.Month(), now.Day(), DigestHour, 0, 0, 0, now.Location())
	if now.Before(due) {
		return nil
	}
	day := due.Format(time.DateOnly)
	var users []int64
	err = st.NewRaw(`SELECT DISTINCT user_id FROM notifications n WHERE digest_id IS NULL AND created_at < ?
		AND NOT EXISTS (SELECT FROM notification_digests d WHERE d.user_id = n.user_id AND d.day = ?) ORDER BY user_id`, due, day).Scan(ctx, &users)
	for _, id := range users {
		if err == nil {
			err = writeDigest(ctx, st, id, due, day)
		}
	}
	return err
}

func writeDigest(ctx context.Context, st *store.Store, userID int64, due time.Time, day string) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		items, err := lockItems(ctx, tx, "user_id = ? AND digest_id IS NULL AND created_at < ?", userID, due)
		if err != nil || len(items) == 0 {
			return err
		}
		u, err := accounts.Load(ctx, tx, userID)
		if errors.Is(err, store.ErrNotFound) {
			return drop(ctx, tx, items)
		}
		if err != nil {
			return err
		}
		chosen, err := choices(ctx, tx, u.ID)
		if err != nil {
			return err
		}
		items, err = recheck(ctx, tx, u, items, func(e outbox.Event) bool { return chosen[e].Cadence != Off })
		if err != nil || len(items) == 0 {
			return err
		}
		var id int64
		err = found(tx.NewRaw(`INSERT INTO notification_digests (user_id, day, created_at) VALUES (?, ?, ?)
			ON CONFLICT DO NOTHING RETURNING id`, u.ID, day, tx.Now()).Scan(ctx, &id))
		if errors.Is(err, store.ErrNotFound) {
			return nil // today's is written: these come tomorrow
		}
		if err != nil {
			return err
		}
		if _, err := tx.NewUpdate().Model(&items).Set("digest_id = ?", id).WherePK().Exec(ctx); err != nil {
			return err
		}
		return outbox.Add(ctx, tx, &outbox.Mail{UserID: &u.ID, Subject: outbox.SubjectDigest, SubjectID: id, Letter: outbox.StaffDigest, Recipient: u.Email, Locale: u.Locale})
	})
}

// item is a row of notifications.
type item struct {
	bun.BaseModel `bun:"table:notifications,alias:n"`
	ID            int64 `bun:",pk,autoincrement"`
	UserID        int64
	Event         outbox.Event
	BookingID     int64 `bun:",nullzero"`
	NoticeID      int64 `bun:",nullzero"`
	MailID        int64 `bun:",nullzero"`
	ImportID      int64 `bun:",nullzero"`
	ExportID      int64 `bun:",nullzero"`
	Version       int
	CreatedAt     time.Time
	DigestID      int64 `bun:",nullzero"`
}

// lockItems waits for the rows, so that two digests never share one.
func lockItems(ctx context.Context, tx *store.Tx, where string, args ...any) ([]*item, error) {
	var items []*item
	err := tx.NewSelect().Model(&items).Where(where, args...).OrderExpr("id").For("UPDATE").Scan(ctx)
	return items, err
}

// recheck drops the items that the user does not want, or may not see any more, and returns what is left.
func recheck(ctx context.Context, tx *store.Tx, u *accounts.User, items []*item, wanted func(outbox.Event) bool) ([]*item, error) {
	var left, gone []*item
	for _, i := range items {
		k, ok := kindOf(i.Event)
		if ok = ok && wanted(i.Event); ok {
			o, err := load(ctx, tx, outbox.NotifyStaff{BookingID: i.BookingID, NoticeID: i.NoticeID, MailID: i.MailID, ImportID: i.ImportID, ExportID: i.ExportID})
			if err != nil {
				return nil, err
			}
			if ok, err = o.may(ctx, tx, k, u.ID); err != nil {
				return nil, err
			}
		}
		if ok {
			left = append(left, i)
		} else {
			gone = append(gone, i)
		}
	}
	return left, drop(ctx, tx, gone)
}

func drop(ctx context.Context, tx *store.Tx, items []*item) error {
	if len(items) == 0 {
		return nil
	}
	_, err := tx.NewDelete().Model(&items).WherePK().Exec(ctx)
	return err
}

// MayRead reports whether a mail may go out: to staff only if they have an account and may see, by the roles
// that they have now, what it is about. It takes out of a digest what its reader may not see any more.
func MayRead(ctx context.Context, st *store.Store, m *outbox.Mail) (may bool, err error) {
	e := EventOf(m.Letter)
	if m.UserID == nil || e == "" {
		return true, nil
	}
	err = st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := accounts.Load(ctx, tx, *m.UserID)
		if err != nil {
			return err
		}
		k, ok := kindOf(e)
		if !ok { // a digest
			items, err := lockItems(ctx, tx, "digest_id = ?", m.SubjectID)
			if err != nil {
				return err
			}
			items, err = recheck(ctx, tx, u, items, func(outbox.Event) bool { return true })
			may = len(items) > 0
			return err
		}
		o, err := load(ctx, tx, about(m))
		if err != nil {
			return err
		}
		may, err = o.may(ctx, tx, k, u.ID)
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return may, err
}

// CourseOf is the course that a letter at once is about, 0 when there is none; store.ErrNotFound when what it is
// about is gone.
func CourseOf(ctx context.Context, r store.Reader, m *outbox.Mail) (int64, error) {
	o, err := load(ctx, r, about(m))
	if err != nil {
		return 0, err
	}
	return o.courseID, nil
}

// about is the record that a letter at once is about.
func about(m *outbox.Mail) outbox.NotifyStaff {
	if m.BookingID != nil {
		return outbox.NotifyStaff{BookingID: *m.BookingID}
	}
	switch m.Subject {
	case outbox.SubjectNotice:
		return outbox.NotifyStaff{NoticeID: m.SubjectID}
	case outbox.SubjectMail:
		return outbox.NotifyStaff{MailID: m.SubjectID}
	case outbox.SubjectExport:
		return outbox.NotifyStaff{ExportID: m.SubjectID}
	}
	return outbox.NotifyStaff{ImportID: m.SubjectID}
}

// Digest is what a user hears of a day.
type Digest struct {
	ID  int64
	Day time.Time
	// Courses are in the order of their names.
	Courses []*DigestCourse
	// Mails is how many mails failed that are about no course.
	Mails   int
	Imports []*catalog.Import
	Exports []*exports.Export
}

// DigestCourse is what happened in one course.
type DigestCourse struct {
	ID           int64
	Number, Name string
	// Counts tell how often, by event.
	Counts map[outbox.Event]int
}

// Events is how many events the digest tells of.
func (d *Digest) Events() int {
	n := d.Mails + len(d.Imports) + len(d.Exports)
	for _, c := range d.Courses {
		for _, count := range c.Counts {
			n += count
		}
	}
	return n
}

// LoadDigest reads a digest, or store.ErrNotFound.
func LoadDigest(ctx context.Context, r store.Reader, id int64) (*Digest, error) {
	d := &Digest{ID: id}
	if err := found(r.NewRaw("SELECT day FROM notification_digests WHERE id = ?", id).Scan(ctx, &d.Day)); err != nil {
		return nil, err
	}
	var rows []struct {
		Event        outbox.Event
		ID           int64
		Number, Name string
		Count        int
	}
	err := r.NewRaw(`
		SELECT n.event, coalesce(c.id, 0) AS id, coalesce(c.number, '') AS number, coalesce(c.name, '') AS name, count(*)
		FROM notifications n LEFT JOIN mails m ON m.id = n.mail_id LEFT JOIN minimum_notices no ON no.id = n.notice_id
		LEFT JOIN bookings b ON b.id = coalesce(n.booking_id, m.booking_id)
		LEFT JOIN courses c ON c.id = coalesce(b.course_id, no.course_id)
		WHERE n.digest_id = ? AND n.import_id IS NULL AND n.export_id IS NULL
		GROUP BY n.event, c.id ORDER BY c.name, c.id`, id).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		if row.ID == 0 {
			d.Mails += row.Count
			continue
		}
		if n := len(d.Courses); n == 0 || d.Courses[n-1].ID != row.ID {
			d.Courses = append(d.Courses, &DigestCourse{ID: row.ID, Number: row.Number, Name: row.Name, Counts: map[outbox.Event]int{}})
		}
		d.Courses[len(d.Courses)-1].Counts[row.Event] = row.Count
	}
	err = r.NewSelect().Model(&d.Imports).Where("im.id IN (SELECT import_id FROM notifications WHERE digest_id = ?)", id).OrderExpr("im.id").Scan(ctx)
	if err != nil {
		return nil, err
	}
	return d, r.NewSelect().Model(&d.Exports).Where("ex.id IN (SELECT export_id FROM notifications WHERE digest_id = ?)", id).OrderExpr("ex.id").Scan(ctx)
}
