package store

import (
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"
)

// Unattended is the condition that no job works on a row, or is about to: none of that kind, with id as its argument
// named key, waits or was begun after a moment. id is an SQL expression. It finds rows whose worker died.
func Unattended(kind, key, id string, since time.Time) schema.QueryWithArgs {
	return bun.SafeQuery(`NOT EXISTS (SELECT FROM river_job j WHERE j.kind = ? AND j.args @> jsonb_build_object(?, `+id+`)
		AND (j.state IN ('available', 'pending', 'scheduled', 'retryable') OR j.state = 'running' AND j.attempted_at > ?))`, kind, key, since)
}
