package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"kurso/config"
	"kurso/models/accounts"
	"kurso/models/store"
)

type setupCodeCmd struct{}

// Run prints the code that makes the first administrator.
func (setupCodeCmd) Run(ctx context.Context, cfg *config.Config, log *slog.Logger) error {
	a, err := open(ctx, cfg, log, true)
	if err != nil {
		return err
	}
	defer a.close()
	return inWords(ctx, a.printSetupCode(ctx, os.Stdout))
}

func (a *app) printSetupCode(ctx context.Context, w io.Writer) error {
	code, until, err := accounts.SetupCode(ctx, a.st)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, `
  There is no account yet. Make the first administrator:

  Open   %s/admin/setup
  Code   %s   (once, until %s)

`, a.cfg.PublicURL, code, until.Local().Format(time.DateTime))
	return nil
}

// inviteSetup says how the first administrator is made, if there is none. It goes to standard error: whoever
// reads the process's words may make the account.
func (a *app) inviteSetup(ctx context.Context) error {
	err := a.printSetupCode(ctx, os.Stderr)
	var done *store.RuleError
	if errors.As(err, &done) {
		return nil
	}
	return err
}
