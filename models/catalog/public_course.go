package catalog

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"time"

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

// Offer sums up a course whose sessions, by their start, and prices are loaded.
func (c *Course) Offer(zone *time.Location) *Offer {
	o := &Offer{Course: c}
	for _, p := range c.PriceTiers {
		if p.Archived {
			continue
		}
		r := &o.Prices
		if r.Tiers == 0 {
			r.CourseID, r.FromCents, r.ToCents, r.Currency = c.ID, p.AmountCents, p.AmountCents, p.Currency
		}
		r.Tiers++
		r.FromCents, r.ToCents = min(r.FromCents, p.AmountCents), max(r.ToCents, p.AmountCents)
	}
	days := map[int]bool{}
	for i, s := range c.Sessions {
		d := &o.Dates
		from, to := s.StartsAt.In(zone), s.EndsAt.In(zone)
		if i == 0 {
			d.CourseID, d.StartsAt, d.EndsAt, d.Alike = c.ID, s.StartsAt, s.EndsAt, true
		}
		d.Count++
		d.AllDay = d.AllDay || s.AllDay
		d.Alike = d.Alike && clock(from) == clock(d.StartsAt.In(zone)) && clock(to) == clock(d.EndsAt.In(zone))
		days[(int(from.Weekday())+6)%7+1] = true
	}
	o.Dates.Weekdays = slices.Sorted(maps.Keys(days))
	return o
}

func clock(t time.Time) string { return t.Format(time.TimeOnly) }
