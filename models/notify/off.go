package notify

import (
	"context"
	"strconv"
	"strings"

	"kurso/models/accounts"
	"kurso/models/outbox"
	"kurso/models/store"
)

// Everything that comes in the daily digest can be turned off by this name, as if it were one event.
const DigestEvent outbox.Event = "digest"

const offPurpose = "notifications off"

// OffToken is what the link in a letter carries that turns an event off for its reader. It says whom and what,
// is signed, and works as long as the secret key is the same.
func OffToken(k store.Keys, userID int64, e outbox.Event) string {
	return k.Sign(offPurpose, strconv.FormatInt(userID, 10)+" "+string(e))
}

// Subscription is what a link in a letter turns off.
type Subscription struct {
	User *accounts.User
	// Event is one of Kinds, or DigestEvent.
	Event outbox.Event
	// Off: it is off already.
	Off bool
}

// LoadSubscription reads what the link would turn off; it changes nothing. store.ErrNotFound for a link that
// was not made here, or whose reader has no account any more.
func LoadSubscription(ctx context.Context, st *store.Store, token string) (*Subscription, error) {
	s, err := open(ctx, st, st.Keys, token)
	if err != nil {
		return nil, err
	}
	on, err := s.on(ctx, st)
	s.Off = len(on) == 0
	return s, err
}

// TurnOff turns it off on behalf of the letter's reader. Again, it changes nothing.
func TurnOff(ctx context.Context, st *store.Store, token string) (*Subscription, error) {
	var s *Subscription
	err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) (err error) {
		if s, err = open(ctx, tx, tx.Keys, token); err != nil {
			return err
		}
		ctx = store.WithActor(ctx, store.Actor{Kind: "user", UserID: s.User.ID, RequestID: store.ActorOf(ctx).RequestID})
		if err := lockUser(ctx, tx, s.User.ID); err != nil {
			return err
		}
		on, err := s.on(ctx, tx)
		if err != nil {
			return err
		}
		off := map[outbox.Event]Choice{}
		for _, o := range on {
			off[o.Kind.Event] = Choice{Scope: o.Choice.Scope, Cadence: Off}
		}
		changes, err := write(ctx, tx, s.User.ID, on, off)
		if err != nil {
			return err
		}
		s.Off = true
		return noteChanges(ctx, tx, s.User.ID, changes)
	})
	return s, err
}

func open(ctx context.Context, r store.Reader, k store.Keys, token string) (*Subscription, error) {
	payload, ok := k.Unsign(offPurpose, token)
	if !ok {
		return nil, store.ErrNotFound
	}
	user, event, _ := strings.Cut(payload, " ")
	id, err := strconv.ParseInt(user, 10, 64)
	if err != nil {
		return nil, err
	}
	s := &Subscription{Event: outbox.Event(event)}
	if _, ok := kindOf(s.Event); !ok && s.Event != DigestEvent {
		return nil, store.ErrNotFound
	}
	s.User, err = accounts.Load(ctx, r, id)
	return s, err
}

// on are the events that it would turn off, as they are.
func (s *Subscription) on(ctx context.Context, r store.Reader) ([]Setting, error) {
	all, err := choices(ctx, r, s.User.ID)
	if err != nil {
		return nil, err
	}
	var out []Setting
	for _, k := range Kinds {
		c := all[k.Event].Choice
		if k.Event == s.Event && c.Cadence != Off || s.Event == DigestEvent && c.Cadence == Daily {
			out = append(out, Setting{Kind: k, Choice: c})
		}
	}
	return out, nil
}
