package catalog

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"kurso/models/catalog/openvhs"
	"kurso/models/store"
)

// masters are the course types, places and people that a batch of records names, by their keys.
type masters struct {
	types, locations, instructors map[string]int64
	rooms                         map[roomKey]int64
}

type roomKey struct {
	location int64
	name     string
}

// resolveMasters finds what the records name and makes what is missing. What staff made by hand under the
// same name is used too. Callers hold the lock of imports, so nobody makes the same ones meanwhile.
func resolveMasters(ctx context.Context, tx *store.Tx, records []*openvhs.Record) (*masters, error) {
	m := &masters{}
	for _, step := range []func(context.Context, *store.Tx, []*openvhs.Record) error{m.resolveTypes, m.resolveLocations, m.resolveInstructors} {
		if err := step(ctx, tx, records); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func typeKey(r *openvhs.Record) string { return store.Fold(r.Name + "|" + r.Category.Top()) }

func locationKey(l *openvhs.Location) string {
	return store.Fold(strings.Join([]string{locationName(l), l.Zip, l.Town, l.Street}, "|"))
}

// locationName is never empty: a place without a name goes by its address.
func locationName(l *openvhs.Location) string {
	return cmp.Or(l.Name, l.Street, joined(" ", l.Zip, l.Town), l.Quarter, l.Room, l.Country)
}

func instructorKey(p openvhs.Person) string {
	return store.Fold(joined(" ", p.Title, p.FirstName, p.LastName))
}

// findByKey returns ids by import key, and of rows made by hand those whose expression gives the key.
func findByKey(ctx context.Context, tx *store.Tx, table, expr string, keys []string) (map[string]int64, error) {
	found := map[string]int64{}
	if len(keys) == 0 {
		return found, nil
	}
	var rows []struct {
		ID  int64
		Key string
	}
	err := tx.NewRaw(`SELECT id, coalesce(import_key, ?) AS key FROM ? AS t WHERE import_key IN (?) OR import_key IS NULL AND ? IN (?)
		ORDER BY import_key NULLS LAST, id`, bun.Safe(expr), bun.Ident(table), bun.List(keys), bun.Safe(expr), bun.List(keys)).Scan(ctx, &rows)
	for _, row := range rows {
		if _, known := found[row.Key]; !known {
			found[row.Key] = row.ID
		}
	}
	return found, err
}

// without is the keys of wanted that are not in found, in order, so that equal files make equal rows.
func without[T any](wanted map[string]T, found map[string]int64) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(wanted)), func(key string) bool { _, known := found[key]; return known })
}

func (m *masters) resolveTypes(ctx context.Context, tx *store.Tx, records []*openvhs.Record) (err error) {
	wanted := map[string]*openvhs.Record{}
	for _, r := range records {
		if key := typeKey(r); wanted[key] == nil {
			wanted[key] = r
		}
	}
	m.types, err = findByKey(ctx, tx, "course_types",
		"fold(t.name || '|' || coalesce((SELECT c.code FROM categories c WHERE c.id = t.category_id), ''))", slices.Collect(maps.Keys(wanted)))
	if err != nil {
		return err
	}
	missing := without(wanted, m.types)
	if len(missing) == 0 {
		return nil
	}
	categories, err := resolveCategories(ctx, tx, wanted, missing)
	if err != nil {
		return err
	}
	var rows []*CourseType
	for _, key := range missing {
		row := &CourseType{Name: wanted[key].Name, ImportKey: &key, Version: 1, CreatedAt: tx.Now(), UpdatedAt: tx.Now()}
		if id, ok := categories[wanted[key].Category.Top()]; ok {
			row.CategoryID = &id
		}
		rows = append(rows, row)
	}
	if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return err
	}
	for _, row := range rows {
		m.types[*row.ImportKey] = row.ID
	}
	return nil
}

// resolveCategories returns ids of the programme areas by code.
func resolveCategories(ctx context.Context, tx *store.Tx, records map[string]*openvhs.Record, keys []string) (map[string]int64, error) {
	ids := map[string]int64{}
	var have []*Category
	if err := tx.NewSelect().Model(&have).Scan(ctx); err != nil {
		return nil, err
	}
	for _, c := range have {
		ids[c.Code] = c.ID
	}
	for _, key := range keys {
		code := records[key].Category.Top()
		if _, known := ids[code]; known || code == "" {
			continue
		}
		position, _ := strconv.Atoi(code)
		row := &Category{Code: code, Name: cmp.Or(openvhs.CategoryName(code), "Weitere Angebote ("+code+")"), Position: position, Version: 1}
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return nil, err
		}
		ids[code] = row.ID
	}
	return ids, nil
}

func (m *masters) resolveLocations(ctx context.Context, tx *store.Tx, records []*openvhs.Record) (err error) {
	wanted := map[string]*Location{}
	rooms := map[roomName]bool{}
	want := func(l *openvhs.Location, district string) {
		if l == nil {
			return
		}
		key := locationKey(l)
		if l.Room != "" {
			rooms[roomName{key, l.Room}] = true
		}
		if wanted[key] != nil {
			return
		}
		row := &Location{Name: locationName(l), Street: l.Street, Zip: l.Zip, Town: l.Town, District: cmp.Or(l.Quarter, district), Country: l.Country,
			Accessible: l.Accessible, ImportKey: &key, Version: 1, CreatedAt: tx.Now(), UpdatedAt: tx.Now()}
		if l.Coordinates != nil {
			row.Latitude, row.Longitude = &l.Coordinates.Latitude, &l.Coordinates.Longitude
		}
		wanted[key] = row
	}
	for _, r := range records {
		want(r.Location, r.District)
		for _, s := range r.Sessions {
			want(s.Location, r.District)
		}
	}
	m.locations, err = findByKey(ctx, tx, "locations", "fold(t.name || '|' || t.zip || '|' || t.town || '|' || t.street)", slices.Collect(maps.Keys(wanted)))
	if err != nil {
		return err
	}
	var rows []*Location
	for _, key := range without(wanted, m.locations) {
		rows = append(rows, wanted[key])
	}
	if len(rows) > 0 {
		if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
			return err
		}
	}
	for _, row := range rows {
		m.locations[*row.ImportKey] = row.ID
	}
	return m.resolveRooms(ctx, tx, rooms)
}

type roomName struct{ location, name string }

func (m *masters) resolveRooms(ctx context.Context, tx *store.Tx, wanted map[roomName]bool) error {
	m.rooms = map[roomKey]int64{}
	if len(wanted) == 0 {
		return nil
	}
	var have []*Room
	if err := tx.NewSelect().Model(&have).Where("location_id IN (?)", bun.List(slices.Collect(maps.Values(m.locations)))).Scan(ctx); err != nil {
		return err
	}
	for _, room := range have {
		m.rooms[roomKey{room.LocationID, room.Name}] = room.ID
	}
	var rows []*Room
	for want := range wanted {
		key := roomKey{m.locations[want.location], want.name}
		if _, known := m.rooms[key]; !known {
			m.rooms[key] = 0
			rows = append(rows, &Room{LocationID: key.location, Name: key.name})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	slices.SortFunc(rows, func(a, b *Room) int {
		return cmp.Or(cmp.Compare(a.LocationID, b.LocationID), strings.Compare(a.Name, b.Name))
	})
	if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return err
	}
	for _, row := range rows {
		m.rooms[roomKey{row.LocationID, row.Name}] = row.ID
	}
	return nil
}

func (m *masters) resolveInstructors(ctx context.Context, tx *store.Tx, records []*openvhs.Record) (err error) {
	wanted := map[string]openvhs.Person{}
	for _, r := range records {
		for _, p := range r.Instructors {
			wanted[instructorKey(p)] = p
		}
	}
	// the key is of the words that are there, as joined makes it
	m.instructors, err = findByKey(ctx, tx, "instructors",
		"fold(concat_ws(' ', nullif(t.title, ''), nullif(t.first_name, ''), t.last_name))", slices.Collect(maps.Keys(wanted)))
	if err != nil {
		return err
	}
	var rows []*Instructor
	for _, key := range without(wanted, m.instructors) {
		p := wanted[key]
		row := &Instructor{Title: p.Title, FirstName: p.FirstName, LastName: p.LastName, ImportKey: &key, Version: 1, CreatedAt: tx.Now(), UpdatedAt: tx.Now()}
		if row.LastName == "" {
			row.FirstName, row.LastName = "", p.FirstName
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		return nil
	}
	if _, err := tx.NewInsert().Model(&rows).Exec(ctx); err != nil {
		return err
	}
	for _, row := range rows {
		m.instructors[*row.ImportKey] = row.ID
	}
	return nil
}

// values are what a record wants of its course.
func (m *masters) values(r *openvhs.Record, p *Provider) *importValues {
	v := &importValues{CourseType: m.types[typeKey(r)]}
	v.text(r)
	if r.Location != nil {
		v.Location = m.locations[locationKey(r.Location)]
	}
	zone := p.Zone()
	for _, s := range r.Sessions {
		row := session(s, zone)
		at := cmp.Or(s.Location, r.Location)
		switch {
		case at == nil:
		case at.Room != "":
			row.Room = m.rooms[roomKey{m.locations[locationKey(at)], at.Room}]
		case m.locations[locationKey(at)] != v.Location:
			// a place without rooms
			row.Note = joined(", ", row.Note, locationName(at), at.Street, joined(" ", at.Zip, at.Town))
		}
		v.Sessions = append(v.Sessions, row)
	}
	for _, person := range r.Instructors {
		v.Instructors = append(v.Instructors, m.instructors[instructorKey(person)])
	}
	v.normalise()
	return v
}
