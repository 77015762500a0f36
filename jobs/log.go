package jobs

import (
	"context"
	"log/slog"
	"strings"
)

// uncounted drops River's line about how many jobs it worked, which it would write every few seconds: there is
// always one that came by the clock.
type uncounted struct{ slog.Handler }

func (h uncounted) Handle(ctx context.Context, r slog.Record) error {
	if strings.HasSuffix(r.Message, "Producer job counts") {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

func (h uncounted) WithAttrs(attrs []slog.Attr) slog.Handler {
	return uncounted{h.Handler.WithAttrs(attrs)}
}

func (h uncounted) WithGroup(name string) slog.Handler { return uncounted{h.Handler.WithGroup(name)} }
