package accounts

import (
	"context"
	"crypto/sha256"
	"net/netip"
	"strings"
	"time"
	"unicode"

	"github.com/mileusna/useragent"
	"github.com/uptrace/bun"

	"kurso/models/store"
)

// Kinds of device. A tablet is a Phone.
const (
	Computer = "computer"
	Phone    = "phone"
)

// Client is the browser that asks.
type Client struct {
	// Network is shortened as throttle.Network does.
	Network   string
	UserAgent string
	// Device is the token of the browser's cookie; empty if it has none.
	Device string
}

// device says in words what a browser tells of itself.
func (c Client) device() (kind, browser, system string) {
	ua := useragent.Parse(c.UserAgent)
	kind = Computer
	if ua.Mobile || ua.Tablet {
		kind = Phone
	}
	if ua.Name != "" && !ua.Bot {
		browser = words(ua.Name + " " + major(ua.Version))
	}
	return kind, browser, words(ua.OS)
}

func major(version string) string {
	version, _, _ = strings.Cut(version, ".")
	return version
}

// words keeps what a client sends short and printable.
func words(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if r := []rune(s); len(r) > 40 {
		s = string(r[:40])
	}
	return strings.TrimSpace(s)
}

// sameFamily reports whether two networks are both IPv4 or both IPv6: one device may use an address of each
// at the same time.
func sameFamily(a, b string) bool { return isV6(a) == isV6(b) }

func isV6(network string) bool {
	if prefix, err := netip.ParsePrefix(network); err == nil {
		return prefix.Addr().Is6()
	}
	addr, err := netip.ParseAddr(network)
	return err == nil && addr.Is6()
}

// knownDevice is a browser in which a user has signed in before.
type knownDevice struct {
	bun.BaseModel `bun:"table:known_devices,alias:kd"`
	ID            int64 `bun:",pk,autoincrement"`
	UserID        int64
	Hash          []byte
	CreatedAt     time.Time
	LastSeenAt    time.Time
}

func hashDevice(token string) []byte {
	sum := sha256.Sum256([]byte("device " + token))
	return sum[:]
}

// findDevice is the id of the device that asks if the user has signed in there before, else 0.
func findDevice(ctx context.Context, r store.Reader, userID int64, from Client) (id int64, err error) {
	if from.Device == "" || userID == 0 {
		return 0, nil
	}
	err = r.NewRaw("SELECT coalesce(max(id), 0) FROM known_devices WHERE user_id = ? AND hash = ?", userID, hashDevice(from.Device)).Scan(ctx, &id)
	return id, err
}

// knowDevice remembers the device that asks. It returns its id, the token that its cookie must hold from
// now on, and whether the user was never seen there. A token that nobody knows is replaced: it may have
// been planted.
func knowDevice(ctx context.Context, tx *store.Tx, userID int64, from Client) (id int64, token string, isNew bool, err error) {
	if id, err = findDevice(ctx, tx, userID, from); err != nil {
		return 0, "", false, err
	}
	if id != 0 {
		_, err = tx.NewUpdate().Model((*knownDevice)(nil)).Set("last_seen_at = ?", tx.Now()).Where("id = ?", id).Exec(ctx)
		return id, from.Device, false, err
	}
	token = store.Nonce()
	if from.Device != "" {
		var shared bool
		if err = tx.NewRaw("SELECT EXISTS (SELECT FROM known_devices WHERE hash = ?)", hashDevice(from.Device)).Scan(ctx, &shared); err != nil {
			return 0, "", false, err
		}
		if shared {
			token = from.Device
		}
	}
	d := &knownDevice{UserID: userID, Hash: hashDevice(token), CreatedAt: tx.Now(), LastSeenAt: tx.Now()}
	_, err = tx.NewInsert().Model(d).Exec(ctx)
	return d.ID, token, true, err
}

// forgetDevices makes all devices of a user strangers again, but the one called keep, which may be 0.
func forgetDevices(ctx context.Context, tx *store.Tx, userID, keep int64) error {
	_, err := tx.NewDelete().Model((*knownDevice)(nil)).Where("user_id = ? AND id <> ?", userID, keep).Exec(ctx)
	return err
}
