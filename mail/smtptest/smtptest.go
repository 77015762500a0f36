// Package smtptest is a real SMTP server in the test's process: it keeps what it is sent, and refuses or
// dawdles where a test wants it to.
package smtptest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Host is the name in the server's certificate.
const Host = "mail.example.test"

// Options change the server. The zero value takes everything, without TLS and without a password.
type Options struct {
	// StartTLS offers encryption, ImplicitTLS begins with it.
	StartTLS, ImplicitTLS bool
	// User and Password, if set, must be given before any mail.
	User, Password string
	// Rcpt and Data may refuse a mail: return a *smtp.SMTPError. Data is called when the mail has arrived
	// and before it is acknowledged, so it may also take its time.
	Rcpt func(to string) error
	Data func(*Mail) error
}

// Mail is a mail that was received, and acknowledged to a client that was still there.
type Mail struct {
	From, To string
	// Encrypted: it came through TLS.
	Encrypted bool
	Data      []byte
}

// Message parses the mail's header.
func (m *Mail) Message(t testing.TB) *netmail.Message {
	t.Helper()
	msg, err := netmail.ReadMessage(bytes.NewReader(m.Data))
	if err != nil {
		t.Fatal(err)
	}
	return msg
}

// Server listens on the loopback address until the test ends.
type Server struct {
	Addr string
	// CA has signed the server's certificate.
	CA *x509.CertPool

	mu          sync.Mutex
	opts        Options
	mails       []*Mail
	connections int
	conns       []*smtp.Conn
	server      *smtp.Server
}

// Start begins to listen.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Addr: listener.Addr().String(), opts: o}
	s.server = smtp.NewServer(smtp.BackendFunc(s.session))
	s.server.Domain = Host
	s.server.AllowInsecureAuth = !o.StartTLS
	s.server.ErrorLog = log.New(io.Discard, "", 0)
	certificate, pool, err := selfMade()
	if err != nil {
		t.Fatal(err)
	}
	s.CA = pool
	trust := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	if o.StartTLS {
		s.server.TLSConfig = trust
	}
	if o.ImplicitTLS {
		listener = tls.NewListener(listener, trust)
	}
	go func() { _ = s.server.Serve(listener) }()
	t.Cleanup(func() { _ = s.server.Close() })
	return s
}

// Set changes how the server behaves from the next command on.
func (s *Server) Set(change func(*Options)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.opts)
}

// Mails are those acknowledged so far.
func (s *Server) Mails() []*Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Mail(nil), s.mails...)
}

// Connections is how many there were.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.connections
}

// HangUp ends all connections, as servers do with connections that idle.
func (s *Server) HangUp() {
	s.mu.Lock()
	conns := s.conns
	s.conns = nil
	s.mu.Unlock()
	for _, c := range conns {
		_ = c.Close()
	}
}

func (s *Server) session(c *smtp.Conn) (smtp.Session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns = append(s.conns, c)
	return &session{server: s, conn: c}, nil
}

func (s *Server) options() Options {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opts
}

type session struct {
	server   *Server
	conn     *smtp.Conn
	known    bool
	counted  bool
	from, to string
}

func (s *session) AuthMechanisms() []string {
	if s.server.options().User == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		o := s.server.options()
		if user != o.User || password != o.Password {
			return smtp.ErrAuthFailed
		}
		s.known = true
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if s.server.options().User != "" && !s.known {
		return &smtp.SMTPError{Code: 530, Message: "Authentication required"}
	}
	if !s.counted {
		s.counted = true
		s.server.mu.Lock()
		s.server.connections++
		s.server.mu.Unlock()
	}
	s.from = from
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	if refuse := s.server.options().Rcpt; refuse != nil {
		return refuse(to)
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	_, encrypted := s.conn.TLSConnectionState()
	m := &Mail{From: s.from, To: s.to, Encrypted: encrypted, Data: data}
	if judge := s.server.options().Data; judge != nil {
		if err := judge(m); err != nil {
			return err
		}
	}
	if s.abandoned() {
		return Refuse(451, "nobody waits for the answer")
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.mails = append(s.server.mails, m)
	return nil
}

// abandoned reports whether the client has gone before it could be answered; its mail is dropped then. A
// client that waits sends nothing, so reading from it blocks. Not for TLS, which a timeout would break.
func (s *session) abandoned() bool {
	conn, ok := s.conn.Conn().(*net.TCPConn)
	if !ok {
		return false
	}
	_ = conn.SetReadDeadline(time.Now().Add(time.Millisecond))
	defer func() { _ = conn.SetReadDeadline(time.Time{}) }()
	_, err := conn.Read(make([]byte, 1))
	var timeout net.Error
	return !errors.As(err, &timeout) || !timeout.Timeout()
}

func (s *session) Reset()        { s.from, s.to = "", "" }
func (s *session) Logout() error { return nil }

// ID is the Message-ID without its angle brackets.
func (m *Mail) ID(t testing.TB) string {
	return strings.Trim(m.Message(t).Header.Get("Message-Id"), "<>")
}

// Refuse is an answer with a code, such as 451 or 550.
func Refuse(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: text}
}

// selfMade is a certificate for Host and the loopback address, signed by a new authority.
func selfMade() (tls.Certificate, *x509.CertPool, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: Host}, DNSNames: []string{Host},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, nil, err
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool, nil
}
