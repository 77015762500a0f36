package listing_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"kurso/models/booking"
	"kurso/models/exports"
	"kurso/models/listing"
	"kurso/models/modeltest"
	"kurso/models/store"
)

func everything(string) bool { return true }

// nonsense is what no list understands, by the parameter that must be named.
var nonsense = map[string]string{
	"q=" + strings.Repeat("x", 201): "q", "q=%00": "q",
	"sort=nothing": "sort", "sort=--total": "sort", "sort=state": "sort", "sort=id;drop table bookings": "sort", "sort=-": "sort",
	"columns=booker,password": "columns", "columns=1;select": "columns",
	"state=CONFIRMED,HACKED": "state", "state=' OR 1=1 --": "state", "course=x": "course", "course=-1": "course", "course=1,2,99999999999999999999": "course",
	"requested=someday": "requested", "requested=2027-02-30": "requested", "requested=2027-03-01..2027-02-01": "requested", "requested=0000-01-01": "requested",
	"requested.from=x": "requested", "total=a..b": "total", "total=20..10": "total", "total=1e400": "total", "total=NaN": "total", "places=1.5": "places",
	"places=1 OR 1=1": "places", "after=x": "after", "before=WzFd": "before", "after=WzEsInt9Il0": "after", "count=maybe": "count",
}

func TestParseNamesWhatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	for query, param := range nonsense {
		values, err := url.ParseQuery(strings.ReplaceAll(query, ";", "%3B"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = booking.Bookings.Parse(values, everything)
		var v *store.ValidationError
		if !errors.As(err, &v) || v.Fields[0].Field != param {
			t.Errorf("%q: %v", query, err)
		}
	}
}

func TestAddressReproducesTheQuery(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"":                              "",
		"q=+Anna++Müller+":              "q=Anna+M%C3%BCller",
		"state=CONFIRMED&state=OFFERED": "state=CONFIRMED%2COFFERED",
		"sort=-requested_at":            "",
		"sort=total":                    "sort=total",
		"requested.from=2027-02-01&requested.to=2027-02-28": "requested=2027-02-01..2027-02-28",
		"requested=&requested.from=1.2.2027":                "requested=2027-02-01..",
		"requested=this_month&requested.from=1.2.2027":      "requested=this_month",
		"total=1.234,50..":                                  "total=1234.50..",
		"total=12.3":                                        "total=12.30",
		"columns=total,booker,total&utm_source=x":           "columns=total%2Cbooker",
	} {
		values, err := url.ParseQuery(given)
		if err != nil {
			t.Fatal(err)
		}
		q, err := booking.Bookings.Parse(values, everything)
		if err != nil || q.Address().Encode() != want {
			t.Errorf("%q becomes %q, %v; want %q", given, q.Address().Encode(), err, want)
		}
	}
}

func TestColumnsAndFiltersNeedTheirPermission(t *testing.T) {
	t.Parallel()
	l := &listing.List{Name: "x", Sort: "a", Columns: []listing.Column{{Key: "a", Kind: listing.Text, Sort: []string{"a"}, Shown: true}, {Key: "b", Shown: true, Permission: "secret"}},
		Filters: []listing.Filter{{Key: "f", Kind: listing.Text, Permission: "secret"}}}
	nobody := func(string) bool { return false }
	for _, query := range []string{"columns=b", "sort=b", "f=x"} {
		values, _ := url.ParseQuery(query)
		if _, err := l.Parse(values, nobody); err == nil {
			t.Errorf("%s is allowed", query)
		}
	}
	q, err := l.Parse(url.Values{}, nobody)
	if err != nil || len(q.Visible()) != 1 || len(q.Available()) != 1 || len(q.Filters()) != 0 {
		t.Errorf("%v: %d columns, %d filters", err, len(q.Available()), len(q.Filters()))
	}
}

// Whatever an address holds, in any parameter of any list, it is refused with a sentence or read: Postgres never
// meets what it cannot take.
func FuzzParseAndRead(f *testing.F) {
	for query := range nonsense {
		f.Add(uint8(0), query)
	}
	for _, query := range []string{"", "q=_%25\\", "q='", "q=%23", "q=%239223372036854775808", "sort=booker&after=WzEsImEiXQ", "total=-1..0", "requested=9999-12-31", "start=..0001-01-01", "after=WzEsIjk5OTktMTItMzEgMDA6MDA6MDAtMDAiXQ"} {
		f.Add(uint8(0), query)
	}
	for i, l := range exports.Lists {
		params := []string{"q", "sort", "columns", "after", "before", "count", "id", "select"}
		for _, filter := range l.Filters {
			params = append(params, filter.Key)
		}
		for _, param := range params {
			for _, value := range []string{"' OR 1=1 --", "x\x00", "1;drop table bookings", "-9223372036854775809", "%", "{}", "?"} {
				f.Add(uint8(i), url.Values{param: {value}}.Encode())
			}
		}
	}
	w := modeltest.New(f)
	f.Fuzz(func(t *testing.T, list uint8, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		q, err := exports.Lists[int(list)%len(exports.Lists)].Parse(values, everything)
		var v *store.ValidationError
		if errors.As(err, &v) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := q.Read(t.Context(), w.Store, time.UTC); err != nil {
			t.Fatalf("%s?%s: %v", q.List.Name, query, err)
		}
		again, err := q.List.Parse(q.Address(), everything)
		if err != nil || again.Address().Encode() != q.Address().Encode() {
			t.Fatalf("%s?%s: its address %q is read as %q, %v", q.List.Name, query, q.Address().Encode(), again.Address().Encode(), err)
		}
	})
}
