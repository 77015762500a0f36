// Package dnscheck asks the name service whether the mails of a domain can be told from forged ones: SPF,
// DKIM and DMARC. It says what it found by message keys, and which line would mend it.
package dnscheck

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/sync/errgroup"
)

// Resolver asks the name service; a *net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// Limits of time: for one question, and for a whole check.
const (
	lookupTime = 2 * time.Second
	checkTime  = 10 * time.Second
)

// Level says how good something is.
type Level int

const (
	// Good needs nothing.
	Good Level = iota
	// Advice works, but could be better, or could not be decided.
	Advice
	// Unknown: the name service did not answer in time.
	Unknown
	// Bad makes mails look forged.
	Bad
)

// Finding is one thing to say: a message key below "dns." with its arguments.
type Finding struct {
	Level Level
	Key   string
	Args  []any
}

// Line is a line for the domain's zone. The value of a key that only the mail server's operator knows ends
// in "p=".
type Line struct {
	Name, Value string
	// Replaces: it stands in for the one that is there.
	Replaces bool
}

// Section is what was found about one of the three.
type Section struct {
	// Kind is SPF, DKIM or DMARC.
	Kind string
	// Name is where the record is looked for, Records what is there.
	Name     string
	Records  []string
	Findings []Finding
	Line     *Line
}

// The kinds of section.
const (
	SPF   = "spf"
	DKIM  = "dkim"
	DMARC = "dmarc"
)

// Level is the worst of the findings'.
func (s *Section) Level() Level {
	worst := Good
	for _, f := range s.Findings {
		worst = max(worst, f.Level)
	}
	return worst
}

func (s *Section) find(level Level, key string, args ...any) {
	s.Findings = append(s.Findings, Finding{Level: level, Key: "dns." + s.Kind + "." + key, Args: args})
}

// Question is what to check.
type Question struct {
	// Sender is the address that mails come from.
	Sender string
	// MailServer is the name of the server that takes the mails; empty if there is none.
	MailServer string
	// Selectors name the keys to look for; none: the usual ones.
	Selectors []string
	// Reports is an address that could get reports.
	Reports string
}

// Report is what was found.
type Report struct {
	Domain string
	// Freemail: the domain belongs to a mail service, so that the provider cannot change its lines.
	Freemail bool
	Sections []*Section
}

// Check asks the name service, at most 10 seconds in all. It never fails: what got no answer is Unknown.
func Check(ctx context.Context, r Resolver, q Question) Report {
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	domain := domainOf(q.Sender)
	report := Report{Domain: domain, Freemail: freemail[domain]}
	if domain == "" || report.Freemail {
		return report
	}
	c := &check{ctx: ctx, r: patient{r}, domain: domain, Question: q}
	c.vendor = vendorOf(q.MailServer)
	spf, dmarc := &Section{Kind: SPF, Name: domain}, &Section{Kind: DMARC, Name: "_dmarc." + domain}
	var dkim []*Section
	var g errgroup.Group
	g.Go(func() error { c.spf(spf); return nil })
	g.Go(func() error { dkim = c.dkim(); return nil })
	g.Go(func() error { c.dmarc(dmarc); return nil })
	_ = g.Wait()
	report.Sections = append(append([]*Section{spf}, dkim...), dmarc)
	return report
}

type check struct {
	Question
	ctx    context.Context
	r      patient
	domain string
	vendor vendor
}

// domainOf is the domain of an address as the name service knows it, or "".
func domainOf(address string) string {
	domain, err := idna.Lookup.ToASCII(strings.TrimSuffix(strings.ToLower(address[strings.LastIndexByte(address, '@')+1:]), "."))
	if err != nil || !strings.Contains(domain, ".") || len(domain) > 253 {
		return ""
	}
	return domain
}

// patient waits for each answer as long as is bearable, and asks for names as they are.
type patient struct{ Resolver }

func absolute(name string) string { return strings.TrimSuffix(name, ".") + "." }

func (p patient) LookupTXT(ctx context.Context, name string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	return p.Resolver.LookupTXT(ctx, absolute(name))
}

func (p patient) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	return p.Resolver.LookupMX(ctx, absolute(name))
}

func (p patient) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	return p.Resolver.LookupIPAddr(ctx, absolute(host))
}

func (p patient) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	return p.Resolver.LookupAddr(ctx, addr)
}

// answer is what stands at a name.
type answer struct {
	records []string
	// silent: nobody answered, or not in a way that can be understood.
	silent bool
}

// records are the texts at a name that begin as wanted. None is an answer too.
func (c *check) records(name, begin string) answer {
	all, err := c.r.LookupTXT(c.ctx, name)
	var no *net.DNSError
	if err != nil && (!errors.As(err, &no) || !no.IsNotFound) {
		return answer{silent: true}
	}
	var a answer
	for _, record := range all {
		if len(record) >= len(begin) && strings.EqualFold(record[:len(begin)], begin) {
			a.records = append(a.records, record)
		}
	}
	return a
}

const shownOfARecord = 1000

// printable makes text of what stands in the name service, which can be anything.
func printable(records []string) []string {
	out := make([]string, len(records))
	for i, record := range records {
		record = strings.Map(func(r rune) rune {
			if !unicode.IsPrint(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar {
				return '?'
			}
			return r
		}, strings.ToValidUTF8(record, "?"))
		if runes := []rune(record); len(runes) > shownOfARecord {
			record = string(runes[:shownOfARecord]) + "…"
		}
		out[i] = record
	}
	return out
}

// tags reads "a=b; c=d". Names are in lower case; of two of a name the first counts.
func tags(record string) map[string]string {
	out := map[string]string{}
	for part := range strings.SplitSeq(record, ";") {
		name, value, ok := strings.Cut(part, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := out[name]; ok && !twice {
			out[name] = strings.TrimSpace(value)
		}
	}
	return out
}
