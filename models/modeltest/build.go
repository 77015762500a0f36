package modeltest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"kurso/models/accounts"
	"kurso/models/catalog"
	"kurso/models/notify"
	"kurso/models/store"
)

var serial atomic.Int64

// CourseOption changes the course before it is written.
type CourseOption func(*catalog.Course)

// Places sets the maximum.
func Places(n int) CourseOption { return func(c *catalog.Course) { c.MaxPlaces = &n } }

// MustCreateCourse writes a published course of 10 places that begins in 30 days, with two sessions and a
// price of 82,80 €. c.PriceTiers and c.Sessions are filled.
func (w *World) MustCreateCourse(t testing.TB, opts ...CourseOption) *catalog.Course {
	t.Helper()
	n := serial.Add(1)
	now := w.Now()
	start := time.Date(now.Year(), now.Month(), now.Day()+30, 0, 0, 0, 0, time.UTC)
	end := start.AddDate(0, 0, 7)
	places := 10
	c := &catalog.Course{
		Number: fmt.Sprintf("T%04d", n), Name: fmt.Sprintf("Kurs %d", n), State: catalog.Published,
		Delivery: catalog.OnSite, StartDate: &start, EndDate: &end, MaxPlaces: &places,
		TargetGroups: []string{}, Keywords: []string{}, Version: 1, CreatedAt: now, UpdatedAt: now,
	}
	for _, o := range opts {
		o(c)
	}
	zone, _ := time.LoadLocation("Europe/Berlin")
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		ct := &catalog.CourseType{Name: c.Name, Version: 1, CreatedAt: now, UpdatedAt: now}
		if _, err := tx.NewInsert().Model(ct).Exec(ctx); err != nil {
			return err
		}
		c.CourseTypeID = ct.ID
		if _, err := tx.NewInsert().Model(c).Exec(ctx); err != nil {
			return err
		}
		if c.StartDate != nil {
			for i := range 2 {
				d := c.StartDate.AddDate(0, 0, 7*i)
				from := time.Date(d.Year(), d.Month(), d.Day(), 18, 30, 0, 0, zone)
				c.Sessions = append(c.Sessions, &catalog.Session{CourseID: c.ID, StartsAt: from, EndsAt: from.Add(150 * time.Minute)})
			}
			if _, err := tx.NewInsert().Model(&c.Sessions).Exec(ctx); err != nil {
				return err
			}
		}
		c.PriceTiers = []*catalog.PriceTier{
			{CourseID: c.ID, Name: "Normalpreis", AmountCents: 8280, Currency: "EUR", Position: 1},
			{CourseID: c.ID, Name: "ermäßigt", AmountCents: 4700, Currency: "EUR", Position: 2},
		}
		_, err := tx.NewInsert().Model(&c.PriceTiers).Exec(ctx)
		return err
	})
	return c
}

// MustCreateUser writes an active user with the ready roles of these keys. The password hash fits no password.
func (w *World) MustCreateUser(t testing.TB, name string, roles ...string) *accounts.User {
	t.Helper()
	u := &accounts.User{Kind: accounts.Staff, Version: 1, Email: fmt.Sprintf("user%d@example.org", serial.Add(1)), Name: name, PasswordHash: "-", Locale: "de", Active: true, CreatedAt: w.Now()}
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.NewInsert().Model(u).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewRaw("INSERT INTO user_roles (user_id, role_id) SELECT ?, id FROM roles WHERE key IN (?)", u.ID, bun.List(roles)).Exec(ctx)
		return err
	})
	return u
}

// MustBeResponsible makes users look after a course.
func (w *World) MustBeResponsible(t testing.TB, c *catalog.Course, users ...*accounts.User) {
	t.Helper()
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		for _, u := range users {
			if _, err := tx.NewInsert().Model(&catalog.CourseStaff{CourseID: c.ID, UserID: u.ID}).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// MustNotify tells staff of what has happened so far, as a worker does.
func (w *World) MustNotify(t testing.TB) {
	t.Helper()
	if err := notify.WorkOff(t.Context(), w.Store); err != nil {
		t.Fatal(err)
	}
}
