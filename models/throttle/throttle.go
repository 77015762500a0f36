// Package throttle slows down whoever asks too often. Its buckets are rows in Postgres, so that all
// processes share them.
package throttle

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"kurso/models/store"
)

// Limit is one bucket: Burst requests at once, then one more each Every.
type Limit struct {
	// Key says who and what for; it is hashed before it is stored.
	Key   string
	Every time.Duration
	Burst int
}

// Take takes one request from each bucket, or returns a *store.ThrottledError that says when all of them
// will have one again. A refused request uses up nothing of the bucket that refused it.
func Take(ctx context.Context, st *store.Store, limits ...Limit) error {
	if len(limits) == 0 {
		return nil
	}
	limits = slices.Clone(limits)
	for i := range limits {
		limits[i].Key = st.Blind("throttle", limits[i].Key)
	}
	// one order for all, so that two statements never wait for each other
	slices.SortFunc(limits, func(a, b Limit) int { return cmp.Compare(a.Key, b.Key) })
	now := st.Now()
	values := strings.TrimSuffix(strings.Repeat("(?, make_interval(secs => ?), make_interval(secs => ?)),", len(limits)), ",")
	args := make([]any, 0, 3*len(limits)+4)
	for _, l := range limits {
		args = append(args, l.Key, l.Every.Seconds(), (l.Every * time.Duration(l.Burst)).Seconds())
	}
	args = append(args, now, now, now, now)

	// GCRA: tat is when the bucket will be full again; it may lie at most a burst ahead.
	var taken []string
	err := st.NewRaw(`
		WITH wanted (key, every, burst) AS (VALUES `+values+`)
		INSERT INTO throttles AS t (key, tat) SELECT key, ?::timestamptz + every FROM wanted
		ON CONFLICT (key) DO UPDATE SET tat = greatest(t.tat, ?) + (SELECT every FROM wanted w WHERE w.key = t.key)
		WHERE greatest(t.tat, ?) + (SELECT every - burst FROM wanted w WHERE w.key = t.key) <= ?
		RETURNING key`, args...).Scan(ctx, &taken)
	if err != nil || len(taken) == len(limits) {
		return err
	}

	retry := now
	for _, l := range limits {
		if slices.Contains(taken, l.Key) {
			continue
		}
		var tat time.Time
		err := st.NewRaw("SELECT coalesce(max(tat), ?) FROM throttles WHERE key = ?", now, l.Key).Scan(ctx, &tat)
		if err != nil {
			return err
		}
		if at := tat.Add(l.Every - l.Every*time.Duration(l.Burst)); at.After(retry) {
			retry = at
		}
	}
	return &store.ThrottledError{RetryAt: retry}
}

// Sweep forgets the buckets that are full again, and says how many.
func Sweep(ctx context.Context, st *store.Store) (int, error) {
	var n int
	err := st.NewRaw(`WITH gone AS (DELETE FROM throttles WHERE tat < ? RETURNING 1) SELECT count(*) FROM gone`, st.Now()).Scan(ctx, &n)
	return n, err
}

// Network is the part of a client's address that counts as one sender: the address itself, or the /64 of
// an IPv6 one. What is no address stays as it is.
func Network(address string) string {
	addr, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	addr = addr.Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	return netip.PrefixFrom(addr, 64).Masked().String()
}
