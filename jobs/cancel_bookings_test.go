package jobs

import (
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"kurso/models/accounts"
	"kurso/models/booking"
	"kurso/models/modeltest"
)

// A bulk cancellation that takes longer than a job may goes on in another run, and no booking fails for it.
func TestBookingsAreCancelledInSlices(t *testing.T) {
	t.Parallel()
	const bookings = 8
	w := modeltest.New(t)
	c := w.MustCreateCourse(t, modeltest.Places(bookings))
	var ids []int64
	for range bookings {
		ids = append(ids, w.MustConfirm(t, w.MustRequest(t, c)).ID)
	}
	ctx, err := accounts.Act(t.Context(), w, w.MustCreateUser(t, "Erika", accounts.Administration).ID)
	if err != nil {
		t.Fatal(err)
	}
	id, err := booking.StartBulkCancellation(ctx, w.Store, ids)
	if err != nil {
		t.Fatal(err)
	}
	w.AsOwner(t, "CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.1); RETURN NEW; END'",
		"CREATE TRIGGER slowly BEFORE UPDATE ON bulk_cancellation_bookings FOR EACH ROW EXECUTE FUNCTION slowly()")
	worker := &cancelBookings{st: w.Store, slice: 250 * time.Millisecond}
	job := &river.Job[booking.RunBulkCancellation]{JobRow: &rivertype.JobRow{}, Args: booking.RunBulkCancellation{BulkCancellationID: id}}
	n := slices(t, &worker.slice, 50*time.Millisecond, func() error { return worker.Work(t.Context(), job) })
	b, err := booking.LoadBulkCancellation(ctx, w.Store, id)
	if err != nil || n < 1 || b.State != booking.BulkFinished || b.Cancelled != bookings {
		t.Errorf("after %d slices: %+v, %v", n, b, err)
	}
}
