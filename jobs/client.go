// Package jobs works what the domain enqueues: one worker a file, each loads and calls one use case or
// sends one letter.
package jobs

import (
	"context"
	"log/slog"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"
	"gocloud.dev/blob"

	"kurso/config"
	"kurso/mail"
	"kurso/models/outbox"
	"kurso/models/store"
	"kurso/models/system"
)

// Deps is what the workers need.
type Deps struct {
	Store  *store.Store
	Config *config.Config
	Bucket *blob.Bucket
	// Backups is the bucket of its own that proofs and backups go to.
	Backups *blob.Bucket
	Log     *slog.Logger
}

// Client works jobs until it is stopped. Any number of them, on any number of machines, share the work.
type Client struct {
	// River is for River's own job screen.
	River *river.Client[pgx.Tx]

	pool   *pgxpool.Pool
	sender *mail.Sender
}

// softStop is how long jobs may go on after Stop before their contexts are cancelled.
const softStop = 20 * time.Second

// timeout is how long one run of a job may take; what takes longer works in slices. It ends well before
// the job would be taken over by somebody else.
func timeout(cfg *config.Config) time.Duration { return cfg.JobRescueAfter * 3 / 4 }

// Start begins to work. Cancelling ctx does not end it: call Stop.
func Start(ctx context.Context, d Deps) (*Client, error) {
	ctx = context.WithoutCancel(ctx)
	c := &Client{}
	if d.Config.SMTPURL != "" {
		o := mail.SenderOptions{URL: d.Config.SMTPURL, Connections: d.Config.SMTPConnections, Timeout: timeout(d.Config)}
		if u, err := url.Parse(d.Config.PublicURL); err == nil {
			o.Hello = u.Hostname()
		}
		var err error
		if c.sender, err = mail.NewSender(o); err != nil {
			return nil, err
		}
	}
	workers, periodic := river.NewWorkers(), []*river.PeriodicJob{}
	register(workers, &periodic, d, c.sender)

	// a pool of River's own: unlike bun, it sends few distinct statements, which are worth preparing
	pool := d.Store.Pool().Config()
	pool.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	pool.ConnConfig.RuntimeParams["application_name"] = "kurso jobs"
	pool.MinConns, pool.MaxConns = 0, 6
	var err error
	if c.pool, err = pgxpool.NewWithConfig(ctx, pool); err != nil {
		return nil, err
	}
	indexes, err := maintained(ctx, c.pool)
	if err != nil {
		c.pool.Close()
		return nil, err
	}
	c.River, err = river.NewClient(riverpgxv5.New(c.pool), &river.Config{
		FetchCooldown:        store.FetchCooldown,
		FetchPollInterval:    store.FetchPollInterval,
		JobTimeout:           timeout(d.Config),
		RescueStuckJobsAfter: d.Config.JobRescueAfter,
		SoftStopTimeout:      softStop,
		Logger:               slog.New(uncounted{d.Log.Handler()}),
		Workers:              workers,
		PeriodicJobs:         periodic,
		Middleware:           []rivertype.Middleware{&whileSuspended{watch: system.NewWatch(d.Store)}},
		ReindexerIndexNames:  indexes,
		Queues: map[string]river.QueueConfig{
			river.QueueDefault: {MaxWorkers: d.Config.JobWorkers},
			outbox.Queue:       {MaxWorkers: d.Config.SMTPConnections},
		},
	})
	if err == nil {
		err = c.River.Start(ctx)
	}
	if err != nil {
		c.pool.Close()
		return nil, err
	}
	return c, nil
}

// maintained are the indexes that River renews each night: none with a role that does not own them.
func maintained(ctx context.Context, pool *pgxpool.Pool) ([]string, error) {
	var owns bool
	err := pool.QueryRow(ctx, "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = 'river_job'::regclass").Scan(&owns)
	if err != nil || !owns {
		return []string{}, err
	}
	return river.ReindexerIndexNamesDefault(), nil
}

// Stop takes no new jobs and waits for those that run, at most until ctx is done: what is cut off is taken
// over by another client after JOB_RESCUE_AFTER.
func (c *Client) Stop(ctx context.Context) error {
	if err := c.River.Stop(ctx); err != nil {
		return err
	}
	if c.sender != nil {
		c.sender.Close()
	}
	c.pool.Close()
	return nil
}
