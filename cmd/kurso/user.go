package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"kurso/config"
	"kurso/locales"
	"kurso/models/accounts"
	"kurso/models/store"
)

type userAddCmd struct {
	Email string `arg:"" help:"The e-mail to sign in with."`
	Name  string `arg:"" help:"The person's name."`
}

// Run reads the password from standard input, so that it stands in no shell history.
func (u *userAddCmd) Run(ctx context.Context, cfg *config.Config, log *slog.Logger) error {
	a, err := open(ctx, cfg, log, true)
	if err != nil {
		return err
	}
	defer a.close()
	fmt.Fprintf(os.Stderr, "Password for %s (%d to %d characters): ", u.Email, accounts.MinPassword, accounts.MaxPassword)
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && line == "" {
		return errors.New("no password was given")
	}
	user, err := accounts.Create(ctx, a.st, u.Email, u.Name, strings.TrimRight(line, "\r\n"), accounts.Administration)
	if err != nil {
		return inWords(ctx, err)
	}
	fmt.Printf("%s can sign in at %s/admin\n", user.Name, cfg.PublicURL)
	return nil
}

// inWords turns a validation error into a sentence, in English as all of the command line.
func inWords(ctx context.Context, err error) error {
	ctx = locales.With(ctx, locales.English)
	var v *store.ValidationError
	if errors.As(err, &v) {
		var words []string
		for _, f := range v.Fields {
			words = append(words, f.Field+": "+locales.T(ctx, f.Key, f.Args...))
		}
		return errors.New(strings.Join(words, "; "))
	}
	var r *store.RuleError
	if errors.As(err, &r) {
		return errors.New(locales.T(ctx, r.Key, r.Args...))
	}
	return err
}
