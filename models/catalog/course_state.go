package catalog

import (
	"context"
	"slices"

	"kurso/models/audit"
	"kurso/models/store"
)

// transitions are the states that may follow each other. A course called off by mistake can be planned again.
var transitions = map[string][]string{
	Draft:     {Published, Planned},
	Planned:   {Published, Draft, CalledOff},
	Published: {Running, Finished, Planned, CalledOff},
	Running:   {Finished, CalledOff},
	Finished:  {Running},
	CalledOff: {Planned},
}

// NextStates are the states a course may go to, the most likely first.
func NextStates(state string) []string { return transitions[state] }

// SetState moves a course to another state. Publishing needs a start (or self-paced learning), a price, places
// and an end that is not over: what is missing comes back as a *store.ValidationError. It returns
// store.ErrConflict when the version is not the course's, a *store.RuleError for a state that cannot follow.
func SetState(ctx context.Context, st *store.Store, id int64, formVersion, to string) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return SetStateIn(ctx, tx, id, formVersion, to) })
}

// SetStateIn is SetState as a part of a use case.
func SetStateIn(ctx context.Context, tx *store.Tx, id int64, formVersion, to string) error {
	c := &Course{}
	if err := lock(ctx, tx, toChange, c, id, &c.Version, formVersion); err != nil {
		return err
	}
	tx.Refresh()
	from := c.State
	if !slices.Contains(transitions[from], to) {
		return &store.RuleError{Key: "course.state.impossible"}
	}
	c.State = to
	if to == Published || to == Running {
		e, err := newCourseEdit(ctx, tx, c)
		if err != nil {
			return err
		}
		e.sessions.now = e.sessions.stored
		e.prices.now = slices.DeleteFunc(slices.Clone(e.prices.stored), func(p *PriceTier) bool { return p.Archived })
		e.publishable()
		if to == Published && c.EndDate != nil && c.EndDate.Before(dayOf(tx.Now(), e.zone)) {
			e.Add("end_date", "course.publish.over")
		}
		if err := e.OrNil(); err != nil {
			return err
		}
	}
	c.Version++
	c.UpdatedAt = tx.Now()
	if _, err := tx.NewUpdate().Model(c).Column("state", "version", "updated_at").WherePK().Exec(ctx); err != nil {
		return err
	}
	return audit.Write(ctx, tx, SubjectCourse, id, "course."+to, audit.Change{Field: "state", Old: from, New: to})
}

// publishable notes what a course lacks to be booked.
func (e *courseEdit) publishable() {
	c := e.c
	if c.StartDate == nil && c.Delivery != SelfPaced {
		e.Add("start_date", "course.publish.no_start")
	}
	if len(e.prices.now) == 0 {
		e.Add("prices", "course.publish.no_price")
	}
	if c.MaxPlaces != nil && *c.MaxPlaces == 0 {
		e.Add("max_places", "course.publish.no_places")
	}
}
