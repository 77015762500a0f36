package outbox

import (
	"context"

	"kurso/models/store"
)

// Event is something that members of staff may want to hear of. Package notify knows who does, and how.
type Event string

// The events there are.
const (
	// EventBooking: a booking has its place. EventWaitlist: it waits for one instead.
	EventBooking      Event = "booking"
	EventWaitlist     Event = "waitlist"
	EventCancellation Event = "cancellation"
	// EventPlaceFree: a place came free in a course that people wait for.
	EventPlaceFree  Event = "place_free"
	EventCourseFull Event = "course_full"
	// EventBelowMinimum: a course begins soon and has too few bookings.
	EventBelowMinimum Event = "below_minimum"
	EventMailFailed   Event = "mail_failed"
	// EventImport: an import has ended.
	EventImport Event = "import"
	// EventExport: a large export has ended.
	EventExport Event = "export"
)

// NotifyStaff is the job that tells staff of what happened to one record; exactly one of the record's IDs
// is set.
type NotifyStaff struct {
	Events    []Event `json:"events"`
	BookingID int64   `json:"booking_id,omitempty"`
	// NoticeID is that of a course found below its minimum.
	NoticeID int64 `json:"notice_id,omitempty"`
	MailID   int64 `json:"mail_id,omitempty"`
	ImportID int64 `json:"import_id,omitempty"`
	ExportID int64 `json:"export_id,omitempty"`
	// Version tells apart the times that the same happened to the record; at least 1.
	Version int `json:"version"`
	// ActorID is the user who did it, and who needs not be told; 0 when it was nobody of the staff.
	ActorID int64 `json:"actor_id,omitempty"`
}

// Kind names the job.
func (NotifyStaff) Kind() string { return "notify_staff" }

// TellStaff enqueues the job on behalf of ctx's actor.
func TellStaff(ctx context.Context, tx *store.Tx, job NotifyStaff) error {
	if a := store.ActorOf(ctx); a.Kind == "user" {
		job.ActorID = a.UserID
	}
	job.Version = max(1, job.Version)
	return tx.Enqueue(ctx, job, nil)
}
