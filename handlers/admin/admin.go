// Package admin is the office: the pages of staff, one file a resource.
package admin

import (
	"gocloud.dev/blob"

	"kurso/config"
	"kurso/models/store"
)

// Handlers answer the office's routes.
type Handlers struct {
	St     *store.Store
	Cfg    *config.Config
	Bucket *blob.Bucket
}
