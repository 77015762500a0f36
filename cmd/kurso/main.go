// Kurso manages the courses and seminars of education providers and takes their bookings online.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"kurso/config"
)

type commands struct {
	Serve   serveCmd   `cmd:"" help:"Bring the database up to date, then run web pages and workers in one process."`
	Web     webCmd     `cmd:"" help:"Serve web pages only."`
	Worker  workerCmd  `cmd:"" help:"Work jobs only: mails, imports, expiring holds."`
	Migrate migrateCmd `cmd:"" help:"Bring the database up to date and stop."`
	Seed    seedCmd    `cmd:"" help:"Load demo data into an empty database, once."`
	Import  importCmd  `cmd:"" help:"Import a course catalogue: Open-vhs XML or Berlin's JSON."`
	User    struct {
		Add       userAddCmd   `cmd:"" help:"Add an administrator with a password."`
		SetupCode setupCodeCmd `cmd:"" help:"Print the one-time code that makes the first administrator."`
	} `cmd:"" help:"Accounts of staff."`
	Config struct {
		Export configExportCmd `cmd:"" help:"Write the configuration to a file: settings, categories, roles."`
		Import configImportCmd `cmd:"" help:"Take a configuration over, after showing what it changes."`
	} `cmd:"" help:"The configuration as one file."`
	Audit struct {
		Verify auditVerifyCmd `cmd:"" help:"Check that nobody changed the audit log."`
	} `cmd:"" help:"The log of who did what."`
	System struct {
		Licence licenceCmd `cmd:"" help:"Say how many persons may have an account."`
		Suspend suspendCmd `cmd:"" help:"Close all pages with a notice and let jobs wait."`
		Resume  resumeCmd  `cmd:"" help:"Open the pages again and let jobs go on."`
	} `cmd:"" help:"What only the operator does."`
	Doctor            doctorCmd   `cmd:"" help:"Check database, audit log, mail server, buckets, clock and public address."`
	GenerateCatalogue generateCmd `cmd:"" hidden:"" help:"Write an invented course catalogue, to try imports out."`
}

func main() {
	var cli commands
	parser := kong.Must(&cli, kong.Name("kurso"), kong.UsageOnError(),
		kong.Description("Course and seminar management. Settings come from the environment; docs/settings.md lists them."))
	command, err := parser.Parse(os.Args[1:])
	parser.FatalIfErrorf(err)

	cfg, err := config.Load()
	if err != nil {
		fail(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	command.BindTo(ctx, (*context.Context)(nil))
	if err := command.Run(cfg, newLogger(cfg)); err != nil {
		stop()
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "kurso: "+err.Error())
	os.Exit(1)
}
