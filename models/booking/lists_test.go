package booking_test

import (
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"kurso/models/booking"
	"kurso/models/listing"
	"kurso/models/modeltest"
)

func all(string) bool { return true }

func read(t *testing.T, w *modeltest.World, l *listing.List, query string) *listing.Page {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	q, err := l.Parse(values, all)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	p, err := q.Read(t.Context(), w.Store, zone)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return p
}

func rowIDs(p *listing.Page) []int64 {
	var out []int64
	for _, r := range p.Rows {
		out = append(out, r.ID)
	}
	return out
}

// Every filter and order of the list runs, and pages forwards and back meet each row once.
func TestBookingsList(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t, modeltest.Places(200))
	other := w.MustCreateCourse(t)
	const n = 120
	for range n {
		w.MustRequest(t, c)
		w.Clock.Advance(time.Minute)
	}
	mine := w.MustConfirm(t, w.MustRequest(t, other))
	for _, query := range []string{"", "sort=booker", "sort=-booker", "sort=total", "sort=requested_at", "sort=course", "q=mustermann", "state=REQUESTED,CONFIRMED", "total=0..9999"} {
		var forwards []int64
		p := read(t, w, booking.Bookings, query)
		if p.Count != n+1 {
			t.Errorf("%q counts %d", query, p.Count)
		}
		for {
			forwards = append(forwards, rowIDs(p)...)
			if p.Next == "" {
				break
			}
			p = read(t, w, booking.Bookings, query+"&after="+p.Next)
		}
		backwards := rowIDs(p)
		for p.Previous != "" {
			p = read(t, w, booking.Bookings, query+"&before="+p.Previous)
			backwards = append(rowIDs(p), backwards...)
		}
		if len(forwards) != n+1 || !slices.Equal(forwards, backwards) {
			t.Errorf("%q: %d rows forwards, %d backwards", query, len(forwards), len(backwards))
		}
		slices.Sort(forwards)
		if len(slices.Compact(forwards)) != n+1 {
			t.Errorf("%q meets rows twice", query)
		}
	}
	for _, query := range []string{"state=CONFIRMED", "q=%23" + number(mine.ID), "q=" + mine.LastName, "course=" + number(other.ID), "requested=" + mine.RequestedAt.Format(time.DateOnly) + "&state=CONFIRMED"} {
		if p := read(t, w, booking.Bookings, query); len(p.Rows) != 1 || p.Rows[0].ID != mine.ID {
			t.Errorf("%q finds %v, want %d", query, rowIDs(p), mine.ID)
		}
	}
	if p := read(t, w, booking.Bookings, "requested=yesterday"); len(p.Rows) != 0 {
		t.Errorf("yesterday there were %d", len(p.Rows))
	}
	keys := ""
	for _, column := range booking.Bookings.Columns {
		keys += column.Key + ","
	}
	p := read(t, w, booking.Bookings, "state=CONFIRMED&columns="+keys)
	for i, column := range p.Columns {
		cell := p.Rows[0].Cells[i]
		switch column.Key {
		case "booker":
			if cell.Value != "Erika "+mine.LastName || cell.Href != "/admin/bookings/"+number(mine.ID) {
				t.Errorf("%+v", cell)
			}
		case "total":
			if cell.Value != int64(8280) || cell.Currency != "EUR" {
				t.Errorf("%+v", cell)
			}
		case "requested_at":
			if at, ok := cell.Value.(time.Time); !ok || !at.Equal(mine.RequestedAt) {
				t.Errorf("%+v", cell)
			}
		}
	}
}

func number(id int64) string { return strconv.FormatInt(id, 10) }
