package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"kurso/config"
	"kurso/locales"
	"kurso/models/configuration"
	"kurso/templates/admin"
)

type configExportCmd struct {
	File string `arg:"" help:"Where to write; - is standard output."`
}

// Run writes the configuration of this installation.
func (e *configExportCmd) Run(ctx context.Context, cfg *config.Config, log *slog.Logger) error {
	a, err := open(ctx, cfg, log, true)
	if err != nil {
		return err
	}
	defer a.close()
	b, err := configuration.Export(ctx, a.st)
	if err != nil {
		return err
	}
	if e.File == "-" {
		_, err = os.Stdout.Write(b)
		return err
	}
	if err := os.WriteFile(e.File, b, 0o600); err != nil {
		return fmt.Errorf("the file cannot be written: %w", err)
	}
	return nil
}

type configImportCmd struct {
	File string `arg:"" help:"A configuration; - reads standard input, and needs --yes."`
	Yes  bool   `help:"Apply the changes without asking."`
}

// Run shows what the file would change, asks, and takes it over in one transaction.
func (i *configImportCmd) Run(ctx context.Context, cfg *config.Config, log *slog.Logger) error {
	text, err := i.read()
	if err != nil {
		return err
	}
	f, err := configuration.Parse(text)
	if err != nil {
		return inWords(ctx, err)
	}
	a, err := open(ctx, cfg, log, true)
	if err != nil {
		return err
	}
	defer a.close()
	plan, err := configuration.Preview(ctx, a.st, f)
	if err != nil {
		return inWords(ctx, err)
	}
	showPlan(ctx, plan)
	if plan.Empty() {
		return nil
	}
	if !i.Yes && !agreed() {
		return errors.New("nothing was changed")
	}
	if _, err := configuration.Import(ctx, a.st, f, plan.Base); err != nil {
		return inWords(ctx, err)
	}
	fmt.Println("Configuration applied.")
	return nil
}

func (i *configImportCmd) read() ([]byte, error) {
	if i.File == "-" {
		if !i.Yes {
			return nil, errors.New("reading from standard input leaves nothing to ask with: add --yes")
		}
		return io.ReadAll(io.LimitReader(os.Stdin, configuration.MaxSize+1))
	}
	file, err := os.Open(i.File)
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read: %w", err)
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, configuration.MaxSize+1))
}

func showPlan(ctx context.Context, plan *configuration.Plan) {
	ctx = locales.With(ctx, locales.English)
	if len(plan.Changes) == 0 {
		fmt.Println(locales.T(ctx, "config.preview.none"))
	}
	for _, c := range plan.Changes {
		fmt.Printf("%s: %s\n", locales.T(ctx, "config.what."+c.What), admin.ChangeTitle(ctx, c))
		for _, f := range admin.ChangedFields(ctx, c) {
			fmt.Printf("    %s: %q -> %q\n", f.Label, f.Old, f.New)
		}
	}
}

// agreed asks on the terminal; anything but yes is no.
func agreed() bool {
	fmt.Fprint(os.Stderr, "Apply these changes? [y/N] ")
	line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	answer := strings.ToLower(strings.TrimSpace(line))
	return answer == "y" || answer == "yes"
}
