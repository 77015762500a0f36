package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"kurso/config"
	"kurso/models/accounts"
	"kurso/models/system"
)

type suspendCmd struct {
	Notice string `help:"What visitors read besides that the pages are closed for a while."`
}

// Run returns at once; processes notice within two seconds, and jobs under way finish.
func (c *suspendCmd) Run(ctx context.Context, cfg *config.Config, log *slog.Logger) error {
	return withApp(ctx, cfg, log, func(a *app) error {
		if err := system.Suspend(ctx, a.st, c.Notice); err != nil {
			return inWords(ctx, err)
		}
		fmt.Println("Suspended: pages show a notice, no mail goes out. `kurso system resume` ends it.")
		return nil
	})
}

type resumeCmd struct{}

func (resumeCmd) Run(ctx context.Context, cfg *config.Config, log *slog.Logger) error {
	return withApp(ctx, cfg, log, func(a *app) error {
		if err := system.Resume(ctx, a.st); err != nil {
			return err
		}
		fmt.Println("Resumed: pages and jobs go on.")
		return nil
	})
}

type licenceCmd struct {
	Persons int `arg:"" help:"How many persons may have an account; 0 means as many as like."`
}

func (c *licenceCmd) Run(ctx context.Context, cfg *config.Config, log *slog.Logger) error {
	if c.Persons < 0 || c.Persons > 1_000_000 {
		return errors.New("the number of persons must be from 0 to 1000000")
	}
	return withApp(ctx, cfg, log, func(a *app) error {
		if err := accounts.SetLicence(ctx, a.st, c.Persons); err != nil {
			return err
		}
		l, err := accounts.LoadLicence(ctx, a.st)
		if err != nil {
			return err
		}
		if l.Limit == 0 {
			fmt.Printf("No limit; %d persons have an account.\n", l.Persons)
		} else {
			fmt.Printf("%d of %d persons have an account.\n", l.Persons, l.Limit)
		}
		return nil
	})
}

// withApp opens everything, without bringing the database up to date, and closes it again.
func withApp(ctx context.Context, cfg *config.Config, log *slog.Logger, do func(*app) error) error {
	a, err := open(ctx, cfg, log, false)
	if err != nil {
		return err
	}
	defer a.close()
	return do(a)
}
