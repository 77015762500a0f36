// Lists measures the pages of lists on a database of a million bookings: each list as it opens, a deep page, each
// filter, each order and searches, and the search over everything; p50 and p99. Each figure is one JSON line.
// Beside each list as it opens stands the bare SQL of its rows. Arguments name the lists to measure.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"time"

	"kurso/bench/million"
	"kurso/models/exports"
	"kurso/models/listing"
	"kurso/models/store"
)

const rounds = 40

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench/lists:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	d, err := million.Open(ctx)
	if err != nil {
		return err
	}
	defer d.Close()
	st, err := store.Open(ctx, store.Options{DatabaseURL: d.URL, SecretKey: []byte("the secret key of a benchmark, only"), Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return err
	}
	defer st.Close()
	worst := 0.0
	for _, l := range exports.Lists {
		if named := os.Args[1:]; len(named) > 0 && !slices.Contains(named, l.Name) {
			continue
		}
		for _, query := range queries(l) {
			p99, err := page(ctx, st, l, query)
			if err != nil {
				return fmt.Errorf("%s?%s: %w", l.Name, query, err)
			}
			worst = max(worst, p99)
		}
	}
	million.Report("list_p99_ms", worst, "ms")
	worst = 0
	for _, words := range searches {
		found := 0
		p99, err := measure("everything?q="+words, func() (string, error) {
			hits, err := exports.Search(ctx, st, time.UTC, words, 5)
			found = 0
			for _, h := range hits {
				found += len(h.Rows)
			}
			return fmt.Sprintf("%d rows of %d lists", found, len(hits)), err
		})
		if err != nil {
			return err
		}
		worst = max(worst, p99)
	}
	million.Report("search_p99_ms", worst, "ms")
	return nil
}

// searches are rare words and frequent ones, short ones, several, a number, and one that is nowhere.
var searches = []string{"mueller", "schul", "zi", "person4711", "anna weber", "nichtda", "#4711", "4711", "a", "yildiz zoe"}

// deep is how many pages a deep page lies behind the first.
const deep = 200

// queries are the list as it opens, each filter, and each order with an index.
func queries(l *listing.List) []string {
	out := []string{"", "deep"}
	for _, c := range l.Columns {
		if c.Index {
			out = append(out, "sort="+c.Key, "sort=-"+c.Key)
		}
	}
	for _, f := range l.Filters {
		switch f.Kind {
		case listing.Choice:
			for _, v := range f.Values {
				out = append(out, f.Key+"="+v)
			}
		case listing.Record:
			out = append(out, f.Key+"=7", f.Key+"=39,40")
		case listing.Flag:
			out = append(out, f.Key+"=yes", f.Key+"=no")
		case listing.Text:
			out = append(out, f.Key+"=ber", f.Key+"=101", f.Key+"=zi")
		case listing.Day, listing.Moment:
			out = append(out, f.Key+"=this_month", f.Key+"=2020-01-01..2024-06-30", f.Key+"=next_14_days", f.Key+"=last_year")
		case listing.Number:
			out = append(out, f.Key+"=2..", f.Key+"=..1", f.Key+"=50..")
		case listing.Cents:
			out = append(out, f.Key+"=100..101", f.Key+"=400..", f.Key+"=..41")
		}
	}
	if l.Search != "" {
		for _, words := range searches {
			out = append(out, "q="+url.QueryEscape(words))
		}
	}
	return out
}

// page measures a page of a list.
func page(ctx context.Context, st *store.Store, l *listing.List, query string) (p99 float64, err error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return 0, err
	}
	if values.Has("deep") {
		if values, err = goDeep(ctx, st, l); err != nil {
			return 0, err
		}
	}
	q, err := l.Parse(values, everything)
	if err != nil {
		return 0, err
	}
	if query == "" {
		if err := bare(ctx, st, q); err != nil {
			return 0, err
		}
	}
	return measure(l.Name+"?"+query, func() (string, error) {
		page, err := q.Read(ctx, st, time.UTC)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%d rows of %d", len(page.Rows), page.Count), nil
	})
}

// bare measures the statement that reads the rows of a page, sent by itself.
func bare(ctx context.Context, st *store.Store, q listing.Query) error {
	statement, err := q.SQL(ctx, st, time.UTC)
	if err != nil {
		return err
	}
	_, err = measure(q.List.Name+" bare SQL", func() (string, error) {
		rows, err := st.Pool().Query(ctx, statement)
		if err != nil {
			return "", err
		}
		n := 0
		for rows.Next() {
			n++
		}
		return fmt.Sprintf("%d rows", n), rows.Err()
	})
	return err
}

func everything(string) bool { return true }

// goDeep turns pages until the deep one, or the last.
func goDeep(ctx context.Context, st *store.Store, l *listing.List) (url.Values, error) {
	values := url.Values{}
	for range deep {
		q, err := l.Parse(values, everything)
		if err != nil {
			return nil, err
		}
		page, err := q.Read(ctx, st, time.UTC)
		if err != nil {
			return nil, err
		}
		if page.Next == "" {
			break
		}
		values.Set("after", page.Next)
	}
	return values, nil
}

// measure runs something some times over and reports how long it took.
func measure(name string, do func() (result string, err error)) (p99 float64, err error) {
	var took []float64
	result := ""
	for i := range rounds + 3 {
		start := time.Now()
		if result, err = do(); err != nil {
			return 0, err
		}
		if i >= 3 {
			took = append(took, time.Since(start).Seconds()*1000)
		}
	}
	slices.Sort(took)
	p50, p99 := took[len(took)/2], took[len(took)*99/100]
	fmt.Fprintf(os.Stderr, "%-60s %8.1f %8.1f ms  %s\n", name, p50, p99, result)
	million.Report("list_"+name+"_p99", p99, "ms")
	return p99, nil
}
