package notify

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/outbox"
	"kurso/models/store"
)

// Subject is how audit entries name a user's choices, by the user's id.
const Subject = "notifications"

// Setting is one event as it is offered to a user.
type Setting struct {
	Kind    Kind
	Choice  Choice
	Default Choice
}

// Settings are what a user has chosen, with the defaults where they have not.
type Settings struct {
	// Events are those that ctx's actor may hear of.
	Events     []Setting
	Categories []int64
}

// Load reads the settings of ctx's actor, who is the user of that id.
func Load(ctx context.Context, r store.Reader, u *accounts.User) (*Settings, error) {
	s := &Settings{}
	chosen, err := choices(ctx, r, u.ID)
	if err != nil || u.Kind != accounts.Staff {
		return s, err
	}
	for _, k := range Kinds {
		if k.open(accounts.GrantsOf(ctx)) {
			s.Events = append(s.Events, Setting{Kind: k, Choice: chosen[k.Event].Choice, Default: chosen[k.Event].fallback})
		}
	}
	return s, r.NewRaw("SELECT category_id FROM notification_categories WHERE user_id = ? ORDER BY category_id", u.ID).Scan(ctx, &s.Categories)
}

// standing is the choice that holds, and the one that would without any made.
type standing struct {
	Choice
	fallback Choice
}

// choices reads what holds for a user, for every event.
func choices(ctx context.Context, r store.Reader, userID int64) (map[outbox.Event]standing, error) {
	var administrator bool
	err := r.NewRaw("SELECT "+isAdministrator+" FROM users u WHERE u.id = ?", userID).Scan(ctx, &administrator)
	if err != nil {
		return nil, found(err)
	}
	var rows []struct {
		Event  outbox.Event
		Choice `bun:",extend"`
	}
	if err := r.NewRaw("SELECT event, scope, cadence FROM notification_choices WHERE user_id = ?", userID).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	out := make(map[outbox.Event]standing, len(Kinds))
	for _, k := range Kinds {
		c := standing{Choice: k.defaultFor(administrator), fallback: k.defaultFor(administrator)}
		for _, row := range rows {
			if row.Event == k.Event {
				c.Choice = row.Choice
			}
		}
		out[k.Event] = c
	}
	return out, nil
}

// Input is the form of the settings, as typed.
type Input struct {
	Events     []EventInput `form:"events"`
	Categories []string     `form:"categories"`
}

// EventInput is one line of it. An event that is not offered is left as it is.
type EventInput struct {
	Event   string `form:"event"`
	Scope   string `form:"scope"`
	Cadence string `form:"cadence"`
}

// InputOf is the form of settings as they are.
func InputOf(s *Settings) Input {
	var in Input
	for _, e := range s.Events {
		in.Events = append(in.Events, EventInput{Event: string(e.Kind.Event), Scope: e.Choice.Scope, Cadence: e.Choice.Cadence})
	}
	for _, id := range s.Categories {
		in.Categories = append(in.Categories, strconv.FormatInt(id, 10))
	}
	return in
}

// Of is the line of an event, or how it is stored when the form has none.
func (in Input) Of(s Setting) EventInput {
	for _, e := range in.Events {
		if e.Event == string(s.Kind.Event) {
			return e
		}
	}
	return EventInput{Event: string(s.Kind.Event), Scope: s.Choice.Scope, Cadence: s.Choice.Cadence}
}

// Save changes the settings of ctx's actor, who is the user. What is wrong is a *store.ValidationError.
func Save(ctx context.Context, st *store.Store, u *accounts.User, in Input) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := lockUser(ctx, tx, u.ID); err != nil {
			return err
		}
		stored, err := Load(ctx, tx, u)
		if err != nil {
			return err
		}
		v := &store.ValidationError{}
		wanted, byCategory := in.read(v, stored)
		categories, err := in.categories(ctx, tx, v)
		if err != nil {
			return err
		}
		if byCategory && len(categories) == 0 && len(v.Fields) == 0 {
			v.Add("categories", "error.notifications.no_category")
		}
		if err := v.OrNil(); err != nil {
			return err
		}
		changes, err := write(ctx, tx, u.ID, stored.Events, wanted)
		if err != nil {
			return err
		}
		if !slices.Equal(categories, stored.Categories) {
			if err := setCategories(ctx, tx, u.ID, categories); err != nil {
				return err
			}
			changes = append(changes, audit.Change{Field: "categories", Old: joined(stored.Categories), New: joined(categories)})
		}
		return noteChanges(ctx, tx, u.ID, changes)
	})
}

// lockUser lets changes of a user's choices follow one another.
func lockUser(ctx context.Context, tx *store.Tx, id int64) error {
	return found(tx.NewRaw("SELECT id FROM users WHERE id = ? FOR NO KEY UPDATE", id).Scan(ctx, &id))
}

// read takes the lines of the events that are offered, and tells whether one of them goes by category.
func (in Input) read(v *store.ValidationError, s *Settings) (wanted map[outbox.Event]Choice, byCategory bool) {
	wanted = map[outbox.Event]Choice{}
	for i, e := range in.Events {
		at := slices.IndexFunc(s.Events, func(s Setting) bool { return string(s.Kind.Event) == e.Event })
		if at < 0 {
			continue
		}
		c := Choice{Scope: e.Scope, Cadence: e.Cadence}
		if s.Events[at].Kind.Personal {
			c.Scope = s.Events[at].Choice.Scope
		}
		if !slices.Contains([]string{Mine, InCategories, All}, c.Scope) {
			v.Add("events."+strconv.Itoa(i)+".scope", "invalid.choice")
		}
		if !slices.Contains([]string{Now, Daily, Off}, c.Cadence) {
			v.Add("events."+strconv.Itoa(i)+".cadence", "invalid.choice")
		}
		byCategory = byCategory || c.Scope == InCategories && c.Cadence != Off
		wanted[s.Events[at].Kind.Event] = c
	}
	return wanted, byCategory
}

// categories are the ids of those that are ticked, in ascending order.
func (in Input) categories(ctx context.Context, r store.Reader, v *store.ValidationError) ([]int64, error) {
	var all, out []int64
	if err := r.NewRaw("SELECT id FROM categories ORDER BY id").Scan(ctx, &all); err != nil {
		return nil, err
	}
	for _, id := range all {
		if slices.Contains(in.Categories, strconv.FormatInt(id, 10)) {
			out = append(out, id)
		}
	}
	if len(out) < len(in.Categories) {
		v.Add("categories", "invalid.choice")
	}
	return out, nil
}

// write stores what differs from what holds now, and tells what that is.
func write(ctx context.Context, tx *store.Tx, userID int64, now []Setting, wanted map[outbox.Event]Choice) ([]audit.Change, error) {
	var changes []audit.Change
	for _, s := range now {
		c, ok := wanted[s.Kind.Event]
		if !ok || c == s.Choice {
			continue
		}
		_, err := tx.NewRaw(`INSERT INTO notification_choices (user_id, event, scope, cadence) VALUES (?, ?, ?, ?)
			ON CONFLICT (user_id, event) DO UPDATE SET scope = excluded.scope, cadence = excluded.cadence`,
			userID, s.Kind.Event, c.Scope, c.Cadence).Exec(ctx)
		if err != nil {
			return nil, err
		}
		changes = append(changes, audit.Change{Field: string(s.Kind.Event), Old: s.Choice.Code(s.Kind), New: c.Code(s.Kind)})
	}
	return changes, nil
}

// Code is a choice as audit entries keep it: "mine now", "off".
func (c Choice) Code(k Kind) string {
	if c.Cadence == Off || k.Personal {
		return c.Cadence
	}
	return c.Scope + " " + c.Cadence
}

func setCategories(ctx context.Context, tx *store.Tx, userID int64, categories []int64) error {
	if _, err := tx.NewRaw("DELETE FROM notification_categories WHERE user_id = ?", userID).Exec(ctx); err != nil {
		return err
	}
	for _, id := range categories {
		if _, err := tx.NewRaw("INSERT INTO notification_categories (user_id, category_id) VALUES (?, ?)", userID, id).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

func noteChanges(ctx context.Context, tx *store.Tx, userID int64, changes []audit.Change) error {
	if len(changes) == 0 {
		return nil
	}
	return audit.Write(ctx, tx, Subject, userID, "notifications.changed", changes...)
}

func joined(ids []int64) string {
	var out []string
	for _, id := range ids {
		out = append(out, strconv.FormatInt(id, 10))
	}
	return strings.Join(out, ", ")
}

func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return store.ErrNotFound
	}
	return err
}
