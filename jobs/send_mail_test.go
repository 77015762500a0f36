package jobs

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river/rivertype"
	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"

	"kurso/config"
	"kurso/mail/smtptest"
	"kurso/models/booking"
	"kurso/models/modeltest"
	"kurso/models/outbox"
	"kurso/models/store"
)

// start works the world's jobs until the test ends.
func start(t *testing.T, w *modeltest.World, smtpURL string) *Client {
	t.Helper()
	return startWith(t, Deps{Store: w.Store, Log: modeltest.Quiet(), Config: &config.Config{
		PublicURL: "https://kurse.example.org", SMTPURL: smtpURL, SMTPConnections: 2, JobRescueAfter: 2 * time.Minute, JobWorkers: 4,
	}})
}

// startWith works jobs until the test ends.
func startWith(t *testing.T, d Deps) *Client {
	t.Helper()
	for _, bucket := range []**blob.Bucket{&d.Bucket, &d.Backups} {
		if *bucket == nil {
			opened := memblob.OpenBucket(nil)
			t.Cleanup(func() { _ = opened.Close() })
			*bucket = opened
		}
	}
	c, err := Start(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if err := c.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return c
}

// mails reads all, oldest first, by the state they are in.
func mails(t *testing.T, w *modeltest.World) (list []*outbox.Mail, states map[string]int) {
	t.Helper()
	if err := w.NewSelect().Model(&list).OrderExpr("id").Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	states = map[string]int{}
	for _, m := range list {
		states[m.State]++
	}
	return list, states
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("still not: %s", what)
		}
	}
}

// settle waits until staff is told of everything and all mails are in that state.
func settle(t *testing.T, w *modeltest.World, state string) []*outbox.Mail {
	t.Helper()
	var list []*outbox.Mail
	eventually(t, "all mails "+state, func() bool {
		var untold int
		if err := w.NewRaw("SELECT count(*) FROM river_job WHERE kind = 'notify_staff' AND state <> 'completed'").Scan(t.Context(), &untold); err != nil {
			t.Fatal(err)
		}
		all, states := mails(t, w)
		list = all
		return untold == 0 && states[state] == len(all)
	})
	return list
}

func jobsIn(t *testing.T, w *modeltest.World, state rivertype.JobState) (n int) {
	t.Helper()
	if err := w.NewRaw("SELECT count(*) FROM river_job WHERE kind = 'send_mail' AND state = ?", string(state)).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMailsGoOut(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	server := smtptest.Start(t, smtptest.Options{})
	start(t, w, "smtp://"+server.Addr)
	c := w.MustCreateCourse(t)
	for range 5 {
		w.MustConfirm(t, w.MustRequest(t, c))
	}
	list := settle(t, w, outbox.Sent)
	if len(list) != 15 || len(server.Mails()) != 15 || server.Connections() > 2 {
		t.Errorf("%d mails, %d arrived, %d connections", len(list), len(server.Mails()), server.Connections())
	}
	arrived := map[string]string{}
	for _, m := range server.Mails() {
		arrived[m.ID(t)] = m.To
	}
	for _, m := range list {
		if arrived[m.MessageID] != m.Recipient || m.SentAt == nil || m.Attempts != 1 || m.NextTryAt != nil {
			t.Errorf("%+v arrived at %q", m, arrived[m.MessageID])
		}
	}
	// the job was completed with the mail, in its transaction
	if n := jobsIn(t, w, rivertype.JobStateCompleted); n != 15 {
		t.Errorf("%d jobs completed", n)
	}
}

func TestWithoutAMailServerMailsAreKept(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	start(t, w, "")
	w.MustConfirm(t, w.MustRequest(t, w.MustCreateCourse(t)))
	for _, m := range settle(t, w, outbox.Kept) {
		if m.Attempts != 0 || m.SentAt != nil || !m.CanRetry(w.Now()) {
			t.Errorf("%+v", m)
		}
	}
}

func TestTemporaryRefusalIsRetriedLater(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	var tries atomic.Int32
	server := smtptest.Start(t, smtptest.Options{Rcpt: func(to string) error {
		if tries.Add(1) <= 2 {
			return smtptest.Refuse(451, "greylisted "+to)
		}
		return nil
	}})
	start(t, w, "smtp://"+server.Addr)
	w.MustRequest(t, w.MustCreateCourse(t))

	for i, gap := range []time.Duration{time.Minute, 5 * time.Minute} {
		m := settle(t, w, outbox.Retrying)[0]
		if m.Attempts != i+1 || m.NextTryAt == nil || !m.NextTryAt.Equal(w.Now().Add(gap)) || m.LastReply != "451 4.1.1 greylisted …" {
			t.Fatalf("try %d: %+v", i+1, m)
		}
		eventually(t, "the job sleeps", func() bool { return jobsIn(t, w, rivertype.JobStateScheduled) == 1 })
		var due time.Duration
		if err := w.NewRaw("SELECT (extract(epoch FROM scheduled_at - now()) * 1000000000)::bigint FROM river_job WHERE kind = 'send_mail'").Scan(t.Context(), &due); err != nil {
			t.Fatal(err)
		}
		if due < gap-10*time.Second || due > gap {
			t.Errorf("the job is due in %s, want %s", due, gap)
		}
		w.Clock.Advance(gap)
		wake(t, w)
		eventually(t, "another try", func() bool { return int(tries.Load()) == i+2 })
	}
	if m := settle(t, w, outbox.Sent)[0]; m.Attempts != 3 || len(server.Mails()) != 1 {
		t.Errorf("%+v, %d arrived", m, len(server.Mails()))
	}
}

// wake makes sleeping jobs due, as the passing of time would.
func wake(t *testing.T, w *modeltest.World) {
	t.Helper()
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE river_job SET state = 'available', scheduled_at = now() WHERE kind = 'send_mail' AND state = 'scheduled'").Exec(ctx)
		return err
	})
}

func TestTriesEndAfterDays(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close() // nobody listens here: a refused connection is temporary
	start(t, w, "smtp://"+closed.Addr().String())
	began := w.Now()
	w.MustRequest(t, w.MustCreateCourse(t))
	for {
		var m *outbox.Mail
		eventually(t, "a verdict", func() bool {
			list, _ := mails(t, w)
			m = list[0]
			return m.State == outbox.Failed || m.State == outbox.Retrying && m.NextTryAt.After(w.Now()) && jobsIn(t, w, rivertype.JobStateScheduled) == 1
		})
		if m.State == outbox.Failed {
			if days := w.Now().Sub(began).Hours() / 24; days < 3 || days > 5 || !strings.Contains(m.LastReply, "refused") {
				t.Errorf("given up after %.1f days: %s", days, m.LastReply)
			}
			return
		}
		w.Clock.Set(*m.NextTryAt)
		wake(t, w)
	}
}

func TestPermanentRefusalFailsAtOnce(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	server := smtptest.Start(t, smtptest.Options{Rcpt: func(to string) error { return smtptest.Refuse(550, "no such user <"+to+">") }})
	start(t, w, "smtp://"+server.Addr)
	b := w.MustRequest(t, w.MustCreateCourse(t))
	m := settle(t, w, outbox.Failed)[0]
	if m.Attempts != 1 || m.NextTryAt != nil || m.LastReply != "550 5.1.1 no such user <…>" {
		t.Errorf("%+v", m)
	}
	if c, err := outbox.Count(t.Context(), w, nil); err != nil || c.Failed != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	// staff has found the cause and tries again
	server.Set(func(o *smtptest.Options) { o.Rcpt = nil })
	if err := outbox.Retry(t.Context(), w.Store, m.ID); err != nil {
		t.Fatal(err)
	}
	settle(t, w, outbox.Sent)
	if got := server.Mails(); len(got) != 1 || got[0].To != b.Email || got[0].ID(t) != m.MessageID {
		t.Errorf("%+v", got)
	}
	var errors int
	if err := w.NewRaw("SELECT count(*) FROM river_job WHERE errors::text LIKE '%@%' OR args::text LIKE '%@%'").Scan(t.Context(), &errors); err != nil || errors != 0 {
		t.Errorf("%d jobs hold an address, %v", errors, err)
	}
}

func TestAMailWithoutAnAddressFails(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	server := smtptest.Start(t, smtptest.Options{})
	b := w.MustRequest(t, w.MustCreateCourse(t))
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE mails SET recipient = ? WHERE booking_id = ?", "a@example.org\r\nRCPT TO:<b@example.org>", b.ID).Exec(ctx)
		return err
	})
	start(t, w, "smtp://"+server.Addr)
	settle(t, w, outbox.Failed)
	if len(server.Mails()) != 0 {
		t.Error("it was sent")
	}
}

func TestAMailIsSentOnceHoweverOftenItsJobRuns(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	server := smtptest.Start(t, smtptest.Options{Data: func(*smtptest.Mail) error { time.Sleep(50 * time.Millisecond); return nil }})
	b := w.MustRequest(t, w.MustCreateCourse(t))
	list, err := outbox.OfBooking(t.Context(), w, b.ID)
	if err != nil {
		t.Fatal(err)
	}
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		for range 20 {
			if err := tx.Enqueue(ctx, outbox.SendMail{MailID: list[0].ID}, nil); err != nil {
				return err
			}
		}
		return tx.Enqueue(ctx, outbox.SendMail{MailID: 1 << 40}, nil) // its mail was deleted
	})
	for range 3 {
		start(t, w, "smtp://"+server.Addr)
	}
	settle(t, w, outbox.Sent)
	// those that came while it was being sent sleep until the claim would end
	w.Clock.Advance(time.Hour)
	eventually(t, "no job is left", func() bool { wake(t, w); return jobsIn(t, w, rivertype.JobStateCompleted) == 22 })
	if n := len(server.Mails()); n != 1 {
		t.Errorf("sent %d times", n)
	}
}

// A job whose worker died after the server's 250 and before the commit: the same mail again.
func TestAMailSentAgainHasTheSameMessageID(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	server := smtptest.Start(t, smtptest.Options{})
	b := w.MustRequest(t, w.MustCreateCourse(t))
	start(t, w, "smtp://"+server.Addr)
	m := settle(t, w, outbox.Sent)[0]
	w.Must(t, func(ctx context.Context, tx *store.Tx) error { // as if the commit had not happened
		_, err := tx.NewRaw("UPDATE mails SET state = 'sending', next_try_at = ?, sent_at = NULL WHERE booking_id = ?", w.Now().Add(time.Minute), b.ID).Exec(ctx)
		if err != nil {
			return err
		}
		return tx.Enqueue(ctx, outbox.SendMail{MailID: m.ID}, nil)
	})
	eventually(t, "the job waits for the claim to end", func() bool { return jobsIn(t, w, rivertype.JobStateScheduled) == 1 })
	w.Clock.Advance(time.Minute)
	wake(t, w)
	settle(t, w, outbox.Sent)
	if got := server.Mails(); len(got) != 2 || got[0].ID(t) != got[1].ID(t) {
		t.Errorf("%d mails", len(got))
	}
}

func TestStopWaitsForTheMailUnderWay(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	var once sync.Once
	arrived := make(chan struct{})
	server := smtptest.Start(t, smtptest.Options{Data: func(*smtptest.Mail) error {
		once.Do(func() { close(arrived) })
		time.Sleep(500 * time.Millisecond)
		return nil
	}})
	c := startWith(t, Deps{Store: w.Store, Log: modeltest.Quiet(), Config: &config.Config{
		SMTPURL: "smtp://" + server.Addr, SMTPConnections: 1, JobRescueAfter: 2 * time.Minute, JobWorkers: 1,
	}})
	w.MustRequest(t, w.MustCreateCourse(t))
	<-arrived
	if err := c.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, states := mails(t, w); states[outbox.Sent] != 1 || len(server.Mails()) != 1 {
		t.Errorf("%v, %d arrived", states, len(server.Mails()))
	}
}

func TestPeriodicJobsRun(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	b := w.MustRequest(t, w.MustCreateCourse(t))
	w.Clock.Advance(2 * time.Hour)
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("INSERT INTO throttles (key, tat) VALUES ('full', ?), ('busy', ?)", w.Now().Add(-time.Second), w.Now().Add(time.Hour)).Exec(ctx)
		return err
	})
	start(t, w, "")
	eventually(t, "the hold expires", func() bool {
		got, err := booking.Load(t.Context(), w, b.ID)
		if err != nil {
			t.Fatal(err)
		}
		return got.State == booking.Expired
	})
	eventually(t, "the throttles are swept", func() bool {
		var keys []string
		if err := w.NewRaw("SELECT key FROM throttles WHERE key IN ('full', 'busy')").Scan(t.Context(), &keys); err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(keys) == "[busy]"
	})
}
