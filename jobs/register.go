package jobs

import (
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"kurso/mail"
	"kurso/models/accounts"
	"kurso/models/audit"
	"kurso/models/booking"
	"kurso/models/notify"
)

// register names every worker there is, and what runs by the clock. A new kind of job gets its line here.
func register(workers *river.Workers, periodic *[]*river.PeriodicJob, d Deps, sender *mail.Sender) {
	river.AddWorker(workers, newSendMail(d, sender))
	river.AddWorker(workers, &answerReset{st: d.Store})
	river.AddWorker(workers, &expireHolds{st: d.Store})
	river.AddWorker(workers, &sweepThrottles{st: d.Store})
	river.AddWorker(workers, &sweepDesks{st: d.Store})
	river.AddWorker(workers, &notifyStaff{st: d.Store})
	river.AddWorker(workers, &checkMinimum{st: d.Store})
	river.AddWorker(workers, &sendDigests{st: d.Store})
	river.AddWorker(workers, &endSupport{st: d.Store})
	river.AddWorker(workers, &importCatalog{st: d.Store, bucket: d.Bucket, log: d.Log, slice: timeout(d.Config) * 3 / 4})
	river.AddWorker(workers, &cancelBookings{st: d.Store, slice: timeout(d.Config) * 3 / 4})
	river.AddWorker(workers, &watchCancellations{st: d.Store})
	river.AddWorker(workers, &sealAudit{st: d.Store, slice: timeout(d.Config) * 3 / 4})
	river.AddWorker(workers, &keepAuditHead{st: d.Store, backups: d.Backups})
	river.AddWorker(workers, &runExport{st: d.Store, bucket: d.Bucket})
	river.AddWorker(workers, &tendExports{st: d.Store, bucket: d.Bucket})
	river.AddWorker(workers, &sweepExports{st: d.Store, bucket: d.Bucket})

	*periodic = append(*periodic,
		each(5*time.Second, audit.SealJob{}),
		each(time.Hour, audit.KeepHeadJob{}),
		each(20*time.Second, TendExports{}),
		each(20*time.Second, WatchCancellations{}),
		each(time.Minute, booking.ExpireHoldsJob{}),
		each(time.Hour, SweepThrottles{}),
		each(time.Hour, SweepDesks{}),
		each(time.Hour, SweepExports{}),
		each(15*time.Minute, notify.CheckMinimumJob{}),
		each(time.Minute, notify.SendDigestsJob{}),
		each(time.Minute, accounts.EndSupportJob{}),
	)
}

// each enqueues a job at every interval and when a client begins to lead, unless the one before has not
// ended yet.
func each(interval time.Duration, args river.JobArgs) *river.PeriodicJob {
	once := river.UniqueOpts{ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning,
		rivertype.JobStateRetryable, rivertype.JobStateScheduled,
	}}
	return river.NewPeriodicJob(river.PeriodicInterval(interval), func() (river.JobArgs, *river.InsertOpts) {
		return args, &river.InsertOpts{UniqueOpts: once}
	}, &river.PeriodicJobOpts{ID: args.Kind(), RunOnStart: true})
}
