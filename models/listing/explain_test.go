package listing_test

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"testing"
	"time"

	"kurso/models/exports"
	"kurso/models/listing"
	"kurso/models/modeltest"
)

// Every filter, search and order with an index of every list has one: none reads a table that grows from end to
// end.
func TestEveryQueryHasAnIndex(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	// a few thousand at the largest provider
	small := []string{"provider", "categories", "locations", "rooms", "roles", "user_roles", "users", "instructors", "imports"}
	whole := regexp.MustCompile(`Seq Scan on (\w+)`)
	for _, l := range exports.Lists {
		for _, address := range everyUse(l) {
			values, err := url.ParseQuery(address)
			if err != nil {
				t.Fatal(err)
			}
			q, err := l.Parse(values, everything)
			if err != nil {
				t.Fatalf("%s?%s: %v", l.Name, address, err)
			}
			plans, err := q.Explain(t.Context(), w.Store, time.UTC)
			if err != nil {
				t.Fatalf("%s?%s: %v", l.Name, address, err)
			}
			for _, plan := range plans {
				for _, table := range whole.FindAllStringSubmatch(plan, -1) {
					if !slices.Contains(small, table[1]) {
						t.Errorf("%s?%s reads all %s:\n%s", l.Name, address, table[1], plan)
					}
				}
			}
		}
	}
}

// everyUse are addresses that use each filter and each order with an index of a list, and search it.
func everyUse(l *listing.List) []string {
	out := []string{""}
	if l.Search != "" {
		out = append(out, "q=weber", "q=we", "q=anna+weber")
	}
	for _, c := range l.Columns {
		if c.Index {
			out = append(out, "sort="+c.Key, "sort=-"+c.Key)
		}
	}
	for _, f := range l.Filters {
		values := map[listing.Kind][]string{
			listing.Flag: {"yes", "no"}, listing.Record: {"7", "7,8"}, listing.Text: {"abc", "ab"}, listing.Number: {"2..3"}, listing.Cents: {"2..3"},
			listing.Day: {"this_month", "2027-01-01.."}, listing.Moment: {"this_month", "2027-01-01.."}, listing.Choice: f.Values,
		}[f.Kind]
		for _, v := range values {
			out = append(out, fmt.Sprintf("%s=%s", f.Key, url.QueryEscape(v)))
		}
	}
	return out
}
