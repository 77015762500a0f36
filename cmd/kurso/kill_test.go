package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"kurso/mail/smtptest"
	"kurso/models/modeltest"
	"kurso/models/outbox"
)

// built is the folder of the program that kurso built.
var built string

// kurso is the program, built once.
var kurso = sync.OnceValues(func() (string, error) {
	var err error
	if built, err = os.MkdirTemp("", "kurso-test-"); err != nil {
		return "", err
	}
	bin := filepath.Join(built, "kurso")
	if out, err := exec.Command("go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return bin, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if built != "" {
		_ = os.RemoveAll(built)
	}
	os.Exit(code)
}

// process is a running kurso.
type process struct {
	cmd *exec.Cmd
	log *logBuffer
}

// logBuffer is what a process has said so far.
type logBuffer struct {
	sync.Mutex
	bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.Lock()
	defer b.Unlock()
	return b.Buffer.Write(p)
}

func (b *logBuffer) String() string {
	b.Lock()
	defer b.Unlock()
	return b.Buffer.String()
}

// start runs kurso and returns when it has begun to work.
func start(t *testing.T, w *modeltest.World, server *smtptest.Server, env ...string) *process {
	t.Helper()
	p := launch(t, w, server, "serve", env...)
	p.address(t)
	return p
}

// launch runs one of kurso's commands.
func launch(t *testing.T, w *modeltest.World, server *smtptest.Server, command string, env ...string) *process {
	t.Helper()
	bin, err := kurso()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(bin, command), log: &logBuffer{}}
	p.cmd.Dir = t.TempDir() // no .env there
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	p.cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "DATA_DIR=" + p.cmd.Dir, "PORT=0",
		"DATABASE_URL=" + w.URL, "DATABASE_OWNER_URL=" + w.OwnerURL, "SECRET_KEY=" + string(modeltest.Secret), "SMTP_URL=smtp://" + server.Addr,
	}, env...)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.kill)
	return p
}

var listening = regexp.MustCompile(`listening address=(\S+)`)

// address waits until the process answers and tells where.
func (p *process) address(t *testing.T) string {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if found := listening.FindStringSubmatch(p.log.String()); found != nil {
			return found[1]
		}
	}
	t.Fatalf("it does not start: %s", p.log)
	return ""
}

// kill is kill -9.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_, _ = p.cmd.Process.Wait()
}

// killing is one database whose process is killed again and again.
type killing struct {
	*modeltest.World
	server *smtptest.Server
	// allowed counts by Message-ID how often the mail may be sent again: the kill fell between the
	// server's 250 and the commit.
	allowed map[string]int

	mu        sync.Mutex
	receiving func() // called once, while the server takes its time to answer
	answered  func() // called once, right before the answer goes out
}

func newKilling(t *testing.T) *killing {
	k := &killing{World: modeltest.New(t), allowed: map[string]int{}}
	k.server = smtptest.Start(t, smtptest.Options{Data: func(*smtptest.Mail) error {
		k.call(&k.receiving)
		time.Sleep(time.Duration(rand.IntN(200)) * time.Millisecond)
		k.call(&k.answered)
		return nil
	}})
	return k
}

func (k *killing) call(hook *func()) {
	k.mu.Lock()
	fn := *hook
	*hook = nil
	k.mu.Unlock()
	if fn != nil {
		fn()
	}
}

func (k *killing) set(hook *func(), fn func()) {
	k.mu.Lock()
	defer k.mu.Unlock()
	*hook = fn
}

// sent counts what has arrived, by Message-ID.
func (k *killing) sent(t *testing.T) map[string]int {
	out := map[string]int{}
	for _, m := range k.server.Mails() {
		out[m.ID(t)]++
	}
	return out
}

func (k *killing) mails(t *testing.T) []*outbox.Mail {
	t.Helper()
	var list []*outbox.Mail
	if err := k.NewSelect().Model(&list).Scan(t.Context()); err != nil {
		t.Fatal(err)
	}
	return list
}

// moments are when a kill can fall.
var moments = []string{"while mails are booked", "while the server takes a mail", "right after the server's 250"}

// round books, kills at some moment, starts again and waits until every mail has arrived.
func (k *killing) round(t *testing.T, n int, patience time.Duration, env ...string) {
	t.Helper()
	p := start(t, k.World, k.server, env...)
	k.Clock.Set(time.Now())
	moment := moments[n%len(moments)]
	die := make(chan struct{})
	var once sync.Once
	now := func() { once.Do(func() { close(die) }) }
	switch moment {
	case moments[0]:
		time.AfterFunc(time.Duration(rand.IntN(120))*time.Millisecond, now)
	case moments[1]:
		k.set(&k.receiving, now)
	case moments[2]:
		// the hook runs a moment before the 250: let it leave
		k.set(&k.answered, func() { time.AfterFunc(time.Duration(1000+rand.IntN(3000))*time.Microsecond, now) })
	}
	killed := make(chan struct{})
	go func() {
		defer close(killed)
		<-die
		p.kill()
	}()
	c := k.MustCreateCourse(t)
	before := len(k.mails(t))
	for i := range 4 {
		b := k.MustRequest(t, c)
		if i%2 == 0 { // staff hears of it by a job, which may be cut off as well
			k.MustConfirm(t, b)
		}
	}
	<-killed
	time.Sleep(300 * time.Millisecond) // the server answers whoever is still there
	arrived := k.sent(t)
	waiting, again := 0, 0
	for _, m := range k.mails(t) {
		if m.State != outbox.Sent {
			waiting++
			if arrived[m.MessageID] > 0 {
				k.allowed[m.MessageID]++
				again++
			}
		}
	}
	began := time.Now()
	p = start(t, k.World, k.server, env...)
	defer p.kill()
	for {
		left := k.count(t, "SELECT count(*) FROM river_job WHERE kind = 'notify_staff' AND state NOT IN ('completed', 'discarded')")
		for _, m := range k.mails(t) {
			if m.State != outbox.Sent {
				left++
			}
		}
		if left == 0 {
			break
		}
		if time.Since(began) > patience {
			t.Fatalf("%d mails and jobs have not gone out %s after the restart\n%s", left, patience, p.log)
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Logf("killed %s: %d of %d mails were waiting, %d of them had their 250, all out %s after the restart",
		moment, waiting, len(k.mails(t))-before, again, time.Since(began).Round(100*time.Millisecond))
}

// judge compares what arrived with what was owed.
func (k *killing) judge(t *testing.T) {
	t.Helper()
	arrived := k.sent(t)
	for _, m := range k.mails(t) {
		n := arrived[m.MessageID]
		if n < 1 || n > 1+k.allowed[m.MessageID] {
			t.Errorf("mail %d arrived %d times; a kill fell between 250 and commit %d times", m.ID, n, k.allowed[m.MessageID])
		}
		delete(arrived, m.MessageID)
	}
	if len(arrived) > 0 {
		t.Errorf("%d Message-IDs that nobody wrote", len(arrived))
	}
	// whoever confirmed, staff was told of once
	confirmed := k.count(t, "SELECT count(*) FROM bookings WHERE state = 'CONFIRMED'")
	told := k.count(t, "SELECT count(*) FROM mails WHERE letter = 'staff_booking'")
	bookings := k.count(t, "SELECT count(DISTINCT booking_id) FROM mails WHERE letter = 'staff_booking'")
	if confirmed == 0 || told != confirmed || bookings != confirmed {
		t.Errorf("%d confirmed, staff was told %d times of %d", confirmed, told, bookings)
	}
}

func (k *killing) count(t *testing.T, sql string) (n int) {
	t.Helper()
	if err := k.NewRaw(sql).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// A process that is killed between a booking and its mail loses none: each goes out after the restart, and
// once, unless the kill fell between the mail server's 250 and the commit.
func TestKilledProcessesLoseNoMail(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	t.Parallel()
	rounds := 2
	if s := os.Getenv("KURSO_KILL_ROUNDS"); s != "" {
		var err error
		if rounds, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	// databases side by side: a new process waits 15 s until the dead one's lead over the others ends
	const side = 4
	for i := range min(side, rounds) {
		t.Run(fmt.Sprint("database ", i+1), func(t *testing.T) {
			t.Parallel()
			k := newKilling(t)
			for n := i; n < rounds; n += side {
				k.round(t, n, 90*time.Second, "JOB_RESCUE_AFTER=8s")
			}
			k.judge(t)
		})
	}
}

// With the default JOB_RESCUE_AFTER mails are out within three minutes.
func TestKilledProcessWithDefaultInterval(t *testing.T) {
	if os.Getenv("KURSO_KILL_DEFAULT") == "" {
		t.Skip("takes three minutes: set KURSO_KILL_DEFAULT=1")
	}
	t.Parallel()
	k := newKilling(t)
	k.round(t, 1, 3*time.Minute)
	k.judge(t)
}
