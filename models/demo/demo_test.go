package demo_test

import (
	"testing"

	"kurso/models/accounts"
	"kurso/models/demo"
	"kurso/models/modeltest"
)

func TestLoadFillsAnEmptyDatabaseOnce(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	counts := func() (courses, bookings, states int) {
		err := w.NewRaw("SELECT (SELECT count(*) FROM courses), (SELECT count(*) FROM bookings), (SELECT count(DISTINCT state) FROM bookings)").
			Scan(t.Context(), &courses, &bookings, &states)
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	for range 2 {
		if err := demo.Load(t.Context(), w.Store); err != nil {
			t.Fatal(err)
		}
		courses, bookings, states := counts()
		if courses < 60 || bookings < 150 || bookings > 700 || states < 5 {
			t.Fatalf("%d courses, %d bookings in %d states", courses, bookings, states)
		}
	}
	if _, err := accounts.SignIn(t.Context(), w.Store, demo.Email, demo.Password, "192.0.2.1"); err != nil {
		t.Error(err)
	}
}
