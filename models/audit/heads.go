package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"gocloud.dev/blob"
	"golang.org/x/sync/errgroup"

	"kurso/models/store"
)

// Head is the last seal of the chain at some moment.
type Head struct {
	Seq     int64     `json:"seq"`
	EntryID int64     `json:"entry_id"`
	Hash    hash      `json:"hash"`
	At      time.Time `json:"at"`
	// Name is that of the object it was kept in.
	Name string `json:"-"`
	// Unreadable: the object is no head.
	Unreadable bool `json:"-"`
}

// KeepHeadJob is the periodic job that runs KeepHead.
type KeepHeadJob struct{}

// Kind names the job.
func (KeepHeadJob) Kind() string { return "keep_audit_head" }

const headsFolder = "audit/heads/"

// KeepHead writes the head of the chain to the backups, once a day (UTC): whoever cuts the chain's end off or
// writes it anew does not reach there. What is kept is never written again.
func KeepHead(ctx context.Context, st *store.Store, backups *blob.Bucket) error {
	var h Head
	err := st.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		h.At = tx.Now().UTC()
		return tx.WithPgx(func(pg pgx.Tx) error {
			last, err := head(ctx, pg)
			last.At = h.At
			h = last
			return err
		})
	})
	if err != nil || h.Seq == 0 {
		return err
	}
	name := headsFolder + h.At.Format(time.DateOnly) + ".json"
	if kept, err := backups.Exists(ctx, name); err != nil || kept {
		return err
	}
	b, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return backups.WriteAll(ctx, name, append(b, '\n'), &blob.WriterOptions{ContentType: "application/json"})
}

// Heads reads all that were kept, oldest first.
func Heads(ctx context.Context, backups *blob.Bucket) ([]Head, error) {
	var names []string
	for list := backups.List(&blob.ListOptions{Prefix: headsFolder}); ; {
		o, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("the kept heads cannot be listed: %w", err)
		}
		if !o.IsDir && strings.HasSuffix(o.Key, ".json") {
			names = append(names, o.Key)
		}
	}
	slices.Sort(names)
	heads := make([]Head, len(names))
	var reading errgroup.Group
	reading.SetLimit(16)
	for i, name := range names {
		reading.Go(func() error {
			b, err := backups.ReadAll(ctx, name)
			if err != nil {
				return fmt.Errorf("the kept head %s cannot be read: %w", name, err)
			}
			if err := json.Unmarshal(b, &heads[i]); err != nil || heads[i].Seq < 1 {
				heads[i] = Head{Unreadable: true}
			}
			heads[i].Name = path.Base(name)
			return nil
		})
	}
	return heads, reading.Wait()
}
