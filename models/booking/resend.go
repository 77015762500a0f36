package booking

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"kurso/models/audit"
	"kurso/models/outbox"
	"kurso/models/store"
	"kurso/models/throttle"
)

const (
	maxResends  = 3
	resendPause = time.Minute
)

// Resend sends the mail that verifies the address once more, with a new link that voids the one before.
// It answers the same whether there is a booking or not: nil, or a *store.ThrottledError after three
// times and within a minute of the last. store.ErrNotFound: the receipt was not made here.
func Resend(ctx context.Context, st *store.Store, receiptToken string) error {
	r, err := OpenReceipt(st, receiptToken)
	if err != nil {
		return err
	}
	if at := r.RequestedAt.Add(resendPause); st.Now().Before(at) {
		return &store.ThrottledError{RetryAt: at}
	}
	err = throttle.Take(ctx, st, throttle.Limit{Key: "booking.resend:" + r.nonce, Every: resendPause, Burst: 1})
	if err != nil {
		return err
	}
	err = throttle.Take(ctx, st, throttle.Limit{Key: "booking.resends:" + r.nonce, Every: verifyLifetime, Burst: maxResends})
	if err != nil {
		return err
	}
	return st.InTx(asApplicant(ctx), func(ctx context.Context, tx *store.Tx) error {
		b := &Booking{}
		err := tx.NewSelect().Model(b).
			Where("form_nonce = ? AND state IN (?, ?) AND verify_expires_at > ? AND verify_version <= ?",
				r.nonce, Requested, Expired, tx.Now(), maxResends).
			For("UPDATE").Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		b.newVerification(tx)
		err = save(ctx, tx, b, "verify_nonce", "verify_hash", "verify_version", "verify_sent_at", "verify_expires_at")
		if err != nil {
			return err
		}
		if err := audit.Write(ctx, tx, Subject, b.ID, "booking.verification_resent"); err != nil {
			return err
		}
		return outbox.Add(ctx, tx, b.mail(outbox.BookingVerify, b.VerifyVersion))
	})
}
