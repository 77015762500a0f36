package web

import (
	"net/netip"
	"net/url"

	"github.com/go-webauthn/webauthn/webauthn"
	"github.com/labstack/echo/v4"

	"kurso/config"
	"kurso/models/accounts"
	"kurso/models/store"
)

// Passkeys is this system as passkeys know it, or nil where its public address has no name: they belong to
// one.
func Passkeys(cfg *config.Config) *webauthn.WebAuthn {
	u, err := url.Parse(cfg.PublicURL)
	if err != nil {
		return nil
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return nil
	}
	rp, err := accounts.RelyingParty(u.Hostname(), cfg.Origin())
	if err != nil {
		return nil
	}
	return rp
}

// AskPasskey is the question to a passkey of a user, or with 0 to anybody's; nil where there can be none.
func AskPasskey(c echo.Context, st *store.Store, cfg *config.Config, userID int64) (*accounts.PasskeyQuestion, error) {
	rp := Passkeys(cfg)
	if rp == nil {
		return nil, nil
	}
	return accounts.AskPasskey(c.Request().Context(), st, rp, userID)
}
