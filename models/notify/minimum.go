package notify

import (
	"context"
	"time"

	"kurso/models/catalog"
	"kurso/models/outbox"
	"kurso/models/store"
)

// CheckMinimumJob is the periodic job that runs CheckMinimum. It may run twice: a course is noticed once for
// each of the days.
type CheckMinimumJob struct{}

// Kind names the job.
func (CheckMinimumJob) Kind() string { return "check_minimum" }

// Courses below their minimum are looked for from this hour on, before the digests are written.
const checkHour = 6

// minimumDays are how long before its start a course below its minimum is noticed.
var minimumDays = [...]int{21, 7}

// CheckMinimum looks for the courses on offer that begin soon and are below their minimum, and tells staff: once
// three weeks and once a week before the start, or later, if they come below it or are published later. It does
// nothing before six in the morning of the provider's time zone.
func CheckMinimum(ctx context.Context, st *store.Store) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		provider, err := catalog.LoadProvider(ctx, tx)
		if err != nil {
			return err
		}
		now := tx.Now().In(provider.Zone())
		if now.Hour() < checkHour {
			return nil
		}
		var notices []int64
		err = tx.NewRaw(`
			WITH soon AS (
			    SELECT c.id, c.min_places - greatest(c.places_taken_elsewhere, 0) AS needed,
			           c.start_date - CASE WHEN c.start_date - ?1::date <= ?3 THEN ?3 ELSE ?2 END AS day
			    FROM courses c
			    WHERE c.state IN ('published', 'running') AND c.min_places > 0 AND c.start_date > ?1::date AND c.start_date <= ?1::date + ?2
			)
			INSERT INTO minimum_notices (course_id, day, created_at)
			SELECT soon.id, soon.day, ?0
			FROM soon LEFT JOIN LATERAL (SELECT * FROM course_places(?0) WHERE course_id = soon.id OFFSET 0) p ON true
			WHERE coalesce(p.taken - p.unverified, 0) < soon.needed
			ORDER BY soon.id
			ON CONFLICT DO NOTHING RETURNING id`,
			tx.Now(), now.Format(time.DateOnly), minimumDays[0], minimumDays[1]).Scan(ctx, &notices)
		for _, id := range notices {
			if err == nil {
				err = outbox.TellStaff(ctx, tx, outbox.NotifyStaff{Events: []outbox.Event{outbox.EventBelowMinimum}, NoticeID: id})
			}
		}
		return err
	})
}
