package catalog

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/store"
)

// readSessions compares the form's rows with the stored sessions. Sessions the form does not mention stay.
func (e *courseEdit) readSessions(ctx context.Context, in []SessionInput) error {
	if len(in) > MaxSessions {
		e.Add("sessions", "invalid.too_many", "Max", MaxSessions)
		return nil
	}
	e.sessions.now = slices.Clone(e.sessions.stored)
	before := map[int64]Session{}
	for _, s := range e.sessions.stored {
		before[s.ID] = *s
	}
	for i, row := range in {
		at := "sessions." + strconv.Itoa(i) + "."
		stored, err := storedRow(row.ID, e.sessions.stored, func(s *Session) int64 { return s.ID })
		if err != nil {
			return err
		}
		empty := row.Date == "" && row.From == "" && row.To == "" && row.Note == "" && row.Until == ""
		switch {
		case row.Remove && stored != nil:
			e.sessions.removed = append(e.sessions.removed, stored.ID)
			e.sessions.now = slices.DeleteFunc(e.sessions.now, func(s *Session) bool { return s == stored })
		case row.Remove, stored == nil && empty:
		case stored == nil:
			s := &Session{}
			if err := e.session(ctx, at, row, s); err != nil {
				return err
			}
			e.sessions.added = append(e.sessions.added, s)
			e.sessions.now = append(e.sessions.now, s)
		default:
			if err := e.session(ctx, at, row, stored); err != nil {
				return err
			}
			if !sameSession(*stored, before[stored.ID]) {
				e.sessions.changed = append(e.sessions.changed, stored)
			}
		}
	}
	// the stored rows were changed in place: the others compare with how they were
	for i, s := range e.sessions.stored {
		old := before[s.ID]
		e.sessions.stored[i] = &old
	}
	return e.noteSessions(ctx, before)
}

func sameSession(a, b Session) bool {
	room := (a.RoomID == nil) == (b.RoomID == nil) && (a.RoomID == nil || *a.RoomID == *b.RoomID)
	return room && a.StartsAt.Equal(b.StartsAt) && a.EndsAt.Equal(b.EndsAt) && a.AllDay == b.AllDay && a.Note == b.Note
}

// session reads one row into s.
func (e *courseEdit) session(ctx context.Context, at string, row SessionInput, s *Session) error {
	if row.Date == "" {
		e.Add(at+"date", "invalid.required")
	}
	day, until := e.day(at+"date", row.Date), e.day(at+"until", row.Until)
	from, to := e.clock(at+"from", row.From), e.clock(at+"to", row.To)
	e.times(at+"from", at+"to", from, to, until == nil)
	room, err := e.reference(ctx, e.tx, at+"room", row.Room, "rooms")
	if err != nil {
		return err
	}
	s.RoomID, s.Note = room, e.line(at+"note", row.Note, maxLine)
	if day == nil {
		return nil
	}
	if until == nil {
		until = day
	}
	if until.Before(*day) || until.After(day.AddDate(0, 0, 60)) {
		e.Add(at+"until", "invalid.until")
		return nil
	}
	switch {
	case from != nil && to != nil:
		s.StartsAt, s.EndsAt, s.AllDay = e.at(*day, *from), e.at(*until, *to), false
	case from == nil && to == nil:
		s.StartsAt, s.EndsAt, s.AllDay = e.at(*day, 0), e.at(until.AddDate(0, 0, 1), 0), true
	}
	return nil
}

// noteSessions notes each session that comes, goes or changes.
func (e *courseEdit) noteSessions(ctx context.Context, before map[int64]Session) error {
	if len(e.sessions.added)+len(e.sessions.changed)+len(e.sessions.removed) == 0 {
		return nil
	}
	rooms, err := e.roomNames(ctx, before)
	if err != nil {
		return err
	}
	text := func(s Session) string { return e.sessionText(s, rooms) }
	for _, id := range e.sessions.removed {
		e.d.note("session", text(before[id]), "")
	}
	for _, s := range e.sessions.changed {
		e.d.note("session", text(before[s.ID]), text(*s))
	}
	for _, s := range e.sessions.added {
		e.d.note("session", "", text(*s))
	}
	return nil
}

func (e *courseEdit) roomNames(ctx context.Context, before map[int64]Session) (map[int64]string, error) {
	ids := []int64{0}
	for _, s := range before {
		if s.RoomID != nil {
			ids = append(ids, *s.RoomID)
		}
	}
	for _, s := range e.sessions.now {
		if s.RoomID != nil {
			ids = append(ids, *s.RoomID)
		}
	}
	var found []*Room
	if err := e.tx.NewSelect().Model(&found).Where("id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return nil, err
	}
	names := map[int64]string{}
	for _, r := range found {
		names[r.ID] = r.Name
	}
	return names, nil
}

// sessionText is "2027-02-03 18:30–21:00, Raum 3, Note".
func (e *courseEdit) sessionText(s Session, rooms map[int64]string) string {
	from, to := s.StartsAt.In(e.zone), s.EndsAt.In(e.zone)
	text := from.Format(time.DateOnly)
	if !s.AllDay {
		text += " " + from.Format("15:04") + "–" + to.Format("15:04")
	}
	if last := dayOf(s.EndsAt.Add(-time.Second), e.zone); !last.Equal(dayOf(s.StartsAt, e.zone)) {
		text += " (" + last.Format(time.DateOnly) + ")"
	}
	if s.RoomID != nil && rooms[*s.RoomID] != "" {
		text += ", " + rooms[*s.RoomID]
	}
	if s.Note != "" {
		text += ", " + s.Note
	}
	return text
}

// storedRow finds the stored row that a form's row was filled from; a row that is not there any more, or
// is another record's, is a conflict.
func storedRow[T any](formID string, stored []*T, id func(*T) int64) (*T, error) {
	if formID == "" {
		return nil, nil
	}
	for _, s := range stored {
		if strconv.FormatInt(id(s), 10) == formID {
			return s, nil
		}
	}
	return nil, store.ErrConflict
}

const maxPrices = 30

// readPrices compares the form's rows with the stored prices. The order of the rows is the order in which
// they are offered. A price that somebody booked is archived instead of deleted.
func (e *courseEdit) readPrices(ctx context.Context, in []PriceInput) error {
	if len(in) > maxPrices {
		e.Add("prices", "invalid.too_many", "Max", maxPrices)
		return nil
	}
	mentioned := map[int64]bool{}
	position, last := 0, int64(0)
	for i, row := range in {
		at := "prices." + strconv.Itoa(i) + "."
		stored, err := storedRow(row.ID, e.prices.stored, func(p *PriceTier) int64 { return p.ID })
		if err != nil {
			return err
		}
		if stored != nil {
			mentioned[stored.ID] = true
		}
		switch {
		case row.Remove && stored != nil:
			if err := e.removePrice(ctx, stored); err != nil {
				return err
			}
		case row.Remove, stored == nil && row.Amount == "" && (row.Suggested || row.Name == "" && row.Note == ""):
		case stored == nil:
			position++
			last = 0
			p := &PriceTier{Currency: "EUR", Position: position}
			e.price(at, row, p)
			e.prices.added = append(e.prices.added, p)
			e.prices.now = append(e.prices.now, p)
			e.d.note("price", "", priceText(p))
		default:
			before := *stored
			e.price(at, row, stored)
			if stored.Position < position || stored.Position == position && stored.ID < last {
				stored.Position = position + 1
			}
			position, last = stored.Position, stored.ID
			e.prices.now = append(e.prices.now, stored)
			if *stored != before {
				e.prices.changed = append(e.prices.changed, stored)
				e.d.note("price", priceText(&before), priceText(stored))
			}
		}
	}
	for _, p := range e.prices.stored {
		if !p.Archived && !mentioned[p.ID] {
			e.prices.now = append(e.prices.now, p)
		}
	}
	return nil
}

func (e *courseEdit) removePrice(ctx context.Context, p *PriceTier) error {
	used, err := e.tx.NewSelect().Table("participants").Where("price_tier_id = ?", p.ID).Exists(ctx)
	if err != nil {
		return err
	}
	if used {
		e.prices.archive = append(e.prices.archive, p.ID)
	} else {
		e.prices.removed = append(e.prices.removed, p.ID)
	}
	e.d.note("price", priceText(p), "")
	return nil
}

func (e *courseEdit) price(at string, row PriceInput, p *PriceTier) {
	p.Name = e.name(at+"name", row.Name, 100)
	if cleanLine(row.Amount) == "" {
		e.Add(at+"amount", "invalid.required")
	}
	p.AmountCents = e.cents(at+"amount", row.Amount)
	p.Note = e.line(at+"note", row.Note, maxLine)
}

// priceText is "Normalpreis 82.80 EUR".
func priceText(p *PriceTier) string {
	text := fmt.Sprintf("%s %d.%02d %s", p.Name, p.AmountCents/100, p.AmountCents%100, p.Currency)
	if p.Note != "" {
		text += " (" + p.Note + ")"
	}
	return text
}

// writeRows writes what belongs to the course; the course itself must be there.
func (e *courseEdit) writeRows(ctx context.Context) error {
	for _, s := range e.sessions.added {
		s.CourseID = e.c.ID
	}
	for _, p := range e.prices.added {
		p.CourseID = e.c.ID
	}
	if err := writeRows(ctx, e.tx, e.sessions); err != nil {
		return err
	}
	if err := writeRows(ctx, e.tx, e.prices); err != nil {
		return err
	}
	if err := e.link(ctx, "course_instructors", "instructor_id", e.instructors); err != nil {
		return err
	}
	return e.link(ctx, "course_staff", "user_id", e.staff)
}

func writeRows[T any](ctx context.Context, tx *store.Tx, r rows[T]) error {
	if len(r.removed) > 0 {
		if _, err := tx.NewDelete().Model((*T)(nil)).Where("id IN (?)", bun.List(r.removed)).Exec(ctx); err != nil {
			return err
		}
	}
	if len(r.archive) > 0 {
		if _, err := tx.NewUpdate().Model((*T)(nil)).Set("archived = true").Where("id IN (?)", bun.List(r.archive)).Exec(ctx); err != nil {
			return err
		}
	}
	for _, row := range r.changed {
		if _, err := tx.NewUpdate().Model(row).WherePK().ExcludeColumn("id").Exec(ctx); err != nil {
			return err
		}
	}
	if len(r.added) > 0 {
		if _, err := tx.NewInsert().Model(&r.added).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// link makes the rows of a table that joins courses to others be exactly ids.
func (e *courseEdit) link(ctx context.Context, table, column string, ids []int64) error {
	if _, err := e.tx.NewDelete().Table(table).Where("course_id = ?", e.c.ID).
		Where("NOT ? = ANY (?::bigint[])", bun.Ident(column), idArray(ids)).Exec(ctx); err != nil || len(ids) == 0 {
		return err
	}
	_, err := e.tx.NewRaw("INSERT INTO ? (course_id, ?) SELECT ?, unnest(?::bigint[]) ON CONFLICT DO NOTHING",
		bun.Ident(table), bun.Ident(column), e.c.ID, idArray(ids)).Exec(ctx)
	return err
}

func idArray(ids []int64) string { return "{" + idList(ids) + "}" }
