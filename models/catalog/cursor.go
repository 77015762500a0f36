package catalog

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/uptrace/bun"

	"kurso/models/store"
)

// List is one page of a list. Next is the cursor of the page that follows, empty at the end. Total is exact
// up to MaxTotal and MaxTotal beyond.
type List[R any] struct {
	Rows  []R
	Next  string
	Total int
}

// MaxTotal is how far lists are counted.
const MaxTotal = 10_001

// list reads one page of what q chooses, sorted by key and id; sql reads the rows of "page (id, key)".
func list[R interface{ position() (string, int64) }](ctx context.Context, r store.Reader, q *bun.SelectQuery,
	key, id, after string, limit int, sql string, args ...any) (*List[R], error) {
	if limit <= 0 || limit > 200 {
		limit = 50
	}
	l := &List[R]{}
	err := r.NewSelect().ColumnExpr("count(*)").
		TableExpr("(?) AS counted", q.Clone().ColumnExpr("1").Limit(MaxTotal)).Scan(ctx, &l.Total)
	if err != nil {
		return nil, err
	}
	page := q.ColumnExpr(id + " AS id").ColumnExpr(key + " AS key").OrderExpr(key + ", " + id).Limit(int64(limit) + 1)
	if afterKey, afterID, ok := position(after); ok {
		page.Where("("+key+", "+id+") > (?, ?)", afterKey, afterID)
	}
	if err := r.NewRaw("WITH page AS (?) "+sql, append([]any{page}, args...)...).Scan(ctx, &l.Rows); err != nil {
		return nil, err
	}
	if len(l.Rows) > limit {
		l.Rows = l.Rows[:limit]
		l.Next = cursor(l.Rows[limit-1].position())
	}
	return l, nil
}

// cursor is where a page of a list ends: the sort key and id of its last row, as text for a URL.
func cursor(key string, id int64) string {
	b, _ := json.Marshal([]any{key, id})
	return base64.RawURLEncoding.EncodeToString(b)
}

// position reads a cursor; a broken one begins at the start.
func position(s string) (key string, id int64, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || s == "" {
		return "", 0, false
	}
	parts := []any{&key, &id}
	return key, id, json.Unmarshal(b, &parts) == nil && id > 0 && !strings.Contains(key, "\x00")
}
