package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"kurso/models/modeltest"
	"kurso/models/store"
)

// work starts a client that counts the notes it works; it stops with the test.
func work(t *testing.T, w *modeltest.World, change func(*river.Config)) *atomic.Int64 {
	t.Helper()
	done := &atomic.Int64{}
	workers := river.NewWorkers()
	river.AddWorker(workers, river.WorkFunc(func(context.Context, *river.Job[note]) error { done.Add(1); return nil }))
	config := &river.Config{
		Workers: workers, Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 5}},
		FetchCooldown: store.FetchCooldown, FetchPollInterval: store.FetchPollInterval, Logger: modeltest.Quiet(),
	}
	change(config)
	client, err := river.NewClient(riverpgxv5.New(w.Pool()), config)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.StopAndCancel(context.Background()) })
	return done
}

// until waits for a condition, at most ten seconds.
func until(t *testing.T, what string, met func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !met(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within ten seconds", what)
		}
	}
}

func TestTheCooldownLetsJobsFlow(t *testing.T) {
	t.Parallel()
	const jobs = 100
	drain := func(cooldown time.Duration) time.Duration {
		w := modeltest.New(t)
		w.Must(t, func(ctx context.Context, tx *store.Tx) error {
			params := make([]river.InsertManyParams, jobs)
			for i := range params {
				params[i].Args = note{i}
			}
			return tx.EnqueueMany(ctx, params)
		})
		start := time.Now()
		done := work(t, w, func(c *river.Config) { c.FetchCooldown = cooldown })
		until(t, fmt.Sprintf("%d jobs", jobs), func() bool { return done.Load() == jobs })
		return time.Since(start)
	}
	ours, rivers := drain(store.FetchCooldown), drain(river.FetchCooldownDefault)
	if ours > rivers/2 {
		t.Errorf("%d jobs took %v with our cooldown and %v with River's own", jobs, ours, rivers)
	}
}

// River limits its notifications by the same cooldown, and counts those of transactions rolled back. A
// worker that would poll only after a minute shows whether one was sent.
func TestARollbackDoesNotSwallowTheNextNotification(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	done := work(t, w, func(c *river.Config) { c.FetchPollInterval = time.Minute })
	for want := int64(1); want <= 3; want++ {
		if err := w.InTx(t.Context(), func(ctx context.Context, tx *store.Tx) error {
			if err := tx.Enqueue(ctx, note{}, nil); err != nil {
				return err
			}
			return errors.New("no")
		}); err == nil {
			t.Fatal("committed")
		}
		time.Sleep(20 * time.Millisecond)
		w.Must(t, func(ctx context.Context, tx *store.Tx) error { return tx.Enqueue(ctx, note{}, nil) })
		until(t, "a job after a rollback", func() bool { return done.Load() == want })
	}
}

// The job of a killed worker stays "running". It is taken over after RescueStuckJobsAfter, not sooner.
func TestAKilledWorkersJobIsRescued(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.EnqueueMany(ctx, []river.InsertManyParams{{Args: note{1}}, {Args: note{2}}}); err != nil {
			return err
		}
		return tx.WithPgx(func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE river_job SET state = 'running', attempt = 1, attempted_by = '{killed}',
				attempted_at = now() - CASE args ->> 'N' WHEN '1' THEN interval '31 seconds' ELSE interval '0' END`)
			return err
		})
	})
	work(t, w, func(c *river.Config) {
		c.JobTimeout, c.RescueStuckJobsAfter = 10*time.Second, 30*time.Second
	})
	stuck := func(n int) int {
		return count(t, w, fmt.Sprintf("river_job WHERE state = 'running' AND args ->> 'N' = '%d'", n))
	}
	until(t, "rescue", func() bool { return stuck(1) == 0 })
	if stuck(2) != 1 {
		t.Error("a job that has only begun was taken from its worker")
	}
}
