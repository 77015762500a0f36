package configuration

import (
	"context"
	"slices"
	"strconv"

	"kurso/models/audit"
	"kurso/models/catalog"
	"kurso/models/store"
)

// mostCategories is how many a file may list.
const mostCategories = 1000

func (p *planner) planCategories(ctx context.Context, r store.Reader) error {
	if p.file.Categories == nil {
		for _, c := range p.categories {
			p.codes[c.Code] = true
		}
		return nil
	}
	if len(*p.file.Categories) > mostCategories {
		p.Add("categories", "invalid.too_many", "Max", mostCategories)
		return nil
	}
	for i, want := range *p.file.Categories {
		at := "categories." + strconv.Itoa(i) + "."
		after := &catalog.Category{}
		j := slices.IndexFunc(p.categories, func(c *catalog.Category) bool { return c.Code == want.Code })
		if j >= 0 {
			*after = *p.categories[j]
		}
		changes, err := catalog.CategoryInput{Code: want.Code, Name: want.Name, Position: strconv.Itoa(want.Position)}.Apply(after)
		if err := p.wrong(err, at); err != nil {
			return err
		}
		if p.codes[after.Code] {
			p.Add(at+"code", "config.twice", "Value", after.Code)
		}
		p.codes[after.Code] = true
		if j >= 0 && len(changes) == 0 {
			continue
		}
		change := Change{Subject: catalog.SubjectCategory, Name: after.Name, What: Changed, Fields: changes}
		if j < 0 {
			change.What = Added
		}
		p.Changes = append(p.Changes, change)
		p.writes = append(p.writes, func(ctx context.Context, tx *store.Tx) error { return catalog.WriteCategory(ctx, tx, after, changes) })
	}
	return p.removeCategories(ctx, r)
}

// removeCategories takes away what the file does not list, unless it is in use.
func (p *planner) removeCategories(ctx context.Context, r store.Reader) error {
	var used []string
	if err := r.NewRaw("SELECT code FROM categories c WHERE EXISTS (SELECT FROM course_types WHERE category_id = c.id)").Scan(ctx, &used); err != nil {
		return err
	}
	for _, one := range p.staying {
		used = append(used, one.Categories...)
	}
	for _, c := range p.categories {
		if p.codes[c.Code] {
			continue
		}
		change := Change{Subject: catalog.SubjectCategory, Name: c.Name, What: Removed, Fields: []audit.Change{{Field: "name", Old: c.Name}}}
		if slices.Contains(used, c.Code) {
			change.What, change.Fields = Kept, nil
			p.codes[c.Code] = true
		} else {
			p.writes = append(p.writes, func(ctx context.Context, tx *store.Tx) error { return catalog.RemoveCategory(ctx, tx, c) })
		}
		p.Changes = append(p.Changes, change)
	}
	return nil
}
