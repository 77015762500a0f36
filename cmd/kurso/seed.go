package main

import (
	"context"
	"log/slog"

	"kurso/config"
	"kurso/models/demo"
)

type seedCmd struct{}

// Run fills an empty database with demo data and its sign-in; a database with courses is left as it is.
func (seedCmd) Run(ctx context.Context, cfg *config.Config, log *slog.Logger) error {
	if err := demoAllowed(cfg); err != nil {
		return err
	}
	a, err := open(ctx, cfg, log, true)
	if err != nil {
		return err
	}
	defer a.close()
	return demo.Load(ctx, a.st)
}
