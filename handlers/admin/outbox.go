package admin

import (
	"context"
	"errors"
	"net/http"
	netmail "net/mail"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"kurso/handlers/web"
	"kurso/locales"
	"kurso/mail"
	"kurso/models/accounts"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/outbox"
	"kurso/models/store"
	"kurso/templates/admin"
)

// Outbox lists the mails.
func (h *Handlers) Outbox(c echo.Context) error {
	p := listPage{list: booking.Mails, active: "outbox",
		empty: &admin.EmptyList{Icon: "mail", Title: t(c, "outbox.empty"), Text: t(c, "outbox.empty.text")}}
	if h.Cfg.SMTPURL == "" {
		p.above = admin.Keeping()
	}
	return h.showList(c, p)
}

// Mail shows one mail as it arrives, and what became of it.
func (h *Handlers) Mail(c echo.Context) error {
	ctx := c.Request().Context()
	m, err := h.mail(c)
	if err != nil {
		return err
	}
	provider, err := catalog.LoadProvider(ctx, h.St)
	if err != nil {
		return err
	}
	grants, err := accounts.GrantsAt(ctx, h.St, accounts.RecordMail, m.ID)
	if err != nil {
		return err
	}
	v := admin.MailView{Mail: m, Zone: provider.Zone(), Keeping: h.Cfg.SMTPURL == "",
		CanRetry: h.Cfg.SMTPURL != "" && m.CanRetry(h.St.Now()) && grants.May(accounts.OutboxWrite)}
	l, err := mail.Render(ctx, h.St, h.Cfg, m)
	switch {
	case err == nil && !h.mayRead(ctx, l):
		v.Subject, v.Personal = l.Subject, true
	case err == nil:
		v.Subject, v.From, v.ReplyTo, v.Text = l.Subject, written(l.From), written(l.ReplyTo), l.Text
		for _, a := range l.Attachments {
			v.Attachments = append(v.Attachments, a.Name)
		}
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	title := v.Subject
	if title == "" {
		title = locales.T(ctx, "letter."+m.Letter)
	}
	if v.History, err = h.history(c, outbox.SubjectMail, m.ID, v.Zone); err != nil {
		return err
	}
	if v.Page, err = web.Office(c, h.St, title, "outbox"); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, admin.Mail(v))
}

// mayRead reports whether ctx's actor may read a letter. Letters about an account open it: they are for its
// owner. Where no mail server is set, they are shown to those who may manage accounts and do as much as the
// owner, who could not get them otherwise.
func (h *Handlers) mayRead(ctx context.Context, l *mail.Letter) bool {
	if l.UserID == 0 {
		return true
	}
	grants := accounts.GrantsOf(ctx)
	theirs, err := accounts.LoadGrants(ctx, h.St, l.UserID)
	return err == nil && h.Cfg.SMTPURL == "" && grants.May(accounts.AccountsWrite) && grants.Cover(theirs)
}

// written is an address as people read it.
func written(a netmail.Address) string {
	if a.Name == "" {
		return a.Address
	}
	return a.Name + " <" + a.Address + ">"
}

// previewPolicy lets a letter show its own styles and open its links in a window of their own, and
// nothing else.
const previewPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'; " +
	"sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"

// MailPreview is the letter's HTML, for the frame on the mail's page.
func (h *Handlers) MailPreview(c echo.Context) error {
	l, err := h.letter(c)
	if err != nil {
		return err
	}
	header := c.Response().Header()
	header.Set("Content-Security-Policy", previewPolicy)
	header.Set("X-Frame-Options", "SAMEORIGIN")
	return c.HTML(http.StatusOK, strings.Replace(l.HTML, "<head>", `<head><base target="_blank">`, 1))
}

// MailAttachment is one file of the letter, counted from 1.
func (h *Handlers) MailAttachment(c echo.Context) error {
	l, err := h.letter(c)
	if err != nil {
		return err
	}
	n, err := web.ID(c, "number")
	if err != nil {
		return err
	}
	if n > int64(len(l.Attachments)) {
		return store.ErrNotFound
	}
	a := l.Attachments[n-1]
	c.Response().Header().Set(echo.HeaderContentDisposition, "attachment; filename="+strconv.Quote(a.Name))
	return c.Blob(http.StatusOK, a.ContentType, a.Data)
}

// RetryMail sends a mail that failed, waits or was kept.
func (h *Handlers) RetryMail(c echo.Context) error {
	ctx := c.Request().Context()
	m, err := h.mail(c)
	if err != nil {
		return err
	}
	if err := outbox.Retry(ctx, h.St, m.ID); err != nil {
		return err
	}
	web.Flash(c, locales.T(ctx, "outbox.retried"))
	return web.SeeOther(c, "/admin/outbox/"+strconv.FormatInt(m.ID, 10))
}

func (h *Handlers) mail(c echo.Context) (*outbox.Mail, error) {
	id, err := web.ID(c, "id")
	if err != nil {
		return nil, err
	}
	return outbox.Load(c.Request().Context(), h.St, id)
}

func (h *Handlers) letter(c echo.Context) (*mail.Letter, error) {
	m, err := h.mail(c)
	if err != nil {
		return nil, err
	}
	ctx := c.Request().Context()
	l, err := mail.Render(ctx, h.St, h.Cfg, m)
	if err == nil && !h.mayRead(ctx, l) {
		return nil, store.ErrForbidden
	}
	return l, err
}
