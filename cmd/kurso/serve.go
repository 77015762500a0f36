package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"kurso/config"
	"kurso/handlers"
	"kurso/jobs"
	"kurso/models/demo"
)

type serveCmd struct {
	Demo bool `help:"Load demo data with a demo sign-in into an empty database. Only on a loopback address."`
}

func (s *serveCmd) Run(ctx context.Context, cfg *config.Config, log *slog.Logger) error {
	if s.Demo {
		if err := demoAllowed(cfg); err != nil {
			return err
		}
	}
	l, err := handlers.Listen(cfg)
	if err != nil {
		return err
	}
	defer func() { _ = l.Close() }()
	a, err := open(ctx, cfg, log, true)
	if err != nil {
		return err
	}
	defer a.close()
	if s.Demo {
		if err := demo.Load(ctx, a.st); err != nil {
			return fmt.Errorf("demo data: %w", err)
		}
	}
	if err := a.inviteSetup(ctx); err != nil {
		return err
	}
	return a.run(ctx, l, true, func() {
		if s.Demo {
			welcome(cfg)
		}
	})
}

type webCmd struct{}

func (webCmd) Run(ctx context.Context, cfg *config.Config, log *slog.Logger) error {
	l, err := handlers.Listen(cfg)
	if err != nil {
		return err
	}
	a, err := open(ctx, cfg, log, false)
	if err != nil {
		return err
	}
	defer a.close()
	if err := a.inviteSetup(ctx); err != nil {
		return err
	}
	return a.run(ctx, l, false, func() {})
}

type workerCmd struct{}

func (workerCmd) Run(ctx context.Context, cfg *config.Config, log *slog.Logger) error {
	a, err := open(ctx, cfg, log, false)
	if err != nil {
		return err
	}
	defer a.close()
	return a.run(ctx, nil, true, func() {})
}

// run serves pages on l, unless it is nil, and works jobs, if asked, until ctx ends; both finish what
// they have begun.
func (a *app) run(ctx context.Context, l net.Listener, work bool, started func()) error {
	g, ctx := errgroup.WithContext(ctx)
	if work {
		client, err := jobs.Start(ctx, jobs.Deps{Store: a.st, Config: a.cfg, Bucket: a.bucket, Backups: a.backups, Log: a.log})
		if err != nil {
			return err
		}
		g.Go(func() error {
			<-ctx.Done()
			stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
			defer cancel()
			return client.Stop(stop)
		})
	}
	if l != nil {
		server := handlers.New(handlers.Deps{Store: a.st, Config: a.cfg, Bucket: a.bucket, Log: a.log})
		a.log.InfoContext(ctx, "listening", "address", l.Addr().String(), "public", a.cfg.PublicURL)
		g.Go(func() error { return server.Serve(ctx, l) })
	}
	started()
	return g.Wait()
}

func welcome(cfg *config.Config) {
	mails := "the office shows them under Postausgang: " + cfg.PublicURL + "/admin/outbox"
	if cfg.SMTPURL != "" {
		mails = "they go out through SMTP_URL"
	}
	fmt.Fprintf(os.Stdout, `
  Kurso is ready.

  Courses   %s
  Office    %s/admin
  Sign in   %s  ·  %s, as administrator
            %s  ·  the same, as instructor
  Mails     %s

  Ctrl-C stops it.

`, cfg.PublicURL, cfg.PublicURL, demo.Email, demo.Password, demo.InstructorEmail, mails)
}

// demoAllowed refuses demo data, whose sign-in everybody knows, where others could reach it.
func demoAllowed(cfg *config.Config) error {
	if ip := net.ParseIP(cfg.Host); cfg.Host == "localhost" || ip != nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("HOST is %s: demo data has a sign-in that everybody knows, so it needs HOST=127.0.0.1", cfg.Host)
}
