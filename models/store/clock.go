package store

import (
	"sync"
	"time"
)

// Clock tells the time. Tests move theirs.
type Clock interface{ Now() time.Time }

// SystemClock is the machine's.
type SystemClock struct{}

func (SystemClock) Now() time.Time { return time.Now() }

// TestClock stands still until it is moved. It is safe for concurrent use.
type TestClock struct {
	mu  sync.Mutex
	now time.Time
}

// NewTestClock starts at t.
func NewTestClock(t time.Time) *TestClock { return &TestClock{now: t} }

func (c *TestClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock by d.
func (c *TestClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Set moves the clock to t.
func (c *TestClock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}
