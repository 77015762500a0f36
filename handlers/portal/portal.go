// Package portal is the public side: catalogue, booking, confirmation and cancellation. It sets no cookie
// and needs no script.
package portal

import (
	"kurso/config"
	"kurso/models/store"
)

// Handlers answer the public routes.
type Handlers struct {
	St  *store.Store
	Cfg *config.Config
}
