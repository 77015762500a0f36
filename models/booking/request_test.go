package booking_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"kurso/locales"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/modeltest"
	"kurso/models/store"
)

func count(t *testing.T, w *modeltest.World, sql string, args ...any) int {
	t.Helper()
	var n int
	if err := w.NewRaw(sql, args...).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// fieldErrors lists "field key" of a *store.ValidationError, and checks that each key has a sentence that
// takes its arguments.
func fieldErrors(t *testing.T, err error) []string {
	t.Helper()
	var invalid *store.ValidationError
	if !errors.As(err, &invalid) {
		t.Fatalf("error is %v, want a ValidationError", err)
	}
	var out []string
	for _, f := range invalid.Fields {
		for _, lang := range locales.Supported {
			sentence := locales.T(locales.With(t.Context(), lang), f.Key, f.Args...)
			if sentence == f.Key || strings.Contains(sentence, "<no value>") {
				t.Errorf("%s in %s: %q", f.Key, lang, sentence)
			}
		}
		out = append(out, f.Field+" "+f.Key)
	}
	return out
}

func TestRequestNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	other := w.MustCreateCourse(t)
	for name, tc := range map[string]struct {
		change func(*booking.Input)
		want   string
	}{
		"no names":             {func(in *booking.Input) { in.FirstName, in.LastName = " ", "\x00\t" }, "first_name error.first_name.required, last_name error.last_name.required"},
		"no e-mail":            {func(in *booking.Input) { in.Email = "" }, "email error.email.required"},
		"e-mail without a dot": {func(in *booking.Input) { in.Email = "me@localhost" }, "email error.email.invalid"},
		"two e-mails":          {func(in *booking.Input) { in.Email = "a@example.org, b@example.org" }, "email error.email.invalid"},
		"e-mail with a name":   {func(in *booking.Input) { in.Email = "A <a@example.org>" }, "email error.email.invalid"},
		"header injection":     {func(in *booking.Input) { in.Email = "a@example.org\r\nBcc: b@example.org" }, "email error.email.invalid"},
		"NUL in an e-mail":     {func(in *booking.Input) { in.Email = "a\x00@example.org" }, "email error.email.invalid"},
		"no UTF-8 e-mail":      {func(in *booking.Input) { in.Email = "a\xff@example.org" }, "email error.email.invalid"},
		"address literal":      {func(in *booking.Input) { in.Email = "a@[127.0.0.1]" }, "email error.email.invalid"},
		"long e-mail":          {func(in *booking.Input) { in.Email = "a@" + strings.Repeat("b.", 130) + "de" }, "email error.email.invalid"},
		"long texts": {func(in *booking.Input) {
			in.FirstName, in.Note = strings.Repeat("ä", 101), strings.Repeat("n", 2001)
		}, "first_name error.first_name.too_long, note error.note.too_long"},
		"nobody":   {func(in *booking.Input) { in.Participants = nil }, "participants error.participants.required"},
		"too many": {func(in *booking.Input) { modeltest.For(11)(in) }, "participants error.participants.too_many"},
		"participant": {func(in *booking.Input) {
			modeltest.For(2)(in)
			in.Participants[1] = booking.ParticipantInput{Email: "x"}
		}, "participants.1.first_name error.first_name.required, participants.1.last_name error.last_name.required, participants.1.email error.email.invalid"},
		"foreign price":    {func(in *booking.Input) { in.Participants[0].PriceTierID = other.PriceTiers[0].ID }, "participants.0.price_tier error.price_tier.unknown"},
		"no bill address":  {func(in *booking.Input) { in.Street, in.Zip, in.Town = "", "", "" }, "street error.street.required, zip error.zip.required, town error.town.required"},
		"empty payer":      {func(in *booking.Input) { in.Payer = &booking.PayerInput{} }, "payer.name error.payer_name.required"},
		"payer, no street": {func(in *booking.Input) { in.Payer = &booking.PayerInput{Name: "Firma", Zip: "1", Town: "Ort"} }, "payer.street error.street.required"},
		"another total":    {func(in *booking.Input) { seen := int64(1); in.SeenTotalCents = &seen }, " error.booking.price_changed"},
	} {
		in := modeltest.BookingInput(c)
		tc.change(&in)
		_, err := booking.Request(t.Context(), w.Store, in)
		equal(t, name, strings.Join(fieldErrors(t, err), ", "), tc.want)
	}
	equal(t, "bookings", count(t, w, "SELECT count(*) FROM bookings"), 0)
	equal(t, "mails", count(t, w, "SELECT count(*) FROM mails"), 0)

	small := w.MustCreateCourse(t, modeltest.Places(3))
	_, err := booking.Request(t.Context(), w.Store, modeltest.BookingInput(small, modeltest.For(4), modeltest.Wait))
	equal(t, "more than there are", strings.Join(fieldErrors(t, err), ", "), "participants error.participants.too_many")
}

func TestRequestCleansWhatPeopleType(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	b := w.MustRequest(t, w.MustCreateCourse(t), func(in *booking.Input) {
		in.FirstName = "  Anna\r\n Lena\x00\u202e "
		in.LastName = "Mül\xffler"
		in.Email = " Anna.Lena@MÜLLER.example "
		in.Note = "Zeile 1\r\nZeile 2\x00\x1b"
		in.Locale = "fr"
		in.Country = "'); DROP TABLE bookings; -- ?0 $1"
		in.Payer = &booking.PayerInput{Name: "Amt für\nAlles", Street: "Weg 1", Zip: "1", Town: "Ort"}
	})
	equal(t, "first name", b.FirstName, "Anna Lena")
	equal(t, "last name", b.LastName, "Müller")
	equal(t, "e-mail", b.Email, "Anna.Lena@xn--mller-kva.example")
	equal(t, "note", b.Note, "Zeile 1\nZeile 2")
	equal(t, "locale", b.Locale, "de")
	equal(t, "country", b.Country, "'); DROP TABLE bookings; -- ?0 $1")
	equal(t, "payer", b.PayerName, "Amt für Alles")
}

func TestRequestAsksTheCourse(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	draft := w.MustCreateCourse(t, func(c *catalog.Course) { c.State = catalog.Draft })
	_, err := booking.Request(t.Context(), w.Store, modeltest.BookingInput(draft))
	refusedBy(t, err, booking.KeyNotOffered)

	later := w.Now().Add(time.Hour)
	c := w.MustCreateCourse(t, modeltest.Places(3), func(c *catalog.Course) { c.BookingOpensAt = &later })
	_, err = booking.Request(t.Context(), w.Store, modeltest.BookingInput(c))
	refusedBy(t, err, booking.KeyNotOpenYet)
	w.Clock.Advance(time.Hour)
	w.MustRequest(t, c)

	_, err = booking.Request(t.Context(), w.Store, modeltest.BookingInput(c, modeltest.For(3)))
	equal(t, "places still free", refusedBy(t, err, booking.KeyNotEnough)[1], any(2))
	equal(t, "full", booking.IsFull(err), true)
	w.MustConfirm(t, w.MustRequest(t, c, modeltest.For(2)))
	_, err = booking.Request(t.Context(), w.Store, modeltest.BookingInput(c))
	refusedBy(t, err, booking.KeyFull)

	w.Clock.Set(c.Sessions[0].StartsAt)
	_, err = booking.Request(t.Context(), w.Store, modeltest.BookingInput(c))
	refusedBy(t, err, booking.KeyClosed)
	_, err = booking.Request(t.Context(), w.Store, modeltest.BookingInput(&catalog.Course{ID: 12345}))
	equal(t, "unknown course", errors.Is(err, store.ErrNotFound), true)
}

func TestPlacesTakenElsewhereAreTaken(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t, modeltest.Places(3), func(c *catalog.Course) { c.PlacesTakenElsewhere = 3 })
	_, err := booking.Request(t.Context(), w.Store, modeltest.BookingInput(c))
	refusedBy(t, err, booking.KeyFull)
	unknown := w.MustCreateCourse(t, modeltest.Places(1), func(c *catalog.Course) { c.PlacesTakenElsewhere = -1 })
	w.MustRequest(t, unknown)
	_, err = booking.Request(t.Context(), w.Store, modeltest.BookingInput(unknown))
	refusedBy(t, err, booking.KeyFull)
}

func TestACourseWithoutPricesCostsNothing(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t, func(c *catalog.Course) { c.MaxPlaces = nil })
	mustExec(t, w, "UPDATE price_tiers SET archived = true WHERE course_id = ?", c.ID)
	b := w.MustRequest(t, c, func(in *booking.Input) { in.Street, in.Zip, in.Town = "", "", "" })
	equal(t, "total", b.TotalCents, 0)
	equal(t, "held", b.HoldExpiresAt != nil, true)
}

func TestTheSameFormIsTheSameBooking(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t, modeltest.Places(2))
	in := modeltest.BookingInput(c)
	in.FormNonce = "the same"
	tokens := make([]string, 20)
	inParallel(len(tokens), func(i int) {
		r, err := booking.Request(t.Context(), w.Store, in)
		if err != nil {
			t.Error(err)
			return
		}
		tokens[i] = r.Token
	})
	for _, token := range tokens {
		equal(t, "receipt", token, tokens[0])
	}
	for what, table := range map[string]string{"bookings": "bookings", "participants": "participants", "mails": "mails", "jobs": "river_job", "entries": "audit_entries"} {
		equal(t, what, count(t, w, "SELECT count(*) FROM "+table), 1)
	}

	// also after an hour, when the course has become full
	w.Clock.Advance(30 * time.Minute)
	w.MustConfirm(t, w.MustRequest(t, c))
	r, err := booking.Request(t.Context(), w.Store, in)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "receipt later", r.Token, tokens[0])

	// with a corrected address it would go to the wrong one
	corrected := in
	corrected.Email = "other@example.org"
	_, err = booking.Request(t.Context(), w.Store, corrected)
	equalList(t, "another address", fieldErrors(t, err), " error.booking.already_sent")
	// the nonce of another course's form
	in.CourseID = w.MustCreateCourse(t).ID
	_, err = booking.Request(t.Context(), w.Store, in)
	equal(t, "another course", err, store.ErrConflict)
}

func TestNobodyBlocksACourse(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	held := func(b *booking.Booking) bool { return b.HoldExpiresAt != nil }

	share := w.MustCreateCourse(t, modeltest.Places(5)) // half of them, rounded up: 3
	equal(t, "first two", held(w.MustRequest(t, share, modeltest.For(2))), true)
	equal(t, "two more would be four", held(w.MustRequest(t, share, modeltest.For(2))), false)
	equal(t, "the third", held(w.MustRequest(t, share)), true)
	equal(t, "taken", placesOf(t, w, share).Taken, 3)
	for range 3 {
		equal(t, "a fourth is accepted, but not held", held(w.MustRequest(t, share)), false)
	}

	sameEmail := func(in *booking.Input) { in.Email = "same@example.org" }
	shouted := func(in *booking.Input) { in.Email = "SAME@example.org" }
	for range 5 {
		equal(t, "one of five by one address", held(w.MustRequest(t, w.MustCreateCourse(t), sameEmail)), true)
	}
	equal(t, "the sixth", held(w.MustRequest(t, w.MustCreateCourse(t), shouted)), false)
	w.Clock.Advance(time.Hour)
	equal(t, "when the others have ended", held(w.MustRequest(t, w.MustCreateCourse(t), sameEmail)), true)

	sameNetwork := func(in *booking.Input) { in.Network = "192.0.2.1" }
	c := w.MustCreateCourse(t, modeltest.Places(1000))
	for range 20 {
		equal(t, "one of twenty from one network", held(w.MustRequest(t, c, sameNetwork)), true)
	}
	b := w.MustRequest(t, c, sameNetwork)
	equal(t, "the next", held(b), false)
	equal(t, "but it is a booking all the same", w.MustConfirm(t, b).State, booking.Confirmed)
}

func TestForm(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	token := booking.NewForm(w.Store, 7)
	_, err := booking.OpenForm(w.Store, token, 7)
	equalList(t, "at once", fieldErrors(t, err), " error.booking.form_too_fast")
	w.Clock.Advance(3 * time.Second)
	nonce, err := booking.OpenForm(w.Store, token, 7)
	equal(t, "error", err, nil)
	again, _ := booking.OpenForm(w.Store, token, 7)
	equal(t, "nonce", again, nonce)
	equal(t, "nonce's length", len(nonce) >= 22, true)
	for name, forged := range map[string]string{"another course": booking.NewForm(w.Store, 8), "nothing": "", "forged": token + "x", "a receipt": booking.DecoyReceipt(w.Store, 7, 60).Token} {
		_, err = booking.OpenForm(w.Store, forged, 7)
		equalList(t, name, fieldErrors(t, err), " error.booking.form_expired")
	}
	w.Clock.Advance(2 * time.Hour)
	_, err = booking.OpenForm(w.Store, token, 7)
	equalList(t, "two hours later", fieldErrors(t, err), " error.booking.form_expired")
}

func TestRequestRollsBackAsAWhole(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	w.AsOwner(t, "ALTER TABLE river_job ADD CONSTRAINT broken CHECK (kind <> 'send_mail')")
	_, err := booking.Request(context.WithoutCancel(t.Context()), w.Store, modeltest.BookingInput(c))
	equal(t, "failed", err != nil, true)
	for _, table := range []string{"bookings", "participants", "mails", "audit_entries"} {
		equal(t, table, count(t, w, "SELECT count(*) FROM "+table), 0)
	}
}
