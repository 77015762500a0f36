package dnscheck

import (
	"net"
	"slices"
	"strings"

	"blitiri.com.ar/go/spf"
)

// mostLookups is how many questions a record may cost whoever checks a mail (RFC 7208, 4.6.4).
const mostLookups = 10

func (c *check) spf(s *Section) {
	found := c.records(c.domain, "v=spf1")
	// v=spf10 is another version
	found.records = slices.DeleteFunc(found.records, func(r string) bool { return len(r) > 6 && r[6] != ' ' })
	s.Records = printable(found.records)
	switch {
	case found.silent:
		s.find(Unknown, "silent")
	case len(found.records) == 0:
		s.find(Bad, "missing")
		s.Line = &Line{Name: c.domain, Value: record(c.mechanisms(nil), "~all")}
	case len(found.records) > 1:
		s.find(Bad, "several", "Count", len(found.records))
		var terms []string
		for _, r := range found.records {
			terms = append(terms, strings.Fields(r)[1:]...)
		}
		s.Line = &Line{Name: c.domain, Value: record(c.mechanisms(terms), ending(terms)), Replaces: true}
	default:
		c.judgeSPF(s, strings.Fields(found.records[0])[1:])
	}
}

// judgeSPF looks at the terms of the one record.
func (c *check) judgeSPF(s *Section, terms []string) {
	walk := c.walk(c.domain, terms)
	switch {
	case walk.wrong != "":
		s.find(Bad, "syntax", "Term", printable([]string{walk.wrong})[0])
		return
	case walk.missing != "":
		s.find(Bad, "include_missing", "Name", printable([]string{walk.missing})[0])
	case walk.silent:
		s.find(Unknown, "include_silent")
	case walk.lookups > mostLookups:
		s.find(Bad, "lookups", "Count", walk.lookups, "Max", mostLookups)
	default:
		s.find(Good, "lookups_good", "Count", walk.lookups, "Max", mostLookups)
	}
	mend := false
	switch {
	case hasTerm(terms, "-all"), hasTerm(terms, "~all"):
		s.find(Good, "all_good", "All", ending(terms))
	case !hasAll(terms) && redirects(terms): // the other record says how it ends
	case !hasAll(terms):
		s.find(Advice, "all_none")
		mend = true
	case hasTerm(terms, "?all"):
		s.find(Advice, "all_neutral")
		mend = true
	default:
		s.find(Bad, "all_pass")
		mend = true
	}
	needed := c.mechanisms(terms)
	if c.judgeServer(s, terms) {
		mend = true
	} else {
		needed = mechanismsOf(terms)
	}
	if mend && !redirects(terms) && walk.lookups < mostLookups {
		s.Line = &Line{Name: c.domain, Value: record(needed, ending(terms)), Replaces: true}
	}
}

// judgeServer says whether the mail server may send for the domain, and reports whether it needs to be added.
func (c *check) judgeServer(s *Section, terms []string) (add bool) {
	if c.MailServer == "" {
		s.find(Advice, "server_none")
		return false
	}
	if c.vendor.include != "" {
		if c.includes(c.domain, terms, c.vendor.include, 0) {
			s.find(Good, "server_good", "Server", c.MailServer)
			return false
		}
		s.find(Bad, "server_missing", "Server", c.MailServer, "Include", c.vendor.include)
		return true
	}
	addresses, err := c.r.LookupIPAddr(c.ctx, c.MailServer)
	if ip := net.ParseIP(c.MailServer); ip != nil {
		addresses, err = []net.IPAddr{{IP: ip}}, nil
	}
	if err != nil || len(addresses) == 0 {
		s.find(Unknown, "server_silent", "Server", c.MailServer)
		return false
	}
	for _, a := range addresses {
		if a.IP.IsLoopback() || a.IP.IsPrivate() {
			s.find(Advice, "server_local", "Server", c.MailServer)
			return false
		}
		result, _ := spf.CheckHostWithSender(a.IP, c.domain, "postmaster@"+c.domain, spf.WithContext(c.ctx), spf.WithResolver(c.r))
		if result == spf.Pass {
			s.find(Good, "server_good", "Server", c.MailServer)
			return false
		}
	}
	s.find(Advice, "server_uncovered", "Server", c.MailServer)
	return true
}

// walked is what following a record led to.
type walked struct {
	lookups int
	// wrong is a term that nobody understands, missing a name that is referred to and has no record.
	wrong, missing string
	silent         bool
}

// walk counts the questions that a record costs, those of the records it refers to included. It stops at what
// is broken, and where counting on would tell nothing more.
func (c *check) walk(domain string, terms []string) walked {
	var w walked
	c.follow(&w, terms, []string{domain})
	return w
}

func (c *check) follow(w *walked, terms, path []string) {
	for _, term := range terms {
		name, value := parts(term)
		switch name {
		case "all", "ip4", "ip6", "exp":
			continue
		case "a", "mx", "ptr", "exists":
			w.lookups++
			continue
		case "include", "redirect":
			w.lookups++
		default:
			if !strings.Contains(term, "=") { // modifiers that nobody knows are ignored
				w.wrong = term
				return
			}
			continue
		}
		if value == "" {
			w.wrong = term
			return
		}
		if strings.Contains(value, "%") || slices.Contains(path, strings.ToLower(value)) || w.lookups > 2*mostLookups {
			continue
		}
		there := c.records(value, "v=spf1")
		if there.silent {
			w.silent = true
			return
		}
		if len(there.records) != 1 {
			w.missing = value
			return
		}
		c.follow(w, strings.Fields(there.records[0])[1:], append(path[:len(path):len(path)], strings.ToLower(value)))
		if w.wrong != "" || w.missing != "" || w.silent {
			return
		}
	}
}

// deepest is how far includes are followed for a vendor's.
const deepest = 4

// includes reports whether a record includes a name, itself or by what it refers to.
func (c *check) includes(domain string, terms []string, wanted string, depth int) bool {
	var follow []string
	for _, term := range terms {
		name, value := parts(term)
		if name != "include" && name != "redirect" {
			continue
		}
		if strings.EqualFold(value, wanted) {
			return true
		}
		if !strings.Contains(value, "%") && value != "" && !strings.EqualFold(value, domain) {
			follow = append(follow, value)
		}
	}
	if depth == deepest {
		return false
	}
	for _, name := range follow[:min(len(follow), mostLookups)] {
		there := c.records(name, "v=spf1")
		if len(there.records) == 1 && c.includes(name, strings.Fields(there.records[0])[1:], wanted, depth+1) {
			return true
		}
	}
	return false
}

// parts are a term's name without its qualifier, in lower case, and what it is about.
func parts(term string) (name, value string) {
	term = strings.TrimLeft(term, "+-~?")
	end := strings.IndexAny(term, ":=/")
	if end < 0 {
		return strings.ToLower(term), ""
	}
	return strings.ToLower(term[:end]), term[end+1:]
}

func hasTerm(terms []string, wanted string) bool {
	return slices.ContainsFunc(terms, func(t string) bool { return strings.EqualFold(t, wanted) })
}

func hasAll(terms []string) bool {
	return slices.ContainsFunc(terms, func(t string) bool { name, _ := parts(t); return name == "all" })
}

func redirects(terms []string) bool {
	return slices.ContainsFunc(terms, func(t string) bool { name, _ := parts(t); return name == "redirect" })
}

// ending is how a record of these terms should end.
func ending(terms []string) string {
	for _, t := range terms {
		if strings.EqualFold(t, "-all") {
			return "-all"
		}
	}
	return "~all"
}

// mechanismsOf are the terms but for "all", each once.
func mechanismsOf(terms []string) []string {
	var out []string
	for _, t := range terms {
		if name, _ := parts(t); name != "all" && !hasTerm(out, t) {
			out = append(out, printable([]string{t})[0])
		}
	}
	return out
}

// mechanisms are the terms but for "all", with what lets the mail server send.
func (c *check) mechanisms(terms []string) []string {
	out := mechanismsOf(terms)
	server := "mx"
	switch {
	case c.vendor.include != "":
		server = "include:" + c.vendor.include
	case net.ParseIP(c.MailServer).To4() != nil:
		server = "ip4:" + c.MailServer
	case net.ParseIP(c.MailServer) != nil:
		server = "ip6:" + c.MailServer
	case strings.Contains(c.MailServer, "."):
		server = "a:" + c.MailServer
	}
	if !hasTerm(out, server) {
		out = append(out, server)
	}
	return out
}

func record(mechanisms []string, all string) string {
	return strings.Join(append(append([]string{"v=spf1"}, mechanisms...), all), " ")
}
