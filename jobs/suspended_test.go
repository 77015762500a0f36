package jobs

import (
	"testing"
	"time"

	"kurso/models/modeltest"
	"kurso/models/outbox"
	"kurso/models/system"
)

// A suspended installation sends nothing, whether its workers were there before or start in the meantime, and
// goes on where it was.
func TestSuspendedWorkersWait(t *testing.T) {
	t.Parallel()
	for name, early := range map[string]bool{"workers that run": true, "workers that start later": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := modeltest.New(t)
			if early {
				start(t, w, "")
				w.MustRequest(t, w.MustCreateCourse(t))
				settle(t, w, outbox.Kept)
			}
			if err := system.Suspend(t.Context(), w.Store, ""); err != nil {
				t.Fatal(err)
			}
			w.Clock.Advance(5 * time.Second) // the state is read anew
			w.MustRequest(t, w.MustCreateCourse(t))
			if !early {
				start(t, w, "")
			}
			time.Sleep(1500 * time.Millisecond)
			if _, states := mails(t, w); states[outbox.Queued] != 1 {
				t.Fatalf("while suspended: %v", states)
			}
			if err := system.Resume(t.Context(), w.Store); err != nil {
				t.Fatal(err)
			}
			w.Clock.Advance(5 * time.Second)
			if !early { // what was put off comes again within a minute
				if _, err := w.Pool().Exec(t.Context(), "UPDATE river_job SET scheduled_at = now(), state = 'available' WHERE state = 'scheduled'"); err != nil {
					t.Fatal(err)
				}
			}
			settle(t, w, outbox.Kept)
		})
	}
}
