package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"kurso/config"
	"kurso/locales"
	"kurso/models/catalog"
	"kurso/models/catalog/openvhs"
	"kurso/templates/admin"
)

type importCmd struct {
	File string `arg:"" help:"The catalogue; - reads standard input."`
}

// Run imports a file in this process, shows how far it is on standard error, and prints the report. If it
// is ended half-way, a worker or the next import goes on where it was.
func (c *importCmd) Run(ctx context.Context, cfg *config.Config, log *slog.Logger) error {
	file := io.ReadCloser(os.Stdin)
	if c.File != "-" {
		var err error
		if file, err = os.Open(c.File); err != nil {
			return fmt.Errorf("the file cannot be read: %w", err)
		}
	}
	defer func() { _ = file.Close() }()
	a, err := open(ctx, cfg, log, true)
	if err != nil {
		return err
	}
	defer a.close()
	im, err := catalog.StartImport(ctx, a.st, a.bucket, filepath.Base(c.File), file)
	if err != nil {
		return inWords(ctx, err)
	}
	progress := func(*catalog.Import) {}
	if info, err := os.Stderr.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
		progress = showProgress
		defer fmt.Fprintln(os.Stderr)
	}
	im, err = a.runImport(ctx, im.ID, progress)
	if err != nil {
		return err
	}
	ctx = locales.With(ctx, locales.English)
	switch im.State {
	case catalog.ImportFailed:
		return errors.New(admin.ImportError(ctx, im))
	case catalog.ImportCancelled:
		return errors.New("the import was cancelled in the office")
	}
	return a.printReport(ctx, im)
}

// runImport works until the import has ended. Older ones come first, and another process may have it.
func (a *app) runImport(ctx context.Context, id int64, progress func(*catalog.Import)) (*catalog.Import, error) {
	for {
		err := catalog.RunImport(ctx, a.st, a.bucket, id, progress)
		if err != nil && !errors.Is(err, catalog.ErrImportBusy) {
			return nil, err
		}
		im, err := catalog.LoadImport(ctx, a.st, id)
		if err != nil || !im.Open() {
			return im, err
		}
		progress(im)
		next, err := catalog.NextImport(ctx, a.st)
		if err == nil && next != 0 && next != id {
			err = catalog.RunImport(ctx, a.st, a.bucket, next, nil)
		}
		if err != nil && !errors.Is(err, catalog.ErrImportBusy) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// showProgress writes over the same line of a terminal.
func showProgress(im *catalog.Import) {
	switch {
	case im.State == catalog.ImportQueued:
		fmt.Fprint(os.Stderr, "\rwaiting for an earlier import …\x1b[K")
	case im.RecordsTotal == 0:
		fmt.Fprint(os.Stderr, "\rchecking the file …\x1b[K")
	default:
		fmt.Fprintf(os.Stderr, "\r%d of %d courses (%d %%)\x1b[K", im.RecordsDone, im.RecordsTotal, 100*im.RecordsDone/im.RecordsTotal)
	}
}

func (a *app) printReport(ctx context.Context, im *catalog.Import) error {
	fmt.Printf("%d courses: %d created, %d updated, %d unchanged, %d left out\n",
		im.RecordsDone, im.CreatedCount, im.UpdatedCount, im.UnchangedCount, im.SkippedCount)
	counts, err := catalog.CountImportProblems(ctx, a.st, im.ID)
	if err != nil {
		return err
	}
	fmt.Printf("%d errors, %d warnings, %d notes\n",
		counts[string(openvhs.Error)], counts[string(openvhs.Warning)], counts[string(openvhs.Note)])
	f := catalog.ImportProblemFilter{ImportID: im.ID}
	for {
		problems, next, err := catalog.ImportProblems(ctx, a.st, f, 500)
		if err != nil {
			return err
		}
		for _, p := range problems {
			fmt.Printf("%-7s  %5d  %-16s  %s\n", p.Severity, p.RecordNo, p.CourseNumber, admin.ProblemSentence(ctx, p))
		}
		if f.After = next; next == "" {
			return nil
		}
	}
}
