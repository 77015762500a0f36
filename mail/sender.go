package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// SenderOptions describe the mail server and how patiently to talk to it.
type SenderOptions struct {
	// URL is smtp://user:password@host:port or smtps://….
	URL string
	// Hello is the name this machine greets the server with.
	Hello string
	// Connections is how many may be open at once.
	Connections int
	// Timeout is longer than one Send takes, connecting included.
	Timeout time.Duration

	// RootCAs replace the system's, and Dial the network: both for tests.
	RootCAs *x509.CertPool
	Dial    func(ctx context.Context, network, address string) (net.Conn, error)
}

// idleTime is how long a connection is kept open for the next mail.
const idleTime = 30 * time.Second

// Sender hands letters to a mail server. One connection serves many letters. It is safe for concurrent use.
type Sender struct {
	dial, send *gomail.Client
	slots      chan struct{}
	checkTime  time.Duration

	mu     sync.Mutex
	idle   []idleConn
	closed bool
	timer  *time.Timer
}

type idleConn struct {
	*smtp.Client
	since time.Time
}

// SendError is why a letter was not taken.
type SendError struct {
	// Permanent: the server said 5xx about this very mail; another try will not help.
	Permanent bool
	// Reply is what the server or the network said, without any address.
	Reply string
}

func (e *SendError) Error() string { return e.Reply }

// NewSender checks the address of the mail server; it does not connect.
func NewSender(o SenderOptions) (*Sender, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		return nil, errors.New("SMTP_URL must look like smtp://user:password@mail.example.org:587 or smtps://…")
	}
	dial, err := o.client(u, o.Timeout/6)
	if err != nil {
		return nil, err
	}
	send, err := o.client(u, o.Timeout/2)
	if err != nil {
		return nil, err
	}
	return &Sender{dial: dial, send: send, slots: make(chan struct{}, max(1, o.Connections)), checkTime: o.Timeout / 12}, nil
}

func (o *SenderOptions) client(u *url.URL, timeout time.Duration) (*gomail.Client, error) {
	host, port := u.Hostname(), 25
	ip := net.ParseIP(host)
	loopback := host == "localhost" || ip != nil && ip.IsLoopback()
	trust := &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, RootCAs: o.RootCAs}
	policy := gomail.TLSOpportunistic
	options := []gomail.Option{gomail.WithTimeout(timeout), gomail.WithoutNoop(), gomail.WithoutRset()}
	switch {
	case u.Scheme == "smtps":
		port = 465
		options = append(options, gomail.WithSSL())
	case u.User != nil:
		port = 587
		if !loopback {
			policy = gomail.TLSMandatory // nobody listens in on the password
		}
	default:
		// whoever could forge the certificate could as well hide the offer of STARTTLS
		trust.InsecureSkipVerify = true
	}
	if loopback {
		trust.InsecureSkipVerify = true
	}
	if p := u.Port(); p != "" {
		port, _ = strconv.Atoi(p)
	}
	options = append(options, gomail.WithPort(port), gomail.WithTLSPolicy(policy), gomail.WithTLSConfig(trust),
		gomail.WithDialContextFunc(o.dialer(u.Scheme == "smtps", trust)))
	if u.User != nil {
		password, _ := u.User.Password()
		options = append(options, gomail.WithUsername(u.User.Username()), gomail.WithPassword(password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthCramMD5))
	}
	if o.Hello != "" {
		options = append(options, gomail.WithHELO(o.Hello))
	}
	c, err := gomail.NewClient(host, options...)
	if err != nil {
		return nil, fmt.Errorf("SMTP_URL: %w", err)
	}
	return c, nil
}

// dialed is where a dialer leaves the connection it made, so that it can be closed when the greeting fails.
type dialed struct{}

func (o *SenderOptions) dialer(encrypted bool, trust *tls.Config) gomail.DialContextFunc {
	dial := o.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		if encrypted {
			c := tls.Client(conn, trust)
			if err := c.HandshakeContext(ctx); err != nil {
				_ = conn.Close()
				return nil, err
			}
			conn = c
		}
		if to, ok := ctx.Value(dialed{}).(*net.Conn); ok {
			*to = conn
		}
		return conn, nil
	}
}

func (s *Sender) connect(ctx context.Context) (*smtp.Client, error) {
	var conn net.Conn
	c, err := s.dial.DialToSMTPClientWithContext(context.WithValue(ctx, dialed{}, &conn))
	if err != nil && conn != nil {
		_ = conn.Close()
	}
	return c, err
}

// Send hands over one letter, within Timeout once a connection is free for it. It returns the server's
// answer, or a *SendError. A letter that the server took is never an error, whatever happens to the
// connection afterwards.
func (s *Sender) Send(ctx context.Context, l *Letter) (reply string, err error) {
	msg, err := l.message(time.Now())
	if err != nil {
		return "", &SendError{Permanent: errors.Is(err, ErrAddress), Reply: scrub(err.Error(), l.To.Address)}
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return "", &SendError{Reply: ctx.Err().Error()}
	}
	for {
		conn, reused := s.reuse(), true
		if conn == nil {
			reused = false
			if conn, err = s.connect(ctx); err != nil {
				return "", &SendError{Reply: scrub(err.Error(), l.To.Address)}
			}
		}
		// a relay that cannot pass SMTPUTF8 on returns the mail, so ask for it only where it is needed
		conn.SkipSMTPUTF8(isASCII(l.From.Address) && isASCII(l.To.Address))
		err = s.send.SendWithSMTPClient(conn, msg)
		if err == nil || msg.IsDelivered() {
			s.keep(conn)
			return scrub(msg.ServerResponse(), l.To.Address), nil
		}
		_ = conn.Close()
		if reused && connectionWorn(err) {
			continue
		}
		return "", &SendError{Permanent: permanent(err), Reply: scrub(reason(err), l.To.Address)}
	}
}

// reuse returns a connection that still answers, or nil.
func (s *Sender) reuse() *smtp.Client {
	for {
		s.mu.Lock()
		if len(s.idle) == 0 {
			s.mu.Unlock()
			return nil
		}
		last := s.idle[len(s.idle)-1]
		s.idle = s.idle[:len(s.idle)-1]
		s.mu.Unlock()
		if last.UpdateDeadline(s.checkTime) == nil && last.Noop() == nil {
			return last.Client
		}
		_ = last.Close()
	}
}

func (s *Sender) keep(c *smtp.Client) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		go quit(c)
		return
	}
	s.idle = append(s.idle, idleConn{Client: c, since: time.Now()})
	if s.timer == nil {
		s.timer = time.AfterFunc(idleTime, s.sweep)
	}
}

// sweep ends the connections that nobody has used for a while.
func (s *Sender) sweep() {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := 0
	for old < len(s.idle) && time.Since(s.idle[old].since) >= idleTime {
		go quit(s.idle[old].Client)
		old++
	}
	s.idle = append([]idleConn(nil), s.idle[old:]...)
	s.timer = nil
	if len(s.idle) > 0 && !s.closed {
		s.timer = time.AfterFunc(idleTime, s.sweep)
	}
}

// Close ends the connections that nobody uses, and each other one after its letter.
func (s *Sender) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, c := range s.idle {
		quit(c.Client)
	}
	s.idle = nil
	if s.timer != nil {
		s.timer.Stop()
	}
}

// quit says good-bye, but waits no longer than a second for the answer.
func quit(c *smtp.Client) {
	_ = c.UpdateDeadline(time.Second)
	_ = c.Quit()
	_ = c.Close()
}
