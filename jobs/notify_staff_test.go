package jobs

import (
	"context"
	"testing"
	"time"

	"kurso/mail/smtptest"
	"kurso/models/accounts"
	"kurso/models/modeltest"
	"kurso/models/notify"
	"kurso/models/outbox"
	"kurso/models/store"
)

// lettersTo lists what arrived at an address, by its letter.
func lettersTo(t *testing.T, w *modeltest.World, server *smtptest.Server, address string) []string {
	t.Helper()
	all, _ := mails(t, w)
	var out []string
	for _, arrived := range server.Mails() {
		for _, m := range all {
			if arrived.To == address && m.MessageID == arrived.ID(t) {
				out = append(out, m.Letter)
			}
		}
	}
	return out
}

// From a booking to the mailbox of its course's staff, at once and in the digest of the next morning.
func TestStaffHearOfBookings(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	now, daily := w.MustCreateUser(t, "Nora Now", "front_desk"), w.MustCreateUser(t, "Dirk Daily", accounts.Administration)
	w.MustBeResponsible(t, c, now, daily)
	err := notify.Save(t.Context(), w.Store, daily, notify.Input{Events: []notify.EventInput{{Event: string(outbox.EventBooking), Scope: notify.All, Cadence: notify.Daily}}})
	if err != nil {
		t.Fatal(err)
	}
	server := smtptest.Start(t, smtptest.Options{})
	start(t, w, "smtp://"+server.Addr)
	w.MustConfirm(t, w.MustRequest(t, c))
	settle(t, w, outbox.Sent)
	if got := lettersTo(t, w, server, now.Email); len(got) != 1 || got[0] != outbox.StaffBooking {
		t.Errorf("at once: %q", got)
	}
	if got := lettersTo(t, w, server, daily.Email); got != nil {
		t.Errorf("before the digest: %q", got)
	}
	w.Clock.Advance(24 * time.Hour)
	for range 2 {
		w.Must(t, func(ctx context.Context, tx *store.Tx) error { return tx.Enqueue(ctx, notify.SendDigestsJob{}, nil) })
	}
	eventually(t, "the digest", func() bool { return len(lettersTo(t, w, server, daily.Email)) > 0 })
	eventually(t, "both jobs are done", func() bool {
		var n int
		if err := w.NewRaw("SELECT count(*) FROM river_job WHERE kind = 'send_digests' AND state <> 'completed'").Scan(t.Context(), &n); err != nil {
			t.Fatal(err)
		}
		return n == 0
	})
	settle(t, w, outbox.Sent)
	if got := lettersTo(t, w, server, daily.Email); len(got) != 1 || got[0] != outbox.StaffDigest {
		t.Errorf("digests: %q", got)
	}
}

// A letter that waits for the mail server does not go out to somebody who has lost the right to read it.
func TestALetterIsWithdrawnFromWhoMayNotReadIt(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	u := w.MustCreateUser(t, "Nora Now", "front_desk")
	w.MustBeResponsible(t, c, u)
	w.MustConfirm(t, w.MustRequest(t, c))
	w.MustNotify(t)
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE users SET active = false WHERE id = ?", u.ID).Exec(ctx)
		return err
	})
	server := smtptest.Start(t, smtptest.Options{})
	start(t, w, "smtp://"+server.Addr)
	eventually(t, "all is done", func() bool {
		_, states := mails(t, w)
		return states[outbox.Queued]+states[outbox.Sending] == 0
	})
	list, states := mails(t, w)
	if states[outbox.Failed] != 1 || states[outbox.Sent] != 2 || len(server.Mails()) != 2 {
		t.Fatalf("%v, %d arrived", states, len(server.Mails()))
	}
	for _, m := range list {
		if m.State == outbox.Failed && (*m.UserID != u.ID || m.LastReply != outbox.Withdrawn) {
			t.Errorf("%+v", m)
		}
	}
	var told int
	if err := w.NewRaw("SELECT count(*) FROM river_job WHERE args ->> 'mail_id' IS NOT NULL AND kind = 'notify_staff'").Scan(t.Context(), &told); err != nil || told != 0 {
		t.Errorf("%d jobs tell of it, %v", told, err)
	}
}

// The clock's job finds a course below its minimum, and what comes of it reaches the staff.
func TestACourseBelowItsMinimumIsFoundByTheClock(t *testing.T) {
	t.Parallel()
	w := modeltest.New(t)
	c := w.MustCreateCourse(t)
	u := w.MustCreateUser(t, "Ada Admin", accounts.Administration)
	w.MustBeResponsible(t, c, u)
	w.Must(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.NewRaw("UPDATE courses SET min_places = 3").Exec(ctx)
		return err
	})
	err := notify.Save(t.Context(), w.Store, u, notify.Input{Events: []notify.EventInput{{Event: string(outbox.EventBelowMinimum), Scope: notify.Mine, Cadence: notify.Now}}})
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(15 * 24 * time.Hour)
	start(t, w, "")
	eventually(t, "a letter", func() bool { list, _ := mails(t, w); return len(list) == 1 && list[0].State == outbox.Kept })
	if list, _ := mails(t, w); list[0].Letter != outbox.StaffBelowMinimum || *list[0].UserID != u.ID {
		t.Errorf("%+v", list[0])
	}
}
