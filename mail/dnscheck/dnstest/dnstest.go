// Package dnstest is a name service of a test's own.
package dnstest

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/miekg/dns"
)

// Zone is what stands where: "example.org TXT" → texts; MX, A and AAAA likewise. A name that is not there
// does not exist.
type Zone map[string][]string

// What a name can answer instead of a record.
const (
	// Silent never answers.
	Silent = "!silent"
	// Garbage answers with bytes that are no message.
	Garbage = "!garbage"
	// Failing says that it cannot find out.
	Failing = "!failing"
)

// Service answers from a zone until the test ends.
type Service struct {
	zone      Zone
	address   string
	questions atomic.Int64
}

// Serve starts one on the loopback address, by UDP and TCP.
func Serve(t testing.TB, zone Zone) *Service {
	t.Helper()
	s := &Service{zone: zone}
	packets, streams := listen(t)
	s.address = packets.LocalAddr().String()
	for _, server := range []*dns.Server{{PacketConn: packets, Handler: s}, {Listener: streams, Handler: s}} {
		go func() { _ = server.ActivateAndServe() }()
		t.Cleanup(func() { _ = server.Shutdown() })
	}
	return s
}

// listen takes a port that is free for both.
func listen(t testing.TB) (net.PacketConn, net.Listener) {
	t.Helper()
	for range 50 {
		packets, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		streams, err := net.Listen("tcp", packets.LocalAddr().String())
		if err == nil {
			return packets, streams
		}
		_ = packets.Close()
	}
	t.Fatal("no port is free for UDP and TCP")
	return nil, nil
}

// Questions is how many have been asked.
func (s *Service) Questions() int { return int(s.questions.Load()) }

// Resolver asks this service and no other.
func (s *Service) Resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return s.Dial(ctx, network)
	}}
}

// Dial connects to this service.
func (s *Service) Dial(ctx context.Context, network string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, network, s.address)
}

// ServeDNS answers one question.
func (s *Service) ServeDNS(w dns.ResponseWriter, question *dns.Msg) {
	s.questions.Add(1)
	answer := new(dns.Msg)
	answer.SetReply(question)
	q := question.Question[0]
	name := strings.ToLower(strings.TrimSuffix(q.Name, "."))
	records, there := s.zone[name+" "+dns.TypeToString[q.Qtype]]
	if !there {
		answer.Rcode = dns.RcodeNameError
		for key := range s.zone {
			if strings.HasPrefix(key, name+" ") {
				answer.Rcode = dns.RcodeSuccess
			}
		}
	}
	for _, r := range records {
		switch r {
		case Silent:
			return
		case Garbage:
			_, _ = w.Write([]byte("\xff\x00\xc0\x0cno message at all"))
			return
		case Failing:
			answer.Rcode = dns.RcodeServerFailure
			continue
		}
		if rr := record(q, r); rr != nil {
			answer.Answer = append(answer.Answer, rr)
		}
	}
	size := dns.MinMsgSize
	if edns := question.IsEdns0(); edns != nil {
		size = int(edns.UDPSize())
	}
	if w.LocalAddr().Network() == "udp" {
		answer.Truncate(size)
	}
	_ = w.WriteMsg(answer)
}

func record(q dns.Question, value string) dns.RR {
	header := dns.RR_Header{Name: q.Name, Rrtype: q.Qtype, Class: dns.ClassINET, Ttl: 60}
	switch q.Qtype {
	case dns.TypeTXT:
		return &dns.TXT{Hdr: header, Txt: chunks(value)}
	case dns.TypeMX:
		return &dns.MX{Hdr: header, Preference: 10, Mx: dns.Fqdn(value)}
	case dns.TypeA:
		return &dns.A{Hdr: header, A: net.ParseIP(value)}
	case dns.TypeAAAA:
		return &dns.AAAA{Hdr: header, AAAA: net.ParseIP(value)}
	}
	return nil
}

// chunks are the strings of at most 255 bytes that a long text is made of.
func chunks(s string) []string {
	out := []string{}
	for len(s) > 255 {
		out, s = append(out, s[:255]), s[255:]
	}
	return append(out, s)
}
