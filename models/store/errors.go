package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// The kinds of error a use case returns. handlers/errors.go maps each to a status once.
var (
	// ErrNotFound: there is no such record, or this person must not know of it.
	ErrNotFound = errors.New("not found")
	// ErrConflict: somebody else changed the record since it was read.
	ErrConflict = errors.New("changed by somebody else")
	// ErrForbidden: the person may not do this.
	ErrForbidden = errors.New("forbidden")
	// ErrGone: the link was used up or has expired.
	ErrGone = errors.New("gone")
)

// FieldError is what is wrong with one field of a form: a message key and its arguments, to be
// translated by whoever shows it. An empty Field speaks of the form as a whole.
type FieldError struct {
	Field string
	Key   string
	Args  []any
}

// ValidationError lists what is wrong with an input, in the order of the form.
type ValidationError struct{ Fields []FieldError }

func (e *ValidationError) Error() string {
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = f.Field + ": " + f.Key
	}
	return "invalid: " + strings.Join(parts, ", ")
}

// Add notes that a field is wrong; args alternate name and value.
func (e *ValidationError) Add(field, key string, args ...any) {
	e.Fields = append(e.Fields, FieldError{Field: field, Key: key, Args: args})
}

// OrNil is nil when nothing was added, so that a check can end with `return v.OrNil()`.
func (e *ValidationError) OrNil() error {
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

// RuleError says that a rule of the provider forbids what was asked, as a message key.
type RuleError struct {
	Key  string
	Args []any
}

func (e *RuleError) Error() string { return "refused: " + e.Key }

// ThrottledError says when to try again.
type ThrottledError struct{ RetryAt time.Time }

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("too many requests, again at %s", e.RetryAt.Format(time.RFC3339))
}

// IsUnique reports whether err is the violation of the named unique constraint or index.
func IsUnique(err error, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "23505" && pg.ConstraintName == constraint
}

// Transient reports whether trying again helps: the database is away, shutting down, overloaded or gave up waiting.
func Transient(err error) bool {
	var connect *pgconn.ConnectError
	var pg *pgconn.PgError
	switch {
	case errors.As(err, &connect), errors.Is(err, context.DeadlineExceeded), pgconn.SafeToRetry(err):
		return true
	case errors.As(err, &pg):
		class := pg.Code[:2]
		return class == "08" || class == "53" || class == "57" || class == "40" || pg.Code == "55P03"
	}
	return false
}

// TimedOut reports whether err is the end of a statement that took longer than its statement_timeout.
func TimedOut(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "57014"
}
