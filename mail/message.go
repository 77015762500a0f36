package mail

import (
	"bytes"
	"fmt"
	"io"
	netmail "net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// message is the letter as go-mail sends it.
func (l *Letter) message(at time.Time) (*gomail.Msg, error) {
	if !sendable(l.To.Address) {
		return nil, ErrAddress
	}
	if !sendable(l.From.Address) {
		return nil, fmt.Errorf("the provider's e-mail address is no address")
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(&l.From)
	m.ToMailAddress(&l.To)
	if sendable(l.ReplyTo.Address) {
		m.ReplyToMailAddress(&l.ReplyTo)
	}
	m.Subject(line(l.Subject))
	m.SetDateWithValue(at)
	m.SetMessageIDWithValue(l.MessageID)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "OOF, AutoReply")
	m.SetGenHeader("Content-Language", l.Locale)
	if l.Off != "" {
		m.SetGenHeader("List-Unsubscribe", "<"+l.Off+">")
		m.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	m.SetBodyString(gomail.TypeTextPlain, l.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	for _, a := range l.Attachments {
		err := m.AttachReader(a.Name, bytes.NewReader(a.Data), gomail.WithFileContentType(gomail.ContentType(a.ContentType)))
		if err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Write writes the letter as it would be sent at a moment.
func (l *Letter) Write(w io.Writer, at time.Time) error {
	m, err := l.message(at)
	if err != nil {
		return err
	}
	_, err = m.WriteTo(w)
	return err
}

// sendable reports whether an address can stand in a header and in the talk with the server.
func sendable(addr string) bool {
	if line(addr) != addr || strings.ContainsAny(addr, " <>") {
		return false
	}
	parsed, err := netmail.ParseAddress(addr)
	return err == nil && parsed.Address == addr
}
