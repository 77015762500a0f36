package admin_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"kurso/handlers/handlertest"
	"kurso/models/audit"
	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/outbox"
	"kurso/models/store"
)

// office is a site with a signed-in user and a provider's everyday records.
type office struct {
	*handlertest.Site
	user       int64
	email      string
	full, open *catalog.Course
	draft      int64
	location   int64
	instructor int64
	category   int64
	waiting    int64
}

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{Site: handlertest.New(t)}
	user := o.SignIn(t)
	o.user, o.email = user.ID, user.Email
	ctx := store.WithActor(t.Context(), store.Actor{Kind: "user", UserID: o.user})
	must := func(id int64, err error) int64 {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	o.category = must(catalog.SaveCategory(ctx, o.Store, 0, catalog.CategoryInput{Code: "4", Name: "Sprachen", Position: "4"}))
	o.location = must(catalog.SaveLocation(ctx, o.Store, 0, catalog.LocationInput{Name: "Haus am Markt", Street: "Marktplatz 1", Zip: "89073", Town: "Ulm",
		Accessible: "yes", Rooms: []catalog.RoomInput{{Name: "Raum 101", Capacity: "20"}, {Name: "Raum 102"}}}))
	o.instructor = must(catalog.SaveInstructor(ctx, o.Store, 0, catalog.InstructorInput{Title: "Dr.", FirstName: "Aylin", LastName: "Demir", Email: "demir@example.org", Published: true}))
	places := 4
	o.full = o.MustCreateCourse(t, modeltest.Places(places), func(c *catalog.Course) {
		c.Number, c.Name = "D1234", "Deutsch als Fremdsprache A1.1: mit Kinderbetreuung am Vormittag"
	})
	o.open = o.MustCreateCourse(t, modeltest.Places(12), func(c *catalog.Course) {
		c.Number, c.Name, c.PlacesTakenElsewhere = "E4001", "Englisch für den Beruf", 2
		low := 6
		c.MinPlaces = &low
		c.Description = "<p>Für alle, die im Beruf <strong>Englisch</strong> brauchen.</p><ul><li>Telefonieren</li><li>Schreiben</li></ul>"
	})
	in := o.form(t, o.open.ID)
	in.Location, in.Instructors, in.Staff = strconv.FormatInt(o.location, 10), []string{"Aylin Demir"}, []string{strconv.FormatInt(o.user, 10)}
	in.Sessions[0].Room = "1"
	in.Subtitle, in.Level, in.TeachingUnits = "Kompaktkurs", "B1", "20"
	if err := catalog.UpdateCourse(ctx, o.Store, o.open.ID, in); err != nil {
		t.Fatal(err)
	}
	o.draft = must(catalog.CreateCourse(ctx, o.Store, catalog.CourseInput{Name: "Yoga am Morgen", Number: "Y1", MaxPlaces: "10"}))
	o.book(t, o.full, 4, "CONFIRMED", "Mira", "Schmidt")
	o.waiting = o.book(t, o.full, 2, "WAITLISTED", "Jonas", "Weber")
	for i, state := range []string{"CONFIRMED", "REQUESTED", "CANCELLED", "EXPIRED"} {
		o.book(t, o.open, 1+i%2, state, "Kim", "Beispiel "+strconv.Itoa(i))
	}
	return o
}

func (o *office) form(t testing.TB, id int64) catalog.CourseInput {
	t.Helper()
	c, err := catalog.LoadCourse(t.Context(), o.Store, id)
	if err != nil {
		t.Fatal(err)
	}
	p, err := catalog.LoadProvider(t.Context(), o.Store)
	if err != nil {
		t.Fatal(err)
	}
	return catalog.CourseInputOf(c, nil, p.Zone())
}

// book writes a booking with its history and a mail, without the rules of booking.
func (o *office) book(t testing.TB, c *catalog.Course, places int, state, first, last string) (id int64) {
	t.Helper()
	o.Must(t, func(ctx context.Context, tx *store.Tx) error {
		nonce := store.Nonce()
		closed := "NULL"
		if state == "CANCELLED" {
			closed = "now()"
		}
		err := tx.NewRaw(`INSERT INTO bookings (course_id, state, places, total_cents, first_name, last_name, email, phone, form_nonce, verify_nonce, verify_hash,
			verify_expires_at, verify_sent_at, manage_nonce, manage_hash, hold_expires_at, requested_at, confirmed_at, waitlisted_at, closed_at, updated_at)
			VALUES (?0, ?1, ?2, ?3, ?4, ?5, 'person@example.org', '0731 12345', ?6, 'n', ?7, ?8, ?8, 'n', ?7, ?9, ?8, ?8, ?8, `+closed+`, ?8) RETURNING id`,
			c.ID, state, places, int64(places)*8280, first, last, nonce, []byte(nonce), tx.Now(), tx.Now().Add(3600e9)).Scan(ctx, &id)
		if err != nil {
			return err
		}
		for i := range places {
			if _, err := tx.NewRaw(`INSERT INTO participants (booking_id, position, first_name, last_name, price_tier_id, price_name, amount_cents)
				VALUES (?, ?, ?, ?, ?, 'Normalpreis', 8280)`, id, i+1, first, fmt.Sprint(last, " ", i), c.PriceTiers[0].ID).Exec(ctx); err != nil {
				return err
			}
		}
		applicant := store.WithActor(ctx, store.Actor{Kind: "applicant"})
		if err := audit.Write(applicant, tx, "booking", id, "booking.requested"); err != nil {
			return err
		}
		return outbox.Add(ctx, tx, &outbox.Mail{BookingID: &id, Letter: outbox.BookingVerify, Recipient: "person@example.org", Locale: "de"})
	})
	return id
}

// hrefs are where links lead.
func hrefs(_ int, s *goquery.Selection) string { return s.AttrOr("href", "") }
