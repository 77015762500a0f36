package jobs

import (
	"errors"
	"testing"
	"time"

	"github.com/riverqueue/river/rivertype"
)

// slices works on until all is done, and tells how many slices of time were not enough. Each is longer by more than
// the one before: a slow machine may not get anywhere in the first.
func slices(t *testing.T, slice *time.Duration, more time.Duration, work func() error) int {
	t.Helper()
	for n := range 60 {
		err := work()
		if err == nil {
			return n
		}
		var snooze *rivertype.JobSnoozeError
		if !errors.As(err, &snooze) {
			t.Fatal(err)
		}
		*slice += more
	}
	t.Fatal("it never ends")
	return 0
}
