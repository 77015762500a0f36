package mail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"kurso/mail/smtptest"
)

func letter() *Letter {
	return &Letter{
		MessageID: "abc@kurso.mail", Locale: "de", Subject: "Grüße", Text: "Hallo", HTML: "<p>Hallo</p>",
		From:    netmail.Address{Name: "Volkshochschule Ä", Address: "vhs@example.org"},
		To:      netmail.Address{Address: "anna.mueller@example.org"},
		ReplyTo: netmail.Address{Name: "Eva", Address: "eva@example.org"},
	}
}

func sender(t *testing.T, o SenderOptions) *Sender {
	t.Helper()
	if o.Timeout == 0 {
		o.Timeout = 20 * time.Second
	}
	s, err := NewSender(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// refused sends and returns the error, which must be a *SendError.
func refused(t *testing.T, s *Sender, l *Letter) *SendError {
	t.Helper()
	_, err := s.Send(t.Context(), l)
	var e *SendError
	if !errors.As(err, &e) {
		t.Fatalf("got %v", err)
	}
	return e
}

func TestOneConnectionServesManyLetters(t *testing.T) {
	t.Parallel()
	server := smtptest.Start(t, smtptest.Options{})
	s := sender(t, SenderOptions{URL: "smtp://" + server.Addr, Connections: 2})
	for i := range 25 {
		l := letter()
		l.MessageID = fmt.Sprintf("%d@kurso.mail", i)
		if _, err := s.Send(t.Context(), l); err != nil {
			t.Fatal(err)
		}
	}
	if n, c := len(server.Mails()), server.Connections(); n != 25 || c != 1 {
		t.Errorf("%d mails over %d connections", n, c)
	}

	// a server that hangs up costs nothing but a new connection
	server.HangUp()
	if _, err := s.Send(t.Context(), letter()); err != nil {
		t.Fatal(err)
	}
	if c := server.Connections(); c != 2 {
		t.Errorf("%d connections", c)
	}
}

func TestConnectionsAreLimited(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now, most := 0, 0
	server := smtptest.Start(t, smtptest.Options{Data: func(*smtptest.Mail) error {
		mu.Lock()
		now++
		most = max(most, now)
		mu.Unlock()
		time.Sleep(20 * time.Millisecond)
		mu.Lock()
		now--
		mu.Unlock()
		return nil
	}})
	s := sender(t, SenderOptions{URL: "smtp://" + server.Addr, Connections: 3})
	var wg sync.WaitGroup
	for range 24 {
		wg.Go(func() {
			if _, err := s.Send(t.Context(), letter()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(server.Mails()) != 24 || most != 3 || server.Connections() != 3 {
		t.Errorf("%d mails, %d at once, %d connections", len(server.Mails()), most, server.Connections())
	}
}

func TestEncryptionAndPassword(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		options smtptest.Options
		url     string
		trusted bool
		wrong   string
	}{
		{name: "STARTTLS with a password", options: smtptest.Options{StartTLS: true, User: "kurso", Password: "s3cret:@"}, url: "smtp://kurso:s3cret%3A%40@", trusted: true},
		{name: "TLS from the start", options: smtptest.Options{ImplicitTLS: true, User: "kurso", Password: "s3cret"}, url: "smtps://kurso:s3cret@", trusted: true},
		{name: "STARTTLS without a password needs no known authority", options: smtptest.Options{StartTLS: true}, url: "smtp://"},
		{name: "unknown authority", options: smtptest.Options{StartTLS: true, User: "kurso", Password: "s3cret"}, url: "smtp://kurso:s3cret@", wrong: "certificate"},
		{name: "unknown authority, TLS from the start", options: smtptest.Options{ImplicitTLS: true}, url: "smtps://", wrong: "certificate"},
		{name: "no encryption for the password", options: smtptest.Options{User: "kurso", Password: "s3cret"}, url: "smtp://kurso:s3cret@", wrong: "STARTTLS"},
		{name: "wrong password", options: smtptest.Options{StartTLS: true, User: "kurso", Password: "other"}, url: "smtp://kurso:s3cret@", trusted: true, wrong: "535"},
		{name: "password missing", options: smtptest.Options{StartTLS: true, User: "kurso", Password: "other"}, url: "smtp://", wrong: "530"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := smtptest.Start(t, c.options)
			o := SenderOptions{URL: c.url + smtptest.Host + ":2525", Connections: 1, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return (&net.Dialer{}).DialContext(ctx, network, server.Addr)
			}}
			if c.trusted {
				o.RootCAs = server.CA
			}
			s := sender(t, o)
			if c.wrong != "" {
				if e := refused(t, s, letter()); e.Permanent || !strings.Contains(e.Reply, c.wrong) || strings.Contains(e.Reply, "s3cret") {
					t.Errorf("%+v", e)
				}
				return
			}
			if _, err := s.Send(t.Context(), letter()); err != nil {
				t.Fatal(err)
			}
			if m := server.Mails()[0]; !m.Encrypted {
				t.Error("sent in the clear")
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	server := smtptest.Start(t, smtptest.Options{})
	s := sender(t, SenderOptions{URL: "smtp://" + server.Addr, Connections: 1})
	for _, c := range []struct {
		code      int
		text      string
		permanent bool
		reply     string
	}{
		{451, "Greylisted, try again", false, "451 4.1.1 Greylisted, try again"},
		{452, "Mailbox of anna.mueller full", false, "452 4.1.1 Mailbox of … full"},
		{550, "<anna.mueller@example.org>: no such user", true, "550 5.1.1 <…>: no such user"},
		{552, "too big", true, "552 5.1.1 too big"},
	} {
		for _, stage := range []string{"rcpt", "data"} {
			server.Set(func(o *smtptest.Options) {
				o.Rcpt, o.Data = nil, nil
				if stage == "rcpt" {
					o.Rcpt = func(string) error { return smtptest.Refuse(c.code, c.text) }
				} else {
					o.Data = func(*smtptest.Mail) error { return smtptest.Refuse(c.code, c.text) }
				}
			})
			if e := refused(t, s, letter()); e.Permanent != c.permanent || e.Reply != c.reply {
				t.Errorf("%s %d: %+v", stage, c.code, e)
			}
		}
	}
	server.Set(func(o *smtptest.Options) { o.Rcpt, o.Data = nil, nil })
	if reply, err := s.Send(t.Context(), letter()); err != nil || !strings.Contains(reply, "OK") {
		t.Errorf("after refusals: %q, %v", reply, err)
	}
	if n := len(server.Mails()); n != 1 {
		t.Errorf("%d mails", n)
	}

	l := letter()
	l.To.Address = "no address"
	if e := refused(t, s, l); !e.Permanent {
		t.Errorf("%+v", e)
	}
}

func TestAnUnreachableServerIsNoVerdict(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	silent := listener.Addr().String()
	t.Cleanup(func() { _ = listener.Close() })
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	_ = closed.Close()
	slow := smtptest.Start(t, smtptest.Options{Data: func(*smtptest.Mail) error { time.Sleep(2 * time.Second); return nil }})
	for name, addr := range map[string]string{"nobody listens": nobody, "no greeting": silent, "no answer": slow.Addr} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := sender(t, SenderOptions{URL: "smtp://" + addr, Connections: 1, Timeout: time.Second})
			began := time.Now()
			if e := refused(t, s, letter()); e.Permanent || e.Reply == "" {
				t.Errorf("%+v", e)
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	server := smtptest.Start(t, smtptest.Options{})
	s := sender(t, SenderOptions{URL: "smtp://" + server.Addr, Connections: 1})
	l := letter()
	l.Attachments = []Attachment{{Name: "termine.ics", ContentType: "text/calendar; charset=utf-8; method=PUBLISH", Data: []byte("BEGIN:VCALENDAR\r\n")}}
	if _, err := s.Send(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	m := server.Mails()[0]
	msg := m.Message(t)
	for name, want := range map[string]string{
		"Message-Id": "<abc@kurso.mail>", "Auto-Submitted": "auto-generated", "Subject": "Grüße", "Content-Language": "de",
		"From": `"Volkshochschule Ä" <vhs@example.org>`, "To": "<anna.mueller@example.org>", "Reply-To": `"Eva" <eva@example.org>`,
	} {
		got, err := new(mime.WordDecoder).DecodeHeader(msg.Header.Get(name))
		if err != nil || strings.ReplaceAll(got, `"`, "") != strings.ReplaceAll(want, `"`, "") {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if date, err := msg.Header.Date(); err != nil || time.Since(date) > time.Minute {
		t.Errorf("date %s, %v", date, err)
	}
	if m.From != "vhs@example.org" || m.To != "anna.mueller@example.org" {
		t.Errorf("envelope %s → %s", m.From, m.To)
	}
	want := map[string]string{"text/plain": "Hallo", "text/html": "<p>Hallo</p>", "text/calendar": "QkVHSU46VkNBTEVOREFSDQo="}
	for kind, body := range parts(t, msg.Header.Get("Content-Type"), msg.Body) {
		if strings.TrimSpace(body) != want[kind] {
			t.Errorf("%s is %q", kind, body)
		}
		delete(want, kind)
	}
	if len(want) > 0 {
		t.Errorf("missing: %v", want)
	}
}

// parts are the leaves of a message, by their type.
func parts(t *testing.T, contentType string, body io.Reader) map[string]string {
	t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	if !strings.HasPrefix(kind, "multipart/") {
		b, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		return map[string]string{kind: string(b)}
	}
	for r := multipart.NewReader(body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		var content io.Reader = p
		if p.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
			content = quotedprintable.NewReader(p)
		}
		for k, v := range parts(t, p.Header.Get("Content-Type"), content) {
			out[k] = v
		}
	}
}

func TestNoInputReachesAHeader(t *testing.T) {
	t.Parallel()
	server := smtptest.Start(t, smtptest.Options{})
	s := sender(t, SenderOptions{URL: "smtp://" + server.Addr, Connections: 1})
	for _, evil := range []string{
		"x\r\nBcc: victim@example.org", "x\nBcc: victim@example.org", "x\rBcc: victim@example.org", "x\x00Bcc: v@example.org",
		"x\r\n\r\nBcc: body", `"<victim@example.org>, "`, "x\u2028Bcc: v@example.org", "=?utf-8?q?=0d=0aBcc:_v@example.org?=",
		strings.Repeat("ä", 2000), "\u202egro.elpmaxe", "\xff\xfe",
	} {
		l := letter()
		l.Subject, l.From = evil, address(evil, l.From.Address)
		l.ReplyTo = address(evil, l.ReplyTo.Address)
		if _, err := s.Send(t.Context(), l); err != nil {
			t.Errorf("%q: %v", evil, err)
			continue
		}
		mails := server.Mails()
		m := mails[len(mails)-1]
		msg := m.Message(t)
		if msg.Header.Get("Bcc") != "" || m.To != l.To.Address || msg.Header.Get("Auto-Submitted") == "" {
			t.Errorf("%q reached the header: %v", evil, msg.Header)
		}
		for _, name := range []string{"From", "Reply-To", "To"} {
			if list, err := msg.Header.AddressList(name); err != nil || len(list) != 1 {
				t.Errorf("%q: %s is %q: %v", evil, name, msg.Header.Get(name), err)
			}
		}
	}
	for _, evil := range []string{"a@example.org\r\nRCPT TO:<b@example.org>", "a@example.org>\nBcc: b@example.org", "a b@example.org", "a@example.org,b@example.org"} {
		l := letter()
		l.To.Address = evil
		if e := refused(t, s, l); !e.Permanent {
			t.Errorf("%q: %+v", evil, e)
		}
		l = letter()
		l.From.Address = evil
		if e := refused(t, s, l); e.Permanent {
			t.Errorf("a wrong sender is not the mail's fault: %+v", e)
		}
	}
}

func TestWrongURLs(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "mail.example.org:25", "http://mail.example.org", "smtp://", "smtp://:25"} {
		if _, err := NewSender(SenderOptions{URL: url, Timeout: time.Second}); err == nil || !strings.Contains(err.Error(), "SMTP_URL") {
			t.Errorf("%q: %v", url, err)
		}
	}
}
