// Package system is the installation itself: the operator can suspend it. Then pages say so and no job is
// worked, until it goes on where it was.
package system

import (
	"context"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"kurso/models/audit"
	"kurso/models/store"
)

// Subject is how audit entries name the installation.
const Subject = "system"

// maxNotice is the length of a notice in characters.
const maxNotice = 500

// State says whether the installation is suspended, and with which words for its visitors.
type State struct {
	SuspendedAt      *time.Time
	SuspensionNotice string
}

// Suspended reports whether pages and jobs wait.
func (s State) Suspended() bool { return s.SuspendedAt != nil }

// Load reads the state.
func Load(ctx context.Context, r store.Reader) (State, error) {
	var s State
	return s, r.NewRaw("SELECT suspended_at, suspension_notice FROM installation").Scan(ctx, &s)
}

// Suspend stops pages and jobs of all processes within seconds; jobs under way finish. notice is shown to
// visitors and may be empty. Called again it changes the notice. It returns a *store.ValidationError.
func Suspend(ctx context.Context, st *store.Store, notice string) error {
	notice = strings.Join(strings.FieldsFunc(notice, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if utf8.RuneCountInString(notice) > maxNotice {
		v := &store.ValidationError{}
		v.Add("notice", "invalid.too_long", "Max", maxNotice)
		return v
	}
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE installation SET suspended_at = coalesce(suspended_at, ?), suspension_notice = ?", tx.Now(), notice).Exec(ctx)
		if err != nil {
			return err
		}
		if err := tx.PauseJobs(ctx); err != nil {
			return err
		}
		return audit.Write(ctx, tx, Subject, 1, "system.suspended", audit.Change{Field: "notice", New: notice})
	})
}

// Resume lets pages and jobs go on. It does nothing when they do.
func Resume(ctx context.Context, st *store.Store) error {
	return st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		var suspended bool
		err := tx.NewRaw("SELECT suspended_at IS NOT NULL FROM installation FOR UPDATE").Scan(ctx, &suspended)
		if err != nil || !suspended {
			return err
		}
		if _, err := tx.NewRaw("UPDATE installation SET suspended_at = NULL, suspension_notice = ''").Exec(ctx); err != nil {
			return err
		}
		if err := tx.ResumeJobs(ctx); err != nil {
			return err
		}
		return audit.Write(ctx, tx, Subject, 1, "system.resumed")
	})
}

// Watch is the state as one process knows it, at most two seconds old. It is safe for concurrent use.
type Watch struct {
	st    *store.Store
	mu    sync.Mutex
	state State
	at    time.Time
}

const fresh = 2 * time.Second

// NewWatch begins to watch.
func NewWatch(st *store.Store) *Watch { return &Watch{st: st} }

// State is what was read last. While the database is away, that stays.
func (w *Watch) State(ctx context.Context) (State, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.st.Now()
	if !w.at.IsZero() && now.Sub(w.at) < fresh {
		return w.state, nil
	}
	w.at = now // whatever comes of it, others do not wait for the same
	state, err := Load(ctx, w.st)
	if err == nil {
		w.state = state
	}
	return w.state, err
}
