package dnscheck

import "strings"

// vendor is a mail service whose ways are known.
type vendor struct {
	// include is what its customers' SPF record includes.
	include string
	// selectors are what it usually calls its keys.
	selectors []string
}

// vendors by the end of their mail servers' names.
var vendors = map[string]vendor{
	"smtp.gmail.com":       {"_spf.google.com", []string{"google"}},
	"smtp-relay.gmail.com": {"_spf.google.com", []string{"google"}},
	"office365.com":        {"spf.protection.outlook.com", []string{"selector1", "selector2"}},
	"outlook.com":          {"spf.protection.outlook.com", []string{"selector1", "selector2"}},
	"sendgrid.net":         {"sendgrid.net", []string{"s1", "s2"}},
	"mailgun.org":          {"mailgun.org", []string{"mailo", "k1", "smtp", "mx"}},
	"mailjet.com":          {"spf.mailjet.com", []string{"mailjet"}},
	"brevo.com":            {"spf.brevo.com", []string{"brevo1", "brevo2", "mail"}},
	"sendinblue.com":       {"spf.brevo.com", []string{"brevo1", "brevo2", "mail"}},
	"amazonaws.com":        {"amazonses.com", nil},
	"postmarkapp.com":      {"spf.mtasv.net", []string{"pm"}},
	"zoho.eu":              {"zohomail.eu", []string{"zmail", "zoho"}},
	"zoho.com":             {"zohomail.com", []string{"zmail", "zoho"}},
	"messagingengine.com":  {"spf.messagingengine.com", []string{"fm1", "fm2", "fm3"}},
	"mailbox.org":          {"mailbox.org", []string{"MBO0001", "MBO0002", "MBO0003", "MBO0004"}},
	"ionos.de":             {"_spf-eu.ionos.com", []string{"s1-ionos", "s2-ionos", "s42582890"}},
	"ionos.com":            {"_spf-us.ionos.com", []string{"s1-ionos", "s2-ionos"}},
	"strato.de":            {"_spf.strato.com", []string{"strato-dkim-0002", "strato-dkim-0003"}},
}

// usual are what many call their keys.
var usual = []string{"default", "dkim", "mail", "selector1", "selector2", "s1", "s2", "k1", "google"}

func vendorOf(mailServer string) vendor {
	mailServer = strings.TrimSuffix(strings.ToLower(mailServer), ".")
	for end, v := range vendors {
		if mailServer == end || strings.HasSuffix(mailServer, "."+end) {
			return v
		}
	}
	return vendor{}
}

// freemail are the domains of services whose customers cannot change the lines.
var freemail = func() map[string]bool {
	out := map[string]bool{}
	for d := range strings.FieldsSeq(`gmail.com googlemail.com gmx.de gmx.net gmx.at gmx.ch web.de t-online.de freenet.de outlook.com outlook.de
		hotmail.com hotmail.de live.com live.de yahoo.com yahoo.de icloud.com me.com aol.com arcor.de posteo.de mailbox.org proton.me protonmail.com`) {
		out[d] = true
	}
	return out
}()
