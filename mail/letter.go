// Package mail writes the letters and sends them: one function a letter, and a sender that keeps its
// connections to the mail server.
package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"

	"kurso/config"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/booking"
	"kurso/models/catalog"
	"kurso/models/exports"
	"kurso/models/notify"
	"kurso/models/outbox"
	"kurso/models/store"
	templates "kurso/templates/mail"
)

// Letter is a mail as it is sent, in all its parts.
type Letter struct {
	MessageID  string
	From, To   netmail.Address
	ReplyTo    netmail.Address
	Locale     string
	Subject    string
	Text, HTML string
	// Off is the address that turns such letters off, by hand or by the mail program; empty if none does.
	Off         string
	Attachments []Attachment
	// UserID is whose account the letter is about, and may open; 0 for letters about anything else.
	UserID int64
}

// Attachment is a file in a letter.
type Attachment struct {
	Name, ContentType string
	Data              []byte
}

// ErrAddress says that no mail can ever go to the recipient: what is written there is no address.
var ErrAddress = errors.New("the recipient is no e-mail address")

// letters by their names in the outbox: what they are about, and who writes them.
var letters = map[string]struct {
	load  func(context.Context, *subject) error
	write func(context.Context, *subject) *templates.Content
}{
	outbox.BookingVerify:     {aboutBooking, bookingVerify},
	outbox.BookingConfirmed:  {aboutBooking, bookingConfirmed},
	outbox.BookingWaitlisted: {aboutBooking, bookingWaitlisted},
	outbox.BookingCancelled:  {aboutBooking, bookingCancelled},
	outbox.StaffBooking:      {aboutBooking, staffBooking},
	outbox.StaffCancellation: {aboutBooking, staffCancellation},
	outbox.StaffPlaceFree:    {aboutCourse, staffPlaceFree},
	outbox.StaffCourseFull:   {aboutCourse, staffCourseFull},
	outbox.StaffBelowMinimum: {aboutCourse, staffBelowMinimum},
	outbox.StaffMailFailed:   {aboutMail, staffMailFailed},
	outbox.StaffImport:       {aboutImport, staffImport},
	outbox.StaffExport:       {aboutOwnExport, staffExport},
	outbox.StaffDigest:       {aboutDigest, staffDigest},
	outbox.ExportReady:       {aboutExport, exportReady},
	outbox.ExportsStopped:    {aboutExport, exportsStopped},
	outbox.AccountInvitation: {aboutLink, accountInvitation},
	outbox.SupportAccess:     {aboutSupport, supportAccess},

	outbox.SignInReplaced:      {aboutSignIn, signInReplaced},
	outbox.SignInNewDevice:     {aboutSignIn, signInNewDevice},
	outbox.PasswordReset:       {aboutLink, passwordReset},
	outbox.PasswordChanged:     {aboutUser, passwordChanged},
	outbox.SecondFactorChanged: {aboutUser, secondFactorChanged},
	outbox.EmailOld:            {aboutLink, emailOld},
	outbox.EmailNew:            {aboutLink, emailNew},
}

// subject is what a letter is about.
type subject struct {
	*store.Store
	cfg      *config.Config
	mail     *outbox.Mail
	provider *catalog.Provider

	// of letters about a booking
	booking *booking.Booking
	course  *catalog.Course
	staff   []*accounts.User

	// of letters about a course
	taken booking.Places

	// of letters about a mail that failed, an import, an export, a day
	failed   *outbox.Mail
	imported *catalog.Import
	exported *exports.Export
	digest   *notify.Digest

	// of letters about an account
	token    *accounts.Token
	signIn   *accounts.SignIn
	schedule *exports.Schedule
	user     *accounts.User
	access   *accounts.SupportAccess
}

func aboutBooking(ctx context.Context, s *subject) (err error) {
	if s.mail.BookingID == nil {
		return store.ErrNotFound
	}
	if s.booking, err = booking.Load(ctx, s.Store, *s.mail.BookingID); err != nil {
		return err
	}
	s.course = s.booking.Course
	s.staff, err = accounts.Responsible(ctx, s.Store, s.course.ID)
	return err
}

// Render writes the letter of a mail from what is known now, in the mail's language. It returns
// store.ErrNotFound when what it is about is gone, or there is no such letter.
func Render(ctx context.Context, st *store.Store, cfg *config.Config, m *outbox.Mail) (*Letter, error) {
	letter, ok := letters[m.Letter]
	if !ok {
		return nil, fmt.Errorf("letter %q: %w", m.Letter, store.ErrNotFound)
	}
	s := &subject{Store: st, cfg: cfg, mail: m}
	var err error
	if s.provider, err = catalog.LoadProvider(ctx, st); err != nil {
		return nil, err
	}
	if err := letter.load(ctx, s); err != nil {
		return nil, fmt.Errorf("letter %q: %w", m.Letter, err)
	}
	ctx = locales.With(ctx, m.Locale)
	content := letter.write(ctx, s)
	content.Subject = short(line(content.Subject), 200)
	content.Signature = lines(s.provider.Signature(locales.Of(ctx)))
	content.Sender, content.Legal = s.sender(), s.legal(ctx)
	off := s.offer(ctx, content)

	var html bytes.Buffer
	if err := templates.Letter(*content).Render(ctx, &html); err != nil {
		return nil, err
	}
	l := &Letter{
		MessageID: m.MessageID, Locale: m.Locale, Subject: content.Subject,
		From: address(s.provider.Sender()), To: netmail.Address{Address: m.Recipient}, ReplyTo: s.replyTo(),
		Text: text(content), HTML: html.String(), Off: off, Attachments: s.attachments(),
	}
	if s.user != nil {
		l.UserID = s.user.ID
	}
	return l, nil
}

// replyTo is who answers: to applicants the course's responsible person, unless the provider wants all answers;
// to staff the applicant; about accounts the provider.
func (s *subject) replyTo() netmail.Address {
	b := s.booking
	switch {
	case b != nil && s.forStaff():
		return address(b.FirstName+" "+b.LastName, b.Email)
	case len(s.staff) > 0 && s.provider.ReplyTo == catalog.ReplyToResponsible:
		return address(s.staff[0].Name, s.staff[0].Email)
	}
	return address(s.provider.Name, s.provider.Email)
}

func (s *subject) forStaff() bool {
	return s.mail.Letter == outbox.StaffBooking || s.mail.Letter == outbox.StaffCancellation
}

func (s *subject) attachments() []Attachment {
	if s.mail.Letter != outbox.BookingConfirmed && (s.mail.Letter != outbox.BookingCancelled || s.booking.ConfirmedAt == nil) {
		return nil
	}
	ics := Calendar(s.booking, s.provider, s.cfg.PublicURL, s.Now())
	if ics == nil {
		return nil
	}
	method := "PUBLISH"
	if s.booking.State == booking.Cancelled {
		method = "CANCEL"
	}
	return []Attachment{{Name: "termine.ics", ContentType: "text/calendar; charset=utf-8; method=" + method, Data: ics}}
}

// sender are the lines at the bottom.
func (s *subject) sender() []string {
	p := s.provider
	out := []string{line(p.Name)}
	for _, l := range []string{p.Street, p.Zip + " " + p.Town, p.Phone, p.Email} {
		if l = line(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func (s *subject) legal(ctx context.Context) []templates.Link {
	p := s.provider
	var out []templates.Link
	for _, l := range []struct{ label, url string }{
		{locales.T(ctx, "footer.imprint"), p.ImprintURL}, {locales.T(ctx, "footer.privacy"), p.PrivacyURL},
		{locales.T(ctx, "footer.terms"), p.TermsURL}, {locales.T(ctx, "footer.withdrawal"), p.WithdrawalURL},
	} {
		if url := line(l.url); strings.HasPrefix(url, "https://") || strings.HasPrefix(url, "http://") {
			out = append(out, templates.Link{Label: l.label, URL: url})
		}
	}
	return out
}

// link is an address of our own in the letter's language.
func (s *subject) link(ctx context.Context, path string) string {
	url := s.cfg.PublicURL + path
	if locales.Of(ctx) == locales.English && !strings.HasPrefix(path, "/admin") {
		url += "?lang=" + locales.English
	}
	return url
}

func address(name, addr string) netmail.Address {
	return netmail.Address{Name: line(name), Address: addr}
}
