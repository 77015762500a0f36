// Package outbox is the mails the system owes, sends and has sent. The letter's text is made by package
// mail when it is sent; here is who gets which letter about what, once.
package outbox

import (
	"context"
	"time"

	"github.com/riverqueue/river"
	"github.com/uptrace/bun"

	"kurso/models/store"
)

// States of a mail.
const (
	Queued = "queued"
	// Sending: a worker has it until NextTryAt; afterwards another may take it.
	Sending = "sending"
	Sent    = "sent"
	// Retrying: the mail server could not be reached or said 4xx; again at NextTryAt.
	Retrying = "retrying"
	// Failed: the mail server refused it for good, or could not take it for days.
	Failed  = "failed"
	Bounced = "bounced"
	// Kept: no mail server is set, so the mail is shown in the office instead.
	Kept = "kept"
)

// States lists them in the order in which they are shown.
var States = []string{Queued, Sending, Retrying, Failed, Bounced, Sent, Kept}

// Letters, by the names under which package mail writes them.
const (
	BookingVerify     = "booking_verify"
	BookingConfirmed  = "booking_confirmed"
	BookingWaitlisted = "booking_waitlisted"
	BookingCancelled  = "booking_cancelled"

	StaffBooking      = "staff_booking"
	StaffCancellation = "staff_cancellation"
	StaffPlaceFree    = "staff_place_free"
	StaffCourseFull   = "staff_course_full"
	StaffBelowMinimum = "staff_below_minimum"
	StaffMailFailed   = "staff_mail_failed"
	StaffImport       = "staff_import"
	StaffExport       = "staff_export"
	StaffDigest       = "staff_digest"

	ExportReady    = "export_ready"
	ExportsStopped = "exports_stopped"

	AccountInvitation = "account_invitation"
	SupportAccess     = "support_access"

	SignInReplaced      = "sign_in_replaced"
	SignInNewDevice     = "sign_in_new_device"
	PasswordReset       = "password_reset"
	PasswordChanged     = "password_changed"
	SecondFactorChanged = "second_factor_changed"
	EmailOld            = "email_old"
	EmailNew            = "email_new"
)

// AllLetters lists them.
var AllLetters = []string{
	BookingVerify, BookingConfirmed, BookingWaitlisted, BookingCancelled,
	StaffBooking, StaffCancellation, StaffPlaceFree, StaffCourseFull, StaffBelowMinimum, StaffMailFailed, StaffImport, StaffExport, StaffDigest,
	ExportReady, ExportsStopped, AccountInvitation, SupportAccess,
	SignInReplaced, SignInNewDevice, PasswordReset, PasswordChanged, SecondFactorChanged, EmailOld, EmailNew,
}

// What letters are about when it is no booking.
const (
	SubjectNotice = "minimum_notice"
	SubjectMail   = "mail"
	SubjectImport = "import"
	SubjectExport = "export"
	SubjectDigest = "digest"
)

// Mail is one letter to one reader.
type Mail struct {
	bun.BaseModel `bun:"table:mails,alias:m"`
	ID            int64 `bun:",pk,autoincrement"`
	BookingID     *int64
	// UserID is the member of staff it goes to; nil for applicants and the provider's own address.
	UserID *int64
	// Subject and SubjectID name what the letter is about when it is no booking.
	Subject   string
	SubjectID int64
	Letter    string
	Version   int
	Recipient string
	Locale    string
	State     string
	// MessageID is the RFC 5322 Message-ID without its angle brackets, the same at every try.
	MessageID string
	Attempts  int
	LastReply string
	CreatedAt time.Time
	NextTryAt *time.Time
	SentAt    *time.Time
	// Failures is how often it was given up.
	Failures int
}

// Queue is where SendMail jobs wait: as many run at once as there may be connections to the mail server.
const Queue = "mails"

// SendMail is the job that sends one mail.
type SendMail struct {
	MailID int64 `json:"mail_id"`
}

// Kind names the job.
func (SendMail) Kind() string { return "send_mail" }

// InsertOpts puts the job into its queue.
func (SendMail) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: Queue} }

// New completes a mail that is about to be written for the first time.
func New(tx *store.Tx, m *Mail) *Mail {
	m.State = Queued
	m.CreatedAt = tx.Now()
	if m.Version == 0 {
		m.Version = 1
	}
	m.MessageID = store.Nonce() + "@kurso.mail"
	return m
}

// Add writes a mail and the job that sends it. The same letter, version and reader for the same booking or
// subject is added once: a second Add does nothing.
func Add(ctx context.Context, tx *store.Tx, m *Mail) error {
	res, err := tx.NewInsert().Model(New(tx, m)).
		On("CONFLICT DO NOTHING").Returning("id").Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return tx.Enqueue(ctx, SendMail{MailID: m.ID}, nil)
}

// AddAgain is Add for a letter about something that happens more than once to the same subject: each one is
// another version. The caller has locked the subject.
func AddAgain(ctx context.Context, tx *store.Tx, m *Mail) error {
	err := tx.NewRaw("SELECT coalesce(max(version), 0) + 1 FROM mails WHERE subject = ? AND subject_id = ? AND letter = ?", m.Subject, m.SubjectID, m.Letter).Scan(ctx, &m.Version)
	if err != nil {
		return err
	}
	return Add(ctx, tx, m)
}
