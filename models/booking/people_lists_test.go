package booking_test

import (
	"context"
	"net/url"
	"slices"
	"testing"
	"time"

	"kurso/models/accounts"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/listing"
	"kurso/models/modeltest"
	"kurso/models/outbox"
	"kurso/models/store"
)

// person is the person of a confirmed booking.
func person(t *testing.T, b *booking.Booking) int64 {
	t.Helper()
	if b.PersonID == nil {
		t.Fatal("the booking has no person")
	}
	return *b.PersonID
}

// by books under somebody's e-mail.
func by(email string) modeltest.BookingOption {
	return func(in *booking.Input) { in.LastName, in.Email = "Beispiel", email }
}

// responsible is ctx for somebody who may see the bookings and mails of one course.
func responsible(t *testing.T, w *modeltest.World, c *catalog.Course) context.Context {
	t.Helper()
	u := w.MustCreateUser(t, "Olga Meier")
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		for _, sql := range []string{
			"INSERT INTO roles (name, reach, created_at, updated_at) VALUES ('Eigene', 'own', now(), now())",
			"INSERT INTO role_permissions SELECT r.id, p FROM roles r, unnest(ARRAY['bookings.read', 'outbox.read']) p WHERE r.name = 'Eigene'",
			"INSERT INTO user_roles (user_id, role_id) SELECT ?0, id FROM roles WHERE name = 'Eigene'",
			"INSERT INTO course_staff (course_id, user_id) VALUES (?1, ?0)",
		} {
			if _, err := tx.NewRaw(sql, u.ID, c.ID).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	g, err := accounts.LoadGrants(t.Context(), w.Store, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	return accounts.WithGrants(t.Context(), g)
}

// found reads the ids that an address finds, and the cells of its rows by column.
func found(t *testing.T, ctx context.Context, w *modeltest.World, l *listing.List, address string) (ids []int64, cells []map[string]any) {
	t.Helper()
	values, err := url.ParseQuery(address)
	if err != nil {
		t.Fatal(err)
	}
	q, err := l.Parse(values, all)
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	p, err := q.Read(ctx, w.Store, time.UTC)
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	if int(p.Count) != len(p.Rows) {
		t.Errorf("%s?%s counts %d and shows %d", l.Name, address, p.Count, len(p.Rows))
	}
	for _, r := range p.Rows {
		row := map[string]any{}
		for i, c := range p.Columns {
			row[c.Key] = r.Cells[i].Value
		}
		ids, cells = append(ids, r.ID), append(cells, row)
	}
	return ids, cells
}

func TestPersonsList(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	mine, other := w.MustCreateCourse(t), w.MustCreateCourse(t)
	anna := person(t, w.MustConfirm(t, w.MustRequest(t, mine, by("anna@example.org"))))
	early := w.Now()
	w.Clock.Advance(3 * 24 * time.Hour)
	last := w.MustConfirm(t, w.MustRequest(t, other, by("anna@example.org")))
	if person(t, last) != anna {
		t.Fatal("the same e-mail is not the same person")
	}
	ben := person(t, w.MustConfirm(t, w.MustRequest(t, other, by("ben@example.org"), func(in *booking.Input) { in.Zip, in.Town, in.LastName = "50667", "Köln", "Zeh" })))
	ids := func(ids ...int64) []int64 { return ids }
	limited := responsible(t, w, mine)
	thatDay, today := early.Format(time.DateOnly), w.Now().Format(time.DateOnly)
	for _, c := range []struct {
		address        string
		all, limitedTo []int64
	}{
		{"", ids(anna, ben), ids(anna)},
		{"sort=-name", ids(ben, anna), ids(anna)},
		{"sort=created_at", ids(anna, ben), ids(anna)},
		{"q=anna@example", ids(anna), ids(anna)},
		{"q=koeln", ids(ben), nil},
		{"q=ze", ids(ben), nil},
		{"town=koeln", ids(ben), nil},
		{"zip=506", ids(ben), nil},
		{"course=" + number(mine.ID), ids(anna), ids(anna)},
		// what lies outside the reach is told neither by a filter nor by its opposite
		{"course=" + number(other.ID), ids(anna, ben), nil},
		{"booked=" + thatDay, ids(anna), ids(anna)},
		{"booked=" + today, ids(anna, ben), nil},
		{"not_booked=" + thatDay, ids(ben), nil},
		{"not_booked=" + today, nil, ids(anna)},
		{"created=" + thatDay, ids(anna), ids(anna)},
	} {
		if got, _ := found(t, t.Context(), w, booking.Persons, c.address); !slices.Equal(got, c.all) {
			t.Errorf("?%s finds %v, want %v", c.address, got, c.all)
		}
		if got, _ := found(t, limited, w, booking.Persons, c.address); !slices.Equal(got, c.limitedTo) {
			t.Errorf("?%s within one course finds %v, want %v", c.address, got, c.limitedTo)
		}
	}
	_, rows := found(t, t.Context(), w, booking.Persons, "q=anna@example")
	if at, ok := rows[0]["last_booking"].(time.Time); rows[0]["bookings"] != int64(2) || !ok || !at.Equal(last.RequestedAt) {
		t.Errorf("all bookings: %v", rows[0])
	}
	_, rows = found(t, limited, w, booking.Persons, "")
	if at, ok := rows[0]["last_booking"].(time.Time); rows[0]["bookings"] != int64(1) || !ok || !at.Before(last.RequestedAt) {
		t.Errorf("bookings within one course: %v", rows[0])
	}
}

func TestParticipantsList(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	mine, other := w.MustCreateCourse(t, modeltest.Places(20)), w.MustCreateCourse(t)
	two := w.MustConfirm(t, w.MustRequest(t, mine, modeltest.For(2), func(in *booking.Input) { in.Participants[1].FirstName = "Zoë" }))
	asked := w.MustRequest(t, mine)
	w.MustConfirm(t, w.MustRequest(t, other))
	limited := responsible(t, w, mine)
	for _, c := range []struct {
		address        string
		all, limitedTo int
	}{
		{"", 4, 3},
		{"state=CONFIRMED", 3, 2},
		{"state=REQUESTED", 1, 1},
		{"course=" + number(other.ID), 1, 0},
		{"q=" + two.LastName, 2, 2},
		{"q=" + url.QueryEscape("zoe muster"), 1, 1},
		{"person=" + number(person(t, two)), 2, 2},
		{"places=2..", 2, 2},
		{"sort=course", 4, 3},
		{"sort=-start_date", 4, 3},
		{"sort=amount", 4, 3},
	} {
		if got, _ := found(t, t.Context(), w, booking.Participants, c.address); len(got) != c.all {
			t.Errorf("?%s finds %d, want %d", c.address, len(got), c.all)
		}
		if got, _ := found(t, limited, w, booking.Participants, c.address); len(got) != c.limitedTo {
			t.Errorf("?%s within one course finds %d, want %d", c.address, len(got), c.limitedTo)
		}
	}
	p := read(t, w, booking.Participants, "state=REQUESTED&columns=name,booking,booker,course")
	cells := p.Rows[0].Cells
	if cells[0].Href != "/admin/bookings/"+number(asked.ID) || cells[1].Value != asked.ID || cells[2].Value != "Erika "+asked.LastName || cells[3].Value != mine.Name {
		t.Errorf("%+v", cells)
	}
}

func TestWaitingList(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	full := w.MustCreateCourse(t, modeltest.Places(2), func(c *catalog.Course) { c.Name = "Zeichnen" })
	open := w.MustCreateCourse(t, modeltest.Places(1), func(c *catalog.Course) { c.Name = "Aquarell" })
	taken := w.MustConfirm(t, w.MustRequest(t, full, modeltest.For(2)))
	w.MustConfirm(t, w.MustRequest(t, open))
	var waiting []int64
	for _, c := range []*catalog.Course{full, open, full} {
		b := w.MustConfirm(t, w.MustRequest(t, c, modeltest.Wait))
		if b.State != booking.Waitlisted {
			t.Fatal(b.State)
		}
		waiting = append(waiting, b.ID)
		w.Clock.Advance(25 * time.Hour)
	}
	limited := responsible(t, w, full)
	check := func(what, address string, all, limitedTo []int64) {
		t.Helper()
		if got, _ := found(t, t.Context(), w, booking.Waiting, address); !slices.Equal(got, all) {
			t.Errorf("%s: ?%s finds %v, want %v", what, address, got, all)
		}
		if got, _ := found(t, limited, w, booking.Waiting, address); !slices.Equal(got, limitedTo) {
			t.Errorf("%s: ?%s within one course finds %v, want %v", what, address, got, limitedTo)
		}
	}
	a, b, c := waiting[0], waiting[1], waiting[2]
	check("oldest first", "", []int64{a, b, c}, []int64{a, c})
	check("each course's queue", "sort=course", []int64{b, a, c}, []int64{a, c})
	check("full", "free=yes", nil, nil)
	_, rows := found(t, t.Context(), w, booking.Waiting, "")
	if rows[0]["days"] != int64(3) || rows[2]["days"] != int64(1) || rows[0]["free"] != int64(0) || rows[0]["places"] != int64(1) {
		t.Errorf("%v", rows)
	}
	if _, err := booking.Cancel(t.Context(), w.Store, w.ManageToken(taken)); err != nil {
		t.Fatal(err)
	}
	check("after a cancellation", "free=yes", []int64{a, c}, []int64{a, c})
	if _, rows := found(t, t.Context(), w, booking.Waiting, ""); rows[0]["free"] != int64(2) {
		t.Errorf("free after a cancellation: %v", rows[0])
	}
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE courses SET max_places = NULL WHERE id = ?", open.ID).Exec(ctx)
		return err
	})
	check("without a maximum", "free=yes", []int64{a, b, c}, []int64{a, c})
	if _, rows := found(t, t.Context(), w, booking.Waiting, ""); rows[1]["free"] != nil {
		t.Errorf("free places of a course without a maximum: %v", rows[1])
	}
}

func TestMailsList(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	mine, other := w.MustCreateCourse(t), w.MustCreateCourse(t)
	b := w.MustRequest(t, mine)
	w.MustRequest(t, other)
	u := w.MustCreateUser(t, "Ida Neu")
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		for _, sql := range []string{
			"UPDATE mails SET state = 'failed' WHERE booking_id = ?0",
			"INSERT INTO mails (user_id, letter, recipient, message_id, created_at, state) VALUES (?1, 'password_reset', 'ida@example.org', 'of-nobody@kurso.mail', ?2, 'retrying')",
		} {
			if _, err := tx.NewRaw(sql, b.ID, u.ID, w.Now()).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	limited := responsible(t, w, mine)
	for _, c := range []struct {
		address        string
		all, limitedTo int
	}{
		{"", 3, 1},
		{"state=failed", 1, 1},
		{"state=retrying", 1, 0},
		{"letter=" + outbox.PasswordReset, 1, 0},
		{"course=" + number(other.ID), 1, 0},
		{"q=" + b.Email, 1, 1},
		{"q=ida@", 1, 0},
		{"sort=recipient", 3, 1},
	} {
		if got, _ := found(t, t.Context(), w, booking.Mails, c.address); len(got) != c.all {
			t.Errorf("?%s finds %d, want %d", c.address, len(got), c.all)
		}
		if got, _ := found(t, limited, w, booking.Mails, c.address); len(got) != c.limitedTo {
			t.Errorf("?%s within one course finds %d, want %d", c.address, len(got), c.limitedTo)
		}
	}
}
