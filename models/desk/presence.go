package desk

import (
	"context"
	"time"

	"kurso/models/store"
)

// PresentFor is how long somebody counts as being on a record after a window of theirs last said so.
const PresentFor = time.Minute

// Other is somebody else who has a record open.
type Other struct {
	Name string
	// Editing: one of their windows has its form open or something typed.
	Editing bool
}

// Here says that a user has a record open and returns who else has it, first those who edit. One user's windows
// are one presence.
func Here(ctx context.Context, st *store.Store, userID int64, rec Record, editing bool) ([]Other, error) {
	now := st.Now()
	var editingAt *time.Time
	if editing {
		editingAt = &now
	}
	var others []Other
	err := st.NewRaw(`
		WITH here AS (
		    INSERT INTO presences (user_id, subject, subject_id, seen_at, editing_at) VALUES (?0, ?1, ?2, ?3, ?4)
		    ON CONFLICT (user_id, subject, subject_id) DO UPDATE
		    SET seen_at = excluded.seen_at, editing_at = coalesce(excluded.editing_at, presences.editing_at)
		)
		SELECT u.name, coalesce(p.editing_at > ?5, false) AS editing
		FROM presences p JOIN users u ON u.id = p.user_id
		WHERE p.subject = ?1 AND p.subject_id = ?2 AND p.user_id <> ?0 AND p.seen_at > ?5 AND u.active
		ORDER BY editing DESC, fold(u.name), u.id`,
		userID, rec.Subject, rec.ID, now, editingAt, now.Add(-PresentFor)).Scan(ctx, &others)
	return others, err
}
