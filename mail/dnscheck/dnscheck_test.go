package dnscheck_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"kurso/locales"
	"kurso/mail/dnscheck"
	"kurso/mail/dnscheck/dnstest"
)

// question is about example.org with a mail server of its own.
func question() dnscheck.Question {
	return dnscheck.Question{Sender: "office@example.org", MailServer: "smtp.example.org", Selectors: []string{"s1"}, Reports: "office@example.org"}
}

// section checks the zone and returns the section of a kind.
func section(t *testing.T, kind string, q dnscheck.Question, zone dnstest.Zone) *dnscheck.Section {
	t.Helper()
	report := dnscheck.Check(t.Context(), dnstest.Serve(t, zone).Resolver(), q)
	for _, s := range report.Sections {
		if s.Kind == kind {
			said(t, s)
			return s
		}
	}
	t.Fatalf("nothing about %s: %+v", kind, report)
	return nil
}

// said fails unless there is a sentence for each finding.
func said(t *testing.T, s *dnscheck.Section) {
	t.Helper()
	for _, f := range s.Findings {
		if !locales.Has(f.Key) || strings.Contains(locales.T(t.Context(), f.Key, f.Args...), "<no value>") {
			t.Errorf("no sentence for %s %v", f.Key, f.Args)
		}
	}
}

func keys(s *dnscheck.Section) []string {
	var out []string
	for _, f := range s.Findings {
		out = append(out, strings.TrimPrefix(f.Key, "dns."+s.Kind+"."))
	}
	return out
}

func TestSPF(t *testing.T) {
	t.Parallel()
	server := dnstest.Zone{"smtp.example.org A": {"192.0.2.7"}}
	many := "v=spf1"
	for i := range 11 {
		many += " a:h" + strconv.Itoa(i) + ".example.org"
	}
	for name, c := range map[string]struct {
		zone   dnstest.Zone
		server string
		level  dnscheck.Level
		want   []string
		line   string
	}{
		"none":             {nil, "smtp.example.org", dnscheck.Bad, []string{"missing"}, "v=spf1 a:smtp.example.org ~all"},
		"none, no server":  {nil, "", dnscheck.Bad, []string{"missing"}, "v=spf1 mx ~all"},
		"none, by address": {nil, "192.0.2.7", dnscheck.Bad, []string{"missing"}, "v=spf1 ip4:192.0.2.7 ~all"},
		"other texts":      {dnstest.Zone{"example.org TXT": {"google-site-verification=x", "v=spf10 -all"}}, "", dnscheck.Bad, []string{"missing"}, "v=spf1 mx ~all"},
		"good":             {dnstest.Zone{"example.org TXT": {"v=spf1 ip4:192.0.2.0/24 -all"}}, "smtp.example.org", dnscheck.Good, []string{"lookups_good", "all_good", "server_good"}, ""},
		"in capitals":      {dnstest.Zone{"example.org TXT": {"V=SPF1 IP4:192.0.2.0/24 ~ALL"}}, "smtp.example.org", dnscheck.Good, []string{"lookups_good", "all_good", "server_good"}, ""},
		"by include": {dnstest.Zone{"example.org TXT": {"v=spf1 include:spf.host.example ~all"}, "spf.host.example TXT": {"v=spf1 ip4:192.0.2.7 -all"}},
			"smtp.example.org", dnscheck.Good, []string{"lookups_good", "all_good", "server_good"}, ""},
		"by redirect": {dnstest.Zone{"example.org TXT": {"v=spf1 redirect=spf.host.example"}, "spf.host.example TXT": {"v=spf1 ip4:192.0.2.7 -all"}},
			"smtp.example.org", dnscheck.Good, []string{"lookups_good", "server_good"}, ""},
		"another server": {dnstest.Zone{"example.org TXT": {"v=spf1 ip4:198.51.100.1 -all"}}, "smtp.example.org", dnscheck.Advice,
			[]string{"lookups_good", "all_good", "server_uncovered"}, "v=spf1 ip4:198.51.100.1 a:smtp.example.org -all"},
		"two": {dnstest.Zone{"example.org TXT": {"v=spf1 mx -all", "v=spf1 a mx ~all"}}, "smtp.example.org", dnscheck.Bad, []string{"several"},
			"v=spf1 mx a a:smtp.example.org -all"},
		"no end": {dnstest.Zone{"example.org TXT": {"v=spf1 ip4:192.0.2.7"}}, "smtp.example.org", dnscheck.Advice,
			[]string{"lookups_good", "all_none", "server_good"}, "v=spf1 ip4:192.0.2.7 ~all"},
		"neutral": {dnstest.Zone{"example.org TXT": {"v=spf1 ip4:192.0.2.7 ?all"}}, "smtp.example.org", dnscheck.Advice,
			[]string{"lookups_good", "all_neutral", "server_good"}, "v=spf1 ip4:192.0.2.7 ~all"},
		"everybody": {dnstest.Zone{"example.org TXT": {"v=spf1 +all"}}, "smtp.example.org", dnscheck.Bad,
			[]string{"lookups_good", "all_pass", "server_good"}, "v=spf1 ~all"},
		"too many": {dnstest.Zone{"example.org TXT": {many + " ip4:192.0.2.7 -all"}}, "smtp.example.org", dnscheck.Bad, []string{"lookups", "all_good"}, ""},
		"too many, nested": {dnstest.Zone{"example.org TXT": {"v=spf1 include:a.example include:a.example -all"}, "a.example TXT": {"v=spf1 a mx a:x a:y a:z -all"}},
			"", dnscheck.Bad, []string{"lookups", "all_good", "server_none"}, ""},
		"a ring": {dnstest.Zone{"example.org TXT": {"v=spf1 include:a.example -all"}, "a.example TXT": {"v=spf1 include:example.org -all"}},
			"", dnscheck.Advice, []string{"lookups_good", "all_good", "server_none"}, ""},
		"broken":  {dnstest.Zone{"example.org TXT": {"v=spf1 ipv4:192.0.2.7 -all"}}, "", dnscheck.Bad, []string{"syntax"}, ""},
		"nowhere": {dnstest.Zone{"example.org TXT": {"v=spf1 include:gone.example -all"}}, "", dnscheck.Bad, []string{"include_missing", "all_good", "server_none"}, ""},
		"macros":  {dnstest.Zone{"example.org TXT": {"v=spf1 exists:%{i}.spf.example include:%{d}.example -all"}}, "", dnscheck.Advice, []string{"lookups_good", "all_good", "server_none"}, ""},
		"google": {dnstest.Zone{"example.org TXT": {"v=spf1 include:_spf.google.com ~all"}, "_spf.google.com TXT": {"v=spf1 ip4:203.0.113.0/24 ~all"}},
			"smtp-relay.gmail.com", dnscheck.Good, []string{"lookups_good", "all_good", "server_good"}, ""},
		"not google": {dnstest.Zone{"example.org TXT": {"v=spf1 mx -all"}}, "smtp-relay.gmail.com", dnscheck.Bad,
			[]string{"lookups_good", "all_good", "server_missing"}, "v=spf1 mx include:_spf.google.com -all"},
		"a server at home": {dnstest.Zone{"example.org TXT": {"v=spf1 mx -all"}, "mail.lan.example A": {"10.0.0.5"}}, "mail.lan.example", dnscheck.Advice,
			[]string{"lookups_good", "all_good", "server_local"}, ""},
		"a server that is gone": {dnstest.Zone{"example.org TXT": {"v=spf1 mx -all"}}, "gone.example", dnscheck.Unknown,
			[]string{"lookups_good", "all_good", "server_silent"}, ""},
		"failing":         {dnstest.Zone{"example.org TXT": {dnstest.Failing}}, "", dnscheck.Unknown, []string{"silent"}, ""},
		"include failing": {dnstest.Zone{"example.org TXT": {"v=spf1 include:f.example -all"}, "f.example TXT": {dnstest.Failing}}, "", dnscheck.Unknown, []string{"include_silent", "all_good", "server_none"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone := dnstest.Zone{}
			for _, z := range []dnstest.Zone{server, c.zone} {
				for k, v := range z {
					zone[k] = v
				}
			}
			q := question()
			q.MailServer = c.server
			s := section(t, dnscheck.SPF, q, zone)
			got := keys(s)
			if name == "too many" { // what the server may then is of no interest
				got = got[:2]
			}
			if !slices.Equal(got, c.want) || s.Level() != c.level {
				t.Errorf("level %d, %q; want %d, %q", s.Level(), keys(s), c.level, c.want)
			}
			line := ""
			if s.Line != nil {
				line = s.Line.Value
			}
			if line != c.line {
				t.Errorf("to add: %q, want %q", line, c.line)
			}
			if s.Line != nil && s.Line.Name != "example.org" {
				t.Errorf("the line belongs to %q", s.Line.Name)
			}
		})
	}
}

func rsaKey(t *testing.T, bits int) string {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

func TestDKIM(t *testing.T) {
	small, short, good := rsaKey(t, 768), rsaKey(t, 1024), rsaKey(t, 2048)
	public, _, _ := ed25519.GenerateKey(rand.Reader)
	for name, c := range map[string]struct {
		records []string
		level   dnscheck.Level
		want    []string
		line    bool
	}{
		"none":         {nil, dnscheck.Bad, []string{"missing"}, true},
		"good":         {[]string{"v=DKIM1; k=rsa; p=" + good}, dnscheck.Good, []string{"good"}, false},
		"as it breaks": {[]string{"v=DKIM1;k=rsa;p= " + good[:50] + " \t" + good[50:] + ";"}, dnscheck.Good, []string{"good"}, false},
		"bare":         {[]string{"p=" + good}, dnscheck.Good, []string{"good"}, false},
		"short":        {[]string{"v=DKIM1; p=" + short}, dnscheck.Advice, []string{"short"}, false},
		"weak":         {[]string{"v=DKIM1; p=" + small}, dnscheck.Bad, []string{"weak"}, true},
		"revoked":      {[]string{"v=DKIM1; p="}, dnscheck.Bad, []string{"revoked"}, true},
		"testing":      {[]string{"v=DKIM1; t=s:y; p=" + good}, dnscheck.Advice, []string{"good", "testing"}, false},
		"new kind":     {[]string{"v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)}, dnscheck.Advice, []string{"good", "ed25519"}, false},
		"odd kind":     {[]string{"v=DKIM1; k=dsa; p=" + good}, dnscheck.Bad, []string{"kind"}, true},
		"no key":       {[]string{"v=DKIM1; k=rsa"}, dnscheck.Bad, []string{"broken"}, true},
		"no base64":    {[]string{"v=DKIM1; p=not a key!"}, dnscheck.Bad, []string{"broken"}, true},
		"cut off":      {[]string{"v=DKIM1; p=" + good[:100]}, dnscheck.Bad, []string{"broken"}, true},
		"two":          {[]string{"v=DKIM1; p=" + good, "v=DKIM1; p="}, dnscheck.Bad, []string{"several"}, false},
		"failing":      {[]string{dnstest.Failing}, dnscheck.Unknown, []string{"silent"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			zone := dnstest.Zone{}
			if c.records != nil {
				zone["s1._domainkey.example.org TXT"] = c.records
			}
			s := section(t, dnscheck.DKIM, question(), zone)
			if !slices.Equal(keys(s), c.want) || s.Level() != c.level || (s.Line != nil) != c.line || s.Name != "s1._domainkey.example.org" {
				t.Errorf("level %d, %q, line %+v at %s", s.Level(), keys(s), s.Line, s.Name)
			}
		})
	}
	t.Run("the usual names", func(t *testing.T) {
		q := question()
		q.Selectors, q.MailServer = nil, "smtp.office365.com"
		s := section(t, dnscheck.DKIM, q, nil)
		if !slices.Equal(keys(s), []string{"none"}) || !strings.Contains(s.Findings[0].Args[1].(string), "selector2") {
			t.Errorf("%+v", s.Findings)
		}
		s = section(t, dnscheck.DKIM, q, dnstest.Zone{"selector2._domainkey.example.org TXT": {"v=DKIM1; p=" + good}})
		if s.Level() != dnscheck.Good || s.Name != "selector2._domainkey.example.org" {
			t.Errorf("%+v", s)
		}
	})
}

func TestDMARC(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		zone  dnstest.Zone
		level dnscheck.Level
		want  []string
		line  string
	}{
		"none": {nil, dnscheck.Bad, []string{"missing"}, "v=DMARC1; p=none; rua=mailto:office@example.org"},
		"reject": {dnstest.Zone{"_dmarc.example.org TXT": {"v=DMARC1; p=reject; rua=mailto:d@example.org"}}, dnscheck.Good,
			[]string{"policy_reject", "alignment_relaxed", "reports_good"}, ""},
		"quarantine, strict": {dnstest.Zone{"_dmarc.example.org TXT": {"v=DMARC1; p=quarantine; adkim=s; rua=mailto:d@example.org"}}, dnscheck.Good,
			[]string{"policy_quarantine", "alignment_strict", "reports_good"}, ""},
		"none yet": {dnstest.Zone{"_dmarc.example.org TXT": {"v=DMARC1; p=none; aspf=s; rua=mailto:d@example.org"}}, dnscheck.Advice,
			[]string{"policy_none", "alignment_strict", "reports_good"}, "v=DMARC1; p=quarantine; aspf=s; rua=mailto:d@example.org"},
		"half": {dnstest.Zone{"_dmarc.example.org TXT": {"v=DMARC1; p=reject; pct=50; rua=mailto:d@example.org"}}, dnscheck.Advice,
			[]string{"policy_reject", "percent", "alignment_relaxed", "reports_good"}, "v=DMARC1; p=reject; rua=mailto:d@example.org"},
		"no reports": {dnstest.Zone{"_dmarc.example.org TXT": {"v=DMARC1; p=reject"}}, dnscheck.Advice,
			[]string{"policy_reject", "alignment_relaxed", "reports_none"}, "v=DMARC1; p=reject; rua=mailto:office@example.org"},
		"reports elsewhere": {dnstest.Zone{"_dmarc.example.org TXT": {"v=DMARC1; p=reject; rua=mailto:a@reports.example"}}, dnscheck.Advice,
			[]string{"policy_reject", "alignment_relaxed", "reports_refused"}, ""},
		"reports elsewhere, agreed": {dnstest.Zone{"_dmarc.example.org TXT": {"v=DMARC1; p=reject; rua=mailto:a@reports.example!10m"},
			"example.org._report._dmarc.reports.example TXT": {"v=DMARC1"}}, dnscheck.Good, []string{"policy_reject", "alignment_relaxed", "reports_good"}, ""},
		"reports to the web": {dnstest.Zone{"_dmarc.example.org TXT": {"v=DMARC1; p=reject; rua=https://example.org/"}}, dnscheck.Bad,
			[]string{"policy_reject", "alignment_relaxed", "reports_broken"}, ""},
		"two":     {dnstest.Zone{"_dmarc.example.org TXT": {"v=DMARC1; p=reject", "v=DMARC1; p=none"}}, dnscheck.Bad, []string{"several"}, ""},
		"broken":  {dnstest.Zone{"_dmarc.example.org TXT": {"v=DMARC1; p=perhaps"}}, dnscheck.Bad, []string{"broken"}, "v=DMARC1; p=none; rua=mailto:office@example.org"},
		"failing": {dnstest.Zone{"_dmarc.example.org TXT": {dnstest.Failing}}, dnscheck.Unknown, []string{"silent"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := section(t, dnscheck.DMARC, question(), c.zone)
			line := ""
			if s.Line != nil {
				line = s.Line.Value
			}
			if !slices.Equal(keys(s), c.want) || s.Level() != c.level || line != c.line {
				t.Errorf("level %d, %q, line %q; want %d, %q, %q", s.Level(), keys(s), line, c.level, c.want, c.line)
			}
		})
	}
	t.Run("of the domain above", func(t *testing.T) {
		t.Parallel()
		q := question()
		q.Sender = "office@mail.example.org"
		s := section(t, dnscheck.DMARC, q, dnstest.Zone{"_dmarc.example.org TXT": {"v=DMARC1; p=reject; sp=none; rua=mailto:d@example.org"}})
		if !slices.Equal(keys(s), []string{"inherited", "policy_none", "alignment_relaxed", "reports_good"}) || s.Name != "_dmarc.example.org" {
			t.Errorf("%q at %s", keys(s), s.Name)
		}
	})
}

// Whatever stands in the name service, or does not answer, the check ends in time and says something.
func TestGarbageAndSilence(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("v=spf1 \x00\xff\u202e<b>include:\x1b[31m ", 300)
	for name, zone := range map[string]dnstest.Zone{
		"silent":  {"example.org TXT": {dnstest.Silent}, "s1._domainkey.example.org TXT": {dnstest.Silent}, "_dmarc.example.org TXT": {dnstest.Silent}},
		"garbage": {"example.org TXT": {dnstest.Garbage}, "s1._domainkey.example.org TXT": {dnstest.Garbage}, "_dmarc.example.org TXT": {dnstest.Garbage}},
		"texts": {"example.org TXT": {"v=spf1 " + long}, "s1._domainkey.example.org TXT": {"v=DKIM1; p=" + long, ""}, "_dmarc.example.org TXT": {"v=DMARC1" + long},
			"smtp.example.org A": {"192.0.2.7"}},
		"odd terms": {"example.org TXT": {"v=spf1 include: redirect= a:// :: ip4: -all"}, "s1._domainkey.example.org TXT": {";;=;=;p"}, "_dmarc.example.org TXT": {"v=DMARC1;;p;=;rua=;pct=x"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			report := dnscheck.Check(t.Context(), dnstest.Serve(t, zone).Resolver(), question())
			if took := time.Since(begin); took > 12*time.Second {
				t.Errorf("took %s", took)
			}
			if len(report.Sections) != 3 {
				t.Fatalf("%d sections", len(report.Sections))
			}
			for _, s := range report.Sections {
				said(t, s)
				if len(s.Findings) == 0 || s.Level() == dnscheck.Good {
					t.Errorf("%s: %+v", s.Kind, s)
				}
				for _, r := range s.Records {
					if !utf8.ValidString(r) || strings.ContainsAny(r, "\x00\x1b\u202e") || utf8.RuneCountInString(r) > 1001 {
						t.Errorf("%s shows %q", s.Kind, r)
					}
				}
				if s.Line != nil && strings.ContainsAny(s.Line.Value, "\x00\x1b\u202e") {
					t.Errorf("%s suggests %q", s.Kind, s.Line.Value)
				}
			}
		})
	}
}

// A name service that does not answer costs at most two seconds a question.
func TestPatienceEnds(t *testing.T) {
	t.Parallel()
	begin := time.Now()
	s := section(t, dnscheck.SPF, question(), dnstest.Zone{"example.org TXT": {dnstest.Silent}})
	if took := time.Since(begin); took > 4*time.Second || !slices.Equal(keys(s), []string{"silent"}) {
		t.Errorf("took %s, %q", took, keys(s))
	}
}

func TestDomains(t *testing.T) {
	t.Parallel()
	service := dnstest.Serve(t, nil)
	for sender, want := range map[string]string{
		"a@example.org": "example.org", "a@Bücher.example": "xn--bcher-kva.example", "a@EXAMPLE.org.": "example.org",
		"a": "", "": "", "a@localhost": "", "a@ex ample.org": "", "a@" + strings.Repeat("a.", 200) + "de": "",
	} {
		if got := dnscheck.Check(t.Context(), service.Resolver(), dnscheck.Question{Sender: sender}); got.Domain != want {
			t.Errorf("%q: %q", sender, got.Domain)
		}
	}
	before := service.Questions()
	got := dnscheck.Check(t.Context(), service.Resolver(), dnscheck.Question{Sender: "verein@gmx.de"})
	if !got.Freemail || len(got.Sections) != 0 || service.Questions() != before {
		t.Errorf("%+v", got)
	}
}
