package dnscheck

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// RSA keys of fewer bits are not believed, and such of fewer than that are short by now.
const (
	fewestBits = 1024
	goodBits   = 2048
)

// dkim looks for the keys that the provider names, or else for the usual ones, of which it shows what it finds.
func (c *check) dkim() []*Section {
	named := len(c.Selectors) > 0
	selectors := c.Selectors
	if !named {
		selectors = append(slices.Clone(c.vendor.selectors), usual...)
		slices.Sort(selectors)
		selectors = slices.Compact(selectors)
	}
	sections := make([]*Section, len(selectors))
	var g errgroup.Group
	g.SetLimit(6)
	for i, selector := range selectors {
		sections[i] = &Section{Kind: DKIM, Name: selector + "._domainkey." + c.domain}
		g.Go(func() error { c.key(sections[i]); return nil })
	}
	_ = g.Wait()
	if named {
		return sections
	}
	there := slices.DeleteFunc(slices.Clone(sections), func(s *Section) bool { return len(s.Records) == 0 })
	if len(there) > 0 {
		return there
	}
	none := &Section{Kind: DKIM, Name: "…._domainkey." + c.domain}
	if slices.ContainsFunc(sections, func(s *Section) bool { return s.Level() == Unknown }) {
		none.find(Unknown, "silent")
	} else {
		none.find(Advice, "none", "Names", strings.Join(selectors, ", "))
	}
	return []*Section{none}
}

// key judges what stands at one name.
func (c *check) key(s *Section) {
	found := c.records(s.Name, "")
	s.Records = printable(found.records)
	switch {
	case found.silent:
		s.find(Unknown, "silent")
	case len(found.records) == 0:
		s.find(Bad, "missing")
		s.Line = &Line{Name: s.Name, Value: "v=DKIM1; k=rsa; p="}
	case len(found.records) > 1:
		s.find(Bad, "several", "Count", len(found.records))
	default:
		judgeKey(s, tags(found.records[0]))
	}
}

func judgeKey(s *Section, t map[string]string) {
	key, there := t["p"]
	key = strings.Join(strings.Fields(key), "")
	kind := strings.ToLower(t["k"])
	switch {
	case t["v"] != "" && !strings.EqualFold(t["v"], "DKIM1"), !there:
		s.find(Bad, "broken")
	case key == "":
		s.find(Bad, "revoked")
	case kind == "" || kind == "rsa":
		judgeRSA(s, key)
	case kind == "ed25519":
		if raw, err := base64.StdEncoding.DecodeString(key); err != nil || len(raw) != 32 {
			s.find(Bad, "broken")
		} else {
			s.find(Good, "good", "Bits", 256)
			s.find(Advice, "ed25519")
		}
	default:
		s.find(Bad, "kind", "Kind", printable([]string{kind})[0])
	}
	if s.Level() == Bad {
		s.Line = &Line{Name: s.Name, Value: "v=DKIM1; k=rsa; p=", Replaces: true}
		return
	}
	if slices.Contains(strings.Split(strings.ReplaceAll(t["t"], " ", ""), ":"), "y") {
		s.find(Advice, "testing")
	}
}

func judgeRSA(s *Section, key string) {
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		s.find(Bad, "broken")
		return
	}
	var bits int
	if parsed, err := x509.ParsePKIXPublicKey(raw); err == nil {
		if k, ok := parsed.(*rsa.PublicKey); ok {
			bits = k.N.BitLen()
		}
	} else if k, err := x509.ParsePKCS1PublicKey(raw); err == nil {
		bits = k.N.BitLen()
	}
	switch {
	case bits == 0:
		s.find(Bad, "broken")
	case bits < fewestBits:
		s.find(Bad, "weak", "Bits", bits)
	case bits < goodBits:
		s.find(Advice, "short", "Bits", bits)
	default:
		s.find(Good, "good", "Bits", bits)
	}
}
