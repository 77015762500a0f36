package catalog

import (
	"context"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"kurso/models/audit"
	"kurso/models/store"
)

// LocationInput is a location's form with its rooms, as typed.
type LocationInput struct {
	Version  string `form:"version"`
	Name     string `form:"name"`
	Street   string `form:"street"`
	Zip      string `form:"zip"`
	Town     string `form:"town"`
	District string `form:"district"`
	Country  string `form:"country"`
	// Accessible is "yes", "no" or empty: nobody has said.
	Accessible string      `form:"accessible"`
	Latitude   string      `form:"latitude"`
	Longitude  string      `form:"longitude"`
	Rooms      []RoomInput `form:"rooms"`
}

// RoomInput is one row of rooms.
type RoomInput struct {
	ID       string `form:"id"`
	Name     string `form:"name"`
	Capacity string `form:"capacity"`
	Remove   bool   `form:"remove"`
}

// LocationChoices lists all locations by name, for a select.
func LocationChoices(ctx context.Context, r store.Reader) ([]*Location, error) {
	var all []*Location
	return all, r.NewSelect().Model(&all).Column("id", "name", "town").OrderExpr("fold(name), id").Scan(ctx)
}

// RoomChoices lists the rooms of a location (0: none) and those that a course (0: none) uses already.
func RoomChoices(ctx context.Context, r store.Reader, locationID, courseID int64) ([]*Room, error) {
	var all []*Room
	err := r.NewSelect().Model(&all).Relation("Location").
		Where("room.location_id = ?", locationID).
		WhereOr("room.id IN (SELECT room_id FROM course_sessions WHERE course_id = ?)", courseID).
		OrderExpr("room.location_id <> ?, fold(location.name), fold(room.name), room.id", locationID).Scan(ctx)
	return all, err
}

// LoadLocation reads one with its rooms by name; store.ErrNotFound.
func LoadLocation(ctx context.Context, r store.Reader, id int64) (*Location, error) {
	l := &Location{}
	err := r.NewSelect().Model(l).Where("loc.id = ?", id).
		Relation("Rooms", func(q *bun.SelectQuery) *bun.SelectQuery { return q.OrderExpr("fold(room.name), room.id") }).Scan(ctx)
	return l, found(err)
}

// LocationInputOf is the form of a location as it is; its rooms must be loaded.
func LocationInputOf(l *Location) LocationInput {
	in := LocationInput{Version: strconv.Itoa(l.Version), Name: l.Name, Street: l.Street, Zip: l.Zip, Town: l.Town,
		District: l.District, Country: l.Country, Latitude: floatText(l.Latitude), Longitude: floatText(l.Longitude)}
	if l.Accessible != nil {
		in.Accessible = map[bool]string{true: "yes", false: "no"}[*l.Accessible]
	}
	for _, r := range l.Rooms {
		in.Rooms = append(in.Rooms, RoomInput{ID: strconv.FormatInt(r.ID, 10), Name: r.Name, Capacity: intText(r.Capacity)})
	}
	return in
}

// SaveLocation adds a location (id 0) or changes it, with its rooms, and returns its id. A room that sessions
// use is not deleted. It returns store.ErrNotFound, store.ErrConflict or a *store.ValidationError.
func SaveLocation(ctx context.Context, st *store.Store, id int64, in LocationInput) (int64, error) {
	err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		id, err = SaveLocationIn(ctx, tx, id, in)
		return err
	})
	return id, saving(err, "rooms_location_id_name_key", "rooms")
}

// SaveLocationIn is SaveLocation as a part of a use case.
func SaveLocationIn(ctx context.Context, tx *store.Tx, id int64, in LocationInput) (int64, error) {
	l := &Location{}
	if id != 0 {
		if err := lock(ctx, tx, toChange, l, id, &l.Version, in.Version); err != nil {
			return 0, err
		}
	} else {
		l.CreatedAt = tx.Now()
	}
	t, d := &typed{}, diff{}
	in.read(t, &d, l)
	rooms, err := readRooms(ctx, tx, t, &d, id, in.Rooms)
	if err != nil {
		return 0, err
	}
	if err := t.OrNil(); err != nil {
		return 0, err
	}
	l.UpdatedAt = tx.Now()
	if id, err = save(ctx, tx, l, &l.ID, &l.Version, d, SubjectLocation); err != nil {
		return 0, err
	}
	for _, r := range rooms.added {
		r.LocationID = id
	}
	return id, writeRows(ctx, tx, rooms)
}

func (in LocationInput) read(t *typed, d *diff, l *Location) {
	d.text("name", &l.Name, t.name("name", in.Name, maxLine))
	d.text("street", &l.Street, t.line("street", in.Street, 150))
	d.text("zip", &l.Zip, t.line("zip", in.Zip, 20))
	d.text("town", &l.Town, t.line("town", in.Town, 100))
	d.text("district", &l.District, t.line("district", in.District, 100))
	d.text("country", &l.Country, t.line("country", in.Country, 100))
	var accessible *bool
	if said := t.choice("accessible", in.Accessible, "", "yes", "no"); said != "" {
		yes := said == "yes"
		accessible = &yes
	}
	d.flag("accessible", &l.Accessible, accessible)
	d.float("latitude", &l.Latitude, t.float("latitude", in.Latitude, -90, 90))
	d.float("longitude", &l.Longitude, t.float("longitude", in.Longitude, -180, 180))
}

const maxRooms = 200

// readRooms compares the form's rows with the stored rooms of a location. Names are told apart as people do.
func readRooms(ctx context.Context, tx *store.Tx, t *typed, d *diff, locationID int64, in []RoomInput) (rows[Room], error) {
	r := rows[Room]{}
	if len(in) > maxRooms {
		t.Add("rooms", "invalid.too_many", "Max", maxRooms)
		return r, nil
	}
	if err := tx.NewSelect().Model(&r.stored).Where("location_id = ?", locationID).OrderExpr("id").For("UPDATE").Scan(ctx); err != nil {
		return r, err
	}
	var names []string
	for i, row := range in {
		at := "rooms." + strconv.Itoa(i) + "."
		stored, err := storedRow(row.ID, r.stored, func(r *Room) int64 { return r.ID })
		if err != nil {
			return r, err
		}
		if row.Remove {
			if stored == nil {
				continue
			}
			used, err := tx.NewSelect().Table("course_sessions").Where("room_id = ?", stored.ID).Count(ctx)
			if err != nil {
				return r, err
			}
			if used > 0 {
				t.Add(at+"remove", "location.room.used", "Name", stored.Name, "Count", used)
			}
			r.removed = append(r.removed, stored.ID)
			d.note("room", stored.Name, "")
			continue
		}
		if stored == nil && row.Name == "" && row.Capacity == "" {
			continue
		}
		name, capacity := t.name(at+"name", row.Name, 100), t.number(at+"capacity", row.Capacity, 1, 100_000)
		if name != "" && slices.Contains(names, name) {
			t.Add(at+"name", "invalid.taken")
		}
		names = append(names, name)
		room := &Room{Name: name, Capacity: capacity}
		switch {
		case stored == nil:
			r.added = append(r.added, room)
			d.note("room", "", roomText(room))
		case stored.Name != name || intText(stored.Capacity) != intText(capacity):
			room.ID, room.LocationID = stored.ID, locationID
			r.changed = append(r.changed, room)
			d.note("room", roomText(stored), roomText(room))
		}
	}
	return r, nil
}

func roomText(r *Room) string {
	if r.Capacity == nil {
		return r.Name
	}
	return r.Name + " (" + strconv.Itoa(*r.Capacity) + ")"
}

// DeleteLocation deletes a location, with its rooms, where no course takes place; otherwise a *store.RuleError.
func DeleteLocation(ctx context.Context, st *store.Store, id int64, formVersion string) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		l := &Location{}
		if err := lock(ctx, tx, toDelete, l, id, &l.Version, formVersion); err != nil {
			return err
		}
		var rooms []*Room
		if err := tx.NewSelect().Model(&rooms).Where("location_id = ?", id).OrderExpr("id").For("UPDATE").Scan(ctx); err != nil {
			return err
		}
		if err := refused(ctx, tx, "location.delete.used", `SELECT count(*) FROM (
			SELECT id FROM courses WHERE location_id = ?0 UNION
			SELECT course_id FROM course_sessions WHERE room_id IN (SELECT id FROM rooms WHERE location_id = ?0)) used`, id); err != nil {
			return err
		}
		if _, err := tx.NewDelete().Model((*Room)(nil)).Where("location_id = ?", id).Exec(ctx); err != nil {
			return err
		}
		return remove(ctx, tx, l, SubjectLocation, id, audit.Change{Field: "name", Old: l.Name})
	})
}

// Rebase lets a form that met a conflict be saved over what is stored now, as CourseInput.Rebase does.
func (in *LocationInput) Rebase(stored LocationInput) {
	in.Version = stored.Version
	rebase(in.Rooms, stored.Rooms, func(r *RoomInput) *string { return &r.ID })
}
