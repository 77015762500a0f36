// Package demo fills an empty database with a small adult-education centre: places, courses dated around
// today, and the bookings of the last weeks. Everything in it is invented.
package demo

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/notify"
	"kurso/models/outbox"
	"kurso/models/store"
)

// The demo sign-ins: of an administrator, of somebody who teaches, and the password of all accounts. They
// exist in databases that Load filled only.
const (
	Email           = "demo@kurso.example"
	InstructorEmail = "kursleitung@kurso.example"
	Password        = "kurso-demo"
)

// weeks is how far back the bookings go.
const weeks = 8

// Load fills the database, once: it does nothing where there is a course already. Mails that it causes are
// kept, never sent. It is not safe for two processes at once.
func Load(ctx context.Context, st *store.Store) error {
	var filled bool
	if err := st.NewRaw("SELECT EXISTS (SELECT FROM courses)").Scan(ctx, &filled); err != nil || filled {
		return err
	}
	// a thousand commits that each wait for the disk would take a slow one half a minute
	st, err := st.Hasty(ctx)
	if err != nil {
		return err
	}
	defer st.Close()
	user, err := account(ctx, st, Email, "Erika Beispiel", accounts.Administration)
	if err != nil {
		return err
	}
	ctx = store.WithActor(ctx, store.Actor{Kind: "user", UserID: user.ID})
	p, err := provider(ctx, st)
	if err != nil {
		return err
	}
	if err := wishes(ctx, st, user); err != nil {
		return err
	}
	// the programme was made before the first booking
	earlier := *st
	earlier.Clock = store.NewTestClock(st.Now().AddDate(0, 0, -7*(weeks+2)))
	teacher, err := colleagues(ctx, &earlier)
	if err != nil {
		return err
	}
	l := &loader{st: &earlier, user: user.ID, teacher: teacher, today: day(st.Now()), rand: rand.New(rand.NewPCG(7, 11)), provider: p}
	if err := l.masters(ctx); err != nil {
		return err
	}
	if err := l.courses(ctx); err != nil {
		return err
	}
	if err := l.bookings(ctx, st); err != nil {
		return err
	}
	if err := l.settle(ctx, st); err != nil {
		return err
	}
	// what seems to be weeks old would be missed in the chain
	for {
		if n, err := audit.Seal(ctx, st, 5000); err != nil || n == 0 {
			return err
		}
	}
}

// settle gives the courses the states of today, and keeps all mails: nobody waits for them.
func (l *loader) settle(ctx context.Context, st *store.Store) error {
	for _, c := range l.made {
		if err := setStates(ctx, st, c.id, c.then); err != nil {
			return err
		}
	}
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.NewRaw("UPDATE mails SET state = ? WHERE state = ?", outbox.Kept, outbox.Queued).Exec(ctx); err != nil {
			return err
		}
		_, err := tx.NewRaw("DELETE FROM river_job WHERE kind = ?", outbox.SendMail{}.Kind()).Exec(ctx)
		return err
	})
}

// account makes one with a ready role; it may be left over from a Load that was cut off.
func account(ctx context.Context, st *store.Store, email, name, role string) (*accounts.User, error) {
	var left []*accounts.User
	if err := st.NewSelect().Model(&left).Where("lower(email) = ?", email).Scan(ctx); err != nil {
		return nil, err
	}
	if len(left) > 0 {
		return left[0], nil
	}
	return accounts.Create(ctx, st, email, name, Password, role)
}

// colleagues makes the other accounts, and returns the id of the first instructor's.
func colleagues(ctx context.Context, st *store.Store) (teacher int64, err error) {
	for _, s := range staff {
		u, err := account(ctx, st, s.email, s.name, s.role)
		if err != nil {
			return 0, err
		}
		if s.email == InstructorEmail {
			teacher = u.ID
		}
		if s.gone {
			if err := accounts.Deactivate(ctx, st, u.ID); err != nil {
				return 0, err
			}
		}
	}
	return teacher, nil
}

func provider(ctx context.Context, st *store.Store) (*catalog.Provider, error) {
	p, err := catalog.LoadProvider(ctx, st)
	if err != nil {
		return nil, err
	}
	profile, legal, rules := catalog.ProfileInputOf(p), catalog.LegalInputOf(p), catalog.BookingInputOf(p)
	profile.Name, profile.Kind = "Volkshochschule Lindenau", catalog.AdultEducation
	profile.Email, profile.Phone = "info@vhs-lindenau.example", "06699 1234-0"
	profile.Street, profile.Zip, profile.Town = "Marktplatz 3", "36999", "Lindenau"
	legal.ImprintURL, legal.PrivacyURL = "https://vhs-lindenau.example/impressum", "https://vhs-lindenau.example/datenschutz"
	legal.TermsURL, legal.WithdrawalURL = "https://vhs-lindenau.example/agb", "https://vhs-lindenau.example/widerruf"
	rules.VATNote = "umsatzsteuerfrei nach § 4 Nr. 22 UStG"
	for _, in := range []catalog.SettingsInput{profile, legal, rules} {
		if err := catalog.SaveSettings(ctx, st, in); err != nil {
			return nil, err
		}
	}
	return p, nil
}

type loader struct {
	st   *store.Store
	user int64
	// teacher is the account of the first instructor.
	teacher int64
	today   time.Time // midnight, UTC
	rand    *rand.Rand
	// provider has the rules that hold, with its old name.
	provider *catalog.Provider

	categories  map[string]int64
	locations   []int64
	rooms       [][]int64
	instructors []int64
	// made are the courses that took bookings, popular those that fill up.
	made    []madeCourse
	popular []int64
}

type madeCourse struct {
	id     int64
	starts time.Time // at the earliest
	// then are the states that follow when its bookings are made.
	then []string
}

func day(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }

func id(n int64) string { return strconv.FormatInt(n, 10) }

func (l *loader) masters(ctx context.Context) error {
	l.categories = map[string]int64{}
	for i, c := range categories {
		made, err := catalog.SaveCategory(ctx, l.st, 0, catalog.CategoryInput{Code: c.code, Name: c.name, Position: strconv.Itoa(i + 1)})
		if err != nil {
			return err
		}
		l.categories[c.code] = made
	}
	for _, p := range locations {
		in := catalog.LocationInput{Name: p.name, Street: p.street, Zip: p.zip, Town: p.town, Country: "Deutschland", Accessible: p.accessible}
		for _, r := range p.rooms {
			in.Rooms = append(in.Rooms, catalog.RoomInput{Name: r})
		}
		made, err := catalog.SaveLocation(ctx, l.st, 0, in)
		if err != nil {
			return err
		}
		stored, err := catalog.LoadLocation(ctx, l.st, made)
		if err != nil {
			return err
		}
		ids := make([]int64, len(p.rooms))
		for _, r := range stored.Rooms {
			ids[slices.Index(p.rooms, r.Name)] = r.ID
		}
		l.locations, l.rooms = append(l.locations, made), append(l.rooms, ids)
	}
	for n, i := range instructors {
		in := catalog.InstructorInput{Title: i.title, FirstName: i.first, LastName: i.last, Published: true}
		if n == 0 {
			in.Account = id(l.teacher)
		}
		made, err := catalog.SaveInstructor(ctx, l.st, 0, in)
		if err != nil {
			return err
		}
		l.instructors = append(l.instructors, made)
	}
	return nil
}

func (l *loader) courses(ctx context.Context) error {
	n := 0
	for _, o := range offers {
		courseType, err := catalog.SaveCourseType(ctx, l.st, 0, catalog.CourseTypeInput{Name: o.name, Category: id(l.categories[o.category]), Description: o.text})
		if err != nil {
			return err
		}
		for _, start := range o.starts {
			n++
			made, err := catalog.CreateCourse(ctx, l.st, l.course(&o, courseType, start, n))
			if err != nil {
				return fmt.Errorf("%s: %w", o.name, err)
			}
			if err := l.setState(ctx, made, start, o.weeks, n); err != nil {
				return fmt.Errorf("%s: %w", o.name, err)
			}
		}
	}
	return nil
}

func (l *loader) course(o *offer, courseType int64, start, n int) catalog.CourseInput {
	first := l.today.AddDate(0, 0, 7*start)
	first = first.AddDate(0, 0, (o.weekday-int(first.Weekday())+7)%7)
	last := first.AddDate(0, 0, 7*(o.weeks-1))
	in := catalog.CourseInput{
		CourseType: catalog.Pick(o.name, courseType), Number: fmt.Sprintf("%s%03d-%02d", o.category, n, first.Year()%100),
		Name: o.name, Subtitle: o.subtitle, Description: o.text, Level: o.level, Delivery: catalog.OnSite,
		StartDate: first.Format(time.DateOnly), EndDate: last.Format(time.DateOnly), MinPlaces: o.min, MaxPlaces: o.places,
		TakenElsewhere: "0", Instructors: []string{catalog.Pick(instructorName(o.teacher), l.instructors[o.teacher])},
	}
	if n%3 != 0 {
		in.Staff = []string{id(l.user)}
	}
	room := ""
	if o.place < 0 {
		in.Delivery = catalog.Online
	} else {
		in.Location = id(l.locations[o.place])
		room = id(l.rooms[o.place][o.room])
	}
	for w := range o.weeks {
		in.Sessions = append(in.Sessions, catalog.SessionInput{Date: first.AddDate(0, 0, 7*w).Format(time.DateOnly), From: o.from, To: o.to, Room: room})
	}
	in.Prices = []catalog.PriceInput{{Name: "Normalpreis", Amount: o.price}}
	if o.reduced != "" {
		in.Prices = append(in.Prices, catalog.PriceInput{Name: "ermäßigt", Amount: o.reduced, Note: "mit Nachweis"})
	}
	return in
}

func instructorName(i int) string {
	t := instructors[i]
	if t.title != "" {
		return t.title + " " + t.first + " " + t.last
	}
	return t.first + " " + t.last
}

// setState publishes most courses; some stay drafts or are planned. Those that have begun by now, are over
// or were called off took bookings before, and get those states when these have been made.
func (l *loader) setState(ctx context.Context, course int64, start, weeks, n int) error {
	c := madeCourse{id: course, starts: l.today.AddDate(0, 0, 7*start)}
	first := []string{catalog.Planned, catalog.Published}
	switch {
	case start > 9 && n%2 == 0:
		return nil
	case start > 8:
		first = first[:1]
	case start < 0 && start+weeks <= 0:
		c.then = []string{catalog.Running, catalog.Finished}
	case start < 0:
		c.then = []string{catalog.Running}
	case n%17 == 0:
		c.then = []string{catalog.CalledOff}
	}
	if len(first) == 2 {
		l.made = append(l.made, c)
		if start > 0 && len(c.then) == 0 && len(l.popular) < 2 {
			l.popular = append(l.popular, course)
		}
	}
	return setStates(ctx, l.st, course, first)
}

// setStates moves a course through states, as far as it can go.
func setStates(ctx context.Context, st *store.Store, course int64, states []string) error {
	for _, s := range states {
		c, err := catalog.LoadCourse(ctx, st, course)
		if err != nil {
			return err
		}
		if !slices.Contains(catalog.NextStates(c.State), s) {
			continue
		}
		if err := catalog.SetState(ctx, st, course, strconv.Itoa(c.Version), s); err != nil {
			return err
		}
	}
	return nil
}

// bookings take the places of courses day by day, as applicants did it: most verify at once,
// some never, a few cancel. Two courses fill up and get people who wait.
func (l *loader) bookings(ctx context.Context, st *store.Store) error {
	now := st.Now()
	clock := store.NewTestClock(now)
	then := *st
	then.Clock = clock
	var moments []time.Time
	for d := weeks * 7; d >= 0; d-- {
		for range 2 + l.rand.IntN(7) {
			at := now.AddDate(0, 0, -d).Add(-time.Duration(l.rand.IntN(10*60)) * time.Minute)
			moments = append(moments, at.Add(-3*time.Hour))
		}
	}
	// people who came too late to verify, and two who still can
	moments = append(moments, now.Add(-25*time.Minute), now.Add(-8*time.Minute))
	slices.SortFunc(moments, func(a, b time.Time) int { return cmp.Compare(a.UnixNano(), b.UnixNano()) })
	var told time.Time
	for i, at := range moments {
		// the digests of a day are written early in the morning
		if morning := day(at).Add(6*time.Hour + 10*time.Minute); morning.After(told) && !at.Before(morning) {
			told = morning
			clock.Set(morning)
			if err := tell(ctx, &then); err != nil {
				return err
			}
		}
		clock.Set(at)
		if err := l.book(ctx, &then, i, i >= len(moments)-2); err != nil {
			return err
		}
		if err := notify.WorkOff(ctx, &then); err != nil {
			return err
		}
	}
	clock.Set(now)
	for {
		n, err := booking.ExpireHolds(ctx, &then, 100)
		if err != nil {
			return err
		}
		if n == 0 {
			return tell(ctx, &then)
		}
	}
}

func (l *loader) book(ctx context.Context, st *store.Store, i int, recent bool) error {
	course := l.popular[i/6%2]
	if i%6 != 0 {
		open := slices.DeleteFunc(slices.Clone(l.made), func(c madeCourse) bool { return !c.starts.After(st.Now()) })
		course = open[l.rand.IntN(len(open))].id
	}
	first, last := firstNames[l.rand.IntN(len(firstNames))], lastNames[l.rand.IntN(len(lastNames))]
	town := towns[l.rand.IntN(len(towns))]
	in := booking.Input{
		CourseID: course, FormNonce: store.Nonce(), Locale: "de", Network: fmt.Sprintf("198.51.100.%d", i%250),
		FirstName: first, LastName: last, Email: fmt.Sprintf("%s.%d@example.org", []string{"post", "mail", "kontakt"}[i%3], i),
		Phone: fmt.Sprintf("06699 %d", 10000+l.rand.IntN(80000)), Street: fmt.Sprintf("Lindenallee %d", 1+l.rand.IntN(90)), Zip: town.zip, Town: town.town,
		Participants: []booking.ParticipantInput{{FirstName: first, LastName: last}}, Waitlist: true,
	}
	if i%7 == 0 {
		in.Participants = append(in.Participants, booking.ParticipantInput{FirstName: firstNames[l.rand.IntN(len(firstNames))], LastName: last})
	}
	if i%11 == 0 {
		in.Payer = &booking.PayerInput{Name: "Muster & Söhne GmbH", Street: "Industriestraße 8", Zip: "36999", Town: "Lindenau"}
	}
	if _, err := booking.Request(ctx, st, in); err != nil {
		return err
	}
	b := &booking.Booking{}
	if err := st.NewSelect().Model(b).Where("form_nonce = ?", in.FormNonce).Scan(ctx); err != nil {
		return err
	}
	if recent || i%13 == 0 {
		return nil
	}
	confirmed, err := booking.Confirm(ctx, st, st.Token(booking.VerifyPurpose, b.ID, b.VerifyNonce))
	if err != nil || i%19 != 0 || !booking.Cancellable(confirmed, l.provider, st.Now()) {
		return err
	}
	_, err = booking.Cancel(ctx, st, st.Token(booking.ManagePurpose, b.ID, b.ManageNonce))
	return err
}

// tell lets staff hear of what has happened up to a moment: at once, or in the digest of the day.
func tell(ctx context.Context, st *store.Store) error {
	if err := notify.CheckMinimum(ctx, st); err != nil {
		return err
	}
	if err := notify.WorkOff(ctx, st); err != nil {
		return err
	}
	return notify.SendDigests(ctx, st)
}

// wishes are what the demo user wants to hear of, beside the defaults.
func wishes(ctx context.Context, st *store.Store, user *accounts.User) error {
	var in notify.Input
	for event, choice := range map[outbox.Event]notify.Choice{
		outbox.EventCancellation: {Scope: notify.Mine, Cadence: notify.Daily}, outbox.EventCourseFull: {Scope: notify.All, Cadence: notify.Daily},
		outbox.EventBelowMinimum: {Scope: notify.Mine, Cadence: notify.Daily}, outbox.EventImport: {Cadence: notify.Now},
	} {
		in.Events = append(in.Events, notify.EventInput{Event: string(event), Scope: choice.Scope, Cadence: choice.Cadence})
	}
	return notify.Save(ctx, st, user, in)
}
