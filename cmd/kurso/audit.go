package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"kurso/config"
	"kurso/models/audit"
)

type auditVerifyCmd struct{}

// Run prints what was checked and the first faults, and fails if there is one.
func (auditVerifyCmd) Run(ctx context.Context, cfg *config.Config, log *slog.Logger) error {
	a, err := open(ctx, cfg, log, false)
	if err != nil {
		return err
	}
	defer a.close()
	began := time.Now()
	heads, err := audit.Heads(ctx, a.backups)
	if err != nil {
		return err
	}
	r, err := audit.Verify(ctx, a.st, heads)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "%d entries, %d personal values and %d kept heads checked in %s.\n", r.Sealed, r.Values, r.Heads, time.Since(began).Round(time.Millisecond))
	fmt.Fprintf(os.Stdout, "%d personal values are erased; %d entries wait for their seal.\n", r.Erased, r.Waiting)
	if r.Head.Seq > 0 {
		fmt.Fprintf(os.Stdout, "Head: seal %d, entry %d, %s\n", r.Head.Seq, r.Head.EntryID, r.Head.Hash)
	}
	for _, f := range r.Faults {
		fmt.Fprintln(os.Stdout, "✗ "+faultSentence(f))
	}
	if r.FaultCount > len(r.Faults) {
		fmt.Fprintf(os.Stdout, "… and %d more\n", r.FaultCount-len(r.Faults))
	}
	if r.FaultCount > 0 {
		return fmt.Errorf("the audit log has %d faults", r.FaultCount)
	}
	return nil
}

// faultSentence says what is wrong.
func faultSentence(f audit.Fault) string {
	say := fmt.Sprintf
	switch f.Kind {
	case audit.EntryChanged:
		return say("Entry %d was changed: it is not what seal %d covers.", f.EntryID, f.Seq)
	case audit.EntryMissing:
		return say("Entry %d is missing: seal %d covers it.", f.EntryID, f.Seq)
	case audit.SealChanged:
		return say("Seal %d was changed: it is not that of entry %d.", f.Seq, f.EntryID)
	case audit.EitherChanged:
		return say("Entry %d or its seal %d was changed: they do not belong together.", f.EntryID, f.Seq)
	case audit.SealMissing:
		if f.Seq == f.LastSeq {
			return say("Seal %d is missing.", f.Seq)
		}
		return say("Seals %d to %d are missing.", f.Seq, f.LastSeq)
	case audit.NotSealed:
		return say("Entry %d has no seal and does not wait for one.", f.EntryID)
	case audit.Vanished:
		return say("Entry %d is missing: it was waiting for its seal.", f.EntryID)
	case audit.Stuck:
		return say("%d entries, the first is %d, should have been sealed by now: does a worker run?", f.Count, f.EntryID)
	case audit.ValueChanged:
		return say("A personal value of entry %d (change %d) was changed.", f.EntryID, f.Position+1)
	case audit.ValueStray:
		return say("There is a personal value of entry %d (change %d), but no such change.", f.EntryID, f.Position+1)
	case audit.HeadCut:
		return say("The end was cut off: the chain ends at seal %d, but %s says that it reached seal %d.", f.LastSeq, f.Head, f.Seq)
	case audit.HeadDiffers:
		return say("The chain was written anew: seal %d is not the one that %s says.", f.Seq, f.Head)
	case audit.HeadUnreadable:
		return say("%s in the backups is no head of the chain.", f.Head)
	}
	return f.Kind
}
