package booking

import (
	"fmt"
	"strings"
	"time"

	"kurso/models/store"
)

const receiptPurpose = "booking.receipt"

// Receipt is all that the page after a submit knows: no personal data, and nothing that would tell
// whether there is a booking at all.
type Receipt struct {
	CourseID    int64
	RequestedAt time.Time
	// HoldExpiresAt is until when the place is held; nil: it is only sure after confirming.
	HoldExpiresAt *time.Time
	// Token is the receipt, signed, for URLs.
	Token string

	nonce string
}

func newReceipt(st *store.Store, courseID int64, nonce string, requestedAt time.Time, hold *time.Time) *Receipt {
	until := int64(0)
	if hold != nil {
		until = hold.Unix()
	}
	payload := fmt.Sprintf("%d.%d.%d.%s", courseID, requestedAt.Unix(), until, nonce)
	return &Receipt{CourseID: courseID, RequestedAt: requestedAt, HoldExpiresAt: hold, nonce: nonce, Token: st.Sign(receiptPurpose, payload)}
}

// DecoyReceipt looks like the receipt of a booking, for senders that must not learn that there is none.
func DecoyReceipt(st *store.Store, courseID int64, holdMinutes int) *Receipt {
	now := st.Now()
	hold := now.Add(time.Duration(holdMinutes) * time.Minute)
	return newReceipt(st, courseID, store.Nonce(), now, &hold)
}

// OpenReceipt reads a receipt's token. ErrNotFound: it was not made here.
func OpenReceipt(st *store.Store, token string) (*Receipt, error) {
	payload, ok := st.Unsign(receiptPurpose, token)
	parts := strings.SplitN(payload, ".", 4)
	if !ok || len(parts) != 4 {
		return nil, store.ErrNotFound
	}
	var courseID, requested, until int64
	if _, err := fmt.Sscan(strings.Join(parts[:3], " "), &courseID, &requested, &until); err != nil {
		return nil, err
	}
	r := &Receipt{CourseID: courseID, RequestedAt: time.Unix(requested, 0), nonce: parts[3], Token: token}
	if until != 0 {
		hold := time.Unix(until, 0)
		r.HoldExpiresAt = &hold
	}
	return r, nil
}
