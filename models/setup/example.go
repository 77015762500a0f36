package setup

import (
	"context"
	"strconv"
	"time"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/catalog"
	"kurso/models/store"
)

// Texts are what the example course says, in the language of the provider's pages.
type Texts struct {
	// Number marks the course as an example wherever courses are listed.
	Number, Name, Subtitle, Description, TargetGroup, Price string
}

// What the example course is like.
const (
	examplePlaces   = "12"
	exampleMinimum  = "5"
	exampleSessions = 6
	// exampleAmount is what a price tier costs for which nothing is recommended.
	exampleAmount = "60,00"
	// exampleAhead is how many days from now it begins at the earliest.
	exampleAhead = 28
)

// ErrExampleExists: there is one already.
var ErrExampleExists = &store.RuleError{Key: "assistant.example.exists"}

// CreateExample adds the example course at the provider's address, with six sessions in the evening, and
// publishes it if asked. It returns the course's id, or ErrExampleExists.
func CreateExample(ctx context.Context, st *store.Store, texts Texts, publish bool) (id int64, err error) {
	err = st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		p, err := lock(ctx, tx)
		if err != nil {
			return err
		}
		if err := must(ctx, accounts.CoursesWrite, accounts.CoursesPublish); err != nil {
			return err
		}
		if p.ExampleCourseID != nil {
			return ErrExampleExists
		}
		provider, err := catalog.LoadProvider(ctx, tx)
		if err != nil {
			return err
		}
		in := exampleInput(texts, provider, tx.Now())
		if in.Location, err = p.exampleLocation(ctx, tx, provider); err != nil {
			return err
		}
		if id, err = catalog.CreateCourseIn(ctx, tx, in); err != nil {
			return err
		}
		if err := intoFirstCategory(ctx, tx, id); err != nil {
			return err
		}
		if publish {
			if err := catalog.SetStateIn(ctx, tx, id, "1", catalog.Published); err != nil {
				return err
			}
		}
		p.ExampleCourseID = &id
		return p.finish(ctx, tx, Example)
	})
	return id, err
}

func exampleInput(texts Texts, p *catalog.Provider, now time.Time) catalog.CourseInput {
	in := catalog.CourseInput{
		Number: texts.Number, Name: texts.Name, Subtitle: texts.Subtitle, Description: texts.Description, TargetGroups: texts.TargetGroup,
		Delivery: catalog.OnSite, MaxPlaces: examplePlaces, MinPlaces: exampleMinimum, TeachingUnits: strconv.Itoa(2 * exampleSessions),
	}
	first := now.In(p.Zone()).AddDate(0, 0, exampleAhead)
	for first.Weekday() != time.Wednesday {
		first = first.AddDate(0, 0, 1)
	}
	for week := range exampleSessions {
		in.Sessions = append(in.Sessions, catalog.SessionInput{Date: first.AddDate(0, 0, 7*week).Format(time.DateOnly), From: "18:30", To: "20:00"})
	}
	recommended, _ := Recommend(p.Kind)
	for i, tier := range p.PriceTiers {
		row := tier.Input()
		if row.Amount == "" {
			row.Amount = exampleAmount
			if i < len(recommended.Amounts) {
				row.Amount = recommended.Amounts[i]
			}
		}
		in.Prices = append(in.Prices, catalog.PriceInput{Name: row.Name, Amount: row.Amount, Note: row.Note})
	}
	if len(in.Prices) == 0 {
		in.Prices = []catalog.PriceInput{{Name: texts.Price, Amount: exampleAmount}}
	}
	return in
}

// exampleLocation is the provider's own house, added if there is no location yet; none without an address.
func (p *Progress) exampleLocation(ctx context.Context, tx *store.Tx, provider *catalog.Provider) (string, error) {
	var id int64
	if err := tx.NewRaw("SELECT coalesce(min(id), 0) FROM locations").Scan(ctx, &id); err != nil {
		return "", err
	}
	if id == 0 {
		if provider.Street == "" && provider.Town == "" {
			return "", nil
		}
		var err error
		id, err = catalog.SaveLocationIn(ctx, tx, 0, catalog.LocationInput{Name: provider.Name, Street: provider.Street, Zip: provider.Zip, Town: provider.Town})
		if err != nil {
			return "", err
		}
		p.ExampleLocationID = &id
	}
	return strconv.FormatInt(id, 10), nil
}

// intoFirstCategory lets the course's type, which came with it, belong to a category.
func intoFirstCategory(ctx context.Context, tx *store.Tx, courseID int64) error {
	_, err := tx.NewRaw(`UPDATE course_types SET category_id = (SELECT id FROM categories ORDER BY position, code LIMIT 1)
		WHERE id = (SELECT course_type_id FROM courses WHERE id = ?)`, courseID).Exec(ctx)
	return err
}

// PublishExample publishes the example course. It returns store.ErrNotFound when there is none, or what
// catalog.SetState does.
func PublishExample(ctx context.Context, st *store.Store) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := must(ctx, accounts.CoursesPublish); err != nil {
			return err
		}
		_, c, err := lockExample(ctx, tx)
		if err != nil {
			return err
		}
		return catalog.SetStateIn(ctx, tx, c.ID, strconv.Itoa(c.Version), catalog.Published)
	})
}

func lockExample(ctx context.Context, tx *store.Tx) (*Progress, *catalog.Course, error) {
	p, err := lock(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	if p.ExampleCourseID == nil {
		return nil, nil, store.ErrNotFound
	}
	c := &catalog.Course{}
	return p, c, tx.NewSelect().Model(c).Where("c.id = ?", *p.ExampleCourseID).For("UPDATE").Scan(ctx)
}

// DeleteExample deletes the example course with all that came with it: the bookings somebody tried it out
// with, their mails, its type and its location, if nothing else uses them. It returns store.ErrNotFound when
// there is none.
func DeleteExample(ctx context.Context, st *store.Store) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := must(ctx, accounts.CoursesDelete); err != nil {
			return err
		}
		p, c, err := lockExample(ctx, tx)
		if err != nil {
			return err
		}
		for _, sql := range []string{
			"DELETE FROM mails WHERE booking_id IN (SELECT id FROM bookings WHERE course_id = ?)",
			"DELETE FROM bookings WHERE course_id = ?",
			"DELETE FROM courses WHERE id = ?",
		} {
			if _, err := tx.NewRaw(sql, c.ID).Exec(ctx); err != nil {
				return err
			}
		}
		if err := audit.Write(ctx, tx, catalog.SubjectCourse, c.ID, "course.deleted", audit.Change{Field: "name", Old: c.Name}); err != nil {
			return err
		}
		if err := removeUnused(ctx, tx, catalog.SubjectCourseType, c.CourseTypeID, `DELETE FROM course_types ct WHERE id = ?
			AND NOT EXISTS (SELECT FROM courses WHERE course_type_id = ct.id) RETURNING name`); err != nil {
			return err
		}
		if p.ExampleLocationID == nil {
			return nil
		}
		return removeUnused(ctx, tx, catalog.SubjectLocation, *p.ExampleLocationID, `DELETE FROM locations l WHERE id = ?
			AND NOT EXISTS (SELECT FROM courses WHERE location_id = l.id) AND NOT EXISTS (SELECT FROM rooms WHERE location_id = l.id) RETURNING name`)
	})
}

// removeUnused deletes a record by a statement that returns its name, and writes the entry if it did.
func removeUnused(ctx context.Context, tx *store.Tx, subject string, id int64, sql string) error {
	var names []string
	if err := tx.NewRaw(sql, id).Scan(ctx, &names); err != nil || len(names) == 0 {
		return err
	}
	return audit.Write(ctx, tx, subject, id, subject+".deleted", audit.Change{Field: "name", Old: names[0]})
}

// LoadExample is the example course, and how many bookings it has; nil when there is none.
func LoadExample(ctx context.Context, r store.Reader, p *Progress) (*catalog.Course, int, error) {
	if p.ExampleCourseID == nil {
		return nil, 0, nil
	}
	c, err := catalog.LoadCourse(ctx, r, *p.ExampleCourseID)
	if err != nil {
		return nil, 0, err
	}
	var bookings int
	return c, bookings, r.NewRaw("SELECT count(*) FROM bookings WHERE course_id = ?", c.ID).Scan(ctx, &bookings)
}
