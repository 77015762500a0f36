package desk_test

import (
	"errors"
	"net/url"
	"reflect"
	"slices"
	"testing"
	"time"

	"kurso/models/accounts"
	"kurso/models/desk"
	"kurso/models/modeltest"
	"kurso/models/store"
)

func here(t *testing.T, w *modeltest.World, u *accounts.User, rec desk.Record, editing bool, want ...desk.Other) {
	t.Helper()
	got, err := desk.Here(t.Context(), w.Store, u.ID, rec, editing)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s sees %+v, want %+v", u.Name, got, want)
	}
}

func TestWhoElseIsOnARecord(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	anna, berta, carl := w.MustCreateUser(t, "Anna"), w.MustCreateUser(t, "Berta"), w.MustCreateUser(t, "Carl")
	course := desk.Record{Subject: "course", ID: 7}
	here(t, w, anna, course, false)
	here(t, w, anna, course, false) // nobody sees themselves
	here(t, w, berta, course, true, desk.Other{Name: "Anna"})
	here(t, w, anna, course, false, desk.Other{Name: "Berta", Editing: true})
	here(t, w, carl, course, false, desk.Other{Name: "Berta", Editing: true}, desk.Other{Name: "Anna"})
	here(t, w, carl, desk.Record{Subject: "course", ID: 8}, false)
	here(t, w, carl, desk.Record{Subject: "booking", ID: 7}, false)

	// another window of hers that only shows the course does not take back that she edits
	w.Clock.Advance(30 * time.Second)
	here(t, w, berta, course, false, desk.Other{Name: "Anna"}, desk.Other{Name: "Carl"})
	here(t, w, anna, course, false, desk.Other{Name: "Berta", Editing: true}, desk.Other{Name: "Carl"})

	// the form was closed a minute ago, the other window is still open; Carl is gone
	w.Clock.Advance(30 * time.Second)
	here(t, w, anna, course, false, desk.Other{Name: "Berta"})
	w.Clock.Advance(time.Minute)
	here(t, w, anna, course, false)
}

func TestSweep(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	anna, berta := w.MustCreateUser(t, "Anna"), w.MustCreateUser(t, "Berta")
	rec := desk.Record{Subject: "course", ID: 7}
	here(t, w, anna, rec, false)
	keep(t, w, anna, rec, url.Values{})
	w.Clock.Advance(desk.KeptFor - time.Second)
	here(t, w, berta, rec, false)
	keep(t, w, berta, rec, url.Values{})
	rows := func(presences, drafts int) {
		t.Helper()
		if err := desk.Sweep(t.Context(), w.Store); err != nil {
			t.Fatal(err)
		}
		var p, d int
		if err := w.NewRaw("SELECT (SELECT count(*) FROM presences), (SELECT count(*) FROM drafts)").Scan(t.Context(), &p, &d); err != nil {
			t.Fatal(err)
		}
		if p != presences || d != drafts {
			t.Errorf("%d presences and %d drafts are left, want %d and %d", p, d, presences, drafts)
		}
	}
	rows(1, 2)
	w.Clock.Advance(time.Second)
	rows(1, 1)
	if d, err := desk.LoadDraft(t.Context(), w.Store, w.Now(), berta.ID, rec); err != nil || d == nil {
		t.Errorf("Berta's draft: %+v, %v", d, err)
	}
}

func keep(t *testing.T, w *modeltest.World, u *accounts.User, rec desk.Record, values url.Values) {
	t.Helper()
	if _, err := desk.Keep(t.Context(), w.Store, u.ID, rec, values); err != nil {
		t.Fatal(err)
	}
}

func TestADraftIsOnesOwn(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	anna, berta := w.MustCreateUser(t, "Anna"), w.MustCreateUser(t, "Berta")
	rec := desk.Record{Subject: "course", ID: 7}
	values := url.Values{"version": {"3"}, "name": {`Yoga "\ für alle`}, "staff": {"1", "2"}, "sessions.0.date": {"2027-02-03"},
		"password": {"geheim"}, "new_password": {"geheim"}, "smtp.secret": {"geheim"}, "OTP": {"123456"}}
	keep(t, w, anna, rec, url.Values{"name": {"Erster"}})
	w.Clock.Advance(time.Minute)
	keep(t, w, anna, rec, values)
	load := func(u *accounts.User, rec desk.Record) *desk.Draft {
		t.Helper()
		d, err := desk.LoadDraft(t.Context(), w.Store, w.Now(), u.ID, rec)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	d := load(anna, rec)
	want := url.Values{"version": {"3"}, "name": {`Yoga "\ für alle`}, "staff": {"1", "2"}, "sessions.0.date": {"2027-02-03"}}
	if d == nil || !reflect.DeepEqual(d.Values, want) || d.BaseVersion != "3" || !d.UpdatedAt.Equal(w.Now()) {
		t.Fatalf("draft %+v", d)
	}
	for who, got := range map[string]*desk.Draft{"Berta's": load(berta, rec), "a new course's": load(anna, desk.Record{Subject: "course"})} {
		if got != nil {
			t.Errorf("%s draft: %+v", who, got)
		}
	}
	if err := desk.Drop(t.Context(), w.Store, berta.ID, rec); err != nil {
		t.Fatal(err)
	}
	if load(anna, rec) == nil {
		t.Error("somebody else dropped it")
	}
	if err := desk.Drop(t.Context(), w.Store, anna.ID, rec); err != nil {
		t.Fatal(err)
	}
	if load(anna, rec) != nil {
		t.Error("still there")
	}
}

// A user has so many drafts at most, and a page sends no more of them than somebody types.
func TestDraftsAreLimited(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	anna, berta := w.MustCreateUser(t, "Anna"), w.MustCreateUser(t, "Berta")
	keep(t, w, berta, desk.Record{Subject: "course", ID: 1}, url.Values{"name": {"x"}})
	for i := range desk.MaxDrafts + 2 {
		w.Clock.Advance(time.Second)
		keep(t, w, anna, desk.Record{Subject: "course", ID: int64(i)}, url.Values{"name": {"x"}})
	}
	var ids []int64
	if err := w.NewRaw("SELECT subject_id FROM drafts WHERE user_id = ? ORDER BY subject_id", anna.ID).Scan(t.Context(), &ids); err != nil {
		t.Fatal(err)
	}
	if len(ids) != desk.MaxDrafts || ids[0] != 2 {
		t.Errorf("Anna's drafts: %v", ids)
	}
	if d, err := desk.LoadDraft(t.Context(), w.Store, w.Now(), berta.ID, desk.Record{Subject: "course", ID: 1}); err != nil || d == nil {
		t.Errorf("Berta's draft: %+v, %v", d, err)
	}

	var throttled *store.ThrottledError
	for range 100 {
		if _, err := desk.Keep(t.Context(), w.Store, anna.ID, desk.Record{Subject: "course", ID: 7}, url.Values{"name": {"y"}}); errors.As(err, &throttled) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if throttled == nil {
		t.Error("a page may send as often as it likes")
	}
	keep(t, w, berta, desk.Record{Subject: "course", ID: 1}, url.Values{"name": {"z"}})
	w.Clock.Advance(time.Second)
	keep(t, w, anna, desk.Record{Subject: "course", ID: 7}, url.Values{"name": {"z"}})
}
