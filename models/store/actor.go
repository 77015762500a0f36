package store

import "context"

// Actor is who acts: a signed-in user, an applicant, or the system itself.
type Actor struct {
	Kind   string // "user", "applicant", "system"
	UserID int64  // of a user
	// RequestID ties audit entries to the log.
	RequestID string
}

type actorKey struct{}

// WithActor says on whose behalf ctx acts.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(ctx, actorKey{}, a)
}

// ActorOf tells who acts; the system unless somebody else was named.
func ActorOf(ctx context.Context) Actor {
	if a, ok := ctx.Value(actorKey{}).(Actor); ok {
		return a
	}
	return Actor{Kind: "system"}
}
