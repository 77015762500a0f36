package booking_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"kurso/models/accounts"
	"kurso/models/booking"
	"kurso/models/modeltest"
	"kurso/models/store"
)

// named makes the participants of a form these people; the last one has an address of their own.
func named(people ...string) modeltest.BookingOption {
	return func(in *booking.Input) {
		in.Participants = nil
		for _, p := range people {
			first, last, _ := strings.Cut(p, " ")
			in.Participants = append(in.Participants, booking.ParticipantInput{FirstName: first, LastName: last})
		}
	}
}

func TestAttendees(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c, other := w.MustCreateCourse(t, modeltest.Places(4)), w.MustCreateCourse(t)
	b := w.MustConfirm(t, w.MustRequest(t, c, named("Zoë Álvarez", "Anna álvarez", "Ömer Oz")))
	w.MustConfirm(t, w.MustRequest(t, other, named("Fremde Person")))
	w.MustRequest(t, c, named("Nie Bestätigt"))
	w.MustConfirm(t, w.MustRequest(t, c, named("Wartet Noch", "Wartet Auch"), modeltest.Wait))
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE participants SET email = 'oz@example.org' WHERE booking_id = ? AND position = 3", b.ID).Exec(ctx)
		return err
	})
	names := func(list []*booking.Attendee) (out []string) {
		for _, a := range list {
			out = append(out, a.Name())
		}
		return out
	}
	want := []string{"álvarez, Anna", "Álvarez, Zoë", "Oz, Ömer"}
	list, contact, err := booking.Attendees(t.Context(), w, c.ID)
	if err != nil || !contact || !slices.Equal(names(list), want) {
		t.Fatalf("%v, %t, %v", names(list), contact, err)
	}
	if a := list[0]; a.Email != b.Email || a.Phone != b.Phone || a.BookingID != b.ID {
		t.Errorf("%+v", a)
	}
	if a := list[2]; a.Email != "oz@example.org" {
		t.Errorf("%+v", a)
	}

	u := w.MustCreateUser(t, "Ada", "instructor")
	grants, err := accounts.LoadGrants(t.Context(), w, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	ctx := accounts.WithGrants(t.Context(), grants)
	if _, _, err := booking.Attendees(ctx, w, c.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("somebody else's course: %v", err)
	}
	w.MustBeResponsible(t, c, u)
	list, contact, err = booking.Attendees(ctx, w, c.ID)
	if err != nil || contact || !slices.Equal(names(list), want) {
		t.Fatalf("%v, %t, %v", names(list), contact, err)
	}
	if *list[0] != (booking.Attendee{FirstName: "Anna", LastName: "álvarez"}) {
		t.Errorf("more than the name: %+v", list[0])
	}
	nobody := accounts.WithGrants(t.Context(), accounts.Grants{UserID: u.ID})
	if _, _, err := booking.Attendees(nobody, w, c.ID); !errors.Is(err, store.ErrForbidden) {
		t.Errorf("without the permission: %v", err)
	}
}

// One course's participants are found by indexes, however many bookings there are.
func TestAttendeesUseIndexes(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	w.MustConfirm(t, w.MustRequest(t, c))
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		for _, sql := range []string{
			`INSERT INTO courses (course_type_id, number, name, state, delivery, created_at, updated_at)
				SELECT course_type_id, 'X' || n, name, state, delivery, created_at, updated_at FROM courses, generate_series(1, 500) n`,
			`INSERT INTO bookings (course_id, state, places, total_cents, first_name, last_name, email, form_nonce, verify_nonce, verify_hash, verify_expires_at,
				verify_sent_at, manage_nonce, manage_hash, requested_at, confirmed_at, updated_at)
				SELECT c.id, 'CONFIRMED', 1, 0, 'A', 'B', 'a@example.org', c.id || '-' || n, 'n', sha256((c.id || '-' || n)::bytea), now(), now(), 'n', sha256((c.id || '+' || n)::bytea), now(), now(), now()
				FROM courses c, generate_series(1, 10) n`,
			`INSERT INTO participants (booking_id, position, first_name, last_name, amount_cents) SELECT id, 9, 'A', 'B', 0 FROM bookings`,
			"ANALYZE bookings", "ANALYZE participants",
		} {
			if _, err := tx.NewRaw(sql).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	var lines []string
	err := w.NewRaw(`EXPLAIN SELECT par.last_name FROM bookings b JOIN participants par ON par.booking_id = b.id
		WHERE b.course_id = ? AND b.state = 'CONFIRMED' ORDER BY fold(par.last_name)`, c.ID).Scan(t.Context(), &lines)
	if err != nil {
		t.Fatal(err)
	}
	plan := strings.Join(lines, "\n")
	if strings.Contains(plan, "Seq Scan") || !strings.Contains(plan, "participants_booking_id_position_key") {
		t.Error(plan)
	}
}
