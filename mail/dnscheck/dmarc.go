package dnscheck

import (
	"strings"

	"github.com/emersion/go-msgauth/dmarc"
	"golang.org/x/net/publicsuffix"
)

// dmarc looks at the domain's own record, or else at that of the domain it belongs to.
func (c *check) dmarc(s *Section) {
	found := c.records(s.Name, "v=DMARC1")
	above, err := publicsuffix.EffectiveTLDPlusOne(c.domain)
	inherited := err == nil && above != c.domain && !found.silent && len(found.records) == 0
	if inherited {
		if found = c.records("_dmarc."+above, "v=DMARC1"); len(found.records) > 0 {
			s.Name = "_dmarc." + above
		}
	}
	s.Records = printable(found.records)
	switch {
	case found.silent:
		s.find(Unknown, "silent")
		return
	case len(found.records) == 0:
		s.find(Bad, "missing")
		s.Line = &Line{Name: "_dmarc." + c.domain, Value: "v=DMARC1; p=none; rua=mailto:" + c.reportAddress()}
		return
	case len(found.records) > 1:
		s.find(Bad, "several", "Count", len(found.records))
		return
	}
	record, err := dmarc.Parse(found.records[0])
	if err != nil {
		s.find(Bad, "broken")
		s.Line = &Line{Name: s.Name, Value: "v=DMARC1; p=none; rua=mailto:" + c.reportAddress(), Replaces: true}
		return
	}
	if inherited {
		s.find(Good, "inherited", "Domain", above)
	}
	c.judgePolicy(s, record, inherited)
	t := tags(found.records[0])
	c.judgeReports(s, record, t)
	if s.Line != nil {
		s.Line.Name, s.Line.Replaces = s.Name, true
	}
}

func (c *check) judgePolicy(s *Section, r *dmarc.Record, inherited bool) {
	policy := r.Policy
	if inherited && r.SubdomainPolicy != "" {
		policy = r.SubdomainPolicy
	}
	switch policy {
	case dmarc.PolicyNone:
		s.find(Advice, "policy_none")
		s.Line = &Line{Value: dmarcRecord("quarantine", r, c.reportAddress())}
	case dmarc.PolicyQuarantine:
		s.find(Good, "policy_quarantine")
	default:
		s.find(Good, "policy_reject")
	}
	if r.Percent != nil && *r.Percent < 100 && policy != dmarc.PolicyNone {
		s.find(Advice, "percent", "Percent", *r.Percent)
		s.Line = &Line{Value: dmarcRecord(string(policy), r, c.reportAddress())}
	}
	if r.DKIMAlignment == dmarc.AlignmentStrict || r.SPFAlignment == dmarc.AlignmentStrict {
		s.find(Good, "alignment_strict", "Domain", c.domain)
	} else {
		s.find(Good, "alignment_relaxed")
	}
}

func (c *check) judgeReports(s *Section, r *dmarc.Record, t map[string]string) {
	if len(r.ReportURIAggregate) == 0 {
		s.find(Advice, "reports_none")
		if s.Line == nil {
			s.Line = &Line{Value: dmarcRecord(t["p"], r, c.reportAddress())}
		}
		return
	}
	for _, uri := range r.ReportURIAggregate {
		domain := domainOf(strings.TrimPrefix(strings.SplitN(strings.TrimSpace(uri), "!", 2)[0], "mailto:"))
		if !strings.HasPrefix(strings.TrimSpace(uri), "mailto:") || domain == "" {
			s.find(Bad, "reports_broken", "URI", printable([]string{uri})[0])
			continue
		}
		// who gets reports about another's domain must have agreed
		if organisation(domain) != organisation(c.domain) {
			agreed := c.records(strings.TrimPrefix(s.Name, "_dmarc.")+"._report._dmarc."+domain, "v=DMARC1")
			if !agreed.silent && len(agreed.records) == 0 {
				s.find(Advice, "reports_refused", "Domain", domain)
				continue
			}
		}
		s.find(Good, "reports_good", "Address", printable([]string{strings.TrimPrefix(strings.TrimSpace(uri), "mailto:")})[0])
	}
}

// organisation is the domain that somebody registered.
func organisation(domain string) string {
	if d, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return d
	}
	return domain
}

// reportAddress is an address of the domain that could get reports.
func (c *check) reportAddress() string {
	if domain := domainOf(c.Reports); domain != "" && organisation(domain) == organisation(c.domain) {
		return c.Reports
	}
	return "dmarc@" + c.domain
}

// dmarcRecord is the record with another policy, for all mails, and with somebody who gets reports.
func dmarcRecord(policy string, r *dmarc.Record, reports string) string {
	out := "v=DMARC1; p=" + policy
	if r.SubdomainPolicy != "" {
		out += "; sp=" + string(r.SubdomainPolicy)
	}
	if r.DKIMAlignment == dmarc.AlignmentStrict {
		out += "; adkim=s"
	}
	if r.SPFAlignment == dmarc.AlignmentStrict {
		out += "; aspf=s"
	}
	rua := "mailto:" + reports
	if len(r.ReportURIAggregate) > 0 {
		rua = strings.Join(printable(r.ReportURIAggregate), ",")
	}
	return out + "; rua=" + rua
}
