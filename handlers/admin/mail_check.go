package admin

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/mail/dnscheck"
	"kurso/models/catalog"
	"kurso/templates/admin"
	"kurso/templates/ui"
)

// mostSelectors is how many keys are looked for at once.
const mostSelectors = 10

// MailCheck asks the name service whether the provider's mails can be told from forged ones. ?selectors= names
// other keys than the settings do.
func (h *Handlers) MailCheck(c echo.Context) error {
	ctx := c.Request().Context()
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	v := admin.MailCheckView{Selectors: catalog.MailInputOf(provider).DKIMSelectors}
	if c.QueryParams().Has("selectors") {
		v.Selectors = web.Clean(c.QueryParam("selectors"))
	}
	var selectors []string
	for s := range strings.FieldsFuncSeq(v.Selectors, func(r rune) bool { return r == ',' || r == ' ' || r == ';' }) {
		switch {
		case !catalog.DKIMSelector(s):
			v.Errors = ui.Errors{{Name: "selectors", Message: locales.T(ctx, "invalid.selector", "Name", s)}}
		case len(selectors) < mostSelectors:
			selectors = append(selectors, s)
		}
	}
	_, v.Sender = provider.Sender()
	report := dnscheck.Check(ctx, h.Resolver, dnscheck.Question{
		Sender: v.Sender, MailServer: h.Cfg.SMTPHost(), Selectors: selectors, Reports: provider.Email,
	})
	v.Domain, v.Freemail = report.Domain, report.Freemail
	for _, s := range report.Sections {
		section := admin.DNSSection{Kind: s.Kind, Name: s.Name, Level: int(s.Level()), Records: s.Records}
		for _, f := range s.Findings {
			section.Findings = append(section.Findings, admin.DNSFinding{Level: int(f.Level), Text: locales.T(ctx, f.Key, f.Args...)})
		}
		if s.Line != nil {
			section.Line = &admin.DNSLine{Name: s.Line.Name, Value: s.Line.Value, Replaces: s.Line.Replaces}
		}
		v.Sections = append(v.Sections, section)
	}
	if err := h.settingsFrame(c, &v.SettingsView, admin.TopicMail, provider); err != nil {
		return err
	}
	v.Page.Title = locales.T(ctx, "dns.title")
	return web.Render(c, http.StatusOK, admin.MailCheck(v))
}
