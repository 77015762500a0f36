package mail

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"
)

// permanent reports whether the server refused this mail for good. That it wants another password or
// encryption is no verdict on the mail.
func permanent(err error) bool {
	var e *gomail.SendError
	if !errors.As(err, &e) {
		return false
	}
	switch code := e.ErrorCode(); code {
	case 530, 534, 535, 538:
		return false
	default:
		return code >= 500 && code < 600
	}
}

// connectionWorn reports whether a connection that has served before was at its end, before the server
// heard of this mail: it is gone, or has had its number of mails.
func connectionWorn(err error) bool {
	var e *gomail.SendError
	return errors.As(err, &e) && e.Reason == gomail.ErrSMTPMailFrom && (e.ErrorCode() == 0 || e.ErrorCode() == 421)
}

// reason is what the server or the network said, without what go-mail adds about the mail.
func reason(err error) string {
	var e *gomail.SendError
	text := err.Error()
	if errors.As(err, &e) {
		text = strings.TrimPrefix(text, e.Reason.String()+": ")
	}
	for _, added := range []string{", affected recipient(s):", ", affected message ID:"} {
		text, _, _ = strings.Cut(text, added)
	}
	return text
}

// quoted is how Go's SMTP client prints an answer: 550 "5.1.1 no such user".
var quoted = regexp.MustCompile(`(\d{3}) ("(?:[^"\\]|\\.)*")`)

var withAt = regexp.MustCompile(`[^\s<>()"',;:]*@[^\s<>()"',;:]*`)

const maxReply = 300

// scrub makes a mail server's words fit to be kept: one line, no address, and not the part of the
// recipient's address before the @ either.
func scrub(reply, recipient string) string {
	reply = quoted.ReplaceAllStringFunc(reply, func(answer string) string {
		text, err := strconv.Unquote(answer[4:])
		if err != nil {
			return answer
		}
		return answer[:4] + text
	})
	reply = withAt.ReplaceAllString(line(reply), "…")
	if local, _, ok := strings.Cut(recipient, "@"); ok && utf8.RuneCountInString(local) > 2 {
		reply = regexp.MustCompile(`(?i)`+regexp.QuoteMeta(local)).ReplaceAllString(reply, "…")
	}
	return short(reply, maxReply)
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}
