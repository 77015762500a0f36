package audit

import (
	"context"
	"database/sql"
	"errors"

	"kurso/models/store"
)

// Origin is the entry with which a record began, with the name of the user; nil: there is none.
func Origin(ctx context.Context, r store.Reader, subjectType string, subjectID int64) (*Entry, error) {
	e := &Entry{}
	err := read(r, e).Where("ae.subject_type = ? AND ae.subject_id = ?", subjectType, subjectID).OrderExpr("ae.id").Limit(1).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return e, reveal(ctx, r, []*Entry{e})
}
