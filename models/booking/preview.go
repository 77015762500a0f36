package booking

import (
	"context"
	"errors"

	"kurso/models/store"
)

// Preview is what Request would make of a form now.
type Preview struct {
	// Booking has its participants with what they cost; it is not written.
	Booking *Booking
	// Waits: it would go to the waiting list.
	Waits bool
	// Sent is set, and nothing else, when this form was submitted before.
	Sent *Receipt
}

// Foresee judges a form as Request does, with the same errors, and changes nothing: for the page on which
// the applicant checks everything before sending it. What is wrong with the fields is said all at once.
func Foresee(ctx context.Context, st *store.Store, in Input) (*Preview, error) {
	invalid := in.check()
	in.SeenTotalCents = nil
	p := &Preview{}
	err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		f := &facts{}
		c, err := lockCourse(ctx, tx, in.CourseID, "", func(b *store.Batch) { f.read(b, tx, &in) })
		if err != nil {
			return err
		}
		if invalid != nil {
			return both(invalid, price(in.booking(), f.Tiers, &in))
		}
		if f.SameID != nil && in.FormNonce != "" {
			p.Sent = newReceipt(st, in.CourseID, in.FormNonce, *f.SameRequestedAt, f.SameHold)
			return nil
		}
		p.Waits = !c.Places.Fit(len(in.Participants))
		p.Booking, err = decide(tx, c, f, &in)
		return err
	})
	return p, err
}

// both joins what two checks found.
func both(first, second error) error {
	var a, b *store.ValidationError
	if errors.As(first, &a) && errors.As(second, &b) {
		return &store.ValidationError{Fields: append(a.Fields, b.Fields...)}
	}
	return first
}
