package throttle_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kurso/models/modeltest"
	"kurso/models/store"
	"kurso/models/throttle"
)

func TestTake(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	limit := throttle.Limit{Key: "a", Every: time.Minute, Burst: 3}
	take := func(limits ...throttle.Limit) (wait time.Duration) {
		t.Helper()
		err := throttle.Take(t.Context(), w.Store, limits...)
		if err == nil {
			return 0
		}
		var throttled *store.ThrottledError
		if !errors.As(err, &throttled) {
			t.Fatal(err)
		}
		return throttled.RetryAt.Sub(w.Now())
	}
	expect := func(what string, got, want time.Duration) {
		t.Helper()
		if got != want {
			t.Errorf("%s waits %v, want %v", what, got, want)
		}
	}
	for range 3 {
		expect("burst", take(limit), 0)
	}
	expect("fourth", take(limit), time.Minute)
	w.Clock.Advance(20 * time.Second)
	expect("asking too early costs nothing", take(limit), 40*time.Second)
	w.Clock.Advance(40 * time.Second)
	expect("one more a minute", take(limit), 0)
	expect("and no more", take(limit), time.Minute)
	long := throttle.Limit{Key: "b", Every: time.Hour, Burst: 1}
	expect("somebody else", take(long), 0)

	// of several buckets, the one that is empty longest decides
	expect("two buckets, both empty", take(limit, long), time.Hour)
	expect("two buckets, one empty", take(throttle.Limit{Key: "c", Every: time.Hour, Burst: 1}, limit), time.Minute)

	w.Clock.Advance(24 * time.Hour)
	for range 3 {
		expect("burst after a day", take(limit), 0)
	}
	n, err := throttle.Sweep(t.Context(), w.Store)
	if err != nil || n != 2 {
		t.Errorf("swept %d %v, want the two full buckets", n, err)
	}
	expect("a swept bucket's neighbour", take(limit), time.Minute)

	var keys []string
	if err := w.NewRaw("SELECT key FROM throttles").Scan(t.Context(), &keys); err != nil || len(keys) != 1 || len(keys[0]) < 20 {
		t.Errorf("keys are %q %v, want one keyed hash", keys, err)
	}
}

func TestTakeAtOnce(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	var taken atomic.Int64
	var wg sync.WaitGroup
	a := throttle.Limit{Key: "a", Every: time.Minute, Burst: 5}
	b := throttle.Limit{Key: "b", Every: time.Minute, Burst: 50}
	for i := range 40 {
		wg.Go(func() {
			limits := []throttle.Limit{a, b}
			if i%2 == 0 {
				limits = []throttle.Limit{b, a}
			}
			err := throttle.Take(t.Context(), w.Store, limits...)
			var throttled *store.ThrottledError
			switch {
			case err == nil:
				taken.Add(1)
			case !errors.As(err, &throttled):
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if taken.Load() != 5 {
		t.Errorf("%d got through, want 5", taken.Load())
	}
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "2001:db8:1:2::9": "2001:db8:1:2::/64",
		"fe80::1%eth0": "fe80::/64", "": "", "unknown": "unknown",
	} {
		if got := throttle.Network(address); got != want {
			t.Errorf("%q is %q, want %q", address, got, want)
		}
	}
}
