// Lists measures the pages of lists on a database of a million bookings: each list as it opens, each
// filter, each order and searches, p50 and p99. Each figure is one JSON line. Arguments name the lists to measure.
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
			p99, err := measure(ctx, st, l, query)
			if err != nil {
				return fmt.Errorf("%s?%s: %w", l.Name, query, err)
			}
			worst = max(worst, p99)
		}
	}
	million.Report("list_p99_ms", worst, "ms")
	return nil
}

// queries are the list as it opens, each filter, and each order with an index.
func queries(l *listing.List) []string {
	out := []string{""}
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
		for _, words := range []string{"mueller", "schul", "zi", "person4711", "anna weber", "nichtda", "#4711", "a", "yildiz zoe"} {
			out = append(out, "q="+url.QueryEscape(words))
		}
	}
	return out
}

func measure(ctx context.Context, st *store.Store, l *listing.List, query string) (p99 float64, err error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return 0, err
	}
	q, err := l.Parse(values, func(string) bool { return true })
	if err != nil {
		return 0, err
	}
	var took []float64
	var page *listing.Page
	for i := range rounds + 3 {
		start := time.Now()
		if page, err = q.Read(ctx, st, time.UTC); err != nil {
			return 0, err
		}
		if i >= 3 {
			took = append(took, time.Since(start).Seconds()*1000)
		}
	}
	slices.Sort(took)
	p50, p99 := took[len(took)/2], took[len(took)*99/100]
	fmt.Fprintf(os.Stderr, "%-60s %8.1f %8.1f ms  %d rows of %d\n", l.Name+"?"+query, p50, p99, len(page.Rows), page.Count)
	million.Report("list_"+l.Name+"?"+query+"_p99", p99, "ms")
	return p99, nil
}
