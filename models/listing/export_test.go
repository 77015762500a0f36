package listing

import (
	"context"
	"strings"
	"time"

	"kurso/models/store"
)

// Explain tells how Postgres would answer the statements of a page if it read no table from end to end without
// need: the count, and the rows, gathered first or met along the order.
func (q Query) Explain(ctx context.Context, st *store.Store, zone *time.Location) (plans []string, err error) {
	n := q.narrow(ctx, st.Now(), zone)
	statements := []*statement{q.counted(n), q.page(n, q.Visible(), PageSize, true)}
	if q.List.Column(q.Sort).Index {
		statements = append(statements, q.page(n, q.Visible(), PageSize, false))
	}
	return plans, st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.NewRaw("SET LOCAL enable_seqscan = off").Exec(ctx); err != nil {
			return err
		}
		for _, s := range statements {
			var lines []string
			if err := tx.NewRaw("EXPLAIN "+s.String(), s.args...).Scan(ctx, &lines); err != nil {
				return err
			}
			plans = append(plans, strings.Join(lines, "\n"))
		}
		return nil
	})
}
